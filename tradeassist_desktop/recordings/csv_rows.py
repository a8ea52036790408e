"""Rows of a CSV file, plain or gzip."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.recordings.columns import Columns, faulty_price, find_columns
from tradeassist_desktop.recordings.numbers import NumberReader, shown
from tradeassist_desktop.recordings.tally import Row, Tally
from tradeassist_desktop.recordings.times import TimeReader

_GZIP_MAGIC: Final = b"\x1f\x8b"
_LONGEST_LINE: Final = 65_536


class CsvRows:
    """A CSV file: one row a line, columns by the names in its first line.

    Raises:
        BadInput: its header cannot be used.
    """

    def __init__(self, *, path: Path, symbol: str | None) -> None:
        self._path = path
        self._symbol = symbol
        with self._open() as file:
            header = self._next_line(file, row=1)
        if not header.strip():
            raise BadInput([Fault(place=str(path), message="the file is empty")])
        self.columns: Columns = find_columns(_split(header), place=str(path))

    def rows(self, tally: Tally, *, with_fields: bool = True) -> Iterator[Row]:
        """Read the rows in file order; what cannot be read is counted in ``tally``.

        Args:
            with_fields: Read the numbers, too; without, rows are only dated and named.

        Raises:
            BadInput: the file breaks off, or ``tally`` is strict and a row is unreadable.
        """
        columns = self.columns
        count = len(columns.names)
        # A column the file lacks is read from the empty text appended to each row.
        fields_read = columns.fields if with_fields else ()
        positions = [count if position is None else position for position in fields_read]
        has_to_be_priced = columns.is_bars and with_fields
        time_at = columns.time
        symbol_at = columns.symbol
        fixed_symbol = self._symbol or ""
        numbers = NumberReader()
        read_time = TimeReader().read
        with self._open() as file:
            self._next_line(file, row=1)
            row = 1
            while True:
                line = self._next_line(file, row=row + 1)
                if not line:
                    return
                row += 1
                texts = _split(line)
                if len(texts) != count:
                    if line.strip():
                        tally.refuse(row, "", f"expected {count} fields, found {len(texts)}")
                    continue
                event_ns = read_time(texts[time_at])
                if event_ns is None:
                    tally.refuse(row, columns.names[time_at], _no_time(texts[time_at]))
                    continue
                symbol = fixed_symbol if symbol_at is None else texts[symbol_at].strip()
                if not symbol:
                    tally.refuse(row, "symbol", "expected a symbol, found nothing")
                    continue
                texts.append("")
                try:
                    fields = tuple([numbers[texts[position]] for position in positions])
                except ValueError:
                    self._refuse_number(tally, row, texts)
                    continue
                if has_to_be_priced and (fault := faulty_price(fields)) is not None:
                    tally.refuse(row, columns.names[positions[fault[0]]], fault[1])
                    continue
                yield event_ns, symbol, fields

    def _refuse_number(self, tally: Tally, row: int, texts: list[str]) -> None:
        for position in self.columns.fields:
            if position is None:
                continue
            try:
                NumberReader()[texts[position]]
            except ValueError as error:
                tally.refuse(row, self.columns.names[position], str(error))
                return

    def _open(self) -> IO[str]:
        try:
            with self._path.open("rb") as file:
                is_gzip = file.read(2) == _GZIP_MAGIC
            if is_gzip or self._path.suffix.lower() == ".gz":
                return gzip.open(self._path, "rt", encoding="utf-8-sig", errors="replace", newline=None)
            return self._path.open("rt", encoding="utf-8-sig", errors="replace", newline=None)
        except OSError as error:
            raise BadInput([Fault(place=str(self._path), message=reason(error))]) from error

    def _next_line(self, file: IO[str], *, row: int) -> str:
        try:
            line = file.readline(_LONGEST_LINE)
        except (EOFError, zlib.error, OSError) as error:
            place = f"{self._path}: row {row}"
            raise BadInput(
                [Fault(place=place, message=f"the file is broken here: {reason(error)}")]
            ) from error
        if len(line) == _LONGEST_LINE:
            raise BadInput(
                [Fault(place=f"{self._path}: row {row}", message="the line is too long for a CSV file")]
            )
        return line


def reason(error: Exception) -> str:
    """Return the operating system's or the library's words, without the path and on one line."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()) or type(error).__name__


def _split(line: str) -> list[str]:
    # Line by line, so that a stray quote spoils its own row and not the rest of the file.
    if '"' in line:
        return next(csv.reader([line.rstrip("\n")]), [])
    return line.rstrip("\n").split(",")


def _no_time(text: str) -> str:
    return f"expected a time such as 2024-07-01T13:30:00Z, found {shown(text)}"
