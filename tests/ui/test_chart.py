import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QPushButton, QTableView, QToolButton
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.alerts import Timing
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.events import HistoryGrew
from tradeassist_desktop.domain.health import FeedState, FeedStatus, Remedy
from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar, Instrument
from tradeassist_desktop.domain.preview import PreviewMark
from tradeassist_desktop.domain.rules import PriceLevel
from tradeassist_desktop.engine.telling.studies import Place
from tradeassist_desktop.ui.chart.canvas import ChartCanvas
from tradeassist_desktop.ui.chart.levels import LevelLines
from tradeassist_desktop.ui.chart.lines import StudyLine
from tradeassist_desktop.ui.chart.marks import alert_marks
from tradeassist_desktop.ui.chart.pages import Page, PaneState, from_text, to_text
from tradeassist_desktop.ui.chart.scene import Scene
from tradeassist_desktop.ui.chart.series import BarSeries
from tradeassist_desktop.ui.chart.tags import Tag, draw_tags
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.panels.chart import ChartPanel
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

    await until(lambda: any("NOSUCH: subscribed, no data. Is it spelled" in words for words in said()))


async def test_the_keyboard_comes_to_a_chart_without_bars_and_is_on_its_canvas_when_bars_come(
    window: MainWindow, until: Callable[..., Any]
) -> None:
    window.navigator.symbol_chosen.emit("NOSUCH")
    await until(lambda: canvas_of(window).isHidden())
    window.show_dock("rules")

    window.show_dock("chart")
    leads_to = window.focusWidget()
    window.navigator.symbol_chosen.emit("/ES")

    assert window.dock("chart").isAncestorOf(leads_to)
    assert leads_to.accessibleName()
    await until(lambda: window.focusWidget() is canvas_of(window))


async def test_a_chart_of_which_nothing_comes_says_so_and_greys_its_price_until_it_is_heard_again(
    window: MainWindow, desk: Any, theme: Theme, until: Callable[..., Any]
) -> None:
    canvas = canvas_of(window)
    await until(lambda: canvas.bars_count == 300)
    price = window.dock("chart").findChild(QLabel, "chartLast")

    desk.market.blind = {"/ES"}
    desk.clock.ns += 3 * NS_PER_SECOND
    await until(lambda: canvas.silence == "no data 3 s")
    grey = price.styleSheet()
    desk.market.blind = set()
    desk.market.trade("/ES", 5528.5)
    await until(lambda: canvas.silence == "")

    assert grey == f"color: {theme.tokens.text_3}"
    assert price.styleSheet() == f"color: {theme.tokens.text_1}"


@pytest.fixture
def venue(desk: Any) -> Any:
    """The desk, before there is a window, as one whose venue wants its trader to sign in."""
    desk.want_sign_in()
    return desk


async def test_a_chart_without_bars_says_that_nobody_is_signed_in_and_leads_to_the_sign_in(
    venue: Any, window: MainWindow, until: Callable[..., Any], qtbot: QtBot
) -> None:
    wanted: list[bool] = []
    window.navigator.sign_in_wanted.connect(lambda: wanted.append(True))
    refused = FeedStatus(state=FeedState.REFUSED, name="schwab", remedy=Remedy.SIGN_IN)
    window.navigator.symbol_chosen.emit("NOSUCH")
    button = window.findChild(QPushButton, "chartSignIn")

    venue.market.become(refused)
    await until(button.isVisible)
    said = [each.text() for each in window.dock("chart").findChildren(QLabel) if each.isVisible()]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    venue.market.become(FeedStatus(state=FeedState.LIVE, name="schwab"))

    assert "Signed out of Schwab: nothing comes of NOSUCH until you sign in." in said
    assert wanted == [True]
    await until(lambda: not button.isVisible())


async def test_the_keyboard_stays_in_the_chart_as_its_sign_in_button_goes(
    venue: Any, window: MainWindow, until: Callable[..., Any]
) -> None:
    window.navigator.symbol_chosen.emit("NOSUCH")
    button = window.findChild(QPushButton, "chartSignIn")
    venue.market.become(FeedStatus(state=FeedState.REFUSED, name="schwab", remedy=Remedy.SIGN_IN))
    await until(button.isVisible)
    button.setFocus()

    venue.market.become(FeedStatus(state=FeedState.LIVE, name="schwab"))

    await until(lambda: not button.isVisible())
    assert window.dock("chart").isAncestorOf(window.focusWidget())


class Mouse:
    """The left button and the keyboard on a chart."""

    def __init__(self, canvas: ChartCanvas, qtbot: QtBot) -> None:
        self._canvas = canvas
        self._qtbot = qtbot

    def at(self, price: float) -> QPoint:
        point = self._canvas.point_of(int(self._canvas.starts_ns[-60]), price)
        assert point is not None
        return point.toPoint()

    def press(self, price: float) -> None:
        self._qtbot.mousePress(self._canvas.viewport(), Qt.MouseButton.LeftButton, pos=self.at(price))

    def move(self, price: float) -> None:
        self._qtbot.mouseMove(self._canvas.viewport(), self.at(price))

    def release(self, price: float) -> None:
        self._qtbot.mouseRelease(self._canvas.viewport(), Qt.MouseButton.LeftButton, pos=self.at(price))

    def keys(self, *keys: Qt.Key) -> None:
        for key in keys:
            self._qtbot.keyClick(self._canvas, key)


@pytest.fixture
async def mouse(window: MainWindow, desk: Any, until: Callable[..., Any], qtbot: QtBot) -> Mouse:
    """On a chart with the level of a rule within its prices."""
    canvas = canvas_of(window)
    await until(lambda: canvas.bars_count == 300)
    last = desk.market.closed["/ES", "1m"][-1].close
    rule = desk.rules.rules["rule-0"]
    desk.rules.rules["rule-0"] = replace(rule, when=f"last crosses above {last:g}")
    await until(lambda: [level.price for level in canvas.levels] == [last])
    canvas.setFocus()
    return Mouse(canvas, qtbot)


def level_of(desk: Any) -> float:
    return float(desk.rules.rules["rule-0"].when.removeprefix("last crosses above "))


async def test_a_dragged_level_changes_its_rule_and_undo_brings_it_back(
    window: MainWindow, desk: Any, mouse: Mouse, until: Callable[..., Any], qtbot: QtBot
) -> None:
    said: list[str] = []
    window.navigator.noticed.connect(said.append)
    before = level_of(desk)

    mouse.press(before)
    mouse.move(before + 2.6)
    while_dragged = level_of(desk)
    mouse.release(before + 2.6)
    await until(lambda: level_of(desk) != before)
    dropped = level_of(desk)
    await until(lambda: [level.price for level in canvas_of(window).levels] == [dropped])
    qtbot.keyClick(canvas_of(window), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: level_of(desk) == before)

    assert while_dragged == before
    assert dropped % 0.25 == 0.0
    assert abs(dropped - before - 2.6) <= 0.5
    assert said[0] == f"ES breakout is at {dropped:,.2f} now. Ctrl+Z takes it back."


async def test_escape_breaks_a_drag_off(desk: Any, mouse: Mouse, qtbot: QtBot) -> None:
    before = level_of(desk)

    mouse.press(before)
    mouse.move(before + 2.0)
    mouse.keys(Qt.Key.Key_Escape)
    mouse.release(before + 2.0)
    await asyncio.sleep(0)

    assert level_of(desk) == before


async def test_a_level_is_moved_by_the_keyboard_alone(
    window: MainWindow, desk: Any, mouse: Mouse, until: Callable[..., Any]
) -> None:
    before = level_of(desk)

    mouse.keys(Qt.Key.Key_L, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down)
    told = canvas_of(window).accessibleDescription()
    mouse.keys(Qt.Key.Key_Return)
    await until(lambda: level_of(desk) == before + 0.5)
    mouse.keys(Qt.Key.Key_Down, Qt.Key.Key_Return)
    await until(lambda: level_of(desk) == before + 0.25)

    assert told.startswith(f"{before + 0.5:,.2f}  ·  +0.50 (+0.01 %)  ·  ")
    assert told.endswith(" last  ·  ES breakout")


async def test_a_level_stays_where_it_may_not_be_moved(window: MainWindow, desk: Any, mouse: Mouse) -> None:
    said: list[str] = []
    window.navigator.noticed.connect(said.append)
    before = level_of(desk)
    rule = desk.rules.rules["rule-0"]
    desk.rules.rules["rule-0"] = replace(rule, symbols=("/ES", "/MES"))

    mouse.press(before)
    mouse.move(before + 2.0)
    mouse.release(before + 2.0)
    await asyncio.sleep(0)

    assert level_of(desk) == before
    assert said == ["“ES breakout” has one level for its 2 symbols: change it in the editor."]


async def test_a_level_is_not_moved_by_who_may_not_and_that_they_wanted_to_is_written_down(
    gate: Any, window: MainWindow, desk: Any, mouse: Mouse
) -> None:
    said: list[str] = []
    window.navigator.noticed.connect(said.append)
    before = level_of(desk)
    gate.is_admin = False
    mouse.move(before)
    mouse.press(before)
    mouse.release(before)
    pointed_at = list(gate.refused)

    mouse.press(before)
    mouse.move(before + 2.0)
    mouse.release(before + 2.0)
    await asyncio.sleep(0)

    assert level_of(desk) == before
    assert said == ["A trader or an admin may add, change and remove rules."]
    assert (pointed_at, gate.refused) == ([], [Act.EDIT_RULES])


async def test_a_chart_moved_to_its_start_shows_what_came_before_and_stays_in_place(
    window: MainWindow, desk: Any, bars: Callable[..., list[Bar]], until: Callable[..., Any], qtbot: QtBot
) -> None:
    canvas = canvas_of(window)
    await until(lambda: canvas.bars_count == 300)
    first = desk.market.closed["/ES", "1m"][0]
    past = bars("/ES", "1m", 250, first=5500.0, tick=0.25)
    desk.market.earlier["/ES", "1m"] = [
        each._replace(
            start_ns=first.start_ns - (250 - n) * MINUTE_NS, end_ns=first.start_ns - (249 - n) * MINUTE_NS
        )
        for n, each in enumerate(past)
    ]

    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    await until(lambda: canvas.bars_count == 500)
    left = canvas.visible_places[0]
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    await until(lambda: canvas.bars_count == 550)
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    await until(lambda: canvas.note == "There are no earlier bars.")

    assert left == 198.0  # two places before what was the first bar, after 200 came before it
    assert int(canvas.starts_ns[0]) == first.start_ns - 250 * MINUTE_NS
    assert not (canvas.starts_ns[1:] <= canvas.starts_ns[:-1]).any()


async def test_what_the_selected_rule_reads_is_drawn_and_what_it_would_have_done_is_marked(
    window: MainWindow, desk: Any, choose_row: Callable[..., None], until: Callable[..., Any]
) -> None:
    canvas = canvas_of(window)
    await until(lambda: canvas.bars_count == 300)
    when = "last > ema(20) and rsi(14) > 70 and close[5m] > sma(3)[5m]"
    desk.rules.rules["rule-0"] = replace(desk.rules.rules["rule-0"], when=when)
    closed = desk.market.closed["/ES", "1m"]
    desk.market.closed["/ES", "5m"] = [
        bar._replace(timeframe="5m", end_ns=bar.start_ns + 5 * MINUTE_NS)
        for bar in closed
        if bar.start_ns % (5 * MINUTE_NS) == 0
    ]

    choose_row(window.dock("rules").findChild(QTableView), 0)
    window.navigator.preview_changed.emit(
        (PreviewMark("/ES", closed[-9].start_ns), PreviewMark("AAPL", closed[-8].start_ns))
    )
    await until(lambda: len(canvas.lines) == 4 and len(canvas.preview_points) == 1)

    by_text = {line.text: line for line in canvas.lines}
    assert list(by_text) == ["ema(20)", "rsi(14)", "close[5m]", "sma(3)[5m]"]
    assert [len(line.values) for line in canvas.lines] == [300] * 4
    assert by_text["rsi(14)"].thresholds == (70.0,)
    fives = {bar.end_ns: bar.close for bar in desk.market.closed["/ES", "5m"]}
    at_a_close = next(n for n in range(200, 210) if closed[n].end_ns in fives)
    assert by_text["close[5m]"].values[at_a_close] == fives[closed[at_a_close].end_ns]
    assert by_text["close[5m]"].values[at_a_close + 1] == fives[closed[at_a_close].end_ns]


async def test_charts_are_split_and_kept_over_a_restart(
    window: MainWindow, desk: Any, theme: Theme, tmp_path: Any, until: Callable[..., Any], qtbot: QtBot
) -> None:
    panel = window.panel("chart")
    assert isinstance(panel, ChartPanel)
    await until(lambda: canvas_of(window).bars_count == 300)
    control_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    panel.take_focus()

    qtbot.keyClick(panel.panes[0].canvas, Qt.Key.Key_Right, control_shift)
    second = panel.panes[1]
    link = second.findChild(QToolButton, "chartLink")
    assert link is not None
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    window.navigator.symbol_chosen.emit("AAPL")
    second.header.timeframes.chosen.emit("5m")
    await window.finish()
    again = MainWindow(desk=desk, theme=theme, state_file=tmp_path / "layout.ini")
    again.start()
    await until(lambda: isinstance(again.panel("chart"), ChartPanel))
    restored = again.panel("chart")
    assert isinstance(restored, ChartPanel)
    states = [pane.state for pane in restored.panes]
    await again.finish()
    again.deleteLater()

    assert states == [PaneState("AAPL", "1m", True), PaneState("/ES", "5m", False)]


async def test_a_picture_of_the_chart_goes_to_the_clipboard_and_into_a_file(
    window: MainWindow, tmp_path: Any, until: Callable[..., Any], qtbot: QtBot
) -> None:
    panel = window.panel("chart")
    assert isinstance(panel, ChartPanel)
    await until(lambda: canvas_of(window).bars_count == 300)
    panel.take_focus()
    control_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier

    qtbot.keyClick(canvas_of(window), Qt.Key.Key_C, control_shift)
    panel.save_active(tmp_path / "chart.png")
    panel.save_active(tmp_path / "chart.svg")

    copied, saved = QApplication.clipboard().image(), QImage(str(tmp_path / "chart.png"))
    assert copied.size() == saved.size() == panel.panes[0].size()
    drawn = (tmp_path / "chart.svg").read_text()
    assert QSvgRenderer(drawn.encode()).viewBox().size() == saved.size()
    assert drawn.count("<text") > 15 and "Vol" in drawn  # the canvas, too, in letters
    with pytest.raises(TradeAssistError, match="could not be written"):
        panel.save_active(tmp_path / "no folder" / "chart.png")


def test_what_cannot_be_read_of_kept_charts_is_one_chart_anew() -> None:
    kept = to_text((Page(((PaneState("/ES", "5m", False), PaneState()), (PaneState("AAPL"),))),), 0)

    assert from_text(kept)[0][0].panes[0] == PaneState("/ES", "5m", False)
    for broken in ("", "[]", "{", '{"pages": [], "chosen": 0}', kept.replace("pages", "sheets"), "[" * 9999):
        assert from_text(broken) == ((Page(),), 0)


def test_a_replay_marks_what_it_has_raised_and_live_what_was_raised_live(alert: Callable[..., Any]) -> None:
    live, played = alert("live", event_ns=1), alert("played", event_ns=1, timing=Timing.REPLAYED)
    of_another_replay = alert("another", event_ns=2, timing=Timing.REPLAYED)
    records = (live, played, of_another_replay)

    now = alert_marks(records, "/ES")
    replayed = alert_marks(records, "/ES", raised={"played"})

    assert [mark.alert_id for mark in now] == ["live"]
    assert [mark.alert_id for mark in replayed] == ["played"]


def test_values_at_one_price_stand_beside_each_other_and_none_far_from_its_line(theme: Theme) -> None:
    plot = QRectF(0, 0, 400, 200)
    scene = Scene(plot=plot, prices=plot, left=0, right=100, low=0, high=200, width=460, height=220)
    picture = QImage(460, 220, QImage.Format.Format_RGB32)
    rows = {
        "chosen": 100.5,
        "last": 100.5,
        "level": 103.5,
        "one too many": 101.5,
        "far": 160.5,
    }

    painter = QPainter(picture)
    draw_tags(painter, scene, theme.tokens, [Tag(y, words, QColor("red")) for words, y in rows.items()])
    painter.end()

    assert [box.center().y() for box in scene.tags] == [100.5, 82.5, 118.5, 160.5]


@pytest.mark.parametrize(
    ("height", "rows"),
    [
        pytest.param(160, 1, id="a low chart: the bar"),
        pytest.param(200, 2, id="a higher one: the first line, too"),
        pytest.param(460, 5, id="a tall one: all of it"),
    ],
)
def test_the_legend_leaves_a_low_chart_to_its_candles(
    height: int, rows: int, theme: Theme, qtbot: QtBot
) -> None:
    canvas = ChartCanvas(theme=theme)
    qtbot.addWidget(canvas)
    canvas.resize(330, height)
    bars = [bar(minute, 101.0) for minute in range(60)]
    canvas.show_bars(bars, instrument=Instrument("/ES"), timeframe="1m")
    values = np.full(60, 100.5)
    lines = tuple(
        StudyLine(f"sma(last, {count}, 15m)", Place.PRICES, "", 0, values, None, ()) for count in (20, 50)
    )
    canvas.update_now(None, 101.0, lines)
    canvas.say("No earlier bars are known.")

    picture = canvas.grab().toImage()

    plot = canvas.scene_now().plot
    # What is written has inks that neither candles nor lines have.
    tokens = theme.tokens
    inks = {QColor(ink).rgb() for ink in (tokens.text_1, tokens.text_2, tokens.text_3)}
    written = [
        y
        for y in range(round(plot.top()), round(plot.bottom()))
        if any(picture.pixel(x, y) in inks for x in range(4, round(plot.right())))
    ]
    below_first_px = max(written) - round(plot.top()) - 5
    assert below_first_px // 16 + 1 == rows


def test_no_figure_of_the_axis_looks_out_from_behind_the_last_price(theme: Theme, qtbot: QtBot) -> None:
    canvas = ChartCanvas(theme=theme)
    qtbot.addWidget(canvas)
    canvas.resize(600, 400)
    canvas.show_bars(
        [bar(minute, 101.0) for minute in range(60)], instrument=Instrument("/ES"), timeframe="1m"
    )
    ground = QColor(theme.tokens.surface_1)
    cut = []

    for step in range(40):
        last = 100.3 + step / 100
        canvas.update_now(None, last, ())
        picture = canvas.grab().toImage()
        scene = canvas.scene_now()
        y = round(scene.y(last))
        columns = range(int(scene.plot.right()) + 3, picture.width() - 3)
        beside = [picture.pixelColor(x, row) for row in (y - 11, y - 10, y + 10, y + 11) for x in columns]
        cut += [last] if any(colour != ground for colour in beside) else []

    assert cut == []


def test_the_name_of_a_level_stands_beside_the_marks_of_alerts(theme: Theme) -> None:
    scene = Scene(
        plot=QRectF(0, 0, 400, 200),
        prices=QRectF(0, 0, 400, 200),
        left=0,
        right=100,
        low=5400,
        high=5500,
        width=460,
        height=220,
    )
    levels = LevelLines(why_fixed=lambda level: "")
    levels.show((PriceLevel("rule-0", "ES breakout", "/ES", 5450.0, True),))
    mark = QPointF(20, 92)

    def inked(marks: Sequence[QPointF]) -> tuple[int, int]:
        """Where the name begins and ends."""
        picture = QImage(460, 220, QImage.Format.Format_RGB32)
        painter = QPainter(picture)
        levels.draw(painter, scene, theme.tokens, None)
        picture.fill(QColor("black"))
        levels.write_names(painter, scene, theme.tokens, marks)
        painter.end()
        ground = picture.pixelColor(399, 199)
        columns = [x for x in range(400) if picture.pixelColor(x, int(mark.y())) != ground]
        return columns[0], columns[-1]

    usual, beside = inked(()), inked((mark,))

    assert usual[0] < mark.x() < usual[1]
    assert beside[0] > mark.x() + 6
    assert beside[1] - beside[0] == usual[1] - usual[0]
