"""Follows alerts until they are answered: repeats, escalation, and what a silence has held back."""

import asyncio
import heapq
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Timing
from tradeassist_desktop.domain.delivery import Cause, Delivery, Muting
from tradeassist_desktop.domain.events import AlertRaised, AlertsAcknowledged, AlertsSaved, SilencesChanged
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.records import AlertRecord
from tradeassist_desktop.domain.routing import Subject, subject_of
from tradeassist_desktop.domain.rules import Rule, Standing, Trigger
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.services.routing.mutes import Mutes
from tradeassist_desktop.services.routing.policy import CurrentPolicy
from tradeassist_desktop.services.routing.silence_book import REMEMBERED_NS, SilenceBook
from tradeassist_desktop.services.routing.silences import Silences
from tradeassist_desktop.services.routing.unanswered import (
    Announce,
    Over,
    Unanswered,
    belongs,
    next_step,
    unanswered,
)
from tradeassist_desktop.storage.faults import StorageFailed

log = logging.getLogger(__name__)

_LONGEST_SLEEP_S: Final = 60.0
"""The clock on the wall may be set meanwhile."""
_LOOK_AT_ACKNOWLEDGED_S: Final = 5.0
_TRY_AGAIN_NS: Final = 5 * NS_PER_SECOND
_MOST_FOLLOWED: Final = 20_000
_NOT_FOLLOWED: Final = frozenset((Muting.DUPLICATE, Muting.REPLAY, Muting.INHIBITED, Muting.ACKNOWLEDGED))
_AT_ONCE: Final = 0


class Announcer(Protocol):
    """Who announces a stored alert once more: the dispatcher."""

    async def announce_again(
        self, alert: Alert, channels: Sequence[str], cause: Cause
    ) -> tuple[Delivery, ...]:
        """Store one more announcement on each channel and have it sent; return them.

        Raises:
            StorageFailed: it could not be stored, and is not sent.
        """
        ...


class AlertReader(Protocol):
    """Where alerts are found again."""

    async def unanswered(self, *, since_ns: int) -> list[AlertRecord]:
        """Return the firings since then that nobody has answered, oldest first."""
        ...

    async def by_ids(self, ids: Sequence[str]) -> list[AlertRecord]:
        """Return the records of these alerts."""
        ...


class Followups:
    """One task for all alerts: it sleeps until the first of them is due.

    What is due is told by ``unanswered`` from stored alerts and deliveries; nothing of it is kept
    besides, so that a restart neither repeats a step nor forgets one. Acknowledging any alert of a
    rule on a symbol ends what follows of it. Where the rule may fire again while its condition is
    true, it also mutes that, until the condition is no longer true.

    It hears of alerts from the bus, as only that tells those that are new; what it missed by
    a crash, its next start finds in the database.

    Args:
        record: Returns one of the newest alerts with what became of it, or ``None``.
        standing: Returns whether a rule's condition is true still.
        rule: Returns the rule of a uid, or ``None``.
    """

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        policy: CurrentPolicy,
        mutes: Mutes,
        book: SilenceBook,
        silences: Silences,
        alerts: AlertReader,
        announcer: Announcer,
        record: Callable[[str], AlertRecord | None],
        standing: Callable[[str, str], Standing],
        rule: Callable[[str], Rule | None],
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._policy = policy
        self._mutes = mutes
        self._book = book
        self._silences = silences
        self._alerts = alerts
        self._announcer = announcer
        self._record = record
        self._standing_of = standing
        self._rule = rule
        self._cases: dict[Subject, Unanswered] = {}
        self._due: dict[Subject, int] = {}
        self._heap: list[tuple[int, Subject]] = []
        self._unsaved: set[str] = set()
        self._answers: list[AlertsAcknowledged] = []
        self._wake = asyncio.Event()
        self._subscriptions: list[Callable[[], None]] = []

    async def start(self) -> None:
        """Take up what an earlier run left unanswered, and follow the bus from now on."""
        for record in await self._alerts.unanswered(since_ns=self._clock.now_ns() - REMEMBERED_NS):
            self._follow(record.alert, record.deliveries)
        self._subscriptions = [
            self._bus.subscribe(AlertRaised, self._on_raised),
            self._bus.subscribe(AlertsSaved, self._on_saved),
            self._bus.subscribe(AlertsAcknowledged, self._on_acknowledged),
            self._bus.subscribe(SilencesChanged, lambda event: self._ask_all()),
            self._policy.follow(self._bus, self._ask_all),
        ]

    async def stop(self) -> None:
        """Leave the bus."""
        for unsubscribe in self._subscriptions:
            unsubscribe()
        self._subscriptions = []

    async def run(self) -> None:
        """Do what is due, until cancelled."""
        while True:
            self._wake.clear()
            await self._take_answers()
            self._end_acknowledgements()
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
        if not event.is_saved:
            self._unsaved.add(event.alert.id)
        if event.alert.timing is not Timing.REPLAYED:
            self._follow(event.alert, event.deliveries)

    def _on_saved(self, event: AlertsSaved) -> None:
        self._unsaved.difference_update(event.alert_ids)
        self._wake.set()

    def _on_acknowledged(self, event: AlertsAcknowledged) -> None:
        self._answers.append(event)
        self._wake.set()

    def _follow(self, alert: Alert, deliveries: Sequence[Delivery]) -> None:
        subject = subject_of(alert)
        if alert.status is AlertStatus.CLEARED:
            self._drop(subject)
            return
        if alert.status is not AlertStatus.FIRED:
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
        self._due.pop(subject, None)

    # --- answers

    async def _take_answers(self) -> None:
        while self._answers:
            event = self._answers[0]
            for record in await self._records(event.alert_ids):
                if event.is_acknowledged:
                    self._acknowledge(record.alert)
                else:
                    self._take_back(record)
            self._answers.pop(0)

    async def _records(self, ids: Sequence[str]) -> list[AlertRecord]:
        known = [record for record in map(self._record, ids) if record is not None]
        if len(known) == len(ids):
            return known
        found = {record.alert.id for record in known}
        try:
            return [*known, *await self._alerts.by_ids([each for each in ids if each not in found])]
        except StorageFailed:
            log.warning("acknowledged alerts could not be read", extra={"alerts": len(ids)})
            return known

    def _acknowledge(self, alert: Alert) -> None:
        subject = subject_of(alert)
        self._drop(subject)
        rule = self._rule(alert.rule_uid)
        if rule is None or rule.trigger not in (Trigger.EVERY, Trigger.ONCE_PER_BAR):
            return  # it fires again only after its condition was no longer true
        since_ns = self._standing(alert).since_ns
        if since_ns is not None and not self._book.acknowledged_of(subject):
            self._silences.acknowledge(subject, since_ns)

    def _take_back(self, record: AlertRecord) -> None:
        self._silences.take_back(subject_of(record.alert))
        if record.alert.timing is not Timing.REPLAYED:
            self._follow(record.alert, record.deliveries)

    def _end_acknowledgements(self) -> None:
        for silence in self._book.acknowledged():
            subject = Subject(silence.rule_uid, silence.symbol)
            if self._standing_of(*subject).since_ns != silence.from_ns:
                self._silences.take_back(subject)

    # --- what is due

    async def _do_what_is_due(self) -> None:
        now_ns = self._clock.now_ns()
        while self._heap and self._heap[0][0] <= now_ns:
            due_ns, subject = heapq.heappop(self._heap)
            if self._due.get(subject) == due_ns:  # else it was asked anew meanwhile
                del self._due[subject]
                await self._do_next(subject)

    async def _do_next(self, subject: Subject) -> None:
        case = self._cases.get(subject)
        if case is None:
            return
        now_ns = self._clock.now_ns()
        target = self._mutes.target(case.alert)
        step = next_step(
            case,
            policy=self._policy(),
            standing=self._standing(case.alert),
            mute=partial(self._mutes.on, target=target, covering=self._mutes.covering(target), now_ns=now_ns),
            silence_end_ns=partial(self._book.last_end_ns, target.subject, target.tags),
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
        if alert.id in self._unsaved:  # there is no row yet that it could be an announcement of
            self._ask(subject, self._clock.now_ns() + _TRY_AGAIN_NS)
            return
        try:
            deliveries = await self._announcer.announce_again(alert, step.channels, step.cause)
        except StorageFailed as error:
            log.warning("announcement put off", extra={"alert": alert.id, "reason": str(error)})
            self._ask(subject, self._clock.now_ns() + _TRY_AGAIN_NS)
            return
        log.info(
            "announced again",
            extra={"alert": alert.id, "cause": step.cause.value, "channels": step.channels},
        )
        if self._cases.get(subject) is case:  # else it was answered, or fired again, meanwhile
            case.add(deliveries)
            self._ask(subject, _AT_ONCE)

    def _standing(self, alert: Alert) -> Standing:
        """Return whether what an alert tells is true still; of a notice, which has no condition, nothing."""
        return Standing() if alert.is_notice else self._standing_of(alert.rule_uid, alert.symbol)

    # --- when

    def _ask(self, subject: Subject, at_ns: int) -> None:
        self._due[subject] = at_ns
        heapq.heappush(self._heap, (at_ns, subject))
        self._wake.set()

    def _ask_all(self) -> None:
        self._heap = []
        for subject in self._cases:
            self._ask(subject, _AT_ONCE)

    def _wait_s(self) -> float:
        now_ns = self._clock.now_ns()
        wait_s = _LOOK_AT_ACKNOWLEDGED_S if self._book.acknowledged() else _LONGEST_SLEEP_S
        if self._heap:
            wait_s = min(wait_s, (self._heap[0][0] - now_ns) / NS_PER_SECOND)
        return wait_s
