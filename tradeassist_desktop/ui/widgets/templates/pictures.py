"""Small pictures of what templates watch for, drawn in the theme's colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from tradeassist_desktop.ui.theme import Tokens, faded


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as numbers, 0 at its foot to 1 at its head, left to right.

    Args:
        price: The price's path.
        other: A second path: an average, another symbol.
        levels: Where lines lie across.
        band: From where to where it is shaded.
        bars: Heights of volume bars at the foot.
        fired: At which point of ``price`` the alert comes; ``None`` for none.
        gap: After which point the path is broken.
    """

    price: tuple[float, ...]
    other: tuple[float, ...] = ()
    levels: tuple[float, ...] = ()
    band: tuple[float, float] | None = None
    bars: tuple[float, ...] = ()
    fired: int | None = None
    gap: int | None = None


_PLAIN: Final = Picture(price=(0.3, 0.4, 0.35, 0.5, 0.45, 0.6, 0.75), levels=(0.55,), fired=5)
_PICTURES: Final = {
    "previous-day-breakout": Picture(
        price=(0.35, 0.55, 0.42, 0.6, 0.5, 0.62, 0.58, 0.85), levels=(0.66,), fired=7
    ),
    "opening-range-breakout": Picture(
        price=(0.45, 0.58, 0.4, 0.55, 0.48, 0.6, 0.78, 0.9), band=(0.38, 0.62), fired=6
    ),
    "n-day-high": Picture(price=(0.5, 0.68, 0.4, 0.3, 0.45, 0.55, 0.65, 0.88), levels=(0.7,), fired=7),
    "rsi-extreme": Picture(price=(0.5, 0.62, 0.45, 0.7, 0.86, 0.72, 0.5, 0.3), levels=(0.75, 0.25), fired=4),
    "golden-cross": Picture(
        price=(0.25, 0.22, 0.28, 0.4, 0.56, 0.7, 0.8),
        other=(0.42, 0.42, 0.43, 0.45, 0.48, 0.52, 0.56),
        fired=4,
    ),
    "bollinger-squeeze": Picture(
        price=(0.3, 0.7, 0.4, 0.58, 0.48, 0.52, 0.5, 0.51), band=(0.43, 0.58), fired=6
    ),
    "percent-move": Picture(price=(0.3, 0.32, 0.28, 0.31, 0.3, 0.55, 0.85, 0.82), fired=6),
    "gap": Picture(price=(0.35, 0.3, 0.36, 0.32, 0.72, 0.78, 0.74, 0.8), gap=3, fired=4, levels=(0.32,)),
    "vwap-distance": Picture(
        price=(0.4, 0.45, 0.42, 0.55, 0.66, 0.8, 0.88),
        other=(0.42, 0.42, 0.43, 0.44, 0.46, 0.48, 0.5),
        fired=6,
    ),
    "volume-spike": Picture(
        price=(0.55, 0.6, 0.57, 0.62, 0.6, 0.75, 0.8),
        bars=(0.14, 0.18, 0.12, 0.16, 0.15, 0.48, 0.3),
        fired=5,
    ),
    "inside-bar": Picture(price=(0.3, 0.8, 0.45, 0.62, 0.5, 0.58), band=(0.42, 0.66), fired=5),
    "vix-spike": Picture(
        price=(0.7, 0.72, 0.68, 0.7, 0.5, 0.32, 0.3),
        other=(0.25, 0.24, 0.27, 0.26, 0.55, 0.8, 0.78),
        fired=4,
    ),
    "tick-extreme": Picture(price=(0.5, 0.4, 0.62, 0.48, 0.92, 0.55, 0.4), levels=(0.82, 0.18), fired=4),
    "stale-symbol": Picture(price=(0.4, 0.55, 0.45, 0.6, 0.6, 0.6, 0.6, 0.6), fired=7),
    "spread-widening": Picture(
        price=(0.55, 0.56, 0.54, 0.56, 0.62, 0.78, 0.8),
        other=(0.5, 0.51, 0.49, 0.5, 0.42, 0.28, 0.25),
        fired=5,
    ),
}


def picture_of(key: str) -> Picture:
    """Return the picture of a template; a plain one for the trader's own."""
    return _PICTURES.get(key, _PLAIN)


def draw_picture(painter: QPainter, rect: QRectF, picture: Picture, tokens: Tokens) -> None:
    """Draw a picture into a place."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if picture.band is not None:
        low, high = (_y(rect, value) for value in picture.band)
        painter.fillRect(QRectF(rect.left(), high, rect.width(), low - high), faded(tokens.accent, 0.16))
    if picture.bars:
        width = rect.width() / len(picture.bars)
        for place, height in enumerate(picture.bars):
            left, top = rect.left() + place * width + width * 0.2, _y(rect, height)
            painter.fillRect(QRectF(left, top, width * 0.6, rect.bottom() - top), faded(tokens.text_3, 0.45))
    for level in picture.levels:
        painter.setPen(QPen(QColor(tokens.warn), 1.0, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(rect.left(), _y(rect, level)), QPointF(rect.right(), _y(rect, level)))
    if picture.other:
        _draw_path(painter, _points(rect, picture.other), QColor(tokens.warn))
    points = _points(rect, picture.price)
    if picture.gap is None:
        _draw_path(painter, points, QColor(tokens.text_2))
    else:
        _draw_path(painter, points[: picture.gap + 1], QColor(tokens.text_2))
        _draw_path(painter, points[picture.gap + 1 :], QColor(tokens.text_2))
    if picture.fired is not None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(tokens.accent, 0.3))
        painter.drawEllipse(points[picture.fired], 6.0, 6.0)
        painter.setBrush(QColor(tokens.accent))
        painter.drawEllipse(points[picture.fired], 3.0, 3.0)
    painter.restore()


def _draw_path(painter: QPainter, points: Sequence[QPointF], colour: QColor) -> None:
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(list(points)))


def _points(rect: QRectF, values: Sequence[float]) -> list[QPointF]:
    step = rect.width() / (len(values) - 1)
    return [QPointF(rect.left() + place * step, _y(rect, value)) for place, value in enumerate(values)]


def _y(rect: QRectF, value: float) -> float:
    return rect.bottom() - value * rect.height()
