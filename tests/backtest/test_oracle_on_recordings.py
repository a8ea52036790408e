"""The engine and the oracle find the same alerts over what markets really did."""

from itertools import islice

import pytest

from tests.backtest.agreement import is_same
from tests.backtest.cases import Case, Finding
from tests.backtest.conditions import (
    Arithmetic,
    Change,
    Comparison,
    Condition,
    Crossing,
    Field,
    Logic,
    Not,
    Number,
    OfBars,
    Range,
    Touch,
)
from tests.backtest.engine_under_test import EngineUnderTest
from tests.backtest.oracle import Oracle
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.rules import EvaluateOn, Rearm, Rule, Trigger
from tradeassist_desktop.paths import resources
from tradeassist_desktop.recordings import read

S = 1_000_000_000
LAST, SPREAD = Field("last"), Field("spread")


def case(symbol: str, condition: Condition, **keys: object) -> Case:
    return Case(
        Rule(
            **{"uid": str(condition), "name": str(condition), "symbols": (symbol,), "when": str(condition)}
            | keys
        ),
        condition,
    )


def ticks_cases() -> list[Case]:
    es = "/ESU24"
    level = Number(5529.0)
    return [
        case(es, Crossing(LAST, "above", level), cooldown_ns=30 * S),
        case(es, Crossing(LAST, "", Number(5528.875)), cooldown_ns=0),
        case(es, Comparison(SPREAD, ">", Number(0.25)), cooldown_ns=10 * S),
        case(es, Comparison(LAST, ">", level), hold_ns=5 * S, cooldown_ns=0),
        case(es, Comparison(LAST, ">=", Number(5529.25)), rearm=Rearm(0.5), cooldown_ns=1 * S),
        case(es, Range(LAST, "enters", level, Number(5529.25)), cooldown_ns=0),
        case(es, Touch(LAST, level), cooldown_ns=5 * S),
        case(es, Not(Comparison(SPREAD, "<=", Number(0.25))), trigger=Trigger.EVERY, cooldown_ns=20 * S),
        case(es, Comparison(Change("last", 60), ">=", Number(0.01, is_percent=True)), cooldown_ns=0),
        case(
            es,
            Comparison(OfBars("close", timeframe="5s"), ">", OfBars("sma", period=5, timeframe="5s")),
            cooldown_ns=0,
        ),
        case(es, Crossing(LAST, "below", OfBars("ema", period=3, timeframe="15s")), cooldown_ns=0),
        case(es, Comparison(OfBars("volume", timeframe="1s"), ">", OfBars("avg", "volume", 10, "1s", ago=1))),
        case(
            es,
            Logic(
                "and",
                (
                    Comparison(Field("bid_size"), ">=", Arithmetic(Number(3.0), "*", Field("ask_size"))),
                    Comparison(LAST, ">", OfBars("lowest", "low", 5, "5s")),
                ),
            ),
            trigger=Trigger.ONCE_PER_BAR,
            timeframe="30s",
            cooldown_ns=0,
        ),
    ]


def bars_cases() -> list[Case]:
    euro = "/6EH24"
    close = OfBars("close", timeframe="5m")
    return [
        case(
            euro, Crossing(OfBars("close"), "above", OfBars("ema", period=20)), timeframe="5m", cooldown_ns=0
        ),
        case(
            euro, Comparison(OfBars("rsi", period=14, timeframe="5m"), "<", Number(30.0)), cooldown_ns=600 * S
        ),
        case(euro, Crossing(LAST, "", Number(1.096)), cooldown_ns=300 * S),
        case(euro, Comparison(close, ">", OfBars("highest", "high", 20, "5m", ago=1)), cooldown_ns=0),
        case(
            euro, Comparison(Change("last", 300), "<=", Number(-0.05, is_percent=True)), trigger=Trigger.EVERY
        ),
        case(
            euro,
            Comparison(OfBars("volume", timeframe="1m"), ">", OfBars("volume", timeframe="1m", ago=1)),
            hold_ns=90 * S,
        ),
        case(
            euro,
            Comparison(LAST, ">", OfBars("sma", period=10, timeframe="15m")),
            on=EvaluateOn.BAR_CLOSE,
            cooldown_ns=0,
        ),
        case(euro, Range(OfBars("sma", period=20, timeframe="1m"), "exits", Number(1.0955), Number(1.0965))),
        case(
            euro,
            Comparison(close, "<", OfBars("low", timeframe="1h")),
            trigger=Trigger.ONCE_PER_BAR,
            timeframe="30m",
        ),
    ]


def compare(cases: list[Case], name: str, symbol: str, *, rows: int | None) -> list[Finding]:
    """Assert that both agree, and return what they found."""
    recording = read(resources() / "samples" / name, symbol=symbol, bar_label="end")
    events = list(islice(recording, rows))
    expected = Oracle(cases, {symbol: instrument_of(symbol)}).run(events)
    found = EngineUnderTest(cases, instrument_of).run(events)
    assert len(found) == len(expected)
    assert [pair for pair in zip(found, expected, strict=True) if not is_same(*pair)] == []
    return found


def test_both_agree_on_the_level_one_recording() -> None:
    cases = ticks_cases()

    found = compare(cases, "esu24-2024-07-02-level1.csv.gz", "/ESU24", rows=None)

    assert {finding.rule for finding in found} == {case.rule.name for case in cases}


def test_both_agree_on_a_day_of_minutes() -> None:
    found = compare(bars_cases(), "6eh24-2024-01-week2-1min.csv.gz", "/6EH24", rows=1_500)

    assert len({finding.rule for finding in found}) >= 7


@pytest.mark.long
def test_both_agree_on_a_week_of_minutes() -> None:
    cases = bars_cases()

    found = compare(cases, "6eh24-2024-01-week2-1min.csv.gz", "/6EH24", rows=None)

    assert {finding.rule for finding in found} == {case.rule.name for case in cases}
