"""Prices that leave where they have been: a day's range, the opening range, the range of many days."""

from collections.abc import Mapping
from typing import Any, Final

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.rules import Trigger
from tradeassist_desktop.engine.language.printer import number_to_text
from tradeassist_desktop.engine.templates.template import (
    HOURS,
    ONCE_A_DAY_COOLDOWN_NS,
    RuleParts,
    Template,
    choice,
    duration,
    number,
    whole,
)

_SIDE: Final = choice("side", "Side", {"above": "above the high", "below": "below the low"}, "Which way out")
_BUFFER: Final = number(
    "buffer", "By at least", 0, 0, 100_000, "How far beyond, in the price's own unit", unit="points"
)
_STAY: Final = duration("hold", "Must stay for", "0s", 0, 3600, "How long the price must stay beyond")


def _beyond(level: str, values: Mapping[str, Any]) -> str:
    """Return the condition that the price is beyond a level by the buffer."""
    buffer = number_to_text(values["buffer"])
    is_above = values["side"] == "above"
    comparator, sign = (">", "+") if is_above else ("<", "-")
    distance = f" {sign} {buffer}" if values["buffer"] else ""
    return f"last {comparator} {level}{distance}"


def _end(values: Mapping[str, Any]) -> str:
    return "high" if values["side"] == "above" else "low"


def _previous_day(values: Mapping[str, Any]) -> RuleParts:
    end = _end(values)
    return RuleParts(
        title=f"Breakout of the previous day's {end}",
        when=_beyond(f"{end}[1d]", values),
        timeframe="1d",
        trigger=Trigger.ONCE_PER_BAR,
        hold_ns=values["hold"],
        cooldown_ns=ONCE_A_DAY_COOLDOWN_NS,
        schedule=values["hours"],
        priority=Priority.HIGH,
        message=f"{{symbol}} is {values['side']} the previous day's {end} at {{last}}",
    )


def _days(values: Mapping[str, Any]) -> RuleParts:
    end, days = _end(values), values["days"]
    extreme = "highest" if values["side"] == "above" else "lowest"
    return RuleParts(
        title=f"{days}-day {end}",
        when=_beyond(f"{extreme}({end}, {days})[1d]", values),
        timeframe="1d",
        trigger=Trigger.ONCE_PER_BAR,
        hold_ns=values["hold"],
        cooldown_ns=ONCE_A_DAY_COOLDOWN_NS,
        schedule=values["hours"],
        priority=Priority.HIGH,
        message=f"{{symbol}} makes a new {days}-day {end} at {{last}}",
    )


def _opening_range(values: Mapping[str, Any]) -> RuleParts:
    end, minutes = _end(values), values["minutes"]
    return RuleParts(
        title=f"Opening range breakout, {minutes} minutes",
        when=_beyond(f"opening_{end}({minutes})[1m]", values),
        timeframe="1d",
        trigger=Trigger.ONCE_PER_BAR,
        hold_ns=values["hold"],
        cooldown_ns=ONCE_A_DAY_COOLDOWN_NS,
        schedule="rth",
        priority=Priority.HIGH,
        message=f"{{symbol}} is {values['side']} its {minutes}-minute opening range at {{last}}",
    )


BREAKOUTS: Final = (
    Template(
        name="previous-day-breakout",
        label="Breakout of the previous day's high",
        story="Who bought yesterday at any price is now winning: stops are hit and trends begin there",
        parameters=(_SIDE, _BUFFER, _STAY, HOURS),
        make=_previous_day,
    ),
    Template(
        name="opening-range-breakout",
        label="Opening range breakout",
        story="The first minutes set the day's first range; the side on which it is left often leads the day",
        parameters=(
            whole("minutes", "Opening range", 15, 1, 120, "How long the range is made", unit="minutes"),
            _SIDE,
            _BUFFER,
            _STAY,
        ),
        make=_opening_range,
    ),
    Template(
        name="n-day-high",
        label="New high of many days",
        story="A price not seen for weeks leaves no one behind who waits to sell at what he paid",
        parameters=(
            whole("days", "Days", 20, 2, 500, "How many sessions back", unit="days"),
            _SIDE,
            _BUFFER,
            _STAY,
            HOURS,
        ),
        make=_days,
    ),
)
