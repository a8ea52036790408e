"""Tells the engine a past that was not seen, and mends the bars of it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Timing
from tradeassist_desktop.domain.market import Bar, MarketEvent, PastTold, Tick
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.look_back import LookBack
from tradeassist_desktop.services.market.archive import Archive

_MINUTES: Final = "1m"


class PastTelling:
    """Hands on what fired late and has the session's recording hold what was told.

    Args:
        hand_over: Takes alerts as they are raised.
        note: Takes what a recording holds of it.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        archive: Archive,
        hand_over: Callable[[Sequence[Alert]], None],
        note: Callable[[Iterable[MarketEvent]], None],
    ) -> None:
        self._engine = engine
        self._archive = archive
        self._hand_over = hand_over
        self._note = note

    def begin(self, symbols: Collection[str], since_ns: int) -> LookBack:
        """Begin to have rules decide on a stretch in which these symbols were not seen."""
        self._note([PastTold(since_ns, symbol) for symbol in symbols])
        return self._engine.look_back(symbols, since_ns)

    def tell(self, look: LookBack, tick: Tick) -> Sequence[Alert]:
        """Have rules decide on an update of the past; return what fired late."""
        late = self._raise(look.on_tick(tick))
        self._note((tick,))
        return late

    def end(self, look: LookBack, symbols: Collection[str], until_ns: int) -> Sequence[Alert]:
        """Have rules decide on what was due up to the end of the stretch; return what fired late."""
        late = self._raise(look.end(until_ns))
        self._note((PastTold(until_ns, min(symbols), is_over=True),))
        return late

    def minute(self, symbol: str, start_ns: int) -> Bar | None:
        """Return a minute as far as it was seen; ``None`` where nothing traded in it."""
        self._archive.take_bars()
        forming = self._engine.forming_bar(symbol, _MINUTES)
        if forming is not None and forming.start_ns == start_ns:
            return forming
        for bar in reversed(self._archive.closed.held(symbol, _MINUTES)):
            if bar.start_ns <= start_ns:
                return bar if bar.start_ns == start_ns else None
        return None

    def mend(self, bars: Sequence[Bar]) -> None:
        """Put a symbol's closed minutes in the place of what was seen of them."""
        self._archive.mend(bars)

    def _raise(self, alerts: Sequence[Alert]) -> Sequence[Alert]:
        if alerts:
            self._hand_over(alerts)
        return [
            alert for alert in alerts if alert.timing is Timing.LATE and alert.status is AlertStatus.FIRED
        ]
