"""The palette's sheet: a line, and what fits it, the best first."""

import heapq
from collections.abc import Iterable, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMainWindow

from tradeassist_desktop.domain.symbols import FoundInstrument
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import SMALL_PX, ui_font
from tradeassist_desktop.ui.widgets.choices import Choice, ChoiceList
from tradeassist_desktop.ui.widgets.overlay import Overlay
from tradeassist_desktop.ui.widgets.palette.entries import (
    Candidate,
    Entry,
    candidates,
    command_entries,
    found_entries,
    layout_entries,
    rule_candidates,
    symbol_candidates,
    template_entries,
)
from tradeassist_desktop.ui.widgets.palette.matching import Query
from tradeassist_desktop.ui.widgets.palette.recent import Recent
from tradeassist_desktop.ui.widgets.symbol_hints import SymbolHints
from tradeassist_desktop.ui.window.commands import Commands
from tradeassist_desktop.ui.window.layouts import Layouts

_WIDTH_PX: Final = 680
_MOST_SHOWN: Final = 12
_MOST_LISTED: Final = 60
_RECENT: Final = 40.0
_AS_RULE: Final = "as-rule"
_KEYS: Final = "Enter does it · Ctrl+Enter edits a rule · Esc closes"


class Palette(Overlay):
    """Goes when something was run, or when the trader turns to something else.

    Args:
        state_file: Keeps what was run last.
    """

    def __init__(
        self,
        *,
        context: PanelContext,
        commands: Commands,
        layouts: Layouts,
        state_file: Path,
        window: QMainWindow,
    ) -> None:
        super().__init__(name="palette", title="Command palette", width_px=_WIDTH_PX, window=window)
        self._context = context
        self._commands = commands
        self._layouts = layouts
        self._recent = Recent(file=state_file)
        self._candidates: list[Candidate] = []
        self._narrowed: list[Candidate] = []
        self._narrowed_by = ""
        self._found: list[Candidate] = []
        self._shown: list[Entry] = []
        self._hints = SymbolHints(symbols=context.desk.symbols, tasks=context.tasks, parent=self)
        self._hints.found.connect(self._take_symbols)
        self._line = QLineEdit(self)
        self._line.setObjectName("paletteLine")
        self._line.setAccessibleName("Find an action, a symbol or a rule")
        self._line.setPlaceholderText("Find an action, a symbol or a rule")
        self._line.setFont(ui_font(15))
        self._line.installEventFilter(self)
        self._list = ChoiceList(
            name="paletteList",
            title="What was found",
            theme=context.theme,
            most_shown=_MOST_SHOWN,
            parent=self,
        )
        self._said = QLabel(_KEYS, self)
        self._said.setObjectName("paletteSaid")
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setFont(ui_font(SMALL_PX))
        self._said.setProperty("tone", "quiet")
        for part in (self._line, self._list, self._said):
            self.column.addWidget(part)
        self._line.textChanged.connect(self._search)
        self._list.chosen.connect(self._run)
        context.bridge.access_changed.connect(self.leave)

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the keyboard while it is there, and not after: the application outlives it."""
        QApplication.instance().focusChanged.connect(self._on_focus)  # type: ignore[union-attr]
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Follow the keyboard no more."""
        QApplication.instance().focusChanged.disconnect(self._on_focus)  # type: ignore[union-attr]
        super().hideEvent(event)

    def open(self) -> None:
        """Come to the front, with all there is now."""
        self._commands.collect()
        self._candidates = [
            *candidates(command_entries(self._context, self._commands)),
            *candidates(layout_entries(self._layouts)),
            *symbol_candidates(self._context),
            *rule_candidates(self._context),
            *candidates(template_entries(self._context)),
        ]
        self._found = []
        self._narrowed, self._narrowed_by = self._candidates, ""
        self._line.clear()
        self._list_fitting()
        self.appear()

    def take_focus(self) -> None:
        """Go to the line."""
        self._line.setFocus()

    def leave(self) -> None:
        """Go, and hold on to nothing that was found."""
        self._hints.stop()
        super().leave()
        self._candidates, self._narrowed, self._found, self._shown = [], [], [], []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the line's keys that mean the list."""
        if watched is self._line and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._take_key(event)
        return super().eventFilter(watched, event)

    def _take_key(self, event: QKeyEvent) -> bool:
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: _MOST_SHOWN,
            Qt.Key.Key_PageUp: -_MOST_SHOWN,
        }
        key = Qt.Key(event.key())
        if key in steps:
            self._list.step(steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._list.row is not None:
                is_edit = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
                self._run(self._list.row, is_edit=is_edit)
        else:
            return False
        return True

    # --- finding

    def _search(self, typed: str) -> None:
        self._found = []
        if typed.strip():
            self._hints.ask(typed.strip())  # which tells at once what is known here
        else:
            self._hints.stop()
        self._list_fitting()

    def _take_symbols(self, text: str, found: Sequence[FoundInstrument]) -> None:
        if text == self._line.text().strip():
            self._found = candidates(found_entries(self._context, found))
            self._list_fitting()

    def _list_fitting(self) -> None:
        typed = self._line.text().strip()
        row = self._list.row
        kept = None if row is None or row >= len(self._shown) else self._shown[row].id
        query = Query(typed)
        if not typed.startswith(self._narrowed_by):
            self._narrowed = self._candidates
        # What does not fit a few letters fits no more of them.
        self._narrowed = [each for each in self._narrowed if query.score(each.title, each.also) is not None]
        self._narrowed_by = typed
        fitting = _best(query, [*self._narrowed, *self._found], self._recent.ids())
        self._shown = [each.make() for each in fitting]
        if typed:
            self._shown.append(self._as_rule(typed))
        ids = [entry.id for entry in self._shown]
        # More has come meanwhile: what the trader has moved to stays chosen.
        again = ids.index(kept) if kept in ids and (row or 0) > 0 else 0
        self._list.offer([_choice(entry, query.marks(entry.title)) for entry in self._shown], row=again)
        self._tell("")
        self.settle_soon()

    def _as_rule(self, typed: str) -> Entry:
        return Entry(
            id=_AS_RULE,
            title=f"New rule: {typed}",
            detail="",
            icon="plus",
            run=lambda: self._context.navigator.quick_rule_wanted.emit(typed),
        )

    # --- running

    def _run(self, row: int, *, is_edit: bool = False) -> None:
        entry = self._shown[row]
        if entry.why_not:
            refused = "" if entry.needs is None else self._context.rights.refuse(entry.needs)
            self._tell(refused or entry.why_not)
            return
        act = entry.edit if is_edit and entry.edit is not None else entry.run
        if entry.id != _AS_RULE:
            self._recent.note(entry.id)
        self.leave()
        act()

    def _tell(self, trouble: str) -> None:
        self._said.setText(trouble or _KEYS)
        self._said.setProperty("tone", "warn" if trouble else "quiet")
        self._said.style().polish(self._said)

    def _on_focus(self) -> None:
        # Asked for, not taken from the signal: what had the keyboard before may be on its way out.
        now = QApplication.focusWidget()
        if now is not None and not self.isHidden() and not self.isAncestorOf(now):
            self.leave()


def _best(query: Query, candidates: Iterable[Candidate], recent: Sequence[str]) -> list[Candidate]:
    """Return what fits best, the best first; what was run last is preferred."""
    bonus = {id_: _RECENT - late for late, id_ in enumerate(recent)}
    fitting = (
        (score + bonus.get(each.id, 0.0), each)
        for each in candidates
        if (score := query.score(each.title, each.also)) is not None
    )
    return [each for _, each in heapq.nlargest(_MOST_LISTED, fitting, key=itemgetter(0))]


def _choice(entry: Entry, marks: tuple[int, ...]) -> Choice:
    return Choice(
        title=entry.title,
        help=entry.detail,
        keys=entry.keys,
        icon=entry.icon,
        marks=marks,
        why_not=entry.why_not,
    )
