"""Conditions as the oracle knows them: trees that print themselves in the rules' language.

Written from the language's description alone, without the program's parser, so that a word read
wrongly by the parser shows as a disagreement.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TICK_FIELDS = (
    "last", "bid", "ask", "mid", "spread", "last_size", "bid_size", "ask_size",
    "volume", "open", "high", "low", "prev_close", "net_change", "pct_change", "vwap", "age",
)  # fmt: skip


def _prefix(symbol: str | None) -> str:
    if symbol is None:
        return ""
    plain = re.fullmatch(r"[/$]?[A-Za-z][A-Za-z0-9]*", symbol)
    return f"{symbol}." if plain else f'"{symbol}".'


@dataclass(frozen=True)
class Number:
    value: float
    is_percent: bool = False

    def __str__(self) -> str:
        return f"{self.value:.10g}{'%' if self.is_percent else ''}"


@dataclass(frozen=True)
class Field:
    """A tick field; ``symbol`` None is the rule's own."""

    name: str
    symbol: str | None = None

    def __str__(self) -> str:
        return f"{_prefix(self.symbol)}{self.name}"


@dataclass(frozen=True)
class Change:
    """Percent change of a tick field over so many seconds."""

    field: str
    seconds: int
    symbol: str | None = None

    def __str__(self) -> str:
        return f"{_prefix(self.symbol)}change({self.field}, {self.seconds}s)"


@dataclass(frozen=True)
class OfBars:
    """A bar field (``period`` 0) or an indicator over ``source``; ``timeframe`` None is the rule's."""

    name: str
    source: str = "close"
    period: int = 0
    timeframe: str | None = None
    ago: int = 0
    symbol: str | None = None

    def __str__(self) -> str:
        if not self.period:
            call = self.name
        elif self.name in ("highest", "lowest", "avg") or self.source != "close":
            call = f"{self.name}({self.source}, {self.period})"
        else:
            call = f"{self.name}({self.period})"
        timeframe = f"[{self.timeframe}]" if self.timeframe else ""
        return f"{_prefix(self.symbol)}{call}{timeframe}{f' {self.ago} ago' if self.ago else ''}"


@dataclass(frozen=True)
class Indicator:
    """Any other function over closed bars, its arguments in the language's order.

    ``output`` names one of several outputs; ``timeframe`` None is the rule's.
    """

    name: str
    arguments: tuple[float | str, ...] = ()
    output: str | None = None
    timeframe: str | None = None
    ago: int = 0
    symbol: str | None = None

    def __str__(self) -> str:
        name = f"{self.name}.{self.output}" if self.output else self.name
        arguments = ", ".join(each if isinstance(each, str) else f"{each:g}" for each in self.arguments)
        timeframe = f"[{self.timeframe}]" if self.timeframe else ""
        return f"{_prefix(self.symbol)}{name}({arguments}){timeframe}{f' {self.ago} ago' if self.ago else ''}"


@dataclass(frozen=True)
class Arithmetic:
    left: "Operand"
    sign: str
    right: "Operand"

    def __str__(self) -> str:
        return f"({self.left} {self.sign} {self.right})"


@dataclass(frozen=True)
class Negative:
    of: "Operand"

    def __str__(self) -> str:
        return f"-({self.of})"


Bars = OfBars | Indicator
Operand = Number | Field | Change | OfBars | Indicator | Arithmetic | Negative


@dataclass(frozen=True)
class Comparison:
    left: Operand
    sign: str
    right: Operand

    def __str__(self) -> str:
        return f"{self.left} {self.sign} {self.right}"


@dataclass(frozen=True)
class Crossing:
    """``direction`` is ``above``, ``below`` or empty for either way."""

    left: Operand
    direction: str
    right: Operand

    def __str__(self) -> str:
        return f"{self.left} crosses {self.direction + ' ' if self.direction else ''}{self.right}"


@dataclass(frozen=True)
class Range:
    """``kind`` is ``in``, ``outside``, ``enters`` or ``exits``."""

    left: Operand
    kind: str
    low: Number
    high: Number

    def __str__(self) -> str:
        return f"{self.left} {self.kind} {self.low}..{self.high}"


@dataclass(frozen=True)
class Touch:
    left: Operand
    right: Operand

    def __str__(self) -> str:
        return f"{self.left} touches {self.right}"


Leaf = Comparison | Crossing | Range | Touch


@dataclass(frozen=True)
class Logic:
    """``word`` is ``and`` or ``or``."""

    word: str
    parts: tuple["Condition", ...]

    def __str__(self) -> str:
        return f" {self.word} ".join(
            f"({part})" if isinstance(part, Logic) else str(part) for part in self.parts
        )


@dataclass(frozen=True)
class Then:
    """``steps`` one after the other, the last at most ``seconds`` after the first."""

    steps: tuple["Condition", ...]
    seconds: int

    def __str__(self) -> str:
        steps = " then ".join(str(step) if isinstance(step, Leaf) else f"({step})" for step in self.steps)
        return f"({steps}) within {self.seconds}s"


@dataclass(frozen=True)
class Not:
    of: "Condition"

    def __str__(self) -> str:
        return f"not ({self.of})"


Condition = Leaf | Logic | Not | Then


def is_momentary(leaf: Leaf) -> bool:
    return isinstance(leaf, Crossing | Touch) or (
        isinstance(leaf, Range) and leaf.kind in ("enters", "exits")
    )


def parts(condition: Condition) -> tuple[Condition, ...]:
    """What a condition is made of; nothing for a leaf."""
    match condition:
        case Logic(_, inner):
            return inner
        case Not(inner):
            return (inner,)
        case Then(steps, _):
            return steps
    return ()


def has_momentary(condition: Condition) -> bool:
    if isinstance(condition, Leaf):
        return is_momentary(condition)
    return isinstance(condition, Then) or any(has_momentary(part) for part in parts(condition))


def leaves(condition: Condition) -> Iterator[Leaf]:
    """The leaves, from left to right."""
    if isinstance(condition, Leaf):
        yield condition
    for part in parts(condition):
        yield from leaves(part)


def operands(condition: Condition) -> Iterator[Operand]:
    """Every operand within, those of arithmetic included."""
    for leaf in leaves(condition):
        stack: list[Operand] = [leaf.left]
        stack += [leaf.low, leaf.high] if isinstance(leaf, Range) else [leaf.right]
        while stack:
            operand = stack.pop()
            yield operand
            if isinstance(operand, Arithmetic):
                stack += [operand.left, operand.right]
            elif isinstance(operand, Negative):
                stack.append(operand.of)
