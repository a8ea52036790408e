"""What a rule would have done, as the trader sees it: over bars that are really kept, by the real process."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QTableView, QToolButton
from pytestqt.qtbot import QtBot

from tests.ui.past_desk import drop, kept_past, walk
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.paths import resources
from tradeassist_desktop.storage.stores import MarketStore
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.widgets.would_have_fired import WouldHaveFired

LEVEL1 = resources() / "samples" / "esu24-2024-07-02-level1.csv.gz"


def rule(when: str, *symbols: str) -> Rule:
    return Rule(uid="draft", name="draft", symbols=symbols or ("/ES",), when=when)


@pytest.fixture
async def store(tmp_path: Path, desk: Any) -> AsyncIterator[MarketStore]:
    async with kept_past(desk, tmp_path) as store:
        yield store


@pytest.fixture
def shown(store: MarketStore, window: MainWindow, qtbot: QtBot) -> WouldHaveFired:
    """The widget, on the window's helpers."""
    made = WouldHaveFired(context=window.panel("rules").context)  # type: ignore[union-attr]
    qtbot.addWidget(made)
    made.resize(560, 320)
    made.show()
    return made


def said(widget: WouldHaveFired) -> str:
    label = widget.findChild(QLabel, "wouldHaveFiredSaid")
    assert isinstance(label, QLabel)
    return label.text()


async def test_a_rule_says_where_it_would_have_fired_and_a_click_leads_the_chart_there(
    shown: WouldHaveFired,
    store: MarketStore,
    desk: Any,
    window: MainWindow,
    until: Callable[..., Any],
    qtbot: QtBot,
) -> None:
    await store.keep_bars("/ES", walk(desk.clock.ns, 300))
    navigator = window.panel("rules").context.navigator  # type: ignore[union-attr]
    marks: list[Any] = []
    moments: list[Any] = []
    navigator.preview_changed.connect(marks.append)
    navigator.moment_chosen.connect(lambda *moment: moments.append(moment))

    shown.show_rule(rule("last crosses"))  # while it is typed
    shown.show_rule(rule("close[1m] crosses above ema(20)[1m]"))
    await until(lambda: said(shown).startswith("Would have fired"), timeout=20)

    table = shown.findChild(QTableView, "firings")
    assert isinstance(table, QTableView)
    count = table.model().rowCount()
    assert said(shown) == f"Would have fired {count} times in the 5 h that are kept"
    assert [mark.event_ns for mark in marks[-1]] == sorted(mark.event_ns for mark in marks[-1])
    assert len(marks[-1]) == count
    where = table.visualRect(table.model().index(0, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert moments == [("/ES", marks[-1][-1].event_ns)]
    details = shown.findChild(QLabel, "wouldHaveFiredDetails")
    assert isinstance(details, QLabel)
    assert text.unbroken("went its way after 15 m") in details.text()
    assert text.unbroken("read 300 minutes of /ES") in details.text()

    shown.show_rule(None)
    assert marks[-1] == ()
    assert table.model().rowCount() == 0


async def test_without_data_it_says_so_and_takes_a_file_that_is_dropped_on_it(
    shown: WouldHaveFired, until: Callable[..., Any], qtbot: QtBot
) -> None:
    shown.show_rule(rule("last crosses above 5528.5", "/ESU24"))
    await until(lambda: said(shown) == "No data of /ESU24 yet", timeout=20)

    drop(LEVEL1, shown)
    await until(lambda: "esu24-2024-07-02-level1.csv.gz" in said(shown))

    assert not shown.findChild(QToolButton, "previewDays_5").isEnabled()  # type: ignore[union-attr]
    back = shown.findChild(QToolButton, "testFileBack")
    assert isinstance(back, QToolButton)
    qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    await until(lambda: said(shown) == "No data of /ESU24 yet", timeout=20)


async def test_what_cannot_be_read_is_said_with_a_way_to_try_again(
    shown: WouldHaveFired, until: Callable[..., Any], tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "ticks.csv"
    file.write_text("time,symbol,last\n1,/ES,5500\n")
    shown.show_rule(rule("last > 1"))
    drop(file, shown)
    await until(lambda: said(shown).startswith("Would have fired once"), timeout=20)

    file.unlink()
    qtbot.mouseClick(shown.findChild(QToolButton, "previewDays_20"), Qt.MouseButton.LeftButton)
    shown.show_rule(rule("last > 2"))
    await until(lambda: said(shown) == "This could not be tried")

    again = shown.findChild(QPushButton, "previewAgain")
    assert isinstance(again, QPushButton)
    file.write_text("time,symbol,last\n1,/ES,5500\n")
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    await until(lambda: said(shown).startswith("Would have fired once"), timeout=20)


async def test_the_quick_add_says_how_often_the_rule_would_have_fired(
    window: MainWindow, store: MarketStore, desk: Any, until: Callable[..., Any]
) -> None:
    await store.keep_bars("/ES", walk(desk.clock.ns, 300))
    window.navigator.quick_rule_wanted.emit("/ES close[1m] crosses above ema(20)[1m]")
    told = window.findChild(QLabel, "quickAddWouldFire")
    line = window.findChild(QLineEdit, "quickAddLine")
    assert told is not None
    assert line is not None

    await until(lambda: told.text().endswith("went its way after 15 m"), timeout=20)
    assert told.text().startswith("Would have fired ")

    line.setText("/ES close[1m] crosses abve")
    assert not told.isVisible()
