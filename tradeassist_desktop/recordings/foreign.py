"""Files that hold no rows, told by how they begin: what each is, for whoever took it for a recording."""

from pathlib import Path
from typing import Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.recordings.lines import reason

_READ: Final = "recordings are read from CSV (.csv, .csv.gz) and Parquet (.parquet) files"
_LOOKED_AT_BYTES: Final = 512
_MARK: Final = b"\xef\xbb\xbf"  # of UTF-8, as Windows programs write it
_RULES: Final = b"tradeassist-rules"
_KINDS: Final = (
    (b"{", "JSON"),
    (b"[", "JSON"),
    (b"<!", "a web page or XML"),
    (b"<?", "a web page or XML"),
    (b"<html", "a web page or XML"),
    (b"<HTML", "a web page or XML"),
    (b"PK\x03\x04", "a spreadsheet or a ZIP archive: save its table as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet: save its table as CSV"),
    (b"\xff\xfe", "text in UTF-16: save it as CSV in UTF-8"),
    (b"\xfe\xff", "text in UTF-16: save it as CSV in UTF-8"),
    (b"SQLite format 3\0", "a database"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"BZh", "packed with bzip2: unpack it first"),
    (b"\xfd7zXZ", "packed with xz: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "packed with Zstandard: unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive: unpack it first"),
)


def refuse_foreign(path: Path) -> None:
    """Refuse a file that cannot be a table.

    Raises:
        BadInput: it says what the file is, and what is read; or it cannot be opened.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(_LOOKED_AT_BYTES)
    except OSError as error:
        raise BadInput([Fault(place=str(path), message=reason(error))]) from error
    kind = _kind(beginning.removeprefix(_MARK).lstrip())
    if kind:
        raise BadInput([Fault(place=str(path), message=f"this is {kind}; {_READ}")])


def _kind(beginning: bytes) -> str:
    """Return what a file is that begins so; empty where it may be a table."""
    if beginning.startswith(b"{") and _RULES in beginning:
        return "a rule file, which is imported under Rules"
    return next((kind for begun, kind in _KINDS if beginning.startswith(begun)), "")
