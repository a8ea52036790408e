"""What the trader mutes; the clock begins at noon UTC on Tuesday 2024-07-02, 08:00 in New York."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import NS_PER_SECOND, ManualClock
from tests.services.routed_desk import NOON_NS, Market, RoutedDesk, rule, running_desk
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.events import SilencesChanged
from tradeassist_desktop.domain.routing import SilenceCause, SilenceScope
from tradeassist_desktop.domain.rules import Standing
from tradeassist_desktop.storage.faults import StorageFailed

MINUTE_NS = 60 * NS_PER_SECOND
IN_TEN_NS = NOON_NS + 10 * MINUTE_NS


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(now_ns=NOON_NS)


@pytest.fixture
def market() -> Market:
    return Market()


@pytest.fixture
async def desk(tmp_path: Path, clock: ManualClock, market: Market) -> AsyncIterator[RoutedDesk]:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        await only_toasts(desk)
        yield desk


async def only_toasts(desk: RoutedDesk) -> None:
    await desk.set(escalate__urgent="off", repeat__urgent="off", notify__urgent=("toast",))


@pytest.mark.parametrize(
    ("scope", "about", "muted"),
    [
        pytest.param("all", {}, {"a /ES", "a /NQ", "b /ES"}, id="all"),
        pytest.param("rule", {"rule_uid": "a"}, {"a /ES", "a /NQ"}, id="a rule"),
        pytest.param("symbol", {"symbol": "/ES"}, {"a /ES", "b /ES"}, id="a symbol"),
        pytest.param("tag", {"tag": "open"}, {"b /ES"}, id="a tag"),
        pytest.param("rule_symbol", {"rule_uid": "a", "symbol": "/NQ"}, {"a /NQ"}, id="a rule on a symbol"),
    ],
)
async def test_a_silence_mutes_what_is_in_its_scope(
    desk: RoutedDesk, scope: str, about: dict[str, str], muted: set[str]
) -> None:
    desk.market.rules["b"] = rule("b", tags=("open",))
    await desk.silences.add(SilenceScope(scope), until_ns=IN_TEN_NS, **about)

    alerts = [await desk.fire(*subject) for subject in (("a", "/ES"), ("a", "/NQ"), ("b", "/ES"))]

    found = {
        f"{alert.rule_uid} {alert.symbol}"
        for alert in alerts
        if [state for _, state, _ in await desk.deliveries(alert)] == ["suppressed"]
    }
    assert found == muted


async def test_a_silence_of_some_channels_leaves_the_others(desk: RoutedDesk) -> None:
    await desk.set(notify__urgent=("toast", "sound"))
    await desk.silences.add(SilenceScope.ALL, until_ns=IN_TEN_NS, channels=("sound",), note="a call")

    alert = await desk.fire()

    assert await desk.deliveries(alert) == [
        ("sound", "suppressed", "silenced (all alerts) until 12:10: a call"),
        ("toast", "delivered", "receipt 1"),
    ]


async def test_an_end_on_another_day_is_told_with_its_day(desk: RoutedDesk) -> None:
    await desk.silences.add(SilenceScope.ALL, until_ns=NOON_NS + 24 * 60 * MINUTE_NS)

    alert = await desk.fire()

    assert await desk.deliveries(alert) == [("toast", "suppressed", "silenced (all alerts) until Wed 12:00")]


async def test_a_silence_ended_early_announces_what_is_true_still(desk: RoutedDesk) -> None:
    silence = await desk.silences.add(SilenceScope.ALL, until_ns=IN_TEN_NS)
    await desk.fire()
    await desk.advance(60)

    await desk.silences.end(silence.id)
    await desk.settle()

    assert (desk.silences.active(), desk.got("toast")) == ((), ["silence_ended"])


async def test_ending_can_be_undone(desk: RoutedDesk) -> None:
    silence = await desk.silences.add(SilenceScope.ALL, until_ns=IN_TEN_NS)
    await desk.silences.end(silence.id)

    await desk.silences.resume(silence.id)

    assert desk.silences.active() == (silence,)


async def test_adding_can_be_undone_and_what_was_muted_meanwhile_is_announced(desk: RoutedDesk) -> None:
    await desk.fire("before")
    silence = await desk.silences.add(SilenceScope.ALL, until_ns=IN_TEN_NS)
    during = await desk.fire("during")

    await desk.silences.remove(silence.id)
    await desk.settle()

    assert desk.silences.active() == ()
    assert desk.got("toast") == ["fired", "silence_ended"]
    assert [message.alert_id for message in desk.channels["toast"].messages][1:] == [during.id]


@pytest.mark.parametrize(
    "fires_after_it", [pytest.param(False, id="no newer alert"), pytest.param(True, id="a newer alert")]
)
async def test_the_end_of_a_silence_sends_nothing_where_alerts_no_longer_go(
    desk: RoutedDesk, *, fires_after_it: bool
) -> None:
    await desk.set(notify__urgent=("toast", "email"))
    await desk.fire()
    await desk.set(notify__urgent=("toast",))
    await desk.silences.add(SilenceScope.ALL, until_ns=IN_TEN_NS)
    if fires_after_it:
        await desk.fire(value=5531.0)

    await desk.advance(601)

    assert (desk.got("toast"), desk.got("email")) == (["fired", "silence_ended"], ["fired"])


async def test_silences_outlive_a_restart(tmp_path: Path, clock: ManualClock, market: Market) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        made = [
            await desk.silences.add(SilenceScope.TAG, tag="open", until_ns=IN_TEN_NS, channels=("sound",)),
            await desk.silences.pause(),
        ]
        ended = await desk.silences.add(SilenceScope.ALL, until_ns=IN_TEN_NS)
        await desk.silences.end(ended.id)

    async with running_desk(tmp_path, clock=clock, market=market) as again:
        assert list(again.silences.active()) == made


async def test_the_bus_hears_of_each_change_and_of_an_end(desk: RoutedDesk) -> None:
    heard: list[SilencesChanged] = []
    desk.bus.subscribe(SilencesChanged, heard.append)

    await desk.silences.add(SilenceScope.ALL, until_ns=IN_TEN_NS)
    added = len(heard)
    await desk.advance(601)

    assert (added, len(heard), desk.silences.active()) == (1, 2, ())


async def test_a_silence_that_begins_later_mutes_from_then_on_and_what_is_true_still_is_announced_at_its_end(
    desk: RoutedDesk,
) -> None:
    silence = await desk.silences.add(
        SilenceScope.ALL, from_ns=NOON_NS + 5 * MINUTE_NS, until_ns=NOON_NS + 10 * MINUTE_NS
    )
    before = (desk.silences.active(), desk.silences.coming())
    await desk.fire("early")
    await desk.advance(300)
    begun = (desk.silences.active(), desk.silences.coming())
    late = await desk.fire("late")
    muted = await desk.deliveries(late)
    told_meanwhile = desk.got("toast")
    await desk.advance(301)

    assert (before, begun) == (((), (silence,)), ((silence,), ()))
    assert muted == [("toast", "suppressed", "silenced (all alerts) until 12:10")]
    assert told_meanwhile == ["fired"]
    assert desk.got("toast") == ["fired", "silence_ended", "silence_ended"]


async def test_the_bus_hears_that_a_silence_begins(desk: RoutedDesk) -> None:
    await desk.silences.add(SilenceScope.ALL, from_ns=NOON_NS + MINUTE_NS, until_ns=IN_TEN_NS)
    heard: list[SilencesChanged] = []
    desk.bus.subscribe(SilencesChanged, heard.append)

    await desk.advance(59)
    before = len(heard)
    await desk.advance(2)

    assert (before, len(heard)) == (0, 1)


async def test_a_silence_to_come_outlives_a_restart(
    tmp_path: Path, clock: ManualClock, market: Market
) -> None:
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        silence = await desk.silences.add(
            SilenceScope.ALL, from_ns=NOON_NS + 5 * MINUTE_NS, until_ns=IN_TEN_NS
        )

    async with running_desk(tmp_path, clock=clock, market=market) as again:
        coming = again.silences.coming()
        await again.advance(300)

        assert (coming, again.silences.active()) == ((silence,), (silence,))


async def test_a_silence_ended_before_it_begins_mutes_nothing_until_that_is_undone(desk: RoutedDesk) -> None:
    silence = await desk.silences.add(SilenceScope.ALL, from_ns=NOON_NS + 5 * MINUTE_NS, until_ns=IN_TEN_NS)

    await desk.silences.end(silence.id)
    ended = desk.silences.coming()
    await desk.advance(360)
    active = desk.silences.active()
    await desk.silences.resume(silence.id)

    assert (ended, active) == ((), ())
    assert desk.silences.active() == (silence,)


async def test_a_silence_to_come_can_be_extended(desk: RoutedDesk) -> None:
    silence = await desk.silences.add(SilenceScope.ALL, from_ns=NOON_NS + 5 * MINUTE_NS, until_ns=IN_TEN_NS)

    await desk.silences.move_end(silence.id, until_ns=IN_TEN_NS + MINUTE_NS)

    (moved,) = desk.silences.coming()
    assert (moved.from_ns, moved.until_ns) == (silence.from_ns, IN_TEN_NS + MINUTE_NS)


async def test_what_cannot_be_kept_changes_nothing(desk: RoutedDesk) -> None:
    await desk.database.stop()

    with pytest.raises(StorageFailed):
        await desk.silences.pause()

    assert desk.silences.active() == ()


@pytest.mark.parametrize(
    ("scope", "about", "fault"),
    [
        pytest.param("all", {"until_ns": NOON_NS}, "until: expected a time to come", id="past"),
        pytest.param(
            "all",
            {"from_ns": IN_TEN_NS, "until_ns": IN_TEN_NS},
            "until: expected a time after its begin",
            id="over before it begins",
        ),
        pytest.param("rule", {}, "rule: expected one", id="no rule"),
        pytest.param("tag", {}, "tag: expected one", id="no tag"),
        pytest.param("symbol", {}, "symbol: expected one", id="no symbol"),
        pytest.param("all", {"channels": ("pager",)}, "channels: expected one of toast", id="no channel"),
    ],
)
async def test_a_silence_of_nothing_is_refused(
    desk: RoutedDesk, scope: str, about: dict[str, Any], fault: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        await desk.silences.add(SilenceScope(scope), **{"until_ns": None, **about})

    assert str(refusal.value).startswith(fault)


# --- snooze


async def test_a_snoozed_alert_is_sent_again_at_its_end_if_true_still(desk: RoutedDesk) -> None:
    await desk.set(repeat__urgent="1m")
    alert = await desk.fire()

    await desk.silences.snooze(alert, for_ns=5 * MINUTE_NS)
    await desk.advance(299)
    before = desk.got("toast")
    await desk.advance(1)

    assert (before, desk.got("toast")) == (["fired"], ["fired", "silence_ended"])


async def test_a_snoozed_alert_that_cleared_is_not_sent_again(desk: RoutedDesk) -> None:
    alert = await desk.fire()
    await desk.silences.snooze(alert, for_ns=5 * MINUTE_NS)
    desk.clear()

    await desk.advance(600)

    assert desk.got("toast") == ["fired"]


async def test_a_snooze_mutes_only_its_rule_on_its_symbol(desk: RoutedDesk) -> None:
    alert = await desk.fire("a", "/ES")
    await desk.silences.snooze(alert, for_ns=5 * MINUTE_NS)

    again = await desk.fire("a", "/ES", value=5531.0)
    other = await desk.fire("a", "/NQ")

    assert await desk.deliveries(again) == [("toast", "suppressed", "snoozed until 12:05")]
    assert [state for _, state, _ in await desk.deliveries(other)] == ["delivered"]


async def test_a_snoozed_alert_whose_condition_cannot_be_told_is_sent_again(desk: RoutedDesk) -> None:
    alert = await desk.fire(standing=Standing(None))
    await desk.silences.snooze(alert, for_ns=5 * MINUTE_NS)

    await desk.advance(301)

    assert desk.got("toast") == ["fired", "silence_ended"]


async def test_a_snoozed_notice_is_sent_again_and_mutes_no_other(desk: RoutedDesk) -> None:
    notice = await desk.fire("", "", rule_name="No data from Demo")
    await desk.silences.snooze(notice, for_ns=5 * MINUTE_NS)
    other = await desk.fire("", "", rule_name="No data from Coinbase")

    await desk.advance(301)

    assert [message.alert_id for message in desk.channels["toast"].messages] == [
        notice.id,
        other.id,
        notice.id,
    ]


# --- mute and pause


async def test_a_muted_rule_is_heard_again_once_it_is_unmuted(desk: RoutedDesk) -> None:
    await desk.silences.mute_rule("breakout")
    await desk.silences.mute_rule("breakout")
    muted = await desk.fire()

    inside = await desk.deliveries(muted)
    await desk.silences.unmute_rule("breakout")
    await desk.settle()

    assert inside == [("toast", "suppressed", "its rule is muted until it is unmuted")]
    assert (desk.silences.muting_rule("breakout"), desk.got("toast")) == (None, ["silence_ended"])


async def test_everything_is_paused_until_it_is_resumed(desk: RoutedDesk) -> None:
    pause = await desk.silences.pause()
    paused = await desk.fire()
    notice = await desk.fire("", "", rule_name="No data from Demo")

    assert desk.silences.pausing() == pause
    words = ("toast", "suppressed", "all alerts are paused until they are resumed")
    assert await desk.deliveries(paused) == await desk.deliveries(notice) == [words]
    await desk.silences.end_pause()
    await desk.settle()
    assert (desk.silences.pausing(), desk.got("toast")) == (None, ["silence_ended", "silence_ended"])


async def test_resuming_sends_what_the_pause_held_back_and_nothing_that_was_told_before_it(
    desk: RoutedDesk,
) -> None:
    await desk.fire("before")
    await desk.silences.pause()
    during = await desk.fire("during")
    await desk.advance(2)

    await desk.silences.end_pause()
    await desk.settle()

    assert desk.got("toast") == ["fired", "silence_ended"]
    assert desk.channels["toast"].messages[-1].alert_id == during.id


async def test_a_silence_of_all_alerts_on_all_channels_is_a_pause_and_resuming_ends_it(
    desk: RoutedDesk,
) -> None:
    await desk.silences.add(SilenceScope.ALL, until_ns=IN_TEN_NS, channels=("toast",))
    of_one_channel = desk.silences.pausing()
    of_all = await desk.silences.add(SilenceScope.ALL, until_ns=IN_TEN_NS)
    pausing = desk.silences.pausing()

    await desk.silences.end_pause()

    assert (of_one_channel, pausing) == (None, of_all)
    assert [silence.channels for silence in desk.silences.active()] == [("toast",)]


async def test_a_pause_until_a_time_ends_then(desk: RoutedDesk) -> None:
    await desk.silences.pause(until_ns=desk.silences.next_open_ns())

    await desk.advance(90 * 60 - 1)
    before = desk.silences.pausing()
    await desk.advance(1)

    assert before is not None
    assert before.cause is SilenceCause.PAUSE
    assert desk.silences.pausing() is None


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        pytest.param(0, 90, id="before the open it is today's"),
        pytest.param(120, 90 + 24 * 60, id="in the session it is tomorrow's"),
        pytest.param(24 * 60 + 120, 90 + 3 * 24 * 60, id="over a holiday it is the day after"),
    ],
)
async def test_the_next_open_is_that_of_the_exchange(desk: RoutedDesk, now: int, opens: int) -> None:
    desk.clock.set_wall(NOON_NS + now * MINUTE_NS)

    assert desk.silences.next_open_ns() == NOON_NS + opens * MINUTE_NS


async def test_the_end_of_a_pause_does_not_send_notices_again_that_were_told_before_it(
    desk: RoutedDesk,
) -> None:
    await desk.fire("", "", rule_name="No data from Demo")
    await desk.silences.pause(until_ns=IN_TEN_NS)

    await desk.advance(1_200)

    assert desk.got("toast") == ["fired"]
