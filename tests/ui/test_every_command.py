"""Every command of menus and docks, done once as the palette would."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QMenu

from tests.services.lock_desk import PINS, give_lock
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.widgets.overlay import Overlay
from tradeassist_desktop.ui.window.commands import Commands

pytestmark = pytest.mark.qt_loop


@pytest.fixture
def desk(desk: Any) -> Any:
    """The same desk, with a lock that is not set up."""
    give_lock(desk)
    return desk


def commands_of(window: MainWindow) -> Commands:
    found = window.findChild(Commands)
    assert found is not None
    return found


async def close_what_was_opened(window: MainWindow) -> None:
    for sheet in window.findChildren(Overlay):
        sheet.leave()
    for part in (*window.findChildren(QDialog), *window.findChildren(QMenu)):
        if part.isVisible():
            part.close()
    window.activateWindow()
    await asyncio.sleep(0)


@pytest.mark.parametrize("state", ["at_work", "empty", "seen_by_a_viewer"])
async def test_no_command_ends_in_an_error(
    window: MainWindow,
    desk: Any,
    fire: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
    state: str,
) -> None:
    fire("one")
    if state == "empty":
        for symbol in tuple(desk.watchlist.symbols):
            await desk.watchlist.remove(symbol)
        await desk.rules.change({"rule-0": None})
    elif state == "seen_by_a_viewer":
        await desk.lock.keys.set_up(PINS)
        await desk.settings.set("lock.covers_window", False)
        desk.lock.app_lock.lock()
    before = dict(desk.rules.rules), desk.watchlist.symbols
    commands, done = commands_of(window), []

    for command in commands.all():
        if command.title != "Quit" and not command.is_fixed:
            commands.run(command)
            done.append(command.id)
            await asyncio.sleep(0)
            await close_what_was_opened(window)

    assert len(done) > 80
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING] == []
    assert QApplication.activeModalWidget() is None
    if state == "seen_by_a_viewer":
        assert (dict(desk.rules.rules), desk.watchlist.symbols) == before


async def test_a_command_without_anything_to_do_says_why(window: MainWindow) -> None:
    commands, said, told = commands_of(window), [], {}
    window.navigator.noticed.connect(said.append)
    for command in commands.all():
        if command.id in ("rules.edit", "rules.delete", "rules.duplicate"):
            said.clear()
            commands.run(command)
            told[command.id] = said[-1:]
        elif command.id in ("alerts.acknowledge", "alerts.useful"):
            told[command.id] = [window.context.rights.reason(command.action)]

    assert set(map(tuple, told.values())) == {
        ("Select a rule first.",),
        ("Select an alert first that this can be done with.",),
    }
    assert len(told) == 5
    assert not [each.title for each in commands.all() if "\t" in each.title or "..." in each.title]
