"""How much of the venue's allowance of single requests is used, and whether they are answered."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from tradeassist_desktop.domain.durations import told_duration
from tradeassist_desktop.domain.health import RequestLoad
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font


class RequestsBody(QWidget):
    """One line for what is used, one for what is wrong; read once a second.

    Args:
        load: Returns how it is now.
    """

    def __init__(
        self, *, context: PanelContext, load: Callable[[], RequestLoad], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._load = load
        self._used = self._line("requestsUsed", "second")
        self._trouble = self._line("requestsTrouble", "warn")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._used)
        column.addWidget(self._trouble)
        context.pulse.second.connect(self._refresh)
        self._refresh()

    def _line(self, name: str, tone: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setFont(ui_font(12))
        label.setProperty("tone", tone)
        return label

    def _refresh(self) -> None:
        load = self._load()
        self._used.setText(_used(load))
        trouble = _trouble(load)
        self._trouble.setText(trouble)
        self._trouble.setVisible(bool(trouble))


def _used(load: RequestLoad) -> str:
    used = f"{load.used} of {load.limit} requests for bars, quotes and symbols in the last minute."
    return f"{used} {text.plural(load.waiting, 'request')} waiting." if load.waiting else used


def _trouble(load: RequestLoad) -> str:
    if load.pause_s > 0:
        return f"Not answered, so left alone for {_told(load.pause_s)}. {load.failure}".strip()
    if load.held_s > 0:
        return f"The venue asked for a pause; {_told(load.held_s)} are left."
    return ""


def _told(seconds: float) -> str:
    return told_duration(round(seconds) * NS_PER_SECOND)
