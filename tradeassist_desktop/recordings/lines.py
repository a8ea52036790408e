"""Lines of a text file, plain or gzip, read in large pieces."""

import codecs
import gzip
import zlib
from collections.abc import Callable, Iterator
from io import IncrementalNewlineDecoder
from pathlib import Path
from typing import IO, Final

from tradeassist_desktop.domain.errors import BadInput, Fault

_GZIP_MAGIC: Final = b"\x1f\x8b"
_LONGEST_LINE: Final = 65_536
_PIECE_BYTES: Final = 131_072
# Prices pack to a tenth. A file of a few kilobytes can be made that unpacks to gigabytes.
_MOST_TIMES: Final = 200
_ALWAYS_BYTES: Final = 8 * 1024 * 1024


def batches(path: Path, *, tell: Callable[[int], None] | None = None) -> Iterator[list[str]]:
    """Yield the lines in order, without their ends, some thousands at a time.

    Any line end is understood; what is no UTF-8 is replaced. Lines before a break are yielded.

    Args:
        tell: Called now and then with how many bytes of the file, as it lies on disk, have been read.

    Raises:
        BadInput: the file cannot be opened, breaks off, has a line of over 65,536 characters, or unpacks
            to more than 8 MB and 200 times its size.
    """
    text = IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8-sig")(errors="replace"), True)
    row = 1
    rest = ""
    with _open(path) as file:
        while True:
            try:
                piece = file.read(_PIECE_BYTES)
            except (EOFError, zlib.error, OSError) as error:
                raise _refusal(path, row, f"the file is broken here: {reason(error)}") from error
            lines = (rest + text.decode(piece, final=not piece)).split("\n")
            rest = lines.pop()
            if len(rest) >= _LONGEST_LINE or len(max(lines, key=len, default="")) >= _LONGEST_LINE:
                yield from _short_ones(path, row, [*lines, rest])
            if tell is not None:
                tell(file.tell())
            if lines:
                yield lines
                row += len(lines)
            if not piece:
                break
    if rest:
        yield [rest]


def first_line(path: Path) -> str:
    """Return the first line, empty for an empty file.

    Raises:
        BadInput: as ``batches``.
    """
    for lines in batches(path):
        return lines[0]
    return ""


def reason(error: Exception) -> str:
    """Return the operating system's or the library's words, without the path and on one line."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()) or type(error).__name__


def _short_ones(path: Path, row: int, lines: list[str]) -> Iterator[list[str]]:
    """Yield what comes before the first line that is too long, and refuse that one."""
    short = next(count for count, line in enumerate(lines) if len(line) >= _LONGEST_LINE)
    if short:
        yield lines[:short]
    raise _refusal(path, row + short, "the line is too long for a CSV file")


class _GzipPieces:
    """A gzip file whose bytes up to a break can still be read."""

    def __init__(self, path: Path) -> None:
        self._packed = path.open("rb")
        self._file = gzip.GzipFile(fileobj=self._packed)
        self._unpacked_bytes = 0

    def read(self, most: int) -> bytes:
        piece = self._file.read1(most)
        self._unpacked_bytes += len(piece)
        if self._unpacked_bytes > max(_ALWAYS_BYTES, _MOST_TIMES * self._packed.tell()):
            raise OSError(f"it unpacks to over {_MOST_TIMES} times its size")
        return piece

    def tell(self) -> int:
        return self._packed.tell()

    def __enter__(self) -> "_GzipPieces":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._packed.close()


def _open(path: Path) -> "IO[bytes] | _GzipPieces":
    try:
        with path.open("rb") as file:
            is_gzip = file.read(2) == _GZIP_MAGIC
        return _GzipPieces(path) if is_gzip or path.suffix.lower() == ".gz" else path.open("rb")
    except OSError as error:
        raise BadInput([Fault(place=str(path), message=reason(error))]) from error


def _refusal(path: Path, row: int, message: str) -> BadInput:
    return BadInput([Fault(place=f"{path}: row {row}", message=message)])
