"""The same rules with other numbers in them: what ``--vary`` asks for, as rules to run side by side."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Any, Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.rulefiles.rulefile import parse_rules

MOST_VARIANTS: Final = 2_000
MOST_AXES: Final = 2

_AXIS: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.+?)\s*", re.ASCII)
_RANGE: Final = re.compile(r"(\S+?)\s*\.\.\s*(\S+?)(?:\s+step\s+(\S+))?", re.ASCII)
_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)
_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}", re.ASCII)
_VARIED: Final = ("when", "hold", "cooldown", "rearm", "timeframe", "schedule")
"""The keys of a rule in which a placeholder may stand; those of ``message`` mean something else."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A name and the numbers it takes in turn, as they are written into the rule."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """One rule with its placeholders filled in.

    Args:
        settings: What was filled in: names and numbers, in the order of the axes.
        rule: Its ``uid`` is unique among all variants.
    """

    settings: tuple[tuple[str, str], ...]
    rule: Rule


def parse_axis(text: str) -> Axis:
    """Read ``level=5500..5600 step 5`` or ``period=9,14,21``; without ``step``, steps of 1.

    Both bounds are included, where a step reaches the upper one. Steps are exact: ten of 0.1 are 1.

    Raises:
        BadInput: it is written otherwise, or stands for more than 2,000 numbers.
    """
    found = _AXIS.fullmatch(text)
    if found is None:
        raise _refusal(text, "expected a name, = and numbers, such as level=5500..5600 step 5")
    name, numbers = found.groups()
    between = _RANGE.fullmatch(numbers)
    if between is None:
        values = [_number(text, each.strip()) for each in numbers.split(",")]
    else:
        low, high = _number(text, between.group(1)), _number(text, between.group(2))
        step = _number(text, between.group(3) or "1")
        if step <= 0 or high < low:
            raise _refusal(text, "expected a range from low to high and a step above 0")
        count = int((high - low) // step) + 1
        if count > MOST_VARIANTS:
            raise _refusal(text, f"stands for {count:,} numbers; at most {MOST_VARIANTS:,}")
        values = [low + step * number for number in range(count)]
    if len(values) > MOST_VARIANTS:
        raise _refusal(text, f"stands for {len(values):,} numbers; at most {MOST_VARIANTS:,}")
    return Axis(name, tuple(dict.fromkeys(_plain(value) for value in values)))


def variants(content: bytes, axes: Sequence[Axis]) -> tuple[Variant, ...]:
    """Return every rule of a file that has a placeholder, once for each combination of its numbers.

    A placeholder is a name in braces, ``last > {level}``, in ``when``, ``hold``, ``cooldown``, ``rearm``,
    ``timeframe`` or ``schedule``. Rules without one are left out.

    Raises:
        BadInput: the file is no rule file, a variant is no rule, an axis stands in no rule, or there
            would be more than 2,000 variants.
    """
    names = [axis.name for axis in axes]
    if len(set(names)) != len(names) or len(axes) > MOST_AXES:
        raise _refusal(", ".join(names), f"at most {MOST_AXES} different names can be varied at once")
    document = _document(content)
    named = [_placeholders(entry) & set(names) for entry in document["rules"]]
    for name in names:
        if not any(name in found for found in named):
            raise _refusal(name, f"no rule has {{{name}}} in its {', '.join(_VARIED)}")
    counts = [_count(axes, found) for found in named if found]
    if sum(counts) > MOST_VARIANTS:
        raise _refusal(", ".join(names), f"{sum(counts):,} variants in all; at most {MOST_VARIANTS:,}")
    return tuple(
        variant
        for place, (entry, found) in enumerate(zip(document["rules"], named, strict=True))
        if found
        for variant in _of_rule(document, place, entry, [axis for axis in axes if axis.name in found])
    )


def _of_rule(
    document: Mapping[str, Any], place: int, entry: Mapping[str, Any], axes: Sequence[Axis]
) -> Iterator[Variant]:
    for number, values in enumerate(product(*(axis.values for axis in axes))):
        settings = dict(zip((axis.name for axis in axes), values, strict=True))
        filled = {key: _filled(key, value, settings) for key, value in entry.items()}
        try:
            (rule,) = parse_rules(json.dumps({**document, "rules": [filled]}).encode())
        except BadInput as refusal:
            raise BadInput([_placed(fault, place, settings) for fault in refusal.faults]) from None
        yield Variant(tuple(settings.items()), replace(rule, uid=f"{place}.{number}.{rule.uid}"))


def _document(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    rules = document.get("rules") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(rules, list):
        parse_rules(content)  # says what is wrong
        rules = []
    for place, entry in enumerate(rules):
        if not isinstance(entry, dict):
            raise BadInput([Fault(place=f"rules[{place}]", message="expected an object")])
    assert isinstance(document, dict), "parse_rules refuses anything else"
    return document


def _placeholders(entry: Mapping[str, Any]) -> set[str]:
    texts = (value for key in _VARIED if isinstance(value := entry.get(key), str))
    return {name for text in texts for name in _PLACEHOLDER.findall(text)}


def _count(axes: Sequence[Axis], names: set[str]) -> int:
    count = 1
    for axis in axes:
        if axis.name in names:
            count *= len(axis.values)
    return count


def _filled(key: str, value: Any, settings: Mapping[str, str]) -> Any:
    if key not in _VARIED or not isinstance(value, str):
        return value
    text = _PLACEHOLDER.sub(lambda found: settings.get(found.group(1), found.group()), value)
    # A distance without a % is a number in the file; "{x}" alone could not be one.
    return float(text) if key == "rearm" and text != value and _NUMBER.fullmatch(text) else text


def _number(text: str, number: str) -> Decimal:
    try:
        if _NUMBER.fullmatch(number) is None:
            raise InvalidOperation
        return Decimal(number)
    except InvalidOperation:
        raise _refusal(text, f"expected a number such as 5500 or 0.25, found {number[:40]!r}") from None


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _placed(fault: Fault, place: int, settings: Mapping[str, str]) -> Fault:
    where = fault.place.replace("rules[0]", f"rules[{place}]", 1)
    shown = ", ".join(f"{name}={value}" for name, value in settings.items())
    return Fault(place=f"{where} with {shown}", message=fault.message, column=fault.column)


def _refusal(text: str, message: str) -> BadInput:
    return BadInput([Fault(place=f"--vary {text}", message=message)])
