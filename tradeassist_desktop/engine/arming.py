"""What a true condition comes to: the trigger, the hold, the cooldown and the rest, on one symbol."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from tradeassist_desktop.domain.alerts import AlertStatus
from tradeassist_desktop.domain.market import TIMEFRAMES
from tradeassist_desktop.domain.rules import Rule, RulePhase, Trigger
from tradeassist_desktop.engine.sessions import Always, Calendar


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
        true_since_ns: Since when, while a hold counts; ``None`` otherwise.
        is_hold_over: Whether the hold has been served.
        last_suppressed_ns: Of the latest record of a suppression since the last firing.
        waits_for_rearm: Whether the level must be left by ``rearm`` first.
        fired_bar_ns: Start of the bar that ``once_per_bar`` has fired in.
        is_uncleared: Whether it fired and has been true since.
    """

    was_true: bool = False
    true_since_ns: int | None = None
    is_hold_over: bool = False
    last_fired_ns: int | None = None
    last_suppressed_ns: int | None = None
    waits_for_rearm: bool = False
    is_spent: bool = False
    fired_bar_ns: int | None = None
    is_uncleared: bool = False
    fired: int = 0
    suppressed: int = 0
    sequence: int = 0
    snoozed_until_ns: int | None = None
    recorded_id: str | None = None
    recorded_count: int = 0


class Arming:
    """The state machine of one rule on one symbol.

    Args:
        can_hold_true: Whether the condition has no momentary leaves, so that "no longer
            true" means something.
    """

    __slots__ = ("_can_clear", "_is_restored", "_repeats", "rule", "schedule", "state")

    def __init__(self, *, rule: Rule, schedule: Calendar | Always, has_momentary: bool) -> None:
        self.rule = rule
        self.schedule = schedule
        self.state = ArmingState()
        self._repeats = rule.trigger in _REPEATING
        self._can_clear = not has_momentary
        self._is_restored = False

    @property
    def repeats(self) -> bool:
        """Whether it may fire at each evaluation at which the condition is true."""
        return self._repeats

    @property
    def hold_due_ns(self) -> int | None:
        """When the running hold is over; ``None`` if none is running."""
        state = self.state
        if state.true_since_ns is None or state.is_hold_over:
            return None
        return state.true_since_ns + self.rule.hold_ns

    def renew(self, rule: Rule, schedule: Calendar | Always) -> None:
        """Take a rule of the same meaning: other words, cooldown, routing."""
        self.rule = rule
        self.schedule = schedule

    def restart(self) -> None:
        """Start anew, as when it is made active again. Numbers of alerts go on."""
        old = self.state
        self.state = ArmingState(fired=old.fired, suppressed=old.suppressed, sequence=old.sequence)
        self._is_restored = False

    def restore(self, state: ArmingState) -> None:
        """Go on from before a restart."""
        self.state = state
        self._is_restored = True

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
                # Not known yet since the restart: that says nothing about what was.
                return None
            self._is_restored = False
        if left_far_enough:
            state.waits_for_rearm = False
        was_true, state.was_true = state.was_true, truth is True
        if truth is not True:
            return self._on_not_true()
        if self.rule.hold_ns:
            if state.true_since_ns is None:
                state.true_since_ns = now_ns
            elif state.is_hold_over and self._repeats:
                return self._try_to_fire(now_ns)
            return None
        if self._repeats or not was_true or calm_truth is not True:
            return self._try_to_fire(now_ns)
        return None

    def on_sight(self) -> None:
        """The market is seen again: what was not seen has not been held."""
        self.state.true_since_ns = None
        self.state.is_hold_over = False

    def snooze(self, until_ns: int | None) -> None:
        """Suppress firings until then."""
        self.state.snoozed_until_ns = until_ns

    def on_hold_over(self, now_ns: int) -> Verdict | None:
        """Take the moment at which the hold has been served."""
        self.state.is_hold_over = True
        return self._try_to_fire(now_ns)

    def phase(self, now_ns: int) -> tuple[RulePhase, int | None]:
        """Return what the rule is doing, and until when, where that is known."""
        state, rule = self.state, self.rule
        if rule.expires_at_ns is not None and now_ns >= rule.expires_at_ns:
            return RulePhase.EXPIRED, None
        if state.is_spent:
            return RulePhase.SPENT, None
        if self.hold_due_ns is not None:
            return RulePhase.PENDING, self.hold_due_ns
        if self._is_cooling(now_ns):
            assert state.last_fired_ns is not None
            return RulePhase.COOLING, state.last_fired_ns + rule.cooldown_ns
        return (RulePhase.FIRING if state.was_true and state.fired else RulePhase.ARMED), None

    def _on_not_true(self) -> Verdict | None:
        state = self.state
        state.true_since_ns = None
        state.is_hold_over = False
        if state.is_uncleared:
            state.is_uncleared = False
            return _CLEARED
        return None

    def _try_to_fire(self, now_ns: int) -> Verdict | None:
        state, rule = self.state, self.rule
        if state.is_spent or state.waits_for_rearm:
            return None
        is_per_bar = rule.trigger is Trigger.ONCE_PER_BAR
        bar_ns = now_ns - now_ns % TIMEFRAMES[rule.timeframe] if is_per_bar else None
        if bar_ns is not None and bar_ns == state.fired_bar_ns:
            return None
        if not self.schedule.is_open(now_ns):
            return self._suppress(now_ns, "schedule")
        if self._is_cooling(now_ns):
            return self._suppress(now_ns, "cooldown")
        state.last_fired_ns = now_ns
        state.last_suppressed_ns = None
        state.waits_for_rearm = rule.rearm.amount > 0
        state.is_spent = rule.trigger is Trigger.ONCE
        state.fired_bar_ns = bar_ns
        state.is_uncleared = rule.notify_clear and self._can_clear
        state.fired += 1
        return _FIRED

    def _suppress(self, now_ns: int, reason: str) -> Verdict | None:
        state = self.state
        state.suppressed += 1
        if self._repeats:
            recorded_ns = state.last_suppressed_ns
            if recorded_ns is not None and 0 <= now_ns - recorded_ns < self.rule.cooldown_ns:
                return None
            state.last_suppressed_ns = now_ns
        return Verdict(AlertStatus.SUPPRESSED, reason)

    def _is_cooling(self, now_ns: int) -> bool:
        # A firing later than now is of another timeline (another recording): it must not
        # keep this one quiet for ever.
        fired_ns = self.state.last_fired_ns
        return fired_ns is not None and 0 <= now_ns - fired_ns < self.rule.cooldown_ns


_TYPES: Final = {
    "was_true": bool,
    "true_since_ns": int,
    "is_hold_over": bool,
    "last_fired_ns": int,
    "last_suppressed_ns": int,
    "waits_for_rearm": bool,
    "is_spent": bool,
    "fired_bar_ns": int,
    "is_uncleared": bool,
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
    return ArmingState(**values)
