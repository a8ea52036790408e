"""Sends what is in the outbox: one worker per channel, in order, until it is done or given up."""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from tradeassist_desktop.domain.alerts import Alert, Timing
from tradeassist_desktop.domain.delivery import (
    Cause,
    Channel,
    ChannelUnavailable,
    Delivery,
    DeliveryKey,
    DeliveryState,
    Message,
    Undeliverable,
    announcements_after,
)
from tradeassist_desktop.domain.events import DeliveryChanged
from tradeassist_desktop.runtime.backoff import Backoff
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.runtime.supervise import supervise
from tradeassist_desktop.services.delivery.lane import Item, Lane
from tradeassist_desktop.services.delivery.ledger import DeliveryLedger
from tradeassist_desktop.services.delivery.unsaved import UnsavedAlert
from tradeassist_desktop.storage import announcements, outbox
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.faults import StorageFailed

log = logging.getLogger(__name__)

MOST_ATTEMPTS: Final = 5
ATTEMPT_S: Final = 10.0
_LATE_AFTER_NS: Final = 60_000_000_000
_LEDGER_PATIENCE_S: Final = 0.25
_LATENCIES_KEPT: Final = 1_000


class Dispatcher:
    """Brings each delivery to a final state, whatever the channels do.

    A channel that answers "later" holds up its own later messages, so that their order is kept;
    a message a channel breaks on waits alone. After five attempts a delivery is dead.

    Args:
        channels: By name. A delivery to any other name is unavailable at once.
    """

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        clock: Clock,
        channels: Mapping[str, Channel],
        rng: random.Random | None = None,
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._channels = dict(channels)
        self._rng = rng or random.Random()
        self._ledger = DeliveryLedger(database=database, clock=clock, rng=self._rng)
        self._lanes = {name: Lane(clock=clock, backoff=self._new_backoff()) for name in channels}
        self._unsaved: dict[str, UnsavedAlert] = {}
        self._workers: list[asyncio.Task[None]] = []
        self._ledger_task: asyncio.Task[None] | None = None
        self._latencies_ns: deque[int] = deque(maxlen=_LATENCIES_KEPT)

    # --- running

    async def start(self) -> None:
        """Take up what an earlier run left unsent, and begin to send."""
        await self._database.run(outbox.recover)
        for alert, delivery in await self._database.read(outbox.pending):
            # What the desktop left for its toasts waits for the desktop, not for a run without a window.
            if delivery.channel in self._lanes:
                self._take(alert, delivery)
        self._ledger_task = asyncio.create_task(self._supervised("delivery ledger", self._ledger.run))
        self._workers = [
            asyncio.create_task(self._supervised(f"channel {name}", partial(self._serve, name)))
            for name in self._lanes
        ]

    async def stop(self, *, drain_s: float = 5.0) -> None:
        """Send what is due for at most ``drain_s``, then end; what is left waits in the outbox."""
        if self._workers:
            try:
                await within(self._clock, drain_s, self._all_idle())
            except TimeoutError:
                log.warning("stopped with unsent alerts", extra={"deliveries": self.pending_count})
        tasks = [*self._workers, *([self._ledger_task] if self._ledger_task is not None else [])]
        self._workers, self._ledger_task = [], None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._ledger.write_once()

    # --- what alerting hands over

    def dispatch(self, alert: Alert, deliveries: Sequence[Delivery], *, is_saved: bool) -> None:
        """Send an alert through its channels; returns at once."""
        if not is_saved:
            self._unsaved[alert.id] = UnsavedAlert(alert=alert, deliveries=deliveries)
        for delivery in deliveries:
            self._take(alert, delivery)

    async def announce_again(
        self, alert: Alert, channels: Sequence[str], cause: Cause
    ) -> tuple[Delivery, ...]:
        """Announce an alert once more on these channels, and return how: stored first, then sent.

        Where that cannot be stored it is sent all the same, and storing it is tried again.
        """
        now_ns = self._clock.now_ns()
        unsaved = self._unsaved.get(alert.id)
        if unsaved is not None:
            added = unsaved.announce_again(channels, cause, now_ns=now_ns)
        else:
            added = await self._stored_again(alert.id, channels, cause, now_ns=now_ns)
        for delivery in added:
            self._take(alert, delivery)
        return added

    async def release(self, keys: Sequence[DeliveryKey], cause: Cause) -> tuple[Delivery, ...]:
        """Send what was suppressed, and return it; what is not suppressed (any more) stays as it is.

        Raises:
            StorageFailed: it could not be written; nothing stored was changed.
        """
        now_ns = self._clock.now_ns()
        released: list[tuple[Alert, Delivery]] = []
        for alert_id in dict.fromkeys(key.alert_id for key in keys):
            unsaved = self._unsaved.get(alert_id)
            if unsaved is not None:
                meant = [key for key in keys if key.alert_id == alert_id]
                freed = unsaved.release(meant, cause, now_ns=now_ns)
                released += [(unsaved.alert, delivery) for delivery in freed]
        for alert, delivery in released:
            self._take(alert, delivery)
        stored_keys = [key for key in keys if key.alert_id not in self._unsaved]
        if stored_keys:
            stored = await self._database.run(
                lambda connection: announcements.release(connection, stored_keys, cause, now_ns=now_ns),
                durable=True,
            )
            for alert, delivery in stored:
                self._take(alert, delivery)
            released += stored
        return tuple(delivery for _, delivery in released)

    def deliveries_of(self, alert_id: str) -> tuple[Delivery, ...] | None:
        """Return where an unsaved alert's deliveries stand; ``None`` for any other alert."""
        unsaved = self._unsaved.get(alert_id)
        return None if unsaved is None else tuple(unsaved.deliveries.values())

    def saved(self, alert_ids: Sequence[str]) -> None:
        """Take notice that these alerts are stored now, with their deliveries as they stood."""
        for alert_id in alert_ids:
            # They may have moved on while they were being stored.
            unsaved = self._unsaved.pop(alert_id, None)
            if unsaved is not None:
                self._ledger.note(unsaved.deliveries.values())

    # --- looking in

    @property
    def pending_count(self) -> int:
        """How many deliveries are not final yet."""
        return sum(len(lane) for lane in self._lanes.values())

    @property
    def delivered_ns(self) -> tuple[int, ...]:
        """The newest durations from an update's arrival to an alert's delivery."""
        return tuple(self._latencies_ns)

    def states(self) -> dict[str, str]:
        """Return how each channel is: ``ready``, or what its last attempt said."""
        return {name: lane.state for name, lane in self._lanes.items()}

    # --- one channel

    async def _serve(self, name: str) -> None:
        lane = self._lanes[name]
        while True:
            item = await lane.next_due()
            try:
                await self._attempt(self._channels[name], lane, item)
            finally:
                lane.done(item)

    async def _attempt(self, channel: Channel, lane: Lane, item: Item) -> None:
        sending = replace(item.delivery, state=DeliveryState.SENDING, attempts=item.delivery.attempts + 1)
        self._set(item, sending)
        # Written before the attempt, so that a killed program knows what may have gone out.
        await self._ledger.written(patience_s=_LEDGER_PATIENCE_S)
        try:
            receipt = await within(self._clock, ATTEMPT_S, channel.send(self._message(item.alert)))
        except ChannelUnavailable as error:
            self._finish(lane, item, DeliveryState.UNAVAILABLE, error.reason)
        except Undeliverable as error:
            self._fail(lane, item, error.reason, retry=error.retry, holds_lane=True)
        except TimeoutError as error:
            self._fail(lane, item, str(error) or "no answer", retry=True, holds_lane=True)
        except asyncio.CancelledError:
            self._set(item, replace(sending, state=DeliveryState.PENDING))
            raise
        except Exception as error:  # a broken channel or message must not end the others
            log.exception("channel failed", extra={"channel": channel.name, "alert": item.alert.id})
            self._fail(lane, item, f"{type(error).__name__}: {error}", retry=True, holds_lane=False)
        else:
            lane.backoff.reset()
            lane.state = "ready"
            if item.alert.received_ns:
                self._latencies_ns.append(max(0, self._clock.now_ns() - item.alert.received_ns))
            log.info("delivered", extra={"channel": item.delivery.channel, "alert": item.alert.id})
            self._finish(lane, item, DeliveryState.DELIVERED, receipt.detail)

    def _finish(self, lane: Lane, item: Item, state: DeliveryState, detail: str) -> None:
        if state is not DeliveryState.DELIVERED:
            self._say(lane, item, f"{state.value}: {detail}")
        finished = replace(item.delivery, state=state, finished_ns=self._clock.now_ns(), detail=detail)
        self._set(item, finished)

    def _fail(self, lane: Lane, item: Item, reason: str, *, retry: bool, holds_lane: bool) -> None:
        if not retry or item.delivery.attempts >= MOST_ATTEMPTS:
            self._finish(lane, item, DeliveryState.DEAD, reason)
            return
        self._say(lane, item, f"failing: {reason}")
        due_ns = self._clock.now_ns() + int(lane.backoff.next_s() * 1e9)
        waiting = replace(item.delivery, state=DeliveryState.PENDING, next_attempt_ns=due_ns, detail=reason)
        self._set(item, waiting)
        lane.again(item, holds_lane=holds_lane)

    def _say(self, lane: Lane, item: Item, state: str) -> None:
        if lane.state != state:  # the same failure once, then on change
            log.warning("channel trouble", extra={"channel": item.delivery.channel, "state": state})
        lane.state = state

    # --- the rest

    async def _stored_again(
        self, alert_id: str, channels: Sequence[str], cause: Cause, *, now_ns: int
    ) -> tuple[Delivery, ...]:
        try:
            return await self._database.run(
                lambda connection: announcements.announce_again(
                    connection, alert_id, channels, cause, now_ns=now_ns
                ),
                durable=True,
            )
        except StorageFailed as error:
            log.warning("announced again unsaved", extra={"alert": alert_id, "reason": str(error)})
        # A full disk can still be read.
        last = await self._database.read(lambda connection: announcements.last_numbers(connection, alert_id))
        added = announcements_after(last, alert_id, channels, cause, now_ns=now_ns)
        self._ledger.note(added)
        return added

    def _take(self, alert: Alert, delivery: Delivery) -> None:
        if delivery.state is not DeliveryState.PENDING:
            return
        item = Item(alert=alert, delivery=delivery)
        lane = self._lanes.get(delivery.channel)
        if lane is not None:
            lane.add(item)
            return
        unavailable = replace(
            delivery,
            state=DeliveryState.UNAVAILABLE,
            finished_ns=self._clock.now_ns(),
            detail=f"{delivery.channel} is not set up",
        )
        self._set(item, unavailable)

    def _set(self, item: Item, delivery: Delivery) -> None:
        item.delivery = delivery
        unsaved = self._unsaved.get(delivery.alert_id)
        if unsaved is None:
            self._ledger.note([delivery])
        else:
            unsaved.deliveries[delivery.key] = delivery
        self._bus.publish(DeliveryChanged(delivery=delivery))

    def _message(self, alert: Alert) -> Message:
        now_ns = self._clock.now_ns()
        return Message(
            alert_id=alert.id,
            rule_uid=alert.rule_uid,
            title=alert.rule_name if alert.is_notice else f"{alert.symbol}: {alert.rule_name}",
            body=alert.message,
            symbol=alert.symbol,
            priority=alert.priority,
            status=alert.status,
            event_ns=alert.event_ns,
            value=alert.value,
            value_symbol=alert.value_symbol,
            is_late=now_ns - alert.evaluated_ns > _LATE_AFTER_NS,
            is_saved=alert.id not in self._unsaved,
            timing=alert.timing,
            late_by_ns=max(0, now_ns - alert.event_ns) if alert.timing is Timing.LATE else 0,
        )

    async def _all_idle(self) -> None:
        for lane in self._lanes.values():
            await lane.idle()

    async def _supervised(self, name: str, work: Callable[[], Coroutine[object, object, None]]) -> None:
        await supervise(name=name, work=work, clock=self._clock, backoff=self._new_backoff())

    def _new_backoff(self) -> Backoff:
        return Backoff(base_s=1, cap_s=60, rng=self._rng)
