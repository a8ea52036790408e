"""A score learned from made-up alerts."""

import random
from dataclasses import replace

import pytest

from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Priority
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.engine.studies.worth.features import NAMES, Known, Past, samples
from tradeassist_desktop.services.worth.training import NotEnough, train

START_NS = 1_719_840_600 * NS_PER_SECOND  # 2024-07-01 09:30 in New York
MINUTE_NS = 60 * NS_PER_SECOND


def an_alert(number: int, at_ns: int, rule: str) -> Alert:
    return Alert(
        id=str(number),
        rule_uid=rule,
        rule_name=rule,
        symbol="SPY",
        sequence=number,
        priority=Priority.NORMAL,
        status=AlertStatus.FIRED,
        event_ns=at_ns,
        value=500.0,
        message="",
        condition="last > 500",
    )


def a_past(count: int, *, luck: float, seed: int = 1) -> list[tuple[Alert, Known]]:
    """Alerts of two rules, of which one is worth it nine times in ten and the other one in ten.

    Args:
        luck: The share whose worth is thrown with a coin instead.
    """
    chance = random.Random(seed)
    found = []
    at_ns = START_NS
    for number in range(count):
        at_ns += chance.randrange(1, 90) * MINUTE_NS
        rule = chance.choice(("good", "bad"))
        is_worth = chance.random() < (0.5 if chance.random() < luck else 0.9 if rule == "good" else 0.1)
        found.append(
            (an_alert(number, at_ns, rule), Known(is_worth, at_ns + 15 * MINUTE_NS, by_verdict=True))
        )
    return found


def test_what_can_be_foretold_is_scored_better_than_by_the_base_rate() -> None:
    past = a_past(400, luck=0.0)
    model = train(samples(past), verdicts=400).model
    assert model.trial.brier < 0.6 * model.trial.base_brier
    assert model.trial.is_better
    assert (model.trial.known, model.trial.judged) == (280, 120)
    seen = Past()
    for alert, known in past:
        seen.add(alert, known)
    at_ns = past[-1][0].event_ns + 60 * MINUTE_NS
    good, bad = (seen.features(an_alert(999, at_ns, rule)) for rule in ("good", "bad"))
    assert model.score(good) > 0.75
    assert model.score(bad) < 0.25
    name, weight = model.reasons(good)[0]
    assert name == "how this rule's alerts did before"
    assert weight > 0


def test_scores_are_shares_of_alerts_that_are_worth_it() -> None:
    past = a_past(900, luck=0.3)
    model = train(samples(past[:600]), verdicts=600).model
    seen = Past()
    by_score: dict[bool, list[tuple[float, bool]]] = {True: [], False: []}
    for place, (alert, known) in enumerate(past):
        if place >= 600:
            score = model.score(seen.features(alert))
            by_score[score > 0.5].append((score, known.is_worth))
        seen.add(alert, known)
    for scored in by_score.values():
        foretold = sum(score for score, _ in scored) / len(scored)
        happened = sum(is_worth for _, is_worth in scored) / len(scored)
        assert abs(foretold - happened) < 0.1


def test_what_is_thrown_with_a_coin_is_not_called_foretold() -> None:
    model = train(samples(a_past(400, luck=1.0)), verdicts=400).model
    assert abs(model.trial.brier - model.trial.base_brier) < 0.02
    assert all(0.3 < model.score(features) < 0.7 for features, _, _ in samples(a_past(50, luck=1.0, seed=2)))


@pytest.mark.parametrize("count", [0, 59])
def test_too_few_alerts_teach_nothing(count: int) -> None:
    with pytest.raises(NotEnough, match=f"^{count} alerts of known worth.*60 are needed"):
        train(samples(a_past(count, luck=0.0)), verdicts=count)


def test_alerts_of_one_kind_teach_nothing() -> None:
    past = [(alert, replace(known, is_worth=True)) for alert, known in a_past(100, luck=0.0)]
    with pytest.raises(NotEnough, match="100 of them worth it"):
        train(samples(past), verdicts=100)


def test_an_alert_is_looked_at_by_what_was_known_before_it() -> None:
    past = Past()
    rule_did = NAMES.index("how this rule's alerts did before")
    past.add(an_alert(0, START_NS, "good"), Known(True, START_NS + 15 * MINUTE_NS, by_verdict=False))
    before, after = (
        past.features(an_alert(1, START_NS + minutes * MINUTE_NS, "good")) for minutes in (14, 15)
    )
    assert before[rule_did] == 0.5
    assert after[rule_did] == pytest.approx(2 / 3)
    assert before[NAMES.index("this rule's alerts in the last hour")] == pytest.approx(0.6931, abs=1e-3)
