from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Leg, OperandValue, Priority
from tradeassist_desktop.domain.delivery import Delivery, DeliveryState
from tradeassist_desktop.domain.rules import EvaluateOn, Rearm, Rule, Trigger
from tradeassist_desktop.domain.watching import WatchGroup, arranged
from tradeassist_desktop.storage import alerts, arming, instruments, leases, outbox, runs
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.leases import Lease
from tradeassist_desktop.storage.stores import MarketStore, RuleStore

RULE = Rule(
    uid="r1",
    name="ES breaks out ⚡",
    symbols=("/ESU24", "AAPL"),
    when="last crosses above 5530",
    on=EvaluateOn.BAR_CLOSE,
    timeframe="5m",
    trigger=Trigger.ONCE,
    hold_ns=5,
    cooldown_ns=7,
    rearm=Rearm(amount=0.5, is_percent=True),
    priority=Priority.URGENT,
    channels=("toast",),
    message="{symbol} at {last}",
    starts_at_ns=1,
    expires_at_ns=2**60,
    notify_clear=True,
    schedule="rth",
    tags=("breakout", "es"),
    notes="watch the open",
)


def alert(number: int, **changes: Any) -> Alert:
    made = Alert(
        id=f"alert-{number}",
        rule_uid="r1",
        rule_name="ES breaks out ⚡",
        symbol="/ESU24",
        sequence=number,
        priority=Priority.URGENT,
        status=AlertStatus.FIRED,
        event_ns=1_719_900_000_000_000_000,
        value=5530.1,
        message="/ESU24 at 5530.1",
        condition="last > 5530",
        channels=("toast", "sound"),
        count=3,
        legs=(
            Leg(text="last > 5530", left=5530.1, right=5530.0, is_true=True),
            Leg(
                "x > y",
                None,
                1.5,
                None,
                (OperandValue("x", None, "no data of X yet"), OperandValue("y", 1.5)),
            ),
        ),
        received_ns=2,
        evaluated_ns=3,
    )
    return replace(made, **changes)


async def raise_(database: Database, *made: Alert, channels: tuple[str, ...] = ("toast",)) -> set[str]:
    batch = [(one, tuple(Delivery(alert_id=one.id, channel=name) for name in channels)) for one in made]
    return await database.run(lambda connection: outbox.raise_alerts(connection, batch, {}, committed_ns=9))


async def test_an_alert_comes_back_whole(database: Database) -> None:
    made = [
        alert(1),
        alert(2, channels=None, value=None, legs=(), status=AlertStatus.SUPPRESSED, reason="cooldown"),
    ]

    await raise_(database, *made)

    records = await database.read(lambda connection: alerts.recent(connection, limit=10))
    assert [record.alert for record in records] == [made[1], made[0]]


async def test_an_alert_kept_before_legs_had_operands_still_loads(database: Database) -> None:
    await raise_(database, alert(1))
    old = '[{"text":"last > 5530","left":5530.1,"right":5530.0,"is_true":true}]'
    await database.run(
        lambda connection: connection.execute(text("UPDATE alerts SET legs = :old"), {"old": old})
    )

    (record,) = await database.read(lambda connection: alerts.recent(connection, limit=10))

    assert record.alert.legs == (Leg(text="last > 5530", left=5530.1, right=5530.0, is_true=True),)


async def test_a_suppression_comes_to_stand_for_more_firings(database: Database) -> None:
    await raise_(database, alert(1, count=1), alert(2, count=1))

    await database.run(lambda connection: alerts.set_counts(connection, {"alert-1": 12, "not kept": 3}))
    await database.run(lambda connection: alerts.set_counts(connection, {}))

    records = await database.read(lambda connection: alerts.recent(connection, limit=10))
    assert {record.alert.id: record.alert.count for record in records} == {"alert-1": 12, "alert-2": 1}


async def test_an_alert_stored_before_changes_nothing(database: Database) -> None:
    first = await raise_(database, alert(1))
    done = Delivery(alert_id="alert-1", channel="toast", state=DeliveryState.DELIVERED, finished_ns=5)
    await database.run(lambda connection: outbox.mark(connection, [done]))

    again = await raise_(database, alert(1, message="another"), alert(2), alert(2))

    assert (first, again) == ({"alert-1"}, {"alert-2"})
    records = await database.read(lambda connection: alerts.recent(connection, limit=10))
    assert [record.alert.id for record in records] == ["alert-2", "alert-1"]
    assert records[1].deliveries == (done,)
    assert records[1].alert.message == "/ESU24 at 5530.1"


async def test_row_1_alert_deliveries_and_arming_are_stored_together_or_none(database: Database) -> None:
    orphan = Delivery(alert_id="nobody", channel="toast")

    with pytest.raises(Exception, match="FOREIGN KEY"):
        await database.run(
            lambda connection: outbox.raise_alerts(
                connection, [(alert(1), (orphan,))], {"r1|/ESU24": {"n": 1}}, committed_ns=9
            )
        )

    assert await database.read(lambda connection: alerts.recent(connection, limit=10)) == []
    assert await database.read(arming.load) == {}


async def test_pages_follow_one_another_without_gap_or_overlap(database: Database) -> None:
    await raise_(database, *(alert(number) for number in range(10)))
    seen: list[str] = []

    before: int | None = None
    while page := await database.read(
        lambda connection, before=before: alerts.page(connection, before_number=before, limit=3)
    ):
        await raise_(database, alert(100 + len(seen)))  # newcomers do not shift older pages
        seen += [record.alert.id for record in page]
        before = page[-1].number

    assert seen == [f"alert-{number}" for number in range(9, -1, -1)]


async def test_what_a_killed_program_was_sending_waits_again(database: Database) -> None:
    await raise_(database, alert(1), alert(2), alert(3), channels=("toast", "sound"))
    marks = [
        Delivery(alert_id="alert-1", channel="toast", state=DeliveryState.SENDING, attempts=1),
        Delivery(
            alert_id="alert-2", channel="toast", state=DeliveryState.DELIVERED, attempts=1, finished_ns=1
        ),
        Delivery(alert_id="alert-2", channel="sound", state=DeliveryState.DEAD, attempts=5, finished_ns=1),
        Delivery(alert_id="never stored", channel="sound", state=DeliveryState.DEAD),
    ]
    await database.run(lambda connection: outbox.mark(connection, marks))

    claimed = await database.run(
        lambda connection: leases.claim(connection, ["toast", "sound"], Lease("desk"), now_ns=5)
    )

    assert [
        (one.alert.id, one.delivery.channel, one.delivery.attempts, one.was_sending) for one in claimed
    ] == [
        ("alert-1", "sound", 0, False),
        ("alert-1", "toast", 1, True),
        ("alert-3", "sound", 0, False),
        ("alert-3", "toast", 0, False),
    ]
    assert await database.read(outbox.pending_count) == 4


async def test_a_rule_comes_back_whole_and_in_its_place(database: Database) -> None:
    store = RuleStore(database=database)
    second = Rule(uid="r2", name="second", symbols=("AAPL",), when="last > 1", active=False)
    await store.keep({RULE.uid: RULE})
    await store.keep({second.uid: second})

    changed = replace(RULE, name="renamed", active=False)
    await store.keep({changed.uid: changed})

    assert await store.all() == (changed, second)


async def test_a_removed_rule_can_be_brought_back_to_its_place(database: Database) -> None:
    store = RuleStore(database=database)
    made = [replace(RULE, uid=f"r{number}", name=f"rule {number}") for number in range(4)]
    for rule in made:
        await store.keep({rule.uid: rule})

    await store.keep({"r1": None, "r2": None})
    without = await store.all()
    await store.keep({"r1": made[1]})

    assert [rule.uid for rule in without] == ["r0", "r3"]
    assert await store.all() == (made[0], made[1], made[3])


async def test_a_spent_rule_is_switched_off_for_good(database: Database) -> None:
    store = RuleStore(database=database)
    await store.keep({RULE.uid: RULE})

    await store.keep({"r1": replace(RULE, active=False)})

    assert await RuleStore(database=database).all() == (replace(RULE, active=False),)


async def test_a_rule_that_cannot_be_read_is_left_out_and_stays_in_its_table(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    store = RuleStore(database=database)
    await store.keep({RULE.uid: RULE})
    await store.keep({"r2": replace(RULE, uid="r2", name="broken")})
    await database.run(
        lambda connection: connection.execute(text("UPDATE rules SET document = '{' WHERE uid = 'r2'"))
    )

    assert await store.all() == (RULE,)
    assert [record.getMessage() for record in caplog.records] == ["kept rule cannot be read"]
    assert await database.read(lambda c: c.execute(text("SELECT count(*) FROM rules")).scalar()) == 2


async def test_the_watchlist_keeps_its_order_and_each_symbol_once(database: Database) -> None:
    store = MarketStore(database=database, venue="demo")
    await store.keep_watchlist(arranged(["/ES", "AAPL"]))
    groups = (WatchGroup("", ("MSFT", "/ES", "MSFT")), WatchGroup("Breadth", ("$TICK", "/ES"), True))
    await store.keep_watchlist((*groups, WatchGroup("Empty")))

    kept = await store.watchlist()
    assert kept == (
        WatchGroup("", ("MSFT",)),
        WatchGroup("Breadth", ("$TICK", "/ES"), True),
        WatchGroup("Empty"),
    )

    await store.keep_watchlist(arranged([]))
    assert await store.watchlist() == (WatchGroup(""),)


async def test_arming_states_come_back_by_the_engines_keys(database: Database) -> None:
    await database.run(lambda c: arming.put(c, {"r1|/ESU24": {"n": 1, "at": None}, "r1|BRK.B": {"n": 2}}))
    await database.run(lambda c: arming.put(c, {"r1|/ESU24": {"n": 3, "deep": {"x": [1.5, True]}}}))
    await database.run(lambda c: arming.put(c, {}))

    assert await database.read(arming.load) == {
        "r1|/ESU24": {"n": 3, "deep": {"x": [1.5, True]}},
        "r1|BRK.B": {"n": 2},
    }


async def test_an_unfinished_run_goes_on_where_it_was(database: Database) -> None:
    def begin(run_id: str, now_ns: int) -> Any:
        return lambda c: runs.begin(c, run_id=run_id, feed="replay", source="es.csv", now_ns=now_ns)

    def resume(connection: Any) -> runs.Run | None:
        return runs.resume(connection, feed="replay", source="es.csv")

    none_yet = await database.read(resume)
    await database.run(begin("first", 1))
    await database.run(lambda c: runs.set_position(c, "first", 77))
    resumed = await database.read(resume)
    await database.run(lambda c: runs.finish(c, "first", now_ns=5))
    after_its_end = await database.read(resume)
    await database.run(begin("second", 6))
    newest = await database.read(resume)

    assert none_yet is None
    assert resumed == runs.Run(id="first", feed="replay", source="es.csv", started_ns=1, position_ns=77)
    assert after_its_end is None
    assert newest == runs.Run(id="second", feed="replay", source="es.csv", started_ns=6)


async def test_each_venue_has_a_symbol_of_its_own(database: Database) -> None:
    demo, schwab, again = await database.run(
        lambda c: [instruments.id_of(c, venue, "/ESU24") for venue in ("demo", "schwab", "demo")]
    )

    assert demo == again != schwab
    assert await database.read(lambda c: instruments.find_id(c, "demo", "AAPL")) is None
