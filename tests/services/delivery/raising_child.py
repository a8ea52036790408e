"""A desk in an alert storm, until it is killed: ``raising_child.py DATABASE FIRST_NUMBER``.

Says ``saved ID`` when an alert is announced as safe on disk, and ``sent CHANNEL TRY ID,ID…`` when a
channel's receiver has a message. It answers a little later: a kill in between leaves its arrival unknown.
Says ``slow`` when a message goes out before it is written that it does, as the disk took over a second.
"""

import asyncio
import logging
import random
import sys
from pathlib import Path

from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Priority
from tradeassist_desktop.domain.channels import ChannelTraits, Receipt, Undeliverable
from tradeassist_desktop.domain.events import AlertRaised
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.delivery.planning import to_channels
from tradeassist_desktop.storage.database import Database

SINGLY = ChannelTraits(digest_above=1_000_000)
DIGESTED = ChannelTraits(digest_above=5)
WORKING = {"toast": SINGLY, "slack": DIGESTED}


class SayingChannel:
    """A channel whose receiver takes everything, and says so on standard output."""

    def __init__(self, name: str, traits: ChannelTraits) -> None:
        self.name = name
        self.traits = traits

    async def send(self, message: Message) -> Receipt:
        ids = message.digest.alert_ids if message.digest else (message.alert_id,)
        print("sent", self.name, "again" if message.is_second_try else "first", ",".join(ids), flush=True)
        await asyncio.sleep(random.random() * 0.002)
        return Receipt(reference=message.idempotency_key)


class BrokenChannel:
    """A channel that fails for ever."""

    name = "pager"
    traits = ChannelTraits(is_local=False)

    async def send(self, message: Message) -> Receipt:
        raise Undeliverable("no answer", retry=True)


class SayingSlow(logging.Handler):
    """Says on standard output that the disk was too slow to be waited for."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() == "disk is slow to take delivery states":
            print("slow", flush=True)


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
    logging.getLogger().addHandler(SayingSlow())
    bus.subscribe(
        AlertRaised, lambda event: print("saved" if event.is_saved else "unsaved", event.alert.id, flush=True)
    )
    database = Database(path=path, bus=bus)
    await database.start()
    channels = [*(SayingChannel(name, traits) for name, traits in WORKING.items()), BrokenChannel()]
    dispatcher = Dispatcher(
        database=database, bus=bus, clock=clock, channels={channel.name: channel for channel in channels}
    )
    alerting = Alerting(
        database=database,
        bus=bus,
        clock=clock,
        plan=to_channels(lambda alert: (*WORKING, "pager")),
        dispatcher=dispatcher,
    )
    await dispatcher.start()
    await alerting.start()
    number = first
    while True:
        for _ in range(2):
            alerting.raise_alerts([alert(number)], {"rule-1|/ESU24": {"sequence": number}})
            number += 1
        await clock.sleep(0.003)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
