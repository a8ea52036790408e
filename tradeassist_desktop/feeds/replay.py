"""The replay feed: recorded files as if they came in now, in their exact order and with their own times."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tradeassist_desktop.domain.feed import FeedSink
from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.domain.market import Bar, PastTold, SightLost, Tick, instant_ns
from tradeassist_desktop.feeds.replay_control import ReplayControl
from tradeassist_desktop.recordings import Recording, merge, read
from tradeassist_desktop.recordings.recording import BarLabel
from tradeassist_desktop.runtime.clock import Clock

_SLICE_S: Final = 0.004
_BUDGET_NS: Final = 4_000_000
_BATCH: Final = 256


class ReplayFeed:
    """A ``Feed`` that plays files to their end.

    Everything recorded is played, whatever is subscribed: rules decide what they read, as in a backtest.

    Args:
        paths: CSV or Parquet files, merged by time, stable in this order.
        symbol: What the rows are of in files without a symbol column.
        bar_label: Which end of a bar its time is.
        control: When each event is due; as recorded by default.
    """

    def __init__(
        self,
        *,
        paths: Sequence[Path],
        clock: Clock,
        symbol: str | None = None,
        bar_label: BarLabel = "start",
        control: ReplayControl | None = None,
    ) -> None:
        self._paths = tuple(paths)
        self._symbol = symbol
        self._bar_label = bar_label
        self._clock = clock
        self._control = ReplayControl(clock=clock) if control is None else control

    @property
    def name(self) -> str:
        """The word settings and the status bar use."""
        return "replay"

    def carries(self, symbol: str) -> bool:
        """Every symbol may be in a recording."""
        return True

    def subscribe(self, symbols: frozenset[str], first: frozenset[str] = frozenset()) -> None:
        """Take note of nothing: everything recorded is played."""

    def reconnect(self) -> None:
        """A recording is never refused."""

    async def run(self, sink: FeedSink) -> None:
        """Play to the end, then report FINISHED and return.

        Raises:
            BadInput: a file cannot be read.
        """
        names = ", ".join(path.name for path in self._paths)
        sink.on_status(FeedStatus(state=FeedState.CONNECTING, name=self.name, detail=f"Opening {names}."))
        # Finding the width of bars reads a whole file, so it is done beside the loop.
        recordings = await asyncio.to_thread(self._open)
        sink.on_status(
            FeedStatus(state=FeedState.LIVE, name=self.name, detail=f"Replaying {names}.", connects=1)
        )
        try:
            await self._play(recordings, sink)
        except asyncio.CancelledError:
            sink.on_status(FeedStatus(state=FeedState.STOPPED, name=self.name, connects=1))
            raise
        unread = sum(recording.tally.unreadable for recording in recordings)
        detail = f"{names} has ended."
        if unread:
            detail += f" {unread} rows could not be read."
        sink.on_status(
            FeedStatus(state=FeedState.FINISHED, name=self.name, detail=detail, connects=1, bad_frames=unread)
        )

    def _open(self) -> list[Recording]:
        return [read(path, symbol=self._symbol, bar_label=self._bar_label) for path in self._paths]

    async def _play(self, recordings: Sequence[Recording], sink: FeedSink) -> None:
        monotonic_ns, now_ns = self._clock.monotonic_ns, self._clock.now_ns
        control = self._control
        batch: list[Tick] = []
        budget_ends_ns = monotonic_ns() + _BUDGET_NS
        for event in merge(recordings):
            event_ns = instant_ns(event)
            wait_s = control.wait_s(event_ns)
            is_slice_over = wait_s > _SLICE_S or monotonic_ns() >= budget_ends_ns
            if batch and (is_slice_over or not isinstance(event, Tick) or len(batch) >= _BATCH):
                sink.on_ticks(batch)
                batch = []
            if is_slice_over:
                control.breathe()
                if wait_s > _SLICE_S:
                    await control.until_due(event_ns)
                else:
                    await self._clock.sleep(0.0)
                budget_ends_ns = monotonic_ns() + _BUDGET_NS
            control.played(event, event_ns)
            if isinstance(event, Tick):
                batch.append(event._replace(received_ns=now_ns()))
            elif isinstance(event, Bar):
                sink.on_bar(event)
            elif isinstance(event, SightLost):
                sink.on_sight_lost(event)
            elif isinstance(event, PastTold):
                sink.on_past_told(event)
            else:
                sink.on_timer(event.utc_ns)
        if batch:
            sink.on_ticks(batch)
        control.end()
