"""The sheet of keyboard shortcuts: every command with its keys, found by its name, and changed."""

from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.ui.dialogs import Sheet
from tradeassist_desktop.ui.key_names import EVERYWHERE
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.palette.matching import Query
from tradeassist_desktop.ui.widgets.shortcuts.key_button import KeyButton
from tradeassist_desktop.ui.window.commands import Command, Commands
from tradeassist_desktop.ui.window.key_texts import works_everywhere

_WIDTH_PX: Final = 680
_HEIGHT_PX: Final = 560


class _Row:
    """One command's widgets."""

    def __init__(self, command: Command, group: str, parent: QWidget) -> None:
        self.command = command
        self.group = group
        self.name = QLabel(command.title, parent)
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        # Else one long name pushes every row's keys out of sight.
        self.name.setWordWrap(True)
        self.keys = KeyButton(name=f"keys_{command.id}", what=command.title, parent=parent)
        self.reset = QPushButton("Reset", parent)
        self.reset.setObjectName(f"reset_{command.id}")
        self.reset.setAccessibleName(f"{command.title}: back to {command.own_keys or 'no keys'}")
        self.reset.setProperty("kind", "link")
        self.reset.setAutoDefault(False)
        self._is_shown = True

    def follow(self) -> None:
        """Show the keys in force."""
        self.keys.show_keys(self.command.keys)
        self.show(self._is_shown)

    def show(self, is_shown: bool) -> None:
        """Show or hide all of it; the way back only where there is one."""
        self._is_shown = is_shown
        self.name.setVisible(is_shown)
        self.keys.setVisible(is_shown)
        self.reset.setVisible(is_shown and self.command.keys != self.command.own_keys)


class ShortcutsSheet(Sheet):
    """Changes hold at once, and are kept."""

    def __init__(self, *, context: PanelContext, commands: Commands, parent: QWidget) -> None:
        super().__init__(name="shortcuts", title="Keyboard shortcuts", parent=parent)
        self._context = context
        self._commands = commands
        self._taking: tuple[Command, str] | None = None
        self._rows: list[_Row] = []
        self._heads: dict[str, QLabel] = {}
        self._search = QLineEdit(self)
        self._search.setObjectName("shortcutSearch")
        self._search.setAccessibleName("Find a command by its name or keys")
        self._search.setPlaceholderText("Find a command by its name or keys")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._filter)
        self._said = QLabel("Click keys to change them; Backspace takes them away.", self)
        self._said.setObjectName("shortcutSaid")
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setProperty("tone", "quiet")
        self._said.setWordWrap(True)
        self._take_over = QPushButton("Use it here", self)
        self._take_over.setObjectName("shortcutTakeOver")
        self._take_over.setAutoDefault(False)
        self._take_over.clicked.connect(self._take_from_others)
        self._take_over.hide()
        saying = QHBoxLayout()
        saying.addWidget(self._said, 1)
        saying.addWidget(self._take_over)
        self.column.addWidget(self._search)
        self.column.addWidget(self._table(), 1)
        self.column.addLayout(saying)
        self._reset_all = QPushButton("Reset all", self)
        self._reset_all.setObjectName("shortcutResetAll")
        self._reset_all.setAutoDefault(False)
        self._reset_all.clicked.connect(self._reset_everything)
        context.rights.enable(self._reset_all, Act.SETTINGS)
        close = QPushButton("Close", self)
        close.setAutoDefault(False)
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addWidget(self._reset_all)
        foot.addStretch(1)
        foot.addWidget(close)
        self.column.addLayout(foot)
        height = min(_HEIGHT_PX, parent.height() - 80)
        self.resize(_WIDTH_PX, max(320, height))
        commands.changed.connect(self._follow)
        self._follow()
        self._search.setFocus()

    def _table(self) -> QScrollArea:
        inner = QWidget(self)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for command in self._commands.all():
            group = command.place.removesuffix(" menu")
            if group not in self._heads:
                head = QLabel(group, inner)
                head.setTextFormat(Qt.TextFormat.PlainText)
                head.setFont(ui_font(12, weight=QFont.Weight.DemiBold))
                head.setProperty("tone", "quiet")
                head.setContentsMargins(0, 8, 0, 0)
                self._heads[group] = head
        rows = [(each, each.place.removesuffix(" menu")) for each in self._commands.all()]
        for group, head in self._heads.items():
            grid.addWidget(head, grid.rowCount(), 0, 1, 3)
            for command, _ in (pair for pair in rows if pair[1] == group):
                row = _Row(command, group, inner)
                row.keys.pressed_keys.connect(partial(self._ask_for, command))
                row.reset.clicked.connect(partial(self._reset, command))
                self._context.rights.enable(row.keys, Act.SETTINGS, not command.is_fixed)
                line = grid.rowCount()
                grid.setColumnMinimumWidth(2, row.reset.sizeHint().width())
                for place, part in enumerate((row.name, row.keys, row.reset)):
                    grid.addWidget(part, line, place)
                self._rows.append(row)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(grid)
        self._none = QLabel("No command has such a name, or such keys.\nSearch for what it does.", inner)
        self._none.setObjectName("shortcutNone")
        self._none.setTextFormat(Qt.TextFormat.PlainText)
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._none.setFont(ui_font(14))
        self._none.hide()
        column.addWidget(self._none, 1)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        return area

    def _follow(self) -> None:
        for row in self._rows:
            row.follow()

    def _filter(self, typed: str) -> None:
        query = Query(typed)
        shown: set[str] = set()
        for row in self._rows:
            also = f"{row.group} {row.command.keys}".lower()
            fits = query.score(row.command.title.lower(), also) is not None
            row.show(fits)
            if fits:
                shown.add(row.group)
        for group, head in self._heads.items():
            head.setVisible(group in shown)
        self._none.setVisible(not shown)
        self._tell("")

    # --- changing

    def _ask_for(self, command: Command, keys: str) -> None:
        self._tell("")
        if command.scope == EVERYWHERE and not works_everywhere(keys):
            self._tell(f"{keys} is needed for typing: hold Ctrl or Alt with it, or take a function key.")
            return
        holders = self._commands.holders(command, keys)
        if any(holder.is_fixed for holder in holders):
            self._tell(f"{keys} is “{holders[0].title}” in {holders[0].place}, which cannot be changed.")
        elif holders:
            self._taking = command, keys
            names = ", ".join(f"“{holder.title}”" for holder in holders)
            self._tell(f"{keys} is {names} already.", can_take=True)
        else:
            self._context.tasks.start(self._commands.set_keys({command.id: keys}))

    def _take_from_others(self) -> None:
        if self._taking is None:
            return
        command, keys = self._taking
        self._tell("")
        given_up = {holder.id: "" for holder in self._commands.holders(command, keys)}
        self._context.tasks.start(self._commands.set_keys({**given_up, command.id: keys}))

    def _reset(self, command: Command) -> None:
        holders = self._commands.holders(command, command.own_keys)
        if holders:
            self._taking = command, command.own_keys
            self._tell(f"{command.own_keys} is “{holders[0].title}” now.", can_take=True)
            return
        self._tell("")
        self._context.tasks.start(self._commands.reset([command.id]))

    def _reset_everything(self) -> None:
        self._tell("")
        self._context.tasks.start(self._commands.reset([row.command.id for row in self._rows]))

    def _tell(self, words: str, *, can_take: bool = False) -> None:
        if not can_take:
            self._taking = None
        self._said.setText(words or "Click keys to change them; Backspace takes them away.")
        self._said.setProperty("tone", "warn" if words else "quiet")
        self._said.style().polish(self._said)
        self._take_over.setVisible(can_take)
