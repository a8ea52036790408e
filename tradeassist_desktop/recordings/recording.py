"""One recorded file as a stream of ticks or bars."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, Protocol

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.market import NS_PER_SECOND, TIMEFRAMES, Bar, Tick
from tradeassist_desktop.recordings.columns import Columns
from tradeassist_desktop.recordings.csv_rows import CsvRows, reason
from tradeassist_desktop.recordings.parquet_rows import ParquetRows
from tradeassist_desktop.recordings.tally import Row, Tally

BarLabel = Literal["start", "end"]

_PARQUET_MAGIC: Final = b"PAR1"
_PARQUET_SUFFIXES: Final = (".parquet", ".pq")
_LABELS: Final = {width_ns: label for label, width_ns in TIMEFRAMES.items()}
_NO_SESSION: Final = (None, None, None, None, None)


class _Rows(Protocol):  # CsvRows, ParquetRows
    @property
    def columns(self) -> Columns: ...

    def rows(self, tally: Tally, *, with_fields: bool = True) -> Iterator[Row]: ...


class Recording:
    """A file's events in row order, read anew by each iteration; little is held in memory.

    A tick row is one ``Tick``. A bar row is one ``Bar`` and, at the bar's end, one ``Tick`` with its
    close; of rows in a run with one time, all bars come before all ticks. A bar without a volume
    column has NaN as its volume: unknown.

    ``tally`` tells what the last iteration has met so far. Made by ``read``.
    """

    def __init__(
        self, *, path: Path, rows: _Rows, timeframe: str | None, bar_label: BarLabel, is_strict: bool
    ) -> None:
        self.path = path
        self.timeframe = timeframe
        self._rows = rows
        self._bar_label = bar_label
        self._is_strict = is_strict
        self.tally = Tally(place=str(path), is_strict=is_strict)

    @property
    def is_bars(self) -> bool:
        """Whether the rows are bars; ``timeframe`` is theirs."""
        return self.timeframe is not None

    def __iter__(self) -> Iterator[Tick | Bar]:
        """Read the file.

        Raises:
            BadInput: it breaks off, no row can be read, or it is strict and one cannot.
        """
        self.tally = Tally(place=str(self.path), is_strict=self._is_strict)
        return self._ticks(self.tally) if self.timeframe is None else self._bars(self.tally, self.timeframe)

    def _ticks(self, tally: Tally) -> Iterator[Tick]:
        symbols = tally.symbols
        make = tuple.__new__
        first_ns = last_ns = None
        count = 0
        try:
            for event_ns, symbol, fields in self._rows.rows(tally):
                count += 1
                if last_ns is None or event_ns > last_ns:
                    last_ns = event_ns
                if first_ns is None or event_ns < first_ns:
                    first_ns = event_ns
                if symbol not in symbols:
                    symbols.add(symbol)
                yield make(Tick, (symbol, event_ns, 0, *fields, *_NO_SESSION))
        finally:
            tally.rows, tally.first_ns, tally.last_ns = count, first_ns, last_ns
        tally.require_rows()

    def _bars(self, tally: Tally, timeframe: str) -> Iterator[Tick | Bar]:
        width_ns = TIMEFRAMES[timeframe]
        to_start_ns = -width_ns if self._bar_label == "end" else 0
        instant: list[Bar] = []
        for row_ns, symbol, fields in self._rows.rows(tally):
            open_, high, low, close, volume = fields
            assert open_ is not None and high is not None and low is not None and close is not None
            start_ns = row_ns + to_start_ns
            end_ns = start_ns + width_ns
            if instant and instant[0].end_ns != end_ns:
                yield from instant
                yield from map(_closing_tick, instant)
                instant.clear()
            tally.rows += 1
            tally.symbols.add(symbol)
            tally.first_ns = end_ns if tally.first_ns is None else min(tally.first_ns, end_ns)
            tally.last_ns = end_ns if tally.last_ns is None else max(tally.last_ns, end_ns)
            volume = float("nan") if volume is None else volume
            instant.append(Bar(symbol, timeframe, start_ns, end_ns, open_, high, low, close, volume))
        yield from instant
        yield from map(_closing_tick, instant)
        tally.require_rows()


def read(
    path: Path | str, *, symbol: str | None = None, bar_label: BarLabel = "start", is_strict: bool = False
) -> Recording:
    """Return a recording, its header checked and, for bars, its timeframe found.

    Args:
        path: CSV, gzipped CSV or Parquet.
        symbol: What the rows are of if the file has no symbol column.
        bar_label: Whether a bar row's time is the bar's start or its end.
        is_strict: An unreadable row ends the reading; otherwise it is counted in ``tally``.

    Raises:
        BadInput: there is no such file, it cannot be used, or its symbol is not known.
    """
    path = Path(path)
    rows: _Rows = (ParquetRows if _is_parquet(path) else CsvRows)(path=path, symbol=symbol)
    columns = rows.columns
    if columns.symbol is None and not symbol:
        message = "there is no symbol column; name the symbol with --symbol"
        raise BadInput([Fault(place=str(path), message=message)])
    timeframe = _timeframe(path, rows, is_strict=is_strict) if columns.is_bars else None
    return Recording(path=path, rows=rows, timeframe=timeframe, bar_label=bar_label, is_strict=is_strict)


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return (
                file.read(len(_PARQUET_MAGIC)) == _PARQUET_MAGIC or path.suffix.lower() in _PARQUET_SUFFIXES
            )
    except OSError as error:
        raise BadInput([Fault(place=str(path), message=reason(error))]) from error


def _timeframe(path: Path, rows: _Rows, *, is_strict: bool) -> str:
    tally = Tally(place=str(path), is_strict=is_strict)
    newest: dict[str, int] = {}
    width_ns: int | None = None
    for row_ns, symbol, _ in rows.rows(tally, with_fields=False):
        tally.rows += 1
        difference_ns = row_ns - newest.get(symbol, row_ns)
        if difference_ns > 0 and (width_ns is None or difference_ns < width_ns):
            width_ns = difference_ns
        newest[symbol] = row_ns
    tally.require_rows()
    if width_ns is None:
        message = "the width of its bars cannot be told: no symbol has two rows of different times"
        raise BadInput([Fault(place=str(path), message=message)])
    if width_ns not in _LABELS:
        known = ", ".join(TIMEFRAMES)
        message = f"its rows are {width_ns / NS_PER_SECOND:g} s apart, which is no timeframe ({known})"
        raise BadInput([Fault(place=str(path), message=message)])
    return _LABELS[width_ns]


def _closing_tick(bar: Bar) -> Tick:
    return Tick(bar.symbol, bar.end_ns, 0, bar.close)
