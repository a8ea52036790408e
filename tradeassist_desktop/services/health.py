"""Measures the desk once a second, for whoever looks."""

import math
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from tradeassist_desktop.domain.events import HealthMeasured
from tradeassist_desktop.domain.health import HealthReport, Percentiles
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.market.market_view import MarketView

_PROBE_S: Final = 0.05
_PROBES_KEPT: Final = 1200  # one minute


def percentiles(durations_ns: Iterable[int]) -> Percentiles:
    """Return median, 99th percentile (nearest rank) and maximum of durations."""
    ordered = sorted(durations_ns)
    if not ordered:
        return Percentiles()

    def rank(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)] / 1e6

    return Percentiles(count=len(ordered), p50_ms=rank(0.5), p99_ms=rank(0.99), max_ms=ordered[-1] / 1e6)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReading:
    """What alerting, outbox and channels have to say for one reading.

    ``decided_ns`` and ``saved_ns`` are recent durations from an update's receipt until its
    alert was decided and was safe on disk.
    """

    decided_ns: tuple[int, ...]
    saved_ns: tuple[int, ...]
    outbox_pending: int
    storage_queue: int
    storage_error: str | None
    channels: dict[str, str]


class Health:
    """Takes readings at 1 Hz and publishes them; the event loop's lag is probed every 50 ms.

    Args:
        database_file: Its size, with the write-ahead log's, is a reading.
        delivery: Asked once a second.
    """

    def __init__(
        self,
        *,
        market: MarketView,
        bus: Bus,
        clock: Clock,
        database_file: Path,
        delivery: Callable[[], DeliveryReading],
    ) -> None:
        self._market = market
        self._bus = bus
        self._clock = clock
        self._database_file = database_file
        self._delivery = delivery
        self._lags_ns: deque[int] = deque(maxlen=_PROBES_KEPT)
        self.report: HealthReport | None = None

    async def run(self) -> None:
        """Measure until cancelled."""
        process = psutil.Process()
        process.cpu_percent()
        ticks_before, taken_before_ns = self._market.ticks_total, self._clock.monotonic_ns()
        while True:
            await self._probe_for_a_second()
            now_ns = self._clock.monotonic_ns()
            elapsed_s = (now_ns - taken_before_ns) / NS_PER_SECOND
            ticks = self._market.ticks_total
            self.report = self._measure(process, (ticks - ticks_before) / elapsed_s if elapsed_s > 0 else 0.0)
            ticks_before, taken_before_ns = ticks, now_ns
            self._bus.publish(HealthMeasured(report=self.report))

    async def _probe_for_a_second(self) -> None:
        started_ns = self._clock.monotonic_ns()
        while self._clock.monotonic_ns() - started_ns < NS_PER_SECOND:
            before_ns = self._clock.monotonic_ns()
            await self._clock.sleep(_PROBE_S)
            lag_ns = self._clock.monotonic_ns() - before_ns - int(_PROBE_S * NS_PER_SECOND)
            self._lags_ns.append(max(0, lag_ns))

    def _measure(self, process: psutil.Process, ticks_per_second: float) -> HealthReport:
        reading = self._delivery()
        return HealthReport(
            taken_ns=self._clock.now_ns(),
            feed=self._market.feed_status,
            ticks_per_second=ticks_per_second,
            ticks_total=self._market.ticks_total,
            loop_lag=percentiles(self._lags_ns),
            tick_to_alert=percentiles(reading.decided_ns),
            tick_to_saved=percentiles(reading.saved_ns),
            outbox_pending=reading.outbox_pending,
            storage_queue=reading.storage_queue,
            storage_error=reading.storage_error,
            database_bytes=_size(self._database_file),
            memory_bytes=process.memory_info().rss,
            cpu_percent=process.cpu_percent(),
            rejected=self._market.rejected(),
            channels=reading.channels,
        )


def _size(file: Path) -> int:
    total = 0
    for part in (file, file.with_name(file.name + "-wal")):
        try:
            total += part.stat().st_size
        except OSError:
            continue  # no write-ahead log now, or no database yet
    return total
