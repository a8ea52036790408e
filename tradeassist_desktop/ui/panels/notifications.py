"""Where alerts go, how they sound, when they rest: every setting of it, section by section."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLabel, QToolButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.panels.base import Panel, PanelContext, Toolbar
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.notifications.channel_states import ChannelStates
from tradeassist_desktop.ui.widgets.notifications.channels import ChannelsBody
from tradeassist_desktop.ui.widgets.notifications.escalation import EscalationBody
from tradeassist_desktop.ui.widgets.notifications.matrix import MatrixBody
from tradeassist_desktop.ui.widgets.notifications.quiet_hours import QuietHoursBody
from tradeassist_desktop.ui.widgets.notifications.silences import SilencesBody
from tradeassist_desktop.ui.widgets.notifications.tones import TonePlayer, TonesBody
from tradeassist_desktop.ui.widgets.notifications.undelivered import UndeliveredBody
from tradeassist_desktop.ui.widgets.notifications.where_now import WhereNowBody
from tradeassist_desktop.ui.widgets.section import Section, SectionScroll


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What sections are made of."""

    context: PanelContext
    changes: Changes
    states: ChannelStates


@dataclass(frozen=True, slots=True)
class SectionSpec:
    """One section; ``name`` is its object name.

    Args:
        act: What everything in it is; ``None`` where its parts differ, or it only shows.
    """

    name: str
    title: str
    build: Callable[[Parts], QWidget]
    act: Act | None = None


def _matrix(parts: Parts) -> QWidget:
    return MatrixBody(context=parts.context, changes=parts.changes, states=parts.states)


def _channels(parts: Parts) -> QWidget:
    return ChannelsBody(context=parts.context, changes=parts.changes, states=parts.states)


def _silences(parts: Parts) -> QWidget:
    return SilencesBody(context=parts.context, changes=parts.changes, states=parts.states)


def _tones(parts: Parts) -> QWidget:
    return TonesBody(context=parts.context, changes=parts.changes)


def _quiet(parts: Parts) -> QWidget:
    return QuietHoursBody(context=parts.context, changes=parts.changes, states=parts.states)


def _escalation(parts: Parts) -> QWidget:
    return EscalationBody(context=parts.context, changes=parts.changes, states=parts.states)


def _where_now(parts: Parts) -> QWidget:
    return WhereNowBody(context=parts.context, states=parts.states)


def _undelivered(parts: Parts) -> QWidget:
    return UndeliveredBody(context=parts.context, changes=parts.changes, states=parts.states)


SECTIONS: Final[tuple[SectionSpec, ...]] = (
    SectionSpec("notifyRouting", "Routing", _matrix, Act.NOTIFICATION_SETTINGS),
    SectionSpec("notifyChannels", "Channels", _channels),
    SectionSpec("notifySilences", "Silences", _silences),
    SectionSpec("notifyWhereNow", "Where would this go now?", _where_now),
    SectionSpec("notifyTones", "Tones", _tones, Act.NOTIFICATION_SETTINGS),
    SectionSpec("notifyQuiet", "Quiet hours", _quiet, Act.NOTIFICATION_SETTINGS),
    SectionSpec("notifyEscalation", "Repeats and escalation", _escalation, Act.NOTIFICATION_SETTINGS),
    SectionSpec("notifyUndelivered", "Not delivered", _undelivered),
)


class NotificationsPanel(Panel):
    """Every section of ``SECTIONS``; what is changed in one of them holds at once, and can be undone."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context=context, parent=parent)
        self._changes = Changes(tasks=context.tasks, parent=self)
        states = ChannelStates(context=context, parent=self)
        parts = Parts(context=context, changes=self._changes, states=states)
        self._bodies = {spec.name: spec.build(parts) for spec in SECTIONS}
        sections = [
            Section(name=spec.name, title=spec.title, body=self._bodies[spec.name]) for spec in SECTIONS
        ]
        for spec in SECTIONS:
            if spec.act is not None:
                context.rights.enable(self._bodies[spec.name], spec.act)
        scroll = SectionScroll(sections=sections, parent=self)
        scroll.setObjectName("notificationSections")
        scroll.setAccessibleName("Notifications")
        bar = Toolbar(parent=self)
        self._undo = self._button(bar, "undoChange", "Undo", self._changes.undo)
        self._redo = self._button(bar, "redoChange", "Redo", self._changes.redo)
        said = QLabel("Changes hold at once.", bar)
        said.setTextFormat(Qt.TextFormat.PlainText)
        said.setFont(ui_font(12))
        said.setProperty("tone", "quiet")
        for widget in (self._undo, self._redo, said):
            bar.row.addWidget(widget)
        bar.row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(scroll, 1)
        for words, key in (
            ("Undo a change of notifications", QKeySequence.StandardKey.Undo),
            ("Redo a change of notifications", QKeySequence.StandardKey.Redo),
        ):
            # Listed with the shortcuts; done in ``keyPressEvent``, as the window has the first key too.
            action = QAction(words, self)
            action.setShortcut(QKeySequence(key))
        self._changes.moved.connect(self._name_steps)
        context.theme.changed.connect(self._paint_icons)
        self._name_steps()
        self._paint_icons()

    def take_focus(self) -> None:
        """Put the keyboard on the table of routing."""
        matrix = self._bodies["notifyRouting"]
        assert isinstance(matrix, MatrixBody)
        matrix.take_focus()

    def preview_with(self, player: TonePlayer) -> None:
        """Preview tones with this player from now on."""
        tones = self._bodies["notifyTones"]
        assert isinstance(tones, TonesBody)
        tones.use(player)

    def event(self, event: QEvent) -> bool:
        """Keep Undo and Redo from the window, whose own undo is another."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride and _is_undo(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Undo and redo, wherever in this dock the keyboard is."""
        if event.matches(QKeySequence.StandardKey.Undo):
            self._changes.undo()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self._changes.redo()
        else:
            super().keyPressEvent(event)

    def _name_steps(self) -> None:
        for button, verb, words, keys in (
            (self._undo, "Undo", self._changes.undo_words, QKeySequence.StandardKey.Undo),
            (self._redo, "Redo", self._changes.redo_words, QKeySequence.StandardKey.Redo),
        ):
            shortcut = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
            self.context.rights.enable(button, Act.NOTIFICATION_SETTINGS, bool(words))
            if self.context.rights.may(Act.NOTIFICATION_SETTINGS):
                button.setToolTip(
                    plain_tip(f"{verb}: {words} ({shortcut})" if words else f"Nothing to {verb.lower()}")
                )
            button.setAccessibleName(f"{verb}: {words}" if words else verb)

    def _button(self, bar: Toolbar, name: str, words: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton(bar)
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
