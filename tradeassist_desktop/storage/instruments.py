"""The numbers that ticks and bars of a venue's symbols are kept under."""

from sqlalchemy import Connection, insert, select

from tradeassist_desktop.storage.tables import instruments


def id_of(connection: Connection, venue: str, symbol: str) -> int:
    """Return the number of the symbol; a new one gets the next."""
    found = find_id(connection, venue, symbol)
    if found is not None:
        return found
    inserted = connection.execute(insert(instruments).values(venue=venue, symbol=symbol)).inserted_primary_key
    assert inserted is not None
    return int(inserted[0])


def find_id(connection: Connection, venue: str, symbol: str) -> int | None:
    """Return the number of the symbol, or ``None`` if nothing was ever kept of it."""
    return connection.execute(
        select(instruments.c.id).where(instruments.c.venue == venue, instruments.c.symbol == symbol)
    ).scalar_one_or_none()
