"""Work that may take long: after a moment a sheet tells how far it is, and its button ends it."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from tradeassist_desktop.ui import dialogs
from tradeassist_desktop.ui.tasks import Tasks

T = TypeVar("T")

_PATIENCE_MS: Final = 500
"""What is done sooner needs no sheet that says so."""
_LATE_MS: Final = 100
_TOO_LATE: Final = "Too late to cancel, finishing"


class LongWork(QObject):
    """Does one thing at a time; while it does, another is not begun.

    What cannot be broken off any more when it is cancelled says so, and how far it is, until it is done.
    """

    def __init__(self, *, tasks: Tasks, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._tasks = tasks
        self._task: asyncio.Task[Any] | None = None
        self._sheet: dialogs.Waiting | None = None
        self._is_late = False
        self._progress = 0, 0

    def start(self, work: Coroutine[Any, Any, T], *, name: str, title: str) -> asyncio.Task[T] | None:
        """Begin, and return what is begun; what fails is told as of any task.

        Args:
            name: Object name of the sheet.
            title: What is being done: ``Writing the audit log``.
        """
        if self._task is not None:
            work.close()
            return None
        self._progress = 0, 0
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(lambda: self._tell(name, title, timer))
        timer.start(_PATIENCE_MS)
        self._task = task = self._tasks.start(work)
        task.add_done_callback(lambda _: self._end(timer))
        return task

    def on_progress(self, done: int, whole: int) -> None:
        """Note how far it is."""
        self._progress = done, whole
        self._say()

    def _tell(self, name: str, title: str, timer: QTimer) -> None:
        if self._task is None:
            return
        is_late = self._task.cancelling() > 0
        self._sheet = dialogs.Waiting(
            name=f"{name}Finishing" if is_late else name,
            title=_TOO_LATE if is_late else title,
            parent=self._window,
            can_be_ended=not is_late,
        )
        self._sheet.rejected.connect(lambda: self._cancel(timer))
        self._is_late = is_late
        self._say()
        self._sheet.open()

    def _cancel(self, timer: QTimer) -> None:
        self._sheet = None
        if self._task is not None:
            self._task.cancel()
            timer.start(_LATE_MS)

    def _say(self) -> None:
        if self._sheet is None:
            return
        done, whole = self._progress
        if self._is_late:
            self._sheet.say_count(done, whole)
        else:
            self._sheet.say(done / whole if whole else 0.0)

    def _end(self, timer: QTimer) -> None:
        sheet, self._sheet, self._task = self._sheet, None, None
        with contextlib.suppress(RuntimeError):  # the window is gone already
            timer.stop()
            timer.deleteLater()
            if sheet is not None:
                sheet.accept()
