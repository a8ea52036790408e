from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QTableView
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.health import Refusal
from tradeassist_desktop.domain.market import NS_PER_SECOND, TradingStatus
from tradeassist_desktop.engine.market.gates import GATES
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.models.watchlist.columns import WatchlistColumn
from tradeassist_desktop.ui.models.watchlist.words import cell
from tradeassist_desktop.ui.text import clock_time

TEN_NS = 1_719_928_800 * NS_PER_SECOND
BAD = Refusal("bad_print", "/ES", "last", 5800.0, TEN_NS, TEN_NS, 5500.0)


def table(window: MainWindow, name: str) -> QTableView:
    found = window.findChild(QTableView, name)
    assert found is not None
    return found


def texts(view: QTableView) -> list[list[str]]:
    model = view.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


@pytest.fixture
def section(window: MainWindow, desk: Any, until: Callable[..., Any]) -> Any:
    async def show() -> QTableView:
        window.show_dock("feed")
        await until(lambda: table(window, "gatesTable").isVisible())
        window.pulse.second.emit()
        return table(window, "gatesTable")

    return show


async def test_gates_that_had_something_to_do_are_listed_with_their_count(
    window: MainWindow, desk: Any, section: Any
) -> None:
    desk.market.refused = {"bad_print": (BAD, BAD), "late": (BAD,)}

    shown = texts(await section())

    idle = window.findChild(QLabel, "idleGates")
    assert idle is not None
    assert shown == [["Bad prints", "2"], ["Out of order", "1"]]
    assert idle.text().startswith("Nothing at: believed after all, duplicates, from the future")
    assert GATES["duplicate"].doc in idle.toolTip()


async def test_the_chosen_gate_stays_chosen_when_another_begins_to_count(
    window: MainWindow, desk: Any, section: Any, choose_row: Callable[..., None]
) -> None:
    desk.market.refused = {"late": (BAD,)}
    gates = await section()
    choose_row(gates, 1)

    desk.market.refused = {"late": (BAD,), "borne_out": (BAD,)}
    window.pulse.second.emit()

    assert [row[0] for row in texts(gates)] == ["Bad prints", "Believed after all", "Out of order"]
    assert gates.currentIndex().row() == 2


async def test_the_newest_of_the_chosen_gate_are_shown_with_the_reason(
    window: MainWindow, desk: Any, section: Any, choose_row: Callable[..., None]
) -> None:
    late = Refusal("late", "AAPL", "last", 220.0, TEN_NS + NS_PER_SECOND, TEN_NS, 221.5)
    ahead = Refusal("future", "AAPL", "", None, TEN_NS + 90 * NS_PER_SECOND, TEN_NS)
    desk.market.refused = {"bad_print": (BAD,), "late": (late,), "future": (ahead,)}
    gates = await section()

    def shown(reason: str) -> list[list[str]]:
        choose_row(gates, [row[0] for row in texts(gates)].index(GATES[reason].title))
        return texts(table(window, "gateSamples"))

    at = clock_time(TEN_NS, now_ns=TEN_NS)
    assert shown("bad_print") == [[at, "/ES", "last 5,800.00", "5,500.00", "+5.45 % from the trade before"]]
    assert shown("late")[0][2:] == ["last 220.00", "221.50", "a newer one had come"]
    assert shown("future") == [[at, "AAPL", "—", "—", "90 s ahead"]]
    doc = window.findChild(QLabel, "gateDoc")
    assert doc is not None
    assert doc.text() == GATES["future"].doc


async def test_the_limit_of_bad_prints_is_set_where_they_are_shown(
    window: MainWindow, desk: Any, section: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    await section()
    box = window.findChild(QDoubleSpinBox, "badPrintLimit")
    assert box is not None
    before = box.value()

    box.selectAll()
    qtbot.keyClicks(box, "2.5")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    await until(lambda: desk.settings.get("gates.bad_print_percent") == 2.5)

    assert before == 5.0


async def test_a_halted_symbol_says_so_and_is_not_stale(window: MainWindow, desk: Any) -> None:
    desk.market.halted["/ES"] = TradingStatus.HALTED
    desk.clock.ns += 90 * NS_PER_SECOND
    window.pulse.tables.emit()

    model = table(window, "watchlistTable").model()
    row = model.index(0, 0).data(Qt.ItemDataRole.UserRole)

    assert cell(row, WatchlistColumn.LEVEL) == "halted 1 m"
    assert not row.is_stale
