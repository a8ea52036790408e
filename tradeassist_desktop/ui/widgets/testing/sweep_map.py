"""The picture of a sweep that is clicked: a combination is chosen by the mouse or the arrows."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from tradeassist_desktop.services.testing.sweeps import Sweep, SweptRule
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.testing.sweep_picture import SweepPicture
from tradeassist_desktop.ui.widgets.testing.sweep_words import Measure, lines_of

_STEPS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class SweepMap(QWidget):
    """Figures tell what colours do; too few firings to judge by are told by a hatched ground."""

    chosen = Signal(object)
    """The ``SweptRule`` that was clicked or reached by the keys."""
    opened = Signal(object)
    """The one on which Enter was pressed, or that was clicked twice."""

    def __init__(self, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sweep: Sweep | None = None
        self._measure = Measure.FIRES
        self._at = 0
        self.setObjectName("sweepMap")
        self.setAccessibleName("Outcome of the sweep")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(220, 104)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return a usual size."""
        return QSize(360, 160)

    def show_sweep(self, sweep: Sweep | None) -> None:
        """Show this; the combination nearest to what stands in the rule is chosen."""
        self._sweep = sweep
        self._at = 0 if sweep is None else _nearest(sweep)
        self._tell()

    def show_measure(self, measure: Measure) -> None:
        """Show this of each combination."""
        self._measure = measure
        self._tell()

    @property
    def result(self) -> SweptRule | None:
        """The chosen combination."""
        return None if self._sweep is None else self._sweep.results[self._at]

    def picture(self) -> SweepPicture | None:
        """Return what is drawn, which knows where; ``None`` for nothing."""
        if self._sweep is None:
            return None
        return SweepPicture(
            sweep=self._sweep,
            measure=self._measure,
            rect=QRectF(self.rect()),
            tokens=self._theme.tokens,
            chosen=self._at,
            is_focused=self.hasFocus(),
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose what is clicked."""
        at = self._found(event)
        if at is not None:
            self._choose(at)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open what is clicked twice."""
        if self._found(event) is not None:
            self.opened.emit(self.result)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell of what is pointed at."""
        at = self._found(event)
        words = "" if at is None or self._sweep is None else lines_of(self._sweep, self._sweep.results[at])
        self.setToolTip(plain_tip(words))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to a neighbour by the arrows; Enter opens."""
        picture = self.picture()
        step = _STEPS.get(Qt.Key(event.key()))
        if picture is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(self.result)
        elif picture is not None and step is not None:
            column, row = divmod(self._at, picture.rows)
            column, row = column + step[0], row + step[1]
            if 0 <= column < picture.columns and 0 <= row < picture.rows:
                self._choose(column * picture.rows + row)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the map or the line."""
        picture = self.picture()
        if picture is not None:
            painter = QPainter(self)
            picture.draw(painter)
            painter.end()

    def _choose(self, at: int) -> None:
        self._at = at
        self._tell()
        self.chosen.emit(self.result)

    def _tell(self) -> None:
        if self._sweep is not None and self.result is not None:
            self.setAccessibleDescription(lines_of(self._sweep, self.result))
        self.update()

    def _found(self, event: QMouseEvent) -> int | None:
        picture = self.picture()
        return None if picture is None else picture.found(event.position())


def _nearest(sweep: Sweep) -> int:
    wanted = [float(number.value) for number, _ in sweep.axes]

    def distance(at: int) -> float:
        numbers = sweep.results[at].numbers
        return sum(abs(float(got) - own) for got, own in zip(numbers, wanted, strict=True))

    return min(range(len(sweep.results)), key=distance)
