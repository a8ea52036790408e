"""The numbers of a rule that can be varied: those of its condition, and its hold, cooldown and hysteresis."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

import msgspec

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.conditions import leaves, operands_of, sides
from tradeassist_desktop.engine.language import parse
from tradeassist_desktop.engine.language.lexer import tokens
from tradeassist_desktop.engine.operands import unit_of
from tradeassist_desktop.engine.operands.specification import Unit
from tradeassist_desktop.engine.rulefiles.rule_entry import duration_to_text, entry_of
from tradeassist_desktop.engine.rulefiles.rulefile import FORMAT, VERSION
from tradeassist_desktop.engine.studies.sweep import Axis, Variant, variants

MOST_STEPS: Final = 25
_FEWEST_TICKS: Final = 1_000
_LEADING: Final = re.compile(r"\d+")
_LONGEST_PLACE: Final = 32
_PARTS_BETWEEN: Final = frozenset(("AND", "OR", "THEN", "NOT"))
_WAITS: Final = {"hold": "hold_ns", "cooldown": "cooldown_ns"}


@dataclass(frozen=True, slots=True)
class VariedNumber:
    """One number as it stands in a rule.

    Args:
        key: ``when``, ``hold``, ``cooldown`` or ``rearm``.
        start: Where it stands in the text of that key; ``end`` is behind it.
        label: What it is, for people: ``20 in ema(20)``, ``5530 in crosses above 5530``.
        is_whole: Whether it counts something: bars, seconds.
        is_level: Whether it may be a level: not an argument, nor a time.
        is_beside_price: Whether a price stands in the comparison it is in.
    """

    key: str
    start: int
    end: int
    value: Decimal
    label: str
    is_whole: bool = False
    is_level: bool = False
    is_beside_price: bool = False


def numbers_of(rule: Rule) -> tuple[VariedNumber, ...]:
    """Return the numbers of a rule, those of its condition first, left to right."""
    found = [*_of_condition(rule.when)]
    entry = entry_of(rule)
    for key, field in _WAITS.items():
        text = duration_to_text(getattr(rule, field))
        number = _LEADING.match(text)
        if number is not None and getattr(rule, field):
            found.append(VariedNumber(key, 0, number.end(), Decimal(number[0]), f"{text} {key}", True))
    if rule.rearm.amount:
        text = str(entry["rearm"])
        amount = text.removesuffix("%")
        found.append(VariedNumber("rearm", 0, len(amount), Decimal(amount), f"{text} hysteresis"))
    return tuple(found)


def varied(rule: Rule, axes: Sequence[tuple[VariedNumber, Sequence[Decimal]]]) -> tuple[Variant, ...]:
    """Return the rule with each combination of other numbers, the last axis turning fastest.

    Every variant has a uid of its own, and the rule's name.

    Raises:
        BadInput: a combination is no rule, or there are more than ``sweep.MOST_VARIANTS``.
    """
    # Its own switch and times do not matter to what would have been, and its message has braces of its own.
    bare = replace(rule, active=True, starts_at_ns=None, expires_at_ns=None, message="", notes="")
    entry = entry_of(bare)
    texts = {"when": rule.when}
    for key, field in _WAITS.items():
        texts[key] = duration_to_text(getattr(rule, field))
    texts["rearm"] = str(entry.get("rearm", ""))
    names = [f"n{place}" for place in range(len(axes))]
    placed = sorted(zip(names, axes, strict=True), key=lambda each: each[1][0].start, reverse=True)
    for name, (number, _) in placed:
        text = texts[number.key]
        texts[number.key] = f"{text[: number.start]}{{{name}}}{text[number.end :]}"
        entry[number.key] = texts[number.key]
    document = {"format": FORMAT, "version": VERSION, "rules": [entry]}
    made = variants(
        msgspec.json.encode(document),
        [
            Axis(name, tuple(plain(value) for value in values))
            for name, (_, values) in zip(names, axes, strict=True)
        ],
    )
    return tuple(
        replace(each, rule=replace(each.rule, message=rule.message, notes=rule.notes)) for each in made
    )


def steps(low: Decimal, high: Decimal, step: Decimal) -> tuple[Decimal, ...]:
    """Return the numbers from ``low`` to ``high``, at most ``MOST_STEPS`` of them.

    Raises:
        ValueError: the step is not above 0, ``high`` is below ``low``, or they are too many.
    """
    if step <= 0 or high < low:
        raise ValueError("From low to high, with a step above 0.")
    count = int((high - low) // step) + 1
    if count > MOST_STEPS:
        raise ValueError(f"That makes {count:,} numbers; at most {MOST_STEPS}.")
    return tuple(low + step * place for place in range(count))


def usual_range(number: VariedNumber, tick_size: float) -> tuple[Decimal, Decimal, Decimal]:
    """Return a range around a number to begin with: from, to, step; seven steps, itself in the middle.

    Args:
        tick_size: Of the rule's symbol; levels are moved in whole ticks.
    """
    value = abs(number.value)
    if number.is_whole:
        step = max(Decimal(1), (value / 10).quantize(Decimal(1)))
        return max(number.value - 3 * step, Decimal(1)), number.value + 3 * step, step
    # A price: a thousandth of it is a move, a tenth is another market. What is a few ticks is a distance.
    is_price = number.is_beside_price and value >= (_FEWEST_TICKS * Decimal(repr(tick_size)) or 100)
    share = Decimal("0.0005") if is_price else Decimal("0.1")
    tick = Decimal(repr(tick_size)) if is_price and tick_size > 0 else _least_step(value)
    step = max(tick, (value * share / tick).quantize(Decimal(1)) * tick)
    return number.value - 3 * step, number.value + 3 * step, step


def _least_step(value: Decimal) -> Decimal:
    return Decimal("0.01") if value >= Decimal("0.1") else Decimal("0.0001")


def plain(value: Decimal) -> str:
    """Return a number as it is written into a rule: without an exponent, and no more zeros than it needs."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _of_condition(when: str) -> list[VariedNumber]:
    found: list[VariedNumber] = []
    calls: list[int | None] = []
    part_begins, before, place_of_leaf = 0, None, 0
    are_prices = _reads_prices(when)
    for token in tokens(when):
        start = token.start_pos or 0
        if token.type in _PARTS_BETWEEN:
            part_begins = start + len(token)
            place_of_leaf += token.type != "NOT"
        elif token.type == "LPAR":
            calls.append(before.start_pos if before is not None and before.type == "NAME" else None)
        elif token.type == "RPAR" and calls:
            calls.pop()
        elif token.type in ("NUMBER", "DURATION") and (before is None or before.type != "LSQB"):
            number = _LEADING.match(token) if token.type == "DURATION" else None
            digits = str(token) if number is None else number[0]
            if "e" not in digits.lower():
                call = next((begin for begin in reversed(calls) if begin is not None), None)
                end = start + len(digits)
                place = _place(when, part_begins if call is None else call, end, is_call=call is not None)
                found.append(
                    VariedNumber(
                        "when",
                        start,
                        end,
                        Decimal(digits),
                        f"{token} in {place}",
                        is_whole=(call is not None and "." not in digits) or number is not None,
                        is_level=call is None and number is None,
                        is_beside_price=are_prices[place_of_leaf],
                    )
                )
        before = token
    return found


def _reads_prices(when: str) -> list[bool]:
    """Return for each comparison, left to right, whether it reads a price."""
    return [
        any(unit_of(operand) is Unit.PRICE for side in sides(leaf) for operand in operands_of(side))
        for leaf in leaves(parse(when))
    ]


def _place(when: str, begin: int, end: int, *, is_call: bool) -> str:
    text = when[begin:end].strip(" (")
    if is_call:
        text += when[end : when.find(")", end) + 1]
    return text if len(text) <= _LONGEST_PLACE else f"…{text[-_LONGEST_PLACE + 1 :].lstrip()}"
