"""A rule as the oracle takes it: its policies, and its condition as a tree."""

from dataclasses import dataclass
from typing import NamedTuple

from tests.backtest.conditions import (
    Bars,
    Change,
    Comparison,
    Condition,
    Field,
    Number,
    leaves,
    operands,
)
from tradeassist_desktop.domain.market import TIMEFRAMES
from tradeassist_desktop.domain.rules import EvaluateOn, Rule

SECOND_NS = 1_000_000_000


class Finding(NamedTuple):
    """An alert, as far as engine and oracle must agree on it.

    ``also`` are other values that would be as right.
    """

    event_ns: int
    rule: str
    symbol: str
    value: float | None
    status: str
    reason: str | None
    count: int = 1
    also: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Case:
    """A rule with its condition as a tree; ``rule.when`` is the tree's text."""

    rule: Rule
    condition: Condition

    def on(self) -> EvaluateOn:
        if self.rule.on is not None:
            return self.rule.on
        reads_ticks = any(isinstance(operand, Field | Change) for operand in operands(self.condition))
        return EvaluateOn.TICK if reads_ticks else EvaluateOn.BAR_CLOSE

    def named(self, symbol: str) -> set[str]:
        return {
            operand.symbol or symbol
            for operand in operands(self.condition)
            if isinstance(operand, Field | Change | Bars)
        }

    def asks_only_age_of(self, read: str, symbol: str) -> bool:
        return all(
            isinstance(operand, Field) and operand.name == "age"
            for operand in operands(self.condition)
            if isinstance(operand, Field | Change | Bars) and (operand.symbol or symbol) == read
        )

    def closes(self, symbol: str) -> set[tuple[str, str]]:
        """The (symbol, timeframe) at whose closes it is evaluated: the shortest it names."""
        named = {
            (operand.symbol or symbol, operand.timeframe or self.rule.timeframe)
            for operand in operands(self.condition)
            if isinstance(operand, Bars)
        } or {(each, self.rule.timeframe) for each in self.named(symbol)}
        shortest_ns = min(TIMEFRAMES[timeframe] for _, timeframe in named)
        return {(each, timeframe) for each, timeframe in named if TIMEFRAMES[timeframe] == shortest_ns}

    def age_turns(self, symbol: str) -> set[tuple[str, int]]:
        """How long after a trade of which symbol time alone turns a comparison of its age."""
        return {
            (leaf.left.symbol or symbol, int(leaf.right.value) * SECOND_NS + (leaf.sign in (">", "<=")))
            for leaf in leaves(self.condition)
            if isinstance(leaf, Comparison)
            and isinstance(leaf.left, Field)
            and leaf.left.name == "age"
            and isinstance(leaf.right, Number)
        }
