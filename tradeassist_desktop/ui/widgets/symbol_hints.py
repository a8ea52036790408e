"""Proposals for a symbol that is being typed: ``AAPL  Apple Inc``."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QObject, QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView

from tradeassist_desktop.domain.symbols import FoundInstrument
from tradeassist_desktop.services.symbols import Symbols
from tradeassist_desktop.ui.tasks import Tasks

_LONGEST_DESCRIPTION: Final = 48
_MOST_SHOWN: Final = 12


def hint_lines(found: Sequence[FoundInstrument]) -> dict[str, str]:
    """Return the symbol of each proposal by the line that shows it."""
    return {
        f"{each.symbol}  {each.description[:_LONGEST_DESCRIPTION]}".rstrip(): each.symbol for each in found
    }


class SymbolHints(QObject):
    """Asks what a text could become; a new text ends the question before.

    Args:
        tasks: Runs the questions.
    """

    found = Signal(str, object)
    """The text asked about, and a tuple of ``FoundInstrument``; twice where venues knew more."""

    def __init__(self, *, symbols: Symbols, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._symbols = symbols
        self._tasks = tasks
        self._asking: asyncio.Task[Any] | None = None

    def ask(self, text: str) -> None:
        """Tell what is known at once, and more when it is."""
        self.stop()
        if text.strip():
            self.found.emit(text, self._symbols.at_once(text))
            self._asking = self._tasks.start(self._ask(text))

    def stop(self) -> None:
        """Ask no longer: the text was taken, or is gone."""
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    async def _ask(self, text: str) -> None:
        self.found.emit(text, await self._symbols.propose(text))


class SymbolCompleter(QObject):
    """Proposes symbols below a line that takes one: arrows and Enter choose, Escape closes.

    Args:
        line: Its whole text is the symbol.
    """

    chosen = Signal(str)
    """A proposed symbol was taken."""

    def __init__(self, *, line: QLineEdit, symbols: Symbols, tasks: Tasks) -> None:
        super().__init__(line)
        self._line = line
        self._hints = SymbolHints(symbols=symbols, tasks=tasks, parent=self)
        self._symbol_of: dict[str, str] = {}
        self._lines = QStringListModel(self)
        self._completer = QCompleter(self._lines, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setWidget(line)
        self._popup = QListView(line)
        self._popup.setObjectName(f"{line.objectName()}Symbols")
        self._popup.setProperty("kind", "symbols")
        self._popup.setAccessibleName("Symbols that could be meant")
        # All of them have room; the completer leaves a few pixels too few for a frame.
        self._popup.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._completer.setMaxVisibleItems(_MOST_SHOWN)
        self._completer.setPopup(self._popup)
        self._completer.activated.connect(self._take)
        self._hints.found.connect(self._show)
        line.textEdited.connect(self.propose)

    def propose(self, typed: str) -> None:
        """Propose what a text could become; for texts that were not typed, too."""
        if typed.strip():
            self._hints.ask(typed)
        else:
            self.close()

    def takes_enter(self) -> bool:
        """Whether Enter now means a proposal and not the text itself."""
        return self._popup.isVisible() and self._popup.currentIndex().isValid()

    def close(self) -> None:
        """Propose nothing until more is typed."""
        self._hints.stop()
        self._popup.hide()

    def _show(self, text: str, found: Sequence[FoundInstrument]) -> None:
        if text != self._line.text() or not self._line.hasFocus():
            return
        lines = hint_lines(found)
        if list(lines) == list(self._symbol_of) and self._popup.isVisible():
            return
        # More has come meanwhile: what the trader has moved to stays chosen.
        current = self._popup.currentIndex()
        kept = current.data() if self._popup.isVisible() and current.isValid() else None
        self._symbol_of = lines
        self._lines.setStringList(list(lines))
        if not lines:
            self._popup.hide()
            return
        self._completer.complete()
        self._popup.setCurrentIndex(self._lines.index(list(lines).index(kept) if kept in lines else -1, 0))

    def _take(self, line: str) -> None:
        self.close()
        self.chosen.emit(self._symbol_of.get(line, line))
