"""The Test dock on a past that is really kept: outcome, comparison, other numbers, a test alert, a replay."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollArea,
    QTableView,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.ui.past_desk import drop, kept_past, walk
from tradeassist_desktop.domain.events import ReplayMoved
from tradeassist_desktop.domain.recordings import KeptRecording
from tradeassist_desktop.domain.replay import ReplayState
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.studies.suggesting.chance import Share
from tradeassist_desktop.paths import resources
from tradeassist_desktop.storage.stores import MarketStore
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.panels.base import Panel
from tradeassist_desktop.ui.widgets.controls import Choice
from tradeassist_desktop.ui.widgets.testing.comparison import difference
from tradeassist_desktop.ui.widgets.testing.preview_words import share_words
from tradeassist_desktop.ui.widgets.testing.sweep_map import SweepMap

LEVEL1 = resources() / "samples" / "esu24-2024-07-02-level1.csv.gz"
CROSSING = Rule(
    uid="rule-0",
    name="ES crossing",
    symbols=("/ES",),
    when="close[1m] crosses above ema(20)[1m] and close[1m] > 5400",
    cooldown_ns=0,
)


@pytest.fixture
async def store(tmp_path: Path, desk: Any) -> AsyncIterator[MarketStore]:
    desk.rules.rules = {CROSSING.uid: CROSSING}
    async with kept_past(desk, tmp_path) as store:
        yield store


@pytest.fixture
async def panel(store: MarketStore, window: MainWindow, desk: Any, until: Callable[..., Any]) -> Panel:
    """The dock, with the rule of the desk on five hours of the past."""
    await store.keep_bars("/ES", walk(desk.clock.ns, 300))
    window.navigator.test_wanted.emit(CROSSING)
    panel = window.panel("test")
    assert panel is not None
    await until(lambda: words(panel, "testSaid").startswith("Would have fired"), timeout=20)
    return panel


def words(panel: Panel, name: str) -> str:
    label = panel.findChild(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text()


def choose(panel: Panel, name: str, place: int) -> None:
    choice = panel.findChild(Choice, name)
    assert isinstance(choice, Choice)
    choice.setCurrentIndex(place)
    choice.picked.emit(choice.value)


def cells(panel: Panel, name: str, row: int) -> list[str]:
    table = panel.findChild(QTableView, name)
    assert isinstance(table, QTableView)
    model = table.model()
    return [model.index(row, column).data() for column in range(model.columnCount())]


async def test_in_a_dock_of_480_px_nothing_is_out_of_reach(
    panel: Panel, window: MainWindow, until: Callable[..., Any]
) -> None:
    kinds = (QAbstractButton, QComboBox, QLineEdit, QTableView, SweepMap)
    scroll = panel.findChild(QScrollArea, "testScroll")
    dock = window.dock("test")
    dock.setFloating(True)
    dock.resize(480, 420)
    await until(lambda: panel.width() <= 480 and panel.height() <= 420)

    cut = []
    for control in panel.findChildren(QWidget):
        if isinstance(control, kinds) and control.isVisibleTo(panel):
            scroll.ensureWidgetVisible(control)
            seen = control.visibleRegion().boundingRect()
            if seen.width() < control.width() or seen.height() < min(24, control.height()):
                cut.append(control.objectName())

    assert (dock.width(), cut) == (480, [])


async def test_a_rule_is_judged_by_counts_and_confidence_and_beside_another_version(
    panel: Panel, window: MainWindow, until: Callable[..., Any]
) -> None:
    fired = int(words(panel, "testSaid").split(" ")[3])
    await until(lambda: cells(panel, "testOutcome", 2)[3].endswith(" %"), timeout=10)  # what chance does

    after, known, way, *_ = cells(panel, "testOutcome", 0)
    assert (after, known) == ("1 m", str(fired))
    assert way == share_words(int(way.split(" ")[0]), fired)
    assert "(" in way

    draft = replace(CROSSING, when="close[1m] crosses above ema(10)[1m] and close[1m] > 5400")
    window.navigator.test_wanted.emit(draft)
    await until(lambda: " of the second" in words(panel, "testSaid"), timeout=10)

    assert "chance" in words(panel, "testVerdict")
    assert cells(panel, "testCompared", 0)[2] == way


async def test_at_the_end_of_a_replay_all_that_was_played_is_looked_at(
    panel: Panel, desk: Any, store: MarketStore, until: Callable[..., Any]
) -> None:
    before = words(panel, "testSaid")
    await store.keep_bars("/ES", walk(desk.clock.ns, 600))

    desk.bus.publish(ReplayMoved(state=ReplayState(first_ns=1, last_ns=2, at_ns=2, speed=1.0, is_ended=True)))

    await until(
        lambda: words(panel, "testSaid").startswith("Would have fired") and words(panel, "testSaid") != before
    )


async def test_a_combination_of_other_numbers_is_taken_into_the_editor_or_the_rule(
    panel: Panel, window: MainWindow, desk: Any, until: Callable[..., Any], qtbot: QtBot
) -> None:
    drafts: list[Rule] = []
    window.navigator.draft_wanted.connect(drafts.append)
    choose(panel, "sweepFirstNumber", 0)
    for name, number in (("From", "5"), ("To", "20"), ("Step", "5")):
        panel.findChild(QLineEdit, f"sweepFirst{name}").setText(number)  # type: ignore[union-attr]
    choose(panel, "sweepSecondNumber", 1)  # what is varied first is not offered again
    run = panel.findChild(QPushButton, "sweepRun")
    assert isinstance(run, QPushButton)
    assert run.text() == "Try 28"

    run.click()
    sweep = panel.findChild(SweepMap)
    assert isinstance(sweep, SweepMap)
    await until(lambda: sweep.result is not None, timeout=30)

    assert sweep.result is not None
    assert sweep.result.numbers[0] == "20"  # as it stands in the rule
    assert words(panel, "sweepChosen").startswith("20 and 5400: fires ")
    picture = sweep.picture()
    assert picture is not None
    qtbot.mouseClick(sweep, Qt.MouseButton.LeftButton, pos=picture.cell(3).center().toPoint())
    assert sweep.result.numbers == ("5", "5400")
    qtbot.keyClick(sweep, Qt.Key.Key_Right)
    qtbot.keyClick(sweep, Qt.Key.Key_Return)
    assert [draft.when for draft in drafts] == ["close[1m] crosses above ema(10)[1m] and close[1m] > 5400"]

    panel.findChild(QPushButton, "sweepApply").click()  # type: ignore[union-attr]
    await until(lambda: desk.rules.rules["rule-0"].when == drafts[0].when)
    panel.context.rule_changes.undo()
    await until(lambda: desk.rules.rules["rule-0"] == CROSSING)


async def test_it_fires_through_the_channels_plays_a_recording_again_and_takes_a_file(
    panel: Panel, window: MainWindow, desk: Any, until: Callable[..., Any], tmp_path: Path
) -> None:
    panel.findChild(QPushButton, "testFire").click()  # type: ignore[union-attr]
    await until(lambda: "delivered" in words(panel, "testDrilled"))
    assert desk.channels["toast"].messages[-1].is_test
    assert desk.history.records() == ()
    desk.rules.rules["rule-1"] = replace(CROSSING, uid="rule-1", name="Another")
    window.navigator.test_wanted.emit(desk.rules.rules["rule-1"])
    assert panel.findChild(QLabel, "testDrilled").isHidden(), "it told of another rule"  # type: ignore[union-attr]

    wanted: list[tuple[Path, str]] = []
    window.navigator.replay_wanted.connect(lambda *asked: wanted.append(asked))
    file = tmp_path / "session.csv.gz"
    desk.recordings.files = [
        KeptRecording(
            file=file,
            size_bytes=1,
            made_ns=1,
            is_scheduled=False,
            rows=9,
            first_ns=desk.clock.ns,
            last_ns=desk.clock.ns + 10**12,
            symbols=("/ES",),
        )
    ]
    menu = panel.findChild(QMenu, "testReplayMenu")
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    await until(lambda: menu.actions() and menu.actions()[0].isEnabled())
    menu.actions()[0].trigger()
    assert wanted == [(file, "")]

    drop(LEVEL1, panel)
    await until(lambda: words(panel, "testSaid") == f"No data of /ES in {LEVEL1.name}", timeout=10)
    assert not panel.findChild(QToolButton, "testDays_5").isEnabled()  # type: ignore[union-attr]

    unnamed = tmp_path / "unnamed.csv"
    unnamed.write_text("timestamp,last\n1,5\n")
    drop(unnamed, panel)
    await until(lambda: panel.findChild(QLineEdit, "testFileSymbolLine"))
    panel.findChild(QPushButton, "testFileSymbolDone").click()  # type: ignore[union-attr]
    await until(lambda: panel.findChild(QToolButton, "testFile").toolTip().endswith("unnamed.csv"))  # type: ignore[union-attr]
    menu.aboutToShow.emit()
    menu.actions()[0].trigger()
    assert wanted[-1] == (unnamed, "/ES")


def test_the_difference_of_two_shares_is_newcombes() -> None:
    # His worked example: 56 of 70 against 48 of 80 (1998, table II, method 10).
    low, high = difference(Share(56, 70), Share(48, 80))

    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)
