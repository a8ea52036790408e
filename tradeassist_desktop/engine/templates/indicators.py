"""Indicators at a turn: momentum at an extreme, averages that cross, bands that narrow."""

from collections.abc import Mapping
from typing import Any, Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.rules import EvaluateOn
from tradeassist_desktop.engine.language.printer import number_to_text
from tradeassist_desktop.engine.templates.template import RuleParts, Template, bars_of, choice, number, whole


def _rsi(values: Mapping[str, Any]) -> RuleParts:
    low, high = values["oversold"], values["overbought"]
    if low >= high:
        raise BadInput([Fault("oversold", f"expected less than overbought, which is {high:g}")])
    rsi = f"rsi({values['bars']})[{values['timeframe']}]"
    conditions = {
        "either": f"{rsi} outside {number_to_text(low)}..{number_to_text(high)}",
        "overbought": f"{rsi} > {number_to_text(high)}",
        "oversold": f"{rsi} < {number_to_text(low)}",
    }
    return RuleParts(
        title="RSI extreme",
        when=conditions[values["side"]],
        on=EvaluateOn.BAR_CLOSE,
        timeframe=values["timeframe"],
        message="{symbol} RSI at {value}, last {last}",
    )


def _crossing(values: Mapping[str, Any]) -> RuleParts:
    fast, slow = values["fast"], values["slow"]
    if fast >= slow:
        raise BadInput([Fault("fast", f"expected fewer bars than the slow average, which has {slow}")])
    kind, timeframe = values["average"], values["timeframe"]
    verb, title = {
        "golden": ("crosses above", "Golden cross"),
        "death": ("crosses below", "Death cross"),
        "either": ("crosses", "Golden or death cross"),
    }[values["cross"]]
    return RuleParts(
        title=title,
        when=f"{kind}({fast})[{timeframe}] {verb} {kind}({slow})[{timeframe}]",
        on=EvaluateOn.BAR_CLOSE,
        timeframe=timeframe,
        message=f"{{symbol}} {title.lower()}: {kind} {fast} at {{value}} {verb} {kind} {slow}",
    )


def _squeeze(values: Mapping[str, Any]) -> RuleParts:
    bars, timeframe = values["bars"], values["timeframe"]
    deviations, ranges = number_to_text(values["deviations"]), number_to_text(values["ranges"])
    band = f"bb_upper({bars}, {deviations})[{timeframe}] - bb_middle({bars}, {deviations})[{timeframe}]"
    return RuleParts(
        title="Bollinger squeeze",
        when=f"{band} < {ranges} * atr({bars})[{timeframe}]",
        on=EvaluateOn.BAR_CLOSE,
        timeframe=timeframe,
        message="{symbol} squeezes: its Bollinger bands are within the average range, last {last}",
    )


INDICATORS: Final = (
    Template(
        name="rsi-extreme",
        label="RSI extreme",
        story="A move that has run far in one direction often rests or turns",
        parameters=(
            whole("bars", "RSI of", 14, 2, 500, "How many bars the RSI is over"),
            bars_of("15m"),
            number("overbought", "Overbought above", 70, 1, 100, "The upper extreme", unit=""),
            number("oversold", "Oversold below", 30, 0, 99, "The lower extreme", unit=""),
            choice(
                "side",
                "Side",
                {"either": "either", "overbought": "overbought only", "oversold": "oversold only"},
                "Which extreme fires",
            ),
        ),
        make=_rsi,
    ),
    Template(
        name="golden-cross",
        label="Golden cross",
        story="The short average passing the long one is how many funds define a change of trend",
        parameters=(
            whole("fast", "Fast average", 50, 2, 999, "Bars of the fast average"),
            whole("slow", "Slow average", 200, 3, 1000, "Bars of the slow average"),
            bars_of("1d"),
            choice(
                "cross",
                "Cross",
                {"golden": "golden: upwards", "death": "death: downwards", "either": "either way"},
                "Which way the fast average crosses",
            ),
            choice("average", "Average", {"sma": "simple", "ema": "exponential"}, "What kind of average"),
        ),
        make=_crossing,
    ),
    Template(
        name="bollinger-squeeze",
        label="Bollinger squeeze",
        story="Bands tighter than the usual range of a bar tell of a quiet market, before it moves",
        parameters=(
            whole("bars", "Over", 20, 2, 500, "Bars of the bands and of the average range"),
            number("deviations", "Band width", 2, 0.1, 10, "Standard deviations of the bands", unit="σ"),
            number("ranges", "Tighter than", 1.5, 0.1, 10, "Average true ranges of a bar", unit="ATR"),
            bars_of("15m"),
        ),
        make=_squeeze,
    ),
)
