"""A program that raises alerts until it is killed: ``raising_child.py DATABASE FIRST_NUMBER``.

Says ``saved ID`` when an alert is announced as safe on disk, ``sent ID`` when a channel has it.
"""

import asyncio
import sys
from pathlib import Path

from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Priority
from tradeassist_desktop.domain.delivery import ChannelTraits, Message, Receipt
from tradeassist_desktop.domain.events import AlertRaised
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.delivery.planning import to_channels
from tradeassist_desktop.storage.database import Database


def say(word: str, alert_id: str) -> None:
    print(word, alert_id, flush=True)


class SayingChannel:
    name = "toast"
    traits = ChannelTraits(digest_above=1_000_000)

    async def send(self, message: Message) -> Receipt:
        say("sent", message.alert_id)
        return Receipt()


def alert(number: int) -> Alert:
    return Alert(
        id=f"alert-{number}",
        rule_uid="rule-1",
        rule_name="ES breaks out",
        symbol="/ESU24",
        sequence=number,
        priority=Priority.HIGH,
        status=AlertStatus.FIRED,
        event_ns=number,
        value=5530.25,
        message="/ESU24 last 5530.25 crosses above 5530",
        condition="last crosses above 5530",
    )


async def main(path: Path, first: int) -> None:
    bus, clock = Bus(), SystemClock()
    bus.subscribe(AlertRaised, lambda event: say("saved" if event.is_saved else "unsaved", event.alert.id))
    database = Database(path=path, bus=bus)
    await database.start()
    dispatcher = Dispatcher(database=database, bus=bus, clock=clock, channels={"toast": SayingChannel()})
    alerting = Alerting(
        database=database,
        bus=bus,
        clock=clock,
        plan=to_channels(lambda alert: ("toast", "slack")),
        dispatcher=dispatcher,
    )
    await dispatcher.start()
    await alerting.start()
    number = first
    while True:
        for _ in range(3):
            alerting.raise_alerts([alert(number)], {"rule-1|/ESU24": {"sequence": number}})
            number += 1
        await clock.sleep(0.001)


asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
