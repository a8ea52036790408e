"""Closed bars by instrument, timeframe and start."""

from collections.abc import Sequence

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.storage import instruments
from tradeassist_desktop.storage.prices import from_scaled, to_scaled
from tradeassist_desktop.storage.tables import bars

_KEY = ("instrument_id", "timeframe", "start_ns")


def put(connection: Connection, venue: str, closed: Sequence[Bar]) -> None:
    """Keep closed bars of a venue; one kept before under the same key is replaced."""
    if not closed:
        return
    ids = {symbol: instruments.id_of(connection, venue, symbol) for symbol in {bar.symbol for bar in closed}}
    statement = insert(bars)
    replaced = {column.name: statement.excluded[column.name] for column in bars.c if column.name not in _KEY}
    connection.execute(
        statement.on_conflict_do_update(index_elements=_KEY, set_=replaced),
        [
            {
                "instrument_id": ids[bar.symbol],
                "timeframe": bar.timeframe,
                "start_ns": bar.start_ns,
                "end_ns": bar.end_ns,
                "open": to_scaled(bar.open),
                "high": to_scaled(bar.high),
                "low": to_scaled(bar.low),
                "close": to_scaled(bar.close),
                "volume": bar.volume,
            }
            for bar in closed
        ],
    )


def latest(connection: Connection, venue: str, symbol: str, timeframe: str, *, limit: int) -> list[Bar]:
    """Return the newest ``limit`` bars, oldest first."""
    instrument_id = instruments.find_id(connection, venue, symbol)
    if instrument_id is None:
        return []
    rows = connection.execute(
        select(bars)
        .where(bars.c.instrument_id == instrument_id, bars.c.timeframe == timeframe)
        .order_by(bars.c.start_ns.desc())
        .limit(limit)
    ).all()
    return [
        Bar(
            symbol=symbol,
            timeframe=timeframe,
            start_ns=row.start_ns,
            end_ns=row.end_ns,
            open=from_scaled(row.open),
            high=from_scaled(row.high),
            low=from_scaled(row.low),
            close=from_scaled(row.close),
            volume=row.volume,
        )
        for row in reversed(rows)
    ]
