"""A storm of alerts that is told again: after a silence, as repeats, as an escalation."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes import NS_PER_SECOND, ManualClock
from tests.services.routed_desk import NOON_NS, Market, RoutedDesk, rule, running_desk
from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Priority
from tradeassist_desktop.domain.routing import SilenceScope
from tradeassist_desktop.domain.rules import Standing

ALL = tuple(f"storm-{number}" for number in range(500))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[RoutedDesk]:
    async with running_desk(tmp_path, clock=ManualClock(now_ns=NOON_NS), market=Market()) as desk:
        await desk.set(
            repeat__urgent="off",
            escalate__urgent="off",
            notify__urgent=("toast", "slack"),
            notify__normal=("toast", "slack"),
        )
        yield desk


async def storm(desk: RoutedDesk, priority: Priority = Priority.NORMAL) -> None:
    """Raise 500 alerts of as many rules, whose conditions stay true."""
    for number, alert_id in enumerate(ALL):
        uid = f"rule-{number}"
        desk.market.rules[uid] = rule(uid)
        desk.market.standing[uid, "/ES"] = Standing(True, NOON_NS)
        alert = Alert(
            id=alert_id,
            rule_uid=uid,
            rule_name="Storm",
            symbol="/ES",
            sequence=0,
            priority=priority,
            status=AlertStatus.FIRED,
            event_ns=NOON_NS,
            value=1.0,
            message=f"Storm {number}",
            condition="last > 1",
        )
        desk.alerting.raise_alerts([alert], {})
    await desk.settle()


def told(desk: RoutedDesk, channel: str) -> list[tuple[str, ...]]:
    """Return which alerts each message of a channel was about."""
    return [m.digest.alert_ids if m.digest else (m.alert_id,) for m in desk.channels[channel].messages]


@pytest.mark.parametrize("priority", [Priority.NORMAL, Priority.URGENT])
async def test_what_a_silence_held_back_is_one_digest_a_channel_when_it_runs_out(
    desk: RoutedDesk, priority: Priority
) -> None:
    await desk.silences.add(SilenceScope.ALL, until_ns=NOON_NS + 600 * NS_PER_SECOND)
    await storm(desk, priority)
    await desk.advance(599)
    before = told(desk, "toast")

    await desk.advance(10)

    assert before == []
    assert (told(desk, "toast"), told(desk, "slack")) == ([ALL], [ALL])
    assert desk.got("slack") == ["silence_ended"] * 500


async def test_repeats_that_are_due_together_are_one_digest(desk: RoutedDesk) -> None:
    await desk.set(repeat__urgent="5m")
    await storm(desk, Priority.URGENT)
    first = len(desk.channels["toast"].messages)

    await desk.advance(310)

    assert told(desk, "toast")[first:] == [ALL]
    assert desk.got("toast") == ["fired"] * 500 + ["repeat"] * 500


async def test_escalations_that_are_due_together_are_one_digest(desk: RoutedDesk) -> None:
    await desk.set(escalate__urgent="2m email")
    await storm(desk, Priority.URGENT)

    await desk.advance(130)

    assert told(desk, "email") == [ALL]


async def test_what_falls_due_within_milliseconds_gathers_after_the_first(desk: RoutedDesk) -> None:
    await desk.set(escalate__urgent="2m email")
    for number in range(100):
        await desk.fire(f"rule-{number}")
        await desk.clock.advance(0.002)

    await desk.advance(130)

    assert [len(about) for about in told(desk, "email")] == [1, 99]


async def test_what_is_acknowledged_as_the_silence_runs_out_is_not_among_them(desk: RoutedDesk) -> None:
    await desk.silences.add(SilenceScope.ALL, until_ns=NOON_NS + 600 * NS_PER_SECOND)
    await storm(desk)
    await desk.history.acknowledge(ALL[:100])

    await desk.advance(610)

    assert told(desk, "toast") == [ALL[100:]]


async def test_what_is_not_saved_is_repeated_once_though_the_database_is_gone_for_the_rest(
    desk: RoutedDesk,
) -> None:
    await desk.set(repeat__urgent="5m")
    saved = await desk.fire("saved")
    await desk.database.stop()
    desk.market.rules["rule"] = rule("rule")
    desk.market.standing["rule", "/ES"] = Standing(True, NOON_NS)
    desk.alerting.raise_alerts([replace(saved, id="unsaved", rule_uid="rule")], {})

    for _ in range(59):
        await desk.clock.advance(10)

    assert told(desk, "toast") == [(saved.id,), ("unsaved",), ("unsaved",)]
