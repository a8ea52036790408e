"""Live updates as they came, by instrument and event time."""

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection, select

from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.storage import instruments
from tradeassist_desktop.storage.prices import LARGEST_PRICE, from_scaled, to_scaled
from tradeassist_desktop.storage.tables import PRICE_SCALE, ticks

_NARROW: Final = (
    "instrument_id, event_ns, n, received_ns, last, bid, ask, last_size, bid_size, ask_size, volume, trade_ns"
)
_WIDE: Final = f"{_NARROW}, open, high, low, prev_close"
# A step of the driver costs as much as storing two columns: so many rows to a statement.
_ROWS_A_STATEMENT: Final = 20
_PRICES: Final = ("last", "bid", "ask", "open", "high", "low", "prev_close")
_SIZES: Final = ("last_size", "bid_size", "ask_size", "volume")
_LARGEST_SIZE: Final = 1e15

_LATE: Final = (
    f"INSERT INTO ticks ({_WIDE}) VALUES (?1, ?2, "  # noqa: S608 - our own column names
    "(SELECT coalesce(max(n) + 1, 0) FROM ticks WHERE instrument_id = ?1 AND event_ns = ?2), "
    "?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"
)

_Row = tuple[Any, ...]


class _Newest:
    """The newest kept update of one symbol: what the next one is compared with."""

    __slots__ = ("event_ns", "instrument_id", "n")

    def __init__(self, *, instrument_id: int, event_ns: int, n: int) -> None:
        self.instrument_id = instrument_id
        self.event_ns = event_ns
        self.n = n


class TickStore:
    """Appends batches of a venue's ticks.

    Remembers each symbol's newest update, so that equal time stamps are told apart without
    asking the database for each. To be used from the storage thread only.
    """

    def __init__(self, *, venue: str) -> None:
        self._venue = venue
        self._newest: dict[str, _Newest] = {}
        self._unconfirmed: set[str] = set()

    def append(self, connection: Connection, batch: Sequence[Tick]) -> None:
        """Keep a batch in its order; values that are no finite numbers or absurd are left out.

        If the transaction is undone later, the batch can be appended again.
        """
        self._confirm(connection)
        try:
            narrow, wide, late = self._rows(connection, batch)
        except (ValueError, OverflowError):
            narrow, wide, late = self._rows(connection, [_cleaned(tick) for tick in batch])
        # Straight to the driver: SQLAlchemy's part of each statement would double its cost.
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        _insert(driver, _NARROW, narrow)
        _insert(driver, _WIDE, wide)
        driver.executemany(_LATE, late)

    def _confirm(self, connection: Connection) -> None:
        """Forget symbols whose first transaction was undone: their numbers may be another's by now."""
        for symbol in self._unconfirmed:
            if instruments.find_id(connection, self._venue, symbol) is None:
                del self._newest[symbol]
        self._unconfirmed.clear()

    def _rows(
        self, connection: Connection, batch: Iterable[Tick]
    ) -> tuple[list[_Row], list[_Row], list[_Row]]:
        """Return rows without session fields, rows with them, and rows older than the newest.

        Written out field by field, as this loop is half the cost of storing a tick.

        Raises:
            ValueError: a value is not finite or absurd.
            OverflowError: likewise.
        """
        narrow: list[_Row] = []
        wide: list[_Row] = []
        late: list[_Row] = []
        known = self._newest
        scale, most, most_size = PRICE_SCALE, LARGEST_PRICE, 4 * _LARGEST_SIZE
        for (
            symbol, event_ns, received_ns, last, bid, ask, last_size, bid_size, ask_size, volume,
            open_, high, low, prev_close, trade_ns,
        ) in batch:  # fmt: skip
            # A sum is not finite if one of its parts is not.
            sizes = (last_size or 0.0) + (bid_size or 0.0) + (ask_size or 0.0) + (volume or 0.0)
            prices = (last or 0.0) + (bid or 0.0) + (ask or 0.0)
            if not (-most < prices < most and -most_size < sizes < most_size):
                raise ValueError(f"{symbol} has an absurd price or size")
            newest = known.get(symbol)
            if newest is None:
                newest = known[symbol] = self._first(connection, symbol)
            is_late = event_ns < newest.event_ns
            if event_ns > newest.event_ns:
                newest.event_ns = event_ns
                newest.n = 0
            elif not is_late:
                newest.n += 1
            row = (
                newest.instrument_id, event_ns, newest.n, received_ns,
                None if last is None else round(last * scale),
                None if bid is None else round(bid * scale),
                None if ask is None else round(ask * scale),
                last_size, bid_size, ask_size, volume, trade_ns,
            )  # fmt: skip
            if not is_late and open_ is high is low is prev_close is None:
                narrow.append(row)
                continue
            session = [
                None if price is None else to_scaled(price) for price in (open_, high, low, prev_close)
            ]
            (late if is_late else wide).append((*row, *session))
        return narrow, wide, late

    def _first(self, connection: Connection, symbol: str) -> _Newest:
        self._unconfirmed.add(symbol)
        instrument_id = instruments.id_of(connection, self._venue, symbol)
        newest = connection.execute(
            select(ticks.c.event_ns, ticks.c.n)
            .where(ticks.c.instrument_id == instrument_id)
            .order_by(ticks.c.event_ns.desc(), ticks.c.n.desc())
            .limit(1)
        ).one_or_none()
        event_ns, n = (-1, 0) if newest is None else newest
        return _Newest(instrument_id=instrument_id, event_ns=event_ns, n=n)


def load(connection: Connection, venue: str, symbol: str, *, since_ns: int, until_ns: int) -> list[Tick]:
    """Return kept updates of ``[since_ns, until_ns)``, by event time, equal ones as they came."""
    instrument_id = instruments.find_id(connection, venue, symbol)
    rows = connection.execute(
        select(ticks)
        .where(
            ticks.c.instrument_id == instrument_id, ticks.c.event_ns >= since_ns, ticks.c.event_ns < until_ns
        )
        .order_by(ticks.c.event_ns, ticks.c.n)
    )
    return [
        Tick(
            symbol=symbol,
            event_ns=row["event_ns"],
            received_ns=row["received_ns"],
            trade_ns=row["trade_ns"],
            **{name: row[name] for name in _SIZES},
            **{name: None if row[name] is None else from_scaled(row[name]) for name in _PRICES},
        )
        for row in rows.mappings()
    ]


def _insert(driver: sqlite3.Connection, columns: str, rows: Sequence[_Row]) -> None:
    # A row that breaks a constraint fails the whole transaction anyway. Plain INSERT of several
    # rows would prepare for undoing the statement alone, which takes twice the time.
    one = f"({', '.join('?' * (columns.count(',') + 1))})"
    start = f"INSERT OR FAIL INTO ticks ({columns}) VALUES "  # noqa: S608 - our own column names
    many = start + ", ".join([one] * _ROWS_A_STATEMENT)
    whole = len(rows) - len(rows) % _ROWS_A_STATEMENT
    chunks = (rows[first : first + _ROWS_A_STATEMENT] for first in range(0, whole, _ROWS_A_STATEMENT))
    driver.executemany(many, (tuple(chain.from_iterable(chunk)) for chunk in chunks))
    driver.executemany(start + one, rows[whole:])


def _cleaned(tick: Tick) -> Tick:
    """Return the tick without the values that cannot be kept."""
    kept = tick._asdict()
    for names, most in ((_PRICES, LARGEST_PRICE / 4), (_SIZES, _LARGEST_SIZE)):
        for name in names:
            # "not (a < b)" also finds NaN, which compares false with everything.
            if kept[name] is not None and not -most < kept[name] < most:
                kept[name] = None
    return Tick(**kept)
