"""The menu's part on recordings: record this session, replay another, and the way back."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.recordings import RecordingState
from tradeassist_desktop.domain.replay import Opening
from tradeassist_desktop.ui import dialogs
from tradeassist_desktop.ui.panels.base import PanelContext

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

_PATIENCE_MS: Final = 500
"""What is read sooner needs no sheet that says so."""
_FILES: Final = "Recordings (*.csv *.csv.gz *.gz *.parquet *.pq);;All files (*)"


class SessionMenu(QObject):
    """Adds its actions to a menu, and does what they and the panels ask for."""

    def __init__(self, *, context: PanelContext, menu: QMenu, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._window = parent
        self._desk: Desk = context.desk
        self._record = self._action(menu, "Record session", "Ctrl+R", self.toggle_recording)
        self._record.setCheckable(True)
        context.rights.enable(self._record, Act.RECORD, self._desk.recordings.is_live)
        context.rights.explain(self._record, self._why_not_record)
        choose = self._action(menu, "Open a recording…", "Ctrl+O", self.choose_recording)
        context.rights.enable(choose, Act.REPLAY)
        back = self._action(menu, "Back to live", "Ctrl+Shift+L", self._go_back)
        context.rights.enable(back, Act.REPLAY, self._desk.replay is not None)
        context.rights.explain(
            back, lambda: "Nothing is replayed: it is live." if self._desk.replay is None else ""
        )
        context.bridge.recording_changed.connect(self._show)
        context.navigator.recording_toggled.connect(self.toggle_recording)
        context.navigator.replay_wanted.connect(self.open_recording)
        self._show(self._desk.recordings.state)

    def toggle_recording(self) -> None:
        """Record, or end the recording."""
        recordings = self._desk.recordings
        self._show(recordings.state)  # the click itself has switched the check mark
        if not recordings.is_live:
            return
        work = recordings.stop() if recordings.state.is_running else recordings.start()
        self._context.tasks.start(work)

    def _why_not_record(self) -> str:
        is_live = self._desk.recordings.is_live
        return "" if is_live else "Only a live session is recorded: this is a recording already."

    def _go_back(self) -> None:
        self._context.tasks.call(lambda: self._desk.reopen(None))

    def choose_recording(self) -> None:
        """Let the trader choose a file to replay."""
        place = self._desk.recordings.place
        chooser = QFileDialog(self._window, "Open a recording", str(place if place.is_dir() else Path.home()))
        chooser.setObjectName("openRecording")
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.setNameFilter(_FILES)
        chooser.fileSelected.connect(lambda file: self.open_recording(Path(file)))
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    def open_recording(self, file: Path, symbol: str = "") -> None:
        """Replay a file, in place of what is shown now.

        Args:
            symbol: What its rows are of, where the trader has said so already; else it is asked for.
        """
        self._context.tasks.start(self._open(file, symbol))

    async def _open(self, file: Path, symbol: str) -> None:
        try:
            is_symbol_needed = await self._desk.recordings.needs_symbol(file)
            if symbol or not is_symbol_needed:
                await self._replay(file, symbol if is_symbol_needed else None)
                return
        except BadInput as error:
            self._refuse(file, error)
            return

        async def take(symbol: str) -> None:
            if symbol.strip():
                await self._replay(file, symbol.strip().upper())

        dialogs.ask(
            name="recordingSymbol",
            title="Which symbol is this?",
            words=f"{file.name} has no symbol column. Say what its rows are of.",
            value="",
            example="/ES",
            take=take,
            parent=self._window,
        ).open()

    async def _replay(self, file: Path, symbol: str | None) -> None:
        is_wanted = True

        def stop() -> None:
            nonlocal is_wanted
            is_wanted = False

        def tell(share: float) -> None:
            if is_wanted:
                sheet.say(share)

        sheet = dialogs.waiting(name="recordingReading", title=f"Reading {file.name}", parent=self._window)
        sheet.rejected.connect(stop)
        QTimer.singleShot(_PATIENCE_MS, sheet, sheet.open)
        try:
            summary = await self._desk.recordings.examine(
                file, symbol=symbol, tell=tell, is_wanted=lambda: is_wanted
            )
        except BadInput as error:
            self._refuse(file, error)
            return
        finally:
            if is_wanted:
                stop()
                sheet.deleteLater()
        if summary is not None:
            self._desk.reopen(Opening(file=file, symbol=symbol, start_at_ns=0, speed=1.0, summary=summary))

    def _refuse(self, file: Path, error: BadInput) -> None:
        dialogs.told(
            name="recordingRefused",
            title=f"{file.name} cannot be replayed",
            lines=[str(fault) for fault in error.faults],
            parent=self._window,
        ).open()

    def _show(self, state: RecordingState) -> None:
        self._record.setChecked(state.is_running)

    def _action(self, menu: QMenu, title: str, keys: str, act: object) -> QAction:
        # The window's own, as all of its menu's: the sheet of shortcuts lists those.
        action = QAction(title, self._window)
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(act)
        menu.addAction(action)
        return action
