"""Tells the trader when a feed has been down for a while, and when it is back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.durations import told_duration
from tradeassist_desktop.domain.events import FeedChanged
from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.notices import Notices
from tradeassist_desktop.services.routing.inhibition import Inhibition

_LOOK_S: Final = 1.0
_DOWN: Final = frozenset({FeedState.CONNECTING, FeedState.STALE, FeedState.RECONNECTING, FeedState.REFUSED})


@dataclass(slots=True, kw_only=True)
class _Outage:
    """One stretch without a feed: since when on the monotonic clock, and by the wall clock."""

    status: FeedStatus
    since_ns: int
    began_ns: int
    is_told: bool = False


class FeedWatch:
    """Follows every feed on the bus; one notice for each outage that lasts, and one for its end.

    Args:
        limit_s: How long a feed may be down before it is told.
        blind_rules: Counts the rules that cannot decide now.
        inhibition: Mutes warnings that are part of an outage.
    """

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        notices: Notices,
        inhibition: Inhibition,
        limit_s: Callable[[], float],
        blind_rules: Callable[[], int],
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._notices = notices
        self._inhibition = inhibition
        self._limit_s = limit_s
        self._blind_rules = blind_rules
        self._outages: dict[str, _Outage] = {}

    async def run(self) -> None:
        """Watch until cancelled."""
        unsubscribe = self._bus.subscribe(FeedChanged, self._on_feed)
        try:
            while True:
                await self._clock.sleep(_LOOK_S)
                self._look()
        finally:
            unsubscribe()

    def _on_feed(self, event: FeedChanged) -> None:
        status = event.status
        outage = self._outages.get(status.name)
        if _is_down(status):
            if outage is None:
                self._inhibition.begin(feed_key(status.name), f"no data from {status.name.capitalize()}")
                self._outages[status.name] = _Outage(
                    status=status, since_ns=self._clock.monotonic_ns(), began_ns=self._clock.now_ns()
                )
            else:
                outage.status = status
            return
        if outage is not None:
            del self._outages[status.name]
            muted = self._inhibition.end(feed_key(status.name))
            if outage.is_told and status.state is FeedState.LIVE:
                self._tell_back(outage, muted)

    def _look(self) -> None:
        limit_ns = self._limit_s() * NS_PER_SECOND
        for outage in self._outages.values():
            if not outage.is_told and self._clock.monotonic_ns() - outage.since_ns >= limit_ns:
                outage.is_told = True
                self._tell_down(outage)

    def _tell_down(self, outage: _Outage) -> None:
        name = outage.status.name
        blind = self._blind_rules()
        rules = (
            f"{rules_words(blind)} blind: silence cannot be trusted."
            if blind
            else "No active rule depends on it."
        )
        self._notices.tell(
            feed_key(name),
            f"No data from {name.capitalize()}",
            f"The feed has been down for {self._how_long(outage)}. {rules} {outage.status.detail}".rstrip(),
            Priority.HIGH,
            about_ns=outage.began_ns,
        )

    def _tell_back(self, outage: _Outage, muted: int) -> None:
        name = outage.status.name
        warnings = f" Warnings of its symbols that were not sent meanwhile: {muted:,}." if muted else ""
        self._notices.tell(
            f"feed-back:{name}",
            f"Data from {name.capitalize()} again",
            f"The feed is back after {self._how_long(outage)}.{warnings}",
            Priority.NORMAL,
            about_ns=outage.began_ns,
        )

    def _how_long(self, outage: _Outage) -> str:
        seconds = round((self._clock.monotonic_ns() - outage.since_ns) / NS_PER_SECOND)
        return told_duration(seconds * NS_PER_SECOND)


def _is_down(status: FeedStatus) -> bool:
    """Whether nothing comes of a feed though something is wanted; else it has nothing to do, or ends."""
    return status.state in _DOWN or (status.state is FeedState.STOPPED and bool(status.discarded))


def feed_key(name: str) -> str:
    """Return what stands while a feed is down, for what is part of that."""
    return f"feed-down:{name}"


def rules_words(count: int) -> str:
    """Return a count of rules with its verb: ``3 rules are``."""
    return "1 rule is" if count == 1 else f"{count:,} rules are"
