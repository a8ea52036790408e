"""What a true condition comes to: the trigger, the hold, the cooldown and the rest, on one symbol."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from tradeassist_desktop.domain.alerts import AlertStatus
from tradeassist_desktop.domain.market import InstrumentKind
from tradeassist_desktop.domain.rules import Rule, RulePhase, Trigger
from tradeassist_desktop.engine.calendars.sessions import Schedule, bar_start

SCHEDULE: Final = "schedule"
SNOOZED: Final = "snoozed"
COOLDOWN: Final = "cooldown"


class Verdict(NamedTuple):
    """That something is to be recorded: a firing, a suppression, or that a fired level cleared."""

    status: AlertStatus
    reason: str | None = None


_FIRED: Final = Verdict(AlertStatus.FIRED)
_CLEARED: Final = Verdict(AlertStatus.CLEARED)
_REPEATING: Final = frozenset((Trigger.EVERY, Trigger.ONCE_PER_BAR))


@dataclass(slots=True)
class ArmingState:
    """What outlives a restart. Stamps are event time, UTC nanoseconds.

    Args:
        was_true: Whether the latest known truth was true.
        true_since_ns: Since when a condition without momentary leaves has been true.
        is_hold_over: Whether the hold has been served.
        last_suppressed_ns: Of the latest record of a suppression since the last firing.
        recorded_id: The alert that recorded it, where later ones are counted on it.
        recorded_count: How many suppressed firings that alert stands for.
        waits_for_rearm: Whether the level must be left by ``rearm`` first.
        fired_bar_ns: Start of the bar that ``once_per_bar`` has fired in.
        is_firing: Whether it fired and has been true since.
        snoozed_until_ns: When firings are no longer suppressed by a snooze.
        told_fired_ns: Of the latest firing, to be told: unlike ``last_fired_ns`` it outlives a new start.
    """

    was_true: bool = False
    true_since_ns: int | None = None
    is_hold_over: bool = False
    last_fired_ns: int | None = None
    last_suppressed_ns: int | None = None
    recorded_id: str | None = None
    recorded_count: int = 0
    waits_for_rearm: bool = False
    is_spent: bool = False
    fired_bar_ns: int | None = None
    is_firing: bool = False
    snoozed_until_ns: int | None = None
    told_fired_ns: int | None = None
    fired: int = 0
    suppressed: int = 0
    sequence: int = 0


class Arming:
    """The state machine of one rule on one symbol.

    Args:
        has_momentary: Whether part of the condition is true for one evaluation only: then
            "no longer true" means nothing.
        kind: What the symbol is, which decides when a daily bar begins.
    """

    __slots__ = (
        "_bar_start",
        "_can_clear",
        "_counts",
        "_is_restored",
        "_repeats",
        "rule",
        "schedule",
        "state",
    )

    def __init__(
        self,
        *,
        rule: Rule,
        schedule: Schedule,
        has_momentary: bool,
        kind: InstrumentKind,
    ) -> None:
        self.rule = rule
        self.schedule = schedule
        self.state = ArmingState()
        is_per_bar = rule.trigger is Trigger.ONCE_PER_BAR
        self._bar_start = bar_start(rule.timeframe, kind) if is_per_bar else None
        self._repeats = rule.trigger in _REPEATING
        self._can_clear = not has_momentary
        self._is_restored = False
        self._counts: dict[str, int] | None = None

    @property
    def repeats(self) -> bool:
        """Whether it may fire at each evaluation at which the condition is true."""
        return self._repeats

    @property
    def hold_due_ns(self) -> int | None:
        """When the running hold is over; ``None`` if none is running."""
        state, hold_ns = self.state, self.rule.hold_ns
        if not hold_ns or state.true_since_ns is None or state.is_hold_over:
            return None
        return state.true_since_ns + hold_ns

    def renew(self, rule: Rule, schedule: Schedule) -> None:
        """Take a rule of the same meaning: other words, cooldown, routing."""
        self.rule = rule
        self.schedule = schedule

    def restart(self) -> None:
        """Start anew, as when it is made active again. What was counted, and when it fired, stays known."""
        old = self.state
        self.state = ArmingState(
            told_fired_ns=old.told_fired_ns,
            fired=old.fired,
            suppressed=old.suppressed,
            sequence=old.sequence,
        )
        self._is_restored = False

    def restore(self, state: ArmingState) -> None:
        """Go on from before a restart.

        Until a truth is known, unknown ones are for want of data: they say nothing about what was.
        """
        self.state = state
        self._is_restored = True

    def trust(self) -> None:
        """All data is back since the restart: a truth that becomes unknown is unknown."""
        self._is_restored = False

    def snooze(self, until_ns: int | None) -> None:
        """Suppress firings before ``until_ns``, event time; ``None`` wakes it."""
        self.state.snoozed_until_ns = until_ns

    def on_sight(self) -> None:
        """Begin a running hold anew with the next evaluation: what was not seen has not held."""
        if self.hold_due_ns is not None:
            self.state.true_since_ns = None

    def on_truth(
        self, now_ns: int, truth: bool | None, calm_truth: bool | None, left_far_enough: bool
    ) -> Verdict | None:
        """Take one evaluation.

        Args:
            calm_truth: The truth, momentary leaves taken as false.
            left_far_enough: Whether the level has been left by ``rearm``.
        """
        state = self.state
        if self._is_restored:
            if truth is None:
                return None
            self._is_restored = False
        if left_far_enough:
            state.waits_for_rearm = False
        was_true, state.was_true = state.was_true, truth is True
        if truth is not True:
            return self._on_not_true()
        since_ns = state.true_since_ns
        # A later one is of another timeline (a recording, a clock put right): it begins now.
        if self._can_clear and (since_ns is None or since_ns > now_ns):
            state.true_since_ns = now_ns
        if self.rule.hold_ns:
            return self._try_to_fire(now_ns) if state.is_hold_over and self._repeats else None
        if self._repeats or not was_true or calm_truth is not True:
            return self._try_to_fire(now_ns)
        return None

    def on_hold_over(self, now_ns: int) -> Verdict | None:
        """Take the moment at which the hold has been served."""
        self.state.is_hold_over = True
        return self._try_to_fire(now_ns)

    def note_record(self, alert_id: str) -> None:
        """Note which alert recorded the suppression just returned, so that later ones count on it."""
        if self._repeats:
            self.state.recorded_id = alert_id
            self.state.recorded_count = 1

    def take_counts(self) -> dict[str, int]:
        """Return, by alert id, what records of suppressions that have grown since the last call count now."""
        counts, self._counts = self._counts, None
        return counts or {}

    # --- looking in

    def phase(self, now_ns: int, *, is_blind: bool = False) -> tuple[RulePhase, int | None]:
        """Return what the rule is doing, and until when, where that is known.

        Of several things that are so, the first that keeps it from firing longest.
        """
        state, rule = self.state, self.rule
        if rule.expires_at_ns is not None and now_ns >= rule.expires_at_ns:
            return RulePhase.EXPIRED, None
        if state.is_spent and not (state.is_firing and rule.notify_clear):
            return RulePhase.SPENT, None
        if rule.starts_at_ns is not None and now_ns < rule.starts_at_ns:
            return RulePhase.OFF, rule.starts_at_ns
        if is_blind:
            return RulePhase.BLIND, None
        if self.is_snoozed(now_ns):
            return RulePhase.SNOOZED, state.snoozed_until_ns
        due_ns = self.hold_due_ns
        if due_ns is not None:
            return RulePhase.PENDING, due_ns
        cooling_until_ns = self.cooling_until_ns(now_ns)
        if cooling_until_ns is not None:
            return RulePhase.COOLING, cooling_until_ns
        if state.is_firing:
            return RulePhase.FIRING, None
        return (RulePhase.REARMING if state.waits_for_rearm else RulePhase.ARMED), None

    def is_snoozed(self, now_ns: int) -> bool:
        """Whether a snooze suppresses firings."""
        until_ns = self.state.snoozed_until_ns
        return until_ns is not None and now_ns < until_ns

    def cooling_until_ns(self, now_ns: int) -> int | None:
        """Return when the cooldown ends; ``None`` if none is running."""
        # A firing later than now is of another timeline: it must not keep this one quiet for ever.
        fired_ns = self.state.last_fired_ns
        if fired_ns is None or not 0 <= now_ns - fired_ns < self.rule.cooldown_ns:
            return None
        return fired_ns + self.rule.cooldown_ns

    def has_fired_in_bar(self, now_ns: int) -> bool:
        """Whether ``once_per_bar`` has had its firing in the bar that holds ``now_ns``."""
        return self._bar_start is not None and self.state.fired_bar_ns == self._bar_start(now_ns)

    # --- deciding

    def _on_not_true(self) -> Verdict | None:
        state = self.state
        state.true_since_ns = None
        state.is_hold_over = False
        if not state.is_firing:
            return None
        state.is_firing = False
        return _CLEARED if self.rule.notify_clear else None

    def _try_to_fire(self, now_ns: int) -> Verdict | None:
        state, rule = self.state, self.rule
        if state.is_spent or state.waits_for_rearm or self.has_fired_in_bar(now_ns):
            return None
        reason = self._reason_to_suppress(now_ns)
        if reason is not None:
            return self._suppress(now_ns, reason)
        state.last_fired_ns = state.told_fired_ns = now_ns
        state.last_suppressed_ns = None
        state.waits_for_rearm = rule.rearm.amount > 0
        state.is_spent = rule.trigger is Trigger.ONCE
        state.fired_bar_ns = None if self._bar_start is None else self._bar_start(now_ns)
        state.is_firing = self._can_clear
        state.fired += 1
        return _FIRED

    def _reason_to_suppress(self, now_ns: int) -> str | None:
        # The most lasting first: outside its schedule a rule is quiet, snoozed or not; a snooze is
        # what its trader asked for; the cooldown is what is left.
        if not self.schedule.is_open(now_ns):
            return SCHEDULE
        if self.is_snoozed(now_ns):
            return SNOOZED
        return None if self.cooling_until_ns(now_ns) is None else COOLDOWN

    def _suppress(self, now_ns: int, reason: str) -> Verdict | None:
        state = self.state
        state.suppressed += 1
        if self._repeats:
            recorded_ns = state.last_suppressed_ns
            if recorded_ns is not None and 0 <= now_ns - recorded_ns < self.rule.cooldown_ns:
                state.recorded_count += 1
                if state.recorded_id is not None:
                    if self._counts is None:
                        self._counts = {}
                    self._counts[state.recorded_id] = state.recorded_count
                return None
            state.last_suppressed_ns = now_ns
        return Verdict(AlertStatus.SUPPRESSED, reason)


_TYPES: Final = {
    "was_true": bool,
    "true_since_ns": int,
    "is_hold_over": bool,
    "last_fired_ns": int,
    "last_suppressed_ns": int,
    "recorded_id": str,
    "recorded_count": int,
    "waits_for_rearm": bool,
    "is_spent": bool,
    "fired_bar_ns": int,
    "is_firing": bool,
    "snoozed_until_ns": int,
    "told_fired_ns": int,
    "fired": int,
    "suppressed": int,
    "sequence": int,
}


def to_plain(state: ArmingState) -> dict[str, Any]:
    """Return the state as plain JSON-able values."""
    return {name: getattr(state, name) for name in _TYPES}


def from_plain(plain: Mapping[str, Any]) -> ArmingState | None:
    """Return the state that ``to_plain`` wrote; ``None`` if it is unreadable."""
    values: dict[str, Any] = {}
    defaults = ArmingState()
    for name, kind in _TYPES.items():
        value = plain.get(name, getattr(defaults, name))
        is_absent = value is None and getattr(defaults, name) is None
        if not is_absent and type(value) is not kind:
            return None
        values[name] = value
    if values["told_fired_ns"] is None:  # written by a version that did not keep it apart
        values["told_fired_ns"] = values["last_fired_ns"]
    return ArmingState(**values)
