"""The arming of a rule at work as plain values, to be kept across restarts, and back."""

from collections.abc import Mapping
from typing import Any

from tradeassist_desktop.engine.arming import from_plain, to_plain
from tradeassist_desktop.engine.instance import Instance


def arming_to_keep(instance: Instance) -> dict[str, Any]:
    """Return what ``go_on_from`` takes."""
    plain = {"fingerprint": instance.meaning.fingerprint, **to_plain(instance.arming.state)}
    if instance.latest_ns:
        plain["latest_ns"] = instance.latest_ns
    memory = instance.memory()
    if memory:
        plain["memory"] = memory
    return plain


def go_on_from(instance: Instance, plain: object) -> bool:
    """Go on from kept arming; return whether it is readable, and of this very condition."""
    if not isinstance(plain, Mapping) or plain.get("fingerprint") != instance.meaning.fingerprint:
        return False
    state = from_plain(plain)
    if state is None or not instance.remember(plain.get("memory", [])):
        return False
    counted = instance.arming.state
    # It may have fired for another condition meanwhile: ids of alerts must stay unique.
    state.sequence = max(state.sequence, counted.sequence)
    state.told_fired_ns = max(filter(None, (state.told_fired_ns, counted.told_fired_ns)), default=None)
    state.fired = max(state.fired, counted.fired)
    state.suppressed = max(state.suppressed, counted.suppressed)
    instance.arming.restore(state)
    latest_ns = plain.get("latest_ns", 0)
    instance.latest_ns = latest_ns if isinstance(latest_ns, int) else 0
    instance.decided_until_ns = instance.latest_ns
    return True
