"""Puts on the clipboard what is not to stay there."""

from typing import Final

from PySide6.QtCore import QMimeData, QObject, QTimer
from PySide6.QtGui import QGuiApplication

STAY_MS: Final = 30_000

# Asks managers of clipboards not to keep it: KDE's and those that follow it, and Windows' own.
_HINTS: Final = {
    "x-kde-passwordManagerHint": b"secret",
    'application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"': b"1",
}


def copy_for_a_while(text: str, *, owner: QObject, stay_ms: int = STAY_MS) -> None:
    """Copy a text that lets somebody in; after 30 s it is taken back, unless another was copied since.

    Args:
        owner: When it is deleted before, the text is taken back at once.
    """
    clipboard = QGuiApplication.clipboard()
    content = QMimeData()
    content.setText(text)
    for kind, hint in _HINTS.items():
        content.setData(kind, hint)
    clipboard.setMimeData(content)

    def take_back() -> None:
        if clipboard.text() == text:
            clipboard.clear()

    QTimer.singleShot(stay_ms, owner, take_back)
    owner.destroyed.connect(take_back)
