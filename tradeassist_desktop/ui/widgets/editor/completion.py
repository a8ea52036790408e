"""What could stand at the caret of a condition, in a list below it: words with their help, and symbols."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QCompleter,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from tradeassist_desktop.domain.symbols import FoundInstrument
from tradeassist_desktop.engine.language import Completion, completions
from tradeassist_desktop.engine.language.symbols import is_bare
from tradeassist_desktop.ui.theme import SMALL_PX, Theme, code_font, ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.symbol_hints import SymbolHints

_MOST: Final = 60
_SEEN: Final = 7
_ROW_PX: Final = 38
_WIDTH_PX: Final = 380
_WORD: Final = re.compile(r'(?:"[^"]*|(?<=\[)[0-9]+[a-z]?|[/$]?[A-Za-z_][A-Za-z0-9_]*|[/$])\Z')
_DOTTED: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z0-9_]*\Z")
_OPENED: Final = ("[", ".", "{")
_COMPLETION: Final = Qt.ItemDataRole.UserRole
_SYMBOLS_MEANT: Final = re.compile(r'["/$]|[A-Z]')

Index = QModelIndex | QPersistentModelIndex


class _Rows(QStyledItemDelegate):
    """A word as it is written, above what it is."""

    def __init__(self, *, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(_WIDTH_PX - 20, _ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look, chosen = self._theme.tokens, index.data(_COMPLETION)
        state: Any = option.state
        rect: QRect = option.rect
        is_current = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        if is_current:
            painter.fillRect(rect, QColor(look.accent))
        upper, lower = rect.adjusted(8, 3, -8, -19), rect.adjusted(8, 19, -8, -2)
        for font, colour, room, words in (
            (code_font(12), look.text_1, upper, chosen.signature or chosen.word),
            (ui_font(SMALL_PX), look.text_3, lower, chosen.doc),
        ):
            painter.setFont(font)
            painter.setPen(QColor(look.on_accent if is_current else colour))
            shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), shown)
        painter.restore()


class WordCompletion(QObject):
    """Proposes as one types: arrows, and Enter or Tab choose; Escape closes; Ctrl+Space asks.

    Args:
        editor: Its whole text is a condition, or the beginning of one.
        hints: Finds symbols; ``None`` where none can stand.
        words: Returns what could stand at a column; by default what the language says.
    """

    taken = Signal()
    """A word was taken: the text is another."""

    def __init__(
        self,
        *,
        editor: QPlainTextEdit | QLineEdit,
        hints: SymbolHints | None,
        theme: Theme,
        words: Callable[[str, int], Sequence[Completion]] = completions,
    ) -> None:
        super().__init__(editor)
        self._editor = editor
        self._hints = hints
        self._words = words
        self._is_whole = False
        self._model = QStandardItemModel(self)
        self._popup = QListView(editor)
        self._popup.setObjectName(f"{editor.objectName()}Words")
        self._popup.setAccessibleName("What could stand here")
        self._popup.setItemDelegate(_Rows(theme=theme, parent=self))
        self._popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._popup.setUniformItemSizes(True)
        self._popup.setProperty("kind", "proposals")
        self._completer = QCompleter(self._model, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setWidget(editor)
        self._completer.setPopup(self._popup)
        self._completer.setMaxVisibleItems(_SEEN)
        self._popup.setItemDelegate(_Rows(theme=theme, parent=self))  # the completer brought its own
        self._completer.activated[QModelIndex].connect(self._take)  # type: ignore[index]  # an overload
        if hints is not None:
            hints.found.connect(self._show_symbols)
        editor.installEventFilter(self)

    @property
    def takes_keys(self) -> bool:
        """Whether Enter and Tab mean a proposal now."""
        return self._popup.isVisible() and self._popup.currentIndex().isValid()

    def propose(self, *, is_asked: bool = False) -> None:
        """Propose for the text as it stands; without a letter of the word only if asked."""
        text, caret = self._text(), self._caret()
        begun = self._begun(text[:caret])
        if not (begun or is_asked or text[:caret].endswith(_OPENED)):
            self.close()
            return
        self._show(self._fitting(text, caret, begun))
        if self._hints is None:
            return
        if _SYMBOLS_MEANT.match(begun):
            self._hints.ask(begun.lstrip('"'))
        else:
            self._hints.stop()

    def close(self) -> None:
        """Propose nothing until more is typed."""
        if self._hints is not None:
            self._hints.stop()
        self._popup.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Close as the keyboard goes elsewhere."""
        if event.type() is QEvent.Type.FocusOut and not self._popup.isVisible():
            self.close()
        return False

    # --- what fits

    def _fitting(self, text: str, caret: int, begun: str) -> list[Completion]:
        found = self._words(text, caret + 1)
        # Enter after a whole word is not to make another one of it.
        self._is_whole = any(each.word.lower() == begun.lower() for each in found)
        return [each for each in found if each.word.lower() != begun.lower()][:_MOST]

    def _show_symbols(self, asked: str, found: Sequence[FoundInstrument]) -> None:
        text, caret = self._text(), self._caret()
        begun = self._begun(text[:caret])
        if not self._editor.hasFocus() or begun.lstrip('"') != asked:
            return
        symbols = [Completion(_written(each.symbol), each.description or "a symbol") for each in found]
        self._show([*symbols, *self._fitting(text, caret, begun)])

    def _begun(self, before: str) -> str:
        found = _WORD.search(before)
        return "" if found is None else found.group()

    # --- showing and taking

    def _show(self, proposed: Sequence[Completion]) -> None:
        if not proposed or not self._editor.hasFocus():
            self._popup.hide()
            return
        self._model.clear()
        for each in proposed:
            item = QStandardItem(each.word)
            item.setData(each, _COMPLETION)
            item.setToolTip(plain_tip(f"{each.signature or each.word}: {each.doc}"))
            self._model.appendRow(item)
        place = self._editor.cursorRect()
        if isinstance(self._editor, QPlainTextEdit):
            place.translate(self._editor.viewport().pos())
        place.setWidth(_WIDTH_PX)
        self._completer.complete(place)
        self._popup.setCurrentIndex(self._model.index(-1 if self._is_whole else 0, 0))

    def _take(self, index: QModelIndex) -> None:
        chosen: Completion = index.data(_COMPLETION)
        self.close()
        caret = self._caret()
        before = self._text()[:caret]
        begun = self._begun(before)
        dotted = _DOTTED.search(before)
        if dotted is not None and chosen.word.startswith(dotted.group().lower()):
            begun = dotted.group()  # one output of a function that has several
        self._replace(caret - len(begun), caret, chosen.word)
        self.taken.emit()
        if chosen.word.endswith("."):
            self.propose()

    def _text(self) -> str:
        editor = self._editor
        return editor.toPlainText() if isinstance(editor, QPlainTextEdit) else editor.text()

    def _caret(self) -> int:
        editor = self._editor
        if isinstance(editor, QPlainTextEdit):
            return editor.textCursor().position()
        return editor.cursorPosition()

    def _replace(self, start: int, end: int, word: str) -> None:
        editor = self._editor
        if isinstance(editor, QPlainTextEdit):
            cursor = editor.textCursor()
            cursor.setPosition(start)
            cursor.setPosition(end, cursor.MoveMode.KeepAnchor)
            cursor.insertText(word)
            editor.setTextCursor(cursor)
            return
        editor.setSelection(start, end - start)
        editor.insert(word)


def _written(symbol: str) -> str:
    return f"{symbol}." if is_bare(symbol) else f'"{symbol}".'
