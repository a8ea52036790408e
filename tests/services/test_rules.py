"""The rules service on an engine and a store of its own: what a change costs, and what it must not touch."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.fakes import ManualClock
from tests.rule_changes import put, remove, switch
from tradeassist_desktop.domain.alerts import AlertStatus
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.domain.rules import Rule, RulePhase
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.changes import Overtaken
from tradeassist_desktop.services.rules import Rules
from tradeassist_desktop.storage.faults import StorageFailed

NOON_NS = 1_719_936_000_000_000_000  # Tuesday 2024-07-02, 12:00 in New York
HOUR_NS = 3_600_000_000_000


@dataclass
class Shelf:
    """A rule store that only remembers what it was told."""

    told: list[dict[str, str | None]] = field(default_factory=list)
    is_full: bool = False

    async def keep(
        self, after: Mapping[str, Rule | None], *, settled: Mapping[str, str | None] | None = None
    ) -> None:
        if self.is_full:
            raise StorageFailed("the disk is full")
        self.told.append({uid: None if rule is None else rule.name for uid, rule in after.items()})


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
    await put(desk.rules, rule("a"))
    await put(desk.rules, rule("b", "last > 2"))
    await put(desk.rules, rule("c", "last > $VIX.last"))
    await remove(desk.rules, ["b"])
    await remove(desk.rules, ["c"])

    assert desk.subscriptions == [frozenset({"/ES"}), frozenset({"/ES", "$VIX"}), frozenset({"/ES"})]


async def test_a_name_can_be_taken_over_once_its_rule_is_gone_or_renamed(desk: Desk) -> None:
    await put(desk.rules, rule("a"))
    with pytest.raises(BadInput):
        await put(desk.rules, replace(rule("b"), name="rule a"))

    await put(desk.rules, replace(rule("a"), name="renamed"))
    await put(desk.rules, replace(rule("b"), name="rule a"))
    await remove(desk.rules, ["a"])
    await put(desk.rules, replace(rule("c"), name="renamed"))

    assert [each.name for each in desk.rules.all()] == ["rule a", "renamed"]


async def test_a_rule_whose_name_was_taken_meanwhile_comes_back_under_another(desk: Desk) -> None:
    await put(desk.rules, rule("a"))
    removal = await remove(desk.rules, ["a"])
    await put(desk.rules, replace(rule("b"), name="rule a"))

    await removal.undo()

    assert [(each.uid, each.name) for each in desk.rules.all()] == [("a", "rule a (2)"), ("b", "rule a")]
    assert desk.shelf.told[-1] == {"a": "rule a (2)"}


async def test_a_switched_rule_keeps_its_place(desk: Desk) -> None:
    for uid in "abc":
        await put(desk.rules, rule(uid))

    await switch(desk.rules, ["a"], active=False)
    await put(desk.rules, replace(rule("b"), notes="changed"))
    await switch(desk.rules, ["a"], active=True)

    assert [each.uid for each in desk.rules.all()] == ["a", "b", "c"]
    assert [status.uid for status in desk.engine.statuses()] == ["a", "b", "c"]


async def test_a_rule_brought_back_has_lost_nothing(desk: Desk) -> None:
    for uid in "abc":
        await put(desk.rules, replace(rule(uid), cooldown_ns=0))
    desk.engine.on_tick(Tick("/ES", NOON_NS, NOON_NS, last=5.0))
    before = [desk.engine.status(uid) for uid in "abc"]

    await (await remove(desk.rules, ["b"])).undo()
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
    await put(desk.rules, rule("a", "last crosses above 1", symbol=symbol))
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
    await put(desk.rules, rule("a"))
    (before,) = desk.engine.on_tick(Tick("/ES", NOON_NS, NOON_NS, last=5.0))
    await switch(desk.rules, ["a"], active=False)

    await (await remove(desk.rules, ["a"])).undo()
    await switch(desk.rules, ["a"], active=True)
    (after,) = desk.engine.on_tick(Tick("/ES", NOON_NS + 1, NOON_NS, last=6.0))

    assert (before.sequence, after.sequence) == (0, 1)
    assert before.id != after.id


async def test_an_edit_is_done_undone_and_done_again_in_one_writing_each(desk: Desk) -> None:
    for uid in "abc":
        await put(desk.rules, rule(uid))
    written = len(desk.shelf.told)
    edit = desk.rules.edit(
        "Do three things",
        {"a": None, "b": replace(rule("b"), name="rule a", when="last > 2"), "d": rule("d")},
    )

    before = desk.rules.all()
    await edit.do()
    after = desk.rules.all()
    await edit.undo()
    undone = desk.rules.all()
    await edit.do()

    assert [(each.uid, each.name) for each in after] == [("b", "rule a"), ("c", "rule c"), ("d", "rule d")]
    assert undone == before
    assert desk.rules.all() == after
    assert desk.shelf.told[written:] == [
        {"a": None, "b": "rule a", "d": "rule d"},
        {"a": "rule a", "b": "rule b", "d": None},
        {"a": None, "b": "rule a", "d": "rule d"},
    ]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"when": "last > 100"}, id="another condition"),
        pytest.param({"symbols": ("/NQ",)}, id="another symbol"),
        pytest.param({"active": False}, id="switched off"),
        pytest.param({"cooldown_ns": HOUR_NS}, id="another cooldown"),
        pytest.param(None, id="removed"),
    ],
)
async def test_an_undone_edit_leaves_the_rule_as_armed_as_before_and_its_alerts_numbered_on(
    desk: Desk, changes: dict[str, Any] | None
) -> None:
    for uid in "abc":
        await put(desk.rules, replace(rule(uid), cooldown_ns=0))
    fired = desk.engine.on_tick(Tick("/ES", NOON_NS, NOON_NS, last=5.0))
    before = [desk.engine.status(uid) for uid in "abc"]
    old = desk.rules.get("b")
    assert old is not None

    edit = desk.rules.edit("Change b", {"b": None if changes is None else replace(old, **changes)})
    await edit.do()
    await edit.undo()
    quiet = desk.engine.on_tick(Tick("/ES", NOON_NS + 1, NOON_NS, last=6.0))
    undone = [desk.engine.status(uid) for uid in "abc"]
    desk.engine.on_tick(Tick("/ES", NOON_NS + 2, NOON_NS, last=0.5))
    again = desk.engine.on_tick(Tick("/ES", NOON_NS + 3, NOON_NS, last=5.0))

    assert list(quiet) == []
    assert undone == before
    assert [alert.rule_uid for alert in again] == ["a", "b", "c"]
    assert not {alert.id for alert in fired} & {alert.id for alert in again}


async def test_what_fired_under_another_condition_is_counted_on_after_the_undo(desk: Desk) -> None:
    await put(desk.rules, replace(rule("a"), cooldown_ns=0))
    edit = desk.rules.edit("Lower the level", {"a": replace(rule("a"), cooldown_ns=0, when="last > 0.5")})
    await edit.do()
    (under_the_other,) = desk.engine.on_tick(Tick("/ES", NOON_NS, NOON_NS, last=0.8))

    await edit.undo()
    (alert,) = desk.engine.on_tick(Tick("/ES", NOON_NS + 1, NOON_NS, last=5.0))

    assert (under_the_other.sequence, alert.sequence) == (0, 1)
    assert desk.rules.statuses("a")[0].fired == 2


async def test_an_edit_is_refused_whole_with_the_place_of_each_fault(desk: Desk) -> None:
    await put(desk.rules, rule("a"))
    await put(desk.rules, rule("b"))

    with pytest.raises(BadInput) as refused:
        desk.rules.edit("One", {"a": replace(rule("a"), when="lst > 1")})
    with pytest.raises(BadInput) as refused_whole:
        desk.rules.edit("Two", {"a": rule("a"), "c": replace(rule("c"), name="rule b", schedule="never")})

    assert [(fault.place, fault.column) for fault in refused.value.faults] == [("when", 1)]
    assert [fault.place for fault in refused_whole.value.faults] == ["rules[1].name", "rules[1].schedule"]


async def test_the_market_goes_on_while_thousands_of_rules_are_looked_at(desk: Desk) -> None:
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    others = asyncio.create_task(take_turns())
    many = {str(number): rule(str(number)) for number in range(2_000)}

    edit = await desk.rules.edit_many("Add 2,000 rules", many)
    with pytest.raises(BadInput) as refused:
        await desk.rules.edit_many("Add them", many | {"1999": replace(many["1999"], when="lst > 1")})
    others.cancel()

    assert not edit.is_done
    assert turns >= 40
    assert [fault.place for fault in refused.value.faults] == ["rules[1999].when"]


async def test_an_edit_cancelled_once_it_is_kept_is_in_force_as_a_whole(desk: Desk) -> None:
    many = {str(number): rule(str(number)) for number in range(200)}
    edit = desk.rules.edit("Add 200 rules", many)
    doing = asyncio.create_task(edit.do())
    while not desk.shelf.told:
        await asyncio.sleep(0)

    doing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doing

    assert edit.is_done
    assert len(desk.rules.all()) == 200


async def test_an_edit_that_cannot_be_kept_changes_nothing(desk: Desk) -> None:
    await put(desk.rules, rule("a"))
    edit = desk.rules.edit("Two", {"a": None, "b": rule("b")})
    desk.shelf.is_full = True

    with pytest.raises(StorageFailed):
        await edit.do()

    assert edit.is_undone
    assert desk.rules.all() == (rule("a"),)
    assert desk.engine.place_of("b") is None


async def test_an_edit_of_what_was_changed_elsewhere_since_is_neither_done_nor_undone(desk: Desk) -> None:
    await put(desk.rules, rule("a"))
    renamed = desk.rules.edit("Rename a", {"a": replace(rule("a"), name="other")})
    await renamed.do()
    await put(desk.rules, replace(rule("a"), name="third"))

    with pytest.raises(Overtaken):
        await renamed.undo()

    assert [each.name for each in desk.rules.all()] == ["third"]


async def test_a_rule_that_has_fired_its_once_stays_off_when_an_edit_of_it_is_undone(desk: Desk) -> None:
    await put(desk.rules, rule("a"))
    renamed = desk.rules.edit("Rename a", {"a": replace(rule("a"), name="other")})
    await renamed.do()
    await switch(desk.rules, ["a"], active=False)

    await renamed.undo()

    assert desk.rules.all() == (replace(rule("a"), active=False),)
