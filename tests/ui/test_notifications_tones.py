"""The Notifications dock: tones, quiet hours, repeats and escalation."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTimeEdit,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from tests.sound_server import write_wav
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.channels import Undeliverable
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.panels.notifications import NotificationsPanel
from tradeassist_desktop.ui.tone_files import UnfitTone, read_tone


class Player:
    """Plays nothing; looks into files as the program's own player does."""

    def __init__(self) -> None:
        self.played: list[Priority] = []
        self.trouble = ""

    async def preview(self, priority: Priority) -> str:
        if self.trouble:
            raise Undeliverable(self.trouble, retry=False)
        self.played.append(priority)
        return f"{priority}.wav"

    async def fault_of(self, tone: str) -> str:
        try:
            read_tone(Path(tone))
        except UnfitTone as error:
            return f"{tone} {error}"
        return ""


@pytest.fixture
def player() -> Player:
    return Player()


@pytest.fixture
def shown(window: MainWindow, player: Player) -> MainWindow:
    """The window, with the dock in front."""
    window.show_dock("notifications")
    panel = window.panel("notifications")
    assert isinstance(panel, NotificationsPanel)
    panel.preview_with(player)
    return window


def find(window: MainWindow, kind: type, name: str) -> Any:
    found = window.findChild(kind, name)
    assert found is not None, name
    return found


def press(qtbot: QtBot, window: MainWindow, name: str) -> None:
    qtbot.mouseClick(find(window, QPushButton, name), Qt.MouseButton.LeftButton)


def said(window: MainWindow, name: str) -> str:
    label = find(window, QLabel, name)
    return str(label.text()) if label.isVisible() else ""


def edit(qtbot: QtBot, window: MainWindow, name: str, text: str) -> None:
    """Replace what a line holds, and leave it with Enter."""
    line = find(window, QLineEdit, name)
    line.setFocus()
    line.selectAll()
    if text:
        qtbot.keyClicks(line, text)
    else:
        qtbot.keyClick(line, Qt.Key.Key_Delete)
    qtbot.keyClick(line, Qt.Key.Key_Return)


async def undo(window: MainWindow, qtbot: QtBot, until: Callable[..., Any]) -> None:
    button = find(window, QToolButton, "undoChange")
    await until(button.isEnabled)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


# --- tones


async def test_another_tone_and_volume_hold_at_once_and_are_undone(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    tone = find(shown, QComboBox, "tone_urgent")
    volume = find(shown, QSpinBox, "setting_tone.urgent_volume")

    qtbot.keyClick(tone, Qt.Key.Key_Up)
    await until(lambda: desk.settings.get("tone.urgent") == "high")
    qtbot.keyClick(volume, Qt.Key.Key_Down)
    await until(lambda: desk.settings.get("tone.urgent_volume") == 99)
    for _ in range(2):
        await undo(shown, qtbot, until)

    await until(lambda: desk.settings.get("tone.urgent") == "urgent")
    assert (tone.currentData(), volume.value()) == ("urgent", 100)


async def test_a_tone_is_previewed(
    shown: MainWindow, player: Player, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    press(qtbot, shown, "preview_high")

    await until(lambda: said(shown, "toneSaid") == "Played high.wav.")
    assert player.played == [Priority.HIGH]


async def test_a_preview_that_is_not_heard_says_why(
    shown: MainWindow, player: Player, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    player.trouble = "no sound device"

    press(qtbot, shown, "preview_low")

    await until(lambda: said(shown, "toneSaid") == "Not played: no sound device.")


async def choose_file(window: MainWindow, qtbot: QtBot, until: Callable[..., Any], file: Path) -> None:
    tone = find(window, QComboBox, "tone_high")
    tone.activated.emit(tone.findData("own"))
    await until(lambda: window.findChild(QFileDialog, "toneFile") is not None)
    dialog = find(window, QFileDialog, "toneFile")
    assert not dialog.isModal()
    dialog.fileSelected.emit(str(file))
    dialog.done(1)


async def test_a_file_of_ones_own_is_taken(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "bell.wav"
    write_wav(file)

    await choose_file(shown, qtbot, until, file)

    await until(lambda: desk.settings.get("tone.high") == str(file))
    assert find(shown, QComboBox, "tone_high").currentText() == "bell.wav"


async def test_a_file_that_is_no_tone_is_refused_in_words(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "song.wav"
    file.write_bytes(b"ID3 no wave")

    await choose_file(shown, qtbot, until, file)

    await until(lambda: "is no WAV file inside" in said(shown, "toneSaid"))
    assert desk.settings.get("tone.high") == "high"
    assert find(shown, QComboBox, "tone_high").currentData() == "high"


async def test_urgent_repeats_and_the_rate_are_set(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    for key in ("sound.repeat_seconds", "sound.interval_seconds", "sound.volume"):
        qtbot.keyClick(find(shown, QSpinBox, f"setting_{key}"), Qt.Key.Key_Up)

    await until(lambda: desk.settings.get("sound.volume") == 81)
    assert (desk.settings.get("sound.repeat_seconds"), desk.settings.get("sound.interval_seconds")) == (21, 4)


# --- quiet hours


async def test_quiet_hours_are_switched_on_and_moved(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    check = find(shown, QCheckBox, "quietOn_slack")
    qtbot.mouseClick(check, Qt.MouseButton.LeftButton)
    await until(lambda: desk.settings.get("quiet.slack").startswith("22:00-07:00 "))

    edit(qtbot, shown, "quietZone_slack", "America/New_York")
    await until(lambda: desk.settings.get("quiet.slack") == "22:00-07:00 America/New_York")
    until_edit = find(shown, QTimeEdit, "quietUntil_slack")
    until_edit.setFocus()
    qtbot.keyClick(until_edit, Qt.Key.Key_Up)
    qtbot.keyClick(until_edit, Qt.Key.Key_Return)

    await until(lambda: desk.settings.get("quiet.slack") == "22:00-08:00 America/New_York")


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(lambda line: line.selectAll(), id="all chosen"),
        pytest.param(lambda line: line.setCursorPosition(2), id="a click into the hour"),
        pytest.param(lambda line: line.setCursorPosition(0), id="a click before the hour"),
    ],
)
async def test_the_time_that_is_typed_is_the_time_that_is_set(
    shown: MainWindow,
    desk: Any,
    qtbot: QtBot,
    until: Callable[..., Any],
    *,
    first: Callable[[QLineEdit], None],
) -> None:
    await desk.settings.set("quiet.slack", "22:00-07:00 UTC")
    closes = find(shown, QTimeEdit, "quietUntil_slack")
    await until(closes.isEnabled)
    line = closes.findChild(QLineEdit)
    closes.setFocus()
    first(line)

    qtbot.keyClicks(closes, "2345")
    qtbot.keyClick(closes, Qt.Key.Key_Return)

    await until(lambda: desk.settings.get("quiet.slack") == "22:00-23:45 UTC")


async def test_a_zone_there_is_not_is_told_below_its_row(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    await desk.settings.set("quiet.tray", "22:00-07:00 UTC")

    edit(qtbot, shown, "quietZone_tray", "Mars/Olympus")

    await until(lambda: said(shown, "quietFault_tray").startswith("Expected a time zone such as"))
    assert desk.settings.get("quiet.tray") == "22:00-07:00 UTC"


async def test_switching_quiet_hours_off_is_undone_with_their_hours(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    await desk.settings.set("quiet.tray", "21:30-06:15 UTC")
    qtbot.mouseClick(find(shown, QCheckBox, "quietOn_tray"), Qt.MouseButton.LeftButton)
    await until(lambda: desk.settings.get("quiet.tray") == "off")

    await undo(shown, qtbot, until)

    await until(lambda: desk.settings.get("quiet.tray") == "21:30-06:15 UTC")


async def test_urgent_alerts_can_be_kept_out_of_quiet_hours(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    check = find(shown, QCheckBox, "setting_quiet.urgent_breaks_through")

    qtbot.mouseClick(check, Qt.MouseButton.LeftButton)

    await until(lambda: desk.settings.get("quiet.urgent_breaks_through") is False)


# --- repeats and escalation


async def test_a_step_is_added_changed_and_removed(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    press(qtbot, shown, "addStep_high")
    await until(lambda: desk.settings.get("escalate.high") == "2m slack")
    edit(qtbot, shown, "stepAfter_high_0", "90s")
    await until(lambda: desk.settings.get("escalate.high") == "90s slack")
    qtbot.keyClick(find(shown, QComboBox, "stepChannel_high_0"), Qt.Key.Key_Down)
    await until(lambda: desk.settings.get("escalate.high") == "90s email")
    tooltip = find(shown, QToolButton, "undoChange").toolTip()
    press(qtbot, shown, "removeStep_high_0")
    await until(lambda: desk.settings.get("escalate.high") == "off")

    await undo(shown, qtbot, until)

    await until(lambda: desk.settings.get("escalate.high") == "90s email")
    assert tooltip == "Undo: Escalate high alerts to E-mail after 90s (Ctrl+Z)"


async def test_a_step_that_cannot_be_is_told_at_its_place(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    edit(qtbot, shown, "stepAfter_urgent_1", "1m")

    await until(lambda: said(shown, "stepFault_urgent_1") == "1m email must not come before 2m slack")
    assert said(shown, "stepFault_urgent_0") == ""
    assert desk.settings.get("escalate.urgent") == "2m slack, 5m email"


async def test_a_duration_that_is_none_is_told_at_its_place(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    edit(qtbot, shown, "stepAfter_urgent_0", "soon")

    await until(lambda: said(shown, "stepFault_urgent_0").startswith("Expected a duration of up to 30d"))


async def test_repeats_are_set_and_an_empty_line_ends_them(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    edit(qtbot, shown, "repeat_normal", "10m")
    await until(lambda: desk.settings.get("repeat.normal") == "10m")
    edit(qtbot, shown, "repeat_urgent", "")
    await until(lambda: desk.settings.get("repeat.urgent") == "off")

    edit(qtbot, shown, "repeat_low", "often")

    await until(lambda: said(shown, "repeatFault_low").startswith("Expected a duration"))
    assert desk.settings.get("repeat.low") == "off"


async def test_a_chain_changed_elsewhere_shows_at_once(shown: MainWindow, desk: Any) -> None:
    await desk.settings.set("escalate.low", "1h webhook")

    assert find(shown, QLineEdit, "stepAfter_low_0").text() == "1h"
    assert find(shown, QComboBox, "stepChannel_low_0").currentText() == "Webhook"
