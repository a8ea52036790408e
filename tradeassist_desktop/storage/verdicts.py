"""What the trader thought of alerts."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from tradeassist_desktop.domain.verdicts import GivenVerdict, Verdict
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.tables import verdicts


class VerdictStore:
    """One verdict an alert, or none."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    async def load(self) -> tuple[GivenVerdict, ...]:
        """Return all of them.

        Raises:
            StorageFailed: they cannot be read.
        """
        return await self._database.read(_load)

    async def put(self, given: Sequence[GivenVerdict], withdrawn: Sequence[str] = ()) -> None:
        """Keep verdicts, and forget those of the alerts ``withdrawn``, in one transaction.

        Raises:
            StorageFailed: they could not be kept; all stay as they were.
        """
        await self._database.run(lambda connection: _put(connection, given, withdrawn), durable=True)


def _load(connection: Connection) -> tuple[GivenVerdict, ...]:
    rows = connection.execute(select(verdicts.c.alert_id, verdicts.c.verdict, verdicts.c.given_ns))
    return tuple(GivenVerdict(alert_id, Verdict(verdict), given_ns) for alert_id, verdict, given_ns in rows)


def _put(connection: Connection, given: Sequence[GivenVerdict], withdrawn: Sequence[str]) -> None:
    for each in given:
        row = {"verdict": each.verdict.value, "given_ns": each.given_ns}
        connection.execute(
            insert(verdicts)
            .values(alert_id=each.alert_id, **row)
            .on_conflict_do_update(index_elements=["alert_id"], set_=row)
        )
    for alert_id in withdrawn:
        connection.execute(delete(verdicts).where(verdicts.c.alert_id == alert_id))
