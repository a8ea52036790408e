"""The watchlist arranged: groups dragged and folded, several rows at once, columns chosen and sorted."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPushButton, QTableView, QWidget
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.market import Instrument, InstrumentKind
from tradeassist_desktop.domain.watching import WatchGroup
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.models.watchlist.columns import WatchlistColumn

Until = Callable[..., Any]
GROUPS = (WatchGroup("", ("/ES", "AAPL")), WatchGroup("Tech", ("MSFT", "NVDA", "AMD")), WatchGroup("Later"))


@pytest.fixture
async def table(window: MainWindow, desk: Any, until: Until) -> QTableView:
    for symbol, price in (("MSFT", 450.0), ("NVDA", 120.0), ("AMD", 160.0)):
        desk.market.trade(symbol, price, prev_close=100.0)
    await desk.watchlist.arrange(GROUPS)
    found = window.findChild(QTableView, "watchlistTable")
    assert found is not None
    await until(lambda: len(names(found)) == 7)
    return found


def names(table: QTableView) -> list[str]:
    return [str(table.model().index(row, 0).data()) for row in range(table.model().rowCount())]


def groups(desk: Any) -> dict[str, tuple[str, ...]]:
    return {group.name: group.symbols for group in desk.watchlist.groups}


def choose(table: QTableView, *symbols: str) -> None:
    flags = QItemSelectionModel.SelectionFlag
    for number, symbol in enumerate(symbols):
        index = table.model().index(names(table).index(symbol), 0)
        if number == 0:
            table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        else:
            table.selectionModel().select(index, flags.Select | flags.Rows)


def drop_selected(table: QTableView, onto: str, *, below: int = 0) -> None:
    """Let go of the selected rows over another: on the upper edge of it, or so many pixels below that."""
    carried = table.model().mimeData(table.selectionModel().selectedRows())
    rectangle = table.visualRect(table.model().index(names(table).index(onto), 0))
    at = QPointF(rectangle.center().x(), rectangle.top() + below)
    move, left, none = Qt.DropAction.MoveAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for dragged in (QDragEnterEvent, QDragMoveEvent):
        QApplication.sendEvent(table.viewport(), dragged(at.toPoint(), move, carried, left, none))
    QApplication.sendEvent(table.viewport(), QDropEvent(at, move, carried, left, none))


async def test_rows_and_groups_are_dragged_and_brought_back(
    window: MainWindow, table: QTableView, desk: Any, qtbot: QtBot, until: Until
) -> None:
    choose(table, "AAPL", "AMD")
    drop_selected(table, "Later", below=12)  # onto the head of an empty group
    await until(lambda: groups(desk)["Later"] == ("AAPL", "AMD"))
    into_a_group = groups(desk)
    await until(lambda: names(table)[-2:] == ["AAPL", "AMD"])
    choose(table, "NVDA")
    drop_selected(table, "MSFT")
    await until(lambda: groups(desk)["Tech"] == ("NVDA", "MSFT"))
    choose(table, "Later")
    drop_selected(table, "Tech")
    await until(lambda: list(groups(desk)) == ["", "Later", "Tech"])
    choose(table, "/ES")
    drop_selected(table, "Tech", below=12)
    undo = window.findChild(QPushButton, "undoButton")
    await until(lambda: undo.isVisible() and groups(desk)["Tech"] == ("NVDA", "MSFT", "/ES"))
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)

    await until(lambda: groups(desk) == {"": ("/ES",), "Later": ("AAPL", "AMD"), "Tech": ("NVDA", "MSFT")})
    assert into_a_group == {"": ("/ES",), "Tech": ("MSFT", "NVDA"), "Later": ("AAPL", "AMD")}


async def test_groups_are_made_folded_renamed_and_removed_by_keyboard(
    window: MainWindow, table: QTableView, desk: Any, qtbot: QtBot, until: Until
) -> None:
    table.setFocus()
    choose(table, "AAPL")
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    await until(lambda: groups(desk)["Tech"] == ("AAPL", "MSFT", "NVDA", "AMD"))
    choose(table, "Tech")
    qtbot.keyClick(table, Qt.Key.Key_Left)
    await until(lambda: names(table) == ["/ES", "Tech", "Later"])
    qtbot.keyClick(table, Qt.Key.Key_Space)
    await until(lambda: len(names(table)) == 7)
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    await until(lambda: list(groups(desk)) == ["", "Later", "Tech"])
    choose(table, "AMD", "MSFT")
    panel = window.panel("watchlist")
    table.customContextMenuRequested.emit(table.visualRect(table.currentIndex()).center())
    menus = [menu for menu in panel.findChildren(QMenu) if menu.title() == "Move to group"]
    next(each for each in menus[-1].actions() if each.text() == "New group…").trigger()
    for popup in iter(QApplication.activePopupWidget, None):
        popup.close()
    window.findChild(QLineEdit, "newGroupLine").setText("Two")
    qtbot.mouseClick(window.findChild(QPushButton, "newGroupDone"), Qt.MouseButton.LeftButton)
    await until(lambda: groups(desk).get("Two") == ("MSFT", "AMD"))
    window.activateWindow()
    await until(lambda: window.isActiveWindow() and "Two" in names(table))
    choose(table, "Two")
    table.customContextMenuRequested.emit(table.visualRect(table.currentIndex()).center())
    opened = QApplication.activePopupWidget()
    next(each for each in opened.actions() if each.text() == "Rename the group…").trigger()
    opened.close()
    line = window.findChild(QLineEdit, "renameGroupLine")
    assert line.text() == "Two"
    line.setText("Chips")
    qtbot.mouseClick(window.findChild(QPushButton, "renameGroupDone"), Qt.MouseButton.LeftButton)
    await until(lambda: groups(desk).get("Chips") == ("MSFT", "AMD"))
    window.activateWindow()
    await until(lambda: window.isActiveWindow() and "Chips" in names(table))
    choose(table, "Chips")
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Delete)

    await until(lambda: groups(desk) == {"": ("/ES", "MSFT", "AMD"), "Later": (), "Tech": ("AAPL", "NVDA")})


async def test_columns_are_chosen_and_sorted_within_groups_and_my_order_comes_back(
    window: MainWindow, table: QTableView, desk: Any, qtbot: QtBot, until: Until
) -> None:
    header = table.horizontalHeader()

    def click(column: WatchlistColumn) -> None:
        at = QPoint(header.sectionViewportPosition(column) + 10, 10)
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)

    choose(table, "AMD")
    click(WatchlistColumn.LAST)
    await until(lambda: names(table) == ["/ES", "AAPL", "Tech", "MSFT", "AMD", "NVDA", "Later"])
    kept = table.currentIndex().data()
    title = header.model().headerData(WatchlistColumn.LAST, Qt.Orientation.Horizontal)
    desk.market.trade("NVDA", 500.0)
    await until(lambda: names(table)[3] == "NVDA", timeout=4)
    click(WatchlistColumn.LAST)
    await until(lambda: names(table)[:2] == ["AAPL", "/ES"])
    click(WatchlistColumn.LAST)
    await until(lambda: names(table) == ["/ES", "AAPL", "Tech", "MSFT", "NVDA", "AMD", "Later"])
    await desk.settings.set("appearance.watchlist_columns", ("symbol", "last", "age"))
    shown = [column.name for column in WatchlistColumn if not table.isColumnHidden(column)]

    assert kept == "AMD"
    assert title == "Last ▾"
    assert desk.settings.get("appearance.watchlist_sort") == ""
    assert shown == ["SYMBOL", "LAST", "AGE"]


async def test_details_tell_what_an_instrument_is_and_symbols_are_copied_and_pasted(
    window: MainWindow, table: QTableView, desk: Any, qtbot: QtBot, until: Until
) -> None:
    desk.market.instruments["/ES"] = Instrument(
        "/ES",
        kind=InstrumentKind.FUTURE,
        description="E-mini S&P 500",
        tick_size=0.25,
        expires_ns=desk.clock.ns + 3 * 86_400 * 10**9,
    )
    choose(table, "/ES", "MSFT")
    table.setFocus()

    qtbot.keyClick(table, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    told = window.findChild(QWidget, "instrumentFacts").accessibleName()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    QGuiApplication.clipboard().setText("CBOE:$VIX, AAPL TLT")
    qtbot.keyClick(table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: {"$VIX", "TLT"} <= set(desk.watchlist.symbols))

    assert "Kind: Future. Price step: 0.25, shown as 5,528.50. Session: open until " in told
    assert ", in 3 d. Prev. close: 5,500.00. Rules: 1 rule" in told
    assert copied == "/ES\nMSFT"
    assert groups(desk)[""] == ("/ES", "AAPL", "$VIX", "TLT")
