"""What is wrong with a condition, below it, with a button that writes it as it was most likely meant."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from tradeassist_desktop.engine.language import mended
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.editor.field_row import plain_label


class FaultLine(QWidget):
    """Takes no room while there is nothing to say."""

    meant = Signal(str)
    """The condition is to be written so."""

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._instead: str | None = None
        self._said = plain_label("")
        self._said.setObjectName("ruleConditionFault")
        self._said.setAccessibleName("What is wrong with the condition")
        self._mend = QPushButton(self)
        self._mend.setObjectName("ruleConditionMend")
        self._mend.setProperty("kind", "link")
        self._mend.setProperty("isAtEdge", True)
        self._mend.setAutoDefault(False)
        # A long condition is cut where the editor is narrow, and widens nothing.
        self._mend.setMinimumWidth(1)
        self._mend.setAccessibleName("Write it as it may be meant")
        self._mend.clicked.connect(self._tell)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._said)
        column.addWidget(self._mend, alignment=Qt.AlignmentFlag.AlignLeft)
        self.say("", is_wrong=False, text="")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much of what would be written as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def say(self, words: str, *, is_wrong: bool, text: str) -> None:
        """Say what is wrong, or what is still missing.

        Args:
            text: The condition.
        """
        self._said.setText(words[:1].upper() + words[1:])
        self._said.setVisible(bool(words))
        tone = "danger" if is_wrong else "second"
        if self._said.property("tone") != tone:
            self._said.setProperty("tone", tone)
            self._said.style().polish(self._said)
        self._offer(mended(text) if is_wrong and words else None)
        self.setVisible(bool(words))

    def _offer(self, instead: str | None) -> None:
        self._instead = instead
        self._mend.setVisible(instead is not None)
        if instead is not None:
            self._mend.setAccessibleName(f"Write {instead}")
            self._mend.setToolTip(plain_tip(f"Write it as it may be meant: {instead}"))
            self._fit()

    def _fit(self) -> None:
        if self._instead is None:
            return
        whole, metrics = f"Write {self._instead}", self._mend.fontMetrics()
        self._mend.setText(whole.replace("&", "&&"))
        room = self.width() - (self._mend.sizeHint().width() - metrics.horizontalAdvance(whole))
        shown = metrics.elidedText(whole, Qt.TextElideMode.ElideRight, room)
        self._mend.setText(shown.replace("&", "&&"))

    def _tell(self) -> None:
        if self._instead is not None:
            self.meant.emit(self._instead)
