"""Asks an advisory database about what is locked; tells what is known, what is waived, and what is not."""

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from locked import BUILD, LOCK, PACKAGING, Pin, canonical, pins_of

CLEAN, FOUND, WRONG_WAIVERS, NOT_ASKED = range(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """Something known against one pin."""

    package: str
    version: str
    names: tuple[str, ...]
    fixed_in: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """Why an advisory is no reason to wait, and until when that is believed."""

    package: str
    advisory: str
    reason: str
    until: date

    def covers(self, advisory: Advisory, today: date) -> bool:
        """Return whether it still answers this advisory."""
        is_same = self.package == advisory.package and self.advisory in advisory.names
        return is_same and today < self.until


class NotAsked(Exception):
    """The database gave no answer about some or all of the packages."""


def layers(pins: Iterable[Pin]) -> Iterator[list[Pin]]:
    """Deal pins into lists that hold each package once: pip-audit refuses two versions of one."""
    left = list(pins)
    while left:
        layer = {pin.name: pin for pin in reversed(left)}
        yield list(layer.values())
        left = [pin for pin in left if layer[pin.name] is not pin]


def ask(pins: Sequence[Pin], service: str | None) -> list[Advisory]:
    """Return what is known against pins, those of other systems too.

    Raises:
        NotAsked: there was no answer, or none about one of them.
    """
    found: list[Advisory] = []
    for layer in layers(pins):
        found += _ask(layer, service)
    return found


def _ask(pins: Sequence[Pin], service: str | None) -> list[Advisory]:
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "asked.txt"
        asked.write_text("".join(f"{pin.name}=={pin.version}\n" for pin in pins))
        command = [
            sys.executable, "-m", "pip_audit", "--requirement", str(asked), "--no-deps", "--disable-pip",
            "--vulnerability-service", "osv", "--format", "json", "--progress-spinner", "off",
            "--cache-dir", str(Path(folder) / "cache"),
        ]  # fmt: skip
        command += ["--osv-url", service] if service else []
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        answers = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise NotAsked(last[:300]) from None
    answered = {(canonical(each["name"]), each.get("version")) for each in answers if "vulns" in each}
    if missing := [pin.name for pin in pins if (pin.name, pin.version) not in answered]:
        raise NotAsked(f"nothing was said about {', '.join(missing)}")
    return [
        Advisory(
            package=canonical(each["name"]),
            version=each["version"],
            names=(known["id"], *known.get("aliases", ())),
            fixed_in=tuple(known.get("fix_versions", ())),
            words=" ".join((known.get("description") or "").split())[:200],
        )
        for each in answers
        for known in each["vulns"]
    ]


def waivers_of(text: str) -> list[Waiver]:
    """Return the waivers of a file.

    Raises:
        ValueError: it has one without a package, an advisory, a reason or a day.
    """
    waivers = []
    for entry in tomllib.loads(text).get("waiver", []):
        if set(entry) != {"package", "advisory", "reason", "until"} or not str(entry["reason"]).strip():
            raise ValueError(f"each waiver has package, advisory, reason and until; found {sorted(entry)}")
        if not isinstance(entry["until"], date) or isinstance(entry["until"], datetime):
            raise ValueError(f"{entry['advisory']}: until must be a day such as 2027-01-31")
        waivers.append(Waiver(**{**entry, "package": canonical(entry["package"])}))
    return waivers


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, write the report, and tell; return the exit status."""
    parser = argparse.ArgumentParser(prog="packaging/audit", description=__doc__)
    parser.add_argument("--service", metavar="URL", help="another database that speaks OSV's protocol")
    parser.add_argument("--lock", type=Path, default=LOCK)
    parser.add_argument("--waivers", type=Path, default=PACKAGING / "waivers.toml")
    parser.add_argument("--report", type=Path, default=BUILD / "advisories.json")
    chosen = parser.parse_args(arguments)
    try:
        waivers = waivers_of(chosen.waivers.read_text())
    except (ValueError, OSError) as error:
        print(f"{chosen.waivers.name}: {error}")
        return WRONG_WAIVERS
    pins = pins_of(chosen.lock)
    today = datetime.now(UTC).date()
    report: dict[str, object] = {"asked": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "packages": len(pins)}
    try:
        advisories = ask(pins, chosen.service)
    except NotAsked as error:
        report |= {"result": "not asked", "reason": str(error)}
        print(
            f"NOT CHECKED: the advisory database could not be asked about all {len(pins)} packages: {error}"
        )
        status = NOT_ASKED
    else:
        rows = [_row(advisory, waivers, today) for advisory in advisories]
        is_clean = all(row["waived"] for row in rows)
        report |= {"result": "clean" if is_clean else "advisories", "advisories": rows}
        status = CLEAN if is_clean else FOUND
        _tell(rows, len(pins))
    unused = [w.advisory for w in waivers if today >= w.until]
    if unused:
        print(f"waivers that have run out: {', '.join(unused)}")
    chosen.report.parent.mkdir(parents=True, exist_ok=True)
    chosen.report.write_text(json.dumps(report, indent=1) + "\n")
    return status


def _row(advisory: Advisory, waivers: Iterable[Waiver], today: date) -> dict[str, object]:
    reason = next((waiver.reason for waiver in waivers if waiver.covers(advisory, today)), "")
    return {
        "package": advisory.package,
        "version": advisory.version,
        "advisory": advisory.names[0],
        "aliases": list(advisory.names[1:]),
        "fixed_in": list(advisory.fixed_in),
        "words": advisory.words,
        "waived": reason,
    }


def _tell(rows: Sequence[dict[str, object]], count: int) -> None:
    for row in rows:
        versions = row["fixed_in"]
        fixed = ", ".join(versions) if isinstance(versions, list) and versions else "no version yet"
        note = f"waived: {row['waived']}" if row["waived"] else f"fixed in {fixed}"
        print(f"{row['package']} {row['version']}: {row['advisory']} ({note}): {row['words']}")
    waived = sum(bool(row["waived"]) for row in rows)
    print(f"{count} packages asked about, {len(rows) - waived} advisories, {waived} waived")


if __name__ == "__main__":
    sys.exit(main())
