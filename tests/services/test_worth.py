"""Alerts scored by what became of those before them."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes import ManualClock
from tests.services.test_worth_training import MINUTE_NS, START_NS, an_alert
from tradeassist_desktop.domain.alerts import Alert, Timing
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.events import AlertRaised, VerdictsGiven, WorthLearned
from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.domain.verdicts import GivenVerdict, Verdict
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.verdicts import Verdicts
from tradeassist_desktop.services.worth.lesson import known_worth
from tradeassist_desktop.services.worth.track_record import TrackRecord
from tradeassist_desktop.services.worth.worth import Worth
from tradeassist_desktop.storage import outbox
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import MarketStore
from tradeassist_desktop.storage.verdicts import VerdictStore


def minutes(alert: Alert, *changes: float) -> list[Bar]:
    """Minute bars around an alert, the first of them the one in which it fired."""
    begin = alert.event_ns - alert.event_ns % MINUTE_NS
    return [
        Bar(
            "SPY",
            "1m",
            begin + number * MINUTE_NS,
            begin + (number + 1) * MINUTE_NS,
            *[500 + change] * 4,
            1.0,
        )
        for number, change in enumerate(changes)
    ]


def worth_of(alert: Alert, bars: list[Bar], given: GivenVerdict | None = None) -> bool | None:
    def read(symbol: str, since_ns: int, until_ns: int) -> list[Bar]:
        return [bar for bar in bars if bar.start_ns >= since_ns and bar.end_ns <= until_ns]

    known = known_worth(alert, given, read)
    return None if known is None else known.is_worth


def test_a_verdict_counts_before_the_price_and_the_price_where_there_is_none() -> None:
    alert = an_alert(1, START_NS + 30_000_000_000, "good")
    risen, fallen = minutes(alert, *range(17)), minutes(alert, *range(17, 0, -1))
    assert worth_of(alert, risen) is True
    assert worth_of(alert, fallen) is False
    assert worth_of(replace(alert, condition="last < 500"), fallen) is True
    assert worth_of(replace(alert, condition="volume > 500"), risen) is None, "it looks neither way"
    assert worth_of(alert, risen[:10]) is None, "nobody knows yet"
    noise = GivenVerdict("1", Verdict.NOISE, START_NS)
    assert worth_of(alert, risen, noise) is False


@pytest.fixture
async def desk(database: Database, bus: Bus) -> tuple[Worth, Verdicts]:
    clock = ManualClock(now_ns=START_NS)
    verdicts = Verdicts(store=VerdictStore(database=database), bus=bus, clock=clock)
    await verdicts.load()
    worth = Worth(
        database=database,
        verdicts=verdicts,
        venue_of=lambda symbol: "demo",
        bus=bus,
        clock=clock,
        is_wanted=lambda: True,
    )
    return worth, verdicts


async def test_alerts_are_scored_by_what_was_learned_of_those_before(
    desk: tuple[Worth, Verdicts], database: Database, bus: Bus, until: Callable[..., Any]
) -> None:
    worth, verdicts = desk
    chance = random.Random(3)
    alerts = [
        an_alert(number, START_NS + number * 40 * MINUTE_NS, chance.choice(("good", "bad")))
        for number in range(120)
    ]
    await database.run(
        lambda connection: outbox.raise_alerts(
            connection, [(alert, ()) for alert in alerts], {}, committed_ns=START_NS
        )
    )
    told: list[Any] = []
    bus.subscribe(WorthLearned, told.append)
    await verdicts.give({alerts[0].id: Verdict.USEFUL})
    with pytest.raises(TradeAssistError, match="1 alert of known worth"):
        await worth.learn()
    assert worth.track_record(alerts[0].rule_uid) == TrackRecord(1, 1), "also where nothing can be learned"
    assert worth.trouble.startswith("1 alert of known worth")

    # The first ones have verdicts; of the others the price tells.
    given = {alert.id: _verdict(alert) for alert in alerts[:60]}
    await verdicts.give(given)
    store = MarketStore(database=database, venue="demo")
    await store.keep_bars(
        "SPY",
        [
            bar
            for alert in alerts[60:]
            for bar in minutes(
                alert, *(change * (1 if alert.rule_uid == "good" else -1) for change in range(17))
            )
        ],
    )
    model = await worth.learn()
    useful = sum(alert.rule_uid == "good" for alert in alerts)
    assert worth.track_record("good") == TrackRecord(useful, useful)
    assert worth.track_record("bad") == TrackRecord(0, 120 - useful)
    assert model.verdicts == 60
    assert model.trial.known + model.trial.judged == 120
    assert model.trial.brier < model.trial.base_brier
    assert len(worth.scores()) == model.trial.judged, "only what the trial's model had not seen"
    assert all(score.reasons for score in worth.scores().values())
    assert len(told) == 2

    unsubscribe = bus.subscribe(AlertRaised, worth.on_alert)
    fresh = [
        an_alert(900 + place, alerts[-1].event_ns + MINUTE_NS, rule)
        for place, rule in enumerate(("good", "bad"))
    ]
    for alert in (*fresh, replace(fresh[0], id="replayed", timing=Timing.REPLAYED)):
        bus.publish(AlertRaised(alert=alert, deliveries=(), is_saved=True, committed_ns=START_NS))
    unsubscribe()
    good, bad = (worth.score(alert.id) for alert in fresh)
    assert good is not None
    assert bad is not None
    assert good.likelihood > 0.6
    assert bad.likelihood < 0.4
    assert good.reasons[0][0] == "how this rule's alerts did before"
    assert worth.score("replayed") is None
    await verdicts.give({fresh[0].id: Verdict.NOISE})
    worth.on_verdicts(VerdictsGiven(alert_ids=(fresh[0].id,)))
    assert worth.track_record("good") == TrackRecord(useful, useful + 1), "a verdict counts at once"


def _verdict(alert: Alert) -> Verdict:
    return Verdict.USEFUL if alert.rule_uid == "good" else Verdict.NOISE


async def test_verdicts_are_kept_and_given_back(
    desk: tuple[Worth, Verdicts], database: Database, bus: Bus
) -> None:
    _, verdicts = desk
    told: list[VerdictsGiven] = []
    bus.subscribe(VerdictsGiven, told.append)
    await verdicts.give({"a": Verdict.USEFUL, "b": Verdict.NOISE})
    before = await verdicts.give({"a": Verdict.NOISE, "b": None})
    again = Verdicts(store=VerdictStore(database=database), bus=bus, clock=ManualClock())
    await again.load()
    assert (again.of("a"), again.of("b")) == (Verdict.NOISE, None)
    await verdicts.give(before)
    await again.load()
    assert (again.of("a"), again.of("b")) == (Verdict.USEFUL, Verdict.NOISE)
    assert [event.alert_ids for event in told] == [("a", "b")] * 3
