"""Rows of a Parquet file, read through duckdb."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.recordings.blindness import no_loss, read_lost
from tradeassist_desktop.recordings.columns import LOST_NAME, Columns, faulty_price, find_columns
from tradeassist_desktop.recordings.numbers import NumberReader, shown
from tradeassist_desktop.recordings.tally import Row, Tally
from tradeassist_desktop.recordings.times import TimeReader

if TYPE_CHECKING:
    import duckdb

_BATCH_ROWS: Final = 4096
# A Parquet file is data: it must never make duckdb fetch an extension from the network.
_CONFIG: Final = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "threads": "1",
}


class ParquetRows:
    """A Parquet file: columns by name, times of any timestamp, text or whole-number type.

    Raises:
        BadInput: it is no Parquet file, or its columns cannot be used.
    """

    def __init__(self, *, path: Path, symbol: str | None) -> None:
        self._path = path
        self._symbol = symbol
        connection = self._connect()
        try:
            described = self._fetch(connection, "DESCRIBE SELECT * FROM read_parquet(?)").fetchall()
        except _errors() as error:
            raise self._broken(error) from error
        finally:
            connection.close()
        self._types = [str(column[1]) for column in described]
        self.columns: Columns = find_columns([str(column[0]) for column in described], place=str(path))
        self._raw_names = [str(column[0]) for column in described]

    def rows(self, tally: Tally, *, with_fields: bool = True) -> Iterator[Row]:
        """Read the rows in file order; what cannot be read is counted in ``tally``.

        Args:
            with_fields: Read the numbers, too; without, rows are only dated and named.

        Raises:
            BadInput: the file breaks off, or ``tally`` is strict and a row is unreadable.
        """
        connection = self._connect()
        row = 0
        try:
            result = self._fetch(connection, self._query(with_fields=with_fields))
            while batch := result.fetchmany(_BATCH_ROWS):
                yield from self._readable(batch, row, tally)
                row += len(batch)
        except _errors() as error:
            raise self._broken(error) from error
        finally:
            connection.close()

    def _readable(self, batch: list[tuple[Any, ...]], before: int, tally: Tally) -> Iterator[Row]:
        numbers = NumberReader()
        read_time = TimeReader().read
        names = self.columns.names
        has_stamps = bool(self.columns.stamps)
        for row, (time, symbol_value, *values) in enumerate(batch, before + 1):
            event_ns = read_time(time) if isinstance(time, str) else time
            if event_ns is None:
                shown_time = "nothing" if time is None else shown(time)
                tally.refuse(row, names[self.columns.time], f"expected a time, found {shown_time}")
                continue
            symbol = "" if symbol_value is None else str(symbol_value).strip()
            if not symbol and not (has_stamps and all(value in (None, "") for value in values)):
                tally.refuse(row, "symbol", "expected a symbol, found nothing")
                continue
            lost_text = values.pop() if has_stamps else None
            if has_stamps and not self._read_stamps(tally, row, values, read_time):
                continue
            lost = read_lost(lost_text) if lost_text else None
            if lost_text and lost is None:
                tally.refuse(row, LOST_NAME, no_loss(lost_text))
                continue
            position = 0
            try:
                for position, value in enumerate(values):
                    if isinstance(value, str):
                        values[position] = numbers[value]
            except ValueError as error:
                tally.refuse(row, self._field_name(position), str(error))
                continue
            if self.columns.is_bars and values and (fault := faulty_price(values)) is not None:
                tally.refuse(row, self._field_name(fault[0]), fault[1])
                continue
            yield event_ns, symbol, (*values, lost) if has_stamps else tuple(values)

    def _read_stamps(
        self, tally: Tally, row: int, values: list[Any], read_time: Callable[[str], int | None]
    ) -> bool:
        """Read the further times at the end of a row; refuse it, and return false, if one is none."""
        stamps = self.columns.stamps
        for value_at, position in enumerate(stamps, len(values) - len(stamps)):
            value = values[value_at]
            if not isinstance(value, str):
                continue
            values[value_at] = read_time(value) if value else None
            if value and values[value_at] is None and position is not None:
                tally.refuse(row, self.columns.names[position], f"expected a time, found {shown(value)}")
                return False
        return True

    def _field_name(self, field: int) -> str:
        position = self.columns.fields[field]
        return "" if position is None else self.columns.names[position]

    def _query(self, *, with_fields: bool) -> str:
        columns = self.columns
        symbol = "?" if columns.symbol is None else f"CAST({self._quoted(columns.symbol)} AS VARCHAR)"
        positions = columns.fields if with_fields else ()
        fields = ["NULL" if position is None else self._number(position) for position in positions]
        stamps = ["NULL" if position is None else self._time(position) for position in columns.stamps]
        if stamps:
            lost = columns.lost
            stamps.append("NULL" if lost is None else f"CAST({self._quoted(lost)} AS VARCHAR)")
        selected = ", ".join([self._time(columns.time), symbol, *fields, *stamps])
        return f"SELECT {selected} FROM read_parquet(?)"  # noqa: S608 - names are quoted identifiers

    def _time(self, position: int) -> str:
        kind = self._types[position]
        # epoch_ns keeps nanoseconds and needs no pytz, which fetching a TIMESTAMPTZ would.
        if kind.startswith(("TIMESTAMP", "DATE")):
            return f"epoch_ns({self._quoted(position)})"
        return f"CAST({self._quoted(position)} AS VARCHAR)"

    def _number(self, position: int) -> str:
        name = self._quoted(position)
        return name if self._types[position] == "VARCHAR" else f"CAST({name} AS DOUBLE)"

    def _quoted(self, position: int) -> str:
        return '"' + self._raw_names[position].replace('"', '""') + '"'

    def _fetch(self, connection: "duckdb.DuckDBPyConnection", query: str) -> "duckdb.DuckDBPyConnection":
        # read_parquet takes a pattern; brackets make a pattern's own signs plain.
        pattern = re.sub(r"([*?\[])", r"[\1]", str(self._path))
        parameters = [pattern]
        if query.count("?") == 2:
            parameters.insert(0, self._symbol or "")
        return connection.execute(query, parameters)

    def _connect(self) -> "duckdb.DuckDBPyConnection":
        import duckdb

        return duckdb.connect(":memory:", config=dict(_CONFIG))

    def _broken(self, error: Exception) -> BadInput:
        text = str(error).split("\n", 1)[0]
        return BadInput([Fault(place=str(self._path), message=f"cannot be read as Parquet: {text}")])


def _errors() -> type[Exception]:
    import duckdb

    return duckdb.Error
