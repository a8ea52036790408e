"""Follows alerts until they are answered: repeats, escalation, and what a silence has held back."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Timing
from tradeassist_desktop.domain.delivery import Cause, Delivery, DeliveryKey, DeliveryState, Muting
from tradeassist_desktop.domain.events import (
    AlertRaised,
    AlertsAcknowledged,
    DeliveryChanged,
    SilencesChanged,
)
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.records import AlertRecord
from tradeassist_desktop.domain.routing import Subject, subject_of
from tradeassist_desktop.domain.rules import Standing
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.services.routing.acknowledgements import Acknowledgements
from tradeassist_desktop.services.routing.agenda import Agenda
from tradeassist_desktop.services.routing.mutes import Mutes
from tradeassist_desktop.services.routing.policy import CurrentPolicy
from tradeassist_desktop.services.routing.silence_book import SilenceBook
from tradeassist_desktop.services.routing.unanswered import (
    Announce,
    Over,
    Unanswered,
    belongs,
    next_step,
    unanswered,
)
from tradeassist_desktop.storage import alerts
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.faults import StorageFailed

log = logging.getLogger(__name__)

_LONGEST_SLEEP_S: Final = 60.0
"""The clock on the wall may be set meanwhile."""
_FOLLOWED_NS: Final = 86_400 * NS_PER_SECOND
_LOOK_AT_ACKNOWLEDGED_S: Final = 5.0
_MOST_FOLLOWED: Final = 20_000
_NOT_FOLLOWED: Final = frozenset((Muting.DUPLICATE, Muting.REPLAY, Muting.INHIBITED, Muting.ACKNOWLEDGED))
_NOT_TOLD: Final = frozenset((DeliveryState.UNAVAILABLE, DeliveryState.SUPPRESSED))
_AT_ONCE: Final = 0
_CASES_A_TURN: Final = 20


class Announcer(Protocol):
    """Who announces an alert once more: the dispatcher."""

    async def announce_again(
        self, alert: Alert, channels: Sequence[str], cause: Cause
    ) -> tuple[Delivery, ...]:
        """Announce an alert once more on these channels, and return how."""
        ...

    def is_waiting(self, key: DeliveryKey) -> bool:
        """Whether a delivery is still to be made."""
        ...


class Followups:
    """One task for all alerts: it sleeps until the first of them is due.

    What is due is told by ``unanswered`` from stored alerts and deliveries; nothing of it is kept
    besides, so that a restart neither repeats a step nor forgets one. Acknowledging any alert of a
    rule on a symbol ends what follows of it.

    It hears of alerts from the bus, as only that tells those that are new; what it missed by
    a crash, its next start finds in the database.

    Args:
        record: Returns one of the newest alerts with what became of it, or ``None``.
        standing: Returns whether a rule's condition is true still.
    """

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        policy: CurrentPolicy,
        mutes: Mutes,
        book: SilenceBook,
        acknowledgements: Acknowledgements,
        database: Database,
        announcer: Announcer,
        record: Callable[[str], AlertRecord | None],
        standing: Callable[[str, str], Standing],
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._policy = policy
        self._mutes = mutes
        self._book = book
        self._acknowledgements = acknowledgements
        self._database = database
        self._announcer = announcer
        self._record = record
        self._standing_of = standing
        self._cases: dict[Subject, Unanswered] = {}
        self._agenda = Agenda()
        self._asks_about_all = False
        self._silence_end_ns: int | None = None
        self._looked_ns = 0
        self._answers: list[AlertsAcknowledged] = []
        self._wake = asyncio.Event()
        self._subscriptions: list[Callable[[], None]] = []

    async def start(self) -> None:
        """Take up what an earlier run left unanswered, and follow the bus from now on.

        Of the last day, or since a silence began that has ended within it: older ones are no news.
        """
        day_ago_ns = self._clock.now_ns() - _FOLLOWED_NS
        since_ns = min(day_ago_ns, self._book.first_ns(day_ago_ns) or day_ago_ns)
        found = await self._database.read(lambda connection: alerts.unanswered(connection, since_ns=since_ns))
        for record in found:
            self._follow(record.alert, record.deliveries)
        self._subscriptions = [
            self._bus.subscribe(AlertRaised, self._on_raised),
            self._bus.subscribe(AlertsAcknowledged, self._on_acknowledged),
            self._bus.subscribe(DeliveryChanged, self._on_delivery),
            self._bus.subscribe(SilencesChanged, lambda event: self._ask_about_all()),
            self._policy.follow(self._bus, self._ask_about_all),
        ]

    async def stop(self) -> None:
        """Leave the bus."""
        for unsubscribe in self._subscriptions:
            unsubscribe()
        self._subscriptions = []

    async def run(self) -> None:
        """Do what is due, until cancelled."""
        self._ask_about_all()  # after a crash nothing may be left out
        while True:
            self._wake.clear()
            self._look_at_the_clock()
            await self._take_answers()
            self._acknowledgements.end_cleared()
            self._tell_ended_silences()
            await self._do_what_is_due()
            wait_s = self._wait_s()
            if not self._wake.is_set() and wait_s > 0:
                try:
                    await within(self._clock, wait_s, self._wake.wait())
                except TimeoutError:
                    continue  # something is due

    @property
    def followed_count(self) -> int:
        """How many rules and symbols have alerts that are unanswered."""
        return len(self._cases)

    # --- what the bus tells

    def _on_raised(self, event: AlertRaised) -> None:
        self._follow(event.alert, event.deliveries)

    def _on_acknowledged(self, event: AlertsAcknowledged) -> None:
        self._answers.append(event)
        self._wake.set()

    def _on_delivery(self, event: DeliveryChanged) -> None:
        if event.delivery.is_open:
            return
        record = self._record(event.delivery.alert_id)
        case = None if record is None else self._cases.get(subject_of(record.alert))
        if case is not None and case.alert.id == event.delivery.alert_id:
            case.note_end(event.delivery)
            if event.delivery.state in _NOT_TOLD:
                self._ask(subject_of(case.alert), _AT_ONCE)

    def _follow(self, alert: Alert, deliveries: Sequence[Delivery]) -> None:
        subject = subject_of(alert)
        if alert.status is AlertStatus.CLEARED:
            self._drop(subject)
            return
        if alert.status is not AlertStatus.FIRED or alert.timing is Timing.REPLAYED:
            return
        if deliveries and all(delivery.muting in _NOT_FOLLOWED for delivery in deliveries):
            return
        before = self._cases.pop(subject, None)  # so that the newest are last
        if before is not None and not belongs(alert, before, self._standing(alert), self._policy()):
            before = None
        self._cases[subject] = unanswered(alert, deliveries, before)
        self._ask(subject, _AT_ONCE)
        if len(self._cases) > _MOST_FOLLOWED:
            self._drop(next(iter(self._cases)))

    def _drop(self, subject: Subject) -> None:
        self._cases.pop(subject, None)
        self._agenda.drop(subject)

    # --- answers

    async def _take_answers(self) -> None:
        while self._answers:
            event = self._answers[0]
            for record in await self._records(event.alert_ids):
                if event.is_acknowledged:
                    self._answer(record)
                else:
                    self._acknowledgements.take_back(record.alert)
                    self._follow(record.alert, record.deliveries)
            self._answers.pop(0)

    def _answer(self, record: AlertRecord) -> None:
        case = self._cases.get(subject_of(record.alert))
        # What has fired since is not answered by saying again that an earlier alert was seen.
        # Nor does a clock that was set back keep an alert itself from being answered.
        if case is not None and (
            case.alert.id == record.alert.id or case.alert.evaluated_ns <= (record.acknowledged_ns or 0)
        ):
            self._drop(subject_of(record.alert))
        self._acknowledgements.acknowledge(record.alert)

    async def _records(self, ids: Sequence[str]) -> list[AlertRecord]:
        known = [record for record in map(self._record, ids) if record is not None]
        if len(known) == len(ids):
            return known
        missing = set(ids) - {record.alert.id for record in known}
        try:
            return [*known, *await self._database.read(lambda connection: alerts.by_ids(connection, missing))]
        except StorageFailed:
            log.warning("acknowledged alerts could not be read", extra={"alerts": len(ids)})
            return known

    # --- what is due

    async def _do_what_is_due(self) -> None:
        if self._asks_about_all:
            self._asks_about_all = False
            self._agenda.ask_all(self._cases, _AT_ONCE)
        now_ns, count = self._clock.now_ns(), 0
        while (subject := self._agenda.take(now_ns)) is not None:
            count += 1
            if count % _CASES_A_TURN == 0:
                await asyncio.sleep(0)  # a storm must not hold up the loop
            await self._do_next(subject)
            await self._take_answers()

    async def _do_next(self, subject: Subject) -> None:
        case = self._cases.get(subject)
        if case is None:
            return
        now_ns = self._clock.now_ns()
        case.not_after(now_ns)
        target, standing = self._mutes.target(case.alert), self._standing(case.alert)
        step = next_step(
            case,
            policy=self._policy(),
            standing=standing,
            mute=partial(self._mutes.on, target=target, covering=self._mutes.covering(target), now_ns=now_ns),
            silence_end_ns=partial(
                self._book.last_end_ns,
                subject=target.subject,
                tags=target.tags,
                is_own=standing.is_true is None,
            ),
            is_waiting=self._announcer.is_waiting,
            now_ns=now_ns,
        )
        if isinstance(step, Over):
            self._drop(subject)
        elif isinstance(step, Announce):
            await self._announce(subject, case, step)
        elif step.until_ns is not None:
            self._ask(subject, step.until_ns)

    async def _announce(self, subject: Subject, case: Unanswered, step: Announce) -> None:
        alert = case.alert
        deliveries = await self._announcer.announce_again(alert, step.channels, step.cause)
        log.info(
            "announced again",
            extra={"alert": alert.id, "cause": step.cause.value, "channels": step.channels},
        )
        case.add(deliveries)  # a firing meanwhile that goes on with it shares what it knows
        if subject in self._cases:
            self._ask(subject, _AT_ONCE)

    def _standing(self, alert: Alert) -> Standing:
        """Return whether what an alert tells is true still; of a notice, which has no condition, nothing."""
        return Standing() if alert.is_notice else self._standing_of(alert.rule_uid, alert.symbol)

    # --- when

    def _ask(self, subject: Subject, at_ns: int) -> None:
        self._agenda.ask(subject, at_ns)
        self._wake.set()

    def _ask_about_all(self) -> None:
        self._asks_about_all = True
        self._wake.set()

    def _look_at_the_clock(self) -> None:
        now_ns = self._clock.now_ns()
        if now_ns < self._looked_ns:
            self._ask_about_all()  # it was set back: what is due soon must not wait until the old time
        self._looked_ns = now_ns

    def _tell_ended_silences(self) -> None:
        end_ns, self._silence_end_ns = self._silence_end_ns, self._book.next_end_ns()
        if end_ns is not None and end_ns <= self._clock.now_ns():
            self._bus.publish(SilencesChanged())

    def _wait_s(self) -> float:
        now_ns = self._clock.now_ns()
        wait_s = _LOOK_AT_ACKNOWLEDGED_S if self._acknowledgements.are_there else _LONGEST_SLEEP_S
        self._silence_end_ns = self._book.next_end_ns()
        for due_ns in (self._silence_end_ns, self._agenda.first_ns):
            if due_ns is not None:
                wait_s = min(wait_s, (due_ns - now_ns) / NS_PER_SECOND)
        return wait_s
