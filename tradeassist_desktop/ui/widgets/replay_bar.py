"""The bar under the menu while a recording is replayed: play, step, speed, and where in it we are."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.alerts import AlertStatus
from tradeassist_desktop.domain.events import AlertRaised
from tradeassist_desktop.domain.percent import in_percent
from tradeassist_desktop.domain.replay import ReplayState
from tradeassist_desktop.services.recordings.replaying import Replaying
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.key_names import EVERYWHERE, command_id
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import code_font, ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.time_line import TimeLine

SPEEDS: Final = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 60.0, 100.0, 1_000.0, 0.0)
_FASTEST: Final = "As fast as possible"


def speed_in_words(speed: float) -> str:
    """Return ``10×``, or what 0 stands for."""
    return f"{speed:g}×" if speed else _FASTEST


class ReplayBar(QWidget):
    """Space plays and pauses while the bar has the keyboard; its shortcuts work everywhere.

    Args:
        replay: What it moves.
    """

    def __init__(self, *, replay: Replaying, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("replayBar")
        self.setAccessibleName("Replay")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._replay = replay
        self._call = context.tasks.call
        self._context = context
        self._state = replay.state
        self._looked_at_ns: int | None = None
        self._play = self._button("replayPlay", "play", "Play or pause the replay", "Ctrl+P", self._toggle)
        self._step = self._button("replayStep", "step", "One update on", "F9", replay.step)
        self._minute = self._button(
            "replayMinute", "minute", "Until a minute has closed", "Shift+F9", replay.step_bar
        )
        self._speed = self._speed_button()
        self._line = TimeLine(theme=context.theme, parent=self)
        self._line.setObjectName("replayTime")
        self._line.setAccessibleName("Time of the replay")
        self._line.set_span(self._state.first_ns, self._state.last_ns, replay.sessions)
        self._line.sought.connect(self._seek)
        self._line.looked_at.connect(self._look_at)
        self._time = QLabel(self)
        self._time.setObjectName("replayNow")
        self._time.setFont(code_font(12))
        self._time.setTextFormat(Qt.TextFormat.PlainText)
        self._seeking = QLabel(self)
        self._seeking.setTextFormat(Qt.TextFormat.PlainText)
        self._seeking.setObjectName("replaySeeking")
        self._seeking.setFont(ui_font(12))
        self._seeking.setProperty("tone", "second")
        self._cancel = self._text_button("replayCancel", "Cancel", "Stay where the seeking has come")
        self._cancel.clicked.connect(lambda: self._call(replay.cancel_seek))
        self._close = self._text_button("replayClose", "Back to live", "")
        context.keys.tip(self._close, "Live rules run again ({window.back-to-live})")
        self._close.clicked.connect(lambda: self._call(replay.close))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(4)
        buttons: tuple[QWidget, ...] = (self._play, self._step, self._minute, self._speed)
        for widget in buttons:
            row.addWidget(widget)
        row.addWidget(self._line, 1)
        words: tuple[QWidget, ...] = (self._time, self._seeking, self._cancel, self._close)
        for widget in words:
            row.addWidget(widget)
        self._unsubscribe = context.desk.bus.subscribe(AlertRaised, lambda event: self._mark())
        context.bridge.replay_moved.connect(self._show)
        context.theme.changed.connect(self._paint_icons)
        context.rights.enable(self, Act.REPLAY)
        self._paint_icons()
        self._mark()
        self._show(self._state)

    def close_bar(self) -> None:
        """Hear no more."""
        self._unsubscribe()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Play and pause."""
        if event.key() == Qt.Key.Key_Space:
            self._toggle()
        else:
            super().keyPressEvent(event)

    # --- doing

    def _toggle(self) -> None:
        self._call(self._replay.resume if self._replay.state.is_paused else self._replay.pause)

    def _seek(self, event_ns: int) -> None:
        is_back = event_ns < self._replay.state.at_ns
        if self._call(lambda: self._replay.seek(event_ns)) and is_back:
            self._seeking.setText(f"Going back to {text.clock_time(event_ns)}…")
            self._seeking.show()

    def _set_speed(self, speed: float, _: bool = False) -> None:
        self._call(partial(self._replay.set_speed, speed))

    def _look_at(self, event_ns: int | None) -> None:
        self._looked_at_ns = event_ns
        self._show(self._replay.state)

    # --- showing

    def _show(self, state: ReplayState) -> None:
        was, self._state = self._state, state
        if (was.is_paused, was.is_ended) != (state.is_paused, state.is_ended):
            self._paint_icons()
        for button in (self._play, self._step, self._minute):
            button.setEnabled(not state.is_ended)
        self._speed.setText(speed_in_words(state.speed))
        self._line.show_at(state.at_ns)
        at_ns = state.at_ns if self._looked_at_ns is None else self._looked_at_ns
        moment = f"{text.local(at_ns):%a %d %b %H:%M:%S}"
        self._time.setText(f"{moment} · the end" if state.is_ended else moment)
        self._time.setToolTip(plain_tip(text.utc_time(at_ns)))
        if state.seek_ns is not None:
            way_ns = max(1, state.seek_ns - state.first_ns)
            share = min(1.0, (state.at_ns - state.first_ns) / way_ns)
            self._seeking.setText(f"Going to {text.clock_time(state.seek_ns)}: {in_percent(share)}")
        is_seeking = state.seek_ns is not None
        self._cancel.setVisible(is_seeking)
        self._seeking.setVisible(is_seeking or self._replay.is_leaving)

    def _mark(self) -> None:
        raised = self._replay.raised.values()
        self._line.set_marks(
            fired_ns=(each.event_ns for each in raised if each.status is AlertStatus.FIRED),
            suppressed_ns=(each.event_ns for each in raised if each.status is AlertStatus.SUPPRESSED),
        )

    def _paint_icons(self) -> None:
        theme = self._context.theme
        is_playing = not (self._state.is_paused or self._state.is_ended)
        self._play.setIcon(theme.icon("pause" if is_playing else "play", theme.tokens.text_1))
        self._step.setIcon(theme.icon("step"))
        self._minute.setIcon(theme.icon("minute"))

    # --- building

    def _button(self, name: str, icon: str, title: str, keys: str, act: Callable[[], object]) -> QToolButton:
        action = QAction(title, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.triggered.connect(lambda: self._call(act))
        self.addAction(action)
        button = QToolButton(self)
        button.setObjectName(name)
        button.setAccessibleName(title)
        self._context.keys.tip(button, f"{title} ({{{command_id(EVERYWHERE, action)}}})")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setIcon(self._context.theme.icon(icon))
        button.clicked.connect(lambda: self._call(act))
        return button

    def _speed_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("replaySpeed")
        button.setAccessibleName("Speed of the replay")
        button.setToolTip("How many times as fast as recorded")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setProperty("kind", "menu")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        group = QActionGroup(menu)
        for speed in SPEEDS:
            action = menu.addAction(speed_in_words(speed))
            action.setCheckable(True)
            action.setChecked(speed == self._state.speed)
            action.triggered.connect(partial(self._set_speed, speed))
            group.addAction(action)
        button.setMenu(menu)
        return button

    def _text_button(self, name: str, title: str, tip: str) -> QPushButton:
        button = QPushButton(title, self)
        button.setObjectName(name)
        button.setAccessibleName(title)
        button.setToolTip(plain_tip(tip))
        button.setProperty("kind", "link")
        return button
