"""Follows alerts until they are answered: repeats, escalation, and what a silence has held back."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import Delivery, DeliveryState
from tradeassist_desktop.domain.events import (
    AlertRaised,
    AlertsAcknowledged,
    DeliveryChanged,
    SilencesChanged,
)
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.records import AlertRecord
from tradeassist_desktop.domain.rules import Standing
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.services.delivery.in_turns import in_turns
from tradeassist_desktop.services.routing.acknowledgements import Acknowledgements
from tradeassist_desktop.services.routing.cases import AT_ONCE, Cases
from tradeassist_desktop.services.routing.gathering import Announcer, Gathering
from tradeassist_desktop.services.routing.mutes import Mutes
from tradeassist_desktop.services.routing.policy import CurrentPolicy
from tradeassist_desktop.services.routing.silence_book import SilenceBook
from tradeassist_desktop.services.routing.unanswered import (
    Announce,
    Over,
    Step,
    Unanswered,
    next_step,
)
from tradeassist_desktop.storage import alerts
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.faults import StorageFailed

log = logging.getLogger(__name__)

_LONGEST_SLEEP_S: Final = 60.0
"""The clock on the wall may be set meanwhile."""
_FOLLOWED_NS: Final = 86_400 * NS_PER_SECOND
_LOOK_AT_ACKNOWLEDGED_S: Final = 5.0
_NOT_TOLD: Final = frozenset((DeliveryState.UNAVAILABLE, DeliveryState.SUPPRESSED))
_CASES_A_TURN: Final = 20


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
        self._gathering = Gathering(announcer=announcer, clock=clock)
        self._record = record
        self._standing_of = standing
        self._cases = Cases(policy=policy, standing=self._standing)
        self._asks_about_all = False
        self._silence_change_ns: int | None = None
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
            self._cases.follow(record.alert, record.deliveries)
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
            self._tell_of_silences()
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
        case = None if event.delivery.is_open else self._cases.of_alert(event.delivery.alert_id)
        if case is not None:
            case.note_end(event.delivery)
            if event.delivery.state in _NOT_TOLD:
                self._ask(case, AT_ONCE)

    def _follow(self, alert: Alert, deliveries: Sequence[Delivery]) -> None:
        self._cases.follow(alert, deliveries)
        self._wake.set()

    # --- answers

    async def _take_answers(self) -> None:
        while self._answers:
            event = self._answers[0]
            for record in await self._records(event.alert_ids):
                if event.is_acknowledged:
                    self._cases.answer(record)
                    self._acknowledgements.acknowledge(record.alert)
                else:
                    self._acknowledgements.take_back(record.alert)
                    self._follow(record.alert, record.deliveries)
            self._answers.pop(0)

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
            self._cases.ask_all()
        wanted: list[tuple[Unanswered, Announce]] = []
        for count, case in enumerate(self._cases.due(self._due_until_ns()), start=1):
            if count % _CASES_A_TURN == 0:
                await asyncio.sleep(0)  # a storm must not hold up the loop
            step = self._next_step(case)
            if isinstance(step, Announce):
                wanted.append((case, step))
            elif isinstance(step, Over):
                self._cases.drop(case)
            elif step.until_ns is not None:
                self._ask(case, step.until_ns)
        await self._take_answers()
        # Those answered meanwhile are done with, and a firing meanwhile is looked at by itself.
        await self._announce([(case, step) for case, step in wanted if case in self._cases])

    def _next_step(self, case: Unanswered) -> Step:
        now_ns = self._clock.now_ns()
        case.not_after(now_ns)
        target, standing = self._mutes.target(case.alert), self._standing(case.alert)
        policy = self._policy()
        return next_step(
            case,
            policy=policy,
            routed=policy.channels_of(target.priority, target.channels),
            standing=standing,
            mute=partial(self._mutes.on, target=target, covering=self._mutes.covering(target), now_ns=now_ns),
            silence_end_ns=partial(
                self._book.last_end_ns,
                subject=target.subject,
                tags=target.tags,
                is_own=standing.is_true is None,
            ),
            is_waiting=self._gathering.is_waiting,
            now_ns=now_ns,
        )

    async def _announce(self, wanted: Sequence[tuple[Unanswered, Announce]]) -> None:
        if not wanted:
            return
        added = await self._gathering.announce(wanted)

        def note(case: Unanswered) -> None:
            # A firing meanwhile that goes on with it shares what it knows.
            case.add(added.get(case.alert.id, ()))
            if case in self._cases:
                self._ask(case, AT_ONCE)

        await in_turns([case for case, _ in wanted], note)

    def _standing(self, alert: Alert) -> Standing:
        """Return whether what an alert tells is true still; of a notice, which has no condition, nothing."""
        return Standing() if alert.is_notice else self._standing_of(alert.rule_uid, alert.symbol)

    # --- when

    def _ask(self, case: Unanswered, at_ns: int) -> None:
        self._cases.ask(case, at_ns)
        self._wake.set()

    def _ask_about_all(self) -> None:
        self._asks_about_all = True
        self._wake.set()

    def _due_until_ns(self) -> int:
        """Return until when what is due is to be done now: for a moment after others nothing but the new."""
        return AT_ONCE if self._gathering.rest_s > 0 else self._clock.now_ns()

    def _look_at_the_clock(self) -> None:
        now_ns = self._clock.now_ns()
        if now_ns < self._looked_ns:
            self._ask_about_all()  # it was set back: what is due soon must not wait until the old time
        self._looked_ns = now_ns

    def _tell_of_silences(self) -> None:
        """Tell that one began, or ended, by itself."""
        change_ns, self._silence_change_ns = self._silence_change_ns, self._book.next_change_ns()
        if change_ns is not None and change_ns <= self._clock.now_ns():
            self._bus.publish(SilencesChanged())

    def _wait_s(self) -> float:
        now_ns = self._clock.now_ns()
        wait_s = _LOOK_AT_ACKNOWLEDGED_S if self._acknowledgements.are_there else _LONGEST_SLEEP_S
        self._silence_change_ns = self._book.next_change_ns()
        if self._silence_change_ns is not None:
            wait_s = min(wait_s, (self._silence_change_ns - now_ns) / NS_PER_SECOND)
        if self._cases.first_ns is not None:
            wait_s = min(wait_s, max(self._gathering.rest_s, (self._cases.first_ns - now_ns) / NS_PER_SECOND))
        return wait_s
