"""One line about the word at the caret: how it is written, what it means, an example."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from tradeassist_desktop.engine.language import Word
from tradeassist_desktop.ui.theme import SMALL_PX, ui_font
from tradeassist_desktop.ui.widgets.quick.proposals import word_at


class WordHelp(QLabel):
    """Follows a line's caret; hidden where it stands at no word of the language."""

    changed = Signal()
    """It may need another height."""

    def __init__(self, *, line: QLineEdit, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._line = line
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setProperty("tone", "quiet")
        self.setFont(ui_font(SMALL_PX))
        self.hide()
        line.cursorPositionChanged.connect(self._follow)

    def _follow(self) -> None:
        word = word_at(self._line.text(), self._line.cursorPosition())
        said = "" if word is None else explained(word)
        if said != self.text():
            self.setText(said)
            self.setVisible(bool(said))
            self.changed.emit()


def explained(word: Word) -> str:
    """Return a word in one line: ``rsi(source, bars): Wilder's … Example: rsi(14)``."""
    parameters = f" ({'; '.join(word.parameters)})" if word.parameters else ""
    return f"{word.signature}: {word.doc}{parameters}. Example: {word.example}"
