import time
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QToolButton
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.events import HistoryGrew
from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar, Instrument
from tradeassist_desktop.domain.rules import PriceLevel
from tradeassist_desktop.ui.chart.canvas import ChartCanvas
from tradeassist_desktop.ui.chart.series import BarSeries
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.theme import Theme

MINUTE_NS = 60 * NS_PER_SECOND


def bar(minute: int, close: float = 100.0) -> Bar:
    start = minute * MINUTE_NS
    return Bar(
        "/ES", "1m", start, start + MINUTE_NS, 100.0, max(100.0, close), min(100.0, close), close, 10.0
    )


def canvas_of(window: MainWindow) -> ChartCanvas:
    canvas = window.findChild(ChartCanvas, "chartCanvas")
    assert canvas is not None
    return canvas


def test_the_forming_bar_stands_at_the_end_until_it_has_closed() -> None:
    series = BarSeries()
    series.replace([bar(0), bar(1)])

    series.form(bar(2, close=101.0))
    with_forming = (len(series), series.closed)
    series.extend([bar(2, close=102.0)])

    assert with_forming == (3, 2)
    assert (len(series), series.closed, series.figures[3, -1]) == (3, 3, 102.0)


def test_a_bar_brought_again_replaces_what_was_there() -> None:
    series = BarSeries()
    series.replace([bar(0), bar(1)])

    grown = series.extend([bar(1, close=105.0), bar(2)])

    assert (grown, len(series), series.figures[3, 1]) == (1, 3, 105.0)


@pytest.mark.parametrize(
    ("second", "place"),
    [(-1, None), (0, 0), (59, 0), (60, 1), (200, 1)],
    ids=["before", "start", "in", "next", "gap"],
)
def test_an_instant_belongs_to_the_bar_that_holds_it(second: int, place: int | None) -> None:
    series = BarSeries()
    series.replace([bar(0), bar(1), bar(10)])

    assert series.place(second * NS_PER_SECOND) == place


async def test_the_chart_follows_the_row_chosen_in_the_watchlist(
    window: MainWindow, until: Callable[..., Any]
) -> None:
    window.navigator.symbol_chosen.emit("AAPL")

    await until(lambda: window.findChild(QLineEdit, "chartSymbol").text() == "AAPL")


async def test_a_first_chart_shows_the_bars_there_are(window: MainWindow, until: Callable[..., Any]) -> None:
    await until(lambda: canvas_of(window).bars_count == 300)


async def test_a_closed_bar_is_added_at_the_next_beat(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    await until(lambda: canvas_of(window).bars_count == 300)
    last = desk.market.closed["/ES", "1m"][-1]

    fresh = last._replace(start_ns=last.end_ns, end_ns=last.end_ns + MINUTE_NS)
    desk.market.closed["/ES", "1m"].append(fresh)
    desk.market.closed_counts["/ES", "1m"] = 1

    await until(lambda: canvas_of(window).bars_count == 301)


async def test_bars_of_the_past_are_shown_once_they_have_come(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    await until(lambda: canvas_of(window).bars_count == 300)
    first = desk.market.closed["/ES", "1m"][0]

    earlier = first._replace(start_ns=first.start_ns - MINUTE_NS, end_ns=first.start_ns)
    desk.market.closed["/ES", "1m"].insert(0, earlier)
    desk.bus.publish(HistoryGrew("AAPL", "1m"))
    desk.bus.publish(HistoryGrew("/ES", "1m"))

    await until(lambda: canvas_of(window).bars_count == 301)


async def test_a_level_nearby_is_within_the_prices_shown(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    await until(lambda: canvas_of(window).bars_count == 300)
    high = max(b.high for b in desk.market.closed["/ES", "1m"][-120:])

    desk.rules.lines["/ES"] = (PriceLevel("rule-0", "ES breakout", "/ES", high + 5.0, True),)

    await until(lambda: canvas_of(window).visible_prices[1] > high + 5.0)


async def test_a_click_on_a_mark_shows_its_alert(
    window: MainWindow, desk: Any, alert: Callable[..., Any], until: Callable[..., Any], qtbot: QtBot
) -> None:
    await until(lambda: canvas_of(window).bars_count == 300)
    last = desk.market.closed["/ES", "1m"][-10]
    desk.history.fire(alert("one", event_ns=last.start_ns))
    canvas = canvas_of(window)
    await until(lambda: canvas.mark_point("one") is not None)
    chosen: list[str] = []
    window.navigator.alert_chosen.connect(chosen.append)

    point = canvas.mark_point("one")
    assert point is not None
    qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=point.toPoint())

    assert chosen == ["one"]


async def test_a_right_click_offers_an_alert_at_that_price(
    window: MainWindow, desk: Any, until: Callable[..., Any], qtbot: QtBot
) -> None:
    canvas = canvas_of(window)
    await until(lambda: canvas.bars_count == 300)
    middle = QPoint(canvas.viewport().width() // 2, canvas.viewport().height() // 3)

    qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.RightButton, pos=middle)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    offered = menu.actions()[1]
    assert offered.text().startswith("Alert when /ES crosses above 5,5")
    offered.trigger()
    menu.close()

    await until(lambda: len(desk.rules.all()) == 2)
    level = float(desk.rules.all()[1].when.removeprefix("last crosses above "))
    assert level % 0.25 == 0


async def test_another_timeframe_is_one_click(
    window: MainWindow, desk: Any, bars: Callable[..., list[Bar]], until: Callable[..., Any], qtbot: QtBot
) -> None:
    desk.market.closed["/ES", "5m"] = bars("/ES", "5m", 40, first=5500.0, tick=0.25)
    button = window.findChild(QToolButton, "timeframe_5m")
    assert button is not None

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    await until(lambda: canvas_of(window).bars_count == 40)
    assert button.isChecked()


async def test_a_symbol_without_data_says_so_in_place_of_a_chart(
    window: MainWindow, until: Callable[..., Any]
) -> None:
    window.navigator.symbol_chosen.emit("NOSUCH")

    def said() -> list[str]:
        return [each.text() for each in window.dock("chart").findChildren(QLabel) if each.isVisible()]

    await until(lambda: "NOSUCH: subscribed, no data" in said())


def test_ten_thousand_candles_are_painted_in_less_than_a_frame(
    theme: Theme, bars: Callable[..., list[Bar]], qtbot: QtBot
) -> None:
    canvas = ChartCanvas(theme=theme)
    qtbot.addWidget(canvas)
    canvas.resize(1200, 700)
    canvas.show_bars(
        bars("/ES", "1m", 10_000, first=5000.0, tick=0.25), instrument=Instrument("/ES"), timeframe="1m"
    )
    canvas.getPlotItem().getViewBox().setXRange(0, 10_000, padding=0)
    canvas.grab()

    # The fastest of some: other work on this machine only ever adds.
    took_s = []
    for _ in range(8):
        started = time.perf_counter()
        canvas.viewport().grab()
        took_s.append(time.perf_counter() - started)

    assert min(took_s) < 0.033
