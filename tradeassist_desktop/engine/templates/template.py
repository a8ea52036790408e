"""What a template is: a story, parameters, and the rule's parts that they make."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.rules import EvaluateOn, Trigger
from tradeassist_desktop.engine.kinds.form_fields import FieldType, FormField
from tradeassist_desktop.engine.language.printer import number_to_text

NEW_YORK: Final = "America/New_York"

ONCE_A_DAY_COOLDOWN_NS: Final = 12 * 3600 * NS_PER_SECOND
"""Cooldown of rules that fire once a day: what they hold back out of hours makes one record, not hundreds."""

DEFAULT_COOLDOWN_NS: Final = 60 * NS_PER_SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleParts:
    """What a filled template says of its rule; the meanings are those of ``Rule``.

    Args:
        title: What the rule is called, before its symbol: ``RSI extreme``.
    """

    title: str
    when: str
    message: str
    on: EvaluateOn | None = None
    timeframe: str = "1m"
    trigger: Trigger = Trigger.EDGE
    hold_ns: int = 0
    cooldown_ns: int = DEFAULT_COOLDOWN_NS
    schedule: str = "always"
    priority: Priority = Priority.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A rule that traders often want, with what they may choose in it.

    Args:
        story: Why a trader wants it, in one line.
        make: Returns the rule's parts of typed parameters; raises ``BadInput`` with faults placed by
            parameter where two of them do not go together.
        symbols: What it is for if nobody says; empty where that must be chosen.
    """

    name: str
    label: str
    story: str
    parameters: tuple[FormField, ...]
    make: Callable[[Mapping[str, Any]], RuleParts]
    symbols: tuple[str, ...] = ()


def whole(
    name: str, label: str, default: int, least: int, most: int, help: str, *, unit: str = "bars"
) -> FormField:
    """Return a parameter that is a whole number."""
    return FormField(
        name=name,
        label=label,
        type=FieldType.WHOLE,
        default=str(default),
        minimum=least,
        maximum=most,
        unit=unit,
        help=help,
    )


def number(
    name: str, label: str, default: float, least: float, most: float, help: str, *, unit: str
) -> FormField:
    """Return a parameter that is a number."""
    return FormField(
        name=name,
        label=label,
        type=FieldType.NUMBER,
        default=number_to_text(float(default)),
        minimum=least,
        maximum=most,
        unit=unit,
        help=help,
    )


def choice(name: str, label: str, choices: Mapping[str, str], help: str) -> FormField:
    """Return a parameter that is one of several words; the first is the default."""
    words = tuple(choices.items())
    return FormField(
        name=name, label=label, type=FieldType.CHOICE, default=words[0][0], choices=words, help=help
    )


def duration(name: str, label: str, default: str, least_s: float, most_s: float, help: str) -> FormField:
    """Return a parameter that is a length of time."""
    return FormField(
        name=name,
        label=label,
        type=FieldType.DURATION,
        default=default,
        minimum=least_s,
        maximum=most_s,
        help=help,
    )


def bars_of(default: str) -> FormField:
    """Return the parameter ``timeframe``."""
    return FormField(
        name="timeframe",
        label="Bars of",
        type=FieldType.TIMEFRAME,
        default=default,
        help="Length of the bars",
    )


HOURS: Final = choice(
    "hours",
    "When",
    {
        "rth": "in regular hours",
        "eth": "in regular and extended hours",
        "always": "at any time",
    },
    "When it may fire",
)


def beyond(value: str, distance: float, side: str, *, unit: str = "") -> str:
    """Return the condition that a value is more than ``distance`` from zero, on a side.

    Args:
        side: ``up``, ``down`` or ``either``.
    """
    text = number_to_text(distance)
    return {
        "up": f"{value} > {text}{unit}",
        "down": f"{value} < -{text}{unit}",
        "either": f"{value} outside -{text}{unit}..{text}{unit}",
    }[side]
