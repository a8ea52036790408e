"""What the adjustments service keeps."""

import time
from collections.abc import Callable, Mapping

from tradeassist_desktop.domain.market import SessionClose
from tradeassist_desktop.storage import instruments, proposals
from tradeassist_desktop.storage.database import Database


class AdjustmentStore:
    """Settled proposals, and the CUSIPs and closes of one venue's shares.

    Args:
        now_ns: The wall clock.
    """

    def __init__(self, *, database: Database, venue: str, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._database = database
        self._venue = venue
        self._now_ns = now_ns

    async def settled(self) -> frozenset[str]:
        """Return the ids of proposals that were applied or dismissed."""
        return await self._database.read(proposals.settled)

    async def settle(self, proposal_id: str, outcome: str) -> None:
        """Keep that a proposal was ``applied`` or ``dismissed``."""
        now_ns = self._now_ns()
        await self._database.run(
            lambda connection: proposals.settle(connection, proposal_id, outcome, now_ns=now_ns), durable=True
        )

    async def reopen(self, proposal_id: str) -> None:
        """Forget that a proposal was settled."""
        await self._database.run(lambda connection: proposals.reopen(connection, proposal_id), durable=True)

    async def cusips(self) -> dict[str, str]:
        """Return the CUSIP of each symbol of which one was kept."""
        return await self._database.read(lambda connection: instruments.cusips(connection, self._venue))

    async def keep_cusips(self, by_symbol: Mapping[str, str]) -> None:
        """Keep the CUSIPs of some symbols."""
        await self._database.run(
            lambda connection: instruments.put_cusips(connection, self._venue, by_symbol)
        )

    async def closes(self) -> dict[str, SessionClose]:
        """Return the newest close of each symbol of which one was kept."""
        return await self._database.read(lambda connection: instruments.closes(connection, self._venue))

    async def keep_closes(self, by_symbol: Mapping[str, SessionClose]) -> None:
        """Keep the newest closes of some symbols."""
        await self._database.run(
            lambda connection: instruments.put_closes(connection, self._venue, by_symbol)
        )
