"""Qt's own messages go to the log, not to the terminal."""

import logging
from typing import Final

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

log = logging.getLogger("qt")

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.INFO,  # about Qt's surroundings; nothing a trader can mend
    QtMsgType.QtCriticalMsg: logging.WARNING,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


_SAID_AT_MOST: Final = 5
_TEXTS_KEPT: Final = 1000


class QtMessageLog:
    """Logs what Qt says, the same words at most five times.

    Qt can say one thing for ever from within its own loop; the log must not grow with it.
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def on_message(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        """Log one message."""
        if text not in self._counts and len(self._counts) >= _TEXTS_KEPT:
            return
        self._counts[text] = self._counts.get(text, 0) + 1
        if self._counts[text] <= _SAID_AT_MOST:
            level = _LEVELS.get(kind, logging.INFO)
            log.log(level, "qt message", extra={"category": context.category, "text": text})


def log_qt_messages() -> None:
    """Log what Qt says from now on."""
    qInstallMessageHandler(QtMessageLog().on_message)
