"""What the oracle holds for true: arithmetic, leaves, Kleene's logic, schedules; pure functions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.backtest.conditions import Comparison, Condition, Leaf, Logic, Not, Range, Touch
from tradeassist_desktop.domain.rules import Rearm, Rule

DAY_NS = 86_400_000_000_000
Truth = bool | None


@dataclass
class Frame:
    """The values of every leaf at one evaluation, and the session's high and low of the symbols."""

    sides: list[tuple[float | None, ...]]
    extremes: list[tuple[float | None, float | None]]


def calculated(left: float | None, sign: str, right: float | None) -> float | None:
    if left is None or right is None or (sign == "/" and right == 0):
        return None
    return {"+": left + right, "-": left - right, "*": left * right, "/": left / right if right else 0.0}[
        sign
    ]


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


def leaf_truth(leaf: Leaf, at: int, now: Frame, before: Frame | None) -> Truth:
    sides = now.sides[at]
    if any(side is None for side in sides):
        return None
    left, right = sides[0], sides[1]
    assert left is not None and right is not None
    if isinstance(leaf, Comparison):
        return {
            ">": left > right, ">=": left >= right, "<": left < right,
            "<=": left <= right, "==": left == right, "!=": left != right,
        }[leaf.sign]  # fmt: skip
    if isinstance(leaf, Range):
        is_inside = right <= left <= sides[2]  # type: ignore[operator]  # checked with all sides above
        if leaf.kind in ("in", "outside"):
            return is_inside == (leaf.kind == "in")
    if before is None or any(side is None for side in before.sides[at]):
        return None
    left_before, right_before = before.sides[at][0], before.sides[at][1]
    assert left_before is not None and right_before is not None
    if isinstance(leaf, Range):
        was_inside = right_before <= left_before <= before.sides[at][2]  # type: ignore[operator]  # as above
        return (not was_inside and is_inside) if leaf.kind == "enters" else (was_inside and not is_inside)
    if isinstance(leaf, Touch):
        (high, low), (high_before, low_before) = now.extremes[at], before.extremes[at]
        most, least = max(left_before, left), min(left_before, left)
        if high is not None and high_before is not None and high > high_before:
            most = max(most, high)
        if low is not None and low_before is not None and low < low_before:
            least = min(least, low)
        return least <= right <= most
    is_above = left > right and left_before <= right_before
    is_below = left < right and left_before >= right_before
    return {"above": is_above, "below": is_below, "": is_above or is_below}[leaf.direction]


def combined(condition: Condition, truths: Iterable[Truth]) -> Truth:
    """Kleene's logic over the leaves' truths, in their order."""
    truths = iter(truths)

    def of(node: Condition) -> Truth:
        if isinstance(node, Not):
            inner = of(node.of)
            return None if inner is None else not inner
        if isinstance(node, Logic):
            parts = [of(part) for part in node.parts]
            decisive = node.word == "or"
            if decisive in parts:
                return decisive
            return None if None in parts else not decisive
        return next(truths)

    return of(condition)


def is_left(condition: Condition, rearm: Rearm, sides: tuple[float | None, ...]) -> bool:
    """Whether the level of a rule with ``rearm`` has been left by its amount."""
    assert isinstance(condition, Comparison)
    left, level = sides
    if left is None or level is None:
        return False
    amount = abs(level) * rearm.amount / 100 if rearm.is_percent else rearm.amount
    return left <= level - amount if condition.sign in (">", ">=") else left >= level + amount


def is_in_schedule(schedule: str, now_ns: int) -> bool:
    """``always`` or ``HH:MM-HH:MM UTC``, half-open; a range that ends before it starts spans midnight."""
    if schedule == "always":
        return True
    start, end = (
        (int(text[:2]) * 60 + int(text[3:])) * 60_000_000_000
        for text in schedule.removesuffix(" UTC").split("-")
    )
    of_day = now_ns % DAY_NS
    return start <= of_day < end if start <= end else of_day >= start or of_day < end


def is_in_force(rule: Rule, now_ns: int) -> bool:
    """Whether the rule has started and not expired; outside of that it does not exist."""
    if rule.starts_at_ns is not None and now_ns < rule.starts_at_ns:
        return False
    return rule.expires_at_ns is None or now_ns < rule.expires_at_ns
