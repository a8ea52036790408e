"""A rule as its fields are typed, and back."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.durations import spoken_duration
from tradeassist_desktop.domain.errors import Fault
from tradeassist_desktop.domain.rules import EvaluateOn, Rearm, Rule, Trigger
from tradeassist_desktop.engine.language.printer import number_to_text
from tradeassist_desktop.engine.rulefiles.rule_entry import (
    LONGEST_DURATION_NS,
    LONGEST_NAME,
    duration_to_text,
)
from tradeassist_desktop.ui.widgets.editor.moments import moment_text, read_moment

Typed = dict[str, str]
"""The text of each field, by its key in a rule file."""

SILENT: Final = "none"
"""Typed for channels where an alert is to go through none at all."""

YES: Final = "yes"


def blank_rule(uid: str, symbol: str) -> Rule:
    """Return what a new rule is written from."""
    return Rule(uid=uid, name="", symbols=(symbol,) if symbol else (), when="")


def typed_of(rule: Rule) -> Typed:
    """Return the texts that stand for a rule."""
    return {key: write(getattr(rule, attribute)) for key, (attribute, _, write) in _FIELDS.items()}


def rule_of(typed: Mapping[str, str], base: Rule, *, now_ns: int) -> tuple[Rule, tuple[Fault, ...]]:
    """Return the rule that was typed, not checked further, and what of it cannot be read, by its keys.

    What was not touched, and what cannot be read, is as in ``base``; a name that is the text of the
    condition stays that.
    """
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    before = typed_of(base)
    for key, (attribute, read, _) in _FIELDS.items():
        if typed[key] == before[key]:
            continue  # an instant or a duration may be finer than its text
        try:
            values[attribute] = read(typed[key], now_ns)
        except ValueError as error:
            faults.append(Fault(key, str(error)))
    rule = replace(base, **values)
    is_named_by_text = rule.name == base.name == name_of(base.symbols, base.when)
    if not rule.name or is_named_by_text:
        rule = replace(rule, name=name_of(rule.symbols, rule.when))
    return rule, tuple(faults)


def name_of(symbols: tuple[str, ...], when: str) -> str:
    """Return what a rule is called that was given no name."""
    return " ".join(f"{', '.join(symbols[:3])} {when}".split())[:LONGEST_NAME]


def changed_keys(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys whose texts differ."""
    return tuple(key for key in _FIELDS if one[key] != other[key])


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word for each in text.split(",") if (word := " ".join(each.split())))


def _symbols(text: str, _: int) -> tuple[str, ...]:
    return _listed(text.upper())


def _duration(text: str, _: int) -> int:
    return spoken_duration(text, longest_ns=LONGEST_DURATION_NS)


def _rearm(text: str, _: int) -> Rearm:
    written = text.strip()
    digits = written.removesuffix("%").strip().replace(",", "")
    try:
        amount = float(digits) if digits else 0.0
    except ValueError:
        amount = -1.0
    if not 0 <= amount <= 1e15:
        raise ValueError(f"expected a distance such as 1.25 or 0.5%, found {written[:40]!r}")
    return Rearm(amount, written.endswith("%")) if amount else Rearm()


def _rearm_text(rearm: Rearm) -> str:
    return f"{number_to_text(rearm.amount)}{'%' if rearm.is_percent else ''}" if rearm.amount else ""


def _channels(text: str, _: int) -> tuple[str, ...] | None:
    return () if text == SILENT else _listed(text) or None


def _channels_text(channels: tuple[str, ...] | None) -> str:
    return "" if channels is None else ", ".join(channels) or SILENT


def _plain(text: str, _: int) -> str:
    return text.strip()


_FIELDS: Final[Mapping[str, tuple[str, Callable[[str, int], Any], Callable[[Any], str]]]] = {
    "name": ("name", _plain, str),
    "symbol": ("symbols", _symbols, ", ".join),
    "when": ("when", lambda text, _: text, str),
    "on": (
        "on",
        lambda text, _: EvaluateOn(text) if text else None,
        lambda on: "" if on is None else on.value,
    ),
    "timeframe": ("timeframe", _plain, str),
    "trigger": ("trigger", lambda text, _: Trigger(text), lambda trigger: trigger.value),
    "hold": ("hold_ns", _duration, lambda hold: duration_to_text(hold) if hold else ""),
    "cooldown": ("cooldown_ns", _duration, duration_to_text),
    "rearm": ("rearm", _rearm, _rearm_text),
    "schedule": ("schedule", _plain, str),
    "starts_at": ("starts_at_ns", read_moment, moment_text),
    "expires_at": ("expires_at_ns", read_moment, moment_text),
    "priority": ("priority", lambda text, _: Priority(text), lambda priority: priority.value),
    "channels": ("channels", _channels, _channels_text),
    "notify_clear": ("notify_clear", lambda text, _: text == YES, lambda is_told: YES if is_told else ""),
    "message": ("message", _plain, str),
    "tags": ("tags", lambda text, _: _listed(text), ", ".join),
    "notes": ("notes", lambda text, _: text, str),
}
