"""One paint's measures."""

from dataclasses import dataclass, field
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

TAG_PX: Final = 18
_Figures = TypeVar("_Figures", float, NDArray[np.float64])


@dataclass(slots=True)
class Scene:
    """Where places and prices are in pixels.

    ``plot`` is all between the axes, ``prices`` its upper part without the bands; ``low`` and ``high``
    are the prices at the bottom and top of ``plot``; ``tags`` are where values were written on the axes.
    """

    plot: QRectF
    prices: QRectF
    left: float
    right: float
    low: float
    high: float
    width: float
    height: float
    tags: list[QRectF] = field(default_factory=list)

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
