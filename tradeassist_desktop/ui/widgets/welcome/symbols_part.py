"""What is watched, begun on the welcome sheet."""

from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.instruments import check_symbol
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.widgets.symbol_hints import SymbolCompleter

_MOST_SHOWN: Final = 14


class SymbolsPart(QWidget):
    """Enter adds what is typed: one symbol, or several parted by commas."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._line = QLineEdit(self)
        self._line.setObjectName("welcomeSymbol")
        self._line.setAccessibleName("Symbols to watch")
        self._line.setPlaceholderText("Add symbols, e.g. /NQ or MSFT, NVDA")
        self._completer = SymbolCompleter(line=self._line, symbols=context.desk.symbols, tasks=context.tasks)
        self._add = QPushButton("Add", self)
        self._add.setObjectName("welcomeAddSymbol")
        self._add.setAutoDefault(False)
        self._watched = QLabel(self)
        self._watched.setObjectName("welcomeWatched")
        self._watched.setTextFormat(Qt.TextFormat.PlainText)
        self._watched.setProperty("tone", "second")
        self._watched.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self._line, 1)
        row.addWidget(self._add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self._watched)
        for part in (self._line, self._add):
            context.rights.enable(part, Act.WATCHLIST)
        self._line.returnPressed.connect(self._on_enter)
        self._add.clicked.connect(self._add_typed)
        self._completer.chosen.connect(self._add_symbol)
        context.bridge.watchlist_changed.connect(lambda _: self._show())
        self._show()

    def _on_enter(self) -> None:
        if not self._completer.takes_enter():
            self._add_typed()

    def _add_typed(self) -> None:
        typed = [each.strip() for each in self._line.text().upper().split(",") if each.strip()]
        for symbol in typed:
            if not self._context.tasks.call(partial(check_symbol, symbol)):
                return  # all of it stays, to be mended
        for symbol in typed:
            self._add_symbol(symbol)

    def _add_symbol(self, symbol: str) -> None:
        self._completer.close()
        self._line.clear()
        self._context.tasks.start(self._context.desk.watchlist.add(symbol))

    def _show(self) -> None:
        symbols = self._context.desk.watchlist.symbols
        more = f" and {len(symbols) - _MOST_SHOWN} more" if len(symbols) > _MOST_SHOWN else ""
        shown = ", ".join(symbols[:_MOST_SHOWN]) or "nothing yet"
        self._watched.setText(f"Watched: {shown}{more}")
