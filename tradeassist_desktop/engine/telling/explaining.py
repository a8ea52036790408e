"""Why a rule fires, or does not: its comparisons as they stand, and what keeps it from firing."""

from collections.abc import Iterator

from tradeassist_desktop.domain.alerts import Leg
from tradeassist_desktop.domain.explanation import Explanation
from tradeassist_desktop.domain.rules import EvaluateOn, Rule, RulePhase
from tradeassist_desktop.engine.conditions import All, Condition, Not, Some, Then
from tradeassist_desktop.engine.instance import Instance
from tradeassist_desktop.engine.language.printer import to_text
from tradeassist_desktop.engine.logic import ThenNode, Truth
from tradeassist_desktop.engine.phase import phase_of
from tradeassist_desktop.engine.telling.alerts import legs_now
from tradeassist_desktop.engine.telling.messages import time_text
from tradeassist_desktop.engine.telling.truth import truth_of


def explain(instance: Instance, now_ns: int) -> Explanation:
    """Return why a rule at work fires, or does not, now."""
    legs = legs_now(instance, now_ns)
    truth = truth_of(
        instance.meaning.condition,
        iter([leg.is_true for leg in legs]),
        iter([node.truth for node in instance.momentaries if isinstance(node, ThenNode)]),
    )
    phase, until_ns = phase_of(instance, now_ns)
    return Explanation(
        uid=instance.rule.uid,
        rule_name=instance.rule.name,
        symbol=instance.symbol,
        condition=instance.meaning.text,
        event_ns=now_ns,
        is_true=truth,
        legs=legs,
        phase=phase,
        until_ns=until_ns,
        blocks=tuple(_blocks(instance, truth, legs, now_ns)),
        error=instance.error,
    )


def explain_absent(rule: Rule, symbol: str, now_ns: int, error: str | None) -> Explanation:
    """Return why a rule is not at work."""
    return Explanation(
        uid=rule.uid,
        rule_name=rule.name,
        symbol=symbol,
        condition=rule.when,
        event_ns=now_ns,
        is_true=None,
        legs=(),
        phase=RulePhase.OFF if error is None else RulePhase.ERROR,
        blocks=("It is switched off.",) if error is None else (f"It cannot run: {error}",),
        error=error,
    )


def _blocks(instance: Instance, truth: Truth, legs: tuple[Leg, ...], now_ns: int) -> Iterator[str]:
    rule, arming = instance.rule, instance.arming
    state = arming.state
    if instance.error is not None:
        yield f"It raised an error and is out of service: {instance.error}"
        return
    if rule.expires_at_ns is not None and now_ns >= rule.expires_at_ns:
        yield f"It expired at {time_text(rule.expires_at_ns)}."
        return
    if state.is_spent:
        fired = "" if state.last_fired_ns is None else f", at {time_text(state.last_fired_ns)}"
        yield f"It fires once, and has fired{fired}."
        return
    if rule.starts_at_ns is not None and now_ns < rule.starts_at_ns:
        yield f"It does not start before {time_text(rule.starts_at_ns)}."
    for symbol, reason in instance.blind.items():
        yield f"{symbol} cannot be seen: {reason}."
    yield from _unmet(truth, legs)
    yield from _begun(instance, truth, now_ns)
    yield from _waits(instance, truth, now_ns)


def _unmet(truth: Truth, legs: tuple[Leg, ...]) -> Iterator[str]:
    """Yield what the condition itself lacks."""
    if truth is False:
        yield "The condition is not true."
    if truth is None:
        reasons = dict.fromkeys(
            f"{operand.text}: {operand.missing}"
            for leg in legs
            for operand in leg.operands
            if operand.missing is not None
        )
        for reason in reasons:
            yield f"The condition is not known yet. {reason}."
        if not reasons:
            yield "The condition is not known yet. What it compares with an earlier value has only one."


def _begun(instance: Instance, truth: Truth, now_ns: int) -> Iterator[str]:
    """Yield how far sequences have come."""
    nodes = [node for node in instance.momentaries if isinstance(node, ThenNode)]
    for node, sequence in zip(nodes, _sequences(instance.meaning.condition), strict=True):
        within_ns = sequence.within.nanoseconds
        open_until = [
            (number, begun_ns + within_ns)
            for number, begun_ns in enumerate(node.memory(), start=1)
            if begun_ns is not None and now_ns <= begun_ns + within_ns
        ]
        if open_until and truth is not True:
            done, until_ns = open_until[-1]
            step, until = to_text(sequence.steps[done]), time_text(until_ns)
            yield f"Step {done} of {len(sequence.steps)} is done; {step} must follow by {until}."


def _sequences(condition: Condition) -> Iterator[Then]:
    """Yield the sequences of a condition, an inner one before the one around it."""
    parts: tuple[Condition, ...] = ()
    if isinstance(condition, All | Some):
        parts = condition.parts
    elif isinstance(condition, Not):
        parts = (condition.part,)
    elif isinstance(condition, Then):
        parts = condition.steps
    for part in parts:
        yield from _sequences(part)
    if isinstance(condition, Then):
        yield condition


def _waits(instance: Instance, truth: Truth, now_ns: int) -> Iterator[str]:
    """Yield what of the rule's policies is in the way."""
    rule, arming = instance.rule, instance.arming
    state = arming.state
    due_ns = arming.hold_due_ns
    if due_ns is not None:
        yield f"It must stay true until {time_text(due_ns)}."
    if state.waits_for_rearm and instance.meaning.rearm is not None:
        yield f"It has fired, and is armed again once {to_text(instance.meaning.rearm)}."
    elif (
        truth is True and state.was_true and due_ns is None and not (arming.repeats or instance.has_momentary)
    ):
        yield _already_true(state.true_since_ns, fired=state.is_firing)
    opens_ns = arming.schedule.opens_ns(now_ns)
    if opens_ns is not None:
        yield f"It is outside its schedule ({rule.schedule}) until {time_text(opens_ns)}."
    if arming.is_snoozed(now_ns) and state.snoozed_until_ns is not None:
        yield f"It is snoozed until {time_text(state.snoozed_until_ns)}."
    cooling_until_ns = arming.cooling_until_ns(now_ns)
    if cooling_until_ns is not None:
        yield f"It has fired, and is cooling down until {time_text(cooling_until_ns)}."
    if arming.has_fired_in_bar(now_ns):
        yield f"It has fired in this {rule.timeframe} bar."
    if instance.meaning.on is EvaluateOn.BAR_CLOSE and truth is True and not state.was_true:
        yield "It is looked at when the next bar closes."


def _already_true(since_ns: int | None, *, fired: bool) -> str:
    since = "" if since_ns is None else f" since {time_text(since_ns)}"
    done = "has fired" if fired else "was held back when it became true"
    return f"It has been true{since} and {done}: it must be false before it fires again."
