"""A small picture of a symbol's last hour, as an alert found it: drawn off screen, as PNG."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar, Instrument
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.exports.chart_levels import levels_of
from tradeassist_desktop.runtime.aside import aside
from tradeassist_desktop.runtime.clock import Clock

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

BARS: Final = 60
TIMEFRAME: Final = "1m"
_FEWEST_BARS: Final = 5
_FARTHEST_LEVEL: Final = 1.5
_VENUE_S: Final = 2.0

_WIDTH, _HEIGHT = 720, 320
_LEFT, _TOP, _RIGHT, _BOTTOM = 12, 34, 88, 26
_PAPER, _INK, _FAINT = "#ffffff", "#414b5c", "#d5dce6"
# A pair that the colour-blind can tell apart, as the picture can't know who looks at it.
_UP, _DOWN, _MARK = "#1763c6", "#b45a00", "#bf2626"


class ChartMarket(Protocol):
    """What a picture is drawn from."""

    async def bars(self, symbol: str, timeframe: str, limit: int) -> list[Bar]:
        """Return the newest closed bars that are known, oldest first; the venue is asked for more."""
        ...

    def forming_bar(self, symbol: str, timeframe: str) -> Bar | None:
        """Return the bar that is being built, if there is one."""
        ...

    def instrument(self, symbol: str) -> Instrument:
        """Return what is known of a symbol."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartScene:
    """All that is in one picture.

    Args:
        bars: Oldest first, at least one.
        alert_ns: When the alert happened, in event time.
        levels: Prices that the rule names.
        zone: Of the times; ``None`` is this machine's.
    """

    symbol: str
    bars: Sequence[Bar]
    alert_ns: int
    levels: Sequence[float]
    decimals: int
    zone: tzinfo | None = None


class ChartPictures:
    """Draws the alerts of symbols that have bars, in a thread: the loop does not wait.

    Args:
        market: Returns what is drawn from; ``None`` before the desk stands.
    """

    def __init__(self, *, market: Callable[[], ChartMarket | None], clock: Clock) -> None:
        self._market = market
        self._clock = clock

    async def illustrate(self, message: Message) -> bytes | None:
        """Return the last hour up to the alert, or ``None`` where fewer than five bars are known."""
        market = self._market()
        if market is None or not message.symbol:
            return None
        bars = await market.bars(message.symbol, TIMEFRAME, BARS)
        if len(bars) < BARS:
            # It may be the first to look at this symbol, and the venue be about to answer.
            await self._clock.sleep(_VENUE_S)
            bars = await market.bars(message.symbol, TIMEFRAME, BARS)
        forming = market.forming_bar(message.symbol, TIMEFRAME)
        if forming is not None and (not bars or forming.start_ns >= bars[-1].end_ns):
            bars = [*bars, forming]
        if len(bars) < _FEWEST_BARS or bars[0].start_ns > message.event_ns:
            return None
        scene = ChartScene(
            symbol=message.symbol,
            bars=bars[-BARS:],
            alert_ns=message.event_ns,
            levels=levels_of(message.condition, message.symbol),
            decimals=market.instrument(message.symbol).decimals,
        )
        return await aside(partial(draw, scene), name="chart picture")


def draw(scene: ChartScene) -> bytes:
    """Return a scene as PNG, 720 × 320.

    Without a Qt application (a run without a window) it has no words: Qt ends the program where a
    font is asked for too early.
    """
    from PySide6.QtCore import QBuffer, QIODevice
    from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter

    image = QImage(_WIDTH, _HEIGHT, QImage.Format.Format_RGB32)
    image.fill(QColor(_PAPER))
    painter = QPainter(image)
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _Drawing(painter, scene, has_words=QGuiApplication.instance() is not None).draw()
    finally:
        painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # PySide6's stubs want bytes, which it does not take
    return bytes(buffer.data().data())


class _Drawing:
    """One picture being drawn: where each price and time lies, and the parts in their order."""

    def __init__(self, painter: "QPainter", scene: ChartScene, *, has_words: bool) -> None:
        self._painter = painter
        self._scene = scene
        self._has_words = has_words
        low, high = min(bar.low for bar in scene.bars), max(bar.high for bar in scene.bars)
        span = (high - low) or abs(high) * 0.001 or 1.0
        # A level far off would press the candles flat; then it is left out.
        self._levels = [
            level
            for level in scene.levels
            if low - span * _FARTHEST_LEVEL <= level <= high + span * _FARTHEST_LEVEL
        ]
        low, high = min([low, *self._levels]), max([high, *self._levels])
        margin = (high - low or span) * 0.06
        self._low, self._high = low - margin, high + margin
        self._step = (_WIDTH - _LEFT - _RIGHT) / len(scene.bars)

    def draw(self) -> None:
        """Draw all of it."""
        self._frame()
        for place, bar in enumerate(self._scene.bars):
            self._candle(place, bar)
        for level in self._levels:
            self._level(level)
        self._alert()
        if self._has_words:
            self._words()

    def _frame(self) -> None:
        from PySide6.QtGui import QColor, QPen

        self._painter.setPen(QPen(QColor(_FAINT), 1))
        self._painter.drawRect(_LEFT, _TOP, _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM)

    def _candle(self, place: int, bar: Bar) -> None:
        from PySide6.QtCore import QPointF, QRectF
        from PySide6.QtGui import QColor, QPen

        is_up = bar.close >= bar.open
        colour = QColor(_UP if is_up else _DOWN)
        x, half = self._x(place), max(1.0, self._step * 0.32)
        self._painter.setPen(QPen(colour, 1.2))
        self._painter.drawLine(QPointF(x, self._y(bar.high)), QPointF(x, self._y(bar.low)))
        top, bottom = self._y(max(bar.open, bar.close)), self._y(min(bar.open, bar.close))
        # Rising ones are hollow: the two are told apart in a print, too.
        self._painter.setBrush(QColor(_PAPER) if is_up else colour)
        self._painter.drawRect(QRectF(x - half, top, 2 * half, max(1.0, bottom - top)))

    def _level(self, price: float) -> None:
        from PySide6.QtCore import QPointF, Qt
        from PySide6.QtGui import QColor, QPen

        self._painter.setPen(QPen(QColor(_MARK), 2, Qt.PenStyle.DashLine))
        y = round(self._y(price))  # on whole pixels: sharp
        self._painter.drawLine(QPointF(_LEFT, y), QPointF(_WIDTH - _RIGHT, y))

    def _alert(self) -> None:
        """Mark the bar in which the alert happened: a line from top to bottom, an arrow on it."""
        from PySide6.QtCore import QPointF, Qt
        from PySide6.QtGui import QColor, QPen, QPolygonF

        x = self._x(self._alert_place())
        self._painter.setPen(QPen(QColor(_MARK), 1, Qt.PenStyle.DotLine))
        self._painter.drawLine(QPointF(x, _TOP), QPointF(x, _HEIGHT - _BOTTOM))
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(QColor(_MARK))
        self._painter.drawPolygon(
            QPolygonF([QPointF(x - 6, _TOP - 9), QPointF(x + 6, _TOP - 9), QPointF(x, _TOP)])
        )

    def _alert_place(self) -> int:
        begun = [place for place, bar in enumerate(self._scene.bars) if bar.start_ns <= self._scene.alert_ns]
        return begun[-1] if begun else 0

    def _words(self) -> None:
        from PySide6.QtCore import QRectF, Qt
        from PySide6.QtGui import QColor, QFont

        bars, zone = self._scene.bars, self._scene.zone
        font = QFont()
        font.setPixelSize(13)
        self._painter.setFont(font)
        self._painter.setPen(QColor(_INK))
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        middle = Qt.AlignmentFlag.AlignVCenter
        room = _WIDTH - _LEFT - _RIGHT
        title = f"{self._scene.symbol[:40]} · {len(bars)} × {TIMEFRAME}"
        self._painter.drawText(QRectF(_LEFT, 4, room / 2, 18), left | middle, title)
        bottom = QRectF(_LEFT, _HEIGHT - _BOTTOM, room, _BOTTOM)
        self._painter.drawText(bottom, left | middle, _clock(bars[0].start_ns, zone))
        self._painter.drawText(bottom, right | middle, _clock(bars[-1].end_ns, zone))
        for price, colour in self._labels():
            self._painter.setPen(QColor(colour))
            box = QRectF(_WIDTH - _RIGHT + 6, self._y(price) - 9, _RIGHT - 8, 18)
            self._painter.drawText(box, left | middle, f"{price:,.{self._scene.decimals}f}")

    def _labels(self) -> list[tuple[float, str]]:
        """Return which prices are written at the side: none over another, the levels first."""
        bars = self._scene.bars
        wanted = [(level, _MARK) for level in self._levels] + [
            (bars[-1].close, _INK),
            (max(bar.high for bar in bars), _INK),
            (min(bar.low for bar in bars), _INK),
        ]
        kept: list[tuple[float, str]] = []
        for price, colour in wanted:
            if all(abs(self._y(price) - self._y(other)) >= 15 for other, _ in kept):
                kept.append((price, colour))
        return kept

    def _x(self, place: int) -> float:
        return _LEFT + (place + 0.5) * self._step

    def _y(self, price: float) -> float:
        share = (price - self._low) / (self._high - self._low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _clock(event_ns: int, zone: tzinfo | None) -> str:
    return f"{datetime.fromtimestamp(event_ns // NS_PER_SECOND, UTC).astimezone(zone):%H:%M}"
