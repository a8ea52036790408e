"""Warns the trader before the sign-in at Schwab runs out, through every channel that works."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.events import SignInChanged
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.feeds.schwab.auth import TokenManager
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.services.notices import Notices
from tradeassist_desktop.storage.faults import StorageFailed

log = logging.getLogger(__name__)

_LOOK_S: Final = 30.0
_HOUR_NS: Final = 3600 * NS_PER_SECOND
_TITLE: Final = "Schwab sign-in"
_RENEW: Final = "Renew it with one click in the Data feed dock, or by “tradeassist sign-in”."


@dataclass(frozen=True, slots=True)
class _Step:
    """A warning: from how many hours before the end it holds, and how loud it is."""

    key: str
    hours: int
    words: str
    priority: Priority


_STEPS: Final = (
    _Step("over", 0, "has come to the end of its seven days", Priority.URGENT),
    _Step("1h", 1, "runs out within an hour", Priority.URGENT),
    _Step("24h", 24, "runs out within a day", Priority.HIGH),
    _Step("48h", 48, "runs out within two days", Priority.NORMAL),
)


class SignInWarnings:
    """Warns 48, 24 and 1 hours before a sign-in's end, and at the end: once each, also over restarts.

    A sign-in whose age nobody knows (its token came from the environment) can only be told to be over.

    Args:
        settle: Marks warnings as seen, by their alerts' ids: a renewal has made them pointless.
    """

    def __init__(
        self,
        *,
        tokens: TokenManager,
        notices: Notices,
        settle: Callable[[Sequence[str]], Awaitable[None]],
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._tokens = tokens
        self._notices = notices
        self._settle = settle
        self._bus = bus
        self._clock = clock
        self._changed = asyncio.Event()
        self._told: tuple[str, int | None] | None = None
        self._standing: list[str] = []

    async def run(self) -> None:
        """Warn until cancelled."""
        unsubscribe = self._bus.subscribe(SignInChanged, lambda _: self._changed.set())
        try:
            while True:
                self._changed.clear()
                if self._look():
                    await self._settle_all()
                with suppress(TimeoutError):
                    await within(self._clock, _LOOK_S, self._changed.wait())
        finally:
            unsubscribe()

    def _look(self) -> bool:
        """Warn if it is time to; return whether there is nothing to warn of."""
        tokens = self._tokens.tokens
        if tokens is None:
            return False  # nobody has signed in yet: the feed says so
        ends_ns = tokens.refresh_expires_ns
        if self._tokens.refusal is not None:
            self._tell_once("over", f"{self._tokens.refusal} {_RENEW}", Priority.URGENT, ends_ns)
            return False
        if ends_ns is None:
            self._told = None
            return True
        left_ns = ends_ns - self._clock.now_ns()
        step = next((step for step in _STEPS if left_ns <= step.hours * _HOUR_NS), None)
        if step is not None:
            words = f"Your sign-in at Schwab {step.words}. {_RENEW}"
            self._tell_once(step.key, words, step.priority, ends_ns)
        return step is None

    async def _settle_all(self) -> None:
        """Take back what was told of the sign-in before this one."""
        told, self._standing = self._standing, []
        if not told:
            return
        try:
            await self._settle(told)
        except StorageFailed as error:
            log.warning("warnings of an old sign-in still stand", extra={"reason": str(error)})

    def _tell_once(self, key: str, words: str, priority: Priority, ends_ns: int | None) -> None:
        # What an earlier run has told is known to the notices, by the instant.
        if self._told != (key, ends_ns):
            self._told = (key, ends_ns)
            self._standing.append(
                self._notices.tell(f"schwab-sign-in-{key}", _TITLE, words, priority, about_ns=ends_ns)
            )
