"""The bars that have closed: this run's in memory, before them the kept ones."""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.runtime.aside import aside
from tradeassist_desktop.services.market.composing import composed, is_composable

CHART_TIMEFRAME: Final = "1m"
"""Of all that is watched, bars of this length are made and kept."""
SPARKLINE_MINUTES: Final = 30
_BARS_HELD: Final = 10_000


class BarStore(Protocol):
    """Where closed bars are kept."""

    async def bars(self, symbol: str, timeframe: str, limit: int) -> list[Bar]:
        """Return the newest ``limit`` closed bars, oldest first."""
        ...

    async def history(
        self, symbol: str, timeframe: str, count: int, before_ns: int | None = None
    ) -> list[Bar]:
        """Return bars from which so many closed ones are known: of this timeframe, and shorter ones."""
        ...

    async def last_bars(
        self, symbols: Iterable[str], timeframe: str, since_ns: int, before_ns: int
    ) -> dict[str, Bar]:
        """Return the newest bar of each symbol that starts in ``[since_ns, before_ns)``."""
        ...


class ClosedBars:
    """By symbol and timeframe.

    Args:
        store: ``None`` where none are kept.
    """

    def __init__(self, *, store: BarStore | None) -> None:
        self._store = store
        self._held: dict[tuple[str, str], deque[Bar]] = {}
        self._counts: dict[tuple[str, str], int] = {}
        self._recalled: set[tuple[str, str]] = set()

    def take(self, closed: Sequence[Bar]) -> None:
        """Take bars that have just closed."""
        for bar in closed:
            key = (bar.symbol, bar.timeframe)
            held = self._hold(key)
            if held and held[-1].start_ns > bar.start_ns:
                # The program was stopped within it, and the venue has told of it and of what followed.
                self.fill([bar])
                continue
            if held and held[-1].start_ns == bar.start_ns:
                held.pop()  # the venue had told of it before it closed here
            held.append(bar)
            self._counts[key] = self._counts.get(key, 0) + 1

    def mend(self, bars: Sequence[Bar]) -> None:
        """Put bars of one symbol and timeframe in the place of those held, and between them."""
        held = self._held.get((bars[0].symbol, bars[0].timeframe)) if bars else None
        if not held:
            return
        # Older ones than those held are on disk, and so is what lies between.
        mended = {bar.start_ns: bar for bar in bars if bar.start_ns >= held[0].start_ns}
        if not mended:
            return
        first_ns = min(mended)
        newest: dict[int, Bar] = {}
        while held and held[-1].start_ns >= first_ns:
            bar = held.pop()
            newest[bar.start_ns] = bar
        newest |= mended
        held.extend(newest[start_ns] for start_ns in sorted(newest))
        key = (bars[0].symbol, bars[0].timeframe)
        self._counts[key] = self._counts.get(key, 0) + 1

    def fill(self, bars: Sequence[Bar]) -> None:
        """Hold the bars of one symbol and timeframe that are missing from the oldest one held on."""
        held = self._held.get((bars[0].symbol, bars[0].timeframe)) if bars else None
        if held:
            there = {bar.start_ns for bar in held}
            self.mend([bar for bar in bars if bar.start_ns not in there])

    def put_before(self, bars: Sequence[Bar]) -> None:
        """Hold what a venue told of the last minutes before those held, too fresh to be kept yet."""
        if not bars:
            return
        held = self._hold((bars[0].symbol, bars[0].timeframe))
        held.extendleft(bar for bar in reversed(bars) if not held or bar.start_ns < held[0].start_ns)

    async def recall(self, symbol: str, timeframe: str, limit: int) -> None:
        """Hold the newest kept bars too, where fewer are held; once, until more are kept."""
        key = (symbol, timeframe)
        if self._store is None or key in self._recalled or len(self._held.get(key, ())) >= limit:
            return
        self._recalled.add(key)
        kept = await self._store.bars(symbol, timeframe, limit)
        held = self._hold(key)
        held.extendleft(bar for bar in reversed(kept) if not held or bar.start_ns < held[0].start_ns)

    def on_more_kept(self, symbol: str, timeframe: str) -> None:
        """Take note that there is more to recall than there was."""
        self._recalled.discard((symbol, timeframe))

    def held(self, symbol: str, timeframe: str) -> Sequence[Bar]:
        """Return the bars in memory, oldest first."""
        return self._held.get((symbol, timeframe), ())

    def count(self, symbol: str, timeframe: str) -> int:
        """Return a count that grows when a bar closes."""
        return self._counts.get((symbol, timeframe), 0)

    async def latest(self, symbol: str, timeframe: str, limit: int, now_ns: int) -> list[Bar]:
        """Return up to ``limit`` newest bars, oldest first: kept ones, then this run's.

        Where none of the timeframe are kept, they are made of shorter ones, but the one that is
        still forming at ``now_ns``.
        """
        if self._store is None or len(self.held(symbol, timeframe)) >= limit:
            return list(self.held(symbol, timeframe))[-limit:]
        kept = await self._kept(self._store, symbol, timeframe, limit, None, now_ns)
        # Only now: what closed while the disk was read is held, but perhaps not kept yet.
        held = list(self.held(symbol, timeframe))
        if held:
            kept = [bar for bar in kept if bar.start_ns < held[0].start_ns]
        return (kept + held)[-limit:]

    async def before(self, symbol: str, timeframe: str, before_ns: int, limit: int) -> list[Bar]:
        """Return up to ``limit`` bars that begin before an instant, oldest first, the newest of them."""
        held = [bar for bar in self.held(symbol, timeframe) if bar.start_ns < before_ns]
        if self._store is None or len(held) >= limit:
            return held[-limit:]
        kept_before_ns = held[0].start_ns if held else before_ns
        kept = await self._kept(
            self._store, symbol, timeframe, limit - len(held), kept_before_ns, kept_before_ns
        )
        return (kept + held)[-limit:]

    async def _kept(
        self, store: BarStore, symbol: str, timeframe: str, limit: int, before_ns: int | None, now_ns: int
    ) -> list[Bar]:
        kept = await store.history(symbol, timeframe, limit, before_ns)
        own = [bar for bar in kept if bar.timeframe == timeframe]
        if len(own) == len(kept) or not is_composable(timeframe):
            return own
        # Of weeks of minutes, so much that the window would notice.
        return await aside(lambda: _made(kept, own, timeframe, now_ns)[-limit:], name="bars")

    async def last(
        self, symbols: Iterable[str], timeframe: str, since_ns: int, before_ns: int
    ) -> dict[str, Bar]:
        """Return the newest bar of each symbol that starts in ``[since_ns, before_ns)``, held or kept."""
        found = {}
        for symbol in symbols:
            for bar in reversed(self.held(symbol, timeframe)):
                if bar.start_ns < before_ns:
                    if bar.start_ns >= since_ns:
                        found[symbol] = bar
                    break
        asked = [symbol for symbol in symbols if symbol not in found]
        if self._store is None or not asked:
            return found
        return found | await self._store.last_bars(asked, timeframe, since_ns, before_ns)

    def _hold(self, key: tuple[str, str]) -> deque[Bar]:
        return self._held.setdefault(key, deque(maxlen=_BARS_HELD))


def _made(kept: Sequence[Bar], own: Sequence[Bar], timeframe: str, now_ns: int) -> list[Bar]:
    """Return a timeframe's bars, those that are not kept made of the shorter ones among ``kept``."""
    shorter = [bar for bar in kept if bar.timeframe != timeframe]
    # The first may have begun before anything was kept.
    made = [
        bar
        for bar in composed(shorter, timeframe)
        if shorter[0].start_ns <= bar.start_ns and bar.end_ns <= now_ns
    ]
    by_start = {bar.start_ns: bar for bar in (*made, *own)}
    return [by_start[start_ns] for start_ns in sorted(by_start)]
