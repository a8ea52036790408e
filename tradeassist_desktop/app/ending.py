"""How long closing a desk may take: its parts share one limit, whatever holds them up."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within

log = logging.getLogger(__name__)

DRAIN_S: Final = 5.0
"""For what is due still to be saved and sent."""
_ALL_S: Final = 8.0
_LEAST_S: Final = 0.25
"""For each part that is ended after that: most take no time at all."""


class Ending:
    """Counts from ``begin``; until then there is all of the time."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._begun_ns: int | None = None

    def begin(self) -> None:
        """Begin to count."""
        self._begun_ns = self._clock.monotonic_ns()

    @property
    def drain_s(self) -> float:
        """For how long what is due may still be saved and sent, seconds."""
        return max(0.0, DRAIN_S - self._passed_s)

    async def end(self, name: str, stop: Callable[[], Awaitable[object]]) -> None:
        """Await ``stop()`` for what is left of the time, and go on without it then.

        Args:
            name: What the log calls the part that is ended.
        """

        async def stopping() -> None:
            await stop()

        try:
            await within(self._clock, max(_LEAST_S, _ALL_S - self._passed_s), stopping())
        except TimeoutError:
            log.warning("stopped without waiting", extra={"part": name})

    @property
    def _passed_s(self) -> float:
        if self._begun_ns is None:
            return 0.0
        return (self._clock.monotonic_ns() - self._begun_ns) / NS_PER_SECOND
