"""The table of a file's rules: kind, rule, what is new, what is to become of it."""

from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QAbstractItemView, QWidget

from tradeassist_desktop.services.transfer.comparing import Choice, IncomingKind
from tradeassist_desktop.ui.models.rule_import import ImportColumn, ImportModel
from tradeassist_desktop.ui.theme import ROW_PX, Theme, Tokens, mix, ui_font
from tradeassist_desktop.ui.widgets.cells import CellDelegate, Index, draw_pill, draw_text
from tradeassist_desktop.ui.widgets.table import ColumnSpec, DeskTable

_COLUMNS: Final = {
    ImportColumn.KIND: ColumnSpec(82),
    ImportColumn.NAME: ColumnSpec(220, fits=True),
    ImportColumn.SYMBOL: ColumnSpec(96, rank=2, fits=True),
    ImportColumn.DIFFERENCE: ColumnSpec(120, rank=1, stretch=1),
    ImportColumn.CHOICE: ColumnSpec(168, fits=True),
}


def kind_colour(kind: IncomingKind, tokens: Tokens) -> str:
    """Return the colour of a kind's mark."""
    return {
        IncomingKind.NEW: tokens.accent,
        IncomingKind.CHANGED: tokens.text_1,
        IncomingKind.CONFLICT: tokens.warn,
        IncomingKind.SAME: tokens.text_3,
    }[kind]


class _Cells(CellDelegate):
    def __init__(self, *, model: ImportModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme=theme, row_px=ROW_PX, parent=parent)
        self._model = model
        self._font = ui_font(12)
        self._small = ui_font(11, weight=QFont.Weight.DemiBold)

    def draw(self, painter: QPainter, rect: QRect, index: Index) -> None:
        tokens = self.theme.tokens
        column = ImportColumn(index.column())
        incoming = self._model.incoming(index.row())
        words = index.data(Qt.ItemDataRole.DisplayRole)
        if column is ImportColumn.KIND:
            colour = kind_colour(incoming.kind, tokens)
            ground = mix(tokens.surface_1, colour, 0.16)
            draw_pill(painter, rect, words, colour=colour, ground=ground, font=self._small)
            return
        is_left = incoming.kind is IncomingKind.SAME or self._model.choice(index.row()) in (
            Choice.KEEP_MINE,
            Choice.SKIP,
        )
        strong = tokens.text_2 if is_left else tokens.text_1
        colour = {
            ImportColumn.NAME: tokens.text_1,
            ImportColumn.CHOICE: tokens.text_3 if is_left else strong,
        }.get(column, tokens.text_3 if incoming.kind is IncomingKind.SAME else tokens.text_2)
        draw_text(painter, rect, words, colour=colour, font=self._font)


class ImportTable(DeskTable):
    """Several rows can be chosen for at once."""

    def __init__(self, *, model: ImportModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(model=model, columns=_COLUMNS, parent=parent)
        self.setObjectName("importTable")
        self.setAccessibleName("Rules of the file")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setItemDelegate(_Cells(model=model, theme=theme, parent=self))
        theme.changed.connect(self.viewport().update)
