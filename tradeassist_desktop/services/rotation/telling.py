"""What the trader is told: that a secret is due and only he can replace it, or that it could not be done."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.rotation import Rotation, RotationStep
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.rotation.due import SecretFacts
from tradeassist_desktop.services.rotation.words import HINTS, title

FAILURES_TOLD: Final = 3
"""So many in a row are told."""

_DAY_NS: Final = 86_400_000_000_000
_MINUTE_NS: Final = 60_000_000_000


class Tells(Protocol):
    """Makes an alert of a notice, once for each ``key`` and ``about_ns``; as ``Notices`` does."""

    def tell(
        self, key: str, title: str, text: str, priority: Priority, *, about_ns: int | None = None
    ) -> str:
        """Tell it; return the alert's id."""
        ...


class RotationNotices:
    """Tells each thing once a day at most, also over restarts, and takes it back once it is mended.

    Args:
        settle: Marks alerts as seen, by their ids.
    """

    def __init__(
        self, *, notices: Tells, settle: Callable[[Sequence[str]], Awaitable[None]], clock: Clock
    ) -> None:
        self._notices = notices
        self._settle = settle
        self._clock = clock
        self._told: dict[str, dict[tuple[str, int], str]] = {}

    def remind(self, rotation: Rotation, *, due_ns: int) -> None:
        """Tell that a secret is due, if it is, and reminders do not rest."""
        now_ns = self._clock.now_ns()
        if now_ns < max(due_ns, rotation.snoozed_until_ns or 0):
            return
        name = title(rotation.secret)
        days = (now_ns - rotation.since_ns) // _DAY_NS
        self._tell(
            rotation.secret,
            "rotate",
            f"{name}: time for a new one",
            f"It is {days} days old or more. {HINTS.get(rotation.secret, '')}".strip(),
            Priority.LOW,
            about_ns=_day_since(due_ns, now_ns),
        )

    def tell_failed(self, rotation: Rotation, facts: SecretFacts | None) -> None:
        """Tell that a secret could not be replaced, if that was so often enough in a row."""
        if rotation.failures < FAILURES_TOLD:
            return
        now_ns, name = self._clock.now_ns(), title(rotation.secret)
        if rotation.step in (RotationStep.RETIRE, RotationStep.DESTROY):
            what = f"{name}: the old one could not be ended"
            words = "The new one is in use."
        else:
            what = f"{name}: no new one after {rotation.failures} tries"
            words = f"The old one goes on.{_ending(facts, now_ns)}"
        self._tell(
            rotation.secret,
            "rotation-failed",
            what,
            f"{_sentence(rotation.detail)} {words} It is tried again by itself.",
            Priority.HIGH,
            about_ns=_day_since(rotation.since_ns, now_ns),
        )

    def tell_unkept(self, rotation: Rotation) -> None:
        """Tell at once that a new secret is in memory only, and would be lost with the program."""
        name = title(rotation.secret)
        self._tell(
            rotation.secret,
            "rotation-unkept",
            f"{name}: a new one came and cannot be kept",
            f"{_sentence(rotation.detail)} Do not end the program until this is mended: the old one may not "
            "be renewed again. It is tried again every minute.",
            Priority.URGENT,
            about_ns=rotation.started_ns,
        )

    async def settle(self, secret: str) -> None:
        """Take back what was told of a secret: there is a new one."""
        ids = tuple(self._told.pop(secret, {}).values())
        if ids:
            await self._settle(ids)

    def _tell(
        self, secret: str, kind: str, what: str, words: str, priority: Priority, *, about_ns: int
    ) -> None:
        # What an earlier run has told is known to the notices, by the instant.
        told = self._told.setdefault(secret, {})
        if (kind, about_ns) not in told:
            key = f"{kind}-{secret}"
            told[kind, about_ns] = self._notices.tell(key, what, words, priority, about_ns=about_ns)


def _day_since(since_ns: int, now_ns: int) -> int:
    """Return when the day began that it is, counted from an instant."""
    return since_ns + max(0, (now_ns - since_ns) // _DAY_NS) * _DAY_NS


def _ending(facts: SecretFacts | None, now_ns: int) -> str:
    if facts is None or facts.expires_ns is None:
        return ""
    left = (facts.expires_ns - now_ns) // _MINUTE_NS
    if left <= 0:
        return " It has run out."
    return f" It runs out in {left} minutes." if left < 180 else f" It runs out in {left // 60} hours."


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}{'' if reason.endswith(('.', '?')) else '.'}"
