"""What the cards offer: the program's templates and the trader's own, alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.kinds.form_fields import FormField
from tradeassist_desktop.engine.language import in_words, parse
from tradeassist_desktop.engine.templates import Template, template_rule
from tradeassist_desktop.engine.templates.bars import BARS
from tradeassist_desktop.engine.templates.breakouts import BREAKOUTS
from tradeassist_desktop.engine.templates.indicators import INDICATORS
from tradeassist_desktop.engine.templates.internals import INTERNALS
from tradeassist_desktop.engine.templates.moves import MOVES
from tradeassist_desktop.engine.templates.own import own_parameters, own_rule
from tradeassist_desktop.engine.templates.quotes import QUOTES
from tradeassist_desktop.ui.panels.base import PanelContext

MINE: Final = "Mine"
_FAMILIES: Final = (
    ("Breakouts", BREAKOUTS),
    ("Indicators", INDICATORS),
    ("Moves", MOVES),
    ("Bars and volume", BARS),
    ("Market internals", INTERNALS),
    ("Quotes", QUOTES),
)
CATEGORIES: Final = (*(name for name, _ in _FAMILIES), MINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One card.

    Args:
        symbols: What it is for if nobody says; empty where that must be chosen.
        make: Returns the new rule of symbols and values as typed; raises ``BadInput`` with faults placed by
            parameter, ``symbol`` or ``name``.
        own: The rule that was kept as this template; ``None`` for the program's.
    """

    key: str
    label: str
    story: str
    category: str
    parameters: tuple[FormField, ...]
    symbols: tuple[str, ...]
    make: Callable[[Sequence[str], Mapping[str, str]], Rule]
    own: Rule | None = None


def offers(context: PanelContext) -> tuple[tuple[Offer, ...], str]:
    """Return every card, and why the trader's own cannot be had; empty where they can."""
    of_program = [
        _of_template(context, template, family) for family, templates in _FAMILIES for template in templates
    ]
    try:
        own = [_of_own(context, rule) for rule in context.desk.own_templates.all()]
    except TradeAssistError as error:
        return tuple(of_program), str(error)
    return (*of_program, *own), ""


def _of_template(context: PanelContext, template: Template, family: str) -> Offer:
    return Offer(
        key=template.name,
        label=template.label,
        story=template.story,
        category=family,
        parameters=template.parameters,
        symbols=template.symbols,
        make=partial(_make, context, template),
    )


def _make(
    context: PanelContext, template: Template, symbols: Sequence[str], values: Mapping[str, str]
) -> Rule:
    rules = context.desk.rules
    made = template_rule(template, symbols, values, uid=lambda _: rules.new_uid())
    return replace(made, name=rules.free_name(made.name))


def _of_own(context: PanelContext, rule: Rule) -> Offer:
    return Offer(
        key=f"own:{rule.name}",
        label=rule.name,
        story=rule.notes.partition("\n")[0] or in_words(parse(rule.when)),
        category=MINE,
        parameters=own_parameters(rule),
        symbols=rule.symbols,
        make=partial(_make_own, context, rule),
        own=rule,
    )


def _make_own(context: PanelContext, rule: Rule, symbols: Sequence[str], values: Mapping[str, str]) -> Rule:
    rules = context.desk.rules
    name = rules.free_name(rule.name)
    return own_rule(rule, symbols, values, name=name, uid=rules.new_uid())
