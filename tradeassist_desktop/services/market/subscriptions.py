"""What is asked of the feeds: the watchlist's symbols, the rules', and some besides."""

from collections.abc import Callable, Sequence

from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.services.market.closed_bars import CHART_TIMEFRAME
from tradeassist_desktop.services.market.feed_line import FeedLine
from tradeassist_desktop.services.market.sight import Sight


class Subscriptions:
    """The whole set of symbols, each asked of the first line that carries it.

    Args:
        watched: Returns the trader's symbols.
        sight: Loses those that are asked for again; ``None`` where that is the recording's to say.
        on_renewed: Called when there may be symbols of which the past is not known yet.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        lines: Sequence[FeedLine],
        watched: Callable[[], Sequence[str]],
        sight: Sight | None,
        on_renewed: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._lines = lines
        self._watched = watched
        self._sight = sight
        self._on_renewed = on_renewed
        self._also: frozenset[str] = frozenset()
        self._subscribed: frozenset[str] = frozenset()

    @property
    def subscribed(self) -> frozenset[str]:
        """What the feeds were asked for last."""
        return self._subscribed

    def wanted(self) -> frozenset[str]:
        """Return what they are to be asked for."""
        return frozenset(self._watched()) | self._engine.symbols() | self._also

    def line_of(self, symbol: str) -> FeedLine:
        """Return the line a symbol is asked of; what none carries is asked of the last."""
        return next((line for line in self._lines if line.carries(symbol)), self._lines[-1])

    def watch_bars(self) -> frozenset[str]:
        """Have bars made of all that is wanted, and return it."""
        wanted = self.wanted()
        for symbol in wanted:
            self._engine.watch_bars(symbol, CHART_TIMEFRAME)
        return wanted

    def renew(self) -> None:
        """Tell the feeds the whole set of symbols."""
        wanted = self.watch_bars()
        for line in self._lines:
            own = frozenset(symbol for symbol in wanted if self.line_of(symbol) is line)
            line.subscribe(own, self._engine.symbols())
        if self._sight is not None:
            again = [symbol for symbol in wanted - self._subscribed if self._engine.updates(symbol)]
            self._sight.lose(again, "not heard since it was subscribed")
        self._subscribed = wanted
        self._on_renewed()

    def watch_also(self, symbols: frozenset[str]) -> None:
        """Ask for these besides what the watchlist and rules need; instead of the ones of the last call."""
        if symbols != self._also:
            self._also = symbols
            if self.wanted() != self._subscribed:
                self.renew()

    def reconnect(self, name: str) -> None:
        """Have the feed of that name try again after a refusal."""
        for line in self._lines:
            if line.name == name:
                line.reconnect()
