"""Notices every stretch without data, as it begins and as it ends."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tradeassist_desktop.domain.gaps import Gap, GapState
from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.gaps.job import Stretch
from tradeassist_desktop.services.gaps.ledger import GapLedger
from tradeassist_desktop.services.gaps.repair import GapRepair
from tradeassist_desktop.services.gaps.telling import PastTelling
from tradeassist_desktop.services.market.event_time import EventTime
from tradeassist_desktop.services.market.feed_line import FeedLine
from tradeassist_desktop.storage.faults import StorageFailed

log = logging.getLogger(__name__)

_FOR_CHARTS: Final = "Its minute came from the venue afterwards, too late for rules."
_ABSENT: Final = "the program was not running"
_NS_PER_HOUR: Final = 3600 * NS_PER_SECOND
_NS_PER_DAY: Final = 24 * _NS_PER_HOUR
_PATIENCE_NS: Final = 1 * NS_PER_SECOND
"""How long a feed that is back may bring nothing until its gap is taken as over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outage:
    """A feed's gap, the symbols of which there was something before it, and those known less long."""

    gap: Gap
    heard: frozenset[str]
    since_ns: Mapping[str, int]


class GapWatch:
    """Keeps the ledger, and has gaps repaired when they end.

    A feed's gap begins with the last that was heard of it, data or heartbeat, and ends when it is
    live again. So does the time in which the program did not run.

    Args:
        line_of: Returns the line a symbol is asked of.
        time: What time it is in the market.
        clock: What time it is here.
        hours: How far back a gap is repaired.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        ledger: GapLedger,
        repair: GapRepair,
        telling: PastTelling,
        line_of: Callable[[str], FeedLine],
        time: EventTime,
        clock: Clock,
        hours: Callable[[], float],
    ) -> None:
        self._ledger = ledger
        self.repair = repair
        self._engine = engine
        self._telling = telling
        self._line_of = line_of
        self._time = time
        self._clock = clock
        self._hours = hours
        self._outages: dict[str, _Outage] = {}
        self._back: dict[FeedLine, int] = {}
        self._silent: dict[str, tuple[Gap, int]] = {}

    async def start(self, known_until_ns: Mapping[str, int]) -> None:
        """Note that the program was not running, of feeds of which something was kept.

        Args:
            known_until_ns: By symbol, up to when all that came was kept.
        """
        try:
            await self._ledger.start()
        except StorageFailed as error:
            log.warning("the ledger of gaps cannot be read", extra={"reason": str(error)})
        by_line: dict[FeedLine, dict[str, int]] = {}
        for symbol, known_ns in known_until_ns.items():
            by_line.setdefault(self._line_of(symbol), {})[symbol] = known_ns
        for line, since_ns in by_line.items():
            self._begin_absent(line, since_ns)

    def on_down(self, line: FeedLine, reason: str) -> None:
        """Note that nothing comes of a feed; one that is down already stays so."""
        self._back.pop(line, None)
        outage = self._outages.get(line.name)
        if outage is not None and outage.gap.until_ns is None and not self.repair.is_repairing(line):
            line.forget_held()  # of a connection that was lost again: it lies within the gap
        is_given_up = self.repair.give_up(line, None if outage is None else outage.gap)
        if outage is not None and (outage.gap.until_ns is None or is_given_up):
            gap = self._ledger.change(outage.gap, until_ns=None, state=GapState.OPEN)
            self._outages[line.name] = replace(outage, gap=gap)
            return
        self._outages.pop(line.name, None)
        if line.heard_ns is None or not line.symbols:
            return
        from_ns = self._time.instant_ns(line.heard_ns)
        if outage is not None and outage.gap.until_ns is not None:
            from_ns = max(from_ns, outage.gap.until_ns)
        self._hear(line.symbols, from_ns)
        heard = frozenset(symbol for symbol in line.symbols if self._engine.updates(symbol))
        gap = self._ledger.note(feed=line.name, from_ns=from_ns, reason=reason)
        self._outages[line.name] = _Outage(gap=gap, heard=heard, since_ns={})

    def on_live(self, line: FeedLine) -> None:
        """Note that a feed is back, and have its gap repaired.

        Where rules wait for that, its end is told by the first update: a feed that plays a recording,
        or runs faster than time, has a present of its own.
        """
        outage = self._outages.get(line.name)
        if outage is None or outage.gap.until_ns is not None:
            return
        if self.repair.would_hold(line.symbols) and not line.holds_any:
            line.hold()
            self._back[line] = self._clock.monotonic_ns()
        else:
            self._end(line, outage)

    def on_held(self, line: FeedLine) -> None:
        """Hear that an update waits for the repair."""
        # The first word of a delayed stream does not tell by how much: of a second's it is the newest.
        if line in self._back and not line.status.delayed & line.symbols:
            del self._back[line]
            self._end(line, self._outages[line.name])

    def on_missed(self, line: FeedLine, symbol: str, from_ns: int, until_ns: int, reason: str) -> None:
        """Note that updates of one symbol were lost, and have the gap repaired."""
        gap = self._ledger.note(
            feed=line.name, symbol=symbol, from_ns=from_ns, until_ns=until_ns, reason=reason
        )
        self.repair.begin(line, gap, {symbol: Stretch(from_ns, until_ns)})

    def on_silent(self, symbols: Iterable[str], reason: str) -> None:
        """Note that nothing comes of symbols on a feed that works."""
        for symbol in symbols:
            quote = self._engine.quote(symbol)
            assert quote is not None
            feed = self._line_of(symbol).name
            gap = self._ledger.note(
                feed=feed, symbol=symbol, from_ns=quote.event_ns, reason=reason, state=GapState.SILENT
            )
            self._silent[symbol] = (gap, self._engine.updates(symbol))

    def on_venue_bars(self, bars: Sequence[Bar]) -> None:
        """Take a venue's own minutes where they know more than was seen.

        They come too late for rules: they are for charts, and for what starts from kept bars.
        """
        first_ns = min((bar.start_ns for bar in bars), default=0)
        gaps = [
            gap
            for gap in self._ledger.newest()
            if gap.state is not GapState.SILENT and (gap.until_ns is None or gap.until_ns > first_ns)
        ]
        found = []
        for bar in bars:
            missed = [gap for gap in gaps if _overlaps(gap, bar, self._line_of(bar.symbol).name)]
            if missed or self._telling.minute(bar.symbol, bar.start_ns) is None:
                found.append(bar)
            for gap in missed:
                if gap.state is GapState.MISSING and bar.start_ns <= gap.from_ns and _ends_in(gap, bar):
                    gaps.remove(gap)
                    gaps.append(self._ledger.change(gap, state=GapState.PARTLY, bars=1, detail=_FOR_CHARTS))
        for bar in found:  # of one symbol each
            self._telling.mend((bar,))

    def look_around(self) -> None:
        """Note which silent symbols have been heard again, and which feeds are back without a word."""
        for line, since_ns in list(self._back.items()):
            if self._clock.monotonic_ns() - since_ns >= _PATIENCE_NS:
                del self._back[line]
                self._end(line, self._outages[line.name])
        heard = [
            symbol for symbol, (_, count) in self._silent.items() if self._engine.updates(symbol) != count
        ]
        self._hear(heard, self._time.present_ns())

    def is_to_wait(self, line: FeedLine) -> bool:
        """Whether what comes before a line is live waits for the repair of its gap."""
        outage = self._outages.get(line.name)
        return outage is not None and outage.gap.until_ns is None and self.repair.would_hold(line.symbols)

    def _end(self, line: FeedLine, outage: _Outage) -> None:
        gap, until_ns = outage.gap, self._time.present_ns()
        delayed = line.symbols & line.status.delayed
        if outage.since_ns and not delayed and 0 < self._clock.now_ns() - until_ns < _NS_PER_DAY:
            # The first update since the start may be of a share that seldom trades.
            until_ns = self._clock.now_ns()
        oldest_ns = until_ns - int(self._hours() * _NS_PER_HOUR)
        if gap.from_ns < oldest_ns:
            self._ledger.note(
                feed=gap.feed,
                from_ns=gap.from_ns,
                until_ns=oldest_ns,
                reason=gap.reason,
                state=GapState.MISSING,
                detail="Longer ago than bars are fetched.",
            )
            gap = self._ledger.change(gap, from_ns=oldest_ns)
        until_ns = max(until_ns, gap.from_ns)
        gap = self._ledger.change(gap, until_ns=until_ns)
        self._outages[line.name] = replace(outage, gap=gap)
        heard = line.symbols & outage.heard
        since_ns = {
            symbol: max(oldest_ns, min(gap.from_ns, outage.since_ns.get(symbol, gap.from_ns)))
            for symbol in heard
        }
        # What a delayed stream is still to bring must not be told of bars that are not delayed.
        seen_ns = _newest_ns(line, delayed)
        stretches = {
            symbol: Stretch(since_ns, end_ns)
            for symbol, since_ns in since_ns.items()
            if (end_ns := min(until_ns, seen_ns) if symbol in delayed else until_ns) >= since_ns
        }
        self.repair.begin(line, gap, stretches)

    def _begin_absent(self, line: FeedLine, since_ns: Mapping[str, int]) -> None:
        from_ns = max(since_ns.values())
        open_before = None
        for gap in self._ledger.unfinished:
            if gap.feed != line.name:
                continue
            if not gap.symbol and open_before is None:
                open_before = gap  # it went on, or was not yet repaired
                continue
            state = GapState.SILENT if gap.state is GapState.SILENT else GapState.MISSING
            self._ledger.change(gap, until_ns=gap.until_ns or max(from_ns, gap.from_ns), state=state)
        if open_before is not None:
            from_ns = min(from_ns, open_before.from_ns)
            gap = self._ledger.change(open_before, until_ns=None, reason=_and_absent(open_before.reason))
        else:
            gap = self._ledger.note(feed=line.name, from_ns=from_ns, reason=_ABSENT)
        self._outages[line.name] = _Outage(gap=gap, heard=frozenset(since_ns), since_ns=since_ns)

    def _hear(self, symbols: Iterable[str], now_ns: int) -> None:
        for symbol in symbols:
            gap, _ = self._silent.pop(symbol, (None, 0))
            if gap is not None:
                self._ledger.change(gap, until_ns=max(now_ns, gap.from_ns))


def _newest_ns(line: FeedLine, symbols: frozenset[str]) -> int:
    """Return the newest stamp of these symbols that waits; 0 where none does."""
    held = line.held() if symbols else {}
    return max((tick.event_ns for symbol in symbols for tick in held.get(symbol, ())), default=0)


def _overlaps(gap: Gap, bar: Bar, feed: str) -> bool:
    return (
        gap.feed == feed
        and gap.symbol in ("", bar.symbol)
        and gap.from_ns < bar.end_ns
        and (gap.until_ns is None or gap.until_ns > bar.start_ns)
    )


def _ends_in(gap: Gap, bar: Bar) -> bool:
    return gap.until_ns is not None and gap.until_ns <= bar.end_ns


def _and_absent(reason: str) -> str:
    return reason if _ABSENT in reason else f"{reason}; then {_ABSENT}"
