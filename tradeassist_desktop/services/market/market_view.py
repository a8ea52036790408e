"""The market as it is now, for whoever looks."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.health import FeedStatus, Refusal
from tradeassist_desktop.domain.market import TIMEFRAMES, Bar, Instrument, Quote, TradingStatus
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.market.intake import Intake
from tradeassist_desktop.services.market.closed_bars import CHART_TIMEFRAME, SPARKLINE_MINUTES, ClosedBars
from tradeassist_desktop.services.market.event_time import EventTime
from tradeassist_desktop.services.market.feed_line import FeedLine, least_trusted
from tradeassist_desktop.services.market.instrument_book import InstrumentBook
from tradeassist_desktop.services.market.past import Past
from tradeassist_desktop.services.market.trading_book import TradingBook

EARLIER_AT_ONCE: Final = 2_000
"""How many bars are brought when a chart is moved back."""
_FETCHED_TO_SHOW: Final = 1_500


@dataclass(frozen=True, slots=True)
class EarlierBars:
    """Bars before those that are shown, oldest first.

    Args:
        is_more_likely: Whether it is worth asking again, for those before them.
        reason: Why the venue told of none, where it could not.
    """

    bars: Sequence[Bar]
    is_more_likely: bool
    reason: str = ""


class MarketView:
    """Reads what the engine and the feeds' lines know; decides nothing.

    Args:
        line_of: Returns the line a symbol is asked of.
        past: ``None`` where nothing before this run is known.
        ticks_total: Returns how many updates and recorded bars have come.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        lines: Sequence[FeedLine],
        line_of: Callable[[str], FeedLine],
        instruments: InstrumentBook,
        trading: TradingBook,
        intake: Intake | None,
        closed: ClosedBars,
        past: Past | None,
        time: EventTime,
        ticks_total: Callable[[], int],
    ) -> None:
        self._engine = engine
        self._lines = lines
        self._line_of = line_of
        self._instruments = instruments
        self._trading = trading
        self._intake = intake
        self._closed = closed
        self._past = past
        self._time = time
        self._ticks_total = ticks_total

    # --- the feeds

    @property
    def feed_status(self) -> FeedStatus:
        """The state of the feed that is to be trusted least."""
        return least_trusted(self._lines)

    @property
    def feed_statuses(self) -> tuple[FeedStatus, ...]:
        """The state of each feed, the main one first."""
        return tuple(line.status for line in self._lines)

    @property
    def ticks_total(self) -> int:
        """How many updates and recorded bars have come since the start."""
        return self._ticks_total()

    def event_now_ns(self) -> int:
        """Return the present in event time."""
        return self._time.present_ns()

    def gate_counts(self) -> dict[str, int]:
        """Return how often each gate had something to do, by reason."""
        return self._engine.gate_counts() | ({} if self._intake is None else self._intake.gates.counts)

    def rejected(self) -> dict[str, int]:
        """Return how much was kept from the rules, by reason."""
        return self._engine.rejected() | ({} if self._intake is None else self._intake.gates.rejected())

    def refusals(self) -> dict[str, tuple[Refusal, ...]]:
        """Return the newest that each gate had to do with, oldest first."""
        return self._engine.refusals() | ({} if self._intake is None else self._intake.gates.refusals())

    # --- a symbol

    def instrument(self, symbol: str) -> Instrument:
        """Return what is known of a symbol; what its spelling tells until the feed told more."""
        return self._instruments.lookup(symbol)

    def quote(self, symbol: str) -> Quote | None:
        """Return the merged state; ``None`` while nothing has come."""
        return self._engine.quote(symbol)

    def updates(self, symbol: str) -> int:
        """Return how many updates were applied: unchanged means there is nothing to repaint."""
        return self._engine.updates(symbol)

    def trading(self, symbol: str) -> TradingStatus:
        """Return whether a symbol trades now, as its venue says."""
        return self._trading.status(symbol)

    def feed_of(self, symbol: str) -> str:
        """Return the name of the feed a symbol is asked of."""
        return self._line_of(symbol).name

    def is_blind(self, symbol: str) -> bool:
        """Whether sight of a symbol was lost, and nothing has been heard of it since."""
        return self._engine.is_blind(symbol)

    def is_silent(self, symbol: str) -> bool:
        """Whether the symbol is subscribed on a live feed and nothing has come."""
        return self._engine.updates(symbol) == 0 and self._line_of(symbol).is_seeing

    def is_unheard(self, symbol: str) -> bool:
        """Whether its feed works, and nothing has come of a symbol since it was asked for or unseen.

        A gap in which nothing traded has its rules see again, but brings nothing of a symbol.
        """
        line = self._line_of(symbol)
        is_heard = symbol not in line.awaited and not self._engine.is_blind(symbol)
        return not is_heard and line.is_seeing and symbol in line.symbols

    # --- its bars

    def forming_bar(self, symbol: str, timeframe: str) -> Bar | None:
        """Return the bar being built; ``None`` before its first trade, or before ``bars`` was asked for."""
        return self._engine.forming_bar(symbol, timeframe)

    def closed_bars_count(self, symbol: str, timeframe: str) -> int:
        """Return a count that grows when a bar closes."""
        return self._closed.count(symbol, timeframe)

    async def bars(self, symbol: str, timeframe: str, limit: int) -> list[Bar]:
        """Return up to ``limit`` newest closed bars, oldest first: kept ones, then this run's.

        What the venue has of them is asked for at the first call; ``HistoryGrew`` tells when it is there.
        """
        if self._past is not None:
            # A longer bar that is forming has begun before now: the minutes since then make it.
            minutes = TIMEFRAMES[timeframe] // TIMEFRAMES[CHART_TIMEFRAME]
            await self._past.recall(symbol, CHART_TIMEFRAME, minutes)
            if minutes > 1:
                self._past.want(symbol, CHART_TIMEFRAME, minutes)
            self._past.want(symbol, timeframe, min(limit, _FETCHED_TO_SHOW))
        self._engine.watch_bars(symbol, timeframe)
        return await self._closed.latest(symbol, timeframe, limit, self._time.present_ns())

    async def earlier_bars(self, symbol: str, timeframe: str, before_ns: int, shown: int) -> EarlierBars:
        """Return closed bars that begin before an instant: kept ones, else the venue's.

        Args:
            shown: How many there are from that instant on.
        """
        bars = await self._closed.before(symbol, timeframe, before_ns, EARLIER_AT_ONCE)
        if len(bars) == EARLIER_AT_ONCE or self._past is None:
            return EarlierBars(bars, is_more_likely=len(bars) == EARLIER_AT_ONCE)
        try:
            await self._past.deepen(symbol, timeframe, shown + EARLIER_AT_ONCE)
        except TradeAssistError as error:
            return EarlierBars(bars, is_more_likely=bool(bars), reason=str(error))
        bars = await self._closed.before(symbol, timeframe, before_ns, EARLIER_AT_ONCE)
        return EarlierBars(bars, is_more_likely=bool(bars))

    async def last_heard(self, symbols: Iterable[str], since_ns: int, before_ns: int) -> dict[str, Bar]:
        """Return the newest minute bar of each symbol in a stretch; the venue is not asked for any."""
        return await self._closed.last(symbols, CHART_TIMEFRAME, since_ns, before_ns)

    def sparkline(self, symbol: str) -> Sequence[float]:
        """Return the last 30 minutes' closes and the last price, oldest first."""
        bars = self._closed.held(symbol, CHART_TIMEFRAME)
        closes = [bar.close for bar in list(bars)[-SPARKLINE_MINUTES:]]
        quote = self._engine.quote(symbol)
        if quote is not None and quote.last is not None:
            closes.append(quote.last)
        return closes
