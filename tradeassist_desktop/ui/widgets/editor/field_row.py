"""A field with its label before it and what is wrong with it below."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from tradeassist_desktop.ui.theme import SMALL_PX, ui_font
from tradeassist_desktop.ui.widgets.editor.inputs import Input

LABEL_PX: Final = 84


class FieldRow(QWidget):
    """One field as a form shows it.

    Args:
        unit: Said behind it.
    """

    def __init__(self, *, label: str, field: Input, parent: QWidget, unit: str = "") -> None:
        super().__init__(parent)
        self.field = field
        self.label = label
        name = plain_label(label, tone="second")
        name.setFixedWidth(LABEL_PX)
        name.setBuddy(field)
        self._said = plain_label("", tone="danger", pixels=SMALL_PX)
        self._said.setObjectName(f"fault_{field.key}")
        self._said.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        grid.addWidget(name, 0, 0, Qt.AlignmentFlag.AlignTop)
        name.setMinimumHeight(28)
        control = QHBoxLayout()
        control.setSpacing(8)
        control.addWidget(field, 1)
        if unit:
            control.addWidget(plain_label(unit, tone="quiet"))
        grid.addLayout(control, 0, 1)
        grid.addWidget(self._said, 1, 1)

    def show_fault(self, message: str, *, is_wrong: bool = True) -> None:
        """Say what is wrong, or what is still missing; nothing where nothing is."""
        said = message[:1].upper() + message[1:]
        self.field.mark(is_wrong=bool(message) and is_wrong)
        tone = "danger" if is_wrong else "second"
        if self._said.property("tone") != tone:
            self._said.setProperty("tone", tone)
            self._said.style().polish(self._said)
        if self._said.text() != said:
            self._said.setText(said)
        self._said.setVisible(bool(message))

    @property
    def fault(self) -> str:
        """What is said to be wrong."""
        return self._said.text()


def plain_label(words: str, *, tone: str = "", pixels: int = 12) -> QLabel:
    """Return a label that shows every letter as it is, and breaks lines."""
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(ui_font(pixels))
    label.setWordWrap(True)
    if tone:
        label.setProperty("tone", tone)
    return label
