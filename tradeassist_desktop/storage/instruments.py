"""The numbers that ticks and bars of a venue's symbols are kept under; each share's CUSIP and close."""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import Connection, insert, select, update

from tradeassist_desktop.domain.market import SessionClose
from tradeassist_desktop.storage.market_tables import instruments
from tradeassist_desktop.storage.prices import from_scaled, to_scaled

_MOST_ASKED: Final = 1_000


def id_of(connection: Connection, venue: str, symbol: str) -> int:
    """Return the number of the symbol; a new one gets the next."""
    found = find_id(connection, venue, symbol)
    if found is not None:
        return found
    inserted = connection.execute(insert(instruments).values(venue=venue, symbol=symbol)).inserted_primary_key
    assert inserted is not None
    return int(inserted[0])


def ids_of(connection: Connection, venue: str, symbols: Collection[str]) -> dict[str, int]:
    """Return the number of each symbol; new ones get the next.

    One question for all: asked one by one, a minute's bars of 500 symbols took a tenth of a second.
    """
    wanted = sorted(symbols)
    ids: dict[str, int] = {}
    for start in range(0, len(wanted), _MOST_ASKED):
        part = wanted[start : start + _MOST_ASKED]
        rows = connection.execute(
            select(instruments.c.symbol, instruments.c.id).where(
                instruments.c.venue == venue, instruments.c.symbol.in_(part)
            )
        )
        ids.update((symbol, number) for symbol, number in rows)
    return {symbol: ids.get(symbol) or id_of(connection, venue, symbol) for symbol in wanted}


def find_id(connection: Connection, venue: str, symbol: str) -> int | None:
    """Return the number of the symbol, or ``None`` if nothing was ever kept of it."""
    return connection.execute(
        select(instruments.c.id).where(instruments.c.venue == venue, instruments.c.symbol == symbol)
    ).scalar_one_or_none()


def cusips(connection: Connection, venue: str) -> dict[str, str]:
    """Return the CUSIP of each symbol of which one was kept."""
    rows = connection.execute(
        select(instruments.c.symbol, instruments.c.cusip).where(
            instruments.c.venue == venue, instruments.c.cusip.is_not(None)
        )
    )
    return {row.symbol: row.cusip for row in rows}


def put_cusips(connection: Connection, venue: str, by_symbol: Mapping[str, str]) -> None:
    """Keep the CUSIPs of some symbols."""
    for symbol, cusip in by_symbol.items():
        number = id_of(connection, venue, symbol)
        connection.execute(update(instruments).where(instruments.c.id == number).values(cusip=cusip))


def closes(connection: Connection, venue: str) -> dict[str, SessionClose]:
    """Return the close of each symbol of which one was kept."""
    rows = connection.execute(
        select(instruments.c.symbol, instruments.c.heard_close_ns, instruments.c.heard_close).where(
            instruments.c.venue == venue, instruments.c.heard_close_ns.is_not(None)
        )
    )
    return {row.symbol: SessionClose(row.heard_close_ns, from_scaled(row.heard_close)) for row in rows}


def put_closes(connection: Connection, venue: str, by_symbol: Mapping[str, SessionClose]) -> None:
    """Keep the closes of some symbols in place of earlier ones."""
    ids = ids_of(connection, venue, by_symbol.keys())
    for symbol, close in by_symbol.items():
        values = {"heard_close_ns": close.end_ns, "heard_close": to_scaled(close.price)}
        connection.execute(update(instruments).where(instruments.c.id == ids[symbol]).values(values))
