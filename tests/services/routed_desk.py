"""Everything between an alert and its channels, on a database and a clock that a test moves."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

from tests.empty_database import empty_database
from tests.fakes import NS_PER_SECOND, ManualClock, RecordingChannel
from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Priority, Timing
from tradeassist_desktop.domain.channels import ChannelTraits
from tradeassist_desktop.domain.delivery import Delivery, DeliveryState
from tradeassist_desktop.domain.events import DeliveryChanged
from tradeassist_desktop.domain.records import AlertRecord
from tradeassist_desktop.domain.rules import Rule, Standing, Trigger
from tradeassist_desktop.runtime.backoff import Backoff
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.supervise import supervise
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.history import History
from tradeassist_desktop.services.routing.acknowledgements import Acknowledgements
from tradeassist_desktop.services.routing.followups import Followups
from tradeassist_desktop.services.routing.inhibition import Inhibition
from tradeassist_desktop.services.routing.mutes import Mutes
from tradeassist_desktop.services.routing.policy import CurrentPolicy
from tradeassist_desktop.services.routing.routing import Routing
from tradeassist_desktop.services.routing.silence_book import SilenceBook
from tradeassist_desktop.services.routing.silences import Silences
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.silences import SilenceStore

NOON_NS = 1_719_921_600 * NS_PER_SECOND  # 2024-07-02T12:00:00Z, a Tuesday; 08:00 in New York
"""When the clock of these tests begins."""
REMOTE = ChannelTraits(is_local=False)


@dataclass
class Market:
    """Stands where the engine would: rules, and whether their conditions are true."""

    rules: dict[str, Rule] = field(default_factory=dict)
    standing: dict[tuple[str, str], Standing] = field(default_factory=dict)

    def rule(self, uid: str) -> Rule | None:
        return self.rules.get(uid)

    def stands(self, uid: str, symbol: str) -> Standing:
        return self.standing.get((uid, symbol), Standing(False))


class RoutedDesk:
    """The running parts. ``fire`` makes a condition true and raises its alert, ``clear`` ends that."""

    def __init__(
        self, *, folder: Path, clock: ManualClock, market: Market, is_live: bool, numbers: Any
    ) -> None:
        self.clock = clock
        self.market = market
        self.bus = Bus()
        self.numbers = numbers
        self._changes: list[Delivery] = []
        self.bus.subscribe(DeliveryChanged, self._on_delivery)
        self.settings = Settings(file=folder / "settings.json", bus=self.bus)
        self.database = Database(path=empty_database(folder / "desk.db"), bus=self.bus, now_ns=clock.now_ns)
        self.channels = {
            "toast": RecordingChannel("toast"),
            "sound": RecordingChannel("sound"),
            "slack": RecordingChannel("slack", traits=REMOTE),
            "email": RecordingChannel("email", traits=REMOTE),
        }
        policy, book = CurrentPolicy(settings=self.settings), SilenceBook(clock=clock)
        self.book = book
        self.silences = Silences(
            book=book,
            store=SilenceStore(database=self.database),
            bus=self.bus,
            clock=clock,
            new_id=lambda: f"silence-{next(numbers)}",
        )
        mutes = Mutes(
            policy=policy,
            book=book,
            rule=market.rule,
            standing=market.stands,
            is_local=lambda name: name in self.channels and self.channels[name].traits.is_local,
            is_live=is_live,
            zone=UTC,
        )
        self.inhibition = Inhibition()
        self.history = History(database=self.database, bus=self.bus, clock=clock)
        self.routing = Routing(
            policy=policy,
            mutes=mutes,
            clock=clock,
            is_set_up=self.channels.__contains__,
            is_acknowledged=self.history.is_acknowledged,
            inhibition=self.inhibition,
        )
        self.dispatcher = Dispatcher(
            database=self.database,
            bus=self.bus,
            clock=clock,
            channels=self.channels,
            route_of=self.routing.route_of,
        )
        self.alerting = Alerting(
            database=self.database,
            bus=self.bus,
            clock=clock,
            plan=self.routing.plan,
            dispatcher=self.dispatcher,
        )
        self.followups = Followups(
            bus=self.bus,
            clock=clock,
            policy=policy,
            mutes=mutes,
            book=book,
            acknowledgements=Acknowledgements(
                book=book, silences=self.silences, standing=market.stands, rule=market.rule
            ),
            database=self.database,
            announcer=self.dispatcher,
            record=self.history.record,
            standing=market.stands,
        )

    def _on_delivery(self, event: DeliveryChanged) -> None:
        self._changes.append(event.delivery)

    async def set(self, **values: Any) -> None:
        """Set settings; ``__`` stands for the dot."""
        for key, value in values.items():
            await self.settings.set(key.replace("__", "."), value)

    async def fire(
        self,
        rule_uid: str = "breakout",
        symbol: str = "/ES",
        *,
        priority: Priority = Priority.URGENT,
        value: float = 5530.25,
        standing: Standing | None = None,
        **more: Any,
    ) -> Alert:
        """Raise an alert and let what follows at once follow."""
        now_ns = self.clock.now_ns()
        before = self.market.standing.get((rule_uid, symbol))
        goes_on = before is not None and before.is_true
        self.market.standing[rule_uid, symbol] = standing or (before if goes_on else Standing(True, now_ns))  # type: ignore[assignment]  # there is one if it goes on
        self.market.rules.setdefault(rule_uid, rule(rule_uid, symbol))
        number = next(self.numbers)
        values: dict[str, Any] = {
            "id": f"alert-{number}",
            "rule_uid": rule_uid,
            "rule_name": "ES breaks out",
            "symbol": symbol,
            "sequence": number,
            "priority": priority,
            "status": AlertStatus.FIRED,
            "event_ns": now_ns,
            "value": value,
            "message": f"{symbol} last {value} crosses above 5530",
            "condition": "last > 5530",
            "timing": Timing.LIVE,
        }
        alert = Alert(**{**values, **more})
        self.alerting.raise_alerts([alert], {})
        await self.settle()
        return alert

    def clear(self, rule_uid: str = "breakout", symbol: str = "/ES") -> None:
        """Have the condition no longer true."""
        self.market.standing[rule_uid, symbol] = Standing(False)

    async def settle(self) -> None:
        """Let everything that is due now be done: the disk works in a thread of its own."""
        quiet_rounds = 0
        while quiet_rounds < 4:
            before = len(self._changes)
            await self.alerting.drain(1)
            await self.database.settle()
            await self.clock.advance(0)
            is_quiet = len(self._changes) == before and not self.database.queue_length
            quiet_rounds = quiet_rounds + 1 if is_quiet else 0

    async def advance(self, seconds: float) -> None:
        """Let time pass, no more than a minute at once, and let what falls due be done."""
        while seconds > 0:
            step = min(seconds, 60.0)
            await self.clock.advance(step)
            await self.settle()
            seconds -= step

    def got(self, channel: str) -> list[str]:
        """Return why each message of a channel was sent: its cause."""
        return [
            delivery.cause.value
            for delivery in self._changes
            if delivery.channel == channel and delivery.state is DeliveryState.DELIVERED
        ]

    async def record(self, alert: Alert) -> AlertRecord:
        """Return an alert with what has become of it so far."""
        await self.settle()
        found = self.history.record(alert.id)
        assert found is not None
        return found

    async def deliveries(self, alert: Alert) -> list[tuple[str, str, str]]:
        """Return channel, state and detail of each delivery."""
        record = await self.record(alert)
        return [(each.channel, each.state.value, each.detail) for each in record.deliveries]


def rule(uid: str = "breakout", symbol: str = "/ES", **more: Any) -> Rule:
    return Rule(uid, uid, (symbol,), "last > 5530", **{"trigger": Trigger.EDGE, **more})


@asynccontextmanager
async def running_desk(
    folder: Path,
    *,
    clock: ManualClock,
    market: Market,
    is_live: bool = True,
    numbers: Iterator[int] | None = None,
) -> AsyncIterator[RoutedDesk]:
    """Start a desk on a folder; a second one on the same folder is a restart."""
    desk = RoutedDesk(
        folder=folder, clock=clock, market=market, is_live=is_live, numbers=numbers or itertools.count(1)
    )
    await desk.database.start()
    await desk.history.start()
    await desk.silences.load(keeps_acknowledged=is_live)
    await desk.dispatcher.start()
    await desk.alerting.start()
    tasks = []
    if is_live:
        await desk.followups.start()
        backoff = Backoff(base_s=0.1, cap_s=1, rng=random.Random(1))
        work = supervise(name="follow-ups", work=desk.followups.run, clock=clock, backoff=backoff)
        tasks = [asyncio.create_task(work)]
    try:
        yield desk
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await desk.followups.stop()
        await desk.alerting.stop()
        await desk.dispatcher.stop(drain_s=0)
        await desk.history.stop()
        await desk.database.stop()
