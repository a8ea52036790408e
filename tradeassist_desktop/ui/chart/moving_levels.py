"""Moves a level: dragged with the mouse, or a tick at a time with the keyboard."""

from dataclasses import replace

from PySide6.QtCore import QPointF

from tradeassist_desktop.domain.rules import PriceLevel
from tradeassist_desktop.ui.chart.levels import Held, LevelLines
from tradeassist_desktop.ui.chart.scene import Scene

Moved = tuple[PriceLevel, float]
"""A level, and the price where it is to be."""


class LevelMover:
    """Knows which level is chosen and where it is put; changes no rule."""

    def __init__(self, *, lines: LevelLines) -> None:
        self._lines = lines
        self._grab_px = 0.0

    @property
    def is_dragging(self) -> bool:
        """Whether a level follows the mouse."""
        return self._lines.held is not None and self._lines.held.is_dragged

    def grab(self, level: PriceLevel, point: QPointF, scene: Scene) -> None:
        """Have a level follow the mouse from a point on its line."""
        self._grab_px = point.y() - scene.y(self._lines.price_of(level))
        self._lines.held = Held(level, self._lines.price_of(level), is_dragged=True)

    def drag(self, point: QPointF, scene: Scene) -> None:
        """Put the level where the mouse is, on a price there can be, and within what is seen."""
        held = self._lines.held
        assert held is not None
        y = min(max(point.y() - self._grab_px, scene.prices.top()), scene.prices.bottom())
        self._lines.held = replace(held, price=self._lines.snapped(scene.price(y)))

    def choose(self, level: PriceLevel | None) -> None:
        """Have a level for the keyboard, or none."""
        self._lines.held = (
            None if level is None else Held(level, self._lines.price_of(level), is_dragged=False)
        )

    def step(self, ticks: int) -> None:
        """Put the chosen level some ticks higher, or lower where negative."""
        held = self._lines.held
        if held is not None:
            price = self._lines.snapped(held.price + ticks * self._lines.instrument.tick_size)
            self._lines.held = replace(held, price=price)

    def drop(self) -> Moved | None:
        """Leave the level where it is put, chosen; return what is to change, ``None`` for nothing."""
        held = self._lines.held
        if held is None:
            return None
        self._lines.held = replace(held, is_dragged=False)
        if not held.is_moved:
            return None
        self._lines.keep(held.level, held.price)
        return held.level, held.price

    def give_up(self) -> bool:
        """Put the level back to where its rule has it; return whether there was one."""
        held = self._lines.held
        if held is None:
            return False
        # First the way back, then none is chosen: two things that Esc is pressed for.
        is_away = held.is_dragged or held.is_moved
        self._lines.held = replace(held, price=held.level.price, is_dragged=False) if is_away else None
        return True
