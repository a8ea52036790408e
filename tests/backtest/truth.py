"""What the oracle holds for true: arithmetic, single comparisons, hysteresis; pure functions."""

from collections.abc import Mapping
from typing import NamedTuple

from tests.backtest.conditions import Comparison, Condition, Leaf, Range, Touch
from tradeassist_desktop.domain.rules import Rearm, Rule

Truth = bool | None


class Sides(NamedTuple):
    """The values of a leaf at one evaluation, and its symbol's session high and low then."""

    values: tuple[float | None, ...]
    high: float | None = None
    low: float | None = None


def calculated(left: float | None, sign: str, right: float | None) -> float | None:
    if left is None or right is None or (sign == "/" and right == 0):
        return None
    if sign == "/":
        return left / right
    return {"+": left + right, "-": left - right, "*": left * right}[sign]


def of_quote(quote: Mapping[str, float], name: str) -> float | None:
    bid, ask, last, close = (quote.get(each) for each in ("bid", "ask", "last", "prev_close"))
    if name == "mid":
        return None if bid is None or ask is None else (bid + ask) / 2
    if name == "spread":
        return None if bid is None or ask is None else ask - bid
    if name in ("net_change", "pct_change"):
        if last is None or close is None or (name == "pct_change" and close == 0):
            return None
        return last - close if name == "net_change" else 100.0 * (last - close) / abs(close)
    return quote.get(name)


def leaf_truth(leaf: Leaf, now: Sides, before: Sides | None) -> Truth:
    if any(side is None for side in now.values):
        return None
    left, right = now.values[0], now.values[1]
    assert left is not None
    assert right is not None
    if isinstance(leaf, Comparison):
        return {
            ">": left > right, ">=": left >= right, "<": left < right,
            "<=": left <= right, "==": left == right, "!=": left != right,
        }[leaf.sign]  # fmt: skip
    if isinstance(leaf, Range):
        is_inside = right <= left <= now.values[2]  # type: ignore[operator]  # checked with all sides above
        if leaf.kind in ("in", "outside"):
            return is_inside == (leaf.kind == "in")
    if before is None or any(side is None for side in before.values):
        return None
    left_before, right_before = before.values[0], before.values[1]
    assert left_before is not None
    assert right_before is not None
    if isinstance(leaf, Range):
        was_inside = right_before <= left_before <= before.values[2]  # type: ignore[operator]  # as above
        return (not was_inside and is_inside) if leaf.kind == "enters" else (was_inside and not is_inside)
    if isinstance(leaf, Touch):
        most, least = max(left_before, left), min(left_before, left)
        if now.high is not None and before.high is not None and now.high > before.high:
            most = max(most, now.high)
        if now.low is not None and before.low is not None and now.low < before.low:
            least = min(least, now.low)
        return least <= right <= most
    is_above = left > right and left_before <= right_before
    is_below = left < right and left_before >= right_before
    return {"above": is_above, "below": is_below, "": is_above or is_below}[leaf.direction]


def negated(truth: Truth) -> Truth:
    return None if truth is None else not truth


def joined(word: str, truths: list[Truth]) -> Truth:
    """Kleene's ``and`` or ``or``."""
    decisive = word == "or"
    if decisive in truths:
        return decisive
    return None if None in truths else not decisive


def is_left(condition: Condition, rearm: Rearm, sides: Sides) -> bool:
    """Whether the level of a rule with ``rearm`` has been left by its amount."""
    assert isinstance(condition, Comparison)
    left, level = sides.values
    if left is None or level is None:
        return False
    amount = abs(level) * rearm.amount / 100 if rearm.is_percent else rearm.amount
    return left <= level - amount if condition.sign in (">", ">=") else left >= level + amount


def is_in_force(rule: Rule, now_ns: int) -> bool:
    """Whether the rule is active, has started and not expired; outside of that it does not exist."""
    if not rule.active or (rule.starts_at_ns is not None and now_ns < rule.starts_at_ns):
        return False
    return rule.expires_at_ns is None or now_ns < rule.expires_at_ns
