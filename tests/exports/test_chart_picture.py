"""The picture beside an alert: what is in it, drawn with a window and without."""

import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from PySide6.QtGui import QColor, QImage

from tests.channels.desk import message
from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar, Instrument
from tradeassist_desktop.exports.chart_levels import levels_of
from tradeassist_desktop.exports.chart_picture import ChartPictures, ChartScene, draw
from tradeassist_desktop.runtime.clock import SystemClock

MINUTE = 60 * NS_PER_SECOND
START_NS = 1_767_225_600 * NS_PER_SECOND
RED = QColor("#bf2626").rgb()


def bars(count: int = 60, *, close: float = 5530.0, symbol: str = "/ES") -> list[Bar]:
    """Bars around ``close``, one a minute."""
    return [
        Bar(
            symbol=symbol,
            timeframe="1m",
            start_ns=START_NS + number * MINUTE,
            end_ns=START_NS + (number + 1) * MINUTE,
            open=close - 1,
            high=close + 2,
            low=close - 2,
            close=close if number % 2 else close - 1.5,
            volume=100.0,
        )
        for number in range(count)
    ]


def scene(**changes: Any) -> ChartScene:
    values: dict[str, Any] = {
        "symbol": "/ES",
        "bars": bars(),
        "alert_ns": START_NS + 30 * MINUTE,
        "levels": (5530.0,),
        "decimals": 2,
    }
    return ChartScene(**{**values, **changes})


def read(picture: bytes) -> QImage:
    image = QImage.fromData(picture, "PNG")
    assert not image.isNull()
    return image


def reds(image: QImage) -> tuple[int, int]:
    """How many pixels of the mark's colour the fullest row and the fullest column have."""
    rows = [sum(image.pixel(x, y) == RED for x in range(image.width())) for y in range(image.height())]
    columns = [sum(image.pixel(x, y) == RED for y in range(image.height())) for x in range(image.width())]
    return max(rows), max(columns)


class Market:
    """Stands where the desk's view of the market would; at the second look it may know more."""

    def __init__(
        self, closed: Sequence[Bar], forming: Bar | None = None, *, later: Sequence[Bar] | None = None
    ) -> None:
        self._closed = [closed] if later is None else [closed, later]
        self._forming = forming
        self.asked: list[tuple[str, str, int]] = []

    async def bars(self, symbol: str, timeframe: str, limit: int) -> list[Bar]:
        self.asked.append((symbol, timeframe, limit))
        closed = self._closed.pop(0) if len(self._closed) > 1 else self._closed[0]
        return list(closed)[-limit:]

    def forming_bar(self, symbol: str, timeframe: str) -> Bar | None:
        return self._forming

    def instrument(self, symbol: str) -> Instrument:
        return Instrument(symbol=symbol)


class NoWait(SystemClock):
    """A clock on which no wait takes any time; ``waited_s`` is how long they were."""

    def __init__(self) -> None:
        self.waited_s = 0.0

    async def sleep(self, seconds: float) -> None:
        self.waited_s += seconds


# --- what is drawn


def test_a_picture_is_a_small_png(qapp: object) -> None:
    picture = draw(scene())

    image = read(picture)
    assert (image.width(), image.height()) == (720, 320)
    assert len(picture) < 40_000


def test_the_rule_s_level_and_the_alert_s_minute_are_marked(qapp: object) -> None:
    row, column = reds(read(draw(scene())))

    assert row > 200  # a dashed line from side to side
    assert column > 5  # an arrow at the top


@pytest.mark.parametrize(("minute", "third"), [(5, 0), (30, 1), (55, 2)])
def test_the_arrow_is_over_the_minute_of_the_alert(qapp: object, minute: int, third: int) -> None:
    image = read(draw(scene(alert_ns=START_NS + minute * MINUTE, levels=())))

    tips = [x for x in range(image.width()) if image.pixel(x, 28) == RED]

    assert tips and {3 * x // (720 - 88) for x in tips} == {third}


def test_a_level_far_away_does_not_press_the_candles_flat(qapp: object) -> None:
    assert read(draw(scene(levels=(9000.0,)))) == read(draw(scene(levels=())))


@pytest.mark.parametrize(
    "changes",
    [
        {"bars": bars(1)},
        {"bars": bars(close=0.0)},
        {"bars": bars(close=-37.63)},
        {"bars": [bar._replace(open=1.0, high=1.0, low=1.0, close=1.0) for bar in bars()], "levels": ()},
        {"bars": [bar._replace(open=0.0, high=0.0, low=0.0, close=0.0) for bar in bars()], "levels": (0.0,)},
        {"alert_ns": 0},
        {"symbol": "<b>&\x00" * 50},
    ],
    ids=["one bar", "zero", "negative", "flat", "flat at zero", "before", "hostile name"],
)
def test_a_strange_market_is_drawn_too(qapp: object, changes: dict[str, Any]) -> None:
    assert read(draw(scene(**changes))).width() == 720


def test_without_a_window_there_are_no_words_and_no_crash() -> None:
    program = (
        "from tests.exports.test_chart_picture import draw, read, reds, scene\n"
        "print(reds(read(draw(scene()))))\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert int(done.stdout.strip("() \n").split(",")[0]) > 200


# --- which alerts have one


async def test_an_alert_is_drawn_from_its_symbol_s_last_hour_and_the_minute_under_way() -> None:
    closed = bars(60)
    forming = bars(61)[-1]
    market = Market(closed, forming)

    picture = await ChartPictures(market=lambda: market, clock=NoWait()).illustrate(
        message(event_ns=forming.start_ns + 5)
    )

    assert picture is not None
    assert market.asked == [("/ES", "1m", 60)]
    assert picture == draw(
        scene(bars=[*closed, forming][-60:], alert_ns=forming.start_ns + 5, levels=(5530.0,))
    )


async def test_a_minute_that_has_closed_meanwhile_is_drawn_once() -> None:
    closed = bars(60)
    market = Market(closed, closed[-1]._replace(close=5000.0))

    picture = await ChartPictures(market=lambda: market, clock=NoWait()).illustrate(
        message(event_ns=START_NS + 30 * MINUTE)
    )

    assert picture == draw(scene())


@pytest.mark.parametrize(
    ("closed", "changes"),
    [
        (bars(60), {"symbol": ""}),
        (bars(4), {}),
        ([], {}),
        (bars(60), {"event_ns": START_NS - 1}),
    ],
    ids=["of no symbol", "four bars", "no bars", "of a time before"],
)
async def test_where_there_is_nothing_to_see_there_is_no_picture(
    closed: list[Bar], changes: dict[str, Any]
) -> None:
    market = Market(closed)

    assert await ChartPictures(market=lambda: market, clock=NoWait()).illustrate(message(**changes)) is None


async def test_the_first_picture_of_a_symbol_waits_for_the_venue_s_bars_a_little() -> None:
    market, clock = Market(bars(60)[-2:], later=bars(60)), NoWait()

    picture = await ChartPictures(market=lambda: market, clock=clock).illustrate(
        message(event_ns=START_NS + 59 * MINUTE)
    )

    assert clock.waited_s == 2.0
    assert picture == draw(scene(alert_ns=START_NS + 59 * MINUTE))


async def test_before_the_desk_stands_there_is_no_picture() -> None:
    assert await ChartPictures(market=lambda: None, clock=NoWait()).illustrate(message()) is None


# --- levels


@pytest.mark.parametrize(
    ("condition", "levels"),
    [
        ("last crosses above 5530", (5530.0,)),
        ("last in 5500..5530", (5500.0, 5530.0)),
        ("5530 > last", (5530.0,)),
        ("last > 5530 and last > 5530 and low < 5500", (5530.0, 5500.0)),
        ("last > 5530 and rsi(14) > 70", (5530.0,)),
        ("volume > 5530", ()),
        ("change_pct > 2%", ()),
        ("$VIX.last > 20 and last > 5530", (5530.0,)),
        ("high - low > 5", ()),
        ("last > vwap", ()),
        ("", ()),
        ("(((", ()),
    ],
)
def test_levels_are_what_a_price_of_the_symbol_is_compared_with(
    condition: str, levels: tuple[float, ...]
) -> None:
    assert levels_of(condition, "/ES") == levels
