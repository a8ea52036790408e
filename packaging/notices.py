"""Copies the licence notices of everything in the bundle beside it."""

import ast
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from locked import LOCK, canonical, pins_of

_NOTICE = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)
# Qt's wheels hold no text of their licence; every Debian has them.
_COMMON = Path("/usr/share/common-licenses")
_QT = {"pyside6-essentials", "pyside6-addons", "shiboken6"}
_QT_TEXTS = ("LGPL-3", "GPL-3", "GPL-2")


def write_notices(folder: Path, *, origins: Iterable[Path]) -> int:
    """Write them below ``folder``; return of how many parts.

    Args:
        folder: Where to; made.
        origins: The files that the bundle's libraries were copied from.

    Raises:
        SystemExit: a part has no notice.
    """
    pins = {pin.name for pin in pins_of(LOCK)} | {"pyinstaller"}  # its bootloader starts the program
    parts = {
        f"python-packages/{canonical(each.metadata['Name'])}": _texts_of(each)
        for each in distributions()
        if canonical(each.metadata["Name"]) in pins
    }
    parts["python"] = [Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"]
    parts |= {f"debian-packages/{name}": [text] for name, text in _system_texts(origins).items()}
    if silent := sorted(name for name, texts in parts.items() if not texts):
        raise SystemExit(f"no licence notice was found of {', '.join(silent)}")
    for name, texts in parts.items():
        for text in texts:
            target = folder / name / text.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(text, target)
    return len(parts)


def _texts_of(distribution: Distribution) -> list[Path]:
    if canonical(distribution.metadata["Name"]) in _QT:
        return [_COMMON / name for name in _QT_TEXTS]
    files = [Path(str(file.locate())) for file in distribution.files or () if _NOTICE.match(Path(file).name)]
    return sorted(file for file in files if file.suffix not in (".py", ".pyc") and file.is_file())


def _system_texts(origins: Iterable[Path]) -> Mapping[str, Path]:
    """Return the copyright file of each Debian package that a library was taken from."""
    environments = tuple({Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()})
    system = sorted({str(path.resolve()) for path in origins if not _is_in(path.resolve(), environments)})
    texts = {}
    for file in system:
        # Before Debian merged them /lib was not /usr/lib; its database may still say so.
        names = dict.fromkeys([file, file.removeprefix("/usr")])
        found = subprocess.run(
            ["dpkg-query", "--search", *names], capture_output=True, text=True, check=False
        ).stdout
        package, is_known, _ = found.partition(":")
        if not is_known:
            raise SystemExit(f"{file}: it is of no package of this system, so its licence is not known")
        texts[package] = Path("/usr/share/doc") / package / "copyright"
    return texts


def _is_in(path: Path, folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def origins_of(work: Path) -> list[Path]:
    """Return where PyInstaller took its libraries from, as it noted in its work folder."""
    (table,) = work.rglob("COLLECT-00.toc")
    entries = ast.literal_eval(table.read_text())[0]
    return [Path(source) for _, source, kind in entries if kind in ("BINARY", "EXTENSION")]
