from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_SECOND, TIMEFRAMES, Bar, Tick
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.engine import Engine

START_NS = 1_719_878_400 * NS_PER_SECOND  # 2024-07-02T00:00:00Z, a Tuesday


class Desk:
    """An engine with seconds since START_NS for times and ``/ES`` for everything unsaid."""

    def __init__(self) -> None:
        self.engine = Engine(instruments=instrument_of)

    def rules(self, *rules: Rule) -> "Desk":
        self.engine.set_rules(rules)
        return self

    def tick(self, at: float, symbol: str = "/ES", **fields: Any) -> Sequence[Alert]:
        event_ns = START_NS + round(at * NS_PER_SECOND)
        return self.engine.on_tick(Tick(symbol, event_ns, 0, **fields))

    def lasts(self, *prices: float, every: float = 1.0) -> list[float]:
        """Send one trade a second; return the seconds at which something fired."""
        fired: list[float] = []
        for number, price in enumerate(prices):
            fired += seconds(self.tick(number * every, last=price))
        return fired

    def bar(
        self, start: float, timeframe: str, close: float, symbol: str = "/ES", **more: float
    ) -> Sequence[Alert]:
        """Send a recorded bar and the tick that follows it."""
        start_ns = START_NS + round(start * NS_PER_SECOND)
        end_ns = start_ns + TIMEFRAMES[timeframe]
        high, low = more.get("high", close), more.get("low", close)
        bar = Bar(
            symbol,
            timeframe,
            start_ns,
            end_ns,
            more.get("open", close),
            high,
            low,
            close,
            more.get("volume", 1.0),
        )
        before = self.engine.on_bar(bar)
        return [*before, *self.engine.on_tick(Tick(symbol, end_ns, 0, last=close))]


def seconds(alerts: Sequence[Alert]) -> list[float]:
    return [(alert.event_ns - START_NS) / NS_PER_SECOND for alert in alerts if alert.status == "fired"]


def make_rule(when: str, **more: Any) -> Rule:
    """Return a rule on /ES without cooldown; durations in seconds as ``hold_s``, ``cooldown_s``."""
    name = more.pop("name", when)
    symbols = more.pop("symbols", ("/ES",))
    hold_ns = round(more.pop("hold_s", 0) * NS_PER_SECOND)
    cooldown_ns = round(more.pop("cooldown_s", 0) * NS_PER_SECOND)
    return Rule(name, name[:100], symbols, when, hold_ns=hold_ns, cooldown_ns=cooldown_ns, **more)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def rule() -> Callable[..., Rule]:
    return make_rule


@pytest.fixture
def fired_at() -> Callable[[Sequence[Alert]], list[float]]:
    return seconds
