"""Silences as rows, and rows as silences."""

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, or_, select
from sqlalchemy.dialects.sqlite import insert

from tradeassist_desktop.domain.routing import Silence, SilenceCause, SilenceScope
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.tables import silences


def put(connection: Connection, silence: Silence) -> None:
    """Keep a silence as it stands now."""
    row = _to_row(silence)
    connection.execute(insert(silences).values(row).on_conflict_do_update(index_elements=["id"], set_=row))


def remove(connection: Connection, silence_id: str) -> None:
    """Forget a silence, as if it had never been."""
    connection.execute(delete(silences).where(silences.c.id == silence_id))


def load(connection: Connection, *, ended_after_ns: int) -> list[Silence]:
    """Return the silences that have not ended by ``ended_after_ns``, in the order of their making."""
    rows = connection.execute(
        select(silences)
        .where(
            or_(silences.c.ended_ns.is_(None), silences.c.ended_ns > ended_after_ns),
            or_(silences.c.until_ns.is_(None), silences.c.until_ns > ended_after_ns),
        )
        .order_by(silences.c.created_ns, silences.c.id)
    )
    return [_from_row(row) for row in rows]


def _to_row(silence: Silence) -> dict[str, object]:
    return {
        "id": silence.id,
        "scope": silence.scope.value,
        "rule_uid": silence.rule_uid,
        "symbol": silence.symbol,
        "tag": silence.tag,
        "channels": msgspec.json.encode(silence.channels).decode(),
        "from_ns": silence.from_ns,
        "until_ns": silence.until_ns,
        "cause": silence.cause.value,
        "note": silence.note,
        "created_ns": silence.created_ns,
        "ended_ns": silence.ended_ns,
    }


def _from_row(row: Row[Any]) -> Silence:
    columns = row._mapping
    return Silence(
        id=columns["id"],
        scope=SilenceScope(columns["scope"]),
        cause=SilenceCause(columns["cause"]),
        from_ns=columns["from_ns"],
        until_ns=columns["until_ns"],
        created_ns=columns["created_ns"],
        rule_uid=columns["rule_uid"],
        symbol=columns["symbol"],
        tag=columns["tag"],
        channels=msgspec.json.decode(columns["channels"], type=tuple[str, ...]),
        note=columns["note"],
        ended_ns=columns["ended_ns"],
    )


class SilenceStore:
    """Silences over a restart."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    async def load(self, *, ended_after_ns: int) -> list[Silence]:
        """Return the silences that have not ended by then, in the order of their making."""
        return await self._database.read(lambda connection: load(connection, ended_after_ns=ended_after_ns))

    async def put(self, silence: Silence) -> None:
        """Keep a silence as it stands now; it outlives a power cut."""
        await self._database.run(lambda connection: put(connection, silence), durable=True)

    def put_soon(self, silence: Silence) -> None:
        """Keep a silence as it stands now, in the background."""
        self._database.submit(lambda connection: put(connection, silence))

    async def remove(self, silence_id: str) -> None:
        """Forget a silence, as if it had never been."""
        await self._database.run(lambda connection: remove(connection, silence_id), durable=True)
