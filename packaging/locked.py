"""What a lock file pins."""

import re
from dataclasses import dataclass
from pathlib import Path

PACKAGING = Path(__file__).parent
LOCK = PACKAGING / "requirements.lock"
BUILD = PACKAGING.parent / "build"

_PIN = re.compile(r"([\w.-]+)(?:\[[\w,.-]+\])?==([^\s;]+)\s*(?:;\s*(.*))?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One package at one version; ``marker`` says where it is installed, empty for everywhere."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def pins_of(lock: Path) -> list[Pin]:
    """Return every pin of a lock file, those of other systems and Pythons too."""
    pins = []
    for line in lock.read_text().replace("\\\n", " ").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _PIN.fullmatch(line.partition("--hash")[0].strip())
        if found is None:
            raise SystemExit(f"{lock.name}: cannot be read: {line[:80]}")
        name, version, marker = found.groups()
        hashes = tuple(sorted(_HASH.findall(line)))
        pins.append(Pin(name=canonical(name), version=version, marker=(marker or "").strip(), hashes=hashes))
    return pins


def canonical(name: str) -> str:
    """Return a package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
