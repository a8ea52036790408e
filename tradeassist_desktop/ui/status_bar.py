"""The line at the bottom: can the desk be trusted right now? Each part leads to where it is explained."""

from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QWidget

from tradeassist_desktop.domain.health import FeedState, HealthReport
from tradeassist_desktop.domain.recordings import RecordingState
from tradeassist_desktop.domain.sign_in import SignInState
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.quieting import Quieting
from tradeassist_desktop.ui.session_words import moment, next_event
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.breaker_words import all_in_words, breaker_level, trouble_in_words
from tradeassist_desktop.ui.widgets.feed_words import FEED_WORDS, LEVEL_ICONS, detail_in_words, feed_level
from tradeassist_desktop.ui.widgets.gauge import Level
from tradeassist_desktop.ui.widgets.sign_in_words import left_in_words, sign_in_level, state_in_words
from tradeassist_desktop.ui.widgets.steady import SteadyButton
from tradeassist_desktop.ui.widgets.yielding_bar import YieldingBar

_NOTICE_MS: Final = 10_000


class _Notice(QLabel):
    """Takes the room that is left: a long sentence makes no window wider than its screen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write as much as there is room for."""
        painter = QPainter(self)
        room = self.contentsRect()
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, self.alignment(), words)


class DeskStatusBar(YieldingBar):
    """Feed, speed, latency, open alerts, storage; and one line of what just happened."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent=parent)
        self.setObjectName("statusBar")
        self.setSizeGripEnabled(False)
        self._context = context
        self._quieting = Quieting(context=context)
        self._trouble = ""
        self._is_notice_cut = False
        self._report: HealthReport | None = context.desk.health.report
        self._feed = self._part("statusFeed", "Feed", "feed")
        self._sign_in = self._part("statusSignIn", "Sign-in", "feed")
        self._sign_in.setVisible(context.desk.sign_in is not None)
        self._speed = self._part("statusTicks", "Updates per second", "health")
        self._latency = self._part("statusLatency", "Tick to alert, 99th percentile", "health")
        self._alerts = self._part("statusAlerts", "Alerts not acknowledged", "alerts")
        self._pause = self._part("statusPause", "Paused: click to resume", "alerts")
        self._pause.clicked.connect(self._quieting.resume)
        self._pause.hide()
        self._storage = self._part("statusStorage", "Storage", "health")
        self._storage.hide()
        self._services = self._part("statusServices", "Services", "health")
        self._services.hide()
        self._recording = self._part("statusRecording", "Recording", "feed")
        self._recording.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._recording.hide()
        self._said = _Notice(self)
        self._said.setObjectName("statusNotice")
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setFont(ui_font(12))
        self.addWidget(self._said, 1)
        self._session = self._part("statusSession", "Next opening or close", "watchlist", is_right=True)
        badge = self._part("statusSource", "Data source", "health", is_right=True)
        badge.setText(context.desk.source)
        badge.setProperty("kind", "badge")
        badge.style().polish(badge)
        badge.setToolTip(plain_tip(f"Data: {context.desk.source}"))
        self.let_yield(self._latency, self._speed, self._session)  # the first two are in Health, too
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.timeout.connect(lambda: self.say(""))
        context.bridge.feed_changed.connect(self._show_feed)
        context.bridge.health_measured.connect(self._show_health)
        context.bridge.alerts_changed.connect(self._count)
        context.bridge.silences_changed.connect(self._show_pause)
        context.theme.changed.connect(self._show_pause)
        context.bridge.storage_troubled.connect(self._show_storage)
        context.bridge.breaker_changed.connect(self._show_services)
        context.pulse.second.connect(self._show_services)
        context.theme.changed.connect(self._show_services)
        context.bridge.recording_changed.connect(self._show_recording)
        context.bridge.sign_in_changed.connect(self._show_sign_in)
        context.pulse.second.connect(self._show_sign_in)
        context.theme.changed.connect(self._show_sign_in)
        context.bridge.replay_moved.connect(self._show_feed)
        context.pulse.second.connect(self._show_feed)
        context.pulse.second.connect(self._show_session)
        context.navigator.symbol_chosen.connect(self._show_session)
        context.navigator.noticed.connect(self.say)
        context.theme.changed.connect(self._show_feed)
        self._show_feed()
        if self._report is not None:
            self._show_health(self._report)
        self._show_recording(context.desk.recordings.state)
        self._show_sign_in()
        self._show_services()
        self._show_pause()
        self._show_session()
        self._count()

    def say(self, notice: str) -> None:
        """Show one line for a while."""
        self._said.setProperty("tone", "second")
        self._write(notice)

    def warn(self, trouble: str) -> None:
        """Show what went wrong, in one line."""
        self._said.setProperty("tone", "danger")
        self._write(trouble)

    def _write(self, line: str) -> None:
        self._said.style().polish(self._said)
        self._said.setText(" ".join(line.split()))
        self._said.setToolTip(plain_tip(line))
        # For the moment it is there, the session makes room: it may be the only answer to a key.
        self._is_notice_cut = bool(line) and self._said.sizeHint().width() > self._said.width()
        self._show_session()
        if line:
            self._quiet.start(_NOTICE_MS)

    def _part(self, name: str, meaning: str, dock: str, *, is_right: bool = False) -> QToolButton:
        button = SteadyButton(self)
        button.setObjectName(name)
        button.setAccessibleName(meaning)
        button.setToolTip(plain_tip(meaning))
        button.setProperty("kind", "status")
        button.setFont(ui_font(12))
        button.setIconSize(QSize(12, 12))
        button.setFixedHeight(button.sizeHint().height())  # without words: the bar has room for no more
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self._context.navigator.dock_wanted.emit(dock))
        if is_right:
            self.addPermanentWidget(button)
        else:
            self.addWidget(button)
        return button

    def _show_feed(self) -> None:
        status = self._context.desk.market.feed_status
        self._mark(self._feed, feed_level(status.state))
        words = f"Feed {FEED_WORDS[status.state]}"
        replay = self._context.desk.replay
        if replay is not None:
            playing = "paused" if replay.state.is_paused else "playing"
            words = f"Replay {playing if status.state is FeedState.LIVE else FEED_WORDS[status.state]}"
        if status.heartbeat_ns is not None and status.state is FeedState.LIVE:
            age_ns = self._context.desk.clock.now_ns() - status.heartbeat_ns
            words += f", heartbeat {text.age(max(0, age_ns))}"
            words += "" if words.endswith("now") else " ago"
        self._feed.setText(words)
        # What stands beside it must not move with each second.
        room = self._feed.minimumWidth() if status.state is FeedState.LIVE else 0
        self._feed.setMinimumWidth(max(room, self._feed.sizeHint().width()))
        self._feed.setToolTip(plain_tip(detail_in_words(status, self._context.desk.clock.now_ns()) or words))

    def _show_session(self, *_: object) -> None:
        market, symbol = self._context.desk.market, self._context.navigator.symbol
        now_ns = market.event_now_ns()
        event = None if symbol is None else next_event(market.instrument(symbol), now_ns)
        if event is not None:
            self._session.setText(event.told(now_ns))
            self._session.setToolTip(plain_tip(f"{symbol}: {event.what} at {moment(event.at_ns, now_ns)}"))
        self.want(self._session, is_wanted=event is not None and not self._is_notice_cut)

    def _show_sign_in(self, *_: object) -> None:
        sign_in = self._context.desk.sign_in
        if sign_in is None:
            return
        now_ns = self._context.desk.clock.now_ns()
        left, words = left_in_words(sign_in.status, now_ns), state_in_words(sign_in.status, now_ns)
        is_in = sign_in.status.state is SignInState.SIGNED_IN
        self._sign_in.setText(f"Sign-in: {left}" if is_in and left else words)
        self._sign_in.setToolTip(plain_tip(sign_in.status.detail or words))
        self._mark(self._sign_in, sign_in_level(sign_in.status, now_ns))

    def _mark(self, part: QToolButton, level: Level) -> None:
        tokens = self._context.theme.tokens
        colour = {Level.GOOD: tokens.up, Level.WARN: tokens.warn, Level.BAD: tokens.danger}[level]
        part.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        part.setIcon(self._context.theme.icon(LEVEL_ICONS[level], colour, 12))

    def _show_health(self, report: HealthReport) -> None:
        self._report = report
        speed = text.short(report.ticks_per_second)
        self._speed.setText("1 update/s" if speed == "1" else f"{speed} updates/s")
        self._latency.setText(f"tick to alert p99 {text.milliseconds(report.tick_to_alert.p99_ms)}")
        self._show_storage(report.storage_error)

    def _show_storage(self, reason: str | None) -> None:
        theme = self._context.theme
        self._storage.setVisible(reason is not None)
        if reason is not None:
            self._storage.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self._storage.setIcon(theme.icon("warning", theme.tokens.danger, 12))
            self._storage.setText("Not saving")
            self._storage.setToolTip(plain_tip(f"{reason}. Alerts still reach you; saving is tried again."))

    def _show_pause(self) -> None:
        paused = self._quieting.pause_in_words()
        self._pause.setVisible(bool(paused))
        self._pause.setText(paused)
        self._context.keys.tip(
            self._pause,
            "Alerts are kept in the list and sent nowhere. Click to resume ({window.pause-all-alerts}).",
        )
        self._mark(self._pause, Level.WARN)

    def _show_services(self, *_: object) -> None:
        unhealthy = self._context.desk.breakers.unhealthy()
        self._services.setVisible(bool(unhealthy))
        if unhealthy:
            levels = {breaker_level(reading) for reading in unhealthy}
            self._mark(self._services, Level.BAD if Level.BAD in levels else Level.WARN)
            self._services.setText(trouble_in_words(unhealthy))
            self._services.setToolTip(plain_tip("\n\n".join(all_in_words(reading) for reading in unhealthy)))

    def _show_recording(self, state: RecordingState) -> None:
        theme = self._context.theme
        self._recording.setVisible(state.is_running)
        if state.file is not None:
            self._recording.setIcon(theme.icon("dot", theme.tokens.danger, 12))
            self._recording.setText(f"REC {text.plural(state.rows, 'row')}")
            self._recording.setToolTip(
                plain_tip(
                    f"Recording {state.file.name} since {text.clock_time(state.since_ns)}, "
                    f"{text.size(state.size_bytes)}"
                )
            )
        elif state.trouble and state.trouble != self._trouble:
            self.warn(state.trouble)
        self._trouble = state.trouble

    def _count(self, *_: object) -> None:
        waiting = self._context.desk.history.unacknowledged_count
        self._alerts.setText(
            f"{text.plural(waiting, 'alert')} to acknowledge" if waiting else "no open alerts"
        )
