"""A file that was refused: every place and what is wrong there, to be read and copied."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.errors import Fault
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.models.text_rows import TextRow, TextRows
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.widgets.table import ColumnSpec, DeskTable
from tradeassist_desktop.ui.widgets.text_table import TextCells

_LISTED: Final = 1_000


class _Column(IntEnum):
    PLACE = 0
    FAULT = 1


class RefusedPane(QWidget):
    """Nothing was taken from the file; mended, it can be read again."""

    again_wanted = Signal()
    """The same file is to be read again."""
    another_wanted = Signal()
    """Another file is to be chosen."""
    closed = Signal()
    """That is all."""

    def __init__(self, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._faults: tuple[Fault, ...] = ()
        self._said = QLabel(self)
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setWordWrap(True)
        self._said.setObjectName("refusedWords")
        self._model = TextRows(titles=("Place", "What is wrong"), parent=self)
        columns = {_Column.PLACE: ColumnSpec(220), _Column.FAULT: ColumnSpec(300, stretch=1)}
        self._table = DeskTable(model=self._model, columns=columns, parent=self)
        self._table.setObjectName("refusedFaults")
        self._table.setAccessibleName("What is wrong with the file")
        self._table.setItemDelegate(TextCells(theme=theme, parent=self))
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        copy = QAction("Copy", self._table)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self._copy_selected)
        self._table.addAction(copy)
        self._table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._said)
        column.addWidget(self._table, 1)
        buttons = QHBoxLayout()
        self._copy = self._button("refusedCopy", "Copy all", self._copy_all)
        self._again = self._button("refusedAgain", "Read it again", self.again_wanted.emit)
        another = self._button("refusedAnother", "Choose another file…", self.another_wanted.emit)
        buttons.addWidget(self._copy)
        buttons.addStretch(1)
        buttons.addWidget(self._button("refusedClose", "Close", self.closed.emit))
        buttons.addWidget(another)
        buttons.addWidget(self._again)
        column.addLayout(buttons)

    def show_faults(self, faults: Sequence[Fault], *, can_read_again: bool) -> None:
        """Show these; at most a thousand are ever listed."""
        self._faults = tuple(faults[:_LISTED])
        self._again.setVisible(can_read_again)
        self._said.setText(
            f"Nothing was imported, and nothing of yours was changed: a file is taken whole or not at all. "
            f"{text.plural(len(faults), 'place')} to mend:"
        )
        self._model.show(
            [
                TextRow(key=str(place), cells=(fault.place or "the file", _message(fault)))
                for place, fault in enumerate(self._faults)
            ]
        )
        self._table.setFocus()

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(map(str, self._faults)))

    def _copy_selected(self) -> None:
        rows = sorted(index.row() for index in self._table.selectionModel().selectedRows())
        QGuiApplication.clipboard().setText("\n".join(str(self._faults[row]) for row in rows))

    def _button(self, name: str, words: str, act: object) -> QPushButton:
        button = QPushButton(words, self)
        button.setObjectName(name)
        button.setAccessibleName(words)
        button.setAutoDefault(False)
        button.clicked.connect(act)
        return button


def _message(fault: Fault) -> str:
    return fault.message if fault.column is None else f"column {fault.column}: {fault.message}"
