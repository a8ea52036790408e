"""The line into which a rule is typed: checked at each key, Enter adds it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCompleter, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from tradeassist_desktop.domain.errors import Fault
from tradeassist_desktop.domain.symbols import FoundInstrument
from tradeassist_desktop.ui.tasks import Tasks
from tradeassist_desktop.ui.theme import Theme, code_font, ui_font
from tradeassist_desktop.ui.widgets.symbol_hints import SymbolHints, hint_lines

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

_EXAMPLE: Final = "/ES last crosses above 5530"
_LONGEST: Final = 4000
_PROPOSED: Final = 12
_WORDS_PX: Final = 240
_SYMBOLS_PX: Final = 360


class _CheckedLine(QLineEdit):
    """Underlines from the column where the text goes wrong."""

    def __init__(self, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.fault_column: int | None = None
        self.setFont(code_font())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.fault_column is None or not self.text():
            return
        advance = self.fontMetrics().horizontalAdvance("0")
        # The caret says where the text begins, also when a long one is scrolled.
        caret = self.cursorRect()
        origin = caret.center().x() - self.cursorPosition() * advance
        start = origin + (self.fault_column - 1) * advance
        end = max(start + advance, origin + len(self.text()) * advance)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.tokens.danger), 2))
        y = self.height() - 4
        painter.drawLine(max(6, start), y, min(self.width() - 6, end), y)
        painter.end()


class QuickRule(QWidget):
    """``SYMBOL condition``, with completion, and one sentence below: what is wrong, or what it means."""

    submitted = Signal(str)
    """A text without fault was entered."""

    def __init__(self, *, desk: "Desk", tasks: Tasks, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._hints = SymbolHints(symbols=desk.symbols, tasks=tasks, parent=self)
        self._hints.found.connect(self._propose_symbols)
        self._symbol_of: dict[str, str] = {}
        self._theme = theme
        self.line = _CheckedLine(theme=theme, parent=self)
        self.line.setObjectName("quickRule")
        self.line.setAccessibleName("New rule: symbol and condition")
        self.line.setPlaceholderText(_EXAMPLE)
        self.line.setMaxLength(_LONGEST)
        self._said = QLabel(self)
        self._said.setObjectName("quickRuleFault")
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setWordWrap(True)
        self._said.setFont(ui_font(11))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        column.addWidget(self.line)
        column.addWidget(self._said)
        self._words = QStringListModel(self)
        self._completer = QCompleter(self._words, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setWidget(self.line)
        self._popup = QListView(self)
        self._popup.setObjectName("quickRuleWords")
        self._popup.setAccessibleName("Words that could stand here")
        self._popup.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._completer.setMaxVisibleItems(_PROPOSED)
        self._completer.setPopup(self._popup)
        self._completer.activated.connect(self._complete)
        self.line.textEdited.connect(self._on_edited)
        self.line.textChanged.connect(self._check)
        self.line.returnPressed.connect(self._submit)
        self._check("")

    def clear(self) -> None:
        """Make room for the next rule."""
        self.line.clear()

    def show_faults(self, faults: tuple[Fault, ...]) -> None:
        """Say the first fault and underline from its column."""
        self.line.fault_column = faults[0].column if faults else None
        self.line.setProperty("hasFault", bool(faults))
        if faults:
            self._say(str(faults[0]), "danger")
        self.line.style().polish(self.line)
        self.line.update()

    # --- checking

    def _check(self, typed: str) -> None:
        if not typed.strip():
            self.show_faults(())
            self._say("Symbol, then condition. Enter adds the rule.", "quiet")
            return
        faults = self._desk.rules.check_text(typed)
        self.show_faults(faults)
        if not faults:
            self._say("Enter adds this rule.", "up")

    def _say(self, sentence: str, tone: str) -> None:
        self._said.setText(sentence)
        self._said.setProperty("tone", tone)
        self._said.style().polish(self._said)

    def _submit(self) -> None:
        if self._popup.isVisible() and self._popup.currentIndex().isValid():
            # Enter on a proposed word takes the word; the completer inserts it.
            return
        self._popup.hide()
        typed = self.line.text().strip()
        if typed and not self._desk.rules.check_text(typed):
            self.submitted.emit(typed)

    # --- completing

    def _on_edited(self, typed: str) -> None:
        caret = self.line.cursorPosition()
        if " " not in typed[:caret]:
            self._popup.hide()
            self._hints.ask(typed[:caret])
            return
        self._hints.stop()
        start = _word_start(typed, caret)
        written = typed[start:caret].lower()
        words = [proposed.word for proposed in self._desk.rules.completions(typed, caret + 1)]
        fitting = [word for word in words if word.lower().startswith(written) and word.lower() != written]
        self._propose(fitting[:_PROPOSED] if written else [], width=_WORDS_PX)

    def _propose_symbols(self, text: str, found: Sequence[FoundInstrument]) -> None:
        typed, caret = self.line.text(), self.line.cursorPosition()
        if text != typed[:caret] or not self.line.hasFocus():
            return
        # The line's first word is the symbol, so one with spaces inside (an option) cannot stand there.
        fitting = [each for each in found if " " not in each.symbol and each.symbol != text.strip().upper()]
        self._symbol_of = hint_lines(fitting)
        self._propose(list(self._symbol_of)[:_PROPOSED], width=_SYMBOLS_PX)

    def _propose(self, lines: list[str], *, width: int) -> None:
        if lines == self._words.stringList() and self._popup.isVisible():
            return
        self._words.setStringList(lines)
        if not lines:
            self._popup.hide()
            return
        caret_rect = self.line.cursorRect()
        caret_rect.setWidth(width)
        self._completer.complete(caret_rect)
        self._popup.setCurrentIndex(self._words.index(-1, 0))

    def _complete(self, line: str) -> None:
        self._hints.stop()
        typed, caret = self.line.text(), self.line.cursorPosition()
        is_symbol = " " not in typed[:caret]
        word = self._symbol_of.get(line, line) if is_symbol else line
        start = 0 if is_symbol else _word_start(typed, caret)
        after = typed[caret:]
        space = "" if after.startswith(" ") or word.endswith("(") else " "
        self.line.setText(typed[:start] + word + space + after)
        self.line.setCursorPosition(start + len(word) + len(space))


def _word_start(typed: str, caret: int) -> int:
    start = caret
    while start > 0 and typed[start - 1] not in " ().<>=!+-*,":
        start -= 1
    return start
