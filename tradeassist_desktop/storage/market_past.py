"""The market as it was kept, read beside the desk: by a connection of its own that writes nothing."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sqlalchemy.exc import SQLAlchemyError

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar, Tick
from tradeassist_desktop.storage import bars, instruments, ticks
from tradeassist_desktop.storage.compiled import driver_of
from tradeassist_desktop.storage.connections import READING, connect
from tradeassist_desktop.storage.prices import from_scaled

_BARS_AT_ONCE: Final = 5_000
_TICKS_SPAN_NS: Final = 300 * NS_PER_SECOND
_LONGEST_BATCH_NS: Final = 60 * NS_PER_SECOND
_NEXT_BARS: Final = (
    "SELECT start_ns, end_ns, open, high, low, close, volume FROM bars"
    " WHERE instrument_id = ? AND timeframe = ? AND start_ns >= ? AND end_ns <= ? ORDER BY start_ns LIMIT ?"
)
_FIRST_TICK: Final = (
    "SELECT min(first_ns) FROM tick_batches WHERE instrument_id = ? AND first_ns >= ? AND first_ns < ?"
)
_NEWEST_BAR: Final = (
    "SELECT max(start_ns) FROM bars WHERE instrument_id = ? AND timeframe = ? AND start_ns < ?"
)
_NEWEST_TICK: Final = "SELECT max(first_ns) FROM tick_batches WHERE instrument_id = ? AND first_ns < ?"


class MarketPast:
    """Bars and updates of the past, each call a short look: the desk may write at any time.

    To be used from one thread, and closed.

    Raises:
        TradeAssistError: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():  # opening it would make one
            raise TradeAssistError(f"There is no database {path}.")
        try:
            self._connection = connect(path, READING)
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise TradeAssistError(f"The database {path} cannot be read.") from error
        self._driver = driver_of(self._connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
        self._connection.engine.dispose()

    def newest_ns(self, venue: str, symbol: str, timeframe: str, before_ns: int) -> int | None:
        """Return when the newest bar or batch of updates before an instant began."""
        number = self._number(venue, symbol)
        if number is None:
            return None
        found = (
            self._driver.execute(_NEWEST_BAR, (number, timeframe, before_ns)).fetchone()[0],
            self._driver.execute(_NEWEST_TICK, (number, before_ns)).fetchone()[0],
        )
        return max((each for each in found if each is not None), default=None)

    def bars(self, venue: str, symbol: str, timeframe: str, *, since_ns: int, until_ns: int) -> Iterator[Bar]:
        """Yield the bars that begin at ``since_ns`` or later and have ended by ``until_ns``, oldest first."""
        number = self._number(venue, symbol)
        make = tuple.__new__
        while number is not None:
            rows = self._driver.execute(
                _NEXT_BARS, (number, timeframe, since_ns, until_ns, _BARS_AT_ONCE)
            ).fetchall()
            for start_ns, end_ns, open_, high, low, close, volume in rows:
                prices = from_scaled(open_), from_scaled(high), from_scaled(low), from_scaled(close)
                yield make(Bar, (symbol, timeframe, start_ns, end_ns, *prices, volume))
            if len(rows) < _BARS_AT_ONCE:
                return
            since_ns = rows[-1][0] + 1

    def ticks(self, venue: str, symbol: str, *, since_ns: int, until_ns: int) -> Iterator[Tick]:
        """Yield the updates of ``[since_ns, until_ns)``, by event time, equal ones as they came."""
        number = self._number(venue, symbol)
        at_ns = since_ns
        while number is not None:
            # A batch that began before may reach in.
            first = (number, at_ns - _LONGEST_BATCH_NS, until_ns)
            begins_ns: int | None = self._driver.execute(_FIRST_TICK, first).fetchone()[0]
            if begins_ns is None:
                return
            at_ns = max(at_ns, begins_ns)
            ends_ns = min(until_ns, at_ns + _TICKS_SPAN_NS)
            with self._connection.begin():
                found = ticks.load(self._connection, venue, symbol, since_ns=at_ns, until_ns=ends_ns)
            yield from found
            at_ns = ends_ns
            if at_ns >= until_ns:
                return

    def before(self, venue: str, symbol: str, timeframe: str, count: int, *, until_ns: int) -> list[Bar]:
        """Return bars that had ended by ``until_ns``, from which so many closed ones are known."""
        with self._connection.begin():
            found = bars.history(self._connection, venue, symbol, timeframe, count=count, before_ns=until_ns)
        return [bar for bar in found if bar.end_ns <= until_ns]

    def _number(self, venue: str, symbol: str) -> int | None:
        with self._connection.begin():
            return instruments.find_id(self._connection, venue, symbol)
