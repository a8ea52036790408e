"""Figures of deliveries for whoever looks: how many arrived, how fast, and why the others did not."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tradeassist_desktop.domain.channel_names import CHANNEL_NAMES
from tradeassist_desktop.domain.delivery import Attempt
from tradeassist_desktop.domain.delivery_figures import (
    ChannelFigures,
    DeliveryPick,
    FailureReason,
    Latencies,
    LatencyPoint,
    PickedDeliveries,
    Span,
)
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.records import AlertRecord
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.delivery.lane import LaneReading
from tradeassist_desktop.storage import alerts, attempts
from tradeassist_desktop.storage import delivery_figures as rows
from tradeassist_desktop.storage.database import Database

_MINUTE_NS: Final = 60 * NS_PER_SECOND
_HOUR_NS: Final = 60 * _MINUTE_NS
_POINTS_NS: Final = {
    Span.HOUR: _MINUTE_NS,
    Span.DAY: 30 * _MINUTE_NS,
    Span.WEEK: 3 * _HOUR_NS,
    Span.MONTH: 12 * _HOUR_NS,
}
"""How long one point of latencies over time is."""
_MOST_POINTS: Final = 60
_MOST_PICKED: Final = 200
_RANKS: Final = (0.5, 0.95, 0.99)
_NONE: Final = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """All figures over one span.

    Args:
        since_ns: From when on it counts, 0 for all; until ``taken_ns``. UTC nanoseconds.
        channels: Those set up now, and those with figures; in the order settings have them.
        reasons: The most frequent first.
        lanes: How each channel that is set up is now, by name.
    """

    span: Span
    since_ns: int
    taken_ns: int
    channels: tuple[ChannelFigures, ...]
    reasons: tuple[FailureReason, ...]
    lanes: dict[str, LaneReading]


class DeliveryFigures:
    """Reads them from the database, one channel a transaction: an alert that fires meanwhile goes between.

    Args:
        lanes: Returns how each channel is now.
    """

    def __init__(
        self, *, database: Database, clock: Clock, lanes: Callable[[], Sequence[LaneReading]]
    ) -> None:
        self._database = database
        self._clock = clock
        self._lanes = lanes

    def lanes(self) -> dict[str, LaneReading]:
        """Return how each channel that is set up is now, with what waits for it, by name."""
        return {lane.name: lane for lane in self._lanes()}

    async def report(self, span: Span) -> DeliveryReport:
        """Count.

        Raises:
            StorageFailed: the database could not be read.
        """
        now_ns = self._clock.now_ns()
        since_ns = _since_ns(span, now_ns)
        lanes = self.lanes()
        names = tuple(dict.fromkeys((*CHANNEL_NAMES, *lanes)))
        point_ns = _POINTS_NS.get(span) or await self._point_ns(names, now_ns)
        channels: list[ChannelFigures] = []
        reasons: list[FailureReason] = []
        for name in names:
            figures = await self._channel(name, since_ns=since_ns, point_ns=point_ns)
            reasons += await self._database.read(partial(rows.reasons, channel=name, since_ns=since_ns))
            if figures.states or name in lanes:
                channels.append(figures)
        reasons.sort(key=lambda reason: (-reason.count, -reason.last_ns))
        return DeliveryReport(
            span=span,
            since_ns=since_ns,
            taken_ns=now_ns,
            channels=tuple(channels),
            reasons=tuple(reasons),
            lanes=lanes,
        )

    async def picked(self, pick: DeliveryPick, span: Span) -> PickedDeliveries:
        """Return the deliveries a figure stands for, at most 200 of them.

        Raises:
            StorageFailed: the database could not be read.
        """
        since_ns = _since_ns(span, self._clock.now_ns())
        return await self._database.read(
            partial(rows.picked, pick=pick, since_ns=since_ns, limit=_MOST_PICKED)
        )

    async def attempts(self, alert_id: str) -> tuple[Attempt, ...]:
        """Return every attempt to send an alert, in the order they began.

        Raises:
            StorageFailed: the database could not be read.
        """
        return tuple(await self._database.read(partial(attempts.of_alert, alert_id=alert_id)))

    async def record(self, alert_id: str) -> AlertRecord | None:
        """Return a stored alert, however old, with what became of it; ``None`` if there is none.

        Raises:
            StorageFailed: the database could not be read.
        """
        found = await self._database.read(partial(alerts.by_ids, ids=[alert_id]))
        return found[0] if found else None

    async def _channel(self, name: str, *, since_ns: int, point_ns: int) -> ChannelFigures:
        read = self._database.read
        counts = await read(partial(rows.counts, channel=name, since_ns=since_ns))
        if not counts.states:
            return ChannelFigures(name)
        took = await read(partial(rows.latencies, channel=name, since_ns=since_ns, point_ns=point_ns))
        requests = await read(partial(rows.requests, channel=name, since_ns=since_ns))
        return ChannelFigures(
            channel=name,
            states=counts.states,
            mutings=counts.mutings,
            retries=counts.retries,
            latency=percentiles(np.concatenate([*took.values(), _NONE])),
            attempts=percentiles(requests),
            points=tuple(
                LatencyPoint(from_ns, from_ns + point_ns, percentiles(part)) for from_ns, part in took.items()
            ),
        )

    async def _point_ns(self, names: Sequence[str], now_ns: int) -> int:
        """Return how long a point must be so that not too many cover all there is."""
        first_ns = await self._database.read(partial(rows.first_end_ns, channels=names))
        least_ns = (now_ns - (first_ns or now_ns)) // _MOST_POINTS
        hours = max(12, -(-least_ns // _HOUR_NS))
        return (-(-hours // 12)) * 12 * _HOUR_NS


def percentiles(durations_ns: NDArray[np.int64]) -> Latencies:
    """Return the percentiles (nearest rank) of durations, shape (n,)."""
    count = len(durations_ns)
    if not count:
        return Latencies()
    places = [_place(share, count) for share in _RANKS]
    ordered = np.partition(durations_ns, places)
    p50, p95, p99 = (int(ordered[place]) for place in places)
    return Latencies(count, p50, p95, p99)


def _place(share: float, count: int) -> int:
    return math.ceil(share * count) - 1


def _since_ns(span: Span, now_ns: int) -> int:
    return 0 if span.length_ns is None else now_ns - span.length_ns
