"""Templates: rules that traders often want, made by filling in a few parameters."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.kinds.form_fields import read_fields
from tradeassist_desktop.engine.meaning import meaning_of
from tradeassist_desktop.engine.rulefiles.rule_entry import LONGEST_NAME, EntryReader
from tradeassist_desktop.engine.rulefiles.rulefile import uid_of_name
from tradeassist_desktop.engine.templates.bars import BARS
from tradeassist_desktop.engine.templates.breakouts import BREAKOUTS
from tradeassist_desktop.engine.templates.indicators import INDICATORS
from tradeassist_desktop.engine.templates.internals import INTERNALS
from tradeassist_desktop.engine.templates.moves import MOVES
from tradeassist_desktop.engine.templates.quotes import QUOTES
from tradeassist_desktop.engine.templates.template import RuleParts, Template

TEMPLATES: Final[Mapping[str, Template]] = {
    template.name: template
    for family in (BREAKOUTS, INDICATORS, MOVES, BARS, INTERNALS, QUOTES)
    for template in family
}
"""Every template by name, in the order in which they are offered."""


def template_rule(
    template: Template,
    symbols: Sequence[str],
    values: Mapping[str, object],
    *,
    name: str | None = None,
    uid: Callable[[str], str] = uid_of_name,
) -> Rule:
    """Return the rule of a filled template.

    Args:
        symbols: None takes the template's own, where it has one.
        values: Parameters by name, as typed; those left out have their default.
        name: What to call it; ``None`` makes a name of what it is and its symbols.
        uid: Gives the rule its identity by its name.

    Raises:
        BadInput: with faults placed by parameter, ``symbol`` or ``name``.
    """
    faults: list[Fault] = []
    symbols = tuple(symbols) or template.symbols
    reader = EntryReader("")
    reader.symbols(list(symbols))
    faults.extend(Fault("symbol", fault.message) for fault in reader.faults)
    parts: RuleParts | None = None
    try:
        parts = template.make(read_fields(template.parameters, values))
    except BadInput as error:
        faults.extend(error.faults)
    if faults or parts is None:
        raise BadInput(faults)
    called = _name(parts.title, symbols) if name is None else name
    namer = EntryReader("")
    namer.line("name", called, most=LONGEST_NAME)
    if namer.faults:
        raise BadInput([Fault("name", fault.message) for fault in namer.faults])
    rule = Rule(
        uid=uid(called),
        name=called,
        symbols=tuple(symbols),
        when=parts.when,
        on=parts.on,
        timeframe=parts.timeframe,
        trigger=parts.trigger,
        hold_ns=parts.hold_ns,
        cooldown_ns=parts.cooldown_ns,
        priority=parts.priority,
        message=parts.message,
        schedule=parts.schedule,
    )
    meaning_of(rule)
    return rule


def _name(title: str, symbols: Sequence[str]) -> str:
    shown = ", ".join(symbols[:3])
    more = f" and {len(symbols) - 3} more" if len(symbols) > 3 else ""
    return f"{title}: {shown}{more}"[:LONGEST_NAME]


__all__ = ["TEMPLATES", "RuleParts", "Template", "template_rule"]
