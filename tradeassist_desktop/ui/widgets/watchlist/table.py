"""The watchlist's table: typed into to add, dragged to arrange, its columns chosen and sorted."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.ui.models.watchlist.columns import WORDS, WatchlistColumn, next_sort, sort_of
from tradeassist_desktop.ui.models.watchlist.lines import GroupHead
from tradeassist_desktop.ui.models.watchlist.model import WatchlistModel
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.widgets.table import ColumnSpec, DeskTable, fitting
from tradeassist_desktop.ui.widgets.watchlist.cells import WatchlistCells

COLUMNS_KEY: Final = "appearance.watchlist_columns"
SORT_KEY: Final = "appearance.watchlist_sort"

_COLUMNS: Final = {
    WatchlistColumn.SYMBOL: ColumnSpec(76),
    WatchlistColumn.LAST: ColumnSpec(80),
    WatchlistColumn.CHANGE: ColumnSpec(66, rank=6),
    WatchlistColumn.PERCENT: ColumnSpec(60, rank=1),
    WatchlistColumn.QUOTE: ColumnSpec(154, rank=5),
    WatchlistColumn.VOLUME: ColumnSpec(58, rank=7),
    WatchlistColumn.TREND: ColumnSpec(54, rank=3, stretch=1),
    WatchlistColumn.AGE: ColumnSpec(42, rank=4),
    WatchlistColumn.LEVEL: ColumnSpec(142, rank=2, stretch=1),
}


class WatchlistTable(DeskTable):
    """Typing a letter goes to the field that adds a symbol."""

    typed = Signal(str)
    """Something that could begin a symbol."""
    entered_row = Signal()
    """Enter was pressed on what has the keyboard."""
    head_toggled = Signal(str)
    """The head of this group was clicked: its symbols are to be hidden, or shown."""

    def __init__(self, *, model: WatchlistModel, context: PanelContext, parent: QWidget) -> None:
        self._settings = context.desk.settings
        self._chosen: frozenset[int] = frozenset()
        super().__init__(model=model, columns=_COLUMNS, parent=parent)
        self._lines = model
        self._context = context
        self._silent: tuple[int, ...] = ()
        self._heads: tuple[int, ...] = ()
        self.setObjectName("watchlistTable")
        self.setAccessibleName("Watchlist")
        self.setItemDelegate(WatchlistCells(context=context, parent=self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDragDropOverwriteMode(False)
        self.setDropIndicatorShown(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.sectionClicked.connect(self._sort_by)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._open_columns_menu)
        context.bridge.setting_changed.connect(self._on_setting)
        for reordered in (model.modelReset, model.layoutChanged):
            reordered.connect(self._span_anew)
        self._choose()
        self._span_anew()

    # --- lines

    def selected_symbols(self) -> tuple[str, ...]:
        """Return the selected symbols, from the top."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        lines = [self._lines.line(row) for row in rows]
        return tuple(line.symbol for line in lines if not isinstance(line, GroupHead))

    def current_head(self) -> GroupHead | None:
        """Return the group's head that has the keyboard; ``None`` while a row or nothing has."""
        index = self.currentIndex()
        line = self._lines.line(index.row()) if index.isValid() else None
        return line if isinstance(line, GroupHead) else None

    def current_symbol(self) -> str | None:
        """Return the symbol that has the keyboard."""
        index = self.currentIndex()
        line = self._lines.line(index.row()) if index.isValid() else None
        return None if line is None or isinstance(line, GroupHead) else line.symbol

    def span(self) -> None:
        """Give “subscribed, no data” more room than a price has, and a head the whole line."""
        lines = [self._lines.line(position) for position in range(self._lines.rowCount())]
        heads = tuple(at for at, line in enumerate(lines) if isinstance(line, GroupHead))
        silent = tuple(
            at for at, line in enumerate(lines) if not isinstance(line, GroupHead) and line.is_silent
        )
        if (heads, silent) == (self._heads, self._silent):
            return
        self._heads, self._silent = heads, silent
        self.clearSpans()
        count = len(WatchlistColumn)
        for position in heads:
            self.setSpan(position, 0, 1, count)
        for position in silent:
            self.setSpan(position, WatchlistColumn.LAST, 1, count - 1)

    def _span_anew(self) -> None:
        self._heads = self._silent = ()
        self.clearSpans()
        self.span()

    # --- columns

    def columns_for(self, room: int) -> Sequence[int]:
        """Return the chosen columns that fit; all of them are, where none was chosen."""
        chosen = {column: spec for column, spec in _COLUMNS.items() if column in self._chosen}
        return fitting({int(column): spec for column, spec in chosen.items()}, room)

    def columns_menu(self, parent: QWidget) -> QMenu:
        """Return the menu that chooses columns, and the order."""
        menu = QMenu("Columns", parent)
        for column, words in WORDS.items():
            action = menu.addAction(words.in_menu)
            action.setCheckable(True)
            action.setChecked(column in self._chosen)
            action.setEnabled(column is not WatchlistColumn.SYMBOL)
            action.toggled.connect(lambda is_on, column=column: self._show_column(column, is_on))
        menu.addSeparator()
        own = menu.addAction("My own order")
        own.setCheckable(True)
        own.setChecked(self._lines.sort_order is None)
        own.triggered.connect(lambda: self._set(SORT_KEY, ""))
        return menu

    def _open_columns_menu(self, at: QPoint) -> None:
        menu = self.columns_menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.horizontalHeader().mapToGlobal(at))

    def _show_column(self, column: WatchlistColumn, is_on: bool) -> None:
        chosen = self._chosen | {column} if is_on else self._chosen - {column}
        is_all = len(chosen) == len(WatchlistColumn)
        names = () if is_all else tuple(each.name.lower() for each in WatchlistColumn if each in chosen)
        self._set(COLUMNS_KEY, names)

    def _sort_by(self, section: int) -> None:
        order = next_sort(self._lines.sort_order, WatchlistColumn(section))
        self._set(SORT_KEY, "" if order is None else str(order))

    def _set(self, key: str, value: str | tuple[str, ...]) -> None:
        if self._context.rights.may(Act.APPEARANCE):
            self._context.tasks.start(self._settings.set(key, value))

    def _on_setting(self, key: str) -> None:
        if key == COLUMNS_KEY:
            self._choose()
        elif key == SORT_KEY:
            self._lines.sort_by(sort_of(str(self._settings.get(SORT_KEY))))

    def _choose(self) -> None:
        wanted = self._settings.get(COLUMNS_KEY)
        names = {str(each).upper() for each in wanted} if isinstance(wanted, tuple) else set()
        found = {column for column in WatchlistColumn if column.name in names}
        self._chosen = frozenset({WatchlistColumn.SYMBOL, *found} if found else WatchlistColumn)
        self.share_width(self.viewport().width())

    # --- keys and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hand on what could begin a symbol; Space, Left and Right work on a group."""
        head = self.current_head()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            # No shortcut: in a sheet that opens above, Return must be the sheet's from the first moment.
            self.entered_row.emit()
            return
        if head is not None and event.key() in _HEAD_KEYS and not event.modifiers():
            wanted = {Qt.Key.Key_Left: True, Qt.Key.Key_Right: False}.get(Qt.Key(event.key()))
            if wanted is None or wanted != head.is_collapsed:
                self.head_toggled.emit(head.name)
            return
        typed = event.text()
        if (
            typed.strip()
            and typed.isprintable()
            and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        ):
            self.typed.emit(typed)
            return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a group's head, not the end of a drag, hides or shows its symbols."""
        was_dragged = self.state() == QAbstractItemView.State.DraggingState
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        is_plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        if not was_dragged and is_plain and index.isValid():
            line = self._lines.line(index.row())
            if isinstance(line, GroupHead):
                self.head_toggled.emit(line.name)


_HEAD_KEYS: Final = (Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right)
