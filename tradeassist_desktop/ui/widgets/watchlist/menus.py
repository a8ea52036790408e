"""The watchlist's menus: of symbols, of a group, and of the list itself."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.watching import UNGROUPED, group_of, symbols_of
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.quieting import Quieting
from tradeassist_desktop.ui.watchlist_acts import WatchlistActs
from tradeassist_desktop.ui.window.symbol_lists import SymbolLists

_SILENCES: Final = ((15, "For 15 minutes"), (60, "For an hour"), (None, "Until I end it"))


class WatchlistMenus:
    """Fills menus as they open: what can be done depends on what is there.

    Args:
        actions: The table's own, by name, with their keys.
    """

    def __init__(
        self,
        *,
        context: PanelContext,
        acts: WatchlistActs,
        lists: SymbolLists,
        actions: dict[str, QAction],
    ) -> None:
        self._context = context
        self._acts = acts
        self._lists = lists
        self._actions = actions
        self._quieting = Quieting(context=context)

    def of_symbols(self, menu: QMenu, symbols: Sequence[str]) -> None:
        """Add what can be done with these symbols; the first is the one that has the keyboard."""
        navigator = self._context.navigator
        first = symbols[0]
        new = menu.addAction(f"New rule on {first}…")
        new.triggered.connect(lambda: navigator.quick_rule_wanted.emit(f"{first} "))
        self._context.rights.enable(new, Act.EDIT_RULES)
        menu.addActions([self._actions["chart"], self._actions["details"]])
        menu.addMenu(self._silences(menu, first))
        menu.addSeparator()
        menu.addMenu(self._groups(menu, symbols))
        menu.addActions([self._actions[name] for name in ("up", "down")])
        menu.addSeparator()
        menu.addActions([self._actions[name] for name in ("copy", "paste", "remove")])

    def of_group(self, menu: QMenu, group: str) -> None:
        """Add what can be done with a group."""
        self._add(menu, "Rename the group…", partial(self._acts.ask_for_name, group))
        menu.addActions([self._actions[name] for name in ("up", "down")])
        menu.addSeparator()
        self._add(menu, "Remove the group, keep its symbols", partial(self._acts.remove_group, group))

    def of_list(self, menu: QMenu) -> None:
        """Add what can be done with the list."""
        self._add(menu, "New group…", partial(self._acts.ask_for_group, ()))
        menu.addSeparator()
        self._add(menu, "Import symbols…", self._lists.choose_file)
        menu.addAction(self._actions["paste"])
        menu.addAction("Export the watchlist…").triggered.connect(self._lists.choose_target)

    def _silences(self, parent: QMenu, symbol: str) -> QMenu:
        menu = QMenu(f"Silence alerts on {symbol}", parent)
        for minutes, title in _SILENCES:
            act = partial(self._quieting.silence_symbol, symbol, minutes)
            menu.addAction(title).triggered.connect(act)
        self._context.rights.enable(menu, Act.SILENCE)
        return menu

    def _groups(self, parent: QMenu, symbols: Sequence[str]) -> QMenu:
        menu = QMenu("Move to group", parent)
        groups = self._context.desk.watchlist.groups
        # They stay in their order, whichever of them has the keyboard.
        symbols = [symbol for symbol in symbols_of(groups) if symbol in symbols]
        here = {group_of(groups, symbol) for symbol in symbols}
        for group in groups:
            if group.name == UNGROUPED and len(groups) == 1:
                continue
            action = menu.addAction(group.name or "No group")
            action.setEnabled(here != {group.name})
            action.triggered.connect(partial(self._acts.move, tuple(symbols), group.name, len(group.symbols)))
        menu.addSeparator()
        menu.addAction("New group…").triggered.connect(partial(self._acts.ask_for_group, tuple(symbols)))
        self._context.rights.enable(menu, Act.WATCHLIST)
        return menu

    def _add(self, menu: QMenu, title: str, act: Callable[[], object]) -> None:
        action = menu.addAction(title)
        action.triggered.connect(act)
        self._context.rights.enable(action, Act.WATCHLIST)
