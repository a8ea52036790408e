"""Instruments by their symbols: the numbers that ticks and bars are kept under."""

from collections.abc import Iterable

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from tradeassist_desktop.domain.market import Instrument, InstrumentKind
from tradeassist_desktop.storage.tables import instruments


def id_of(connection: Connection, symbol: str) -> int:
    """Return the number of the symbol; a new one gets the next."""
    found = find_id(connection, symbol)
    if found is not None:
        return found
    inserted = connection.execute(insert(instruments).values(symbol=symbol)).inserted_primary_key
    assert inserted is not None
    return int(inserted[0])


def find_id(connection: Connection, symbol: str) -> int | None:
    """Return the number of the symbol, or ``None`` if nothing was ever kept of it."""
    return connection.execute(
        select(instruments.c.id).where(instruments.c.symbol == symbol)
    ).scalar_one_or_none()


def put(connection: Connection, known: Iterable[Instrument]) -> None:
    """Keep what is known of instruments; their numbers stay."""
    for instrument in known:
        values = {
            "kind": instrument.kind.value,
            "description": instrument.description,
            "tick_size": instrument.tick_size,
            "decimals": instrument.decimals,
        }
        statement = insert(instruments).values(symbol=instrument.symbol, **values)
        connection.execute(statement.on_conflict_do_update(index_elements=["symbol"], set_=values))


def load(connection: Connection) -> tuple[Instrument, ...]:
    """Return all instruments, by symbol."""
    return tuple(
        Instrument(
            symbol=row.symbol,
            kind=InstrumentKind(row.kind),
            description=row.description,
            tick_size=row.tick_size,
            decimals=row.decimals,
        )
        for row in connection.execute(select(instruments).order_by(instruments.c.symbol))
    )
