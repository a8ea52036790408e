"""Recordings that were taken for a file of another kind, told by how they begin."""

import zlib
from typing import Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.recordings.columns import TIME_NAMES

_WHERE: Final = "open it by “Open a recording…” in the menu Desk"
_ENDINGS: Final = (".csv.gz", ".gz", ".parquet", ".pq")
_PARQUET: Final = b"PAR1"
_GZIP: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = zlib.MAX_WBITS | 16
_LOOKED_AT_BYTES: Final = 4096
_SEPARATORS: Final = ("\t", ";", ",")


def refuse_recording(content: bytes, *, wanted: str) -> None:
    """Refuse what begins as a recording does: a table with a column of times, or packed as one.

    Args:
        wanted: What it was taken for: ``a rule file``.

    Raises:
        BadInput: it says where recordings are opened.
    """
    beginning = content[:_LOOKED_AT_BYTES]
    if beginning.startswith(_PARQUET) or _has_times(_unpacked(beginning)):
        raise BadInput([Fault("", f"seems to be a recording, not {wanted}: {_WHERE}")])


def recording_by_name(name: str) -> str:
    """Return where a file with such a name is opened; empty where the name is none of a recording."""
    return f"“{name}” seems to be a recording: {_WHERE}" if name.lower().endswith(_ENDINGS) else ""


def _unpacked(beginning: bytes) -> bytes:
    if not beginning.startswith(_GZIP):
        return beginning
    try:
        return zlib.decompressobj(_GZIP_WINDOW).decompress(beginning, _LOOKED_AT_BYTES)
    except zlib.error:
        return b""


def _has_times(beginning: bytes) -> bool:
    lines = beginning.decode("utf-8-sig", errors="replace").splitlines()
    first = next((line for line in lines if line.strip()), "")
    separator = next((each for each in _SEPARATORS if each in first), ",")
    return any(title.strip().strip('"').casefold() in TIME_NAMES for title in first.split(separator))
