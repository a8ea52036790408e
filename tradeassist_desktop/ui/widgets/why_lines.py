"""What the explanation of an alert, or of a rule as it stands now, has to say, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from tradeassist_desktop.domain.alerts import AlertStatus, Leg, Timing
from tradeassist_desktop.domain.explanation import Explanation
from tradeassist_desktop.domain.rules import RulePhase
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.models.alerts import DESK, state_in_words
from tradeassist_desktop.ui.value_words import DecimalsOf, operand_text, value_text

if TYPE_CHECKING:
    from tradeassist_desktop.domain.records import AlertRecord

_TRUTH: Final = {True: ("✓", "up", "true"), False: ("✗", "danger", "false"), None: ("?", "warn", "not known")}
_VERBS: Final = {
    AlertStatus.FIRED: "Why it fired",
    AlertStatus.SUPPRESSED: "Why it was held back",
    AlertStatus.CLEARED: "Why it cleared",
}
# A recording is years old: how late it "arrived" says nothing about the line.
_LIVE_DELAY_NS: Final = 600_000_000_000


_TIMINGS: Final = {
    Timing.LATE: "Late: found in the minute bars of an outage, at the time they give it.",
    Timing.AFTER_GAP: "After a gap: true at the first look after it; when it became so was not seen.",
    Timing.REPLAYED: "Replayed: raised in the replay of a recording.",
}


class LineKind(StrEnum):
    """How a line looks."""

    TITLE = "title"
    FACTS = "facts"
    CODE = "code"
    SECTION = "section"
    ROW = "row"
    STEP = "step"
    REMARK = "remark"


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    A ``ROW`` is a mark, a name and what there is to say of it, a ``STEP`` the same of a part of the row
    above; a ``REMARK`` a mark and a sentence; others are ``said`` alone.
    """

    kind: LineKind
    said: str
    mark: str = ""
    name: str = ""
    tone: str = "quiet"
    tip: str = ""


def lines_of_alert(record: "AlertRecord", *, decimals_of: DecimalsOf) -> tuple[Line, ...]:
    """Return why an alert fired, and when each stage was done."""
    return (
        *_head_of_alert(record),
        *_condition(record.alert.legs, record.alert.symbol, decimals_of),
        *_stages(record),
    )


def lines_of_rule(explanation: Explanation, *, decimals_of: DecimalsOf) -> tuple[Line, ...]:
    """Return what a rule is doing on one symbol now, and why it does not fire."""
    return (
        *_head_of_rule(explanation),
        *_blocks(explanation),
        *_condition(explanation.legs, explanation.symbol, decimals_of),
        *_whole(explanation),
    )


def phase_in_words(phase: RulePhase, until_ns: int | None, *, now_ns: int) -> str:
    """Return a phase as people say it, with the local time at which it ends."""
    until = "" if until_ns is None else f" until {text.clock_time(until_ns, now_ns=now_ns)}"
    return f"{phase.value}{until}"


def _head_of_alert(record: "AlertRecord") -> Iterator[Line]:
    alert = record.alert
    title = alert.rule_name if alert.is_notice else f"{_VERBS[alert.status]}: {alert.rule_name}"
    yield Line(LineKind.TITLE, title)
    facts = (
        DESK if alert.is_notice else alert.symbol,
        text.clock_time(alert.event_ns),
        f"{alert.priority.value} priority",
        state_in_words(record),
    )
    yield Line(LineKind.FACTS, "  ·  ".join(facts), tip=text.utc_time(alert.event_ns))
    if alert.timing in _TIMINGS:
        yield Line(LineKind.REMARK, _TIMINGS[alert.timing], mark="■", tone="warn")
    if alert.is_notice:
        yield Line(LineKind.REMARK, alert.message)
    else:
        yield Line(LineKind.CODE, alert.condition)


def _head_of_rule(explanation: Explanation) -> Iterator[Line]:
    now_ns = explanation.event_ns
    yield Line(LineKind.TITLE, f"Now: {explanation.rule_name}")
    facts = (
        explanation.symbol,
        phase_in_words(explanation.phase, explanation.until_ns, now_ns=now_ns),
        f"at {text.clock_time(now_ns)}" if now_ns else "before the first data",
    )
    yield Line(LineKind.FACTS, "  ·  ".join(facts), tip=text.utc_time(now_ns))
    yield Line(LineKind.CODE, explanation.condition)


def _blocks(explanation: Explanation) -> Iterator[Line]:
    yield Line(LineKind.SECTION, "What keeps it from firing")
    tone = "danger" if explanation.error else "warn"
    for block in explanation.blocks or ((explanation.error,) if explanation.error else ()):
        said = text.localised(block, now_ns=explanation.event_ns)
        yield Line(LineKind.REMARK, said, mark="■", tone=tone)
    if not explanation.error and not explanation.blocks:
        yield Line(LineKind.REMARK, "Nothing does", mark="✓", tone="up")


def _condition(legs: tuple[Leg, ...], symbol: str, decimals_of: DecimalsOf) -> Iterator[Line]:
    if not legs:
        return
    yield Line(LineKind.SECTION, "Condition")
    for leg in legs:
        mark, tone, word = _TRUTH[leg.is_true]
        said = f"{word}{_values(leg, symbol, decimals_of)}"
        yield Line(LineKind.ROW, said, mark=mark, name=leg.text, tone=tone)


def _whole(explanation: Explanation) -> Iterator[Line]:
    if len(explanation.legs) > 1:
        mark, tone, word = _TRUTH[explanation.is_true]
        yield Line(LineKind.ROW, word, mark=mark, name="All of it", tone=tone)


def _values(leg: Leg, symbol: str, decimals_of: DecimalsOf) -> str:
    if leg.operands:
        return "".join(
            f"\n{operand.text}:  {operand_text(operand, symbol=symbol, decimals_of=decimals_of)}"
            for operand in leg.operands
        )
    decimals, unit = decimals_of(leg.symbol or symbol), f" {leg.unit}".rstrip()
    values = [f"{value_text(value, decimals)}{unit}" for value in (leg.left, leg.right) if value is not None]
    return f":  {'  vs  '.join(values)}" if values else ""


def _stages(record: "AlertRecord") -> Iterator[Line]:
    alert = record.alert
    yield Line(LineKind.SECTION, "Times")
    yield Line(LineKind.ROW, text.utc_time(alert.event_ns), name="Noticed" if alert.is_notice else "Exchange")
    if alert.received_ns:
        delay_ns = alert.received_ns - alert.event_ns
        is_live = 0 <= delay_ns < _LIVE_DELAY_NS
        late = f"  (+{text.milliseconds(delay_ns / 1e6)})" if is_live else ""
        yield Line(LineKind.ROW, text.utc_time(alert.received_ns) + late, name="Received")
    if alert.evaluated_ns and alert.received_ns:
        yield Line(LineKind.ROW, _after(alert.evaluated_ns - alert.received_ns, "receipt"), name="Decided")
    if record.committed_ns and alert.evaluated_ns:
        said = _after(record.committed_ns - alert.evaluated_ns, "the decision")
        yield Line(LineKind.ROW, said, name="Safe on disk")
    elif not record.committed_ns:
        said = "delivered all the same, saving is tried again"
        yield Line(LineKind.ROW, said, mark="!", name="Not saved yet", tone="warn")
    if record.acknowledged_ns:
        yield Line(LineKind.ROW, text.clock_time(record.acknowledged_ns), name="Acknowledged")


def _after(nanoseconds: int, what: str) -> str:
    return f"{text.milliseconds(max(0, nanoseconds) / 1e6)} after {what}"
