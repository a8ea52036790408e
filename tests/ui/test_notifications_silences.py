"""The Notifications dock: silences made, ended, extended, and taken back."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QDateTime, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QDateTimeEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.routing import SilenceScope
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.text import local

MINUTE_NS = 60 * NS_PER_SECOND


@pytest.fixture
def shown(window: MainWindow) -> MainWindow:
    """The window, with the dock in front."""
    window.show_dock("notifications")
    return window


def find(window: MainWindow, kind: type, name: str) -> Any:
    found = window.findChild(kind, name)
    assert found is not None, name
    return found


def press(qtbot: QtBot, window: MainWindow, name: str) -> None:
    button = find(window, QPushButton, name)
    assert button.isEnabled(), name
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def choose(qtbot: QtBot, window: MainWindow, name: str, value: str) -> None:
    """Go down with the keyboard until that value is chosen."""
    choice = find(window, QComboBox, name)
    for _ in range(choice.count()):
        if choice.currentData() == value:
            return
        qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert choice.currentData() == value


def rows(window: MainWindow) -> list[list[str]]:
    model = find(window, QTableView, "silencesTable").model()
    return [[model.index(row, column).data() for column in range(4)] for row in range(model.rowCount())]


async def undo(window: MainWindow, qtbot: QtBot, until: Callable[..., Any]) -> None:
    button = find(window, QToolButton, "undoChange")
    await until(button.isEnabled)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


async def test_a_symbol_is_silenced_for_an_hour_on_one_channel_with_a_note(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    choose(qtbot, shown, "silenceScope", "symbol")
    qtbot.keyClicks(find(shown, QLineEdit, "silenceSymbol"), "/es")
    choose(qtbot, shown, "silenceUntil", "60")
    find(shown, QAction, "silenceOn_slack").trigger()
    note = find(shown, QLineEdit, "silenceNote")
    qtbot.keyClicks(note, "lunch")
    qtbot.keyClick(note, Qt.Key.Key_Return)

    await until(lambda: rows(shown) == [["Symbol /ES", "silenced on Slack", "in 1 h", "lunch"]])
    (made,) = desk.silences.active()
    assert (made.until_ns, made.channels) == (desk.clock.ns + 60 * MINUTE_NS, ("slack",))
    assert note.text() == ""


async def test_what_when_and_how_long_stand_below_each_other_and_are_as_wide(
    shown: MainWindow, until: Callable[..., Any]
) -> None:
    fields = [find(shown, QComboBox, f"silence{name}") for name in ("Scope", "From", "Until")]

    await until(lambda: len({(field.x(), field.width()) for field in fields}) == 1)


@pytest.mark.parametrize(
    ("scope", "what"),
    [("all", "All alerts"), ("rule", "Rule ES breakout"), ("tag", "Tag futures")],
)
async def test_everything_a_rule_or_a_tag_is_silenced(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any], scope: str, what: str
) -> None:
    await desk.rules.put(replace(desk.rules.rules["rule-0"], tags=("futures",)))
    choose(qtbot, shown, "silenceScope", scope)

    press(qtbot, shown, "addSilence")

    await until(lambda: rows(shown) == [[what, "silenced", "in 15 m", ""]])


async def test_it_lasts_until_the_open_or_a_time(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    choose(qtbot, shown, "silenceUntil", "open")
    press(qtbot, shown, "addSilence")
    await until(lambda: len(rows(shown)) == 1)
    choose(qtbot, shown, "silenceUntil", "at")
    at_ns = desk.clock.ns + 90 * MINUTE_NS
    find(shown, QDateTimeEdit, "silenceMoment").setDateTime(QDateTime.fromMSecsSinceEpoch(at_ns // 1_000_000))
    press(qtbot, shown, "addSilence")

    await until(lambda: len(rows(shown)) == 2)
    ends = [silence.until_ns for silence in desk.silences.active()]
    assert ends == [desk.silences.next_open_ns(), at_ns]


async def test_it_begins_at_a_time_and_lasts_from_then_on(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    choose(qtbot, shown, "silenceFrom", "at")
    choose(qtbot, shown, "silenceUntil", "60")
    at_ns = desk.clock.ns + 30 * MINUTE_NS
    find(shown, QDateTimeEdit, "silenceStart").setDateTime(QDateTime.fromMSecsSinceEpoch(at_ns // 1_000_000))

    press(qtbot, shown, "addSilence")

    begins = f"{local(at_ns):%H:%M}"
    await until(lambda: rows(shown) == [["All alerts", "to be silenced", f"begins {begins}", ""]])
    (made,) = desk.silences.coming()
    assert (made.from_ns, made.until_ns) == (at_ns, at_ns + 60 * MINUTE_NS)
    told = find(shown, QTableView, "silencesTable").model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert told == f"All alerts: to be silenced from {begins} until {local(made.until_ns):%H:%M}"


async def test_a_silence_to_come_ends_at_a_click_and_is_there_again_after_undo(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    made = await desk.silences.add(
        SilenceScope.ALL, from_ns=desk.clock.ns + MINUTE_NS, until_ns=desk.clock.ns + 9 * MINUTE_NS
    )
    press(qtbot, shown, "endSilence")
    await until(lambda: desk.silences.coming() == ())

    await undo(shown, qtbot, until)

    await until(lambda: desk.silences.coming() == (made,))


async def test_a_time_that_is_past_is_refused_in_words(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    choose(qtbot, shown, "silenceUntil", "at")
    past = QDateTime.fromMSecsSinceEpoch((desk.clock.ns - MINUTE_NS) // 1_000_000)
    find(shown, QDateTimeEdit, "silenceMoment").setDateTime(past)

    press(qtbot, shown, "addSilence")

    fault = find(shown, QLabel, "silenceFault")
    await until(fault.isVisible)
    assert fault.text() == "End: expected a time to come"
    assert desk.silences.active() == ()


async def test_a_symbol_is_asked_for_in_words(
    shown: MainWindow, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    choose(qtbot, shown, "silenceScope", "symbol")

    press(qtbot, shown, "addSilence")

    await until(lambda: find(shown, QLabel, "silenceFault").text() == "Symbol: expected one")


async def test_the_end_counts_down(shown: MainWindow, desk: Any) -> None:
    await desk.silences.add(SilenceScope.ALL, until_ns=desk.clock.ns + 15 * MINUTE_NS)
    desk.clock.ns += 28 * NS_PER_SECOND

    shown.pulse.second.emit()

    assert rows(shown)[0][2] == "in 14 m 32 s"


async def test_a_silence_ends_at_a_click_and_goes_on_after_undo(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    made = await desk.silences.add(SilenceScope.SYMBOL, symbol="/ES", until_ns=None)
    press(qtbot, shown, "endSilence")
    await until(lambda: desk.silences.active() == ())
    tooltip = find(shown, QToolButton, "undoChange").toolTip()

    await undo(shown, qtbot, until)

    await until(lambda: desk.silences.active() == (made,))
    assert tooltip == "Undo: End: Symbol /ES (Ctrl+Z)"


async def test_a_silence_is_extended_and_the_end_it_had_comes_back(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    made = await desk.silences.add(SilenceScope.ALL, until_ns=desk.clock.ns + 15 * MINUTE_NS)

    find(shown, QAction, "extendBy_60").trigger()
    await until(lambda: desk.silences.active()[0].until_ns == desk.clock.ns + 75 * MINUTE_NS)
    await undo(shown, qtbot, until)

    await until(lambda: desk.silences.active() == (made,))


async def test_undo_unmakes_a_silence_and_redo_makes_the_same_again(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    press(qtbot, shown, "addSilence")
    await until(lambda: len(desk.silences.active()) == 1)
    made = desk.silences.active()
    await undo(shown, qtbot, until)
    await until(lambda: desk.silences.active() == ())
    redo = find(shown, QToolButton, "redoChange")
    await until(redo.isEnabled)

    qtbot.mouseClick(redo, Qt.MouseButton.LeftButton)

    await until(lambda: desk.silences.active() == made)


async def test_everything_is_paused_and_resumed(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    press(qtbot, shown, "pauseAll")
    await until(lambda: rows(shown) == [["All alerts", "paused", "when ended", ""]])
    button = find(shown, QPushButton, "pauseAll")
    title = button.text()

    press(qtbot, shown, "pauseAll")

    await until(lambda: desk.silences.pausing() is None)
    await until(lambda: button.text() == "Pause all alerts")
    assert title == "Resume alerts"


async def test_what_was_ended_elsewhere_is_not_brought_back_by_undo(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    press(qtbot, shown, "addSilence")
    await until(lambda: len(desk.silences.active()) == 1)
    (made,) = desk.silences.active()
    await desk.silences.end(made.id)

    await undo(shown, qtbot, until)

    await until(lambda: not find(shown, QToolButton, "undoChange").isEnabled())
    assert desk.silences.get(made.id).ended_ns is not None


async def test_with_no_rule_there_is_none_to_silence(shown: MainWindow, desk: Any, qtbot: QtBot) -> None:
    await desk.rules.remove(["rule-0"])

    choose(qtbot, shown, "silenceScope", "rule")

    assert not find(shown, QPushButton, "addSilence").isEnabled()
