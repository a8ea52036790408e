"""The beat at which the window looks at the market: never a signal per tick."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

_BEAT_MS: Final = 25


class Pulse(QObject):
    """One timer; those who repaint take the beat that suits them and skip it while hidden."""

    chart = Signal()
    """20 times a second."""
    tables = Signal()
    """10 times a second."""
    states = Signal()
    """4 times a second."""
    second = Signal()
    """Once a second."""

    def __init__(self, *, parent: QObject) -> None:
        super().__init__(parent)
        self._beats = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin to beat."""
        self._timer.start()

    def stop(self) -> None:
        """Beat no more."""
        self._timer.stop()

    def _beat(self) -> None:
        self._beats += 1
        # Each has beats of its own, so that no single frame pays for two.
        if self._beats % 2 == 0:
            self.chart.emit()
        elif self._beats % 4 == 1:
            self.tables.emit()
        elif self._beats % 40 == 3:
            self.second.emit()
        elif self._beats % 20 in (7, 19):
            self.states.emit()
