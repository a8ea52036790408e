"""How far rotations of secrets are, so that a kill at any step leaves what is to be done."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.sqlite import insert

from tradeassist_desktop.domain.rotation import Rotation, RotationStep
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.tables import rotations


class RotationStore:
    """The rotations of this folder's secrets, one for each."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    async def load(self) -> tuple[Rotation, ...]:
        """Return all of them.

        Raises:
            StorageFailed: they cannot be read.
        """
        return await self._database.read(
            lambda connection: tuple(_from_row(row) for row in connection.execute(select(rotations)))
        )

    async def keep(self, rotation: Rotation) -> None:
        """Keep a rotation as it stands; it is on the disk when this returns.

        Raises:
            StorageFailed: it is not.
        """
        await self._database.run(lambda connection: _put(connection, rotation), durable=True)


def _put(connection: Connection, rotation: Rotation) -> None:
    row = asdict(rotation)
    connection.execute(
        insert(rotations).values(row).on_conflict_do_update(index_elements=["secret"], set_=row)
    )


def _from_row(row: Row[Any]) -> Rotation:
    columns = dict(row._mapping)
    return Rotation(**{**columns, "step": RotationStep(columns["step"])})
