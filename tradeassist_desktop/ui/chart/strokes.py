"""Hands whole arrays to a painter: a Python object for each line costs more than to paint it.

Qt's C++ functions take an array of doubles, and PySide the first element of one with their number.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter
from shiboken6 import Shiboken

_FIELDS: Final = 4
_LEAST_ROWS: Final = 1_024


def draw_lines(painter: QPainter, ends: ArrayLike) -> None:
    """Draw lines; shape (n, 4): x and y of one end, x and y of the other."""
    figures = _figures(ends)
    if len(figures):
        painter.drawLines(_LINES.first_of(figures), len(figures))


def draw_rects(painter: QPainter, rects: ArrayLike) -> None:
    """Draw rectangles; shape (n, 4): left, top, width, height."""
    figures = _figures(rects)
    if len(figures):
        painter.drawRects(_RECTS.first_of(figures), len(figures))


def _figures(rows: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(rows, dtype=np.float64).reshape(-1, _FIELDS)


class _Lent:
    """Memory that PySide takes for Qt's own, kept until the program ends.

    PySide knows objects by where they are. Were it given back, a widget could come to stand there that
    is taken for what is long gone.
    """

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self._given_up: list[NDArray[np.float64]] = []
        self._rows = np.empty((0, _FIELDS))
        self._first: Any = None

    def first_of(self, figures: NDArray[np.float64]) -> Any:
        """Return the first of these; good until the next are asked for."""
        if len(figures) > len(self._rows):
            self._given_up.append(self._rows)
            self._rows = np.empty((max(_LEAST_ROWS, 2 * len(figures)), _FIELDS))
            self._first = Shiboken.wrapInstance(self._rows.ctypes.data, self._kind)
        self._rows[: len(figures)] = figures
        return self._first


_LINES: Final = _Lent(QLineF)
_RECTS: Final = _Lent(QRectF)
