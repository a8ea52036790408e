"""The ledger of gaps in the window, and how alerts say that they were found out after the fact."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QTableView

from tests.ui.conftest import START_NS, make_record
from tradeassist_desktop.domain.alerts import Timing
from tradeassist_desktop.domain.gaps import GapState
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.models.alerts import state_in_words
from tradeassist_desktop.ui.widgets.why_lines import lines_of_alert

pytestmark = pytest.mark.qt_loop

MINUTE_NS = 60 * NS_PER_SECOND


def table(window: MainWindow) -> QTableView:
    window.show_dock("feed")
    found = window.findChild(QTableView, "gapsTable")
    assert isinstance(found, QTableView)
    return found


def cells(window: MainWindow, row: int, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> list[Any]:
    model = table(window).model()
    return [model.index(row, column).data(role) for column in range(model.columnCount())]


async def test_without_a_gap_the_section_says_so(window: MainWindow) -> None:
    said = [label.text() for label in table(window).viewport().findChildren(QLabel)]

    assert "Nothing was missed" in said


async def test_a_gap_of_less_than_a_second_is_not_called_none(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    desk.gaps.note(
        feed="schwab", from_ns=START_NS - NS_PER_SECOND // 2, until_ns=START_NS, reason="the feed is refused"
    )

    await until(lambda: table(window).model().rowCount() == 1)
    assert cells(window, 0)[2:4] == ["under 1 s", "Schwab: refused"]


async def test_a_time_in_which_the_program_was_not_running_is_no_venue_s_doing(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    desk.gaps.note(
        feed="schwab", from_ns=START_NS - MINUTE_NS, until_ns=START_NS, reason="the program was not running"
    )

    await until(lambda: table(window).model().rowCount() == 1)
    assert cells(window, 0)[3] == "Program not running"


async def test_a_gap_is_a_row_with_what_became_of_it(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    desk.gaps.note(
        feed="schwab",
        from_ns=START_NS - 3 * MINUTE_NS,
        until_ns=START_NS - MINUTE_NS,
        reason="the feed is down and reconnecting",
        state=GapState.PARTLY,
        bars=4,
        late_alerts=2,
        detail="No past bars are to be had of /ES.",
    )
    await until(lambda: table(window).model().rowCount() == 1)

    from_, until_, *rest = cells(window, 0)
    assert (from_, until_) == tuple(text.clock_time(START_NS - n * MINUTE_NS) for n in (3, 1))
    assert rest == ["2 m", "Schwab: down", "partly repaired", "2"]
    assert cells(window, 0, Qt.ItemDataRole.ToolTipRole)[3] == (
        "Schwab: the feed is down and reconnecting\n4 minute bars fetched.\n2 late alerts.\n"
        "No past bars are to be had of /ES."
    )


async def test_the_newest_gap_comes_first_and_one_that_goes_on_grows(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    desk.gaps.note(feed="schwab", from_ns=START_NS - 9 * MINUTE_NS, until_ns=START_NS, reason="down")
    desk.gaps.note(
        feed="schwab", symbol="AAPL", from_ns=desk.market.event_now_ns() - MINUTE_NS, reason="silent",
        state=GapState.SILENT,
    )  # fmt: skip
    await until(lambda: table(window).model().rowCount() == 2)

    before = cells(window, 0)
    desk.clock.ns += 30 * NS_PER_SECOND

    assert before[1:5] == [text.UNKNOWN, "1 m", "AAPL: silent", "goes on"]
    assert cells(window, 0)[2] == "1 m 30 s"
    assert cells(window, 1)[4] == "being repaired"


@pytest.mark.parametrize(
    ("timing", "state", "remark"),
    [
        pytest.param(Timing.LIVE, "new", None, id="live"),
        pytest.param(Timing.LATE, "new, late", "Late: found in the minute bars", id="late"),
        pytest.param(Timing.AFTER_GAP, "new, after a gap", "After a gap: true at the first look", id="after"),
    ],
)
async def test_an_alert_says_how_it_stands_in_time(timing: Timing, state: str, remark: str | None) -> None:
    record = make_record("one", timing=timing)

    said = [line.said for line in lines_of_alert(record, decimals_of=lambda _: 2)]

    assert state_in_words(record) == state
    assert [line for line in said if remark is not None and line.startswith(remark)] == said[2:3] * bool(
        remark
    )


async def test_a_late_alert_is_told_with_its_time_and_how_long_ago_that_was() -> None:
    at_ns = 1_719_927_000 * NS_PER_SECOND

    late = text.timing(Timing.LATE, at_ns, 125 * NS_PER_SECOND)

    assert late == f"late: {text.clock_time(at_ns)} (2 m ago)"
    assert text.timing(Timing.AFTER_GAP, at_ns, 0) == "after a gap"
    assert text.timing(Timing.LIVE, at_ns, 0) == ""
