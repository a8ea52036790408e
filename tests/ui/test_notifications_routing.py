"""The Notifications dock: routing, and where an alert would go now."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QTableView, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.routing import SilenceScope
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.ui.main_window import MainWindow


@pytest.fixture
def shown(window: MainWindow) -> MainWindow:
    """The window, with the dock in front."""
    window.show_dock("notifications")
    return window


def find(window: MainWindow, kind: type, name: str) -> Any:
    found = window.findChild(kind, name)
    assert found is not None, name
    return found


def cell(window: MainWindow, priority: str, channel: str) -> QCheckBox:
    return find(window, QCheckBox, f"route_{priority}_{channel}")


def texts(window: MainWindow, name: str) -> list[list[str]]:
    model = find(window, QTableView, name).model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


async def test_a_check_sends_a_priority_to_a_channel_at_once(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    assert not cell(shown, "high", "slack").isChecked()

    qtbot.mouseClick(cell(shown, "high", "slack"), Qt.MouseButton.LeftButton)

    await until(lambda: desk.settings.get("notify.high") == ("toast", "tray", "sound", "slack"))
    assert cell(shown, "high", "slack").isChecked()


async def test_arrows_and_space_do_what_the_mouse_does(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    first = cell(shown, "urgent", "toast")
    await until(first.hasFocus)

    qtbot.keyClick(first, Qt.Key.Key_Right)
    qtbot.keyClick(cell(shown, "urgent", "tray"), Qt.Key.Key_Down)
    qtbot.keyClick(cell(shown, "high", "tray"), Qt.Key.Key_Space)

    await until(lambda: desk.settings.get("notify.high") == ("toast", "sound"))
    assert cell(shown, "high", "tray").hasFocus()
    assert cell(shown, "high", "tray").accessibleName() == "High alerts to Tray"


async def test_a_change_is_undone_and_redone_by_keys_and_by_buttons(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    before, after = ("toast",), ("toast", "email")
    undo, redo = (find(shown, QToolButton, name) for name in ("undoChange", "redoChange"))
    low = cell(shown, "low", "email")

    qtbot.mouseClick(low, Qt.MouseButton.LeftButton)
    await until(lambda: desk.settings.get("notify.low") == after)
    await until(undo.isEnabled)
    tooltip = undo.toolTip()
    qtbot.keyClick(low, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: desk.settings.get("notify.low") == before)
    await until(lambda: not low.isChecked() and not undo.isEnabled())
    qtbot.keyClick(low, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    await until(lambda: desk.settings.get("notify.low") == after)
    await until(undo.isEnabled)
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    await until(lambda: desk.settings.get("notify.low") == before)
    await until(redo.isEnabled)
    qtbot.mouseClick(redo, Qt.MouseButton.LeftButton)

    await until(lambda: desk.settings.get("notify.low") == after)
    assert tooltip == "Undo: Send low alerts to E-mail (Ctrl+Z)"
    assert find(shown, QToolButton, "redoChange").toolTip() == "Nothing to redo"


async def test_what_is_changed_elsewhere_shows_at_once_and_is_not_undone_here(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    undo = find(shown, QToolButton, "undoChange")
    qtbot.mouseClick(cell(shown, "low", "email"), Qt.MouseButton.LeftButton)
    await until(undo.isEnabled)

    await desk.settings.set("notify.low", ("tray",))
    are_shown = [cell(shown, "low", name).isChecked() for name in ("toast", "tray", "email")]
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    await until(lambda: not undo.isEnabled())

    assert are_shown == [False, True, False]
    assert desk.settings.get("notify.low") == ("tray",)


async def test_the_note_counts_the_rules_that_pass_the_table_by(shown: MainWindow, desk: Any) -> None:
    note = find(shown, QLabel, "routingNote")
    before = note.text()

    await desk.rules.put(Rule(uid="own", name="Own", symbols=("/ES",), when="last > 1", channels=("toast",)))

    assert before == "No rule names channels of its own: this table holds for all of them."
    assert note.text() == "1 of 2 rules names its own channels and passes this table by."


async def test_a_chosen_channel_that_is_not_set_up_is_told_of(
    shown: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    lost = find(shown, QLabel, "routingLost")
    was_shown = lost.isVisible()

    await desk.settings.set("notify.high", ("toast", "slack"))

    await until(lost.isVisible)
    assert not was_shown
    assert lost.text() == ("Chosen, but not set up: Slack. Nothing arrives there; set it up under Channels.")


async def test_a_header_tells_a_channels_state_in_words(
    shown: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    def heads() -> set[str]:
        section = find(shown, QWidget, "notifyRouting")
        return {head.accessibleName() for head in section.findChildren(QWidget)}

    await until(lambda: {"Toasts: ready", "Tray: ready"} <= heads())
    await until(lambda: {"Slack: not set up", "E-mail: not set up", "Webhook: not set up"} <= heads())


async def test_where_a_rule_would_go_now_is_told_with_reasons(
    shown: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    await desk.settings.set("repeat.normal", "5m")
    await desk.silences.add(
        SilenceScope.SYMBOL, symbol="/ES", until_ns=None, channels=("tray",), note="lunch"
    )

    await until(lambda: [row[1] for row in texts(shown, "whereNowTable")] == ["sent", "muted", "sent"])
    assert texts(shown, "whereNowTable")[:2] == [
        ["Toasts", "sent", "Alerts with priority normal go there"],
        ["Tray", "muted", "Silenced (symbol /ES) until the silence is ended: lunch"],
    ]
    assert find(shown, QLabel, "whereNowLater").text() == (
        "Then: again every 5 m while true and not acknowledged."
    )


async def test_an_escalation_to_a_channel_that_is_not_set_up_is_not_promised(
    shown: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    await desk.settings.set("escalate.normal", "2m slack, 5m tray")

    await until(
        lambda: (
            find(shown, QLabel, "whereNowLater").text()
            == "Then: Slack after 2 m unless acknowledged, but it is not set up; "
            "the tray after 5 m unless acknowledged."
        )
    )


async def test_another_rule_is_chosen_and_a_channel_it_lacks_is_told(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    base = desk.rules.rules["rule-0"]
    await desk.rules.put(replace(base, uid="r1", name="Slack only", symbols=("AAPL",), channels=("slack",)))
    choice = find(shown, QComboBox, "whereNowRule")

    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_Down)

    await until(lambda: [row[:2] for row in texts(shown, "whereNowTable")] == [["Slack", "not sent"]])
    assert choice.currentText() == "Slack only · AAPL"
