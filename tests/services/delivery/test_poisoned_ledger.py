"""One state that the database cannot take keeps neither others nor alerts from the disk."""

import random
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fakes import ManualClock, RecordingChannel
from tests.services.delivery.stored import kept_states
from tradeassist_desktop.domain.channels import Receipt
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.delivery.planning import to_channels
from tradeassist_desktop.storage import alerts
from tradeassist_desktop.storage.database import Database

NO_TEXT = "tone-\udcff.wav"
"""What a file name that is not UTF-8 reads as: SQLite cannot keep it."""


class OddChannel(RecordingChannel):
    """Gives a receipt that cannot be kept for the alert ``alert-2``."""

    async def send(self, message: Message) -> Receipt:
        await super().send(message)
        return Receipt(detail=NO_TEXT if message.alert_id == "alert-2" else "posted")


@pytest.fixture
async def desk(
    database: Database, bus: Bus, clock: ManualClock, rng: random.Random
) -> AsyncIterator[SimpleNamespace]:
    toast, sound = RecordingChannel("toast"), OddChannel("sound")
    dispatcher = Dispatcher(
        database=database, bus=bus, clock=clock, channels={"toast": toast, "sound": sound}, rng=rng
    )
    alerting = Alerting(
        database=database,
        bus=bus,
        clock=clock,
        plan=to_channels(lambda alert: ("toast", "sound")),
        dispatcher=dispatcher,
        rng=rng,
    )
    await dispatcher.start()
    await alerting.start()
    yield SimpleNamespace(alerting=alerting, dispatcher=dispatcher, toast=toast, sound=sound)
    await alerting.stop()
    await dispatcher.stop()


async def test_alerts_and_the_states_of_all_others_are_kept(
    desk: SimpleNamespace, database: Database, clock: ManualClock, make_alert: Any, until: Any
) -> None:
    for number in range(1, 6):
        desk.alerting.raise_alerts([make_alert(number)], {})
        await until(lambda number=number: len(desk.sound.messages) == number)
        await clock.advance(1)
    await desk.alerting.stop()
    await desk.dispatcher.stop()

    stored = await database.read(lambda connection: alerts.recent(connection, limit=10))
    assert [record.alert.id for record in reversed(stored)] == [f"alert-{number}" for number in range(1, 6)]
    assert await kept_states(database, "toast") == ["delivered"] * 5
    states = await kept_states(database, "sound")
    assert [states[number] for number in (0, 2, 3, 4)] == ["delivered"] * 4
