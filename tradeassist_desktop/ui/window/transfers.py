"""What comes into the desk from files, and goes out into them: rules and lists of symbols."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.services.transfer.recognizing import recording_by_name
from tradeassist_desktop.ui.locking import Locking
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.rights import why_not
from tradeassist_desktop.ui.window.file_drops import FileDrops
from tradeassist_desktop.ui.window.rule_exports import RuleExports
from tradeassist_desktop.ui.window.rule_imports import RuleImports
from tradeassist_desktop.ui.window.symbol_lists import SymbolLists

_RULES: Final = frozenset((".json",))
_SYMBOLS: Final = frozenset((".csv", ".txt"))
_ACTS: Final = dict.fromkeys(_RULES, Act.EDIT_RULES) | dict.fromkeys(_SYMBOLS, Act.WATCHLIST)


class Transfers(QObject):
    """Makes the actions, and decides what a file that is dropped onto the window is for."""

    def __init__(self, *, context: PanelContext, locking: Locking, window: QMainWindow) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self.imports = RuleImports(context=context, window=window)
        self.exports = RuleExports(context=context, window=window)
        self.symbols = SymbolLists(context=context, window=window)
        self._drops = FileDrops(
            promise=self._promise,
            take=self.take,
            is_open=lambda: not locking.is_covered,
            theme=context.theme,
            window=window,
        )

    def start(self) -> None:
        """Take what is dropped, from now on: the window is on the screen."""
        self._drops.start()

    def fill_rules_menu(self, menu: QMenu) -> None:
        """Add what is done with rule files."""
        rights = self._context.rights
        for title, keys, act in (
            ("Import rules…", "Ctrl+I", self.imports.choose_file),
            ("Import rules from the clipboard", "Ctrl+Shift+I", self.imports.open_clipboard),
        ):
            rights.enable(self._action(menu, title, keys, act), Act.EDIT_RULES)
        self._action(menu, "Export all rules…", "", lambda: self.exports.choose_file(self._all_uids()))
        self._action(menu, "Copy all rules", "", lambda: self.exports.copy(self._all_uids()))

    def fill_desk_menu(self, menu: QMenu) -> None:
        """Add what is done with lists of symbols."""
        rights = self._context.rights
        for title, act in (
            ("Import symbols…", self.symbols.choose_file),
            ("Paste symbols into the watchlist", self.symbols.paste),
        ):
            rights.enable(self._action(menu, title, "", act), Act.WATCHLIST)
        self._action(menu, "Export the watchlist…", "", self.symbols.choose_target)
        self._action(menu, "Copy the watchlist", "", self.symbols.copy)

    def take(self, file: Path) -> None:
        """Do with a file what its ending says it is for."""
        ending = file.suffix.lower()
        if ending not in _ACTS:
            self._context.navigator.noticed.emit(self._promise(file))
        elif reason := self._context.rights.refuse(_ACTS[ending]):
            self._context.navigator.noticed.emit(reason)
        elif ending in _RULES:
            self.imports.open_file(file)
        else:
            self.symbols.open_file(file)

    def _promise(self, file: Path) -> str:
        ending = file.suffix.lower()
        if ending in _ACTS and not self._context.rights.may(_ACTS[ending]):
            return why_not(_ACTS[ending])
        if ending in _RULES:
            return f"Drop to see what the rules of “{file.name}” would change"
        if ending in _SYMBOLS:
            return f"Drop to watch the symbols of “{file.name}”"
        if told := recording_by_name(file.name):
            return told
        return f"“{file.name}” is neither a rule file (.json) nor a list of symbols (.csv, .txt)"

    def _all_uids(self) -> tuple[str, ...]:
        return tuple(rule.uid for rule in self._context.desk.rules.all())

    def _action(self, menu: QMenu, title: str, keys: str, act: Callable[[], object]) -> QAction:
        # The window's own: the palette and the sheet of shortcuts list those.
        action = QAction(title, self._window)
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(act)
        menu.addAction(action)
        return action
