"""Several sources as one: who has a symbol is asked about it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tradeassist_desktop.app.schwab_login import SchwabLogin
from tradeassist_desktop.app.sources import Source
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.feed import Feed, FetchBars, FetchGap
from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.feeds.schwab.rest import SchwabRest


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The desk's sources, the main one first. A replay is always alone."""

    sources: tuple[Source, ...]

    @property
    def main(self) -> Source:
        """The source that gives the desk its venue."""
        return self.sources[0]

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """Every source's feed."""
        return tuple(source.feed for source in self.sources)

    @property
    def venues(self) -> tuple[str, ...]:
        """Every source's venue."""
        return tuple(source.venue for source in self.sources)

    @property
    def label(self) -> str:
        """What they are, for people."""
        return " and ".join(source.label for source in self.sources)

    @property
    def beside(self) -> Mapping[str, Callable[[str], bool]]:
        """The venues beside the main one, each with what tells whether a symbol is one of its."""
        return {source.venue: source.feed.carries for source in self.sources[1:]}

    @property
    def fetch_bars(self) -> FetchBars | None:
        """What asks the source of a symbol for bars of the past; ``None`` where none has any."""
        return self._fetch_bars if any(source.fetch_bars for source in self.sources) else None

    @property
    def fetch_gap(self) -> FetchGap | None:
        """What asks the source of a symbol for the bars of a gap; ``None`` where none has any."""
        return self._fetch_gap if any(source.fetch_gap for source in self.sources) else None

    @property
    def login(self) -> SchwabLogin | None:
        """What signing in needs; ``None`` where no source wants it."""
        return next((source.login for source in self.sources if source.login is not None), None)

    @property
    def rest(self) -> SchwabRest | None:
        """What answers single questions; ``None`` where no source does."""
        return next((source.rest for source in self.sources if source.rest is not None), None)

    def watchlist(self, kept: Sequence[str], usual: Sequence[str]) -> tuple[str, ...]:
        """Return what to watch: what the trader chose, and of a source without any of it its first symbols.

        Args:
            usual: Stands for the main source's symbols where it does not say what it has.
        """
        watched = list(kept) or list(self.main.symbols or usual)
        for source in self.sources:
            if not any(self.of(symbol) is source and source.feed.carries(symbol) for symbol in watched):
                watched += source.symbols
        return tuple(watched)

    def of(self, symbol: str) -> Source:
        """Return the source a symbol is asked of: the first that carries it, else the last."""
        return next((each for each in self.sources if each.feed.carries(symbol)), self.sources[-1])

    async def _fetch_bars(self, symbol: str, timeframe: str, count: int) -> Sequence[Bar]:
        source = self.of(symbol)
        if source.fetch_bars is None:
            raise TradeAssistError(f"{source.label} has no bars of the past.")
        return await source.fetch_bars(symbol, timeframe, count)

    async def _fetch_gap(self, symbol: str, from_ns: int, until_ns: int) -> Sequence[Bar]:
        source = self.of(symbol)
        if source.fetch_gap is None:
            raise TradeAssistError(f"{source.label} has no bars of the past.")
        return await source.fetch_gap(symbol, from_ns, until_ns)
