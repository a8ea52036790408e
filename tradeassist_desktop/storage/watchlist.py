"""The symbols the trader watches, in order."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from tradeassist_desktop.storage.tables import watchlist


def load(connection: Connection) -> tuple[str, ...]:
    """Return the symbols in their order."""
    return tuple(connection.scalars(select(watchlist.c.symbol).order_by(watchlist.c.position)))


def replace(connection: Connection, symbols: Sequence[str]) -> None:
    """Keep these symbols, each once, and no others."""
    connection.execute(delete(watchlist))
    rows = [{"position": place, "symbol": symbol} for place, symbol in enumerate(dict.fromkeys(symbols))]
    if rows:
        connection.execute(insert(watchlist), rows)
