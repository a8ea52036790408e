"""Bars out of the ordinary: many more trades than usual, or a bar inside the one before."""

from collections.abc import Mapping
from typing import Any, Final

from tradeassist_desktop.domain.rules import EvaluateOn, Trigger
from tradeassist_desktop.engine.language.printer import number_to_text
from tradeassist_desktop.engine.templates.template import RuleParts, Template, bars_of, number, whole


def _volume_spike(values: Mapping[str, Any]) -> RuleParts:
    bars, timeframe, factor = values["bars"], values["timeframe"], number_to_text(values["factor"])
    return RuleParts(
        title=f"Volume spike, {timeframe}",
        when=f"volume[{timeframe}] >= {factor} * avg(volume, {bars})[{timeframe}] 1 ago",
        on=EvaluateOn.BAR_CLOSE,
        timeframe=timeframe,
        message=f"{{symbol}} traded {{value}} in {timeframe}, {factor} times its average, last {{last}}",
    )


def _inside_bar(values: Mapping[str, Any]) -> RuleParts:
    timeframe = values["timeframe"]
    high, low = f"high[{timeframe}]", f"low[{timeframe}]"
    return RuleParts(
        title=f"Inside bar, {timeframe}",
        when=f"{high} < {high} 1 ago and {low} > {low} 1 ago",
        on=EvaluateOn.BAR_CLOSE,
        timeframe=timeframe,
        # Each inside bar counts, also one inside another.
        trigger=Trigger.EVERY,
        cooldown_ns=0,
        message=f"{{symbol}} inside bar of {timeframe}, last {{last}}",
    )


BARS: Final = (
    Template(
        name="volume-spike",
        label="Volume spike",
        story="Someone large is trading: volume tells before price does",
        parameters=(
            number("factor", "At least", 3, 1, 1000, "How many times the average", unit="times"),
            whole("bars", "Average of", 20, 1, 1000, "How many bars before it are averaged"),
            bars_of("1m"),
        ),
        make=_volume_spike,
    ),
    Template(
        name="inside-bar",
        label="Inside bar",
        story="A bar within the one before is a pause; its ends are where the next move begins",
        parameters=(bars_of("1h"),),
        make=_inside_bar,
    ),
)
