"""A condition as text: coloured, completed, its brackets matched, and underlined where it goes wrong."""

from math import ceil
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetricsF, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget

from tradeassist_desktop.ui.tasks import Tasks
from tradeassist_desktop.ui.theme import Theme, code_font, faded
from tradeassist_desktop.ui.widgets.editor.brackets import matching_brackets
from tradeassist_desktop.ui.widgets.editor.completion import WordCompletion
from tradeassist_desktop.ui.widgets.editor.highlighter import ConditionHighlighter
from tradeassist_desktop.ui.widgets.editor.proposing_text import ProposingText
from tradeassist_desktop.ui.widgets.symbol_hints import SymbolHints

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

_LEAST_LINES: Final = 2
_MOST_LINES: Final = 8
_FRAME_PX: Final = 16
_EXAMPLE: Final = "last crosses above 5530"


class ExpressionEdit(ProposingText):
    """As high as its text. Its own undo goes back over what the form wrote, too."""

    written = Signal(str)
    """What stands there by now, by the trader's hand."""

    attended = Signal()
    """The caret has moved, or the keyboard has come or gone."""

    def __init__(self, *, desk: "Desk", tasks: Tasks, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent=parent)
        self.setObjectName("ruleExpression")
        self.setAccessibleName("Condition")
        self.setFont(code_font())
        self.setPlaceholderText(_EXAMPLE)
        self._theme = theme
        self._fault_column: int | None = None
        self._is_shown = False
        ConditionHighlighter(document=self.document(), theme=theme)
        hints = SymbolHints(symbols=desk.symbols, tasks=tasks, parent=self)
        self.proposals = WordCompletion(editor=self, hints=hints, theme=theme)
        self.textChanged.connect(self._tell)
        self.cursorPositionChanged.connect(self._mark)
        self.cursorPositionChanged.connect(self.attended)
        self.document().documentLayout().documentSizeChanged.connect(lambda _: self._fit())
        theme.changed.connect(self._mark)
        self._fit()

    @property
    def is_at_end(self) -> bool:
        """Whether more is being typed at the end: the caret waits there."""
        cursor = self.textCursor()
        return self.hasFocus() and cursor.atEnd() and not cursor.hasSelection()

    def show_text(self, text: str) -> None:
        """Show a text, without telling of it; it can be undone as if it had been typed."""
        if text == self.toPlainText():
            return
        self._is_shown = True
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        self._is_shown = False

    def begin(self, text: str) -> None:
        """Show the text of another rule: nothing of before can come back."""
        self._is_shown = True
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)
        self._is_shown = False

    def show_fault(self, column: int | None, *, is_wrong: bool) -> None:
        """Underline the word at a column (1-based); ``None`` underlines nothing."""
        self._fault_column = column
        if bool(self.property("hasFault")) != is_wrong:
            self.setProperty("hasFault", is_wrong)
            self.style().unpolish(self)
            self.style().polish(self)
        self._mark()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the brackets at the caret."""
        super().focusInEvent(event)
        self._mark()
        self.attended.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell that nothing more is being typed for now."""
        super().focusOutEvent(event)
        self.attended.emit()

    def _tell(self) -> None:
        if not self._is_shown:
            self.written.emit(self.toPlainText())

    def _fit(self) -> None:
        lines = min(_MOST_LINES, max(_LEAST_LINES, round(self.document().size().height())))
        # A line is laid out in whole pixels, else a scroll bar comes for the rest of one.
        line_px = ceil(QFontMetricsF(self.font()).lineSpacing())
        self.setFixedHeight(lines * line_px + _FRAME_PX)

    # --- marks over the text

    def _mark(self) -> None:
        look, text = self._theme.tokens, self.toPlainText()
        marks: list[QTextEdit.ExtraSelection] = []
        if self._fault_column is not None and text:
            start, end = _word_at(text, self._fault_column - 1)
            wave = QTextCharFormat()
            wave.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            wave.setUnderlineColor(QColor(look.danger))
            wave.setBackground(faded(look.danger, 0.18))
            marks.append(self._selection(start, end, wave))
        if self.hasFocus():
            pair = matching_brackets(text, self.textCursor().position())
            ring = QTextCharFormat()
            ring.setBackground(faded(look.accent if len(pair) == 2 else look.danger, 0.35))
            marks += [self._selection(place, place + 1, ring) for place in pair]
        self.setExtraSelections(marks)

    def _selection(self, start: int, end: int, look: QTextCharFormat) -> QTextEdit.ExtraSelection:
        marked = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        marked.cursor, marked.format = cursor, look
        return marked


def _word_at(text: str, place: int) -> tuple[int, int]:
    """Return what to underline: the word there, or the last sign where the text ends too early."""
    if place >= len(text):
        end = len(text.rstrip()) or len(text)
        return end - 1, end
    end = place + 1
    if text[place].isalnum() or text[place] == "_":
        while end < len(text) and (text[end].isalnum() or text[end] in "_."):
            end += 1
    return place, end
