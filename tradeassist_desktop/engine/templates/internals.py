"""What the whole market does, read from its own symbols: fear, and how many shares trade up."""

from collections.abc import Mapping
from typing import Any, Final

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.engine.kinds.form_fields import FieldType, FormField
from tradeassist_desktop.engine.language.printer import number_to_text
from tradeassist_desktop.engine.language.symbols import is_bare
from tradeassist_desktop.engine.rulefiles.rule_entry import duration_to_text
from tradeassist_desktop.engine.templates.template import (
    HOURS,
    RuleParts,
    Template,
    beyond,
    choice,
    duration,
    number,
)


def _index(default: str) -> FormField:
    return FormField(
        name="index",
        label="Index",
        type=FieldType.SYMBOL,
        default=default,
        help="The index that is read, whatever symbol the rule is shown with",
    )


def _prefix(symbol: str) -> str:
    return f"{symbol}." if is_bare(symbol) else f'"{symbol}".'


def _vix(values: Mapping[str, Any]) -> RuleParts:
    percent, over, index = (
        number_to_text(values["percent"]),
        duration_to_text(values["over"]),
        values["index"],
    )
    return RuleParts(
        title=f"{index} spike",
        when=f"{_prefix(index)}change(last, {over}) >= {percent}%",
        cooldown_ns=max(values["over"], 60 * NS_PER_SECOND),
        schedule=values["hours"],
        priority=Priority.HIGH,
        message=f"{{name}}: up {{value}} in {over}",
    )


def _tick(values: Mapping[str, Any]) -> RuleParts:
    index = values["index"]
    return RuleParts(
        title=f"{index} extreme",
        when=beyond(f"{_prefix(index)}last", values["level"], values["side"]),
        schedule=values["hours"],
        message="{name}: at {value}",
    )


INTERNALS: Final = (
    Template(
        name="vix-spike",
        label="VIX spike",
        story="When protection gets dearer within minutes, positions should be looked at now",
        parameters=(
            number("percent", "Rises by", 5, 0.1, 500, "The least rise", unit="%"),
            duration("over", "Within", "5m", 1, 86_400, "The time it has"),
            _index("$VIX"),
            HOURS,
        ),
        make=_vix,
        symbols=("$VIX",),
    ),
    Template(
        name="tick-extreme",
        label="TICK extreme",
        story="A thousand more shares trading up than down is programs at work: a push, or its end",
        parameters=(
            number("level", "Beyond", 1000, 1, 10_000, "How far from zero", unit="shares"),
            choice(
                "side", "Side", {"either": "either", "up": "above", "down": "below"}, "Which extreme fires"
            ),
            _index("$TICK"),
            HOURS,
        ),
        make=_tick,
        symbols=("$TICK",),
    ),
)
