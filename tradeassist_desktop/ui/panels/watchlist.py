"""The watchlist: what is watched, what it does now, how far to the next level."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QAction, QColor, QFont, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QMenu, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.market import TradingStatus
from tradeassist_desktop.domain.watching import UNGROUPED, moved
from tradeassist_desktop.ui.models.watchlist import (
    WatchlistColumn,
    WatchlistModel,
    WatchlistRow,
    alignment,
    pct_change,
)
from tradeassist_desktop.ui.panels.base import Panel, PanelContext
from tradeassist_desktop.ui.theme import ROW_PX, mix, ui_font
from tradeassist_desktop.ui.widgets.cells import CellDelegate, Index, draw_sparkline, draw_text
from tradeassist_desktop.ui.widgets.empty import EmptyState
from tradeassist_desktop.ui.widgets.symbol_hints import SymbolCompleter
from tradeassist_desktop.ui.widgets.table import ColumnSpec, DeskTable

_COLUMNS: Final = {
    WatchlistColumn.SYMBOL: ColumnSpec(76),
    WatchlistColumn.LAST: ColumnSpec(80),
    WatchlistColumn.CHANGE: ColumnSpec(66, rank=6),
    WatchlistColumn.PERCENT: ColumnSpec(60, rank=1),
    WatchlistColumn.QUOTE: ColumnSpec(154, rank=5),
    WatchlistColumn.VOLUME: ColumnSpec(58, rank=7),
    WatchlistColumn.TREND: ColumnSpec(54, rank=3, stretch=1),
    WatchlistColumn.AGE: ColumnSpec(42, rank=4),
    WatchlistColumn.LEVEL: ColumnSpec(130, rank=2, stretch=1),
}


class _WatchlistCells(CellDelegate):
    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(theme=context.theme, row_px=ROW_PX, parent=parent)
        self._settings = context.desk.settings
        self._plain = ui_font(12)
        self._strong = ui_font(12, weight=QFont.Weight.DemiBold)

    def ground(self, index: Index, is_selected: bool) -> QColor | None:
        row: WatchlistRow = index.data(Qt.ItemDataRole.UserRole)
        if row.flash and self._settings.get("appearance.flash"):
            tokens = self.theme.tokens
            return mix(tokens.surface_1, tokens.up if row.flash > 0 else tokens.down, 0.26)
        return super().ground(index, is_selected)

    def draw(self, painter: QPainter, rect: QRect, index: Index) -> None:
        row: WatchlistRow = index.data(Qt.ItemDataRole.UserRole)
        column = WatchlistColumn(index.column())
        tokens = self.theme.tokens
        if column is WatchlistColumn.TREND:
            change = row.quote.net_change if row.quote is not None else None
            colour = QColor(tokens.text_3 if row.is_stale else tokens.of_change(change))
            draw_sparkline(painter, QRectF(rect.adjusted(8, 6, -10, -6)), row.trend, colour)
            return
        is_strong = column in (WatchlistColumn.SYMBOL, WatchlistColumn.LAST) and row.quote is not None
        draw_text(
            painter,
            rect,
            row.cell(column),
            colour=self._colour(row, column),
            font=self._strong if is_strong else self._plain,
            align=Qt.AlignmentFlag.AlignLeft if row.is_silent and not row.quote else alignment(column),
            padding=6,
        )

    def _colour(self, row: WatchlistRow, column: WatchlistColumn) -> str:
        tokens = self.theme.tokens
        if column is WatchlistColumn.SYMBOL:
            return tokens.text_1
        if row.quote is None or row.is_stale:
            return tokens.text_3
        if row.trading is not TradingStatus.NORMAL and column is WatchlistColumn.LEVEL:
            return tokens.warn
        if column is WatchlistColumn.LAST:
            return tokens.text_1
        if column is WatchlistColumn.CHANGE:
            return tokens.of_change(row.quote.net_change)
        if column is WatchlistColumn.PERCENT:
            return tokens.of_change(pct_change(row, row.quote))
        if column is WatchlistColumn.LEVEL and row.distance is not None and abs(row.distance) < 0.1:
            return tokens.warn
        return tokens.text_3 if column in (WatchlistColumn.AGE, WatchlistColumn.VOLUME) else tokens.text_2


class _WatchlistTable(DeskTable):
    """Typing a letter goes to the field that adds a symbol."""

    def __init__(self, *, model: WatchlistModel, add: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(model=model, columns=_COLUMNS, parent=parent)
        self._add = add
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDragDropOverwriteMode(False)
        self.setDropIndicatorShown(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        typed = event.text()
        if (
            typed.strip()
            and typed.isprintable()
            and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        ):
            self._add(typed)
            return
        super().keyPressEvent(event)


class WatchlistPanel(Panel):
    """Prices at ten beats a second; the chart follows the selected row."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context=context, parent=parent)
        self._model = WatchlistModel(desk=context.desk, parent=self)
        self._add = QLineEdit(self)
        self._add.setObjectName("addSymbol")
        self._add.setAccessibleName("Add a symbol to the watchlist")
        self._add.setPlaceholderText("Add a symbol, e.g. /NQ or MSFT")
        self._add.setMaxLength(40)
        self._add.returnPressed.connect(self._add_typed)
        self._proposals = SymbolCompleter(line=self._add, symbols=context.desk.symbols, tasks=context.tasks)
        self._proposals.chosen.connect(self._add_symbol)
        self._table = _WatchlistTable(model=self._model, add=self._type_symbol, parent=self)
        self._table.setObjectName("watchlistTable")
        self._table.setAccessibleName("Watchlist")
        self._table.setItemDelegate(_WatchlistCells(context=context, parent=self))
        self._empty = EmptyState(
            view=self._table,
            theme=context.theme,
            icon="watchlist",
            title="Nothing watched yet",
            hint="Type a symbol below and press Enter.",
        )
        self._lay_out()
        self._make_actions()
        for changing in (self._add, self._remove_action, self._up_action, self._down_action):
            context.rights.enable(changing, Act.WATCHLIST)
        self._silent: tuple[int, ...] = ()
        self._table.selectionModel().currentRowChanged.connect(self._row_chosen)
        self._table.customContextMenuRequested.connect(self._open_menu)
        self._model.move_wanted.connect(self._move)
        context.bridge.watchlist_changed.connect(self._reload)
        context.bridge.rules_changed.connect(self._model.refresh_levels)
        context.pulse.tables.connect(self._refresh)
        context.pulse.second.connect(self._model.refresh_levels)
        context.theme.changed.connect(self._table.viewport().update)
        context.navigator.symbol_chosen.connect(self._select)
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
        foot = QWidget(self)
        line = QVBoxLayout(foot)
        line.setContentsMargins(8, 8, 8, 8)
        line.addWidget(self._add)
        column.addWidget(foot)

    def _make_actions(self) -> None:
        self._remove_action = self._action(
            "Remove from the watchlist", QKeySequence.StandardKey.Delete, self._remove
        )
        self._up_action = self._action("Move up", QKeySequence("Alt+Up"), lambda: self._shift(-1))
        self._down_action = self._action("Move down", QKeySequence("Alt+Down"), lambda: self._shift(1))

    def _action(self, title: str, keys: QKeySequence | QKeySequence.StandardKey, act: object) -> QAction:
        action = QAction(title, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(act)
        self._table.addAction(action)
        return action

    # --- what the trader does

    def _type_symbol(self, typed: str) -> None:
        if not self._add.isEnabled():
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
        self._add.clear()

        async def add() -> None:
            await self.context.desk.watchlist.add(symbol)
            self.context.navigator.symbol_chosen.emit(symbol)

        self.context.tasks.start(add())

    def _remove(self) -> None:
        symbol = self._current()
        if symbol is None:
            return
        watchlist = self.context.desk.watchlist
        before = watchlist.groups

        async def put_back() -> None:
            await watchlist.arrange(before)

        async def remove() -> None:
            await watchlist.remove(symbol)
            self.context.navigator.offer_undo(f"{symbol} left the watchlist", put_back)

        self.context.tasks.start(remove())

    def _shift(self, by: int) -> None:
        symbol = self._current()
        if symbol is not None:
            place = self.context.desk.watchlist.symbols.index(symbol)
            self._move(symbol, place - 1 if by < 0 else place + 2)

    def _move(self, symbol: str, index: int) -> None:
        watchlist = self.context.desk.watchlist
        self.context.tasks.start(watchlist.arrange(moved(watchlist.groups, [symbol], UNGROUPED, index)))

    def _open_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._table.indexAt(at).isValid():
            menu.addActions([self._up_action, self._down_action])
            menu.addSeparator()
            menu.addAction(self._remove_action)
            menu.popup(self._table.viewport().mapToGlobal(at))

    def _row_chosen(self, current: QModelIndex, _: QModelIndex) -> None:
        if current.isValid():
            symbol = self._model.row(current.row()).symbol
            if symbol != self.context.navigator.symbol:
                self.context.navigator.symbol_chosen.emit(symbol)

    # --- what the market does

    def _refresh(self) -> None:
        if not self.isVisible():
            return
        self._model.refresh()
        silent = tuple(i for i in range(self._model.rowCount()) if self._model.row(i).is_silent)
        if silent != self._silent:
            self._silent = silent
            self._table.clearSpans()
            for position in silent:
                # "subscribed, no data" needs more room than a price.
                self._table.setSpan(position, WatchlistColumn.LAST, 1, len(WatchlistColumn) - 1)

    def _reload(self, symbols: tuple[str, ...]) -> None:
        self._silent = ()
        self._table.clearSpans()
        self._model.reload(symbols)
        if self.context.navigator.symbol is not None:
            self._select(self.context.navigator.symbol)

    def _select(self, symbol: str) -> None:
        position = self._model.position(symbol)
        if position is not None and position != self._table.currentIndex().row():
            self._table.selectionModel().setCurrentIndex(
                self._model.index(position, 0),
                QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows,
            )

    def _current(self) -> str | None:
        index = self._table.currentIndex()
        return self._model.row(index.row()).symbol if index.isValid() else None
