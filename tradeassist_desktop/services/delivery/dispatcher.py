"""Brings each delivery to a final state, whatever the channels do."""

import asyncio
import logging
import random
import uuid
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from functools import partial

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.breakers import BreakerReading, BreakerState
from tradeassist_desktop.domain.channel_names import why_absent
from tradeassist_desktop.domain.channels import Channel, ChannelUnavailable, Receipt, Undeliverable
from tradeassist_desktop.domain.delivery import Announcement, Delivery, DeliveryKey, DeliveryState
from tradeassist_desktop.domain.durations import told_duration
from tradeassist_desktop.domain.events import ChannelSetUp
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.domain.routing import Route
from tradeassist_desktop.runtime.backoff import Backoff
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.runtime.supervise import supervise
from tradeassist_desktop.services.delivery.announcer import Announcer
from tradeassist_desktop.services.delivery.book import DeliveryBook
from tradeassist_desktop.services.delivery.item import Batch, Item
from tradeassist_desktop.services.delivery.lane import Lane, LaneReading
from tradeassist_desktop.services.delivery.lease_keeper import LeaseKeeper
from tradeassist_desktop.services.delivery.ledger import DeliveryLedger
from tradeassist_desktop.services.delivery.sender import Desk, Sender
from tradeassist_desktop.services.delivery.threads import KEPT, Threads
from tradeassist_desktop.services.delivery.verdict import LONGEST_WAIT_S
from tradeassist_desktop.storage import attempts
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.leases import Claimed, Lease
from tradeassist_desktop.storage.redo import RedoLog

log = logging.getLogger(__name__)


class Dispatcher:
    """The outbox at work: one worker per channel, in order, over restarts.

    A channel that answers "later" holds up its own later messages, so that their order is kept; a
    message a channel breaks on waits alone. One channel's trouble is no other's.

    Args:
        channels: By name. A delivery to any other name is unavailable at once.
        guards: The breakers of channels to other machines, by name of the channel.
        is_shared: Other desks may be on this database. Else what an earlier one left is sent at once.
        tags_of: An alert's tags, for channels that show them.
        route_of: Says, before each attempt, whether something has muted a delivery since it was planned.
        on_barred: Told the name of a channel that needs its trader, and why; once each time.
    """

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        clock: Clock,
        channels: Mapping[str, Channel],
        guards: Mapping[str, Breaker] | None = None,
        rng: random.Random | None = None,
        is_shared: bool = False,
        tags_of: Callable[[Alert], tuple[str, ...]] = lambda alert: (),
        route_of: Callable[[Alert, Delivery], Route] = lambda alert, delivery: Route(delivery.channel, ""),
        on_barred: Callable[[str, str], object] = lambda name, reason: None,
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._is_shared = is_shared
        self._rng = rng or random.Random()
        self._keeper = LeaseKeeper(
            database=database,
            clock=clock,
            owner=uuid.uuid4().hex,
            channels=tuple(channels),
            is_shared=is_shared,
        )
        self._ledger = DeliveryLedger(
            database=database,
            clock=clock,
            rng=self._rng,
            lease=lambda: self._keeper.lease,
            redo=None if is_shared else RedoLog(path=database.path.with_name(f"{database.path.name}-redo")),
        )
        self._book = DeliveryBook(ledger=self._ledger, bus=bus)
        desk = Desk(
            book=self._book,
            ledger=self._ledger,
            clock=clock,
            tags_of=tags_of,
            route_of=route_of,
            on_barred=on_barred,
        )
        self._guards = guards or {}
        self._senders = {
            name: Sender(
                channel=channel,
                lane=Lane(name=name, traits=channel.traits, clock=clock, backoff=self._new_backoff()),
                threads=Threads(),
                guard=self._guards.get(name),
                desk=desk,
            )
            for name, channel in channels.items()
        }
        self._announcer = Announcer(
            database=database, clock=clock, book=self._book, lease=lambda: self.lease, send=self._take
        )
        self._unlisten: list[Callable[[], None]] = []
        self._tasks: list[asyncio.Task[None]] = []

    # --- running

    async def start(self) -> None:
        """Take up what an earlier run left unsent, and begin to send."""
        await self._ledger.open()
        for name, sender in self._senders.items():
            sender.threads.load(
                await self._database.read(partial(attempts.newest_receipts, channel=name, limit=KEPT))
            )
        self._take_over(await self._keeper.claim())
        works: dict[str, Callable[[], Coroutine[object, object, None]]] = {
            "delivery ledger": self._ledger.run,
            **{f"channel {name}": sender.run for name, sender in self._senders.items()},
        }
        if self._is_shared:
            works["delivery leases"] = partial(
                self._keeper.run, lambda: self.pending_count > 0, self._take_over
            )
        self._tasks = [asyncio.create_task(self._supervised(name, work)) for name, work in works.items()]
        self._unlisten.append(
            self._bus.subscribe(ChannelSetUp, lambda event: self.channel_changed(event.channel))
        )
        for name, guard in self._guards.items():
            if name in self._senders:
                self._unlisten.append(guard.listen(partial(self._on_breaker, self._senders[name].lane)))

    async def stop(self, *, drain_s: float = 5.0) -> None:
        """Send what is due for at most ``drain_s``, then end; what is left waits in the outbox."""
        if self._tasks:
            try:
                await within(self._clock, drain_s, self._all_idle())
            except TimeoutError:
                log.warning("stopped with unsent alerts", extra={"deliveries": self.pending_count})
        while self._unlisten:
            self._unlisten.pop()()
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._ledger.close()
        await self._keeper.give_back()

    # --- what is to be sent

    @property
    def lease(self) -> Lease:
        """What the deliveries of alerts that are being stored are marked with: this desk sends them."""
        return self._keeper.lease

    def begun(self, deliveries: Sequence[Delivery]) -> tuple[Delivery, ...]:
        """Return deliveries as they are to be stored with their alert.

        Where a channel is free, its attempt is begun at once: the alert's own transaction then tells
        of it, and it need not wait for another. The channel's turn is kept for
        ``dispatch``; ``never_mind`` gives it back.
        """
        return tuple(self._begun(delivery) for delivery in deliveries)

    def never_mind(self, deliveries: Sequence[Delivery]) -> None:
        """Take notice that these are not dispatched: their alert was there already."""
        for delivery in deliveries:
            if delivery.state is DeliveryState.SENDING and delivery.channel in self._senders:
                self._senders[delivery.channel].lane.give_back_turn()

    @property
    def ledger(self) -> DeliveryLedger:
        """What else is to be written down; who writes anyway may do it in the same transaction."""
        return self._ledger

    def dispatch(self, alert: Alert, deliveries: Sequence[Delivery], *, is_saved: bool) -> None:
        """Send an alert through its channels; returns at once."""
        if not is_saved:
            self._book.add_unsaved(alert, deliveries)
        for delivery in deliveries:
            self._take(alert, delivery)

    def deliveries_of(self, alert_id: str) -> tuple[Delivery, ...] | None:
        """Return where an unsaved alert's deliveries stand; ``None`` for any other alert."""
        unsaved = self._book.unsaved(alert_id)
        return None if unsaved is None else tuple(unsaved.deliveries.values())

    def saved(self, alert_ids: Sequence[str]) -> None:
        """Take notice that these alerts are stored now, with their deliveries as they stood."""
        self._book.saved(alert_ids)

    async def announce_again(self, announcements: Sequence[Announcement]) -> tuple[Delivery, ...]:
        """Announce alerts once more, and return how; see ``Announcer``."""
        return await self._announcer.announce_again(announcements)

    async def resend(self, keys: Sequence[DeliveryKey]) -> tuple[Delivery, ...]:
        """Announce once more what did not arrive, as the trader asked; see ``Announcer``."""
        return await self._announcer.resend(keys)

    def is_waiting(self, key: DeliveryKey) -> bool:
        """Whether a delivery is still to be made here."""
        sender = self._senders.get(key.channel)
        return sender is not None and key in sender.lane

    # --- one channel

    def channel_changed(self, name: str) -> None:
        """Take notice that a channel's settings or credentials are new: try at once what waits for it."""
        guard = self._guards.get(name)
        if guard is not None and guard.reading.state is BreakerState.OPEN:
            guard.force(BreakerState.HALF_OPEN)  # what failed with the old ones says nothing of these
        sender = self._senders.get(name)
        if sender is not None:
            sender.lane.state = "ready"
            sender.lane.free()

    async def send_test(self, name: str, message: Message) -> Receipt:
        """Send a test at once: past the outbox, and past a breaker that is open, as the trader asks for it.

        What waits for the channel is tried again when it arrives.

        Raises:
            Undeliverable: it did not arrive, or the receiver's pace forbids to ask it now.
            TimeoutError: it took too long.
        """
        sender = self._senders.get(name)
        if sender is None:
            raise ChannelUnavailable(f"{name} {why_absent(name)}")
        pace_s = sender.lane.pace_s
        if pace_s > sender.channel.traits.interval_s:
            left = told_duration(round(pace_s * 1e9))
            raise Undeliverable(f"it asked us to wait; {left} are left", retry=True)
        receipt = await sender.send_test(message)
        guard = self._guards.get(name)
        if guard is not None and guard.reading.state in (BreakerState.OPEN, BreakerState.HALF_OPEN):
            guard.force(BreakerState.CLOSED)
        self.channel_changed(name)
        return receipt

    # --- looking in

    @property
    def pending_count(self) -> int:
        """How many deliveries are not final yet."""
        return sum(len(sender.lane) for sender in self._senders.values())

    @property
    def delivered_ns(self) -> tuple[int, ...]:
        """The newest durations from an update's arrival to an alert's delivery."""
        return tuple(ns for sender in self._senders.values() for ns in sender.latencies_ns)

    def states(self) -> dict[str, str]:
        """Return how each channel is: ``ready``, or what its last attempt said."""
        return {name: sender.lane.state for name, sender in self._senders.items()}

    def readings(self) -> tuple[LaneReading, ...]:
        """Return how each channel is, with what waits for it, in their order."""
        return tuple(sender.lane.reading for sender in self._senders.values())

    # --- within

    def _begun(self, delivery: Delivery) -> Delivery:
        sender = self._senders.get(delivery.channel)
        if sender is None or delivery.state is not DeliveryState.PENDING:
            return delivery
        guard = self._guards.get(delivery.channel)
        is_let_through = guard is None or guard.reading.state is BreakerState.CLOSED
        # Else what was delivered last might not be written with it: a kill could repeat both.
        is_all_written = self._ledger.is_within_limit
        can_be_begun = sender.channel.traits.resends_uncertain and is_let_through and is_all_written
        if not can_be_begun or not sender.lane.reserve():
            return delivery
        return replace(delivery, state=DeliveryState.SENDING, attempts=1)

    def _take(self, alert: Alert, delivery: Delivery) -> None:
        sender = self._senders.get(delivery.channel)
        if delivery.state is DeliveryState.SENDING and sender is not None:
            begun_ns = self._clock.now_ns()
            sender.lane.add_begun(Item(alert=alert, delivery=delivery, tries=1, begun_ns=begun_ns))
            return
        if delivery.state is not DeliveryState.PENDING:
            return
        item = Item(alert=alert, delivery=delivery)
        if sender is not None:
            sender.lane.add(item)
            return
        unavailable = replace(
            delivery,
            state=DeliveryState.UNAVAILABLE,
            finished_ns=self._clock.now_ns(),
            detail=f"{delivery.channel} {why_absent(delivery.channel)}",
        )
        self._book.change(item, unavailable)

    def _take_over(self, claimed: Sequence[Claimed]) -> None:
        cut_off: defaultdict[str, list[Item]] = defaultdict(list)
        for each in claimed:
            sender = self._senders[each.delivery.channel]
            item = Item(
                alert=each.alert,
                delivery=each.delivery,
                tries=each.tries,
                may_have_arrived=each.may_have_arrived,
            )
            if each.was_sending and not sender.channel.traits.resends_uncertain:
                detail = "the program ended meanwhile"
                now_ns = self._clock.now_ns()
                uncertain = replace(
                    each.delivery, state=DeliveryState.UNCERTAIN, finished_ns=now_ns, detail=detail
                )
                self._book.change(item, uncertain)
                continue
            left_s = (each.delivery.next_attempt_ns - self._clock.now_ns()) / 1e9
            # A wall clock set back between two runs must not hold a channel for longer.
            left_s = min(max(0.0, left_s), LONGEST_WAIT_S)
            if each.was_postponed:
                sender.lane.pace(left_s)
            else:
                sender.lane.hold(left_s)
            if each.was_sending:
                cut_off[each.delivery.channel].append(item)
            else:
                sender.lane.add(item)
        for name, items in cut_off.items():
            self._senders[name].lane.add_again(Batch(tuple(items)))

    def _on_breaker(self, lane: Lane, reading: BreakerReading) -> None:
        if reading.state is BreakerState.CLOSED:
            lane.retry()

    async def _all_idle(self) -> None:
        for sender in self._senders.values():
            await sender.lane.idle()

    async def _supervised(self, name: str, work: Callable[[], Coroutine[object, object, None]]) -> None:
        await supervise(name=name, work=work, clock=self._clock, backoff=self._new_backoff())

    def _new_backoff(self) -> Backoff:
        return Backoff(base_s=1, cap_s=60, rng=self._rng)
