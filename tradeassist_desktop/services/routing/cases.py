"""Which alerts are followed, found by what they are about and by themselves, and when each is due."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Timing
from tradeassist_desktop.domain.delivery import Delivery, Muting
from tradeassist_desktop.domain.records import AlertRecord
from tradeassist_desktop.domain.routing import Subject, subject_of
from tradeassist_desktop.domain.rules import Standing
from tradeassist_desktop.services.routing.agenda import Agenda
from tradeassist_desktop.services.routing.policy import Policy
from tradeassist_desktop.services.routing.unanswered import Unanswered, belongs, unanswered

_MOST: Final = 20_000
_NOT_FOLLOWED: Final = frozenset((Muting.DUPLICATE, Muting.REPLAY, Muting.INHIBITED, Muting.ACKNOWLEDGED))

AT_ONCE: Final = 0


class Cases:
    """What is unanswered, one case for each rule and symbol; beyond 20,000 the oldest go.

    Args:
        standing: Returns whether what an alert tells is true still, and since when.
    """

    def __init__(self, *, policy: Callable[[], Policy], standing: Callable[[Alert], Standing]) -> None:
        self._policy = policy
        self._standing = standing
        self._cases: dict[Subject, Unanswered] = {}
        self._by_alert: dict[str, Unanswered] = {}
        self._agenda = Agenda()

    def __len__(self) -> int:
        return len(self._cases)

    def __contains__(self, case: Unanswered) -> bool:
        """Whether it is followed, and has not been succeeded by that of a newer alert."""
        return self._by_alert.get(case.alert.id) is case

    def of_alert(self, alert_id: str) -> Unanswered | None:
        """Return the case whose newest alert this is; ``None`` if it is not followed, or was followed."""
        return self._by_alert.get(alert_id)

    def follow(self, alert: Alert, deliveries: Sequence[Delivery]) -> None:
        """Take an alert that was raised; one that says "no longer true" ends its case."""
        if alert.status is AlertStatus.CLEARED:
            self._drop(subject_of(alert))
            return
        if alert.status is not AlertStatus.FIRED or alert.timing is Timing.REPLAYED:
            return
        if deliveries and all(delivery.muting in _NOT_FOLLOWED for delivery in deliveries):
            return
        before = self._forget(subject_of(alert))  # so that the newest are last
        if before is not None and not belongs(alert, before, self._standing(alert), self._policy()):
            before = None
        case = unanswered(alert, deliveries, before)
        self._cases[case.subject] = self._by_alert[alert.id] = case
        self.ask(case, AT_ONCE)
        if len(self._cases) > _MOST:
            self._drop(next(iter(self._cases)))

    def answer(self, record: AlertRecord) -> None:
        """Take an alert that was acknowledged; what has fired since then is not answered by it."""
        case = self._cases.get(subject_of(record.alert))
        # Nor does a clock that was set back keep an alert itself from being answered.
        if case is not None and (
            case.alert.id == record.alert.id or case.alert.evaluated_ns <= (record.acknowledged_ns or 0)
        ):
            self.drop(case)

    def drop(self, case: Unanswered) -> None:
        """Follow it no more."""
        self._drop(case.subject)

    # --- when

    def ask(self, case: Unanswered, at_ns: int) -> None:
        """Have it looked at then, and not when it was to be before; UTC nanoseconds, or ``AT_ONCE``."""
        self._agenda.ask(case.subject, at_ns)

    def ask_all(self) -> None:
        """Have every case looked at at once."""
        self._agenda.ask_all(self._cases, AT_ONCE)

    def due(self, until_ns: int) -> Iterator[Unanswered]:
        """Yield each case whose time has come by then, also what comes due meanwhile."""
        while (subject := self._agenda.take(until_ns)) is not None:
            case = self._cases.get(subject)
            if case is not None:
                yield case

    @property
    def first_ns(self) -> int | None:
        """When the first may be due; ``None`` for none. Never too late."""
        return self._agenda.first_ns

    # --- within

    def _drop(self, subject: Subject) -> None:
        self._forget(subject)
        self._agenda.drop(subject)

    def _forget(self, subject: Subject) -> Unanswered | None:
        case = self._cases.pop(subject, None)
        if case is not None:
            del self._by_alert[case.alert.id]
        return case
