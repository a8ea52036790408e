"""The Settings dock's page All settings: every one, found by a word, changed in its own kind of input."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.events import AccessChanged
from tradeassist_desktop.domain.settings import SETTINGS
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.panels.settings import SettingsPanel
from tradeassist_desktop.ui.widgets.controls import Check, Choice
from tradeassist_desktop.ui.widgets.settings.all_settings import AllSettingsPage


def find(window: MainWindow, kind: type, name: str) -> Any:
    found = window.findChild(kind, name)
    assert found is not None, name
    return found


def enter(window: MainWindow, qtbot: QtBot, key: str, value: str) -> None:
    line = find(window, QLineEdit, f"all_{key}")
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, value)
    qtbot.keyClick(line, Qt.Key.Key_Return)


def count(window: MainWindow) -> str:
    return str(find(window, QLabel, "settingCount").text())


@pytest.fixture
async def page(window: MainWindow) -> AllSettingsPage:
    """The page in front, gone to by its tab."""
    window.show_dock("settings")
    find(window, QToolButton, "settingsAllTab").click()
    panel = window.panel("settings")
    assert isinstance(panel, SettingsPanel)
    page = panel.show_page("settingsAll")
    assert isinstance(page, AllSettingsPage)
    return page


async def test_every_setting_is_there_but_those_that_redirect_the_program(
    page: AllSettingsPage, window: MainWindow
) -> None:
    for spec in SETTINGS:
        is_shown = window.findChild(QWidget, f"all_{spec.key}") is not None
        assert is_shown != (spec.is_dev_only or spec.key == "lock.reset_check"), spec.key


async def test_every_setting_is_called_by_words_and_tells_its_key_when_pointed_at(
    page: AllSettingsPage, window: MainWindow
) -> None:
    titles = [label for label in page.findChildren(QLabel) if label.buddy() is not None]
    source, place = find(window, Choice, "all_feed.name"), find(window, Choice, "all_toast.position")

    raw = [title.text() for title in titles if "." in title.text() or "_" in title.text()]
    (of_source,) = [title for title in titles if title.buddy() is source]

    assert raw == []
    assert of_source.text() == "Data source"
    assert "feed.name" in of_source.toolTip()
    assert source.accessibleName() == "Data feed: Data source"
    assert (place.currentText(), place.value) == ("In the window", "in_window")


async def test_a_setting_is_found_by_any_word_of_it(
    page: AllSettingsPage, window: MainWindow, qtbot: QtBot
) -> None:
    qtbot.keyClicks(find(window, QLineEdit, "settingSearch"), "secrets REGION")

    assert count(window) == "1 setting"
    assert find(window, QLineEdit, "all_secrets.gcp.location").isVisible()
    assert not find(window, QLineEdit, "all_secrets.gcp.project").isVisible()

    find(window, QLineEdit, "settingSearch").setText("learned score")
    assert find(window, Check, "all_score.enabled").isVisible()

    find(window, QLineEdit, "settingSearch").setText("feed.name")  # as files and the command line call it
    assert count(window) == "1 setting"


async def test_a_search_in_vain_says_so(page: AllSettingsPage, window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClicks(find(window, QLineEdit, "settingSearch"), "no such word")

    assert count(window) == "No setting has these words"


async def test_what_is_entered_holds_at_once_and_can_be_undone(
    page: AllSettingsPage, window: MainWindow, qtbot: QtBot, until: Callable[..., Any], desk: Any
) -> None:
    before = desk.settings.number("feed.stale_seconds")

    enter(window, qtbot, "feed.stale_seconds", "45")
    await until(lambda: desk.settings.number("feed.stale_seconds") == 45)
    qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    await until(lambda: desk.settings.number("feed.stale_seconds") == before)


async def test_what_cannot_be_is_said_below_and_changes_nothing(
    page: AllSettingsPage, window: MainWindow, qtbot: QtBot, desk: Any
) -> None:
    before = desk.settings.number("feed.stale_seconds")

    enter(window, qtbot, "feed.stale_seconds", "soon")

    fault = find(window, QLabel, "settingFault_feed.stale_seconds")
    assert fault.isVisible()
    assert "found 'soon'" in fault.text()
    assert desk.settings.number("feed.stale_seconds") == before


async def test_escape_puts_back_what_holds(page: AllSettingsPage, window: MainWindow, qtbot: QtBot) -> None:
    line = find(window, QLineEdit, "all_feed.stale_seconds")
    held = line.text()
    qtbot.keyClicks(line, "99")

    qtbot.keyClick(line, Qt.Key.Key_Escape)

    assert line.text() == held


async def test_reset_goes_back_to_the_default_and_goes_away(
    page: AllSettingsPage, window: MainWindow, qtbot: QtBot, until: Callable[..., Any], desk: Any
) -> None:
    reset = find(window, QPushButton, "reset_tray.enabled")
    was_there = reset.isVisible()
    check = find(window, Check, "all_tray.enabled")
    check.click()
    await until(reset.isVisible)

    qtbot.mouseClick(reset, Qt.MouseButton.LeftButton)

    await until(lambda: desk.settings.flag("tray.enabled") is True)
    await until(lambda: not reset.isVisible())
    assert not was_there
    assert check.isChecked()


async def test_one_of_several_is_chosen_from_a_list(
    page: AllSettingsPage, window: MainWindow, until: Callable[..., Any], desk: Any
) -> None:
    choice = find(window, Choice, "all_appearance.theme")
    place = choice.findData("light")

    choice.setCurrentIndex(place)
    choice.activated.emit(place)

    await until(lambda: desk.settings.text("appearance.theme") == "light")


async def test_a_change_made_elsewhere_shows_here_and_types_over_nothing(
    page: AllSettingsPage, window: MainWindow, qtbot: QtBot, until: Callable[..., Any], desk: Any
) -> None:
    typed = find(window, QLineEdit, "all_feed.stale_seconds")
    typed.setFocus()
    typed.selectAll()
    qtbot.keyClicks(typed, "4")

    await desk.settings.set("secrets.gcp.project", "desk-project")

    await until(lambda: find(window, QLineEdit, "all_secrets.gcp.project").text() == "desk-project")
    assert typed.text() == "4"


async def test_the_lock_is_set_up_elsewhere_and_says_where(page: AllSettingsPage, window: MainWindow) -> None:
    assert not find(window, Check, "all_lock.enabled").isEnabled()


class OnlyNotifications:
    """Who may change where alerts go, and nothing else."""

    def may(self, act: Act) -> bool:
        return act is Act.NOTIFICATION_SETTINGS

    def require(self, act: Act) -> None:
        """Nothing is asked in these tests."""


@pytest.fixture
def gate(desk: Any) -> OnlyNotifications:
    """Decides, before there is a window."""
    desk.access = OnlyNotifications()
    return desk.access  # type: ignore[no-any-return]


async def test_only_what_the_role_may_change_can_be_changed(
    gate: OnlyNotifications, page: AllSettingsPage, window: MainWindow, desk: Any
) -> None:
    desk.bus.publish(AccessChanged())

    assert find(window, QLineEdit, "all_quiet.slack").isEnabled()
    assert not find(window, QLineEdit, "all_feed.stale_seconds").isEnabled()
    assert "may change settings" in find(window, QLineEdit, "all_feed.stale_seconds").toolTip()
