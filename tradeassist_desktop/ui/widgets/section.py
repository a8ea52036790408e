"""Titled sections of a panel, in as many columns as there is room for."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from tradeassist_desktop.ui.theme import SMALL_PX, ui_font

_COLUMN_PX: Final = 420
_GAP_PX: Final = 24


class Section(QWidget):
    """A title with a body below.

    Args:
        name: Object name.
    """

    def __init__(self, *, name: str, title: str, body: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.body = body
        heading = QLabel(title, self)
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setFont(ui_font(SMALL_PX, weight=QFont.Weight.DemiBold))
        heading.setProperty("tone", "quiet")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(heading)
        column.addWidget(body)


class SectionScroll(QScrollArea):
    """Sections in their order, down each column in turn; scrolls where they do not fit."""

    def __init__(self, *, sections: Sequence[Section], parent: QWidget) -> None:
        super().__init__(parent)
        self._sections = tuple(sections)
        self._columns: list[QVBoxLayout] = []
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        self._row = QHBoxLayout(page)
        self._row.setContentsMargins(16, 12, 16, 16)
        self._row.setSpacing(_GAP_PX)
        self.setWidget(page)
        self.viewport().setAutoFillBackground(False)
        page.setAutoFillBackground(False)
        self._arrange(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room there is."""
        super().resizeEvent(event)
        room = self.viewport().width() // (_COLUMN_PX + _GAP_PX)
        self._arrange(max(1, room))

    def _arrange(self, count: int) -> None:
        if count == len(self._columns):
            return
        while self._columns:
            column = self._columns.pop()
            for section in self._sections:
                column.removeWidget(section)
            self._row.removeItem(column)
            column.deleteLater()
        for _ in range(count):
            column = QVBoxLayout()
            column.setSpacing(_GAP_PX)
            self._columns.append(column)
            self._row.addLayout(column, 1)
        for place, section in enumerate(self._sections):
            self._columns[place % count].addWidget(section)
        for column in self._columns:
            column.addStretch(1)


def bring_into_sight(widget: QWidget) -> None:
    """Scroll the sections so that ``widget``, which may just have been shown, can be seen."""
    above = widget.parentWidget()
    while above is not None and not isinstance(above, SectionScroll):
        above = above.parentWidget()
    if above is not None:
        # The page grows with the next pass of the layout.
        QTimer.singleShot(0, above, lambda: above.ensureWidgetVisible(widget))
