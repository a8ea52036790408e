"""The watchlist: what is watched, what it does now, how far to the next level."""

from collections.abc import Callable

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QLineEdit, QMenu, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.instruments import check_symbol
from tradeassist_desktop.ui.models.watchlist.columns import sort_of
from tradeassist_desktop.ui.models.watchlist.model import WatchlistModel
from tradeassist_desktop.ui.panels.base import Panel, PanelContext
from tradeassist_desktop.ui.watchlist_acts import WatchlistActs
from tradeassist_desktop.ui.widgets.empty import EmptyState
from tradeassist_desktop.ui.widgets.sight import is_in_sight
from tradeassist_desktop.ui.widgets.symbol_hints import SymbolCompleter
from tradeassist_desktop.ui.widgets.watchlist.details import InstrumentDetails
from tradeassist_desktop.ui.widgets.watchlist.menus import WatchlistMenus
from tradeassist_desktop.ui.widgets.watchlist.table import SORT_KEY, WatchlistTable
from tradeassist_desktop.ui.window.symbol_lists import SymbolLists


class WatchlistPanel(Panel):
    """Prices at ten beats a second; the chart follows the selected row."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context=context, parent=parent)
        sort = sort_of(str(context.desk.settings.get(SORT_KEY)))
        self._model = WatchlistModel(desk=context.desk, sort=sort, parent=self)
        self._acts = WatchlistActs(context=context, parent=self)
        self._lists = SymbolLists(context=context, window=self)
        self._add = QLineEdit(self)
        self._add.setObjectName("addSymbol")
        self._add.setAccessibleName("Add a symbol to the watchlist")
        self._add.setPlaceholderText("Add a symbol, e.g. /NQ or MSFT")
        self._add.setMaxLength(40)
        self._add.returnPressed.connect(self._add_typed)
        self._proposals = SymbolCompleter(line=self._add, symbols=context.desk.symbols, tasks=context.tasks)
        self._proposals.chosen.connect(self._add_symbol)
        self._table = WatchlistTable(model=self._model, context=context, parent=self)
        self.toast_ground = self._table
        self._empty = EmptyState(
            view=self._table,
            theme=context.theme,
            icon="watchlist",
            title="Nothing watched yet",
            hint="Type a symbol below and press Enter, paste a list, or drop a CSV file onto the window.",
        )
        self._details = InstrumentDetails(context=context, parent=self)
        self._details.hide()
        self._details.closed.connect(self._toggle_details)
        self._lay_out()
        self._actions = self._make_actions()
        self._menus = WatchlistMenus(
            context=context, acts=self._acts, lists=self._lists, actions=self._actions
        )
        context.rights.enable(self._add, Act.WATCHLIST)
        for name in ("remove", "up", "down", "paste"):
            context.rights.enable(self._actions[name], Act.WATCHLIST)
        for name in ("remove", "up", "down", "chart", "copy"):
            context.rights.explain(self._actions[name], self._what_is_missing)
        self._follow()
        if self._model.rowCount():
            self._table.setCurrentIndex(self._model.index(0, 0))

    def take_focus(self) -> None:
        """Go to the rows."""
        self._table.setFocus()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._table, 1)
        column.addWidget(self._details)
        foot = QWidget(self)
        line = QVBoxLayout(foot)
        line.setContentsMargins(8, 8, 8, 8)
        line.addWidget(self._add)
        column.addWidget(foot)

    def _make_actions(self) -> dict[str, QAction]:
        keys = QKeySequence.StandardKey
        return {
            "remove": self._action("Remove from the watchlist", keys.Delete, self._remove),
            "up": self._action("Move up", "Alt+Up", lambda: self._shift(-1)),
            "down": self._action("Move down", "Alt+Down", lambda: self._shift(1)),
            "chart": self._action("Show on chart\tReturn", "", self._enter),
            "details": self._action("Instrument details", "Alt+Return", self._toggle_details),
            "copy": self._action("Copy symbols", keys.Copy, self._copy),
            "paste": self._action("Paste symbols", keys.Paste, self._lists.paste),
        }

    def _action(self, title: str, keys: str | QKeySequence.StandardKey, act: Callable[[], object]) -> QAction:
        action = QAction(title, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(act)
        self._table.addAction(action)
        return action

    def _what_is_missing(self) -> str:
        is_any = self._table.selected_symbols() or self._table.current_head() is not None
        return "" if is_any else "Select a symbol in the watchlist first."

    def _follow(self) -> None:
        context = self.context
        self._table.typed.connect(self._type_symbol)
        self._table.entered_row.connect(self._enter)
        self._table.head_toggled.connect(self._acts.toggle_group)
        self._table.selectionModel().currentRowChanged.connect(self._row_chosen)
        self._table.customContextMenuRequested.connect(self._open_menu)
        self._model.move_wanted.connect(self._move)
        self._model.group_move_wanted.connect(self._acts.move_group)
        context.bridge.watchlist_changed.connect(self._reload)
        context.bridge.rules_changed.connect(self._model.refresh_levels)
        context.pulse.tables.connect(self._refresh)
        context.pulse.second.connect(self._model.refresh_levels)
        context.pulse.second.connect(self._model.resort)
        context.theme.changed.connect(self._table.viewport().update)
        context.navigator.symbol_chosen.connect(self._select)

    # --- what the trader does

    def _type_symbol(self, typed: str) -> None:
        if reason := self.context.rights.refuse(Act.WATCHLIST):
            self.context.navigator.noticed.emit(reason)
            return
        self._add.setFocus()
        self._add.setText(typed)
        self._proposals.propose(typed)

    def _add_typed(self) -> None:
        symbol = self._add.text().strip().upper()
        if symbol and not self._proposals.takes_enter():
            self._add_symbol(symbol)

    def _add_symbol(self, symbol: str) -> None:
        self._proposals.close()
        if not self.context.tasks.call(lambda: check_symbol(symbol)):
            return  # what was typed stays, to be mended
        self._add.clear()
        self._acts.add(symbol, self._table.current_symbol())

    def _remove(self) -> None:
        head = self._table.current_head()
        if head is not None:
            self._acts.remove_group(head.name)
        else:
            self._acts.remove(self._table.selected_symbols())

    def _shift(self, by: int) -> None:
        head = self._table.current_head()
        if head is not None:
            self._acts.shift_group(head.name, by)
        elif self._model.sort_order is None:
            self._acts.shift(self._table.selected_symbols(), by)
        else:
            self.context.navigator.noticed.emit(
                "The watchlist is sorted by a column. A third click on its title brings your own order back."
            )

    def _move(self, symbols: tuple[str, ...], group: str, place: int) -> None:
        self._acts.move(symbols, group, place)

    def _enter(self) -> None:
        head, symbol = self._table.current_head(), self._table.current_symbol()
        if head is not None:
            self._acts.toggle_group(head.name)
        elif symbol is not None:
            self.context.navigator.symbol_chosen.emit(symbol)
            self.context.navigator.dock_wanted.emit("chart")

    def _toggle_details(self) -> None:
        self._details.setVisible(self._details.isHidden())
        self._details.show_symbol(self._table.current_symbol())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(self._table.selected_symbols()))

    def _open_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        head, symbol = self._table.current_head(), self._table.current_symbol()
        if not self._table.indexAt(at).isValid():
            self._menus.of_list(menu)
        elif head is not None:
            self._menus.of_group(menu, head.name)
        elif symbol is not None:
            others = [each for each in self._table.selected_symbols() if each != symbol]
            self._menus.of_symbols(menu, [symbol, *others])
        menu.addSeparator()
        menu.addMenu(self._table.columns_menu(menu))
        menu.popup(self._table.viewport().mapToGlobal(at))

    def _row_chosen(self, current: QModelIndex, _: QModelIndex) -> None:
        symbol = self._table.current_symbol()
        if current.isValid() and symbol is not None:
            self._details.show_symbol(symbol)
            if symbol != self.context.navigator.symbol:
                self.context.navigator.symbol_chosen.emit(symbol)

    # --- what the market does

    def _refresh(self) -> None:
        if is_in_sight(self):
            self._model.refresh()
            self._table.span()

    def _reload(self, symbols: tuple[str, ...]) -> None:
        head, selected = self._table.current_head(), self._table.selected_symbols()
        self._model.reload()
        positions = [self._model.position(symbol) for symbol in selected]
        if head is not None:
            positions = [self._model.head_position(head.name)]
        self._choose([position for position in positions if position is not None])
        if not self._table.currentIndex().isValid() and self.context.navigator.symbol is not None:
            self._select(self.context.navigator.symbol)

    def _choose(self, positions: list[int]) -> None:
        flags = QItemSelectionModel.SelectionFlag
        chooser = self._table.selectionModel()
        for number, position in enumerate(positions):
            index = self._model.index(position, 0)
            if number == 0:
                chooser.setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
            else:
                chooser.select(index, flags.Select | flags.Rows)

    def _select(self, symbol: str) -> None:
        position = self._model.position(symbol)
        if position is not None and position != self._table.currentIndex().row():
            self._choose([position])
