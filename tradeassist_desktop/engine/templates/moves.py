"""Prices that move fast or far: over minutes, over night, away from the day's average."""

from collections.abc import Mapping
from typing import Any, Final

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.rules import Trigger
from tradeassist_desktop.engine.language.printer import number_to_text
from tradeassist_desktop.engine.rulefiles.rule_entry import duration_to_text
from tradeassist_desktop.engine.templates.template import (
    HOURS,
    NEW_YORK,
    ONCE_A_DAY_COOLDOWN_NS,
    RuleParts,
    Template,
    beyond,
    choice,
    duration,
    number,
    whole,
)

_SIDE: Final = choice(
    "side", "Side", {"either": "up or down", "up": "up only", "down": "down only"}, "Which way it moves"
)


def _percent_move(values: Mapping[str, Any]) -> RuleParts:
    percent, over = number_to_text(values["percent"]), duration_to_text(values["over"])
    change = f"change(last, {over})"
    up, down = f"{change} >= {percent}%", f"{change} <= -{percent}%"
    return RuleParts(
        title=f"{percent} % in {over}",
        when={"either": f"{up} or {down}", "up": up, "down": down}[values["side"]],
        cooldown_ns=max(values["over"], 60 * NS_PER_SECOND),
        schedule=values["hours"],
        priority=Priority.HIGH,
        message=f"{{symbol}} has moved {{value}} in {over}, last {{last}}",
    )


def _gap(values: Mapping[str, Any]) -> RuleParts:
    # A value in percent is shown with its sign; what was calculated is a number that needs one.
    move, unit, shown_unit = {
        "feed": ("pct_change", "%", ""),
        "bars": ("100 * (last / close[1d] - 1)", "", " %"),
    }[values["against"]]
    end_minute = 9 * 60 + 30 + values["minutes"]
    return RuleParts(
        title="Opening gap",
        when=beyond(move, values["percent"], values["side"], unit=unit),
        timeframe="1d",
        trigger=Trigger.ONCE_PER_BAR,
        cooldown_ns=ONCE_A_DAY_COOLDOWN_NS,
        schedule=f"09:30-{end_minute // 60:02}:{end_minute % 60:02} {NEW_YORK}",
        priority=Priority.HIGH,
        message=f"{{symbol}} opens {{value}}{shown_unit} from the previous close, at {{last}}",
    )


def _vwap_distance(values: Mapping[str, Any]) -> RuleParts:
    return RuleParts(
        title="Distance from VWAP",
        when=beyond("100 * (last - vwap) / vwap", values["percent"], values["side"]),
        cooldown_ns=values["quiet"],
        schedule=values["hours"],
        message="{symbol} is {value} % from its VWAP, last {last}",
    )


MOVES: Final = (
    Template(
        name="percent-move",
        label="Percent move in minutes",
        story="A sudden move has a cause, and those who see it first can choose",
        parameters=(
            number("percent", "Moves by", 1, 0.01, 100, "The least move", unit="%"),
            duration("over", "Within", "5m", 1, 86_400, "The time it has"),
            _SIDE,
            HOURS,
        ),
        make=_percent_move,
    ),
    Template(
        name="gap",
        label="Opening gap",
        story="News overnight shows at the open as a jump from the previous close, to be faded or followed",
        parameters=(
            number("percent", "Gap of more than", 2, 0.01, 100, "The least gap", unit="%"),
            _SIDE,
            whole(
                "minutes", "Within", 1, 1, 60, "How long after 09:30 New York time it counts", unit="minutes"
            ),
            choice(
                "against",
                "Against",
                {"feed": "the previous close of the feed", "bars": "the close of the last daily bar"},
                "What the open is compared with; a recording of bars has no previous close of its own",
            ),
        ),
        make=_gap,
    ),
    Template(
        name="vwap-distance",
        label="Distance from VWAP",
        story="Far from the price that everyone paid today on average, the day's crowd is under pressure",
        parameters=(
            number("percent", "Further than", 1, 0.01, 100, "The least distance", unit="%"),
            _SIDE,
            duration("quiet", "Then quiet for", "5m", 0, 86_400, "How long after firing it stays quiet"),
            HOURS,
        ),
        make=_vwap_distance,
    ),
)
