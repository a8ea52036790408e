"""Values beside the price axis: each at its line, or next to the one that has that place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from tradeassist_desktop.ui.chart.scene import TAG_PX, Scene
from tradeassist_desktop.ui.theme import Tokens


@dataclass(frozen=True, slots=True)
class Tag:
    """A value and the pixel row it stands for: framed in its colour, filled with it, or with an ink on it."""

    y: float
    words: str
    colour: QColor
    is_filled: bool = False
    ink: str | None = None


def draw_tags(painter: QPainter, scene: Scene, tokens: Tokens, tags: Iterable[Tag]) -> None:
    """Draw tags so that none covers another: the first ones have their places, others stand beside them.

    One for which there is no room near its line is left out: it would tell of another line.
    """
    taken = [box.center().y() for box in scene.tags]
    for tag in tags:
        y = _free_row(tag.y, taken, scene.plot)
        if y is not None:
            draw_tag(painter, scene, tokens, tag, y)
            taken.append(y)


def draw_tag(painter: QPainter, scene: Scene, tokens: Tokens, tag: Tag, y: float | None = None) -> None:
    """Draw one, over whatever is there; at another row than its own if ``y`` says so."""
    box = scene.tag_box(tag.y if y is None else y)
    scene.tags.append(box)
    is_opaque = tag.is_filled or tag.ink is not None
    painter.fillRect(box, tag.colour if is_opaque else QColor(tokens.surface_1))
    if not is_opaque:
        painter.setPen(QPen(tag.colour, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(0, 0, -1, -1))
    painter.setPen(QColor(tag.ink or (tokens.surface_0 if tag.is_filled else tag.colour)))
    at_left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(box.adjusted(7, 0, 0, 0), at_left, tag.words)


def _free_row(y: float, taken: Sequence[float], plot: QRectF) -> float | None:
    """Return the row nearest to ``y`` with room for a tag, at most one tag away; ``None`` for none."""
    near = [row for row in taken if abs(row - y) < 2 * TAG_PX]  # few, however many levels there are
    beside = [row + way for row in near for way in (-TAG_PX, TAG_PX)]
    free = [
        row
        for row in (y, *beside)
        if abs(row - y) <= TAG_PX
        and all(abs(row - other) >= TAG_PX for other in near)
        and (row == y or plot.top() <= row <= plot.bottom())
    ]
    return min(free, key=lambda row: abs(row - y), default=None)
