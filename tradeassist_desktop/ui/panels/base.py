"""What every panel is given, and how panels speak to each other."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tradeassist_desktop.ui.bridge import Bridge
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.key_names import KeyNames
from tradeassist_desktop.ui.pulse import Pulse
from tradeassist_desktop.ui.reading_order import put_tabs_in_reading_order
from tradeassist_desktop.ui.rights import Rights
from tradeassist_desktop.ui.tasks import Tasks
from tradeassist_desktop.ui.theme import Theme

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

LISTED_ONLY: Final = "isListedOnly"
"""Property of an action that only names a key which its panel looks at itself."""


class Navigator(QObject):
    """Where the trader is looking, and where a click wants to lead."""

    symbol_chosen = Signal(str)
    """The chart shows this symbol from now on."""
    moment_chosen = Signal(str, object)
    """The chart shows this symbol at this instant (event time, ns)."""
    alert_chosen = Signal(str)
    """The alerts list selects this alert and says why it fired."""
    rule_chosen = Signal(str)
    """The rules table selects this rule."""
    rule_selected = Signal(str)
    """This rule is the one that is selected in the rules table."""
    rule_explained = Signal(str)
    """The explanation beside the alerts is of this rule, as it stands from now on."""
    rule_edit_wanted = Signal(str)
    """The editor comes to the front with this rule (by uid)."""
    draft_wanted = Signal(object)
    """The editor comes to the front with this rule, which is not kept yet."""
    quick_rule_wanted = Signal(str)
    """A rule is to be typed, beginning with this text."""
    text_offered = Signal(str)
    """Where a condition is being typed, this could stand at the caret; else a rule is begun with it."""
    templates_wanted = Signal()
    """The templates come to the front."""
    template_chosen = Signal(str)
    """The templates come to the front with this one (by key)."""
    template_wanted = Signal(object)
    """This rule is to be kept as a template of others."""
    test_wanted = Signal(object)
    """This rule, kept or not, is to be tested on history."""
    preview_changed = Signal(object)
    """The chart marks where a rule that is being written would have fired: a tuple of ``PreviewMark``."""
    rules_export_wanted = Signal(object)
    """These rules (a tuple of uids) are to be written to a file."""
    rules_copy_wanted = Signal(object)
    """These rules (a tuple of uids) are to be on the clipboard as a rule file."""
    dock_wanted = Signal(str)
    """This dock (by object name) comes to the front."""
    sign_in_wanted = Signal()
    """The sign-in comes to the front and begins."""
    developer_app_wanted = Signal()
    """The form of the venue's developer app comes to the front."""
    channel_wanted = Signal(str)
    """The form of this channel comes to the front."""
    app_lock_wanted = Signal()
    """The sheet of the app lock's roles comes to the front, or the one that sets it up."""
    recording_toggled = Signal()
    """This session is to be recorded, or no longer."""
    replay_wanted = Signal(object, str)
    """This file (a path) is to be replayed; its rows are known to be of this symbol, where there is one."""
    noticed = Signal(str)
    """One line for the status bar."""
    undo_offered = Signal(str, object, str)
    """What was done, a callable whose coroutine undoes it, and what is said once that is over."""

    def __init__(self, *, parent: QObject) -> None:
        super().__init__(parent)
        self.symbol: str | None = None
        self.symbol_chosen.connect(self._remember)
        self.moment_chosen.connect(lambda symbol, _: self._remember(symbol))

    def offer_undo(
        self, done: str, undo: Callable[[], Coroutine[Any, Any, object]], *, over: str = ""
    ) -> None:
        """Say what was done and let the trader take it back for a while; then say ``over``."""
        self.undo_offered.emit(done, undo, over)

    def _remember(self, symbol: str) -> None:
        self.symbol = symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelContext:
    """All that panels get: the services, and the window's own helpers.

    Args:
        rule_changes: Changes of rules, from wherever they are made: Ctrl+Z takes the last one back.
        keys: Names the keys of commands in words.
        state_file: INI file in which panels, too, remember how they were left.
    """

    desk: "Desk"
    theme: Theme
    tasks: Tasks
    bridge: Bridge
    pulse: Pulse
    navigator: Navigator
    rights: Rights
    rule_changes: Changes
    keys: KeyNames
    state_file: Path


class Panel(QWidget):
    """One dock's content.

    What toasts may lie over for a while is its ``toast_ground``; ``None`` where all of it is for clicking.
    """

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # A QWidget subclass paints the style sheet's background only when asked to.
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.context = context
        self.toast_ground: QWidget | None = None

    def stack(self, *parts: QWidget) -> None:
        """Put parts one below the other; the last one takes the room that is left."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in parts:
            column.addWidget(part, 1 if part is parts[-1] else 0)

    def take_focus(self) -> None:
        """Put the keyboard where this panel is used most."""
        self.setFocus()

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Go to what is read next, or was read before: some of it may have been made only now."""
        put_tabs_in_reading_order(self)
        return super().focusNextPrevChild(is_next)


class Toolbar(QWidget):
    """A strip of controls above a panel's content."""

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("toolbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(8, 4, 8, 4)
        self.row.setSpacing(4)
