"""The strip above the alerts: how many wait, what can be done with the selected ones, and what is listed."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.ui.key_names import command_id
from tradeassist_desktop.ui.panels.base import PanelContext, Toolbar
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.steady import SteadyLabel

_LEAST_PX: Final = 720


class AlertsBar(Toolbar):
    """Its buttons trigger the panel's actions, and are enabled as these are.

    Where it is too narrow for all of them, those that can be folded are in a menu.
    """

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent=parent)
        self._context = context
        self._buttons: dict[str, QToolButton] = {}
        self._folded: list[QToolButton] = []
        # Else its buttons would set how narrow the whole window can be.
        self.setMinimumWidth(_LEAST_PX)
        self._said = SteadyLabel(self)
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setProperty("tone", "second")
        self.row.addWidget(self._said)
        self.row.addStretch(1)
        context.theme.changed.connect(self._paint_icons)

    def say(self, words: str) -> None:
        """Say how many alerts wait."""
        self._said.setText(words)
        self._fold()

    def add_actions(self, actions: Iterable[tuple[str, QAction]]) -> None:
        """Add a button for each action, with an icon where one is named."""
        for icon, action in actions:
            button = self._button(action.text(), action.text())
            self._context.keys.tip(action, f"{action.text()} ({{{command_id('alerts', action)}}})")
            _show_tip(button, action)
            button.clicked.connect(action.trigger)
            button.setEnabled(action.isEnabled())
            action.enabledChanged.connect(button.setEnabled)
            action.changed.connect(partial(_show_tip, button, action))
            if icon:
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
                self._buttons[icon] = button
            self.row.addWidget(button)
        self._paint_icons()

    def add_snoozes(self, actions: Sequence[QAction], *, place: int) -> None:
        """Add a menu of what makes the selected alerts wait, at a place in the strip."""
        snooze = self._button("Snooze", "Snooze the selected alerts")
        snooze.setProperty("kind", "menu")
        snooze.setToolTip("Snooze the selected alerts; what is true still is told again then")
        snooze.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        choices = QMenu(snooze)
        choices.addActions(actions)
        snooze.setMenu(choices)
        self._snooze = snooze
        self.row.insertWidget(place, snooze)
        self.allow_snoozes(False)

    def allow_snoozes(self, is_wanted: bool) -> None:
        """Open that menu only where there is something to snooze."""
        self._context.rights.enable(self._snooze, Act.SILENCE, is_wanted)

    def add_choices(self, *, suppressed: Callable[[bool], None], ranked: Callable[[bool], None]) -> None:
        """Add the switches of what is listed, and in what order."""
        held_back = self._button("Suppressed", "Show suppressed alerts")
        held_back.setToolTip("Show what rules held back, and why")
        held_back.setCheckable(True)
        held_back.setChecked(True)
        held_back.toggled.connect(suppressed)
        by_worth = self._button("By worth", "Rank alerts by how likely they are worth it")
        by_worth.setObjectName("rankAlerts")
        self._context.keys.tip(
            by_worth, "What was learned to be most likely worth it first; {window.suggestions} tells how"
        )
        by_worth.setCheckable(True)
        by_worth.toggled.connect(ranked)
        for button in (held_back, by_worth):
            self.row.addWidget(button)

    def add_menu_of(self, actions: Sequence[QAction]) -> None:
        """Add the menu that holds these, in place of their buttons, where there is no room for those."""
        titles = {action.text() for action in actions}
        self._folded = [
            button for button in self.findChildren(QToolButton) if button.accessibleName() in titles
        ]
        self._more = self._button("More", "More that can be done with the selected alerts")
        self._more.setProperty("kind", "menu")
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self._more)
        menu.addActions(actions)
        self._more.setMenu(menu)
        self.row.insertWidget(self.row.indexOf(self._folded[0]), self._more)
        self._fold()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold what there is no room for."""
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        if not self._folded:
            return
        shown = [self._said, *self.findChildren(QToolButton)]
        shown.remove(self._more)
        margins = self.row.contentsMargins()
        wanted = margins.left() + margins.right() + self.row.spacing() * len(shown)
        wanted += sum(part.sizeHint().width() for part in shown)
        is_narrow = wanted > self.width()
        self._more.setVisible(is_narrow)
        for button in self._folded:
            button.setVisible(not is_narrow)

    def _button(self, words: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(words)
        button.setAccessibleName(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _paint_icons(self) -> None:
        for name, button in self._buttons.items():
            button.setIcon(self._context.theme.icon(name))


def _show_tip(button: QToolButton, action: QAction) -> None:
    button.setToolTip(plain_tip(action.toolTip()))
