"""A panel whose changes hold at once, and can be undone and redone in order."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.panels.base import LISTED_ONLY, Panel, PanelContext, Toolbar
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.tips import plain_tip


class ChangingPanel(Panel):
    """Has Undo and Redo in its bar and on their keys, wherever in it the keyboard is.

    Args:
        kind: What is changed here, for people: ``settings``.
        name: Begins the object names of the buttons.
    """

    def __init__(self, *, kind: str, name: str, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context=context, parent=parent)
        self.changes = Changes(tasks=context.tasks, parent=self)
        self.keeps_undo = True
        """Whether the keys of Undo and Redo are this panel's, and not the window's."""
        self.bar = Toolbar(parent=self)
        self._undo = self._button(f"undo{name}", "Undo", self.changes.undo)
        self._redo = self._button(f"redo{name}", "Redo", self.changes.redo)
        self.hold_at_once = QLabel("Changes hold at once.", self.bar)
        """Says so, where it is so."""
        self.hold_at_once.setTextFormat(Qt.TextFormat.PlainText)
        self.hold_at_once.setFont(ui_font(12))
        self.hold_at_once.setProperty("tone", "quiet")
        for widget in (self._undo, self._redo, self.hold_at_once):
            self.bar.row.addWidget(widget)
        self.bar.row.addStretch(1)
        for words, key in (
            (f"Undo a change of {kind}", QKeySequence.StandardKey.Undo),
            (f"Redo a change of {kind}", QKeySequence.StandardKey.Redo),
        ):
            # Listed with the shortcuts; done in ``keyPressEvent``, as the window has the first key too.
            action = QAction(words, self)
            action.setShortcut(QKeySequence(key))
            action.setProperty(LISTED_ONLY, True)
        self.changes.moved.connect(self._name_steps)
        context.theme.changed.connect(self._paint_icons)
        context.bridge.access_changed.connect(self._name_steps)
        self._name_steps()
        self._paint_icons()

    def event(self, event: QEvent) -> bool:
        """Keep Undo and Redo from the window, whose own undo is another."""
        is_typed = event.type() is QEvent.Type.ShortcutOverride and self.keeps_undo
        if is_typed and isinstance(event, QKeyEvent) and _is_undo(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Undo and redo, wherever in this dock the keyboard is."""
        if event.matches(QKeySequence.StandardKey.Undo):
            self.changes.undo()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self.changes.redo()
        else:
            super().keyPressEvent(event)

    def _name_steps(self) -> None:
        for button, verb, words, keys in (
            (self._undo, "Undo", self.changes.undo_words, QKeySequence.StandardKey.Undo),
            (self._redo, "Redo", self.changes.redo_words, QKeySequence.StandardKey.Redo),
        ):
            shortcut = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
            rights = self.context.rights
            rights.enable(button, Act.NOTIFICATION_SETTINGS, bool(words))
            if rights.may(Act.NOTIFICATION_SETTINGS):
                button.setToolTip(
                    plain_tip(f"{verb}: {words} ({shortcut})" if words else f"Nothing to {verb.lower()}")
                )
            button.setAccessibleName(f"{verb}: {words}" if words else verb)

    def _button(self, name: str, words: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton(self.bar)
        button.setObjectName(name)
        button.setText(words)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(act)
        return button

    def _paint_icons(self) -> None:
        self._undo.setIcon(self.context.theme.icon("undo"))
        self._redo.setIcon(self.context.theme.icon("redo"))


def _is_undo(event: QKeyEvent) -> bool:
    return event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
