"""What a rule means, checked: its condition, when it is evaluated, what its policies need."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.market import TIMEFRAMES
from tradeassist_desktop.domain.rules import EvaluateOn, Rule
from tradeassist_desktop.engine.calendars.sessions import parse_schedule
from tradeassist_desktop.engine.conditions import (
    Comparison,
    Condition,
    Number,
    Percent,
    Some,
    has_momentary,
    operands,
)
from tradeassist_desktop.engine.language import parse, to_text
from tradeassist_desktop.engine.operands import reads_ticks
from tradeassist_desktop.engine.telling.messages import unknown_placeholders

_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "==", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Meaning:
    """A checked rule.

    Args:
        text: The condition's canonical text.
        rearm: What must be true before a fired rule is armed again; ``None`` without ``rearm``.
        fingerprint: Changes when the kept arming of the rule would no longer fit.
    """

    condition: Condition
    text: str
    on: EvaluateOn
    rearm: Condition | None
    has_momentary: bool
    fingerprint: str


def meaning_of(rule: Rule) -> Meaning:
    """Return what a rule means.

    Raises:
        BadInput: with every fault found, placed by the rule file's keys.
    """
    faults: list[Fault] = []
    if rule.timeframe not in TIMEFRAMES:
        expected = " ".join(TIMEFRAMES)
        faults.append(
            Fault(place="timeframe", message=f"expected one of {expected}, found {rule.timeframe!r}")
        )
    try:
        parse_schedule(rule.schedule)
    except ValueError as error:
        faults.append(Fault(place="schedule", message=str(error)))
    faults.extend(
        Fault(place="message", message=f"unknown placeholder {{{_on_one_line(name)}}}")
        for name in unknown_placeholders(rule.message)
    )
    try:
        condition = parse(rule.when)
    except BadInput as error:
        faults.extend(Fault("when", fault.message, fault.column) for fault in error.faults)
        raise BadInput(faults) from None
    is_momentary = has_momentary(condition)
    if rule.hold_ns and is_momentary:
        message = "a crossing, enters, exits, touches or sequence is true for one evaluation only, not held"
        faults.append(Fault(place="hold", message=message))
    rearm = None
    if rule.rearm.amount:
        rearm = _rearm(condition, rule)
        if rearm is None:
            message = "needs a condition that is one comparison with a number, such as last > 100"
            faults.append(Fault(place="rearm", message=message))
    if faults:
        raise BadInput(faults)
    text = _canonical(rule.when)
    on = rule.on or _default_on(condition)
    return Meaning(condition, text, on, rearm, is_momentary, _fingerprint(rule, text, on))


def _on_one_line(name: str) -> str:
    # What stands in braces may be half the message, line ends included.
    return name if len(name) <= 40 and name.isprintable() else repr(name[:40])


@lru_cache(maxsize=16_384)
def _canonical(text: str) -> str:
    return to_text(parse(text))


def shortest_closes(meaning: Meaning, rule: Rule, symbol: str) -> frozenset[tuple[str, str]]:
    """Return the symbols and timeframes at whose closes an ``on: bar_close`` rule is evaluated.

    Those of the shortest timeframe it names; a condition that names none takes the rule's.
    """
    named = [
        (operand.symbol or symbol, operand.timeframe or rule.timeframe)
        for operand in operands(meaning.condition)
        if not reads_ticks(operand)
    ]
    if not named:
        named = [(operand.symbol or symbol, rule.timeframe) for operand in operands(meaning.condition)]
    shortest_ns = min(TIMEFRAMES[timeframe] for _, timeframe in named)
    return frozenset(each for each in named if TIMEFRAMES[each[1]] == shortest_ns)


def named_symbols(condition: Condition, symbol: str) -> frozenset[str]:
    """Return the symbols a condition reads when its rule runs on ``symbol``."""
    return frozenset(operand.symbol or symbol for operand in operands(condition))


def against_constant(comparison: Comparison) -> Comparison | None:
    """Return the comparison with its number on the right; ``None`` if no side is one."""
    if isinstance(comparison.right, Number | Percent):
        return comparison
    if isinstance(comparison.left, Number | Percent):
        return Comparison(_MIRRORED[comparison.operator], comparison.right, comparison.left)
    return None


def _default_on(condition: Condition) -> EvaluateOn:
    if any(reads_ticks(operand) for operand in operands(condition)):
        return EvaluateOn.TICK
    return EvaluateOn.BAR_CLOSE


def _rearm(condition: Condition, rule: Rule) -> Condition | None:
    if not isinstance(condition, Comparison):
        return None
    comparison = against_constant(condition)
    if comparison is None or not isinstance(comparison.right, Number | Percent):
        return None
    if isinstance(comparison.left, Number | Percent) or comparison.operator == "!=":
        return None
    level = comparison.right.value
    amount = abs(level) * rule.rearm.amount / 100.0 if rule.rearm.is_percent else rule.rearm.amount
    left_downwards = Comparison("<=", comparison.left, Number(level - amount))
    left_upwards = Comparison(">=", comparison.left, Number(level + amount))
    if comparison.operator == "==":
        return Some((left_downwards, left_upwards))
    return left_downwards if comparison.operator in (">", ">=") else left_upwards


def _fingerprint(rule: Rule, text: str, on: EvaluateOn) -> str:
    rearm = f"{rule.rearm.amount!r}{'%' if rule.rearm.is_percent else ''}"
    parts = (text, on.value, rule.timeframe, rule.trigger.value, str(rule.hold_ns), rearm)
    return blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()
