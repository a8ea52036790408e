"""How a chart's height is shared: prices with volume at their foot, below them scales of their own."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF

VOLUME_SHARE: Final = 0.18
"""Of the height that prices have, how much the tallest volume takes."""
HEAD_SHARE: Final = 0.14
"""Room above the highest price, for what is written there."""
MOST: Final = 3
_SHARE: Final = 0.19
_MOST_SHARE: Final = 0.46
_GAP_SHARE: Final = 0.06


@dataclass(slots=True)
class Bands:
    """Where everything is, from top to bottom.

    ``count`` is how many scales of their own there are.
    """

    count: int = 0

    @property
    def share(self) -> float:
        """How much of the whole height the bands take together, 0 to 1."""
        return min(_MOST_SHARE, _SHARE * self.count)

    def prices(self, plot: QRectF) -> QRectF:
        """Return the part of a plot in which prices and volume are."""
        return QRectF(plot.left(), plot.top(), plot.width(), plot.height() * (1 - self.share))

    def band(self, plot: QRectF, number: int) -> QRectF:
        """Return the part of a plot that is a band's, the first below the prices."""
        height = plot.height() * self.share / self.count
        top = plot.bottom() - height * (self.count - number)
        return QRectF(plot.left(), top, plot.width(), height)

    def fitted(self, low: float, high: float) -> tuple[float, float]:
        """Return the range of the whole plot that gives prices from low to high the room meant for them."""
        foot = VOLUME_SHARE + _GAP_SHARE
        span = (high - low) / (1 - foot)
        top, floor = high + (high - low) * HEAD_SHARE, high - span
        return top - (top - floor) / (1 - self.share), top
