"""The table of the Rules dock: chosen columns, sorting by its header, and a selection that lasts."""

from collections.abc import Sequence, Set
from typing import Final

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.ui.models.rules.arranging import Sorting, TagGroup
from tradeassist_desktop.ui.models.rules.columns import RulesColumn
from tradeassist_desktop.ui.models.rules.model import RulesModel
from tradeassist_desktop.ui.widgets.rules.cells import ONE_LINE_PX, TWO_LINES_PX
from tradeassist_desktop.ui.widgets.table import ColumnSpec, DeskTable, fitting

_COLUMNS: Final = {
    RulesColumn.SWITCH: ColumnSpec(46),
    RulesColumn.RULE: ColumnSpec(108, stretch=3),
    RulesColumn.CONDITION: ColumnSpec(160, rank=10, stretch=4),
    RulesColumn.SYMBOL: ColumnSpec(66, rank=1),
    RulesColumn.STATE: ColumnSpec(122),  # the words of a muted rule that rearms
    RulesColumn.FIRED: ColumnSpec(70, rank=2),
    RulesColumn.TODAY: ColumnSpec(48, rank=3),
    RulesColumn.PRIORITY: ColumnSpec(78, rank=4),
    RulesColumn.TAGS: ColumnSpec(110, rank=5, stretch=1),
    RulesColumn.COOLDOWN: ColumnSpec(70, rank=6),
    RulesColumn.KIND: ColumnSpec(110, rank=7),
    RulesColumn.CHANNELS: ColumnSpec(120, rank=8, stretch=1),
    RulesColumn.OUTCOME: ColumnSpec(86, rank=9),
}
_FITTING: Final = {int(column): spec for column, spec in _COLUMNS.items() if column != RulesColumn.CONDITION}
_FLAGS: Final = QItemSelectionModel.SelectionFlag


class RulesTable(DeskTable):
    """Shows the columns that fit, or those that were chosen: these scroll sideways where they must."""

    def __init__(self, *, model: RulesModel, parent: QWidget) -> None:
        super().__init__(model=model, columns=_COLUMNS, row_px=TWO_LINES_PX, parent=parent)
        self._model = model
        self._chosen: Set[RulesColumn] = frozenset()
        self._selected: Set[str] = frozenset()
        self._current: tuple[str, int] | None = None
        self._scrolled = 0
        self._has_spans = False
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.verticalHeader().setMinimumSectionSize(ONE_LINE_PX)
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._recall)
        self._recall()

    # --- columns

    def choose_columns(self, chosen: Set[RulesColumn]) -> None:
        """Show these columns; without any, those that fit."""
        self._chosen = chosen
        row_px = ONE_LINE_PX if RulesColumn.CONDITION in chosen else TWO_LINES_PX
        self.verticalHeader().setDefaultSectionSize(row_px)
        policy = Qt.ScrollBarPolicy
        self.setHorizontalScrollBarPolicy(policy.ScrollBarAsNeeded if chosen else policy.ScrollBarAlwaysOff)
        self.share_width(self.viewport().width())

    def columns_for(self, room: int) -> Sequence[int]:
        """Return the columns that were chosen, else those that fit; the condition's only if chosen."""
        # As if the scroll bar were always there: columns must not come and go with it while one searches.
        room = min(room, self.width() - self.verticalScrollBar().sizeHint().width())
        return sorted(self._chosen) if self._chosen else fitting(_FITTING, room)

    def shown_columns(self) -> frozenset[RulesColumn]:
        """Return the columns to be seen now."""
        return frozenset(column for column in RulesColumn if not self.isColumnHidden(column))

    def show_sorting(self, sorting: Sorting) -> None:
        """Mark the column that is sorted by."""
        header = self.horizontalHeader()
        header.setSortIndicatorShown(sorting.column is not None)
        if sorting.column is not None:
            order = Qt.SortOrder.DescendingOrder if sorting.is_reversed else Qt.SortOrder.AscendingOrder
            header.setSortIndicator(sorting.column, order)

    # --- selection

    def selected_rules(self) -> list[Rule]:
        """Return the selected rules, each once, from top to bottom."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        lines = (self._model.line(row) for row in rows)
        return list({line.uid: line for line in lines if isinstance(line, Rule)}.values())

    def current_group(self) -> TagGroup | None:
        """Return the tag whose line has the keyboard; ``None`` on a rule."""
        index = self.currentIndex()
        line = self._model.line(index.row()) if index.isValid() else None
        return line if isinstance(line, TagGroup) else None

    def select_rule(self, uid: str) -> bool:
        """Select a rule and bring it into view; return whether it is shown at all."""
        position = self._model.position(uid)
        if position is None:
            return False
        index = self._model.index(position, RulesColumn.RULE)
        self.selectionModel().setCurrentIndex(index, _FLAGS.ClearAndSelect | _FLAGS.Rows)
        self.scrollTo(index)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open and close tags by the arrows to the sides."""
        group = self.current_group()
        key = event.key()
        if group is not None and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            if group.is_open is (key == Qt.Key.Key_Left):
                self._model.lines.toggle_group(group.tag)
            return
        super().keyPressEvent(event)

    def _remember(self) -> None:
        self._selected = {rule.uid for rule in self.selected_rules()}
        self._scrolled = self.verticalScrollBar().value()
        index = self.currentIndex()
        self._current = None
        if index.isValid():
            self._current = _name(self._model, index), index.column()

    def _recall(self) -> None:
        self._span_groups()
        selection, first = QItemSelection(), -1
        last_column = self._model.columnCount() - 1
        for row in range(self._model.rowCount() + 1 if self._selected else 0):
            line = self._model.line(row) if row < self._model.rowCount() else None
            is_selected = isinstance(line, Rule) and line.uid in self._selected
            if is_selected and first < 0:
                first = row
            elif not is_selected and first >= 0:
                selection.select(self._model.index(first, 0), self._model.index(row - 1, last_column))
                first = -1
        if self._current is not None:
            self._make_current(*self._current)
        if not selection.isEmpty():
            self.selectionModel().select(selection, _FLAGS.ClearAndSelect)
        self.verticalScrollBar().setValue(self._scrolled)

    def _make_current(self, name: str, column: int) -> None:
        row = self._model.position(name)
        if row is None:
            found = (n for n in range(self._model.rowCount()) if _group_name(self._model.line(n)) == name)
            row = next(found, None)
        if row is not None:
            self.selectionModel().setCurrentIndex(self._model.index(row, column), _FLAGS.NoUpdate)

    def _span_groups(self) -> None:
        if self._has_spans:
            self.clearSpans()
        self._has_spans = self._model.lines.is_grouped
        for row in range(self._model.rowCount() if self._has_spans else 0):
            if isinstance(self._model.line(row), TagGroup):
                self.setSpan(row, 0, 1, self._model.columnCount())


def _name(model: RulesModel, index: QModelIndex) -> str:
    line = model.line(index.row())
    return line.uid if isinstance(line, Rule) else _group_name(line)


def _group_name(line: Rule | TagGroup) -> str:
    return f"tag {line.tag}" if isinstance(line, TagGroup) else ""
