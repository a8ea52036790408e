"""The way of one alert to its trader, line by line: each announcement, each attempt, each wait."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from tradeassist_desktop.domain.delivery import (
    Attempt,
    AttemptOutcome,
    Cause,
    Delivery,
    DeliveryKey,
    DeliveryState,
)
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.delivery_words import CAUSES, MUTINGS, OUTCOMES, STATES, channel_title
from tradeassist_desktop.ui.models.alerts import DELIVERY_MARKS
from tradeassist_desktop.ui.widgets.why_lines import Line, LineKind

if TYPE_CHECKING:
    from tradeassist_desktop.domain.records import AlertRecord

_STATE_TONES: Final = {
    DeliveryState.DELIVERED: "up",
    DeliveryState.DEAD: "danger",
    DeliveryState.UNCERTAIN: "warn",
    DeliveryState.EXPIRED: "warn",
}
_OUTCOME_TONES: Final = {
    AttemptOutcome.DELIVERED: ("✓", "up"),
    AttemptOutcome.FAILED: ("✗", "danger"),
    AttemptOutcome.REFUSED: ("✗", "danger"),
    AttemptOutcome.UNCERTAIN: ("?", "warn"),
}
# Shorter waits are the time it takes, not something that was waited for.
_WAIT_NS: Final = 500_000_000


def lines_of_deliveries(
    record: "AlertRecord", attempts: Sequence[Attempt], *, now_ns: int
) -> tuple[Line, ...]:
    """Return each announcement of an alert in the order they were planned, with its steps below.

    Args:
        attempts: At any of them, in the order they began.
    """
    if not record.deliveries:
        return ()
    tried: defaultdict[DeliveryKey, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        tried[attempt.key].append(attempt)
    lines = [Line(LineKind.SECTION, "Deliveries")]
    for delivery in sorted(record.deliveries, key=lambda each: (each.created_ns, each.channel)):
        steps = _Steps(record, delivery, tried[delivery.key], now_ns)
        lines += [steps.head(), *steps.lines()]
    return tuple(lines)


class _Steps:
    def __init__(
        self, record: "AlertRecord", delivery: Delivery, attempts: Sequence[Attempt], now_ns: int
    ) -> None:
        self._record = record
        self._delivery = delivery
        self._attempts = attempts
        self._now_ns = now_ns

    def head(self) -> Line:
        """Return where the announcement stands."""
        delivery = self._delivery
        said = self._state()
        if delivery.cause is not Cause.FIRED:
            said = f"{CAUSES[delivery.cause]}: {said}"
        tone = _STATE_TONES.get(delivery.state, "quiet")
        mark = DELIVERY_MARKS[delivery.state]
        return Line(LineKind.ROW, said, mark=mark, name=channel_title(delivery.channel), tone=tone)

    def lines(self) -> Iterator[Line]:
        """Return what happened to it, in order."""
        delivery = self._delivery
        planned_ns = delivery.created_ns
        if planned_ns:
            yield self._at(planned_ns, "planned" if delivery.cause is Cause.FIRED else "planned again")
        before_ns = planned_ns
        for attempt in self._attempts:
            if before_ns and attempt.started_ns - before_ns >= _WAIT_NS:
                yield Line(LineKind.STEP, f"waited {_long(attempt.started_ns - before_ns)}")
            yield self._attempt(attempt)
            before_ns = attempt.finished_ns or 0
        yield from self._end()

    def _state(self) -> str:
        delivery = self._delivery
        said = STATES[delivery.state]
        if delivery.state is DeliveryState.SUPPRESSED and delivery.muting is not None:
            said = f"{said} by {MUTINGS[delivery.muting]}"
        if delivery.state is DeliveryState.DELIVERED and delivery.finished_ns:
            said += self._latency(delivery.finished_ns)
        if delivery.attempts > 1 and not self._attempts:
            said += f", at attempt {delivery.attempts}"
        return f"{said}: {delivery.detail}" if delivery.detail else said

    def _latency(self, finished_ns: int) -> str:
        delivery, record = self._delivery, self._record
        if delivery.cause is not Cause.FIRED:
            return f" {_long(finished_ns - delivery.created_ns)} after it was planned"
        since_ns, what = record.committed_ns, "it was saved"
        if since_ns is None or since_ns > finished_ns:  # it went out although the disk would not take it
            since_ns, what = delivery.created_ns, "the decision"
        said = f" {_long(finished_ns - since_ns)} after {what}" if since_ns else ""
        received_ns = record.alert.received_ns
        return f"{said}, {_long(finished_ns - received_ns)} after receipt" if received_ns else said

    def _attempt(self, attempt: Attempt) -> Line:
        mark, tone = _OUTCOME_TONES.get(attempt.outcome, ("…", "quiet"))
        said = f"attempt {attempt.number}: {OUTCOMES[attempt.outcome]}"
        if attempt.finished_ns:
            said += f" after {_long(attempt.finished_ns - attempt.started_ns)}"
        # What delivered is told with the announcement itself.
        if attempt.detail and attempt.outcome is not AttemptOutcome.DELIVERED:
            said += f": {attempt.detail}"
        return self._at(attempt.started_ns, said, mark=mark, tone=tone)

    def _end(self) -> Iterator[Line]:
        delivery = self._delivery
        if delivery.receipt:
            yield Line(LineKind.STEP, f"receipt {delivery.receipt}", tip=delivery.receipt)
        if delivery.finished_ns and delivery.state in (DeliveryState.EXPIRED, DeliveryState.SUPPRESSED):
            yield self._at(delivery.finished_ns, STATES[delivery.state].partition(",")[0])
        if delivery.is_open and delivery.next_attempt_ns > self._now_ns:
            yield self._at(delivery.next_attempt_ns, "next attempt")

    def _at(self, event_ns: int, said: str, *, mark: str = "", tone: str = "quiet") -> Line:
        name = text.exact_time(event_ns, now_ns=self._now_ns)
        return Line(LineKind.STEP, said, mark=mark, name=name, tone=tone, tip=text.utc_time(event_ns))


def _long(nanoseconds: int) -> str:
    """Return a duration as exact as its length needs: ``12 ms``, ``4.2 s``, ``3 m 12 s``."""
    nanoseconds = max(0, nanoseconds)
    return text.duration(nanoseconds) if nanoseconds >= 60e9 else text.milliseconds(nanoseconds / 1e6)
