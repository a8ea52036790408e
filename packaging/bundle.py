"""Builds the program's folder: PyInstaller's work, licence notices, the bill of materials; looks through all.

The same source, lock and machine give the same files: what could differ is fixed here.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bundle_contents import Unfit, as_list, hashes, refuse_tests, sizes
from locked import BUILD, PACKAGING
from notices import origins_of, write_notices
from PyInstaller.archive.readers import CArchiveReader

PROGRAM = "tradeassist"
_MB = 1_000_000
_SHOWN = 12
_FIXED = {
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "315532800",  # 1980, the first year that zip files know
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def build(destination: Path, *, bill: Path) -> Path:
    """Build the folder anew; return it.

    Args:
        destination: Where the folder and its list come to.
        bill: The bill of materials that goes with it.

    Raises:
        Unfit: something is in it that may not be.
    """
    work = BUILD / "pyinstaller"
    shutil.rmtree(work, ignore_errors=True)
    folder = destination / PROGRAM
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(
        [
            sys.executable, "-P", "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN",
            "--distpath", str(destination), "--workpath", str(work / "work"),
            str(PACKAGING / f"{PROGRAM}.spec"),
        ],
        env={**os.environ, **_FIXED, "PYINSTALLER_CONFIG_DIR": str(work / "config")},
        check=True,
    )  # fmt: skip
    refuse_tests(name.replace(".", "/") for name in modules_of(folder / PROGRAM))
    parts = write_notices(folder / "licences", origins=origins_of(work))
    print(f"licence notices of {parts} parts")
    shutil.copyfile(PACKAGING.parent / "LICENSE", folder / "LICENSE")
    shutil.copyfile(bill, folder / bill.name)
    return folder


def modules_of(executable: Path) -> Iterator[str]:
    """Yield the name of every module in an executable that PyInstaller made."""
    archive = CArchiveReader(str(executable))
    for name, entry in archive.toc.items():
        if entry[-1] == "z":
            yield from archive.open_embedded_archive(name).toc
        elif entry[-1] in ("s", "m", "M"):
            yield name


def tell_sizes(folder: Path) -> None:
    """Print how large the folder is, and what makes it so."""
    counted = sizes(folder)
    print(f"{folder}: {sum(counted.values()) / _MB:.0f} MB")
    for name, size in counted.most_common(_SHOWN):
        print(f"  {size / _MB:6.1f} MB  {name}")


def main(arguments: Sequence[str]) -> int:
    """Build into a folder, with a bill of materials; return the exit status."""
    destination, bill = map(Path, arguments)
    system = f"{platform.system()}-{platform.machine()}".lower()
    listed = destination / f"{PROGRAM}-{system}.sha256"
    listed.unlink(missing_ok=True)
    try:
        folder = build(destination.absolute(), bill=bill)
        found = hashes(folder)
        refuse_tests(found)
    except Unfit as error:
        print(error, file=sys.stderr)
        return 1
    listed.write_text(as_list(found))
    tell_sizes(folder)
    print(f"{listed}: {len(found)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
