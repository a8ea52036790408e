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


class LongWork(QObject):
    """Does one thing at a time; while it does, another is not begun."""

    def __init__(self, *, tasks: Tasks, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._tasks = tasks
        self._task: asyncio.Task[Any] | None = None
        self._sheet: dialogs.Waiting | None = None
        self._share = 0.0

    def start(self, work: Coroutine[Any, Any, T], *, name: str, title: str) -> asyncio.Task[T] | None:
        """Begin, and return what is begun; what fails is told as of any task.

        Args:
            name: Object name of the sheet.
            title: What is being done: ``Writing the audit log``.
        """
        if self._task is not None:
            work.close()
            return None
        self._share = 0.0
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(lambda: self._tell(name, title))
        timer.start(_PATIENCE_MS)
        self._task = task = self._tasks.start(work)
        task.add_done_callback(lambda _: self._end(timer))
        return task

    def on_progress(self, done: int, whole: int) -> None:
        """Note how far it is."""
        self._share = done / whole if whole else 1.0
        if self._sheet is not None:
            self._sheet.say(self._share)

    def _tell(self, name: str, title: str) -> None:
        if self._task is None:
            return
        self._sheet = dialogs.waiting(name=name, title=title, parent=self._window)
        self._sheet.rejected.connect(self._task.cancel)
        self._sheet.say(self._share)
        self._sheet.open()

    def _end(self, timer: QTimer) -> None:
        sheet, self._sheet, self._task = self._sheet, None, None
        with contextlib.suppress(RuntimeError):  # the window is gone already
            timer.stop()
            timer.deleteLater()
            if sheet is not None:
                sheet.accept()
