from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QMimeData, QModelIndex, Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QTableView
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.market import NS_PER_SECOND, InstrumentKind
from tradeassist_desktop.domain.rules import PriceLevel
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.models.watchlist.columns import WatchlistColumn
from tradeassist_desktop.ui.models.watchlist.model import WatchlistModel
from tradeassist_desktop.ui.models.watchlist.words import cell


def cells(table: QTableView, row: int) -> list[str]:
    model = table.model()
    return [str(model.index(row, column).data()) for column in range(model.columnCount())]


def symbols(table: QTableView) -> list[str]:
    return [str(table.model().index(row, 0).data()) for row in range(table.model().rowCount())]


def table_of(window: MainWindow) -> QTableView:
    table = window.findChild(QTableView, "watchlistTable")
    assert table is not None
    return table


async def test_a_row_shows_price_change_quote_volume_age_and_level(window: MainWindow) -> None:
    row = cells(table_of(window), 0)

    assert row[:4] == ["/ES", "5,528.50", "+28.50", "+0.52 %"]
    assert row[4:6] == ["5,528.25 × 5,528.50", "1.23M"]
    assert row[7:] == ["now", "▲ 0.03 % to 5,530.00"]


async def test_a_new_price_shows_within_a_beat(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    desk.market.trade("/ES", 5531.0)

    await until(lambda: cells(table_of(window), 0)[WatchlistColumn.LAST] == "5,531.00")


async def test_a_row_flashes_for_150_ms_in_the_direction_of_its_price(desk: Any, qapp: Any) -> None:
    model = WatchlistModel(desk=desk, parent=qapp)

    desk.market.trade("/ES", 5527.0)
    model.refresh()
    at_once = model.row(0).flash
    desk.clock.ns += 150_000_000
    model.refresh()

    assert (at_once, model.row(0).flash) == (-1, 0)


async def test_unchanged_rows_are_not_painted_again(desk: Any, qapp: Any) -> None:
    model = WatchlistModel(desk=desk, parent=qapp)
    model.refresh()
    changed: list[int] = []
    model.dataChanged.connect(lambda first, last: changed.append(first.row()))

    desk.market.trade("AAPL", 221.0)
    model.refresh()

    assert changed == [1]


async def test_a_symbol_without_data_says_so(window: MainWindow) -> None:
    assert cells(table_of(window), 2)[WatchlistColumn.LAST] == "subscribed, no data"


async def test_a_stale_row_says_how_long_there_was_no_data(desk: Any, qapp: Any) -> None:
    model = WatchlistModel(desk=desk, parent=qapp)

    desk.clock.ns += 42 * NS_PER_SECOND
    model.refresh()

    assert model.row(0).is_stale
    assert cell(model.row(0), WatchlistColumn.LEVEL) == "no data 42 s"


async def test_a_row_is_grey_at_once_when_its_feed_is_down_and_until_it_is_heard_again(
    desk: Any, qapp: Any
) -> None:
    model = WatchlistModel(desk=desk, parent=qapp)
    told = []

    for is_blind, seconds in ((True, 1), (True, 2), (False, 1)):
        desk.market.blind = {"/ES"} if is_blind else set()
        desk.clock.ns += seconds * NS_PER_SECOND
        if not is_blind:
            desk.market.trade("/ES", 5528.5)
        model.refresh()
        told.append((model.row(0).is_stale, cell(model.row(0), WatchlistColumn.LEVEL)))

    assert told == [(True, "no data 1 s"), (True, "no data 3 s"), (False, "▲ 0.03 % to 5,530.00")]
    assert not model.row(1).is_stale


async def test_the_nearest_armed_level_is_the_one_shown(desk: Any, qapp: Any) -> None:
    desk.rules.lines["/ES"] = (
        PriceLevel("far", "far", "/ES", 5600.0, True),
        PriceLevel("spent", "spent", "/ES", 5529.0, False),
        PriceLevel("near", "near", "/ES", 5500.86, True),
    )

    model = WatchlistModel(desk=desk, parent=qapp)

    assert cell(model.row(0), WatchlistColumn.LEVEL) == "▼ 0.50 % to 5,500.86"


async def test_very_near_a_level_its_distance_is_told_in_the_steps_of_the_price(desk: Any, qapp: Any) -> None:
    told = []
    for price in (5528.25, 5528.5):
        desk.rules.lines["/ES"] = (PriceLevel("near", "near", "/ES", price, True),)
        told.append(cell(WatchlistModel(desk=desk, parent=qapp).row(0), WatchlistColumn.LEVEL))

    assert told == ["▼ 0.25 to 5,528.25", "at 5,528.50"]


async def test_an_indicator_around_zero_shows_no_percentages(desk: Any, qapp: Any) -> None:
    instrument = replace(desk.market.instrument("/ES"), kind=InstrumentKind.INDICATOR)
    desk.market.instruments["/ES"] = instrument

    model = WatchlistModel(desk=desk, parent=qapp)

    assert cell(model.row(0), WatchlistColumn.PERCENT) == "—"
    assert cell(model.row(0), WatchlistColumn.LEVEL) == "▲ 1.50 to 5,530.00"


async def test_typing_in_the_list_adds_a_symbol(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    table = table_of(window)
    table.setFocus()

    qtbot.keyClicks(table, "m")
    line = window.findChild(QLineEdit, "addSymbol")
    qtbot.keyClicks(line, "sft")
    qtbot.keyClick(line, Qt.Key.Key_Return)

    await until(lambda: symbols(table) == ["/ES", "AAPL", "NOSUCH", "MSFT"])
    assert window.navigator.symbol == "MSFT"


async def test_a_file_typed_as_a_symbol_is_refused_and_stays_to_be_mended(
    window: MainWindow, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    line = window.findChild(QLineEdit, "addSymbol")

    qtbot.keyClicks(line, "/tmp/list.csv")
    qtbot.keyClick(line, Qt.Key.Key_Return)

    said = window.findChild(QLabel, "statusNotice")
    await until(lambda: said.text().startswith("“/TMP/LIST.CSV” is a file, not a symbol."))
    assert line.text() == "/tmp/list.csv"
    assert symbols(table_of(window)) == ["/ES", "AAPL", "NOSUCH"]


async def test_a_removed_symbol_can_be_brought_back_to_its_place(
    window: MainWindow, qtbot: QtBot, until: Callable[..., Any], choose_row: Callable[..., None]
) -> None:
    table = table_of(window)
    choose_row(table, 0)

    qtbot.keyClick(table, Qt.Key.Key_Delete)
    await until(lambda: symbols(table) == ["AAPL", "NOSUCH"])
    undo = window.findChild(QPushButton, "undoButton")
    await until(undo.isVisible)
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)

    await until(lambda: symbols(table) == ["/ES", "AAPL", "NOSUCH"])


async def test_a_row_dropped_elsewhere_moves_there(window: MainWindow, until: Callable[..., Any]) -> None:
    table = table_of(window)
    model = table.model()

    carried: QMimeData = model.mimeData([model.index(0, 0)])
    model.dropMimeData(carried, Qt.DropAction.MoveAction, 3, 0, QModelIndex())

    await until(lambda: symbols(table) == ["AAPL", "NOSUCH", "/ES"])


async def test_rows_move_by_keyboard_too(
    window: MainWindow, qtbot: QtBot, until: Callable[..., Any], choose_row: Callable[..., None]
) -> None:
    table = table_of(window)
    table.setFocus()
    choose_row(table, 0)

    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)

    await until(lambda: symbols(table) == ["AAPL", "/ES", "NOSUCH"])


async def test_a_narrow_list_drops_columns_instead_of_scrolling(window: MainWindow) -> None:
    table = table_of(window)

    table.share_width(330)  # type: ignore[attr-defined]
    shown = [column.name for column in WatchlistColumn if not table.isColumnHidden(column)]

    assert shown == ["SYMBOL", "LAST", "PERCENT"]
