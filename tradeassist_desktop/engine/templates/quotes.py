"""What is wrong with a quote itself: it has stopped, or it has become dear to trade."""

from collections.abc import Mapping
from typing import Any, Final

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.engine.language.printer import number_to_text
from tradeassist_desktop.engine.templates.template import HOURS, RuleParts, Template, choice, duration, number


def _stale(values: Mapping[str, Any]) -> RuleParts:
    return RuleParts(
        title="Stale symbol",
        when=f"age > {number_to_text(values['quiet'] / NS_PER_SECOND)}",
        schedule=values["hours"],
        priority=Priority.HIGH,
        message="{symbol} has not traded for {value}, last {last}",
    )


def _spread(values: Mapping[str, Any]) -> RuleParts:
    width = number_to_text(values["width"])
    conditions = {
        "percent": f"100 * spread / mid > {width}",
        "points": f"spread > {width}",
        "growth": f"change(spread, 1m) > {width}%",
    }
    units = {"percent": " % of the price", "points": "", "growth": " wider than a minute ago"}
    return RuleParts(
        title="Spread widening",
        when=conditions[values["measure"]],
        hold_ns=values["hold"],
        cooldown_ns=5 * 60 * NS_PER_SECOND,
        schedule=values["hours"],
        message=f"{{symbol}} spread {{value}}{units[values['measure']]}, bid {{bid}}, ask {{ask}}",
    )


QUOTES: Final = (
    Template(
        name="stale-symbol",
        label="Stale symbol",
        story="A price that has stopped is not a calm market: it may be a halt, or a line that is down",
        parameters=(
            duration("quiet", "No trade for", "1m", 1, 86_400, "How long without a trade"),
            HOURS,
        ),
        make=_stale,
    ),
    Template(
        name="spread-widening",
        label="Spread widening",
        story="A wide spread is what a market order pays, and a warning that makers step back",
        parameters=(
            number("width", "Wider than", 0.1, 0.0001, 100_000, "In what the measure says", unit=""),
            choice(
                "measure",
                "Measured",
                {
                    "percent": "in percent of the price",
                    "points": "in the price's own unit",
                    "growth": "in percent more than a minute ago",
                },
                "What the width is in",
            ),
            duration("hold", "Must stay for", "3s", 0, 3600, "How long the spread must stay so wide"),
            HOURS,
        ),
        make=_spread,
    ),
)
