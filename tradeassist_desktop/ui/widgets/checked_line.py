"""A line for a condition, underlined where it goes wrong."""

from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLineEdit, QWidget

from tradeassist_desktop.ui.theme import TEXT_PX, Theme, code_font


class CheckedLine(QLineEdit):
    """Underlines the word at which the text goes wrong."""

    def __init__(self, *, theme: Theme, parent: QWidget, pixels: int = TEXT_PX) -> None:
        super().__init__(parent)
        self._theme = theme
        self._fault_column: int | None = None
        self.setFont(code_font(pixels))

    @property
    def fault_column(self) -> int | None:
        """Where the text goes wrong, counted from 1; ``None`` where it does not."""
        return self._fault_column

    def mark(self, column: int | None, *, is_wrong: bool) -> None:
        """Underline from a column.

        Args:
            is_wrong: Whether the line is wrong at all, which its edge tells too.
        """
        self._fault_column = column
        if self.property("hasFault") != is_wrong:
            self.setProperty("hasFault", is_wrong)
            self.style().polish(self)
        self.update()

    def select_fault(self) -> None:
        """Select the underlined word: what is typed next takes its place."""
        if self._fault_column is not None:
            start = self._fault_column - 1
            self.setSelection(start, self._fault_end() - start)

    def _fault_end(self) -> int:
        word_end = self.text().find(" ", self._fault_column or 0)
        return len(self.text()) if word_end < 0 else word_end

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text, then the line below."""
        super().paintEvent(event)
        if self._fault_column is None or not self.text():
            return
        advance = self.fontMetrics().horizontalAdvance("0")
        # The caret says where the text begins, also when a long one is scrolled.
        caret = self.cursorRect()
        origin = caret.center().x() - self.cursorPosition() * advance
        start = origin + (self._fault_column - 1) * advance
        end = origin + self._fault_end() * advance
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.tokens.danger), 2))
        y = (self.height() + self.fontMetrics().height()) // 2 + 1
        painter.drawLine(max(6, start), y, min(self.width() - 6, max(end, start + advance)), y)
        painter.end()
