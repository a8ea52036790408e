"""Rows of a CSV file, plain or gzip."""

import csv
from collections.abc import Callable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.recordings.blindness import no_loss, read_lost
from tradeassist_desktop.recordings.columns import LOST_NAME, Columns, faulty_price, find_columns
from tradeassist_desktop.recordings.foreign import refuse_foreign
from tradeassist_desktop.recordings.lines import batches, first_line
from tradeassist_desktop.recordings.numbers import NumberReader, shown
from tradeassist_desktop.recordings.tally import Row, Tally
from tradeassist_desktop.recordings.times import TimeReader


class CsvRows:
    """A CSV file: one row a line, columns by the names in its first line.

    Raises:
        BadInput: its header cannot be used.
    """

    def __init__(self, *, path: Path, symbol: str | None) -> None:
        self._path = path
        self._symbol = symbol
        refuse_foreign(path)
        header = first_line(path)
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
        if not with_fields:
            yield from self._dated(tally)
            return
        columns = self.columns
        count = len(columns.names)
        # A column the file lacks is read from the empty text appended to each row.
        fields_of = itemgetter(*[count if position is None else position for position in columns.fields])
        time_at = columns.time
        symbol_at = columns.symbol
        fixed_symbol = self._symbol or ""
        number_of = NumberReader().__getitem__
        read_time = TimeReader().read
        read_stamps = self._stamp_reader()
        lost_at = columns.lost
        row = 1
        for lines in _without_header(self._path, tally):
            for line in lines:
                row += 1
                texts = line.split(",") if '"' not in line else _split(line)
                if len(texts) != count:
                    if line.strip():
                        tally.refuse(row, "", f"expected {count} fields, found {len(texts)}")
                    continue
                event_ns = read_time(texts[time_at])
                if event_ns is None:
                    tally.refuse(row, columns.names[time_at], _no_time(texts[time_at]))
                    continue
                texts.append("")
                try:
                    fields: tuple[Any, ...] = tuple(map(number_of, fields_of(texts)))
                except ValueError:
                    self._refuse_number(tally, row, texts)
                    continue
                symbol = fixed_symbol if symbol_at is None else texts[symbol_at].strip()
                if read_stamps is not None:
                    stamps = read_stamps(tally, row, texts)
                    if stamps is None:
                        continue
                    text = "" if lost_at is None else texts[lost_at]
                    lost = read_lost(text) if text else None
                    if text and lost is None:
                        tally.refuse(row, LOST_NAME, no_loss(text))
                        continue
                    fields += (*stamps, lost)
                if not symbol and (read_stamps is None or fields.count(None) != len(fields)):
                    tally.refuse(row, "symbol", "expected a symbol, found nothing")
                    continue
                if columns.is_bars and (fault := faulty_price(fields)) is not None:
                    self._refuse_price(tally, row, fault)
                    continue
                yield event_ns, symbol, fields

    def _dated(self, tally: Tally) -> Iterator[Row]:
        """Read times and symbols alone, and of each line no more than that takes."""
        columns = self.columns
        commas = len(columns.names) - 1
        time_at, symbol_at = columns.time, columns.symbol
        most = max(time_at, symbol_at or 0) + 1
        fixed_symbol = self._symbol or ""
        read_time = TimeReader().read
        row = 1
        for lines in _without_header(self._path, tally):
            for line in lines:
                row += 1
                if '"' in line or line.count(",") != commas:
                    texts = _split(line)
                    if len(texts) != commas + 1:
                        if line.strip():
                            tally.refuse(row, "", f"expected {commas + 1} fields, found {len(texts)}")
                        continue
                else:
                    texts = line.split(",", most)
                event_ns = read_time(texts[time_at])
                if event_ns is None:
                    tally.refuse(row, columns.names[time_at], _no_time(texts[time_at]))
                    continue
                symbol = fixed_symbol if symbol_at is None else texts[symbol_at].strip()
                if symbol:
                    yield event_ns, symbol, ()
                else:
                    tally.refuse(row, "symbol", "expected a symbol, found nothing")

    def _stamp_reader(self) -> Callable[[Tally, int, list[str]], tuple[int | None, ...] | None] | None:
        """Return what reads the further times of a row and refuses it if one is none."""
        columns = self.columns
        if not columns.stamps:
            return None
        stamps = [(position, TimeReader().read) for position in columns.stamps]

        def read(tally: Tally, row: int, texts: list[str]) -> tuple[int | None, ...] | None:
            found: list[int | None] = []
            for position, read_time in stamps:
                text = "" if position is None else texts[position]
                stamp_ns = read_time(text) if text else None
                if text and stamp_ns is None and position is not None:
                    tally.refuse(row, columns.names[position], _no_time(text))
                    return None
                found.append(stamp_ns)
            return tuple(found)

        return read

    def _refuse_price(self, tally: Tally, row: int, fault: tuple[int, str]) -> None:
        position = self.columns.fields[fault[0]]
        assert position is not None, "a file of bars has a column for each price"
        tally.refuse(row, self.columns.names[position], fault[1])

    def _refuse_number(self, tally: Tally, row: int, texts: list[str]) -> None:
        for position in self.columns.fields:
            if position is None:
                continue
            try:
                NumberReader()[texts[position]]
            except ValueError as error:
                tally.refuse(row, self.columns.names[position], str(error))
                return


def _without_header(path: Path, tally: Tally) -> Iterator[list[str]]:
    """Yield the lines of a file after its first, some thousands at a time."""
    all_lines = batches(path, tell=tally.note_bytes)
    yield next(all_lines, [])[1:]
    yield from all_lines


def _split(line: str) -> list[str]:
    # Line by line, so that a stray quote spoils its own row and not the rest of the file.
    return next(csv.reader([line]), []) if '"' in line else line.split(",")


def _no_time(text: str) -> str:
    return f"expected a time such as 2024-07-01T13:30:00Z, found {shown(text)}"
