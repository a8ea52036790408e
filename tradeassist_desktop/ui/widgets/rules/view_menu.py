"""How the rules are shown: which columns, in what order, under their tags or not; kept in the settings."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from tradeassist_desktop.ui.models.rules.arranging import Sorting
from tradeassist_desktop.ui.models.rules.columns import ALWAYS_SHOWN, COLUMNS, OF_KEY, RulesColumn
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.widgets.rules.staying_menu import StayingMenu
from tradeassist_desktop.ui.widgets.rules.table import RulesTable

COLUMNS_KEY: Final = "appearance.rules_columns"
SORT_KEY: Final = "appearance.rules_sort"
GROUPED_KEY: Final = "appearance.rules_grouped"
_LARGEST_FIRST: Final = (RulesColumn.FIRED, RulesColumn.TODAY, RulesColumn.PRIORITY, RulesColumn.OUTCOME)


class RulesView(QObject):
    """Reads from the settings how the rules are shown, and writes what is chosen there."""

    changed = Signal()
    """They are to be shown in another way."""

    def __init__(self, *, context: PanelContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        context.bridge.setting_changed.connect(self._on_setting)

    @property
    def columns(self) -> frozenset[RulesColumn]:
        """The columns chosen; empty for those that fit."""
        keys = self._context.desk.settings.names(COLUMNS_KEY)
        known = frozenset(OF_KEY[key] for key in keys if key in OF_KEY)
        return known | ALWAYS_SHOWN if known else known

    @property
    def sorting(self) -> Sorting:
        """What they are sorted by."""
        key = self._context.desk.settings.text(SORT_KEY)
        return Sorting(OF_KEY.get(key.removeprefix("-")), key.startswith("-"))

    @property
    def is_grouped(self) -> bool:
        """Whether they stand under their tags."""
        return self._context.desk.settings.flag(GROUPED_KEY)

    def choose_columns(self, columns: frozenset[RulesColumn]) -> None:
        """Show these from now on; without any, those that fit."""
        self._set(COLUMNS_KEY, tuple(COLUMNS[column].key for column in sorted(columns)))

    def sort_by(self, column: RulesColumn | None) -> None:
        """Sort by a column; again: the other way round, then in the rules' own order."""
        before = self.sorting
        first = column in _LARGEST_FIRST
        after = Sorting(column, first)
        if column is not None and before.column is column:
            after = Sorting(column, not first) if before.is_reversed is first else Sorting()
        sign = "-" if after.is_reversed else ""
        self._set(SORT_KEY, "" if after.column is None else f"{sign}{COLUMNS[after.column].key}")

    def group(self, is_grouped: bool) -> None:
        """Have them under their tags, or not."""
        self._set(GROUPED_KEY, is_grouped)

    def _set(self, key: str, value: str | bool | tuple[str, ...]) -> None:
        self._context.tasks.start(self._context.desk.settings.set(key, value))

    def _on_setting(self, key: str) -> None:
        if key in (COLUMNS_KEY, SORT_KEY, GROUPED_KEY):
            self.changed.emit()


class ColumnsMenu(StayingMenu):
    """The columns, ticked where they are shown."""

    def __init__(self, *, view: RulesView, table: RulesTable, parent: QWidget) -> None:
        super().__init__("Columns", parent)
        self._view = view
        self._table = table
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        shown = self._table.shown_columns()
        for column, names in COLUMNS.items():
            action = self.addAction(names.in_menu)
            action.setCheckable(True)
            action.setChecked(column in shown)
            action.setEnabled(column not in ALWAYS_SHOWN)
            action.triggered.connect(partial(self._toggle, column))
        self.addSeparator()
        fitting = self.addAction("Those that fit")
        fitting.setEnabled(bool(self._view.columns))
        fitting.triggered.connect(lambda: self._view.choose_columns(frozenset()))

    def _toggle(self, column: RulesColumn) -> None:
        shown = self._view.columns or self._table.shown_columns()
        self._view.choose_columns(frozenset(shown ^ {column}))


class ViewMenu(QMenu):
    """Columns, order, and grouping."""

    def __init__(self, *, view: RulesView, table: RulesTable, parent: QWidget) -> None:
        super().__init__(parent)
        self._view = view
        self.addMenu(ColumnsMenu(view=view, table=table, parent=self))
        # Made here, not by the menu: what Qt made, PySide took for dead once while it lived on.
        self._sorts = QMenu("Sort by", self)
        self._sorts.aboutToShow.connect(self._fill_sorts)
        self.addMenu(self._sorts)
        self._grouped = QAction("Group by tag", self)
        self.addAction(self._grouped)
        self._grouped.setCheckable(True)
        self._grouped.triggered.connect(view.group)
        self.aboutToShow.connect(lambda: self._grouped.setChecked(view.is_grouped))

    def _fill_sorts(self) -> None:
        self._sorts.clear()
        group = QActionGroup(self._sorts)
        now = self._view.sorting
        for column, names in (*((None, None),), *COLUMNS.items()):
            title = "Their own order" if names is None else names.in_menu
            if column is not None and now.column is column:
                title += "  ↓" if now.is_reversed else "  ↑"
            action = self._sorts.addAction(title)
            action.setCheckable(True)
            action.setChecked(now.column is column)
            action.triggered.connect(partial(self._view.sort_by, column))
            group.addAction(action)
