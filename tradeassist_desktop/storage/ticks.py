"""Live updates as they came, by instrument and event time.

What comes of one symbol together is one row: its updates as MessagePack, in order of arrival. A
row for each update took three times as long to write.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.storage import instruments
from tradeassist_desktop.storage.compiled import insert_rows
from tradeassist_desktop.storage.market_tables import tick_batches
from tradeassist_desktop.storage.prices import LARGEST_PRICE
from tradeassist_desktop.storage.tick_batches import LONGEST_SPAN_NS, TickBatch

_PRICES: Final = ("last", "bid", "ask", "open", "high", "low", "prev_close")
_SIZES: Final = ("last_size", "bid_size", "ask_size", "volume")
_LARGEST_SIZE: Final = 1e15
_INSERT: Final = "INSERT INTO tick_batches (instrument_id, first_ns, last_ns, updates) VALUES (?, ?, ?, ?)"


class TickStore:
    """Appends ticks. To be used from the storage thread only.

    Args:
        venue_of: Returns the venue under which a symbol is kept.
    """

    def __init__(self, *, venue_of: Callable[[str], str]) -> None:
        self._venue_of = venue_of
        self._ids: dict[str, int] = {}
        self._unconfirmed: set[str] = set()

    def put(self, connection: Connection, batches: Sequence[TickBatch]) -> None:
        """Keep what came of each symbol; one seen for the first time is numbered.

        If the transaction is undone later, the same can be kept again.
        """
        self._confirm(connection)
        rows = [
            (
                self._ids.get(batch.symbol) or self._first(connection, batch.symbol),
                batch.first_ns,
                batch.last_ns,
                batch.updates,
            )
            for batch in batches
        ]
        insert_rows(connection, _INSERT, rows)

    def _confirm(self, connection: Connection) -> None:
        """Forget symbols whose first transaction was undone: their numbers may be another's by now."""
        for symbol in self._unconfirmed:
            if instruments.find_id(connection, self._venue_of(symbol), symbol) is None:
                del self._ids[symbol]
        self._unconfirmed.clear()

    def _first(self, connection: Connection, symbol: str) -> int:
        self._unconfirmed.add(symbol)
        self._ids[symbol] = instruments.id_of(connection, self._venue_of(symbol), symbol)
        return self._ids[symbol]


def load(connection: Connection, venue: str, symbol: str, *, since_ns: int, until_ns: int) -> list[Tick]:
    """Return kept updates of ``[since_ns, until_ns)``, by event time, equal ones as they came.

    Values that are no finite numbers, or absurd, are left out.
    """
    instrument_id = instruments.find_id(connection, venue, symbol)
    rows = connection.scalars(
        select(tick_batches.c.updates)
        .where(
            tick_batches.c.instrument_id == instrument_id,
            # No batch is longer: earlier ones need not be looked at.
            tick_batches.c.first_ns >= since_ns - LONGEST_SPAN_NS,
            tick_batches.c.first_ns < until_ns,
            tick_batches.c.last_ns >= since_ns,
        )
        .order_by(tick_batches.c.number)
    )
    decode = msgspec.msgpack.Decoder(list[Tick]).decode
    found = [_cleaned(tick) for updates in rows for tick in decode(updates) if since_ns <= tick[1] < until_ns]
    found.sort(key=lambda tick: tick.event_ns)
    return found


def _cleaned(tick: Tick) -> Tick:
    """Return the tick without the values that no market can have."""
    # A sum is not finite if one of its parts is not, and NaN compares false with everything.
    prices = (tick.last or 0.0) + (tick.bid or 0.0) + (tick.ask or 0.0)
    session = (tick.open or 0.0) + (tick.high or 0.0) + (tick.low or 0.0) + (tick.prev_close or 0.0)
    sizes = (tick.last_size or 0.0) + (tick.bid_size or 0.0) + (tick.ask_size or 0.0) + (tick.volume or 0.0)
    if abs(prices) < LARGEST_PRICE and abs(session) < LARGEST_PRICE and abs(sizes) < _LARGEST_SIZE:
        return tick
    kept = tick._asdict()
    for names, most in ((_PRICES, LARGEST_PRICE / 4), (_SIZES, _LARGEST_SIZE)):
        for name in names:
            # "not (a < b)" also finds NaN.
            if kept[name] is not None and not -most < kept[name] < most:
                kept[name] = None
    return Tick(**kept)
