import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fakes import ManualClock, RecordingChannel
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.delivery.planning import to_channels
from tradeassist_desktop.services.history import History
from tradeassist_desktop.services.notices import Notices
from tradeassist_desktop.storage.database import Database


@dataclass
class NoticeDesk:
    """Notices on a running desk with one channel."""

    notices: Notices
    history: History
    toast: RecordingChannel
    alerting: Alerting

    async def settle(self) -> None:
        await self.alerting.drain(1)


@pytest.fixture
async def desk(
    database: Database, bus: Bus, clock: ManualClock, rng: random.Random
) -> AsyncIterator[NoticeDesk]:
    toast = RecordingChannel("toast")
    dispatcher = Dispatcher(database=database, bus=bus, clock=clock, channels={"toast": toast}, rng=rng)
    alerting = Alerting(
        database=database,
        bus=bus,
        clock=clock,
        plan=to_channels(lambda alert: ("toast",)),
        dispatcher=dispatcher,
        rng=rng,
    )
    history = History(database=database, bus=bus, clock=clock)
    await history.start()
    await dispatcher.start()
    await alerting.start()
    yield NoticeDesk(Notices(alerting=alerting, clock=clock), history, toast, alerting)
    await alerting.stop()
    await dispatcher.stop()
    await history.stop()


async def test_a_notice_is_stored_and_delivered_like_an_alert(
    desk: NoticeDesk, until: Callable[..., Any]
) -> None:
    desk.notices.tell("feed-down", "No data from Schwab", "3 rules are blind.", Priority.HIGH)
    await until(lambda: desk.toast.messages)

    (message,) = desk.toast.messages
    assert (message.title, message.body, message.priority) == (
        "No data from Schwab",
        "3 rules are blind.",
        Priority.HIGH,
    )
    (record,) = desk.history.records()
    assert record.alert.is_notice
    assert record.committed_ns is not None


async def test_a_notice_about_one_instant_is_told_once(
    desk: NoticeDesk, until: Callable[..., Any], clock: ManualClock
) -> None:
    for _ in range(2):
        desk.notices.tell("sign-in-48h", "Sign-in", "2 days left.", Priority.NORMAL, about_ns=1_000)
        await until(lambda: desk.toast.messages)
        await desk.settle()
        await clock.advance(60)
    desk.notices.tell("sign-in-48h", "Sign-in", "2 days left.", Priority.NORMAL, about_ns=2_000)
    await until(lambda: len(desk.toast.messages) == 2)

    assert len(desk.history.records()) == 2


async def test_notices_of_another_time_are_told_again(
    desk: NoticeDesk, until: Callable[..., Any], clock: ManualClock
) -> None:
    desk.notices.tell("disk-low", "Disk", "Little room is left.", Priority.NORMAL)
    await clock.advance(1)
    desk.notices.tell("disk-low", "Disk", "Little room is left.", Priority.NORMAL)

    await until(lambda: len(desk.toast.messages) == 2)
