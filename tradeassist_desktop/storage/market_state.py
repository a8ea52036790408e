"""What the market was, as the engine wrote it down, by venue and symbol.

States are JSON-able and nobody's business here.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from tradeassist_desktop.storage.compiled import insert_rows
from tradeassist_desktop.storage.market_tables import market_state

# A state that did not change is not written again.
_PUT: Final = (
    "INSERT INTO market_state (venue, symbol, state) VALUES (?, ?, ?) ON CONFLICT (venue, symbol) "
    "DO UPDATE SET state = excluded.state WHERE state IS NOT excluded.state"
)


def load(connection: Connection, venue: str) -> dict[str, Any]:
    """Return a venue's states; one that cannot be read is left out: that symbol starts anew."""
    states: dict[str, Any] = {}
    rows = connection.execute(
        select(market_state.c.symbol, market_state.c.state).where(market_state.c.venue == venue)
    )
    for symbol, state in rows:
        try:
            states[symbol] = msgspec.json.decode(state)
        except msgspec.DecodeError:
            continue
    return states


def put(connection: Connection, venue: str, states: Mapping[str, Any]) -> None:
    """Keep these states; others stay as they are."""
    encode = msgspec.json.Encoder().encode
    insert_rows(
        connection, _PUT, [(venue, symbol, encode(state).decode()) for symbol, state in states.items()]
    )
