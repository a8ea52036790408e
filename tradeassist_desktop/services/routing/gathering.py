"""Announces together what is due together, so that a storm which comes again comes as it did: grouped."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from tradeassist_desktop.domain.delivery import Announcement, Delivery, DeliveryKey
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.routing.unanswered import Announce, Unanswered

log = logging.getLogger(__name__)

_GATHERED_S: Final = 0.25
"""After an announcement: alerts of a storm, fired milliseconds apart, are due so too."""


class Announcer(Protocol):
    """Who announces an alert once more: the dispatcher."""

    async def announce_again(self, announcements: Sequence[Announcement]) -> tuple[Delivery, ...]:
        """Announce alerts once more, and return how."""
        ...

    def is_waiting(self, key: DeliveryKey) -> bool:
        """Whether a delivery is still to be made."""
        ...


class Gathering:
    """Announces many at once, then has what falls due within a quarter of a second gather."""

    def __init__(self, *, announcer: Announcer, clock: Clock) -> None:
        self._announcer = announcer
        self._clock = clock
        self._announced_ns: int | None = None

    @property
    def rest_s(self) -> float:
        """For how long what falls due gathers still, seconds; 0 while nothing does."""
        if self._announced_ns is None:
            return 0.0
        passed_ns = self._clock.monotonic_ns() - self._announced_ns
        return max(0.0, _GATHERED_S - passed_ns / NS_PER_SECOND)

    def is_waiting(self, key: DeliveryKey) -> bool:
        """Whether a delivery is still to be made."""
        return self._announcer.is_waiting(key)

    async def announce(
        self, wanted: Sequence[tuple[Unanswered, Announce]]
    ) -> Mapping[str, Sequence[Delivery]]:
        """Announce these, at least one; return the deliveries of each alert by its id."""
        self._announced_ns = self._clock.monotonic_ns()
        deliveries = await self._announcer.announce_again(
            [Announcement(case.alert, step.channels, step.cause) for case, step in wanted]
        )
        causes = sorted({step.cause.value for _, step in wanted})
        last = wanted[-1][0].alert.id
        log.info("announced again", extra={"alert": last, "count": len(wanted), "causes": causes})
        added: defaultdict[str, list[Delivery]] = defaultdict(list)
        for delivery in deliveries:
            added[delivery.alert_id].append(delivery)
        return added
