"""What is in a folder that is to be given away: every file with its hash, its size, and nothing of tests."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

# Libraries and tools of tests and of building; what a part of a name says is found by _OF_TESTS.
_TOOLS = {
    "pytest", "_pytest", "pytest_asyncio", "pytestqt", "hypothesis", "unittest", "doctest", "coverage",
    "xdist", "aiosmtpd", "exchange_calendars", "pandas", "mypy", "ruff", "importlinter", "pip", "setuptools",
    "PyInstaller",
}  # fmt: skip
_OF_TESTS = re.compile(r"tests?|conftest|fakes?|mocks?|stand_?ins?|test_.*|.*_tests?")
# Parts of libraries that they import of themselves.
_THEIRS = {"httpcore/_backends/mock", "httpx/_transports/mock", "sqlalchemy/engine/mock"}
_WITHIN = "_internal"  # where PyInstaller puts all but the executable


class Unfit(Exception):
    """Something in the folder may not be given away."""


def refuse_tests(names: Iterable[str]) -> None:
    """Look at the names of files, and of modules written as files (``a/b``).

    Raises:
        Unfit: some belong to tests or to building.
    """
    if strangers := sorted({name for name in names if _is_of_tests(name)} - _THEIRS):
        raise Unfit(f"test code is in the bundle: {', '.join(strangers)}")


def hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file by its name within the folder, in the order of names.

    Raises:
        Unfit: a link leads out of the folder, or nowhere.
    """
    found = {}
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() and not (path.exists() and path.resolve().is_relative_to(folder.resolve())):
            raise Unfit(f"{name} leads out of the bundle")
        if path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def as_list(found: Mapping[str, str]) -> str:
    """Return names and hashes as ``sha256sum --check`` reads them."""
    return "".join(f"{digest}  {name}\n" for name, digest in found.items())


def sizes(folder: Path) -> Counter[str]:
    """Return the bytes of each entry of the folder and of its ``_internal``; links not counted."""
    counted: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            parts = path.relative_to(folder).parts
            part = "/".join(parts[:2]) if parts[0] == _WITHIN else parts[0]
            counted[part] += path.stat().st_size
    return counted


def _is_of_tests(name: str) -> bool:
    parts = [part.partition(".")[0] for part in name.split("/") if part != _WITHIN]
    return parts[0] in _TOOLS or any(_OF_TESTS.fullmatch(part) for part in parts)
