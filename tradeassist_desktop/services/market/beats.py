"""What is done between updates, twenty times a second: time passes, and what is known is kept."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from tradeassist_desktop.domain.events import SymbolsFellSilent
from tradeassist_desktop.domain.market import MarketEvent, TimerCall
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.gaps.watch import GapWatch
from tradeassist_desktop.services.market.archive import Archive
from tradeassist_desktop.services.market.event_time import EventTime
from tradeassist_desktop.services.market.feed_line import FeedLine
from tradeassist_desktop.services.market.raising import Raising
from tradeassist_desktop.services.market.sight import SILENT, Sight

_BEAT_S: Final = 0.05
_BEATS_A_LOOK: Final = 5
"""What is kept takes turns with the look at the time: an alert would wait for all of it at once."""


class Beats:
    """Keeps time for the engine, and has what it knows kept a little at a time.

    Args:
        subscribed: Returns the symbols that are streamed.
        gaps: ``None`` where nobody notices gaps.
        keeps_time: False for a replay, whose event time must not depend on how fast this machine is.
        note: Takes what a recording holds of it.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        lines: Sequence[FeedLine],
        sight: Sight,
        raising: Raising,
        archive: Archive,
        subscribed: Callable[[], frozenset[str]],
        gaps: GapWatch | None,
        time: EventTime,
        keeps_time: bool,
        note: Callable[[Iterable[MarketEvent]], None],
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._lines = lines
        self._sight = sight
        self._raising = raising
        self._archive = archive
        self._subscribed = subscribed
        self._gaps = gaps
        self._time = time
        self._keeps_time = keeps_time
        self._note = note
        self._bus = bus
        self._clock = clock

    async def run(self) -> None:
        """Look at the time, and in between have a little kept at a time, until cancelled."""
        for beat in itertools.count(1):
            await self._clock.sleep(_BEAT_S)
            if beat % _BEATS_A_LOOK == 0:
                self._look()
                if self._archive.is_history_wanted:
                    await self._archive.fill_history()
            elif beat % 2:
                self._keep_ticks()
            else:
                # Not in one beat with them: while those are written, this would take twice as long.
                self._keep_market()

    def flush(self) -> None:
        """Do what is due between updates: close bars, end holds, hand batches to the store."""
        self._look()
        self._keep_ticks()
        self._keep_market()

    def finish(self) -> None:
        """Hand over everything for the last time; ``keep`` follows once alerts are on disk."""
        self.flush()
        self._archive.flush_ticks(are_all=True)

    def keep(self) -> None:
        """Have the whole market kept as it ended, not ahead of alerts that could not be saved."""
        if self._raising.is_saved:
            self._archive.finish(self._subscribed())

    def _is_in_past(self) -> bool:
        # While the engine stands there nothing of the present is due, and nothing is to be kept.
        return self._gaps is not None and self._gaps.repair.is_telling

    def _look(self) -> None:
        if self._is_in_past():
            return
        if self._gaps is not None:
            self._gaps.look_around()
        now_ns, monotonic_ns = self._time.now_ns(), self._clock.monotonic_ns()
        # A feed that is down is no evidence that a condition has held.
        if self._keeps_time and now_ns is not None and any(line.is_seeing for line in self._lines):
            silent = self._sight.listen(now_ns, monotonic_ns)
            if silent:
                self._bus.publish(SymbolsFellSilent(symbols=tuple(silent)))
                if self._gaps is not None:
                    self._gaps.on_silent(silent, SILENT)
            self._note((TimerCall(now_ns),))
            alerts = self._engine.on_time(now_ns)
            if alerts:
                self._raising.take(alerts)
        elif self._keeps_time and now_ns is not None:
            self._engine.tell_time(now_ns)

    def _keep_ticks(self) -> None:
        if not self._is_in_past():
            self._archive.flush_ticks()

    def _keep_market(self) -> None:
        if self._is_in_past():
            return
        self._archive.take_bars()
        self._raising.save()
        # Not ahead of alerts: after a kill, what is kept as seen is not told again, whatever fired in it.
        if self._raising.is_saved:
            self._archive.beat(self._subscribed())
