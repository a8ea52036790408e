"""Beside the list of a file's rules: one of them field by field, as the trader and as the file has it."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from tradeassist_desktop.services.transfer.comparing import Incoming
from tradeassist_desktop.ui.text import unbroken
from tradeassist_desktop.ui.theme import SMALL_PX, ui_font
from tradeassist_desktop.ui.widgets.transfer.rule_words import Difference, differences, explained

_LABEL_PX: Final = 84


class DifferencePane(QScrollArea):
    """Shows the rule it was given last; scrolls where notes or conditions are long."""

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("importDifference")
        self.setAccessibleName("What would change")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # arrows scroll it
        self.show_rule(None)

    def show_rule(self, incoming: Incoming | None) -> None:
        """Show what a rule would bring; ``None`` for no rule."""
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 12, 12, 12)
        column.setSpacing(8)
        if incoming is None:
            column.addWidget(_label("Choose a rule to see what it would change.", tone="quiet", parent=page))
        else:
            title = _label(incoming.rule.name, parent=page)
            title.setFont(ui_font(14, weight=QFont.Weight.DemiBold))
            column.addWidget(title)
            column.addWidget(_label(explained(incoming), tone="second", parent=page))
            column.addLayout(self._grid(incoming, page))
        column.addStretch(1)
        before = self.takeWidget()
        if before is not None:
            before.deleteLater()
        page.setAutoFillBackground(False)
        self.setWidget(page)
        self.viewport().setAutoFillBackground(False)

    def _grid(self, incoming: Incoming, page: QWidget) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, _LABEL_PX)
        grid.setColumnStretch(1, 1)
        lines = differences(incoming)
        is_beside = any(line.mine is not None for line in lines)
        if is_beside:
            grid.setColumnStretch(2, 1)
            for place, words in ((1, "Yours"), (2, "In the file")):
                head = _label(words, tone="quiet", parent=page)
                head.setFont(ui_font(SMALL_PX, weight=QFont.Weight.DemiBold))
                grid.addWidget(head, 0, place)
        for row, line in enumerate(lines, 1):
            self._add_line(grid, row, line, page)
        return grid

    def _add_line(self, grid: QGridLayout, row: int, line: Difference, page: QWidget) -> None:
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(_label(line.label, tone="quiet", parent=page), row, 0, top)
        if line.mine is not None:
            mine = _label(line.mine, tone="second", is_prose=line.is_prose, parent=page)
            grid.addWidget(mine, row, 1, top)
        theirs = _label(line.theirs, is_prose=line.is_prose, parent=page)
        grid.addWidget(theirs, row, 1 if line.mine is None else 2, top)


def _label(words: str, *, tone: str = "", is_prose: bool = False, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    # A condition may be one long word: it may break anywhere rather than widen the pane.
    shown = words if len(words) < 2_000 else f"{words[:2_000]}…"
    label.setText(unbroken(shown) if is_prose else shown)
    label.setWordWrap(True)
    label.setMinimumWidth(40)
    if "\N{WORD JOINER}" not in label.text():  # it would be copied, too
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setFont(ui_font(12))
    if tone:
        label.setProperty("tone", tone)
    return label
