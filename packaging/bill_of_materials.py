"""Writes the bill of materials, CycloneDX in JSON: every locked package with its hashes and licence.

Reads the licences of the program's environment from standard input. The same lock gives the same bytes.
"""

import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from locked import BUILD, LOCK, PACKAGING, Pin, pins_of
from packageurl import PackageURL

ELSEWHERE = PACKAGING / "licences.toml"


def bill(pins: Sequence[Pin], licences: Mapping[str, str], *, version: str) -> Bom:
    """Return the bill of the program and everything that is locked.

    Raises:
        SystemExit: a package's licence is not known.
    """
    make = LicenseFactory()
    program = Component(
        name="tradeassist-desktop",
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref="tradeassist-desktop",
        licenses=[make.make_from_string("MIT")],
    )
    if unknown := sorted({pin.name for pin in pins if not licences.get(pin.name)}):
        raise SystemExit(f"no licence is known of {', '.join(unknown)}: add it to packaging/licences.toml")
    parts = [
        Component(
            name=pin.name,
            version=pin.version,
            type=ComponentType.LIBRARY,
            bom_ref=f"{pin.name}=={pin.version}",
            purl=PackageURL(type="pypi", name=pin.name, version=pin.version),
            licenses=[make.make_from_string(licences[pin.name])],
            # One for each file of it that may be installed: wheels of several systems.
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=text) for text in pin.hashes],
            properties=[Property(name="tradeassist:installed where", value=pin.marker)] if pin.marker else [],
        )
        for pin in pins
    ]
    identity = json.dumps([version, *((pin.name, pin.version, pin.hashes) for pin in pins)])
    made = Bom(components=parts, serial_number=uuid5(NAMESPACE_OID, identity))
    made.metadata.component = program
    made.metadata.timestamp = datetime.fromtimestamp(0, UTC)  # taken out below: the same in, the same out
    made.register_dependency(program, parts)
    return made


def main(arguments: Sequence[str]) -> int:
    """Write the bill, check it, and tell where it is; return the exit status."""
    version = tomllib.loads((PACKAGING.parent / "pyproject.toml").read_text())["project"]["version"]
    file = Path(arguments[0]) if arguments else BUILD / f"tradeassist-{version}.cdx.json"
    pins = pins_of(LOCK)
    licences = tomllib.loads(ELSEWHERE.read_text()) | {k: v for k, v in json.load(sys.stdin).items() if v}
    document = json.loads(JsonV1Dot6(bill(pins, licences, version=version)).output_as_string())
    del document["metadata"]["timestamp"]
    text = json.dumps(document, indent=1, sort_keys=True) + "\n"
    if fault := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        print(f"not valid: {fault}", file=sys.stderr)
        return 1
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    print(f"{file}: {len(pins)} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
