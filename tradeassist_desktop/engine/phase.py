"""What a rule at work is doing."""

from typing import Final

from tradeassist_desktop.domain.rules import RulePhase
from tradeassist_desktop.engine.instance import Instance

_DISARMED: Final = frozenset((RulePhase.SPENT, RulePhase.EXPIRED, RulePhase.ERROR, RulePhase.OFF))


def phase_of(instance: Instance, now_ns: int) -> tuple[RulePhase, int | None]:
    """Return what it is doing, and until when, where that is known."""
    if instance.error is not None:
        return RulePhase.ERROR, None
    phase, until_ns = instance.arming.phase(now_ns)
    if instance.blind and phase not in _DISARMED:
        return RulePhase.BLIND, None
    return phase, until_ns


def is_armed(instance: Instance, now_ns: int) -> bool:
    """Return whether it may fire still, blind or not."""
    return instance.error is None and instance.arming.phase(now_ns)[0] not in _DISARMED
