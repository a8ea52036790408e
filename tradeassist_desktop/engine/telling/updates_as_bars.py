"""What a rule reads of single updates, as bars tell it: near enough to be drawn, not to be decided with."""

from collections import deque
from collections.abc import Callable, Sequence

from tradeassist_desktop.domain.market import TIMEFRAMES, Bar
from tradeassist_desktop.engine.conditions import Duration, Operand
from tradeassist_desktop.engine.operands.specification import BarOperand, SessionStarts
from tradeassist_desktop.engine.operands.vwap import BarVwap


class BarChange:
    """Percent change of a bar's close against the last close at or before ``duration_ns`` ago.

    Where bars end when the duration begins, it is what ``change(last, …)`` says as the bar closes.
    """

    def __init__(self, *, duration_ns: int) -> None:
        self._duration_ns = duration_ns
        self._closes: deque[tuple[int, float]] = deque()

    def update(self, bar: Bar) -> float | None:
        """Take the next closed bar."""
        closes = self._closes
        closes.append((bar.end_ns, bar.close))
        while len(closes) > 1 and closes[1][0] <= bar.end_ns - self._duration_ns:
            closes.popleft()
        return self.peek(bar)

    def update_all(self, bars: Sequence[Bar]) -> list[float | None]:
        """Take many bars, and return the change after each."""
        return [self.update(bar) for bar in bars]

    def peek(self, bar: Bar) -> float | None:
        """Return the change with a bar that is still forming."""
        base: float | None = None
        for end_ns, close in self._closes:
            if end_ns > bar.end_ns - self._duration_ns:
                break
            base = close
        return 100.0 * (bar.close - base) / abs(base) if base else None


def timeframe_from_bars(operand: Operand, charted: str) -> str | None:
    """Return of which bars an operand of updates is drawn; ``None`` for what bars do not tell.

    Args:
        charted: The timeframe of the chart, the first choice.
    """
    if _is_vwap(operand):
        return charted
    duration = _duration(operand)
    if duration is None:
        return None
    fitting = [each for each, length_ns in TIMEFRAMES.items() if duration.nanoseconds % length_ns == 0]
    return charted if charted in fitting else fitting[-1] if fitting else None


def maker_from_bars(operand: Operand, starts: SessionStarts) -> Callable[[], BarOperand] | None:
    """Return what makes the series of an operand of updates; ``None`` for what bars do not tell."""
    if _is_vwap(operand):
        return lambda: BarVwap(session_start=starts.whole)
    duration = _duration(operand)
    return None if duration is None else lambda: BarChange(duration_ns=duration.nanoseconds)


def _is_vwap(operand: Operand) -> bool:
    return operand.name == "vwap" and operand.arguments is None


def _duration(operand: Operand) -> Duration | None:
    if operand.name != "change" or operand.arguments is None:
        return None
    field, duration = operand.arguments
    return duration if field == "last" and isinstance(duration, Duration) else None
