"""Which symbols are not seen now: nothing is decided on them until they are heard again."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.domain.market import NS_PER_SECOND, MarketEvent, SightLost
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.market.intake import Intake
from tradeassist_desktop.services.market.event_time import EventTime
from tradeassist_desktop.services.market.feed_line import FeedLine
from tradeassist_desktop.services.market.silence import Silence
from tradeassist_desktop.services.market.trading_book import TradingBook

log = logging.getLogger(__name__)

DOWN: Final = {
    FeedState.STOPPED: "the feed has stopped",
    FeedState.CONNECTING: "the feed is connecting",
    FeedState.STALE: "the feed has gone silent",
    FeedState.RECONNECTING: "the feed is down and reconnecting",
    FeedState.REFUSED: "the feed is refused",
}
"""Why nothing can be decided; of the other states silence can be trusted."""
SILENT: Final = "nothing has come of it"
_LISTEN_EVERY_NS: Final = 1 * NS_PER_SECOND


class Sight:
    """Has the engine go blind, and the session's recording know of it.

    Args:
        intake: ``None`` where updates are believed as they come.
        note: Takes what a recording holds of it.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        lines: Sequence[FeedLine],
        trading: TradingBook,
        silence: Silence,
        intake: Intake | None,
        time: EventTime,
        note: Callable[[Iterable[MarketEvent]], None],
    ) -> None:
        self._engine = engine
        self._lines = lines
        self._trading = trading
        self._silence = silence
        self._intake = intake
        self._time = time
        self._note = note
        self._lost: dict[str, SightLost] = {}
        self._listen_due_ns = 0

    def lose(self, symbols: Iterable[str], reason: str, *, is_stale: bool = False) -> None:
        """Decide nothing on these symbols until they are heard again."""
        now_ns = self._time.present_ns()
        losses = [SightLost(now_ns, symbol, reason, is_stale) for symbol in symbols]
        self._engine.go_blind([lost.symbol for lost in losses], reason, is_stale=is_stale)
        self._lost.update((lost.symbol, lost) for lost in losses)
        if self._intake is not None:
            self._intake.begin_anew(lost.symbol for lost in losses)
        self._note(losses)

    def lose_line(self, line: FeedLine) -> None:
        """Decide nothing on a line's symbols until they are heard again."""
        self.lose(line.symbols, DOWN.get(line.status.state, SILENT))

    def lost(self) -> list[SightLost]:
        """Return the losses that still hold."""
        return [lost for symbol, lost in self._lost.items() if self._engine.is_blind(symbol)]

    def forget(self, symbols: Iterable[str]) -> None:
        """Take what silence these had as normal: their feed was down, or they did not trade."""
        self._silence.forget(symbols)

    def listen(self, now_ns: int, monotonic_ns: int) -> Sequence[str]:
        """Lose the symbols that are silent though they should not be; once a second, return them."""
        if monotonic_ns < self._listen_due_ns:
            return ()
        self._listen_due_ns = monotonic_ns + _LISTEN_EVERY_NS
        doubtful = (line for line in self._lines if line.is_seeing and not line.status.is_silence_proven)
        seen = frozenset[str]().union(*(line.symbols for line in doubtful))
        stale = self._silence.newly_stale(
            self._trading.trading(seen), monotonic_ns=monotonic_ns, event_ns=now_ns
        )
        heard_before = [symbol for symbol in stale if self._engine.updates(symbol)]
        if heard_before:
            log.info("symbols fell silent", extra={"symbols": sorted(heard_before)})
            self.lose(heard_before, SILENT, is_stale=True)
        return heard_before
