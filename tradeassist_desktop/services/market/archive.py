"""The market as it was: this run's bars in memory, and all that is kept where there is a disk for it."""

from collections.abc import Callable, Sequence
from math import inf
from typing import Any, Final

from tradeassist_desktop.domain.feed import FetchBars
from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.market.closed_bars import CHART_TIMEFRAME, SPARKLINE_MINUTES, ClosedBars
from tradeassist_desktop.services.market.keeping import Keeping
from tradeassist_desktop.services.market.market_store import MarketStore
from tradeassist_desktop.services.market.past import Past
from tradeassist_desktop.services.market.tick_keeping import TickKeeping

_MOST_FETCHED: Final = 100
"""Symbols whose last minutes are asked of a venue for their sparklines; rules and charts come first."""


class Archive:
    """Has the engine's bars taken and kept, and brings kept ones back.

    Args:
        store: ``None`` keeps nothing.
        fetch_bars: Asks the feed for bars of the past; ``None`` where it has none to offer.
        keeps_ticks: Whether the trader wants updates kept.
        watched: Returns the symbols of which a sparkline is drawn.
        on_grown: Told of symbol and timeframe when bars from the feed have been kept.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        store: MarketStore | None,
        clock: Clock,
        fetch_bars: FetchBars | None,
        keeps_ticks: Callable[[], bool],
        watched: Callable[[], Sequence[str]],
        on_grown: Callable[[str, str], None],
    ) -> None:
        self._engine = engine
        self._store = store
        self._watched = watched
        self._is_history_wanted = False
        self._on_grown = on_grown
        self.closed = ClosedBars(store=store)
        self.past: Past | None = None
        self.ticks: TickKeeping | None = None
        self._keeping: Keeping | None = None
        if store is not None:
            self.past = Past(
                engine=engine,
                store=store,
                closed=self.closed,
                clock=clock,
                fetch_bars=fetch_bars,
                on_grown=self._on_more_kept,
            )
            self.ticks = TickKeeping(store=store, is_wanted=keeps_ticks)
            self._keeping = Keeping(engine=engine, store=store, clock=clock)

    # --- what is over

    def take_bars(self) -> None:
        """Take the bars that have closed."""
        closed = self._engine.take_closed_bars()
        self.closed.take(closed)
        if self._keeping is not None:
            self._keeping.take(closed)

    def mend(self, bars: Sequence[Bar]) -> None:
        """Put a symbol's closed minutes in the place of what was seen of them."""
        self.take_bars()
        self.closed.mend(bars)
        if self._keeping is not None:
            self._keeping.take(bars)

    def flush_ticks(self, *, are_all: bool = False) -> None:
        """Have the updates kept that were gathered, of a part of the symbols or of all."""
        if self.ticks is not None and are_all:
            self.ticks.flush_all()
        elif self.ticks is not None:
            self.ticks.flush()

    def beat(self, symbols: frozenset[str]) -> None:
        """Have kept what is due of these symbols."""
        if self._keeping is not None:
            self._keeping.beat(symbols)

    def finish(self, symbols: frozenset[str]) -> None:
        """Have everything kept."""
        if self._keeping is not None:
            self._keeping.finish(symbols)

    # --- what was kept

    async def market_state(self) -> dict[str, Any] | None:
        """Return what the market was when it was last kept; ``None`` where nothing ever is."""
        return None if self._store is None else await self._store.market_state()

    def want_history(self) -> None:
        """Have bars looked for that rules may lack by now, within a quarter of a second."""
        self._is_history_wanted = True

    @property
    def is_history_wanted(self) -> bool:
        """Whether there may be bars to look for."""
        return self._is_history_wanted

    async def fill_history(self, *, limit_s: float = inf) -> None:
        """Give the engine, and whoever draws, the kept bars that they lack.

        What there is no time for is wanted still; what is not kept is for ``fetch_history``.
        """
        self._is_history_wanted = False
        if self.past is not None and not await self.past.fill(limit_s=limit_s):
            self._is_history_wanted = True
        for number, symbol in enumerate(self._watched()):
            await self.closed.recall(symbol, CHART_TIMEFRAME, SPARKLINE_MINUTES)
            is_short = len(self.closed.held(symbol, CHART_TIMEFRAME)) < SPARKLINE_MINUTES
            if self.past is not None and is_short and number < _MOST_FETCHED:
                self.past.want(symbol, CHART_TIMEFRAME, SPARKLINE_MINUTES)

    def _on_more_kept(self, symbol: str, timeframe: str) -> None:
        if timeframe == CHART_TIMEFRAME and symbol in self._watched():
            self.closed.on_more_kept(symbol, timeframe)
            self._is_history_wanted = True
        self._on_grown(symbol, timeframe)

    async def fetch_history(self) -> None:
        """Ask the feed for bars of the past that rules lack and the disk does not have, until cancelled."""
        if self.past is not None:
            await self.past.run()
