"""Symbols for the watchlist from files and from the clipboard, and the watchlist into them."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.watching import Groups, added, symbols_of
from tradeassist_desktop.services.transfer.plain_files import read_plain_file, write_plain_file
from tradeassist_desktop.services.transfer.symbol_lists import (
    A_LIST,
    MOST_LIST_BYTES,
    Listed,
    read_symbols,
    symbols_csv,
)
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.dialogs import Sheet
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.widgets.transfer.refused_pane import RefusedPane

LIST_FILES: Final = "Lists of symbols (*.csv *.txt);;All files (*)"


class SymbolLists(QObject):
    """Adds what is new at the end of its group; what is watched already stays where it is."""

    def __init__(self, *, context: PanelContext, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._watchlist = context.desk.watchlist

    def choose_file(self) -> None:
        """Let the trader choose a list."""
        chooser = QFileDialog(self._window, "Import symbols", str(Path.home()))
        chooser.setObjectName("symbolsFile")
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.setNameFilter(LIST_FILES)
        chooser.fileSelected.connect(lambda file: self.open_file(Path(file)))
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    def open_file(self, file: Path) -> None:
        """Watch the symbols of a file."""
        read = partial(read_plain_file, file, most_bytes=MOST_LIST_BYTES, wanted=A_LIST)
        self._context.tasks.start(self._watch(file.name, read))

    def paste(self) -> None:
        """Watch the symbols that were copied."""
        copied = QGuiApplication.clipboard().text()
        self._context.tasks.start(self._watch("The clipboard", lambda: copied.encode(errors="replace")))

    async def _watch(self, source: str, read: Callable[[], bytes]) -> None:
        self._context.desk.access.require(Act.WATCHLIST)
        try:
            listed = await asyncio.to_thread(lambda: read_symbols(read()))
        except BadInput as error:
            self._refuse(source, error)
            return
        before = self._watchlist.groups
        after = _with(before, listed)
        fresh = len(symbols_of(after)) - len(symbols_of(before))
        if not fresh:
            self._context.navigator.noticed.emit(f"{source} has no symbol that is not watched already.")
            return
        await self._watchlist.arrange(after)
        known = len(listed) - fresh
        also = f"; {known:,} {'was' if known == 1 else 'were'} watched already" if known else ""
        self._context.navigator.offer_undo(
            f"{text.plural(fresh, 'symbol')} added to the watchlist{also}",
            partial(self._put_back, before, after),
        )

    async def _put_back(self, before: Groups, after: Groups) -> None:
        if self._watchlist.groups != after:
            self._context.navigator.noticed.emit("The watchlist was changed since: it stays as it is.")
            return
        await self._watchlist.arrange(before)

    def _refuse(self, source: str, error: BadInput) -> None:
        sheet = Sheet(name="symbolsRefused", title="Import symbols", parent=self._window)
        pane = RefusedPane(theme=self._context.theme, parent=sheet)
        pane.again_wanted.connect(sheet.reject)
        pane.another_wanted.connect(sheet.accept)
        pane.another_wanted.connect(self.choose_file)
        sheet.column.addWidget(pane)
        pane.show_faults(error.faults, can_read_again=False)
        sheet.setWindowTitle(f"{source} cannot be imported")
        sheet.resize(640, 360)
        sheet.open()

    # --- out

    def choose_target(self) -> None:
        """Let the trader choose where the watchlist goes; the chooser asks before it takes a file's place."""
        chooser = QFileDialog(self._window, "Export the watchlist", str(Path.home() / "watchlist.csv"))
        chooser.setObjectName("symbolsTarget")
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setNameFilter(LIST_FILES)
        chooser.setDefaultSuffix("csv")
        chooser.fileSelected.connect(lambda file: self.write(Path(file)))
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    def write(self, file: Path) -> None:
        """Write the watchlist to a file, in place of what is there."""
        groups = self._watchlist.groups

        async def write() -> None:
            await asyncio.to_thread(write_plain_file, file, symbols_csv(groups).encode())
            count = text.plural(len(symbols_of(groups)), "symbol")
            self._context.navigator.noticed.emit(f"{count} written to {file}.")

        self._context.tasks.start(write())

    def copy(self) -> None:
        """Put the symbols on the clipboard, one a line."""
        symbols = self._watchlist.symbols
        QGuiApplication.clipboard().setText("\n".join(symbols))
        self._context.navigator.noticed.emit(f"{text.plural(len(symbols), 'symbol')} copied.")


def _with(groups: Groups, listed: tuple[Listed, ...]) -> Groups:
    by_group: dict[str, list[str]] = {}
    for symbol, group in listed:
        by_group.setdefault(group, []).append(symbol)
    for group, symbols in by_group.items():
        groups = added(groups, symbols, group)
    return groups
