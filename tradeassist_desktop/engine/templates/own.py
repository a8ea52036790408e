"""Templates that a trader made of a rule: its numbers are what may be chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.kinds.form_fields import FormField
from tradeassist_desktop.engine.kinds.kind_forms import KINDS, Form, form_of, view_of
from tradeassist_desktop.engine.kinds.kind_shapes import kind_of
from tradeassist_desktop.engine.kinds.kinds import condition_of
from tradeassist_desktop.engine.language import parse, to_text
from tradeassist_desktop.engine.meaning import meaning_of
from tradeassist_desktop.engine.rulefiles.rule_entry import EntryReader

# What else a form has says what the rule is about: that is the template.
_CHOSEN: Final = frozenset({"comparator", "level", "high", "direction", "right", "over", "percent"}) | {
    "factor",
    "bars",
    "timeframe",
}
_SPECS: Final = {spec.name: spec for spec in KINDS}


def own_parameters(rule: Rule) -> tuple[FormField, ...]:
    """Return what may be chosen in a rule kept as a template; none where its condition has no form."""
    filled = _filled(rule)
    if filled is None:
        return ()
    kind, form = filled
    return tuple(
        replace(field, default=form[field.name])
        for field in _SPECS[kind].fields
        if field.name in _CHOSEN and form.get(field.name)
    )


def own_rule(
    rule: Rule, symbols: Sequence[str], values: Mapping[str, object], *, name: str, uid: str
) -> Rule:
    """Return a new rule of one kept as a template: all it says, on other symbols with other numbers.

    Args:
        symbols: None takes the template's.
        values: Parameters by name, as typed; those left out are as in the template.

    Raises:
        BadInput: with faults placed by parameter, ``symbol`` or ``name``.
    """
    reader = EntryReader("")
    wanted = tuple(symbols) or rule.symbols
    reader.symbols(list(wanted))
    if reader.faults:
        raise BadInput([Fault("symbol", fault.message) for fault in reader.faults])
    made = replace(rule, uid=uid, name=name, symbols=wanted, when=_condition(rule, values), active=True)
    meaning_of(made)
    return made


def _condition(rule: Rule, values: Mapping[str, object]) -> str:
    filled = _filled(rule)
    if filled is None or not values:
        return rule.when
    kind, form = filled
    return to_text(condition_of(view_of(kind, {**form, **values})))


def _filled(rule: Rule) -> tuple[str, Form] | None:
    view = kind_of(parse(rule.when))
    if view is None or _SPECS[view.name].make is None:
        return None
    return view.name, form_of(view)
