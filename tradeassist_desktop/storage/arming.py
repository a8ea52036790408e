"""What each rule is doing on each symbol, as the engine wrote it down.

Keys are the engine's: ``uid|symbol``. States are JSON-able and nobody's business here.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from tradeassist_desktop.storage.compiled import insert_rows, text_of
from tradeassist_desktop.storage.tables import arming

_INSERT = insert(arming)
_PUT = text_of(
    _INSERT.on_conflict_do_update(index_elements=["uid", "symbol"], set_={"state": _INSERT.excluded.state}),
    ("uid", "symbol", "state"),
)

ArmingStates = Mapping[str, Mapping[str, Any]]


def load(connection: Connection) -> dict[str, dict[str, Any]]:
    """Return all states; one that cannot be read is left out: its rule starts anew."""
    states: dict[str, dict[str, Any]] = {}
    for row in connection.execute(select(arming)):
        try:
            states[f"{row.uid}|{row.symbol}"] = msgspec.json.decode(row.state, type=dict[str, Any])
        except msgspec.DecodeError:
            continue
    return states


def put(connection: Connection, states: ArmingStates) -> None:
    """Keep these states; others stay as they are."""
    if not states:
        return
    rows = []
    for key, state in states.items():
        uid, _, symbol = key.partition("|")
        rows.append((uid, symbol, msgspec.json.encode(state).decode()))
    insert_rows(connection, _PUT, rows)
