"""Has the market kept, a few symbols at a time, so that no beat takes long."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from tradeassist_desktop.domain.market import NS_PER_MS, NS_PER_SECOND, Bar
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.runtime.clock import Clock

_EVERY_NS: Final = 5 * NS_PER_SECOND
_BUDGET_NS: Final = NS_PER_MS // 4


class MarketStore(Protocol):
    """Where the market is kept; may lag, never blocks the caller."""

    def keep_market(self, bars: Sequence[Bar], states: Mapping[str, Any]) -> None:
        """Keep closed bars and what the market is, by symbol, together or not at all."""
        ...


class Keeping:
    """Keeps what has changed of each symbol: every five seconds, and as its bars close.

    A symbol's closed bars and its state go together: were a bar kept that its state has as still
    forming, a killed program would close it twice.
    """

    def __init__(self, *, engine: Engine, store: MarketStore, clock: Clock) -> None:
        self._engine = engine
        self._store = store
        self._clock = clock
        self._closed: dict[str, list[Bar]] = {}
        self._waiting: dict[str, None] = {}
        self._kept: dict[str, int] = {}
        self._due_ns = 0

    def take(self, closed: Sequence[Bar]) -> None:
        """Take closed bars; their symbols' turn is next."""
        for bar in closed:
            self._closed.setdefault(bar.symbol, []).append(bar)

    def beat(self, symbols: frozenset[str]) -> None:
        """Keep what is due, as far as a quarter of a millisecond reaches; the rest at the next beat."""
        now_ns = self._clock.monotonic_ns()
        if now_ns >= self._due_ns:
            self._due_ns = now_ns + _EVERY_NS
            self._waiting |= dict.fromkeys(sorted(symbols))  # neighbours on the disk
        self._keep(until_ns=now_ns + _BUDGET_NS)

    def finish(self, symbols: frozenset[str]) -> None:
        """Keep everything, quiet symbols too: up to when they were heard out is part of their state."""
        self._waiting |= dict.fromkeys(symbols)
        self._keep(until_ns=None)

    def _keep(self, *, until_ns: int | None) -> None:
        bars: list[Bar] = []
        states: dict[str, Any] = {}
        for symbol in [*self._closed, *self._waiting]:
            own = self._closed.pop(symbol, [])
            self._waiting.pop(symbol, None)
            updates = self._engine.updates(symbol)
            if own or until_ns is None or updates != self._kept.get(symbol):
                self._kept[symbol] = updates
                states |= self._engine.market_state((symbol,))
                bars.extend(own)
            if until_ns is not None and self._clock.monotonic_ns() >= until_ns:
                break
        if states or bars:
            self._store.keep_market(bars, states)
