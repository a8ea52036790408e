"""Rules over a few events, through public doors; seconds count from 2024-07-02T00:00:00Z, a Tuesday."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import TIMEFRAMES, Bar, Tick, TimerCall
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.rulefiles.rulefile import parse_rules
from tradeassist_desktop.engine.studies.backtest import backtest

SECOND_NS = 1_000_000_000
START_NS = 1_719_878_400 * SECOND_NS
SIMPLE = {"name": "up", "symbol": "/ES", "when": "last > 100"}


def ns(second: float) -> int:
    return START_NS + round(second * SECOND_NS)


def rule(when: str, *, hold: float = 0, cooldown: float = 0, **policies: Any) -> Rule:
    """A rule on /ES without cooldown, its name its condition."""
    plain: dict[str, Any] = {"uid": when, "name": when[:100], "symbols": ("/ES",), "when": when}
    times = {"hold_ns": round(hold * SECOND_NS), "cooldown_ns": round(cooldown * SECOND_NS)}
    return Rule(**plain | times | policies)


def tick(second: float, last: float | None = None, *, symbol: str = "/ES", **fields: Any) -> Tick:
    return Tick(symbol, ns(second), 0, last=last, **fields)


def ticks(*lasts: float, symbol: str = "/ES") -> list[Tick]:
    """One trade a second, from second 0 on."""
    return [tick(second, last, symbol=symbol) for second, last in enumerate(lasts)]


def bar(
    start: float,
    close: float,
    *,
    timeframe: str = "1m",
    symbol: str = "/ES",
    volume: float = 1.0,
    **more: float,
) -> list[Bar | Tick]:
    """A recorded bar and the update that follows it."""
    end_ns = ns(start) + TIMEFRAMES[timeframe]
    prices = (more.get("open", close), more.get("high", close), more.get("low", close), close)
    return [Bar(symbol, timeframe, ns(start), end_ns, *prices, volume), Tick(symbol, end_ns, 0, last=close)]


def bars(*closes: float, timeframe: str = "1m", symbol: str = "/ES") -> list[Bar | Tick]:
    """Recorded bars one after the other, from second 0 on."""
    width = TIMEFRAMES[timeframe] / SECOND_NS
    return [
        event
        for number, close in enumerate(closes)
        for event in bar(number * width, close, timeframe=timeframe, symbol=symbol)
    ]


def engine(*rules: Rule) -> Engine:
    made = Engine(instruments=instrument_of)
    made.set_rules(rules)
    return made


def run(
    rules: str | Rule | Sequence[Rule], events: Sequence[Tick | Bar | TimerCall], **policies: Any
) -> list[Alert]:
    """Everything raised, over events as a file would hold them."""
    if isinstance(rules, str):
        rules = rule(rules, **policies)
    return list(backtest(events, engine(*([rules] if isinstance(rules, Rule) else rules))))


def fired(alerts: Sequence[Alert]) -> list[float]:
    """The seconds of those that fired."""
    return [(alert.event_ns - START_NS) / SECOND_NS for alert in alerts if alert.status == "fired"]


def told(alerts: Sequence[Alert]) -> list[tuple[float, str, str | None]]:
    """Second, status and reason of each."""
    return [((each.event_ns - START_NS) / SECOND_NS, str(each.status), each.reason) for each in alerts]


def rule_file(*rules: object, **more: object) -> bytes:
    return json.dumps({"format": "tradeassist-rules", "version": 1, "rules": rules, **more}).encode()


def read_rule(**keys: object) -> Rule:
    """The rule of a file with one rule: the simplest one, with these keys."""
    (only,) = parse_rules(rule_file(SIMPLE | keys))
    return only


def faults(content: bytes) -> list[str]:
    with pytest.raises(BadInput) as refused:
        parse_rules(content)
    return [str(fault) for fault in refused.value.faults]


def refusal(**keys: object) -> str:
    """What is wrong with the simplest rule with these keys; a key given as None is left out."""
    (fault,) = faults(rule_file({key: value for key, value in (SIMPLE | keys).items() if value is not None}))
    return fault
