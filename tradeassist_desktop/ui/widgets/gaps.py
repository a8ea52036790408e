"""The ledger of gaps: when nothing came, of what, and what became of it."""

from typing import Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from tradeassist_desktop.ui.models.gaps import GapsColumn, GapsModel
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.widgets.empty import EmptyState
from tradeassist_desktop.ui.widgets.table import ColumnSpec, DeskTable
from tradeassist_desktop.ui.widgets.text_table import TextCells

_ROWS_SHOWN: Final = 8
_LEAST_ROWS: Final = 5

_COLUMNS: Final = {
    GapsColumn.FROM: ColumnSpec(92),
    GapsColumn.UNTIL: ColumnSpec(92, rank=3),
    GapsColumn.LENGTH: ColumnSpec(76, rank=1),
    GapsColumn.WHAT: ColumnSpec(150, stretch=1),
    GapsColumn.STATE: ColumnSpec(100),
    GapsColumn.LATE: ColumnSpec(44, rank=2),
}


class GapsBody(QWidget):
    """A table of the newest gaps."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = GapsModel(desk=context.desk, parent=self)
        self._table = DeskTable(model=self._model, columns=_COLUMNS, parent=self)
        self._table.setObjectName("gapsTable")
        self._table.setAccessibleName("Gaps")
        self._table.setItemDelegate(TextCells(theme=context.theme, parent=self))
        self._table.grow_with_rows(least=_LEAST_ROWS, most=_ROWS_SHOWN)
        EmptyState(
            view=self._table,
            theme=context.theme,
            icon="check",
            title="Nothing was missed",
            hint="Each stretch without data is written down here, with what became of it.",
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._table)
        context.bridge.gaps_changed.connect(self._model.reload)
        context.pulse.second.connect(self._model.tick)
