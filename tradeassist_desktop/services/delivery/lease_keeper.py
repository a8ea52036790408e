"""Keeps what this desk has to send its own, and takes over what another has left."""

import logging
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Final

from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.storage import leases
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.faults import StorageFailed
from tradeassist_desktop.storage.leases import Claimed, Lease

log = logging.getLogger(__name__)

LEASE_S: Final = 30.0
_RENEW_S: Final = LEASE_S / 3


class LeaseKeeper:
    """Claims deliveries of some channels, and renews the claim for as long as it runs.

    Args:
        owner: Of this start of the desk only.
        channels: Whose deliveries.
        is_shared: Other desks may be on this database. Else what an earlier one left is taken at once.
    """

    def __init__(
        self, *, database: Database, clock: Clock, owner: str, channels: Collection[str], is_shared: bool
    ) -> None:
        self._database = database
        self._clock = clock
        self._owner = owner
        self._channels = tuple(channels)
        self._is_shared = is_shared

    @property
    def lease(self) -> Lease:
        """What a delivery taken now is marked with."""
        return Lease(owner=self._owner, until_ns=self._clock.now_ns() + int(LEASE_S * 1e9))

    async def claim(self) -> list[Claimed]:
        """Take what no living desk has, oldest first."""
        lease, now_ns = self.lease, self._clock.now_ns()
        return await self._database.run(
            lambda connection: leases.claim(
                connection, self._channels, lease, now_ns=now_ns, from_all=not self._is_shared
            )
        )

    async def run(
        self, has_any: Callable[[], bool], on_claimed: Callable[[Sequence[Claimed]], object]
    ) -> None:
        """Renew what there is and claim what has lapsed, three times a lease, until cancelled."""
        while True:
            await self._clock.sleep(_RENEW_S)
            try:
                if has_any():
                    await self._database.run(partial(leases.renew, lease=self.lease))
                claimed = await self.claim()
            except StorageFailed as error:
                log.warning("leases not renewed", extra={"reason": str(error)})
                continue
            if claimed:
                log.info("deliveries taken over", extra={"count": len(claimed)})
                on_claimed(claimed)

    async def give_back(self) -> None:
        """Let any desk have what is left; it lapses by itself if that cannot be written."""
        try:
            await self._database.run(lambda connection: leases.give_back(connection, self._owner))
        except StorageFailed as error:
            log.warning("leases not given back", extra={"reason": str(error)})
