"""What a made-up past suggests about rules."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_SECOND, TIMEFRAMES, Bar, Tick
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.rulefiles.rulefile import quick_rule
from tradeassist_desktop.engine.studies.backtest import backtest
from tradeassist_desktop.engine.studies.scores import Scores
from tradeassist_desktop.engine.studies.suggesting.levels import moved_levels
from tradeassist_desktop.engine.studies.suggesting.study import Findings, Study
from tradeassist_desktop.engine.studies.suggesting.suggestion import Advice, Suggestion, per_day
from tradeassist_desktop.engine.studies.suggesting.walk_forward import folds

MINUTE = TIMEFRAMES["1m"]
MONDAY = datetime(2024, 7, 1, 13, 30, tzinfo=UTC)
"""The opening in New York."""

Price = Callable[[int, int], float]
"""The price at a minute of a day, both counted from 0."""


def minutes(price: Price, *, days: int, a_day: int = 390) -> Iterator[Bar | Tick]:
    """Say minutes as a recording of bars does: each, then its close as an update."""
    for day in range(days):
        opening = int((MONDAY + timedelta(days=day)).timestamp()) * NS_PER_SECOND
        for minute in range(a_day):
            start = opening + minute * MINUTE
            value = price(day, minute)
            yield Bar("SPY", "1m", start, start + MINUTE, value, value, value, value, 1_000.0)
            yield Tick("SPY", start + MINUTE, 0, last=value)


def study(text: str, price: Price, *, days: int = 12, wish: float | None = None) -> Findings:
    made = Study(rule=quick_rule(f"SPY {text}", uid="of the trader"), wish_a_day=wish, tick_size=0.01)
    engine = Engine(instruments=instrument_of)
    engine.set_rules(made.rules())
    scores = Scores(rules=made.rules(), instruments=instrument_of)
    for _ in backtest(minutes(price, days=days), engine, scores=scores):
        pass
    return made.findings(scores.reports())


def of(advice: Advice, findings: Findings) -> list[Suggestion]:
    return [each for each in findings.suggestions if each.advice is advice]


def in_flurries(day: int, minute: int) -> float:
    """Passes 500 five times within ten minutes, once an hour, and falls back by 0.10 in between."""
    within = minute % 60
    return 500.05 if within < 10 and within % 2 == 0 else 499.95 if within < 10 else 498.0


def test_a_rule_that_fires_in_flurries_gets_a_cooldown_and_a_distance_that_leave_the_first_of_each() -> None:
    findings = study("last > 500", in_flurries)
    cooldown, distance = of(Advice.FLURRIES, findings)
    assert findings.fired == 12 * 35
    assert cooldown.after is not None
    assert distance.after is not None
    assert cooldown.after.cooldown_ns == 600 * NS_PER_SECOND
    assert distance.after.rearm.amount == 0.1
    assert "Fires 35 times a day, 80 % of the time within 2 m" in cooldown.evidence
    assert "would leave 7 times a day" in cooldown.evidence
    assert "7 times a day in place of 35 times a day, and 14 of 14 flurries" in cooldown.proof
    assert "held in 3 of 3" in cooldown.proof


def test_what_a_change_is_judged_on_comes_after_all_it_was_chosen_on() -> None:
    for suggestion in study("last > 500", in_flurries, wish=7).suggestions:
        if suggestion.after is not None and suggestion.fold is not None:
            assert suggestion.fold.train.last < suggestion.fold.test.first
    days = [date(2024, 7, 1) + timedelta(days=number) for number in range(13)]
    found = folds(days)
    assert [len(fold.test.days) for fold in found] == [2, 2, 3]
    assert [day for fold in found for day in fold.test.days] == days[6:]
    assert folds(days[:5]) == ()


def test_flurries_of_the_past_that_have_ended_since_suggest_nothing() -> None:
    def price(day: int, minute: int) -> float:
        # On the later days each passing is a move of its own, which a cooldown would leave untold.
        return in_flurries(day, minute) if day < 10 else 500.05 if minute % 11 == 0 else 498.0

    for suggestion in of(Advice.FLURRIES, study("last > 500", price)):
        assert suggestion.after is not None
        assert suggestion.after.cooldown_ns <= 600 * NS_PER_SECOND


def test_a_rule_that_never_fired_is_told_how_near_it_came() -> None:
    findings = study("last > 502", lambda day, minute: 500.3 + (minute % 30) / 100)
    (missed,) = of(Advice.NEAREST_MISS, findings)
    assert "It would not have fired in 12 days (1–12 Jul)" in missed.evidence
    assert "nearest miss of “last > 502” within 0.3 %: at 500.49 it would" in missed.evidence
    assert missed.after is not None
    assert missed.after.when == "last > 500.49"
    assert missed.proof.startswith("Chosen on 1–10 Jul, judged on 11–12 Jul: with 500.49")


def test_a_rule_far_from_anything_is_told_that_it_has_not_come_near() -> None:
    (missed,) = of(Advice.NEAREST_MISS, study("last > 5000", lambda day, minute: 500.0))
    assert missed.after is None
    assert "nor with its level 50 % nearer: it is farther away, or what else" in missed.evidence


def test_a_rule_whose_price_goes_either_way_afterwards_is_no_better_than_chance() -> None:
    def price(day: int, minute: int) -> float:
        way = 1 if (minute // 20 + day) % 2 else -1
        return 500.0 + (2.0 if minute % 20 == 0 else way * (minute % 20) / 10)

    (noise,) = of(Advice.NO_BETTER_THAN_CHANCE, study("last > 501.95", price, days=20))
    assert "no better than chance" in noise.evidence or "worse than chance" in noise.evidence
    assert noise.after is not None
    assert not noise.after.active


def test_a_rule_that_foretells_the_price_is_left_in_peace() -> None:
    def price(day: int, minute: int) -> float:
        return 500.0 + (minute % 30) / 10 if (minute // 30) % 2 else 500.0 - (minute % 7) / 100

    assert not of(Advice.NO_BETTER_THAN_CHANCE, study("last > 500.05", price))


@pytest.mark.parametrize("wish", [2, 13])
def test_a_level_is_found_for_a_wished_number_of_alerts_a_day(wish: int) -> None:
    # Each half hour has a peak of its own height: 13 a day, from 500.5 to 512.5.
    def price(day: int, minute: int) -> float:
        return 500.5 + (minute // 30 * 5 + day) % 13 if minute % 30 == 15 else 499.0

    (found,) = of(Advice.WISHED_FOR, study("last > 508", price, wish=wish))
    assert found.after is not None
    assert f"the nearest to {wish} times a day" in found.title
    assert found.fold is not None


def test_a_wish_that_no_level_gives_for_long_is_refused_with_its_evidence() -> None:
    (found,) = of(
        Advice.WISHED_FOR,
        study("last > 560", lambda day, minute: 500 + day * 10 + minute % 5, wish=5),
    )
    assert found.after is None
    assert found.title.startswith("No level")


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (0.0, "never"),
        (0.25, "once in 4 days"),
        (2 / 3, "once in 2 days"),
        (0.669, "once a day"),
        (1.04, "once a day"),
        (6.0, "6 times a day"),
        (41.2, "41 times a day"),
    ],
)
def test_a_rate_is_told_as_people_say_it(rate: float, words: str) -> None:
    assert per_day(rate) == words


def test_levels_under_a_not_or_of_a_crossing_either_way_are_left() -> None:
    def texts(when: str) -> list[str]:
        return [each.rule.when for each in moved_levels(quick_rule(f"SPY {when}", uid="x"), (0.1,))]

    assert texts("last > 100 and rsi(14)[5m] < 30") == [
        "last > 90 and rsi(14)[5m] < 30",
        "last > 100 and rsi(14)[5m] < 33",
    ]
    assert texts("not (last > 100)") == []
    assert texts("last crosses 100") == []
    assert texts("100 < last") == ["90 < last"]
    assert texts("change(last, 5m) < -2%") == ["change(last, 5m) < -1.8%"]


def test_a_bar_that_ends_at_midnight_is_of_the_day_before() -> None:
    scores = Scores(rules=[quick_rule("SPY last > 1", uid="x")], instruments=instrument_of)
    midnight = int(datetime(2024, 7, 2, 4, tzinfo=UTC).timestamp()) * NS_PER_SECOND
    for start in (midnight - MINUTE, midnight):
        scores.take(Bar("SPY", "1m", start, start + MINUTE, 2.0, 2.0, 2.0, 2.0, 1.0), ())
        scores.take(Tick("SPY", start + MINUTE, 0, last=2.0), ())
        assert scores.reports()[0].days == 1 + (start == midnight)
