"""What is to become of the rules that are selected, or of all that are shown: buttons with their keys."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from tradeassist_desktop.services.transfer.comparing import Choice
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.models.rule_import import ImportModel
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.transfer.import_table import ImportTable
from tradeassist_desktop.ui.widgets.transfer.rule_words import choice_label

_KEYS: Final = {
    Choice.ADD: "A",
    Choice.REPLACE: "R",
    Choice.KEEP_MINE: "K",
    Choice.ADD_BESIDE: "N",
    Choice.SKIP: "S",
}


class Choosing(QWidget):
    """One button for each thing that can become of a rule; only what fits the selection is enabled."""

    def __init__(self, *, model: ImportModel, table: ImportTable, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._table = table
        self._actions: dict[Choice, QAction] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self._said = QLabel(self)
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setProperty("tone", "quiet")
        row.addWidget(self._said)
        for choice, keys in _KEYS.items():
            action = QAction(choice_label(choice), table)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(self._choose_selected(choice))
            table.addAction(action)
            self._actions[choice] = action
            button = QToolButton(self)
            button.setObjectName(f"import{choice.name.title().replace('_', '')}")
            button.setDefaultAction(action)
            button.setAccessibleName(f"{choice_label(choice)}: the selected rules")
            button.setToolTip(plain_tip(f"{choice_label(choice)} ({keys})"))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        row.addStretch(1)
        self._all = QToolButton(self)
        self._all.setObjectName("importAll")
        self._all.setProperty("kind", "menu")
        self._all.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._all.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._all.setAccessibleName("What is to become of all rules that are shown")
        self._all.setToolTip("For every rule that the filter and the search leave, where it can be")
        self._menu = QMenu(self._all)
        self._all.setMenu(self._menu)
        self._menu.aboutToShow.connect(self._fill_menu)
        row.addWidget(self._all)
        table.selectionModel().selectionChanged.connect(lambda *_: self.refresh())
        model.modelReset.connect(self.refresh)

    def refresh(self) -> None:
        """Follow the selection and what is shown."""
        selected = self._selected()
        possible = self._model.possible(selected)
        for choice, action in self._actions.items():
            action.setEnabled(choice in possible)
        self._said.setText(text.plural(len(selected), "rule") if len(selected) > 1 else "Selected")
        shown = self._model.rowCount()
        self._all.setText(f"For all {shown:,} shown")
        self._all.setEnabled(bool(self._model.possible(range(shown))))

    def choose_all(self, choice: Choice) -> None:
        """Have this become of all rules shown that can."""
        self._model.choose(range(self._model.rowCount()), choice)

    def _fill_menu(self) -> None:
        self._menu.clear()
        for choice in self._model.possible(range(self._model.rowCount())):
            self._menu.addAction(choice_label(choice)).triggered.connect(self._chooser_of_all(choice))

    def _chooser_of_all(self, choice: Choice) -> Callable[[], None]:
        return lambda: self.choose_all(choice)

    def _choose_selected(self, choice: Choice) -> Callable[[], None]:
        def choose() -> None:
            self._model.choose(self._selected(), choice)

        return choose

    def _selected(self) -> list[int]:
        return sorted(index.row() for index in self._table.selectionModel().selectedRows())
