"""How circuit breakers stood, so that a restart does not ask again who is to be left alone."""

import logging
from typing import Annotated

import msgspec
from sqlalchemy import Connection, LargeBinary, cast, select
from sqlalchemy.dialects.sqlite import insert

from tradeassist_desktop.domain.breakers import BreakerState, SavedBreaker
from tradeassist_desktop.storage.compiled import text_of
from tradeassist_desktop.storage.tables import breakers

log = logging.getLogger(__name__)

_INSERT = insert(breakers)
_PUT = text_of(
    _INSERT.on_conflict_do_update(
        index_elements=["name"],
        set_={"state": _INSERT.excluded.state, "saved_ns": _INSERT.excluded.saved_ns},
    ),
    ("name", "state", "saved_ns"),
)

_Count = Annotated[int, msgspec.Meta(ge=0)]


class _Kept(msgspec.Struct, frozen=True):
    state: BreakerState
    trips: _Count
    until_ns: _Count


def load(connection: Connection) -> dict[str, SavedBreaker]:
    """Return all of them, by name; one that cannot be read is left out and logged: it starts closed."""
    saved: dict[str, SavedBreaker] = {}
    # As bytes: a text that is none makes the driver give up all rows.
    columns = cast(breakers.c.name, LargeBinary), cast(breakers.c.state, LargeBinary), breakers.c.saved_ns
    for name_bytes, state, saved_ns in connection.execute(select(*columns)):
        name = name_bytes.decode(errors="replace")
        try:
            kept = msgspec.json.decode(state, type=_Kept)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            log.warning("breaker's kept state cannot be read", extra={"breaker": name})
            continue
        saved[name] = SavedBreaker(name, kept.state, kept.trips, kept.until_ns, saved_ns)
    return saved


def put(connection: Connection, saved: SavedBreaker) -> None:
    """Keep one as it stands; what was kept of it is replaced."""
    kept = _Kept(state=saved.state, trips=saved.trips, until_ns=saved.until_ns)
    connection.exec_driver_sql(_PUT, (saved.name, msgspec.json.encode(kept).decode(), saved.saved_ns))
