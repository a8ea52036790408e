"""What the palette finds: commands, layouts, symbols and rules, each with what it does."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.domain.symbols import FoundInstrument
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.rights import why_not
from tradeassist_desktop.ui.widgets.templates.offers import offers
from tradeassist_desktop.ui.window.commands import Command, Commands
from tradeassist_desktop.ui.window.layouts import Layouts


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that can be found.

    Args:
        id: The same in every run; what was run last is known by it.
        edit: What else can be done with it; ``None`` for nothing.
        why_not: Why it cannot be run now; empty where it can.
        needs: What has to be allowed for it; ``None`` where nothing has.
    """

    id: str
    title: str
    detail: str
    icon: str
    run: Callable[[], object]
    keys: str = ""
    edit: Callable[[], object] | None = None
    why_not: str = ""
    needs: Act | None = None


class Candidate(NamedTuple):
    """Something to be looked through; of thousands, few become entries.

    Args:
        title: In lower case, as ``also``, what else it can be found by.
        make: Returns the entry.
    """

    id: str
    title: str
    also: str
    make: Callable[[], Entry]


def candidates(entries: Iterable[Entry]) -> list[Candidate]:
    """Return entries that are there already, to be looked through."""
    return [
        Candidate(each.id, each.title.lower(), each.detail.lower(), partial(_itself, each))
        for each in entries
    ]


def command_entries(context: PanelContext, commands: Commands) -> list[Entry]:
    """Return all that menus and panels can do, the menus' first, and of these what is possible."""
    made = [_of_command(context, commands, each) for each in commands.all() if not each.is_fixed]
    return sorted(made, key=lambda entry: ("menu" not in entry.detail, bool(entry.why_not)))


def layout_entries(layouts: Layouts) -> list[Entry]:
    """Return the layouts that have a name."""
    return [
        Entry(
            id=f"layout:{name}",
            title=name,
            detail="Layout",
            icon="float",
            run=partial(layouts.choose, name),
        )
        for name in layouts.names()
    ]


def rule_candidates(context: PanelContext) -> list[Candidate]:
    """Return every rule."""
    return [
        Candidate(
            f"rule:{rule.uid}",
            rule.name.lower(),
            f"{' '.join(rule.symbols)} {rule.when}".lower(),
            partial(_of_rule, context, rule),
        )
        for rule in context.desk.rules.all()
    ]


def template_entries(context: PanelContext) -> list[Entry]:
    """Return the templates of rules, the trader's own too."""
    reason = "" if context.rights.may(Act.EDIT_RULES) else why_not(Act.EDIT_RULES)
    found, _ = offers(context)
    return [
        Entry(
            id=f"template:{offer.key}",
            title=offer.label,
            detail=f"Template · {offer.story}",
            icon="plus",
            run=partial(context.navigator.template_chosen.emit, offer.key),
            why_not=reason,
            needs=Act.EDIT_RULES,
        )
        for offer in found
    ]


def symbol_candidates(context: PanelContext) -> list[Candidate]:
    """Return the symbols of the watchlist."""
    market = context.desk.market
    entries = [
        _of_symbol(context, symbol, market.instrument(symbol).description)
        for symbol in context.desk.watchlist.symbols
    ]
    # Who types "es" means /ES more than what begins with it.
    return [each._replace(title=each.title.lstrip("/$")) for each in candidates(entries)]


def found_entries(context: PanelContext, found: Iterable[FoundInstrument]) -> list[Entry]:
    """Return symbols that were searched for and are not watched: running one watches it."""
    watched: Sequence[str] = context.desk.watchlist.symbols
    reason = "" if context.rights.may(Act.WATCHLIST) else why_not(Act.WATCHLIST)

    def watch(symbol: str) -> None:
        async def add() -> None:
            await context.desk.watchlist.add(symbol)
            _chart(context, symbol)

        context.tasks.start(add())

    return [
        Entry(
            id=f"symbol:{each.symbol}",
            title=each.symbol,
            detail=" · ".join(filter(None, (each.description, "add to the watchlist"))),
            icon="plus",
            run=partial(watch, each.symbol),
            why_not=reason,
            needs=Act.WATCHLIST,
        )
        for each in found
        if each.symbol not in watched
    ]


def _itself(entry: Entry) -> Entry:
    return entry


def _of_rule(context: PanelContext, rule: Rule) -> Entry:
    navigator = context.navigator

    def show() -> None:
        navigator.dock_wanted.emit("rules")
        navigator.rule_chosen.emit(rule.uid)

    return Entry(
        id=f"rule:{rule.uid}",
        title=rule.name,
        detail=_of_symbols(rule),
        icon="rules",
        run=show,
        edit=partial(navigator.rule_edit_wanted.emit, rule.uid),
    )


def _of_symbols(rule: Rule) -> str:
    symbols = ", ".join(rule.symbols)
    return symbols if rule.name.endswith(rule.when) else f"{symbols} · {rule.when}"


def _of_command(context: PanelContext, commands: Commands, command: Command) -> Entry:
    action = command.action
    reason = context.rights.reason(action)
    if not reason and not action.isEnabled():
        reason = "Not possible as things stand."
    state = ", on" if action.isCheckable() and action.isChecked() else ""
    return Entry(
        id=f"command:{command.id}",
        title=command.title,
        detail=f"{command.place}{state}",
        icon="play",
        keys=command.keys,
        run=partial(commands.run, command),
        why_not=reason,
        needs=context.rights.act_of(action),
    )


def _of_symbol(context: PanelContext, symbol: str, description: str) -> Entry:
    return Entry(
        id=f"symbol:{symbol}",
        title=symbol,
        detail=description,
        icon="chart",
        run=partial(_chart, context, symbol),
    )


def _chart(context: PanelContext, symbol: str) -> None:
    context.navigator.dock_wanted.emit("chart")
    context.navigator.symbol_chosen.emit(symbol)
