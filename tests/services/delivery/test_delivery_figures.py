"""Figures of deliveries, on a database filled by hand: each expected number is counted in the test."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes import NS_PER_SECOND, ManualClock, RecordingChannel
from tests.services.delivery.stored import send
from tradeassist_desktop.domain.channels import Undeliverable
from tradeassist_desktop.domain.delivery import (
    Attempt,
    AttemptOutcome,
    Cause,
    Delivery,
    DeliveryState,
    Muting,
)
from tradeassist_desktop.domain.delivery_figures import (
    ChannelFigures,
    DeliveryPick,
    FailureReason,
    Latencies,
    Share,
    Span,
)
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.delivery_figures import DeliveryFigures
from tradeassist_desktop.storage import alerts, attempts, outbox
from tradeassist_desktop.storage.database import Database

MS = 1_000_000
HOUR_NS = 3_600 * NS_PER_SECOND


@pytest.fixture
def figures(database: Database, clock: ManualClock) -> DeliveryFigures:
    return DeliveryFigures(database=database, clock=clock, lanes=lambda: ())


@pytest.fixture
def keep(database: Database, clock: ManualClock, make_alert: Any) -> Callable[..., Any]:
    """``await keep(number, state, age_s=…, took_ms=…, **fields)``: an alert with one delivery that ended."""

    async def put(
        number: int,
        state: DeliveryState,
        *,
        age_s: float = 60,
        took_ms: float = 100,
        tried: tuple[tuple[AttemptOutcome, str], ...] = (),
        **fields: Any,
    ) -> Delivery:
        ended_ns = clock.now_ns() - round(age_s * NS_PER_SECOND)
        created_ns = ended_ns - round(took_ms * MS)
        delivery = Delivery(
            **{
                "alert_id": f"alert-{number}",
                "channel": "slack",
                "state": state,
                "created_ns": created_ns,
                "finished_ns": ended_ns,
                "attempts": len(tried) or 1,
                **fields,
            }
        )
        batch = [(make_alert(number), (delivery,))]
        rows = [
            Attempt(delivery.key, place, created_ns + place, ended_ns, outcome, words)
            for place, (outcome, words) in enumerate(tried, start=1)
        ]
        await database.run(lambda c: outbox.raise_alerts(c, batch, {}, committed_ns=1))
        await database.run(lambda c: attempts.put(c, rows))
        return delivery

    return put


def of(channels: tuple[ChannelFigures, ...], name: str) -> ChannelFigures:
    return next(channel for channel in channels if channel.channel == name)


async def test_announcements_are_counted_by_how_they_ended(figures: DeliveryFigures, keep: Any) -> None:
    for number, state in enumerate(
        [DeliveryState.DELIVERED] * 5
        + [DeliveryState.UNCERTAIN] * 2
        + [DeliveryState.DEAD]
        + [DeliveryState.EXPIRED] * 3
        + [DeliveryState.UNAVAILABLE]
    ):
        await keep(number, state)
    await keep(20, DeliveryState.SUPPRESSED, muting=Muting.QUIET_HOURS, attempts=0)
    await keep(21, DeliveryState.SUPPRESSED, muting=Muting.QUIET_HOURS, attempts=0)
    await keep(22, DeliveryState.SUPPRESSED, muting=Muting.DUPLICATE, attempts=0)
    await keep(23, DeliveryState.DELIVERED, channel="email", attempts=4)

    report = await figures.report(Span.DAY)

    slack, email = of(report.channels, "slack"), of(report.channels, "email")
    assert slack.states == {
        DeliveryState.DELIVERED: 5,
        DeliveryState.UNCERTAIN: 2,
        DeliveryState.DEAD: 1,
        DeliveryState.EXPIRED: 3,
        DeliveryState.UNAVAILABLE: 1,
        DeliveryState.SUPPRESSED: 3,
    }
    assert slack.mutings == {Muting.QUIET_HOURS: 2, Muting.DUPLICATE: 1}
    assert slack.success == Share(5, 11)  # 5 + 2 + 1 + 3: what was muted, or had no device, was not sent
    assert (slack.retries, email.retries) == (0, 3)
    assert [channel.channel for channel in report.channels] == ["slack", "email"]


@pytest.mark.parametrize(
    ("span", "ages_s"),
    [
        pytest.param(Span.HOUR, [3_600], id="the last hour"),
        pytest.param(Span.DAY, [3_600, 86_400], id="the last day"),
        pytest.param(Span.WEEK, [3_600, 86_400, 604_800], id="the last week"),
        pytest.param(Span.MONTH, [3_600, 86_400, 604_800, 2_592_000], id="the last 30 days"),
        pytest.param(Span.ALL, [3_600, 86_400, 604_800, 2_592_000, 9e7], id="all"),
    ],
)
async def test_a_span_has_what_ended_within_it(
    figures: DeliveryFigures, keep: Any, span: Span, ages_s: list[float]
) -> None:
    all_s = [3_600, 86_400, 604_800, 2_592_000, 9e7]
    for number, age_s in enumerate(all_s):
        await keep(number, DeliveryState.DELIVERED, age_s=age_s)
        await keep(number + 10, DeliveryState.DELIVERED, age_s=age_s + 1)

    (slack,) = (await figures.report(span)).channels

    just_older = len(ages_s) if span is Span.ALL else len(ages_s) - 1
    assert slack.sent == len(ages_s) + just_older


async def test_what_waits_is_in_no_figure(figures: DeliveryFigures, keep: Any) -> None:
    await keep(1, DeliveryState.PENDING, finished_ns=None)
    await keep(2, DeliveryState.SENDING, finished_ns=None)

    report = await figures.report(Span.ALL)
    waiting = await figures.picked(DeliveryPick(channel="slack", states=(DeliveryState.PENDING,)), Span.HOUR)

    assert report.channels == ()
    assert waiting.count == 2


async def test_percentiles_are_those_of_a_sorted_list(figures: DeliveryFigures, keep: Any) -> None:
    chance = random.Random(11)
    took_ms = [chance.randrange(1, 5_000) for _ in range(150)]
    for number, ms in enumerate(took_ms):
        await keep(number, DeliveryState.DELIVERED, took_ms=ms)
    await keep(900, DeliveryState.DEAD, took_ms=90_000)  # never arrived: it has no latency

    (slack,) = (await figures.report(Span.DAY)).channels

    ordered = sorted(took_ms)
    # Nearest rank of 150: the 75th, the 143rd (142.5) and the 149th (148.5).
    assert slack.latency == Latencies(150, ordered[74] * MS, ordered[142] * MS, ordered[148] * MS)


async def test_latencies_over_time_are_of_half_hours_of_the_last_day(
    figures: DeliveryFigures, keep: Any, clock: ManualClock
) -> None:
    clock.set_wall(1_700_000_000 * NS_PER_SECOND // HOUR_NS * HOUR_NS + 100 * NS_PER_SECOND)
    hour_ns = clock.now_ns() - 100 * NS_PER_SECOND
    await keep(1, DeliveryState.DELIVERED, age_s=50, took_ms=10)
    await keep(2, DeliveryState.DELIVERED, age_s=60, took_ms=30)
    await keep(3, DeliveryState.DELIVERED, age_s=100 + 3 * 1_800, took_ms=500)

    (slack,) = (await figures.report(Span.DAY)).channels

    half_ns = HOUR_NS // 2
    assert [(each.from_ns, each.until_ns, each.latencies.count) for each in slack.points] == [
        (hour_ns - 3 * half_ns, hour_ns - 2 * half_ns, 1),
        (hour_ns, hour_ns + half_ns, 2),
    ]
    assert slack.points[1].latencies == Latencies(2, 10 * MS, 30 * MS, 30 * MS)


async def test_all_there_is_makes_no_more_points_than_can_be_seen(
    figures: DeliveryFigures, keep: Any
) -> None:
    for number in range(300):
        await keep(number, DeliveryState.DELIVERED, age_s=number * 86_400)

    (slack,) = (await figures.report(Span.ALL)).channels

    assert 50 <= len(slack.points) <= 61
    assert sum(each.latencies.count for each in slack.points) == 300


async def test_reasons_are_grouped_by_words_and_the_most_frequent_comes_first(
    figures: DeliveryFigures, keep: Any, clock: ManualClock
) -> None:
    refused = (AttemptOutcome.FAILED, "no route to host")
    await keep(1, DeliveryState.DELIVERED, age_s=50, tried=(refused, (AttemptOutcome.DELIVERED, "")))
    await keep(2, DeliveryState.DEAD, age_s=20, tried=(refused, (AttemptOutcome.REFUSED, "bad token")))
    await keep(3, DeliveryState.EXPIRED, age_s=30, detail="waited for longer than 1 h")
    await keep(4, DeliveryState.EXPIRED, age_s=99, detail="waited for longer than 1 h")

    report = await figures.report(Span.HOUR)

    now_ns = clock.now_ns()
    words = "waited for longer than 1 h"
    assert report.reasons == (
        FailureReason("slack", AttemptOutcome.FAILED, "no route to host", 2, now_ns - 20 * NS_PER_SECOND),
        FailureReason("slack", None, words, 2, now_ns - 30 * NS_PER_SECOND),
        FailureReason("slack", AttemptOutcome.REFUSED, "bad token", 1, now_ns - 20 * NS_PER_SECOND),
    )
    assert of(report.channels, "slack").retries == 2  # one each; what expired had one attempt


async def test_a_reason_leads_to_the_deliveries_it_befell(figures: DeliveryFigures, keep: Any) -> None:
    lost = (AttemptOutcome.FAILED, "no route to host")
    await keep(1, DeliveryState.DELIVERED, age_s=50, tried=(lost, (AttemptOutcome.DELIVERED, "")))
    await keep(2, DeliveryState.PENDING, finished_ns=None, tried=(lost,))
    await keep(3, DeliveryState.DELIVERED, tried=((AttemptOutcome.DELIVERED, ""),))
    (reason,) = (await figures.report(Span.HOUR)).reasons

    found = await figures.picked(DeliveryPick(channel="slack", reason=reason), Span.HOUR)

    assert {delivery.alert_id for _, delivery in found.rows} == {"alert-1", "alert-2"}
    assert (found.count, reason.count) == (2, 2)


async def test_each_figure_leads_to_what_it_counts(figures: DeliveryFigures, keep: Any) -> None:
    await keep(1, DeliveryState.DELIVERED, took_ms=10)
    await keep(2, DeliveryState.DELIVERED, took_ms=900, attempts=3)
    await keep(3, DeliveryState.DELIVERED, took_ms=500)
    await keep(4, DeliveryState.SUPPRESSED, muting=Muting.SNOOZE, attempts=0)
    await keep(5, DeliveryState.SUPPRESSED, muting=Muting.REPLAY, attempts=0)
    await keep(6, DeliveryState.DEAD, age_s=10)
    await keep(7, DeliveryState.DEAD, age_s=5)
    await keep(8, DeliveryState.DEAD, channel="email")

    async def ids(**pick: Any) -> list[str]:
        found = await figures.picked(DeliveryPick(channel="slack", **pick), Span.DAY)
        assert found.count == len(found.rows)
        return [alert.id.removeprefix("alert-") for alert, _ in found.rows]

    assert await ids(states=(DeliveryState.DEAD,)) == ["7", "6"]  # the newest first
    assert await ids(muting=Muting.SNOOZE) == ["4"]
    assert await ids(is_retried=True) == ["2"]
    assert await ids(least_latency_ns=500 * MS) == ["2", "3"]  # the slowest first


async def test_a_digest_is_one_request_and_each_of_its_announcements_counts(
    figures: DeliveryFigures, database: Database, keep: Any, clock: ManualClock
) -> None:
    began_ns = clock.now_ns() - 5 * NS_PER_SECOND
    for number in range(3):
        delivery = await keep(number, DeliveryState.DELIVERED)
        row = Attempt(delivery.key, 1, began_ns, began_ns + 40 * MS, AttemptOutcome.DELIVERED)
        await database.run(lambda c, row=row: attempts.put(c, [row]))

    (slack,) = (await figures.report(Span.HOUR)).channels

    assert slack.success == Share(3, 3)
    assert slack.attempts == Latencies(1, 40 * MS, 40 * MS, 40 * MS)


async def test_what_the_dispatcher_sends_is_in_the_figures(
    database: Database,
    clock: ManualClock,
    make: Callable[..., Dispatcher],
    make_alert: Any,
    until: Callable[..., Any],
) -> None:
    busy = RecordingChannel("slack", answers=[Undeliverable("no route to host", retry=True)])
    dispatcher = make(busy)
    figures = DeliveryFigures(database=database, clock=clock, lanes=dispatcher.readings)
    await dispatcher.start()
    await send(database, dispatcher, [make_alert(1, evaluated_ns=clock.now_ns())], "slack")
    await until(lambda: figures.lanes()["slack"].state != "ready")
    waits = figures.lanes()["slack"]
    await clock.advance(60)
    await until(lambda: figures.lanes()["slack"].waiting == 0)
    await dispatcher.stop()

    report = await figures.report(Span.HOUR)

    (slack,) = report.channels
    assert waits.waiting == 1 and waits.state == "failing: no route to host"
    assert (slack.success, slack.retries) == (Share(1, 1), 1)
    assert [(each.words, each.count) for each in report.reasons] == [("no route to host", 1)]
    assert report.lanes["slack"].waiting == 0


async def test_the_attempts_of_one_alert_are_read_however_old_it_is(
    figures: DeliveryFigures, keep: Any
) -> None:
    lost = (AttemptOutcome.FAILED, "no route to host")
    await keep(1, DeliveryState.DELIVERED, age_s=4e7, tried=(lost, (AttemptOutcome.DELIVERED, "ok")))
    await keep(2, DeliveryState.DELIVERED, tried=((AttemptOutcome.DELIVERED, ""),))

    tried = await figures.attempts("alert-1")
    record = await figures.record("alert-1")

    assert [(each.number, each.outcome.value, each.detail) for each in tried] == [
        (1, "failed", "no route to host"),
        (2, "delivered", "ok"),
    ]
    assert record is not None and record.deliveries[0].cause is Cause.FIRED
    assert await figures.record("nobody") is None


async def test_alerts_of_a_replay_that_was_turned_back_leave_no_figures(
    figures: DeliveryFigures, database: Database, keep: Any
) -> None:
    lost = (AttemptOutcome.FAILED, "no route to host")
    await keep(1, DeliveryState.DELIVERED, tried=(lost, (AttemptOutcome.DELIVERED, "")))
    await keep(2, DeliveryState.DELIVERED)

    await database.run(lambda c: alerts.forget(c, ["alert-1"]))

    report = await figures.report(Span.ALL)
    assert of(report.channels, "slack").success == Share(1, 1)
    assert (report.reasons, await figures.attempts("alert-1")) == ((), ())
