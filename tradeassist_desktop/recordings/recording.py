"""One recorded file as a stream of ticks or bars."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, Protocol

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.market import (
    NS_PER_SECOND,
    TIMEFRAMES,
    Bar,
    MarketEvent,
    Tick,
    TimerCall,
)
from tradeassist_desktop.recordings.blindness import lost_event
from tradeassist_desktop.recordings.columns import Columns
from tradeassist_desktop.recordings.csv_rows import CsvRows
from tradeassist_desktop.recordings.lines import reason
from tradeassist_desktop.recordings.parquet_rows import ParquetRows
from tradeassist_desktop.recordings.tally import Row, Tally

BarLabel = Literal["start", "end"]

_PARQUET_MAGIC: Final = b"PAR1"
_PARQUET_SUFFIXES: Final = (".parquet", ".pq")
_LABELS: Final = {width_ns: label for label, width_ns in TIMEFRAMES.items()}
_NO_SESSION: Final = (None, None, None, None, None)
_NOTHING_ELSE: Final = (*[None] * 6, *_NO_SESSION)


class _Rows(Protocol):  # CsvRows, ParquetRows
    @property
    def columns(self) -> Columns: ...

    def rows(self, tally: Tally, *, with_fields: bool = True) -> Iterator[Row]: ...


class Recording:
    """A file's events in row order, read anew by each iteration; little is held in memory.

    A tick row is one ``Tick``; in the recording of a live session, a row that has nothing but its time is
    one ``TimerCall``, and one that tells what was seen is one ``SightLost`` or ``PastTold``.

    A bar row is one ``Bar`` and, at the bar's end, one ``Tick`` with its
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

    @property
    def is_session(self) -> bool:
        """Whether it is the recording of a live session, timer's calls included."""
        return bool(self._rows.columns.stamps)

    def __iter__(self) -> Iterator[MarketEvent]:
        """Read the file.

        Raises:
            BadInput: it breaks off, no row can be read, or it is strict and one cannot.
        """
        self.tally = Tally(place=str(self.path), is_strict=self._is_strict)
        if self.timeframe is not None:
            return self._bars(self.tally, self.timeframe)
        return self._live(self.tally) if self.is_session else self._ticks(self.tally)

    def _ticks(self, tally: Tally) -> Iterator[Tick]:
        make, note = tuple.__new__, tally.note
        for event_ns, symbol, fields in self._rows.rows(tally):
            note(event_ns, symbol)
            yield make(Tick, (symbol, event_ns, 0, *fields, *_NO_SESSION))
        tally.require_rows()

    def _live(self, tally: Tally) -> Iterator[MarketEvent]:
        make = tuple.__new__
        for event_ns, symbol, (*fields, received_ns, lost) in self._rows.rows(tally):
            tally.note_live(event_ns, symbol)
            if lost is not None:
                yield lost_event(event_ns, symbol, *lost)
            elif symbol:
                yield make(Tick, (symbol, event_ns, received_ns or 0, *fields))
            else:
                yield TimerCall(event_ns)
        tally.require_rows()

    def _bars(self, tally: Tally, timeframe: str) -> Iterator[Tick | Bar]:
        width_ns = TIMEFRAMES[timeframe]
        to_start_ns = -width_ns if self._bar_label == "end" else 0
        make, nan = tuple.__new__, float("nan")
        instant: list[Bar] = []
        instant_ns: int | None = None
        for row_ns, symbol, (open_, high, low, close, volume) in self._rows.rows(tally):
            start_ns = row_ns + to_start_ns
            end_ns = start_ns + width_ns
            tally.note(end_ns, symbol)
            if end_ns != instant_ns:
                yield from instant
                for bar in instant:
                    yield make(Tick, (bar.symbol, instant_ns, 0, bar.close, *_NOTHING_ELSE))
                instant.clear()
                instant_ns = end_ns
            known = nan if volume is None else volume
            instant.append(make(Bar, (symbol, timeframe, start_ns, end_ns, open_, high, low, close, known)))
        yield from instant
        for bar in instant:
            yield make(Tick, (bar.symbol, instant_ns, 0, bar.close, *_NOTHING_ELSE))
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
    rows = rows_of(path, symbol=symbol)
    columns = rows.columns
    if columns.symbol is None and not symbol:
        message = "there is no symbol column; name the symbol with --symbol"
        raise BadInput([Fault(place=str(path), message=message)])
    timeframe = _timeframe(path, rows, is_strict=is_strict) if columns.is_bars else None
    return Recording(path=path, rows=rows, timeframe=timeframe, bar_label=bar_label, is_strict=is_strict)


def rows_of(path: Path, *, symbol: str | None) -> _Rows:
    """Return a file's rows, its header checked.

    Raises:
        BadInput: there is no such file, or its columns cannot be used.
    """
    return (ParquetRows if _is_parquet(path) else CsvRows)(path=path, symbol=symbol)


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
    for count, (row_ns, symbol, _) in enumerate(rows.rows(tally, with_fields=False), 1):
        tally.rows = count
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
