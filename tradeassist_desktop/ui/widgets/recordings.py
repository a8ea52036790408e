"""The recordings there are, what to do with them, and which sessions are recorded by themselves."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QModelIndex, QSize, Qt, QUrl
from PySide6.QtGui import QAction, QActionGroup, QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.recordings import KeptRecording, RecordingState
from tradeassist_desktop.ui import dialogs
from tradeassist_desktop.ui.models.recordings import RecordingsColumn, RecordingsModel
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.empty import EmptyState
from tradeassist_desktop.ui.widgets.table import ColumnSpec, DeskTable
from tradeassist_desktop.ui.widgets.text_table import TextCells

_ROWS_SHOWN: Final = 6
_LEAST_ROWS: Final = 5
_COLUMNS: Final = {
    RecordingsColumn.BEGUN: ColumnSpec(128, fits=True),
    RecordingsColumn.LENGTH: ColumnSpec(88, rank=1, fits=True),
    RecordingsColumn.FILE: ColumnSpec(120, rank=3, stretch=1),
    RecordingsColumn.ROWS: ColumnSpec(72, rank=2, fits=True),
    RecordingsColumn.SIZE: ColumnSpec(76, fits=True),
}
_SCHEDULES: Final = {"off": "Never", "rth": "Regular sessions", "eth": "Whole sessions"}

_RECORD: Final = "Record this session"
_STOP: Final = "Stop recording"
_MNEMONIC: Final = Qt.TextFlag.TextShowMnemonic.value  # as Qt measures a button


class _RecordButton(QPushButton):
    """As wide as its longer text: else the buttons beside it would move under the pointer."""

    def sizeHint(self) -> QSize:
        """Return the room for either text."""
        metrics, hint = self.fontMetrics(), super().sizeHint()
        widest = max(metrics.size(_MNEMONIC, words).width() for words in (_RECORD, _STOP))
        return hint + QSize(max(0, widest - metrics.size(_MNEMONIC, self.text()).width()), 0)

    def minimumSizeHint(self) -> QSize:
        """Return the same: half a word is no button."""
        return self.sizeHint()


class RecordingsBody(QWidget):
    """A button to record, a schedule, the list, and what to do with the one that is chosen."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._recordings = context.desk.recordings
        self._is_looking = False
        self._record = _RecordButton(self)
        self._record.setObjectName("recordButton")
        self._record.clicked.connect(context.navigator.recording_toggled)
        self._schedule = self._schedule_button()
        context.rights.enable(self._schedule, Act.RECORD)
        self._said = QLabel(self)
        self._said.setObjectName("recordingSaid")
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setFont(ui_font(12))
        self._said.setWordWrap(True)
        self._model = RecordingsModel(desk=context.desk, parent=self)
        self._table = DeskTable(model=self._model, columns=_COLUMNS, parent=self)
        self._table.setObjectName("recordingsTable")
        self._table.setAccessibleName("Recordings")
        self._table.setItemDelegate(TextCells(theme=context.theme, parent=self))
        self._table.grow_with_rows(least=_LEAST_ROWS, most=_ROWS_SHOWN)
        self._table.doubleClicked.connect(self._replay_chosen)
        empty = EmptyState(
            view=self._table,
            theme=context.theme,
            icon="dot",
            title="No session is recorded yet",
            hint="",
        )
        how = "Record this one with {window.record-session}, or let sessions be recorded by themselves."
        context.keys.tell(empty, empty.say_hint, how)
        self._replay = self._button("replayRecording", "Replay the chosen recording", self._replay_chosen)
        self._place = self._button("showRecording", "Show the folder of recordings", self._show_in_folder)
        self._delete = self._button("deleteRecording", "Delete the chosen recording", self._delete_chosen)
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self._record)
        for button in (self._replay, self._place, self._delete):
            top.addWidget(button)
        top.addStretch(1)
        top.addWidget(self._schedule)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._said)
        column.addWidget(self._table)
        self._table.selectionModel().selectionChanged.connect(lambda *_: self._look_at_choice())
        self._model.modelReset.connect(self._look_at_choice)
        context.bridge.recording_changed.connect(self._show)
        context.bridge.setting_changed.connect(lambda key: self._show_schedule())
        context.theme.changed.connect(self._show_current)
        self._state = self._recordings.state
        self._show_schedule()
        self._look_at_choice()
        self._show_current()
        context.rights.enable(self._record, Act.RECORD, self._recordings.is_live)

    # --- showing

    def _show_current(self) -> None:
        self._show(self._recordings.state)

    def _show(self, state: RecordingState) -> None:
        theme = self._context.theme
        for button, icon in ((self._replay, "play"), (self._place, "open"), (self._delete, "trash")):
            button.setIcon(theme.icon(icon))
        self._record.setText(_STOP if state.is_running else _RECORD)
        self._record.setIcon(theme.icon("dot", theme.tokens.danger, 12))
        if self._context.rights.may(Act.RECORD):
            is_live = self._recordings.is_live
            told = (
                "Record what comes ({window.record-session})"
                if is_live
                else "A replay is a recording already"
            )
            self._context.keys.tip(self._record, told)
        self._said.setVisible(bool(state.trouble))
        self._said.setText(state.trouble)
        self._said.setProperty("tone", "danger")
        was, self._state = self._state, state
        if state.is_running and state.file == was.file and state != was:
            # It grows; the others are as they were.
            self._model.show(self._model.kept)
        else:
            self._look()

    def _show_schedule(self) -> None:
        chosen = str(self._context.desk.settings.get("recording.schedule"))
        self._schedule.setText(f"By schedule: {_SCHEDULES.get(chosen, chosen)}")
        for text, action in self._schedules.items():
            action.setChecked(text == chosen)

    def _look(self) -> None:
        if not self._is_looking:
            self._is_looking = True
            self._context.tasks.start(self._read())

    async def _read(self) -> None:
        try:
            kept = await self._recordings.kept()
            self._model.show(kept)
            for place, each in enumerate(kept):
                if each.rows is None and each.file != self._recordings.state.file:
                    kept[place] = await self._recordings.learn(each)
                    self._model.show(kept)
        finally:
            self._is_looking = False

    def _look_at_choice(self) -> None:
        chosen = self._chosen()
        is_free = chosen is not None and chosen.file != self._recordings.state.file
        self._context.rights.enable(self._replay, Act.REPLAY, is_free)
        self._context.rights.enable(self._delete, Act.RECORD, is_free)

    # --- doing

    def _chosen(self) -> KeptRecording | None:
        rows: list[QModelIndex] = self._table.selectionModel().selectedRows()
        if not rows:
            return None
        kept: KeptRecording = rows[0].data(Qt.ItemDataRole.UserRole)
        return kept

    def _replay_chosen(self, *_: object) -> None:
        chosen = self._chosen()
        if chosen is not None and chosen.file != self._recordings.state.file:
            self._context.navigator.replay_wanted.emit(chosen.file, "")

    def _show_in_folder(self) -> None:
        self._recordings.place.mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._recordings.place)))

    def _delete_chosen(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self._context.tasks.start(self._delete_file(chosen))

    async def _delete_file(self, kept: KeptRecording) -> None:
        take_back = await self._recordings.delete(kept.file)
        self._context.navigator.offer_undo(f"{kept.file.name} is deleted.", take_back)

    def _choose_schedule(self, text: str) -> Callable[[], object]:
        settings = self._context.desk.settings
        return lambda: self._context.tasks.start(settings.set("recording.schedule", text))

    def _ask_hours(self) -> None:
        settings = self._context.desk.settings
        chosen = str(settings.get("recording.schedule"))

        async def keep(text: str) -> None:
            await settings.set("recording.schedule", text.strip())

        dialogs.ask(
            name="recordingHours",
            title="Record every day",
            words="Hours and their time zone, as in a rule's schedule.",
            value="" if chosen in _SCHEDULES else chosen,
            example="09:30-11:00 America/New_York",
            take=keep,
            parent=self,
        ).open()

    # --- building

    def _schedule_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("recordingSchedule")
        button.setAccessibleName("Which sessions are recorded by themselves")
        button.setProperty("kind", "menu")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(button)
        group = QActionGroup(menu)
        # Made here, not by the menu: what Qt made, PySide took for dead once while it lived on.
        self._schedules = {text: QAction(title, menu) for text, title in _SCHEDULES.items()}
        for text, action in self._schedules.items():
            menu.addAction(action)
            action.setCheckable(True)
            action.triggered.connect(self._choose_schedule(text))
            group.addAction(action)
        menu.addSeparator()
        menu.addAction("Hours…", self._ask_hours)
        button.setMenu(menu)
        return button

    def _button(self, name: str, title: str, act: object) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setAccessibleName(title)
        button.setToolTip(plain_tip(title))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(act)
        return button
