"""The beat at which the window looks at the market: never a signal per tick."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

_BEAT_MS: Final = 50


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
        self.chart.emit()
        # Offsets spread the work over beats, so that no single frame pays for all of it.
        if self._beats % 2 == 0:
            self.tables.emit()
        if self._beats % 5 == 1:
            self.states.emit()
        if self._beats % 20 == 3:
            self.second.emit()
