"""One paint's measures, and the tags at the edges."""

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from tradeassist_desktop.ui.theme import Tokens

TAG_PX: Final = 18
_Figures = TypeVar("_Figures", float, NDArray[np.float64])


@dataclass(slots=True)
class Scene:
    """Where places and prices are in pixels.

    ``plot`` is all between the axes, ``prices`` its upper part without the bands; ``low`` and ``high``
    are the prices at the bottom and top of ``plot``.
    """

    plot: QRectF
    prices: QRectF
    left: float
    right: float
    low: float
    high: float
    width: float
    height: float

    @property
    def pixels_per_bar(self) -> float:
        """How far a bar's middle is from the next one's."""
        return self.plot.width() / max(1e-9, self.right - self.left)

    @property
    def floor(self) -> float:
        """The price at the foot of the prices' part."""
        return self.price(self.prices.bottom())

    def x(self, place: _Figures) -> _Figures:
        """Return the pixel column of a place, or of each."""
        return self.plot.left() + (place - self.left) / (self.right - self.left) * self.plot.width()

    def y(self, price: _Figures) -> _Figures:
        """Return the pixel row of a price, or of each."""
        return self.plot.bottom() - (price - self.low) / (self.high - self.low) * self.plot.height()

    def place(self, x: float) -> float:
        """Return the place under a pixel column."""
        return self.left + (x - self.plot.left()) / self.plot.width() * (self.right - self.left)

    def price(self, y: float) -> float:
        """Return the price at a pixel row."""
        return self.low + (self.plot.bottom() - y) / self.plot.height() * (self.high - self.low)

    def shows(self, price: float) -> bool:
        """Whether a price is within what is seen."""
        return self.floor < price < self.high

    def tag_box(self, y: float) -> QRectF:
        """Return where a tag on the price axis stands."""
        return QRectF(self.plot.right() + 1, y - TAG_PX / 2, self.width - self.plot.right() - 2, TAG_PX)


def draw_tag(
    painter: QPainter,
    box: QRectF,
    words: str,
    *,
    tokens: Tokens,
    colour: QColor,
    is_filled: bool = False,
    ink: str | None = None,
) -> None:
    """Write a value into a box: framed in its colour, filled with it, or with an ink of its own on it."""
    painter.fillRect(box, colour if is_filled or ink is not None else QColor(tokens.surface_1))
    if not is_filled and ink is None:
        painter.setPen(QPen(colour, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(0, 0, -1, -1))
    painter.setPen(QColor(ink or (tokens.surface_0 if is_filled else colour)))
    painter.drawText(
        box.adjusted(7, 0, 0, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words
    )
