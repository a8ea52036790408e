"""What is known of alerts that nobody has acknowledged, and what is to follow of them."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.delivery import Cause, Delivery, DeliveryKey, DeliveryState, Muting
from tradeassist_desktop.domain.escalation import EscalationStep
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.routing import Subject, subject_of
from tradeassist_desktop.domain.rules import Standing
from tradeassist_desktop.services.routing.mutes import Mute
from tradeassist_desktop.services.routing.policy import Policy

_HELD_BACK: Final = frozenset((Muting.SILENCE, Muting.SNOOZE, Muting.QUIET_HOURS))
"""What mutes for a time only: afterwards the alert is owed to its trader."""
_LOOK_AGAIN_NS: Final = 30 * NS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Announce:
    """It is to be announced on these channels now."""

    channels: tuple[str, ...]
    cause: Cause


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is due before that time; ``None`` is for as long as nothing changes."""

    until_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Over:
    """Its condition is no longer true: nothing will follow."""


Step = Announce | Wait | Over


@dataclass(slots=True)
class Unanswered:
    """The alerts of one rule on one symbol since one was last acknowledged or its condition no longer true.

    Made of stored alerts and deliveries alone, so that a restart comes to the same.

    Args:
        alert: The newest; further announcements are of it.
        latest: The newest delivery on each channel.
        since_ns: When its trader was first told; escalation counts from it. ``None`` while he was not.
        announced_ns: When he was last told but by escalation; repeats count from it.
        escalated: How many steps were taken on each channel.
    """

    alert: Alert
    latest: dict[str, Delivery] = field(default_factory=dict)
    since_ns: int | None = None
    announced_ns: int | None = None
    escalated: Counter[str] = field(default_factory=Counter)

    @property
    def subject(self) -> Subject:
        """What they are about."""
        return subject_of(self.alert)

    def add(self, deliveries: Iterable[Delivery]) -> None:
        """Take deliveries of the newest alert."""
        for delivery in sorted(deliveries, key=lambda each: (each.created_ns, each.announcement)):
            known = self.latest.get(delivery.channel)
            if known is None or known.key != delivery.key:  # else it has come to nothing already
                self.latest[delivery.channel] = delivery
            self._note(delivery)

    def note_end(self, delivery: Delivery) -> None:
        """Take notice of what came of a delivery."""
        known = self.latest.get(delivery.channel)
        if (
            known is None
            or known.alert_id != delivery.alert_id
            or known.announcement <= delivery.announcement
        ):
            self.latest[delivery.channel] = delivery

    def not_after(self, now_ns: int) -> None:
        """Have nothing been told later than now, which a clock leads to that was set back since."""
        if self.since_ns is not None:
            self.since_ns = min(self.since_ns, now_ns)
        if self.announced_ns is not None:
            self.announced_ns = min(self.announced_ns, now_ns)
        for channel, latest in self.latest.items():
            if latest.created_ns > now_ns:
                self.latest[channel] = replace(latest, created_ns=now_ns, finished_ns=now_ns)

    def _note(self, delivery: Delivery) -> None:
        told_ns = delivery.created_ns
        if delivery.cause is Cause.ESCALATION:
            self.escalated[delivery.channel] += 1
            return
        if delivery.muting is None or delivery.muting is Muting.QUIET_HOURS:
            # Quiet hours keep a channel from being heard, not the alert from being unanswered.
            self.since_ns = told_ns if self.since_ns is None else min(self.since_ns, told_ns)
        if delivery.muting is None:
            self.announced_ns = max(self.announced_ns or 0, told_ns)
            if delivery.cause is Cause.SILENCE_ENDED:
                self.since_ns = told_ns  # only now can an answer be expected

    def steps_due(self, steps: Sequence[EscalationStep]) -> list[tuple[int, str]]:
        """Return when the steps of a chain that were not taken yet are due, and their channels."""
        if self.since_ns is None:
            return []
        seen: Counter[str] = Counter()
        due = []
        for step in steps:
            seen[step.channel] += 1
            if seen[step.channel] > self.escalated[step.channel]:
                due.append((self.since_ns + step.after_ns, step.channel))
        return due


def unanswered(alert: Alert, deliveries: Sequence[Delivery], before: Unanswered | None) -> Unanswered:
    """Return what is known with a new alert.

    Args:
        before: What was known of its rule and symbol, if the new one belongs to that.
    """
    joined = Unanswered(alert)
    if before is not None:
        joined.since_ns, joined.announced_ns = before.since_ns, before.announced_ns
        joined.latest, joined.escalated = before.latest, before.escalated
    joined.add(deliveries)
    if not deliveries and joined.since_ns is None:  # sent nowhere, but it may escalate
        joined.since_ns = alert.evaluated_ns
    return joined


def belongs(alert: Alert, before: Unanswered, standing: Standing, policy: Policy) -> bool:
    """Whether a new alert goes on with what was known, or begins anew.

    It goes on while the condition has been true all along; and while a step of the escalation is still
    to come: a price that leaves and passes its level every minute must not put it off for ever.
    """
    since_ns = standing.since_ns
    if since_ns is not None and since_ns <= before.alert.event_ns:
        return True
    steps = policy.escalation.get(alert.priority, ())
    return any(due_ns > alert.evaluated_ns for due_ns, _ in before.steps_due(steps))


class _Due:
    """Collects what can be done now, and when the first of the rest can."""

    def __init__(self, *, mute: Callable[[str], Mute | None], now_ns: int) -> None:
        self._mute = mute
        self.now_ns = now_ns
        self.first_ns: int | None = None

    def wait(self, until_ns: int | None) -> None:
        """Note a time to wait for; ``None`` comes without being waited for."""
        if until_ns is not None:
            self.first_ns = until_ns if self.first_ns is None else min(self.first_ns, until_ns)

    def is_reached(self, at_ns: int) -> bool:
        """Whether a time has come."""
        if at_ns <= self.now_ns:
            return True
        self.wait(at_ns)
        return False

    def free(self, channels: Iterable[str]) -> tuple[str, ...]:
        """Return the channels that nothing mutes, each once."""
        free = []
        for channel in dict.fromkeys(channels):
            mute = self._mute(channel)
            if mute is None:
                free.append(channel)
            else:
                self.wait(mute.end_ns)
        return tuple(free)


def next_step(
    case: Unanswered,
    *,
    policy: Policy,
    routed: Collection[str],
    standing: Standing,
    mute: Callable[[str], Mute | None],
    silence_end_ns: Callable[[str], int | None],
    is_waiting: Callable[[DeliveryKey], bool],
    now_ns: int,
) -> Step:
    """Return what is to be done of unanswered alerts now, or when to ask again.

    Whether the condition is true matters when something is due, not between: a price may leave its level
    for a moment. What cannot be told (``standing.is_true`` is ``None``) is escalated all the same, and
    announced after what has muted it: better once too often. It is not repeated.

    Args:
        routed: The channels it would go to if it fired now. Where it went before a channel was taken
            out of its way, nothing follows any more, but of what was escalated there.
        mute: Returns what mutes it on a channel now.
        silence_end_ns: Returns when the latest silence of it on a channel ended, if one has.
        is_waiting: Whether a delivery is still to be made, as its channel is down.
    """
    due = _Due(mute=mute, now_ns=now_ns)
    steps = case.steps_due(policy.escalation.get(case.alert.priority, ()))
    reached = [channel for due_ns, channel in steps if due.is_reached(due_ns)]
    step = _wanted(case, policy, routed, standing, due, reached, silence_end_ns, is_waiting)
    if standing.is_true is not False or not isinstance(step, Announce):
        return step
    coming = [due_ns for due_ns, _ in steps if due_ns > now_ns]
    # It may fire again before the next step is due, and then goes on.
    return Over() if reached or not coming else Wait(min(coming))


def _wanted(
    case: Unanswered,
    policy: Policy,
    routed: Collection[str],
    standing: Standing,
    due: _Due,
    reached: Sequence[str],
    silence_end_ns: Callable[[str], int | None],
    is_waiting: Callable[[DeliveryKey], bool],
) -> Announce | Wait:
    """Return what is to be done if the condition is true still: the most urgent first."""
    followed = {
        channel: latest
        for channel, latest in case.latest.items()
        if channel in routed or case.escalated[channel]
    }
    owed = [
        channel
        for channel, latest in followed.items()
        if not is_waiting(latest.key) and _is_owed(latest, silence_end_ns(channel))
    ]
    if channels := due.free(owed):
        return Announce(channels, Cause.SILENCE_ENDED)
    if channels := due.free(reached):
        return Announce(channels, Cause.ESCALATION)
    repeat_ns = policy.repeat_ns.get(case.alert.priority)
    if (
        repeat_ns is not None
        and case.announced_ns is not None
        and not case.alert.is_notice
        and due.is_reached(case.announced_ns + repeat_ns)
    ):
        # A channel that is down is told once it is up, not once for each repeat meanwhile.
        ready = [
            channel
            for channel, latest in followed.items()
            if latest.state is not DeliveryState.UNAVAILABLE and not is_waiting(latest.key)
        ]
        if standing.is_true is None or not ready:
            due.wait(due.now_ns + _LOOK_AGAIN_NS)
        elif channels := due.free(ready):
            return Announce(channels, Cause.REPEAT)
    return Wait(due.first_ns)


def _is_owed(latest: Delivery, silence_end_ns: int | None) -> bool:
    """Whether an alert is to be announced on a channel since what muted it there is over."""
    if latest.muting in _HELD_BACK:
        return True
    told_ns = latest.finished_ns or latest.created_ns  # its channel may have been down until after the end
    return latest.muting is None and silence_end_ns is not None and told_ns < silence_end_ns
