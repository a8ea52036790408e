"""The rules service on an engine and a store of its own: what a change costs, and what it must not touch."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.domain.alerts import AlertStatus
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.domain.rules import Rule, RulePhase
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.rules import Rules

NOON_NS = 1_719_936_000_000_000_000  # Tuesday 2024-07-02, 12:00 in New York
HOUR_NS = 3_600_000_000_000


@dataclass
class Shelf:
    """A rule store that only remembers what it was told."""

    told: list[tuple[str, object]] = field(default_factory=list)

    async def all(self) -> tuple[Rule, ...]:
        return ()

    async def put(self, rule: Rule) -> None:
        self.told.append(("put", rule.name))

    async def remove(self, uids: Sequence[str]) -> None:
        self.told.append(("remove", tuple(uids)))

    async def restore(self, uids: Sequence[str]) -> None:
        self.told.append(("restore", tuple(uids)))

    async def set_active(self, uids: Sequence[str], *, active: bool) -> None:
        self.told.append(("set_active", tuple(uids)))


@dataclass
class Desk:
    rules: Rules
    engine: Engine
    shelf: Shelf
    subscriptions: list[frozenset[str]]


@pytest.fixture
def desk(bus: Bus, clock: ManualClock) -> Desk:
    engine, shelf = Engine(instruments=instrument_of, run_id="run"), Shelf()
    subscriptions: list[frozenset[str]] = []
    rules = Rules(
        engine=engine,
        store=shelf,
        bus=bus,
        clock=clock,
        new_uid=lambda: f"uid {len(shelf.told)}",
        on_symbols_changed=lambda: subscriptions.append(engine.symbols()),
        on_changed=lambda: None,
        event_now_ns=lambda: NOON_NS,
        instrument=instrument_of,
    )
    rules.load(())
    return Desk(rules, engine, shelf, subscriptions)


def rule(uid: str, when: str = "last > 1", *, symbol: str = "/ES") -> Rule:
    return Rule(uid=uid, name=f"rule {uid}", symbols=(symbol,), when=when)


async def test_the_feed_is_asked_anew_only_when_other_symbols_are_read(desk: Desk) -> None:
    await desk.rules.put(rule("a"))
    await desk.rules.put(rule("b", "last > 2"))
    await desk.rules.put(rule("c", "last > $VIX.last"))
    await desk.rules.remove(["b"])
    await desk.rules.remove(["c"])

    assert desk.subscriptions == [frozenset({"/ES"}), frozenset({"/ES", "$VIX"}), frozenset({"/ES"})]


async def test_a_name_can_be_taken_over_once_its_rule_is_gone_or_renamed(desk: Desk) -> None:
    await desk.rules.put(rule("a"))
    with pytest.raises(BadInput):
        await desk.rules.put(replace(rule("b"), name="rule a"))

    await desk.rules.put(replace(rule("a"), name="renamed"))
    await desk.rules.put(replace(rule("b"), name="rule a"))
    await desk.rules.remove(["a"])
    await desk.rules.put(replace(rule("c"), name="renamed"))

    assert [each.name for each in desk.rules.all()] == ["rule a", "renamed"]


async def test_a_rule_whose_name_was_taken_meanwhile_comes_back_under_another(desk: Desk) -> None:
    await desk.rules.put(rule("a"))
    await desk.rules.remove(["a"])
    await desk.rules.put(replace(rule("b"), name="rule a"))

    await desk.rules.restore(["a"])

    assert [(each.uid, each.name) for each in desk.rules.all()] == [("a", "rule a (2)"), ("b", "rule a")]
    assert desk.shelf.told[-1] == ("put", "rule a (2)")


async def test_a_switched_rule_keeps_its_place(desk: Desk) -> None:
    for uid in "abc":
        await desk.rules.put(rule(uid))

    await desk.rules.set_active(["a"], active=False)
    await desk.rules.put(replace(rule("b"), notes="changed"))
    await desk.rules.set_active(["a"], active=True)

    assert [each.uid for each in desk.rules.all()] == ["a", "b", "c"]
    assert [status.uid for status in desk.engine.statuses()] == ["a", "b", "c"]


async def test_a_rule_brought_back_has_lost_nothing(desk: Desk) -> None:
    for uid in "abc":
        await desk.rules.put(replace(rule(uid), cooldown_ns=0))
    desk.engine.on_tick(Tick("/ES", NOON_NS, NOON_NS, last=5.0))
    before = [desk.engine.status(uid) for uid in "abc"]

    await desk.rules.remove(["b"])
    await desk.rules.restore(["b"])
    alerts = desk.engine.on_tick(Tick("/ES", NOON_NS + 1, NOON_NS, last=6.0))

    assert list(alerts) == []
    assert [desk.engine.status(uid) for uid in "abc"] == before
    assert [desk.engine.place_of(uid) for uid in "abc"] == [0, 1, 2]


@pytest.mark.parametrize(
    ("symbol", "for_ns", "hours"),
    [
        pytest.param("/ES", HOUR_NS, 1, id="for an hour"),
        pytest.param("AAPL", None, 4, id="until New York closes"),
        pytest.param("EURUSD", None, None, id="until the day of an unknown instrument ends"),
    ],
)
async def test_a_snoozed_rule_fires_in_silence_until_it_wakes(
    desk: Desk, symbol: str, for_ns: int | None, hours: int | None
) -> None:
    until_ns = -(-NOON_NS // (24 * HOUR_NS)) * 24 * HOUR_NS if hours is None else NOON_NS + hours * HOUR_NS
    await desk.rules.put(rule("a", "last crosses above 1", symbol=symbol))
    desk.engine.on_tick(Tick(symbol, NOON_NS - 1, NOON_NS, last=0.5))

    await desk.rules.snooze(["a"], for_ns=for_ns)
    (snoozed,) = desk.rules.statuses("a")
    (suppressed,) = desk.engine.on_tick(Tick(symbol, NOON_NS, NOON_NS, last=2.0))
    await desk.rules.wake(["a"])
    desk.engine.on_tick(Tick(symbol, NOON_NS + 1, NOON_NS, last=0.5))
    (fired,) = desk.engine.on_tick(Tick(symbol, NOON_NS + 2, NOON_NS, last=2.0))

    assert (snoozed.phase, snoozed.until_ns) == (RulePhase.SNOOZED, until_ns)
    assert (suppressed.status, suppressed.reason) == (AlertStatus.SUPPRESSED, "snoozed")
    assert fired.status is AlertStatus.FIRED


async def test_a_rule_removed_while_off_goes_on_counting_its_alerts(desk: Desk) -> None:
    await desk.rules.put(rule("a"))
    (before,) = desk.engine.on_tick(Tick("/ES", NOON_NS, NOON_NS, last=5.0))
    await desk.rules.set_active(["a"], active=False)

    await desk.rules.remove(["a"])
    await desk.rules.restore(["a"])
    await desk.rules.set_active(["a"], active=True)
    (after,) = desk.engine.on_tick(Tick("/ES", NOON_NS + 1, NOON_NS, last=6.0))

    assert (before.sequence, after.sequence) == (0, 1)
    assert before.id != after.id
