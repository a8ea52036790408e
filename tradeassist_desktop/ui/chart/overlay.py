"""Everything that is drawn over the candles, quietest first."""

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.chart.axes import moment_text
from tradeassist_desktop.ui.chart.crosshair import draw_crosshair
from tradeassist_desktop.ui.chart.legend import Legend
from tradeassist_desktop.ui.chart.levels import LevelLines
from tradeassist_desktop.ui.chart.lines import Lines
from tradeassist_desktop.ui.chart.marks import Marks
from tradeassist_desktop.ui.chart.scene import Scene
from tradeassist_desktop.ui.chart.series import OPEN, BarSeries
from tradeassist_desktop.ui.chart.sessions import Stretches, draw_breaks
from tradeassist_desktop.ui.chart.tags import Tag, draw_tags
from tradeassist_desktop.ui.theme import SMALL_PX, Tokens, ui_font


@dataclass(slots=True)
class Overlay:
    """The state of what is drawn over the candles; the canvas sets it and asks to draw.

    ``note`` is what is being done about bars before the first one, or why there are none; ``silence`` says
    for how long nothing has come, empty while the last price is one.
    """

    series: BarSeries
    levels: LevelLines
    lines: Lines
    marks: Marks = field(default_factory=Marks)
    instrument: Instrument = field(default_factory=lambda: Instrument(symbol=""))
    last: float | None = None
    pointer: QPointF | None = None
    note: str = ""
    silence: str = ""

    def draw(
        self, painter: QPainter, scene: Scene, tokens: Tokens, stretches: Stretches, timeframe_ns: int
    ) -> None:
        """Draw everything. There must be a bar."""
        painter.setFont(ui_font(SMALL_PX))
        place = self._place(scene)
        draw_breaks(painter, scene, tokens, stretches)
        painter.setFont(ui_font(SMALL_PX))
        self.lines.draw(painter, scene, tokens, self.series, self.instrument, place)
        self.levels.draw(painter, scene, tokens, self.last)
        draw_tags(painter, scene, tokens, self.levels.tags(self._draw_last(painter, scene, tokens)))
        self.marks.draw(painter, scene, tokens, self.series)
        self.levels.write_names(painter, scene, tokens, self.marks.points)
        is_dragging = self.levels.held is not None and self.levels.held.is_dragged
        if self.pointer is not None and scene.plot.contains(self.pointer) and not is_dragging:
            value = self.lines.band_value(scene, self.series, self.pointer) or text.price(
                scene.price(self.pointer.y()), self.instrument
            )
            time = moment_text(int(self.series.starts_ns[place]), timeframe_ns)
            draw_crosshair(painter, scene, tokens, self.pointer, place, value, time)
        legend = Legend(self.lines.legend(self.series, place, tokens, self.instrument), self._notes())
        legend.draw(painter, scene, tokens, self.series, place, self.instrument)

    def _place(self, scene: Scene) -> int:
        newest = len(self.series) - 1
        if self.pointer is None or not scene.plot.contains(self.pointer):
            return newest
        return max(0, min(newest, round(scene.place(self.pointer.x()))))

    def _notes(self) -> list[str]:
        notes = [words for words in (self.silence, self.note) if words]
        previews = len(self.marks.previews)
        if previews:
            notes.append(f"◇ would have fired {'once' if previews == 1 else f'{previews:,} times'}")
        if self.lines.left_out > 0:
            notes.append(f"{text.plural(self.lines.left_out, 'more indicator')} of this rule not shown")
        return notes

    def _draw_last(self, painter: QPainter, scene: Scene, tokens: Tokens) -> Tag | None:
        if self.last is None or not scene.shows(self.last):
            return None
        rise = self.last - float(self.series.figures[OPEN, -1])
        colour = QColor(tokens.text_3 if self.silence else tokens.up if rise >= 0 else tokens.down)
        y = round(scene.y(self.last)) + 0.5
        painter.setPen(QPen(colour, 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(scene.plot.left(), y), QPointF(scene.plot.right(), y))
        return Tag(y, text.price(self.last, self.instrument), colour, is_filled=not self.silence)
