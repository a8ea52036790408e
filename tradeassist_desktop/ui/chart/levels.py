"""The levels of rules as lines on the chart, and the one that is being moved."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.domain.rules import PriceLevel
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.chart.scene import Scene
from tradeassist_desktop.ui.chart.tags import Tag
from tradeassist_desktop.ui.theme import Tokens, faded

_REACH_PX: Final = 5
_APART_PX: Final = 16
_GRIP_PX: Final = 14
_LEGEND_PX: Final = 52
_NAME_PX: Final = 15
_MARK_PX: Final = 9


@dataclass(frozen=True, slots=True)
class Held:
    """A level that is chosen; ``price`` is where it is put for now."""

    level: PriceLevel
    price: float
    is_dragged: bool

    @property
    def is_moved(self) -> bool:
        """Whether it is put elsewhere than its rule has it."""
        return self.price != self.level.price


@dataclass(frozen=True, slots=True)
class _Name:
    """What is written at a line; ``share`` is how much of the chart's width it may take."""

    y: float
    words: str
    colour: QColor
    share: float


class LevelLines:
    """The lines of one chart.

    Args:
        why_fixed: Returns why a level may not be moved; empty where it may.
    """

    def __init__(self, *, why_fixed: Callable[[PriceLevel], str]) -> None:
        self.levels: tuple[PriceLevel, ...] = ()
        self.held: Held | None = None
        self.instrument = Instrument(symbol="")
        self.why_fixed = why_fixed
        self._kept: dict[tuple[str, float], float] = {}
        self._names: list[_Name] = []
        self._tags: dict[str, Tag] = {}  # by their words: two at one price are one
        self._tag_of_held: Tag | None = None

    def show(self, levels: tuple[PriceLevel, ...]) -> bool:
        """Show these levels from now on; return whether they are others than before."""
        if levels == self.levels:
            return False
        self.levels = levels
        if self.held is not None and not self.held.is_dragged:
            before = self.held.level
            same = next(
                (each for each in levels if (each.uid, each.price) == (before.uid, before.price)), None
            )
            # Chosen it stays, also where it has just been moved to.
            moved = next(
                (each for each in levels if (each.uid, each.price) == (before.uid, self.held.price)), None
            )
            found = same or moved
            self.held = None if found is None else replace(self.held, level=found)
        return True

    def at(self, point: QPointF, scene: Scene) -> PriceLevel | None:
        """Return the level whose line is under a point, the nearest of several."""
        if not scene.prices.adjusted(0, 0, scene.width - scene.plot.right(), 0).contains(point):
            return None
        near = [level for level in self.levels if abs(scene.y(self.price_of(level)) - point.y()) <= _REACH_PX]
        return min(near, key=lambda level: abs(scene.y(self.price_of(level)) - point.y()), default=None)

    def next(self, scene: Scene, *, forward: bool) -> PriceLevel | None:
        """Return the level in view after the chosen one, from the highest price down."""
        shown = sorted(
            (level for level in self.levels if scene.shows(level.price)), key=lambda each: -each.price
        )
        if not shown:
            return None
        if self.held is None or self.held.level not in shown:
            return shown[0 if forward else -1]
        return shown[(shown.index(self.held.level) + (1 if forward else -1)) % len(shown)]

    def snapped(self, price: float) -> float:
        """Return the nearest price there can be."""
        tick = self.instrument.tick_size
        # Digits beyond the tick's own are of the arithmetic.
        return round(round(price / tick) * tick, 10) if tick > 0 else price

    def keep(self, level: PriceLevel, price: float) -> None:
        """Show a level where it was put while its rule is being changed."""
        self._kept[level.uid, level.price] = price

    def settle(self) -> None:
        """Show levels where their rules have them again."""
        self._kept.clear()

    def price_of(self, level: PriceLevel) -> float:
        """Return where a level is shown."""
        if self.held is not None and self.held.level == level:
            return self.held.price
        return self._kept.get((level.uid, level.price), level.price)

    def prices(self) -> list[float]:
        """Return where all levels are shown."""
        return [self.price_of(level) for level in self.levels]

    # --- painting

    def draw(self, painter: QPainter, scene: Scene, tokens: Tokens, last: float | None) -> None:
        """Draw the lines, the chosen one above all.

        What they are called is written by ``write_names``; ``tags`` has their prices.
        """
        self._names.clear()
        self._tags.clear()
        self._tag_of_held = None
        taken: list[float] = []
        held = self.held
        for level in sorted(self.levels, key=lambda level: -level.price):
            if held is not None and level == held.level:
                continue
            price = self.price_of(level)
            if scene.shows(price):
                self._draw_quiet(painter, scene, tokens, level, price, taken)
        if held is not None:
            self._draw_held(painter, scene, tokens, held, last)

    def _draw_quiet(
        self,
        painter: QPainter,
        scene: Scene,
        tokens: Tokens,
        level: PriceLevel,
        price: float,
        taken: list[float],
    ) -> None:
        y = round(scene.y(price)) + 0.5
        colour = QColor(tokens.warn if level.is_armed else tokens.text_3)
        pattern = Qt.PenStyle.DashLine if level.is_armed else Qt.PenStyle.DotLine
        painter.setPen(QPen(colour, 1, pattern))
        painter.drawLine(QPointF(scene.plot.left(), y), QPointF(scene.plot.right(), y))
        words = text.price(price, self.instrument)
        if words not in self._tags:
            self._tags[words] = Tag(y, words, colour)
        if all(abs(y - other) >= _APART_PX for other in taken):
            taken.append(y)
            words = level.rule_name if level.is_armed else f"{level.rule_name} (not armed)"
            self._names.append(_Name(y, words, colour, 0.45))

    def _draw_held(
        self, painter: QPainter, scene: Scene, tokens: Tokens, held: Held, last: float | None
    ) -> None:
        colour = QColor(tokens.accent)
        if held.is_moved and scene.shows(held.level.price):
            before = round(scene.y(held.level.price)) + 0.5
            painter.setPen(QPen(QColor(tokens.text_3), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(scene.plot.left(), before), QPointF(scene.plot.right(), before))
        if not scene.shows(held.price):
            return
        y = round(scene.y(held.price)) + 0.5
        painter.setPen(QPen(colour, 2))
        painter.drawLine(QPointF(scene.plot.left(), y), QPointF(scene.plot.right(), y))
        # A grip: chosen is told by more than a colour.
        for offset in (-3, 0, 3):
            right = scene.plot.right() - 6
            painter.drawLine(QPointF(right - _GRIP_PX, y + offset), QPointF(right, y + offset))
        words = text.price(held.price, self.instrument)
        self._tag_of_held = Tag(y, words, colour, ink=tokens.on_accent)
        self._names.append(_Name(y, self.in_words(last), colour, 0.9))

    def tags(self, last: Tag | None) -> list[Tag]:
        """Return the prices of the drawn lines and the last one, those first that are to keep their places.

        The chosen level is being put somewhere, the last price is looked for; others from the highest down.
        """
        return [tag for tag in (self._tag_of_held, last, *self._tags.values()) if tag is not None]

    def write_names(
        self, painter: QPainter, scene: Scene, tokens: Tokens, marks: Iterable[QPointF] = ()
    ) -> None:
        """Write what the drawn lines are called, each at its left, beside the marks that were drawn there."""
        grounds = [
            QRectF(mark.x() - _MARK_PX, mark.y() - _MARK_PX, 2 * _MARK_PX, 2 * _MARK_PX) for mark in marks
        ]
        grounds.sort(key=lambda ground: ground.left())
        metrics = painter.fontMetrics()
        for name in self._names:
            widest = int(scene.plot.width() * name.share)
            words = metrics.elidedText(name.words, Qt.TextElideMode.ElideRight, widest)
            above = name.y - _APART_PX
            # Where the legend is, below the line.
            top = above if above > scene.plot.top() + _LEGEND_PX else name.y + 3
            first = QRectF(scene.plot.left() + 8, top, metrics.horizontalAdvance(words) + 8, _NAME_PX)
            box = _beside(first, grounds)
            if box.right() > scene.plot.right():
                box = first
            painter.fillRect(box, faded(tokens.surface_1, 0.86))
            painter.setPen(name.colour)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def in_words(self, last: float | None) -> str:
        """Return the chosen level: its price, how far it was moved, and how far it is from the last price."""
        held = self.held
        if held is None:
            return ""
        parts = [text.price(held.price, self.instrument)]
        if held.is_moved:
            moved = held.price - held.level.price
            percent = 100 * moved / abs(held.level.price) if held.level.price else None
            parts.append(f"{text.price(moved, self.instrument, signed=True)} ({text.percent(percent)})")
        if last:
            away = held.price - last
            side = "above" if away >= 0 else "below"
            parts.append(
                f"{text.price(abs(away), self.instrument)} ({100 * abs(away) / abs(last):.2f} %) {side} last"
            )
        # The name last: it may be long, and is the least of what is looked for.
        return "  ·  ".join((*parts, held.level.rule_name))


def _beside(box: QRectF, grounds: Iterable[QRectF]) -> QRectF:
    """Return a box moved right past what is in its way; the grounds leftmost first."""
    for ground in grounds:
        if ground.intersects(box):
            box = box.translated(ground.right() - box.left(), 0)
    return box
