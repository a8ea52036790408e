"""The kinds of condition that traders know by name, as typed views of a condition.

A condition of such a shape opens in its form, and the form writes the text; every other
condition is an expression, edited as text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.engine.conditions import (
    All,
    Arithmetic,
    Comparison,
    Condition,
    Crossing,
    Duration,
    Number,
    Operand,
    Percent,
    Range,
    Some,
)
from tradeassist_desktop.engine.language import parse
from tradeassist_desktop.engine.language.printer import number_to_text, to_text, value_to_text

COMPARATORS: Final = (">", ">=", "<", "<=", "==", "!=")
RANGES: Final = ("in", "outside")
MOVES: Final = (">", ">=", "<", "<=")
SPIKES: Final = (">=", ">")
DIRECTIONS: Final = ("above", "below", "either")
JOINS: Final = ("all", "any")
MOST_PARTS: Final = 20

Segment = tuple[str, str]
"""A stretch of a condition's text and the form field it comes from, ``""`` for none."""

Level = Number | Percent


@dataclass(frozen=True, slots=True)
class Threshold:
    """A field or indicator against a number, or against a range of numbers.

    Args:
        comparator: One of ``COMPARATORS``, or of ``RANGES``, which need ``high``.
        high: The upper bound of a range; ``None`` without one.
    """

    name: ClassVar[str] = "threshold"
    operand: Operand
    comparator: str
    level: Level
    high: Level | None = None

    def condition(self) -> Condition:
        """Return the condition, unchecked."""
        if self.high is not None:
            return Range(self.comparator, self.operand, self.level, self.high)
        return Comparison(self.comparator, self.operand, self.level)

    def segments(self) -> tuple[Segment, ...]:
        """Return the condition's text, field by field."""
        start = (("operand", value_to_text(self.operand)), ("comparator", f" {self.comparator} "))
        if self.high is None:
            return (*start, ("level", value_to_text(self.level)))
        return (*start, ("level", value_to_text(self.level)), ("", ".."), ("high", value_to_text(self.high)))

    def faults(self) -> list[Fault]:
        """Return what is wrong beyond what the language itself refuses."""
        found = _choice("comparator", self.comparator, (*COMPARATORS, *RANGES))
        if self.comparator in RANGES and self.high is None:
            found.append(Fault("high", f"{self.comparator} needs an upper bound"))
        if self.comparator in COMPARATORS and self.high is not None:
            found.append(Fault("high", f"{self.comparator} takes no upper bound"))
        return found


@dataclass(frozen=True, slots=True)
class Crossover:
    """A field or indicator passing another one, or a number.

    Args:
        direction: One of ``DIRECTIONS``.
    """

    name: ClassVar[str] = "crossover"
    left: Operand
    direction: str
    right: Operand | Level

    def condition(self) -> Condition:
        """Return the condition, unchecked."""
        return Crossing(self.direction, self.left, self.right)

    def segments(self) -> tuple[Segment, ...]:
        """Return the condition's text, field by field."""
        verb = " crosses " if self.direction == "either" else f" crosses {self.direction} "
        return ("left", value_to_text(self.left)), ("direction", verb), ("right", value_to_text(self.right))

    def faults(self) -> list[Fault]:
        """Return what is wrong beyond what the language itself refuses."""
        found = _choice("direction", self.direction, DIRECTIONS)
        if self.left == self.right:
            found.append(Fault("right", "expected another value than the left one"))
        return found


@dataclass(frozen=True, slots=True)
class RateOfChange:
    """How far something has moved, in percent: over a length of time, or over closed bars.

    Args:
        field: A tick field over a length of time; over bars a bar field, or ``None`` for the close.
        over: The length of time (``change``), or how many bars (``roc``).
        comparator: One of ``MOVES``.
        percent: The move; ``-2`` is a fall of 2 percent.
        timeframe: Of the bars; ``None`` stands for the rule's own.
        symbol: ``None`` stands for the rule's own.
    """

    name: ClassVar[str] = "rate_of_change"
    field: str | None
    over: Duration | int
    comparator: str
    percent: Level
    timeframe: str | None = None
    symbol: str | None = None

    def condition(self) -> Condition:
        """Return the condition, unchecked."""
        return Comparison(self.comparator, self._move, self.percent)

    def segments(self) -> tuple[Segment, ...]:
        """Return the condition's text, field by field."""
        over = self.over.text if isinstance(self.over, Duration) else str(self.over)
        head, length, timeframe = value_to_text(self._move).rpartition(f"{over})")
        return (
            ("field", head),
            ("over", length),
            ("timeframe", timeframe),
            ("comparator", f" {self.comparator} "),
            ("percent", value_to_text(self.percent)),
        )

    def faults(self) -> list[Fault]:
        """Return what is wrong beyond what the language itself refuses."""
        found = _choice("comparator", self.comparator, MOVES)
        if isinstance(self.over, Duration):
            if self.field is None:
                found.append(Fault("field", "expected a tick field such as last"))
            if self.timeframe is not None:
                found.append(Fault("timeframe", "expected none: a length of time is not made of bars"))
        return found

    @property
    def _move(self) -> Operand:
        if isinstance(self.over, Duration):
            return Operand("change", (self.field or "", self.over), self.symbol, self.timeframe)
        source = () if self.field is None else (self.field,)
        return Operand("roc", (*source, float(self.over)), self.symbol, self.timeframe)


@dataclass(frozen=True, slots=True)
class VolumeSpike:
    """A bar's volume against a multiple of the average of bars.

    Args:
        timeframe: Of the bar and of the average.
        factor: How many times the average.
        bars: How many bars are averaged.
        ago: 1 averages the bars before the one compared, 0 includes it.
        symbol: ``None`` stands for the rule's own.
        comparator: One of ``SPIKES``.
    """

    name: ClassVar[str] = "volume_spike"
    timeframe: str
    factor: float
    bars: int
    ago: int = 1
    symbol: str | None = None
    comparator: str = ">="

    def condition(self) -> Condition:
        """Return the condition, unchecked."""
        return Comparison(self.comparator, self._bar, Arithmetic("*", Number(self.factor), self._average))

    def segments(self) -> tuple[Segment, ...]:
        """Return the condition's text, field by field."""
        volume, average = value_to_text(self._bar), value_to_text(self._average)
        head, brackets, tail = average.partition(f", {self.bars})")
        assert brackets
        return (
            ("timeframe", volume),
            ("comparator", f" {self.comparator} "),
            ("factor", f"{number_to_text(self.factor)} * "),
            ("timeframe", head),
            ("bars", brackets),
            ("ago", tail),
        )

    def faults(self) -> list[Fault]:
        """Return what is wrong beyond what the language itself refuses."""
        found = _choice("comparator", self.comparator, SPIKES)
        if not 0.01 <= self.factor <= 1e6:
            found.append(Fault("factor", f"expected 0.01 to 1000000, found {self.factor:g}"))
        if self.ago not in (0, 1):
            found.append(Fault("ago", f"expected 0 or 1, found {self.ago}"))
        return found

    @property
    def _bar(self) -> Operand:
        return Operand("volume", symbol=self.symbol, timeframe=self.timeframe)

    @property
    def _average(self) -> Operand:
        return Operand("avg", ("volume", float(self.bars)), self.symbol, self.timeframe, self.ago)


Simple = Threshold | Crossover | RateOfChange | VolumeSpike


@dataclass(frozen=True, slots=True)
class MultiCondition:
    """Several simple conditions of which all, or any one, must be true.

    Args:
        join: One of ``JOINS``.
        parts: Two to ``MOST_PARTS``.
    """

    name: ClassVar[str] = "multi_condition"
    join: str
    parts: tuple[Simple, ...]

    def condition(self) -> Condition:
        """Return the condition, unchecked."""
        conditions = tuple(part.condition() for part in self.parts)
        return All(conditions) if self.join == "all" else Some(conditions)

    def segments(self) -> tuple[Segment, ...]:
        """Return the condition's text, field by field, those of parts as ``parts[0].level``."""
        found: list[Segment] = []
        for index, part in enumerate(self.parts):
            if index:
                found.append(("join", " and " if self.join == "all" else " or "))
            found.extend((f"parts[{index}].{field}", text) for field, text in part.segments())
        return tuple(found)

    def faults(self) -> list[Fault]:
        """Return what is wrong beyond what the language itself refuses."""
        found = _choice("join", self.join, JOINS)
        if not 2 <= len(self.parts) <= MOST_PARTS:
            found.append(Fault("parts", f"expected 2 to {MOST_PARTS} conditions, found {len(self.parts)}"))
        for index, part in enumerate(self.parts):
            found.extend(Fault(f"parts[{index}].{fault.place}", fault.message) for fault in part.faults())
        return found


Kind = Simple | MultiCondition


def condition_of(view: Kind) -> Condition:
    """Return the condition that a filled form stands for; ``kind_of`` gives the same meaning back.

    Raises:
        BadInput: with faults placed by the view's fields: ``level``, ``parts[1].bars``.
    """
    faults = view.faults()
    if faults:
        raise BadInput(faults)
    segments = view.segments()
    try:
        condition = parse("".join(text for _, text in segments))
    except BadInput as error:
        raise BadInput([_by_field(fault, segments) for fault in error.faults]) from None
    if condition != view.condition():
        # Only values made by hand come here, such as a symbol with a quotation mark in it.
        raise BadInput([Fault("", f"cannot be written as a condition: {to_text(view.condition())}")])
    return condition


def _choice(field: str, value: str, choices: Sequence[str]) -> list[Fault]:
    if value in choices:
        return []
    return [Fault(field, f"expected one of {', '.join(choices)}, found {value!r}")]


def _by_field(fault: Fault, segments: Sequence[Segment]) -> Fault:
    """Return the fault placed at the field whose text holds its column."""
    start = 0
    place = ""
    for field, text in segments:
        place = field or place
        start += len(text)
        if fault.column is not None and fault.column <= start:
            break
    return Fault(place, fault.message)
