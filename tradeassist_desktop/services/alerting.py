"""Takes alerts from the tick path, makes them safe on disk, and has them sent."""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, TypeVar

from tradeassist_desktop.domain.alerts import Alert, AlertStatus
from tradeassist_desktop.domain.delivery import Delivery
from tradeassist_desktop.domain.events import AlertsCounted
from tradeassist_desktop.runtime.backoff import Backoff
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.runtime.supervise import supervise
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.delivery.in_turns import A_TURN
from tradeassist_desktop.services.delivery.planning import Plan
from tradeassist_desktop.services.delivery.saving import Saving, Unit, hand_in
from tradeassist_desktop.services.delivery.telling import Telling
from tradeassist_desktop.storage import outbox
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.faults import StorageFailed

log = logging.getLogger(__name__)

_ARMING_DELAY_S: Final = 0.25
_PATIENCE_S: Final = 1.0
_MOST_ALERTS_A_COMMIT: Final = 500
_LATENCIES_KEPT: Final = 1_000

T = TypeVar("T")
States = Mapping[str, Mapping[str, Any]]


class Alerting:
    """Saves first, then tells and sends; where saving fails, tells and sends all the same.

    One task commits what has gathered since its last commit, in order, in one transaction that
    waits for the disk. What could not be saved within a second goes out marked "not saved", and
    saving is tried again until it works.

    Args:
        plan: Says which deliveries an alert begins with; not asked for one that the engine suppressed.
    """

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        clock: Clock,
        plan: Plan,
        dispatcher: Dispatcher,
        rng: random.Random | None = None,
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._plan = plan
        self._dispatcher = dispatcher
        self._telling = Telling(bus=bus, dispatcher=dispatcher)
        self._backoff = Backoff(base_s=1, cap_s=30, rng=rng or random.Random())
        self._restart = Backoff(base_s=0.1, cap_s=30, rng=rng or random.Random())
        self._units: deque[Unit] = deque()
        self._arming: dict[str, Mapping[str, Any]] = {}
        self._counts: dict[str, int] = {}
        self._alerts_a_commit = _MOST_ALERTS_A_COMMIT
        self._is_failing = False
        self._is_stopping = False
        self._is_idle = False
        self._saving: Saving | None = None
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._task: asyncio.Task[None] | None = None
        self._decided_ns: deque[int] = deque(maxlen=_LATENCIES_KEPT)
        self._saved_ns: deque[int] = deque(maxlen=_LATENCIES_KEPT)

    # --- from the tick path

    def raise_alerts(self, alerts: Sequence[Alert], arming: States) -> None:
        """Take what one update raised, and the arming after it; returns at once."""
        evaluated_ns = self._clock.now_ns()
        for alert in alerts:
            if alert.received_ns:
                self._decided_ns.append(max(0, evaluated_ns - alert.received_ns))
        planned = [self._planned(replace(alert, evaluated_ns=evaluated_ns)) for alert in alerts]
        # Changes of arming that wait belong before these: the newer state must win.
        self._units.append(Unit(alerts=planned, arming={**self._arming, **arming}))
        self._arming = {}
        self._settled.clear()
        if self._is_idle and self._saving is None:
            # Not when the task gets its turn: the rest of the frame, and what else waits, comes before that.
            self._saving = self._hand_in()
        self._wake.set()

    def save_arming(self, dirty: States) -> None:
        """Take changes of arming that raised nothing; they are saved a quarter of a second later."""
        self._arming.update(dirty)
        self._settled.clear()
        self._wake.set()

    def save_counts(self, counts: Mapping[str, int]) -> None:
        """Take how many firings suppressed alerts stand for by now; saved with the arming, then told."""
        self._counts.update(counts)
        self._settled.clear()
        self._wake.set()

    # --- running

    async def start(self) -> None:
        """Begin to save and send."""
        self._task = asyncio.create_task(
            supervise(name="alerting", work=self._run, clock=self._clock, backoff=self._restart)
        )

    async def drain(self, timeout_s: float) -> bool:
        """Wait until all is saved; return whether it was, in time."""
        try:
            await within(self._clock, timeout_s, self._settled.wait())
        except TimeoutError:
            return False
        return True

    async def stop(self, *, drain_s: float = 5.0) -> None:
        """Save what waits, for at most ``drain_s``, then end. Stop it before the dispatcher."""
        self._is_stopping = True
        self._wake.set()
        if self._task is not None and not self._is_failing:
            await self.drain(drain_s)
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        try:
            while self._units:
                await self._save_units()
            if self._has_notes:
                await self._save_notes()
        except StorageFailed as error:
            log.error(
                "stopped with unsaved alerts", extra={"alerts": self.unsaved_count, "reason": str(error)}
            )

    # --- looking in

    @property
    def unsaved_count(self) -> int:
        """How many alerts are not on disk yet."""
        return sum(len(unit.alerts) for unit in self._units)

    @property
    def decided_ns(self) -> tuple[int, ...]:
        """The newest durations from an update's arrival to the engine's decision."""
        return tuple(self._decided_ns)

    @property
    def saved_ns(self) -> tuple[int, ...]:
        """The newest durations from an update's arrival to its alert being safe on disk."""
        return tuple(self._saved_ns)

    @property
    def _has_notes(self) -> bool:
        return bool(self._arming or self._counts)

    # --- the one task

    async def _run(self) -> None:
        while True:
            await self._until_due()
            try:
                if self._units:
                    await self._save_units()
                else:
                    await self._save_notes()
            except StorageFailed as error:
                if not self._is_failing:
                    log.warning("alerts go out unsaved", extra={"reason": str(error)})
                self._is_failing = True
            else:
                self._is_failing = False
                self._backoff.reset()
            if not self._units and not self._has_notes:
                self._settled.set()

    async def _until_due(self) -> None:
        """Wait for something to save: alerts at once, arming a little later, after a failure longer."""
        if self._is_failing:
            await self._beside_announcing(self._clock.sleep(self._backoff.next_s()), patience_s=0)
            return
        self._is_idle = True
        try:
            await self._until_wanted()
        finally:
            self._is_idle = False

    async def _until_wanted(self) -> None:
        while not self._units and not self._has_notes:
            await self._wake.wait()
            self._wake.clear()
        end_ns = self._clock.monotonic_ns() + int(_ARMING_DELAY_S * 1e9)
        while not self._units and not self._is_stopping:
            left_s = (end_ns - self._clock.monotonic_ns()) / 1e9
            try:
                await within(self._clock, left_s, self._wake.wait())
            except TimeoutError:
                return
            self._wake.clear()

    def _hand_in(self) -> Saving:
        saving = hand_in(
            self._next_units(),
            database=self._database,
            dispatcher=self._dispatcher,
            committed_ns=self._clock.now_ns(),
        )
        loop = asyncio.get_running_loop()

        def came_back(outcome: Future[Any]) -> None:
            saving.saved_ns = self._clock.now_ns()
            with suppress(RuntimeError):  # the loop has ended: nobody is left to be told
                loop.call_soon_threadsafe(self._came_back, saving)

        saving.outcome.add_done_callback(came_back)
        return saving

    def _came_back(self, saving: Saving) -> None:
        """Take notice that a transaction is over; what it saved is told at once, unless it is much.

        Not by the task: until that has its turn, the trader waits for what else the loop has to do.
        """
        is_saved = saving.outcome.exception() is None
        self._dispatcher.ledger.landed()
        try:
            if is_saved:
                self._note_saved(saving)
            if len(saving.untold) <= A_TURN:
                self._telling.tell_all(saving)
        finally:
            saving.ended.set()
            if not saving.untold:
                self._saving = None
        if is_saved and self._saving is None and self._units:
            # Not before the telling: what is handed in takes the turn of a channel that is free.
            self._saving = self._hand_in()

    def _note_saved(self, saving: Saving) -> None:
        lost, saving.new = saving.outcome.result()
        saving.untold.extend((unit, *planned) for unit in saving.units for planned in unit.alerts)
        for _, alert, _ in saving.untold:
            if alert.received_ns:
                self._saved_ns.append(max(0, saving.saved_ns - alert.received_ns))
        for _ in saving.units:
            self._units.popleft()
        self._alerts_a_commit = _MOST_ALERTS_A_COMMIT
        self._dispatcher.ledger.wrote(saving.noted, lost)

    async def _save_units(self) -> None:
        saving = self._saving = self._saving or self._hand_in()
        try:
            # Broken off by the end of the program it goes on; the next to save waits for it, and can tell.
            await self._beside_announcing(saving.ended.wait(), patience_s=_PATIENCE_S)
            await self._telling.tell_in_turns(saving)
        finally:
            if saving.ended.is_set():
                self._telling.tell_all(saving)
                self._saving = None if self._saving is saving else self._saving
        error = saving.outcome.exception()
        if isinstance(error, StorageFailed):
            raise error
        if error is None:
            return
        # Our own mistake in one alert must not keep all others from the disk.
        if saving.noted:
            self._dispatcher.ledger.doubt()  # it may be in what was to be written with them
        else:
            self._drop_poison(saving.units)

    async def _save_notes(self) -> None:
        """Save what changed without raising anything: arming, and counts of alerts saved before."""
        arming, self._arming = self._arming, {}
        counts, self._counts = self._counts, {}
        try:
            await self._database.run(lambda connection: outbox.note(connection, arming, counts))
        except BaseException:
            self._counts = {**counts, **self._counts}
            # Alerts raised meanwhile carry newer states, and are saved first.
            if self._units:
                self._units[0].arming = {**arming, **self._units[0].arming}
            else:
                self._arming = {**arming, **self._arming}
            raise
        if counts:
            self._bus.publish(AlertsCounted(counts=counts))

    def _next_units(self) -> list[Unit]:
        units: list[Unit] = []
        count = 0
        for unit in self._units:
            if units and count + len(unit.alerts) > self._alerts_a_commit:
                break
            units.append(unit)
            count += len(unit.alerts)
        return units

    def _drop_poison(self, units: Sequence[Unit]) -> None:
        if len(units) > 1:
            self._alerts_a_commit = 1  # one by one, until the bad one is found
            return
        (unit,) = units
        self._telling.tell_unsaved(unit)
        self._units.popleft()
        log.error("alerts cannot be saved", extra={"alerts": [alert.id for alert, _ in unit.alerts]})

    # --- telling

    async def _beside_announcing(self, work: Awaitable[T], *, patience_s: float) -> T:
        """Await ``work``; what waits for the disk for longer than ``patience_s`` goes out unsaved."""
        announcing = asyncio.ensure_future(self._announce_all_unsaved(patience_s))
        try:
            return await work
        finally:
            announcing.cancel()  # and not waited for: what was saved is told first

    async def _announce_all_unsaved(self, patience_s: float) -> None:
        await self._clock.sleep(patience_s)
        while True:
            for unit in self._units:
                self._telling.tell_unsaved(unit)
            await self._wake.wait()
            self._wake.clear()

    def _planned(self, alert: Alert) -> tuple[Alert, tuple[Delivery, ...]]:
        return alert, () if alert.status is AlertStatus.SUPPRESSED else self._plan(alert)
