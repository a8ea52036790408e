"""Hands whole arrays to a painter: a Python object for each line costs more than to paint it.

Qt's C++ functions take an array of doubles, and PySide the first element of one with their number.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter
from shiboken6 import Shiboken


def draw_lines(painter: QPainter, ends: ArrayLike) -> None:
    """Draw lines; shape (n, 4): x and y of one end, x and y of the other."""
    figures = _figures(ends)
    if len(figures):
        painter.drawLines(_first(figures, QLineF), len(figures))


def draw_rects(painter: QPainter, rects: ArrayLike) -> None:
    """Draw rectangles; shape (n, 4): left, top, width, height."""
    figures = _figures(rects)
    if len(figures):
        painter.drawRects(_first(figures, QRectF), len(figures))


def _figures(rows: ArrayLike) -> NDArray[np.float64]:
    return np.ascontiguousarray(rows, dtype=np.float64).reshape(-1, 4)


def _first(figures: NDArray[np.float64], kind: type) -> Any:
    # Owns nothing: good for as long as the array lives, which is until the caller returns.
    return Shiboken.wrapInstance(figures.ctypes.data, kind)
