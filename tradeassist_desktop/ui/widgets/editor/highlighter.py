"""Colours of a condition: logic, numbers, symbols, words."""

from typing import Final

from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from tradeassist_desktop.engine.language.grammar import KEYWORDS
from tradeassist_desktop.engine.language.lexer import tokens
from tradeassist_desktop.ui.theme import Theme, mix

_KEYWORDS: Final = frozenset(word.upper() for word in KEYWORDS)
_NUMBERS: Final = frozenset(("NUMBER", "DURATION", "PERCENT"))


class ConditionHighlighter(QSyntaxHighlighter):
    """Follows the theme; what is wrong is underlined by the editor, not here."""

    def __init__(self, *, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        self._formats: dict[str, QTextCharFormat] = {}
        theme.changed.connect(self._choose)
        self._choose()

    def highlightBlock(self, text: str) -> None:
        """Colour one line."""
        for token in tokens(text):
            chosen = self._formats.get(_part(token.type))
            if chosen is not None and token.start_pos is not None:
                self.setFormat(token.start_pos, len(token), chosen)

    def _choose(self) -> None:
        look = self._theme.tokens
        self._formats = {
            "logic": _format(look.accent, weight=QFont.Weight.DemiBold),
            "number": _format(mix(look.warn, look.text_1, 0.25).name()),
            "symbol": _format(look.text_1, weight=QFont.Weight.DemiBold),
            "sign": _format(look.text_2),
        }
        self.rehighlight()


def _part(kind: str) -> str:
    if kind in _KEYWORDS:
        return "logic"
    if kind in _NUMBERS:
        return "number"
    if kind == "SYMBOL":
        return "symbol"
    return "" if kind == "NAME" else "sign"


def _format(colour: str, *, weight: QFont.Weight = QFont.Weight.Normal) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(QColor(colour))
    made.setFontWeight(weight)
    return made
