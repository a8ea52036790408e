"""What is looked at of an alert before anybody knows what it was worth."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import cos, log1p, pi, sin
from typing import Final
from zoneinfo import ZoneInfo

from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Timing
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.engine.calendars.sessions import NEW_YORK

NAMES: Final = (
    "time of day",
    "time of day",
    "time since this rule's alert before",
    "this rule's alerts in the last hour",
    "all alerts in the last 10 m",
    "priority",
    "how this rule's alerts did before",
    "how this symbol's alerts did before",
    "told late",
)
"""What each feature is, in order, for people; two of one name belong together."""

_ZONE: Final = ZoneInfo(NEW_YORK)
_DAY_S: Final = 86_400
_HOUR_NS: Final = 3_600 * NS_PER_SECOND
_TEN_MINUTES_NS: Final = 600 * NS_PER_SECOND

Features = tuple[float, ...]
"""One number for each of ``NAMES``."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an alert's worth, and since when.

    Args:
        is_worth: It was worth its trader's time.
        since_ns: When that was known: no alert before may be judged by it.
        by_verdict: The trader said so; else its outcome did.
    """

    is_worth: bool
    since_ns: int
    by_verdict: bool


class Past:
    """The alerts so far, as the features of the next one need them. Added to in order of event time."""

    def __init__(self) -> None:
        self._all: list[int] = []
        self._of_rule: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self._rules: defaultdict[str, _Record] = defaultdict(_Record)
        self._symbols: defaultdict[str, _Record] = defaultdict(_Record)

    def add(self, alert: Alert, known: Known | None = None) -> None:
        """Take an alert, and what is known of its worth."""
        if alert.status is not AlertStatus.FIRED:
            return
        self._all.append(alert.event_ns)
        self._of_rule[alert.rule_uid, alert.symbol].append(alert.event_ns)
        if known is not None:
            self._rules[alert.rule_uid].add(known)
            self._symbols[alert.symbol].add(known)

    def features(self, alert: Alert) -> Features:
        """Return what is looked at of an alert; only what was before it counts."""
        at_ns = alert.event_ns
        moment = datetime.fromtimestamp(at_ns // NS_PER_SECOND, UTC).astimezone(_ZONE)
        turn = 2 * pi * (moment.hour * 3_600 + moment.minute * 60 + moment.second) / _DAY_S
        own = self._of_rule.get((alert.rule_uid, alert.symbol), [])
        before = bisect_left(own, at_ns)
        since_s = (at_ns - own[before - 1]) / NS_PER_SECOND if before else _DAY_S
        return (
            sin(turn),
            cos(turn),
            log1p(min(since_s, _DAY_S)),
            log1p(_between(own, at_ns - _HOUR_NS, at_ns)),
            log1p(_between(self._all, at_ns - _TEN_MINUTES_NS, at_ns)),
            float(alert.priority.loudness),
            self._rules[alert.rule_uid].share(at_ns),
            self._symbols[alert.symbol].share(at_ns),
            float(alert.timing is not Timing.LIVE),
        )


class _Record:
    """How often alerts of one kind were worth it, by when that was known."""

    __slots__ = ("_at_ns", "_worth")

    def __init__(self) -> None:
        self._at_ns: list[int] = []
        self._worth: list[bool] = []

    def add(self, known: Known) -> None:
        place = bisect_right(self._at_ns, known.since_ns)
        self._at_ns.insert(place, known.since_ns)
        self._worth.insert(place, known.is_worth)

    def share(self, at_ns: int) -> float:
        """Return the share of those known by then, drawn towards a half as long as they are few."""
        count = bisect_right(self._at_ns, at_ns)
        return (sum(self._worth[:count]) + 1) / (count + 2)


def _between(times: Sequence[int], from_ns: int, before_ns: int) -> int:
    return bisect_left(times, before_ns) - bisect_left(times, from_ns)


def samples(alerts: Iterable[tuple[Alert, Known | None]]) -> list[tuple[Features, bool, int]]:
    """Return features, worth and event time of each alert whose worth is known, in order of time.

    Args:
        alerts: In order of event time, all that fired.
    """
    past = Past()
    found = []
    for alert, known in alerts:
        if known is not None and alert.status is AlertStatus.FIRED:
            found.append((past.features(alert), known.is_worth, alert.event_ns))
        past.add(alert, known)
    return found
