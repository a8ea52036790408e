"""Plays recorded files: every row one update, in order, paced."""

import asyncio
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar, Tick
from tradeassist_desktop.recordings import merge, read
from tradeassist_desktop.recordings.recording import BarLabel
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.source import Floor, Listing, listing_of

_SLICE_S = 0.005
_BATCH = 256


class Playback:
    """A source that plays recordings, beginning at the first subscription of one of their symbols.

    Args:
        paths: CSV or Parquet files, merged by time.
        symbols: Every symbol in them, as ``recorded_symbols`` finds.
        symbol: The symbol of files that name none.
        bar_label: Which end of a bar its time is: ``start`` or ``end``.
        speed: Times as fast as recorded; 0 is as fast as the client reads.
        is_looping: Begin anew at the end, with times moved on so that time never goes back.
        settle_s: Wait this long after the first subscription for a client's further ones.
    """

    def __init__(
        self,
        *,
        paths: Sequence[Path],
        symbols: Iterable[str],
        clock: Clock,
        symbol: str | None = None,
        bar_label: BarLabel = "start",
        speed: float = 1.0,
        is_looping: bool = False,
        settle_s: float = 0.2,
    ) -> None:
        self._paths = tuple(paths)
        self._symbol = symbol
        self._bar_label = bar_label
        self._clock = clock
        self._speed = speed
        self._is_looping = is_looping
        self._settle_s = settle_s
        self._listings = {symbol: listing_of(symbol) for symbol in sorted(symbols)}
        self._volumes: dict[str, float] = {}

    @property
    def listings(self) -> Mapping[str, Listing]:
        """Every symbol of the recordings."""
        return self._listings

    async def run(self, floor: Floor) -> None:
        """Play to the end, or for ever if looping."""
        await floor.wait_for_subscriber(frozenset(self.listings))
        await self._clock.sleep(self._settle_s)
        shift_ns = 0
        while True:
            length_ns = await self._play_once(floor, shift_ns)
            if not self._is_looping:
                return
            shift_ns += length_ns

    async def _play_once(self, floor: Floor, shift_ns: int) -> int:
        """Play one pass; return by how much the next one's times must be moved."""
        first_ns: int | None = None
        newest_ns = 0
        started_ns = self._clock.monotonic_ns()
        batch: list[Tick] = []
        for tick in self._ticks(shift_ns):
            if first_ns is None:
                first_ns = newest_ns = tick.event_ns
            newest_ns = max(newest_ns, tick.event_ns)
            wait_s = self._wait_s(newest_ns - first_ns, started_ns)
            if wait_s > _SLICE_S:
                await floor.publish(batch)
                batch = []
                await self._clock.sleep(self._wait_s(newest_ns - first_ns, started_ns))
            batch.append(tick)
            if len(batch) >= _BATCH:
                await _publish_in_turn(floor, batch)
                batch = []
        await _publish_in_turn(floor, batch)
        return newest_ns - (first_ns or 0) + NS_PER_SECOND

    def _wait_s(self, elapsed_ns: int, started_ns: int) -> float:
        if self._speed == 0:
            return 0.0
        due_ns = started_ns + elapsed_ns / self._speed
        return (due_ns - self._clock.monotonic_ns()) / NS_PER_SECOND

    def _ticks(self, shift_ns: int) -> Iterator[Tick]:
        # Bars have no place on this wire: what is left of one is its close and the volume so far.
        for event in self._events():
            if isinstance(event, Bar):
                if not math.isnan(event.volume):
                    self._volumes[event.symbol] = self._volumes.get(event.symbol, 0.0) + event.volume
                continue
            volume = event.volume if event.volume is not None else self._volumes.get(event.symbol)
            yield event._replace(event_ns=event.event_ns + shift_ns, volume=volume)

    def _events(self) -> Iterator[Tick | Bar]:
        return _events(self._paths, self._symbol, self._bar_label)


async def _publish_in_turn(floor: Floor, batch: list[Tick]) -> None:
    # While the client reads as fast as we write, publishing never suspends: others need their turn.
    await floor.publish(batch)
    await asyncio.sleep(0)


def recorded_symbols(
    paths: Sequence[Path], *, symbol: str | None = None, bar_label: BarLabel = "start"
) -> frozenset[str]:
    """Read files through and return the symbols in them.

    Raises:
        BadInput: a file cannot be read.
    """
    return frozenset(event.symbol for event in _events(paths, symbol, bar_label))


def _events(paths: Sequence[Path], symbol: str | None, bar_label: BarLabel) -> Iterator[Tick | Bar]:
    for event in merge([read(path, symbol=symbol, bar_label=bar_label) for path in paths]):
        if isinstance(event, Tick | Bar):  # a venue knows nothing of its clients' timers and outages
            yield event
