"""Tells an alert that says what has just been said."""

from typing import NamedTuple

from tradeassist_desktop.domain.alerts import Alert, AlertStatus
from tradeassist_desktop.domain.routing import Subject, subject_of


class _Sent(NamedTuple):
    alert_id: str
    event_ns: int
    message: str
    value: float | None
    status: AlertStatus


class Duplicates:
    """Remembers what was last sent of each rule and symbol.

    The same is the same message with the same value, close in event time: a price that flickers about
    a level. Another value is another alert, whatever its message: of an ``every`` rule, or where the
    rule's own message names no value. So is what fires after "no longer true" was sent. Counted from
    what was sent last, not from the last duplicate: what goes on and on is heard now and then.
    """

    def __init__(self) -> None:
        self._sent: dict[Subject, _Sent] = {}

    def original_ns(self, alert: Alert, window_ns: int) -> int | None:
        """Return the event time of what an alert is a duplicate of; ``None`` if it is none."""
        sent = self._sent.get(subject_of(alert))
        if sent is None or sent.alert_id == alert.id or not 0 <= alert.event_ns - sent.event_ns < window_ns:
            return None
        is_same = sent[2:] == (alert.message, alert.value, alert.status)
        return sent.event_ns if is_same else None

    def note(self, alert: Alert) -> None:
        """Take an alert that is being sent."""
        if not alert.is_notice:
            self._sent[subject_of(alert)] = _Sent(
                alert.id, alert.event_ns, alert.message, alert.value, alert.status
            )
