"""The app lock in the window: set up, drawn, opened by keyboard; what a role may not do cannot be clicked."""

from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QTableView,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.services.lock_desk import PINS, give_lock
from tradeassist_desktop.domain.access import Act, Role
from tradeassist_desktop.domain.alerts import AlertStatus, Priority
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.access.access import LOCKED, Seat
from tradeassist_desktop.services.access.desk_lock import DeskLock
from tradeassist_desktop.services.access.one_time_codes import new_key
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.widgets.toasts import ToastStack

Until = Callable[..., Any]


@pytest.fixture
def desk(desk: Any) -> Any:
    """The same desk, with a lock that is not set up."""
    give_lock(desk)
    return desk


@pytest.fixture
async def lock(desk: Any, window: MainWindow) -> DeskLock:
    """The lock, set up; the admin is at the desk."""
    await desk.lock.keys.set_up(PINS)
    made: DeskLock = desk.lock
    return made


def find(kind: type[Any], name: str, window: MainWindow) -> Any:
    found = window.findChild(kind, name)
    assert found is not None, name
    return found


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key, *, control: bool = True) -> None:
    target = QApplication.focusWidget() or window
    modifier = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
    qtbot.keyClick(target, key, modifier)


def type_into(qtbot: QtBot, line: QLineEdit, typed: str) -> None:
    line.setFocus()
    qtbot.keyClicks(line, typed)


def role_said(window: MainWindow) -> str:
    button = find(QToolButton, "statusRole", window)
    return str(button.text()) if not button.isHidden() else ""


async def test_without_a_lock_nothing_of_it_is_seen_but_the_way_to_one(
    window: MainWindow, qtbot: QtBot, until: Until
) -> None:
    assert role_said(window) == ""

    press(qtbot, window, Qt.Key.Key_L)

    await until(lambda: find(QDialog, "lockSetUp", window).isVisible())


async def test_a_lock_is_set_up_by_keyboard_and_its_reset_key_shown_once(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Until
) -> None:
    press(qtbot, window, Qt.Key.Key_L)
    sheet = find(QDialog, "lockSetUp", window)
    for name, typed in (("adminPin", "821173"), ("adminPinAgain", "821173")):
        type_into(qtbot, find(QLineEdit, name, window), typed)
    qtbot.keyClick(sheet, Qt.Key.Key_Return)

    await until(lambda: window.findChild(QDialog, "resetKey") is not None)

    assert desk.lock.app_lock.seat == Seat(Role.ADMIN)
    assert role_said(window) == "Admin"
    assert len(find(QLabel, "resetKeyText", window).text()) == 39


async def test_two_pins_that_differ_are_refused_on_the_sheet(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Until
) -> None:
    press(qtbot, window, Qt.Key.Key_L)
    sheet = find(QDialog, "lockSetUp", window)
    type_into(qtbot, find(QLineEdit, "adminPin", window), "821173")
    type_into(qtbot, find(QLineEdit, "adminPinAgain", window), "821174")
    qtbot.keyClick(sheet, Qt.Key.Key_Return)

    fault = find(QLabel, "lockSetUpFault", window)
    await until(fault.isVisible)

    assert fault.text() == "PIN of the admin: the two are not the same"
    assert not desk.lock.app_lock.seat.has_lock


async def test_ctrl_l_covers_the_window_and_a_pin_and_return_open_it(
    window: MainWindow, lock: DeskLock, qtbot: QtBot, until: Until
) -> None:
    press(qtbot, window, Qt.Key.Key_L)
    curtain = find(QWidget, "lockCurtain", window)
    pin = find(QLineEdit, "unlockPin", window)
    await until(pin.hasFocus)
    covered = curtain.isVisible() and curtain.geometry() == window.rect()
    find(QWidget, "unlockRole", window).setCurrentIndex(0)
    type_into(qtbot, pin, PINS[Role.TRADER])
    qtbot.keyClick(pin, Qt.Key.Key_Return)
    await until(lambda: not lock.app_lock.seat.is_locked)

    assert covered
    assert lock.app_lock.seat == Seat(Role.TRADER)
    assert role_said(window) == "Trader"
    await until(lambda: window.findChild(QWidget, "lockCurtain") is None)


async def test_behind_the_curtain_no_shortcut_and_no_tab_reaches_the_desk(
    window: MainWindow, lock: DeskLock, qtbot: QtBot, until: Until
) -> None:
    lock.app_lock.lock()
    pin = find(QLineEdit, "unlockPin", window)
    await until(pin.hasFocus)
    curtain = find(QWidget, "lockCurtain", window)
    left = []

    for _ in range(12):
        press(qtbot, window, Qt.Key.Key_Tab, control=False)
        focus = QApplication.focusWidget()
        left.append(focus is not None and not curtain.isAncestorOf(focus))
    for key in (Qt.Key.Key_N, Qt.Key.Key_1, Qt.Key.Key_3, Qt.Key.Key_Q):
        press(qtbot, window, key)

    assert not any(left)
    assert not find(QTableView, "rulesTable", window).isEnabled()
    assert all(not window.dock(name).isEnabled() for name in ("rules", "watchlist", "chart"))
    assert curtain.isVisible()


async def test_a_toast_brings_no_dock_before_the_curtain(
    window: MainWindow, lock: DeskLock, until: Until
) -> None:
    lock.app_lock.lock()
    curtain = find(QWidget, "lockCurtain", window)
    await until(curtain.isVisible)

    window.show_on_chart("/ES", 0)
    window.show_alert("any")

    middles = [window.dock(name).geometry().center() for name in ("chart", "alerts")]
    front = [window.childAt(middle) for middle in middles]
    assert all(each is curtain or curtain.isAncestorOf(each) for each in front)


async def test_a_toast_before_the_curtain_leads_nowhere_and_says_why(
    heard: MainWindow, stack: ToastStack, lock: DeskLock, until: Until
) -> None:
    lock.app_lock.lock()
    await until(find(QWidget, "lockCurtain", heard).isVisible)
    stack.add(
        Message(
            alert_id="one",
            rule_uid="rule-0",
            title="ES breakout",
            body="/ES last 5530.25 crosses above 5530",
            symbol="/ES",
            priority=Priority.NORMAL,
            status=AlertStatus.FIRED,
            event_ns=1,
            value=5530.25,
        )
    )
    await until(stack.window.isVisible)

    def ways() -> list[QPushButton]:
        buttons = stack.window.findChildren(QPushButton)
        return [each for each in buttons if each.text() in ("Why?", "Show on chart")]

    covered = [(each.isEnabled(), each.toolTip()) for each in ways()]
    await lock.app_lock.unlock(Role.TRADER, PINS[Role.TRADER])
    await until(lambda: all(each.isEnabled() for each in ways()))

    assert covered == [(False, "TradeAssist is locked: unlock it in its window first.")] * 2
    assert [each.toolTip() for each in ways()] == ["", ""]


async def test_ctrl_l_locks_the_desk_from_a_sheet_too(
    window: MainWindow, lock: DeskLock, qtbot: QtBot, until: Until
) -> None:
    find(QAction, "lockApplock", window).trigger()
    sheet = find(QDialog, "appLock", window)
    await until(sheet.isActiveWindow)

    press(qtbot, window, Qt.Key.Key_L)

    await until(lambda: lock.app_lock.seat == LOCKED)


async def test_a_floating_dock_is_covered_too(window: MainWindow, lock: DeskLock, until: Until) -> None:
    dock = window.dock("rules")
    dock.setFloating(True)
    await until(dock.isFloating)

    lock.app_lock.lock()

    covers = [each for each in dock.findChildren(QWidget, "lockCover") if each.isVisible()]
    assert [each.geometry() for each in covers] == [dock.rect()]


async def test_the_curtain_asks_who_locked_the_desk_for_their_pin(
    window: MainWindow, lock: DeskLock, qtbot: QtBot, until: Until
) -> None:
    lock.app_lock.lock()
    pin = find(QLineEdit, "unlockPin", window)
    await until(pin.hasFocus)

    type_into(qtbot, pin, PINS[Role.ADMIN])
    qtbot.keyClick(pin, Qt.Key.Key_Return)

    await until(lambda: lock.app_lock.seat == Seat(Role.ADMIN))


async def test_how_long_the_next_try_has_to_wait_is_never_parted_from_its_unit(
    window: MainWindow, lock: DeskLock, qtbot: QtBot, until: Until
) -> None:
    lock.app_lock.lock()
    pin, fault = find(QLineEdit, "unlockPin", window), find(QLabel, "unlockFault", window)
    for _ in range(3):
        fault.clear()
        type_into(qtbot, pin, "wrong pin")
        qtbot.keyClick(pin, Qt.Key.Key_Return)
        await until(fault.text)

    assert fault.text() == "That PIN is wrong. The next try can be made in 5\N{NO-BREAK SPACE}s."


async def test_a_wrong_pin_is_said_and_forgotten(
    window: MainWindow, lock: DeskLock, qtbot: QtBot, until: Until
) -> None:
    lock.app_lock.lock()
    pin = find(QLineEdit, "unlockPin", window)
    type_into(qtbot, pin, "wrong pin")
    qtbot.keyClick(pin, Qt.Key.Key_Return)

    fault = find(QLabel, "unlockFault", window)
    await until(fault.isVisible)

    assert fault.text() == "That PIN is wrong."
    assert pin.text() == ""
    assert lock.app_lock.seat == LOCKED


async def test_return_without_a_pin_is_no_wrong_try(
    window: MainWindow, lock: DeskLock, qtbot: QtBot, until: Until
) -> None:
    lock.app_lock.lock()
    pin = find(QLineEdit, "unlockPin", window)
    await until(pin.hasFocus)
    find(QWidget, "unlockRole", window).setCurrentIndex(0)

    for _ in range(3):
        qtbot.keyClick(pin, Qt.Key.Key_Return)
    fault = find(QLabel, "unlockFault", window).text()
    type_into(qtbot, pin, PINS[Role.TRADER])
    qtbot.keyClick(pin, Qt.Key.Key_Return)

    await until(lambda: lock.app_lock.seat == Seat(Role.TRADER))
    assert fault == "Enter the PIN."


async def test_a_role_with_one_time_codes_is_asked_for_one(
    window: MainWindow, lock: DeskLock, qtbot: QtBot, until: Until
) -> None:
    key = new_key()
    clock = SystemClock()
    before = pyotp.TOTP(key).at(clock.now_ns() // 1_000_000_000 - 30)
    await lock.keys.use_codes(key, before)
    lock.app_lock.lock()
    role, code = find(QWidget, "unlockRole", window), find(QLineEdit, "unlockCode", window)
    role.setCurrentIndex(role.findData("admin"))
    role.picked.emit("admin")
    is_asked = not code.isHidden()

    type_into(qtbot, find(QLineEdit, "unlockPin", window), PINS[Role.ADMIN])
    type_into(qtbot, code, pyotp.TOTP(key).at(clock.now_ns() // 1_000_000_000))
    qtbot.keyClick(code, Qt.Key.Key_Return)
    await until(lambda: not lock.app_lock.seat.is_locked)

    assert is_asked
    assert lock.app_lock.seat == Seat(Role.ADMIN)


async def test_sheets_and_menus_close_as_the_curtain_is_drawn(
    window: MainWindow, lock: DeskLock, until: Until
) -> None:
    find(QAction, "lockChangePIN", window).trigger()
    sheet = find(QDialog, "changePin", window)
    await until(sheet.isVisible)
    closed: list[int] = []
    sheet.finished.connect(closed.append)

    lock.app_lock.lock()

    assert closed == [0]


async def test_what_can_be_seen_locked_cannot_be_changed(
    window: MainWindow, desk: Any, lock: DeskLock, qtbot: QtBot, until: Until
) -> None:
    await desk.settings.set("lock.covers_window", False)

    lock.app_lock.lock()

    assert window.findChild(QWidget, "lockCurtain") is None
    assert role_said(window) == "Locked, view only"
    line = find(QLineEdit, "addSymbol", window)
    assert not line.isEnabled()
    assert line.toolTip() == "A trader or an admin may change the watchlist."
    assert not find(QWidget, "newRule", window).isEnabled()
    table, notice = find(QTableView, "rulesTable", window), find(QLabel, "statusNotice", window)
    table.setFocus()
    for key, modifiers in (
        (Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier),
    ):
        notice.clear()
        qtbot.keyClick(table, key, modifiers)
        assert notice.text().startswith("A trader or an admin may ")
    assert desk.lock_trail.lines[-2:] == ["denied refused locked desk"] * 2
    find(QAction, "lockChangerole", window).trigger()
    pin, role = find(QLineEdit, "unlockPin", window), find(QComboBox, "unlockRole", window)
    await until(pin.hasFocus)
    assert role.currentData() == "admin"
    role.setCurrentIndex(role.findData("trader"))
    type_into(qtbot, pin, PINS[Role.TRADER])
    qtbot.keyClick(pin, Qt.Key.Key_Return)
    await until(lambda: not lock.app_lock.seat.is_locked)
    assert line.isEnabled()
    assert line.toolTip() == ""


async def test_who_will_not_change_role_leaves_by_cancel(
    window: MainWindow, lock: DeskLock, qtbot: QtBot, until: Until
) -> None:
    seat = lock.app_lock.seat
    find(QAction, "lockChangerole", window).trigger()
    cancel = find(QPushButton, "roleSheetCancel", window)
    await until(cancel.isVisible)

    qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)

    await until(lambda: window.findChild(QWidget, "roleSheet") is None)
    assert lock.app_lock.seat == seat


async def test_what_the_hand_does_in_vain_at_a_locked_desk_is_told_and_written_down(
    window: MainWindow, desk: Any, lock: DeskLock, qtbot: QtBot
) -> None:
    await desk.settings.set("lock.covers_window", False)
    lock.app_lock.lock()
    said: list[str] = []
    window.navigator.noticed.connect(said.append)
    rules, watched = find(QTableView, "rulesTable", window), find(QTableView, "watchlistTable", window)
    before = len(desk.lock_trail.entries)

    switch, name = (rules.visualRect(rules.model().index(0, column)).center() for column in (0, 1))
    qtbot.mouseClick(rules.viewport(), Qt.MouseButton.LeftButton, pos=switch)
    qtbot.mouseClick(rules.viewport(), Qt.MouseButton.LeftButton, pos=name)
    qtbot.mouseDClick(rules.viewport(), Qt.MouseButton.LeftButton, pos=name)
    rules.setFocus()
    qtbot.keyClick(rules, Qt.Key.Key_Return)
    qtbot.keyClicks(watched, "M")

    edit = "A trader or an admin may add, change and remove rules."
    assert said == [
        "A trader or an admin may switch rules on and off.",
        edit,
        edit,
        "A trader or an admin may change the watchlist.",
    ]
    written = [(str(each.act), each.what) for each in desk.lock_trail.entries[before:]]
    assert written == [("denied", line.removeprefix("A trader or an admin may ")[:-1]) for line in said]
    assert desk.rules.rules["rule-0"].active


def shown_tip(part: QWidget) -> str:
    """Return the tip that Qt shows over a widget: one without goes on to what it is in."""
    around = part.parentWidget()
    return part.toolTip() or (around.toolTip() if around is not None else "")


CHANGING = (
    "addSymbol",
    "newRule",
    "badPrintLimit",
    "recordButton",
    "recordingSchedule",
    "pauseAll",
    "testChannel_webhook",
    "setUpChannel_slack",
)


async def test_each_way_to_change_something_is_shown_disabled_with_who_may(
    window: MainWindow, desk: Any, lock: DeskLock
) -> None:
    await desk.settings.set("lock.covers_window", False)
    parts = [find(QWidget, name, window) for name in CHANGING]
    before = [part.isEnabled() for part in parts]

    lock.app_lock.lock()

    assert all(before)
    assert not any(part.isEnabled() for part in parts)
    assert [part.objectName() for part in parts if "admin may" not in shown_tip(part)] == []


async def test_a_trader_sees_who_may_change_a_setting(window: MainWindow, lock: DeskLock) -> None:
    await lock.app_lock.unlock(Role.TRADER, PINS[Role.TRADER])

    limit = find(QDoubleSpinBox, "badPrintLimit", window)
    assert not limit.isEnabled()
    assert limit.toolTip() == "Only an admin may change settings."
    assert find(QLineEdit, "addSymbol", window).isEnabled()
    assert not find(QAction, "lockApplock", window).isEnabled()


async def test_a_refusal_that_still_comes_is_said_at_the_curtain(
    window: MainWindow, desk: Any, lock: DeskLock, until: Until
) -> None:
    lock.app_lock.lock()

    async def act() -> None:
        desk.access.require(Act.ACKNOWLEDGE)

    window.tasks.start(act())

    await until(lambda: find(QLabel, "lockSaid", window).text().startswith("The desk is locked."))


async def test_the_admin_s_sheet_gives_and_takes_pins_and_settings(
    window: MainWindow, desk: Any, lock: DeskLock, qtbot: QtBot, until: Until
) -> None:
    find(QAction, "lockApplock", window).trigger()
    qtbot.mouseClick(find(QPushButton, "traderDropPin", window), Qt.MouseButton.LeftButton)
    await until(lambda: [door.role for door in lock.app_lock.doors] == [Role.ADMIN])
    find(QWidget, "lock.covers_window", window).click()
    await until(lambda: desk.settings.values["lock.covers_window"] is False)

    away = find(QPushButton, "lockTakeAway", window)
    away.click()
    still_on = lock.app_lock.seat.has_lock
    away.click()
    await until(lambda: not lock.app_lock.seat.has_lock)

    assert still_on
    assert role_said(window) == ""


async def test_one_time_codes_are_set_up_from_a_picture_or_its_text(
    window: MainWindow, lock: DeskLock, qtbot: QtBot, until: Until
) -> None:
    action = next(each for each in window.findChildren(QAction) if each.text() == "One-time codes…")
    action.trigger()
    sheet = find(QDialog, "oneTimeCodes", window)
    key = "".join(filter(str.isalnum, find(QLabel, "codesKey", window).text()))
    picture = find(QLabel, "codesPicture", window).pixmap()
    type_into(
        qtbot,
        find(QLineEdit, "codesFirst", window),
        pyotp.TOTP(key).at(SystemClock().now_ns() // 1_000_000_000),
    )
    qtbot.keyClick(sheet, Qt.Key.Key_Return)
    await until(lambda: window.findChild(QDialog, "recoveryCodes") is not None)

    assert picture.width() == picture.height() > 100
    assert len(find(QLabel, "recoveryCodesText", window).text().splitlines()) == 8
    assert next(door for door in lock.app_lock.doors if door.role is Role.ADMIN).has_codes


async def test_a_copied_key_leaves_the_clipboard_with_its_window(
    window: MainWindow, lock: DeskLock, qtbot: QtBot
) -> None:
    action = next(each for each in window.findChildren(QAction) if each.text() == "One-time codes…")
    action.trigger()
    qtbot.mouseClick(find(QPushButton, "codesCopy", window), Qt.MouseButton.LeftButton)

    copied = QApplication.clipboard().text()

    assert copied == "".join(filter(str.isalnum, find(QLabel, "codesKey", window).text()))
    QApplication.clipboard().clear()


async def test_the_settings_dock_leads_to_the_lock_and_says_how_it_stands(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Until
) -> None:
    window.show_dock("settings")
    find(QToolButton, "settingsAppLockTab", window).click()
    state = find(QLabel, "appLockState", window)
    before = state.text()
    written = [label.text() for label in find(QScrollArea, "appLockPage", window).findChildren(QLabel)]

    qtbot.mouseClick(find(QPushButton, "appLockManage", window), Qt.MouseButton.LeftButton)
    await until(lambda: window.findChild(QDialog, "lockSetUp") is not None)
    find(QDialog, "lockSetUp", window).reject()
    await desk.lock.keys.set_up(PINS)

    await until(lambda: state.text() == "The lock is set up; with a PIN: the trader, the admin.")
    assert before == "No lock is set up: whoever reaches this desk may do everything."
    assert "Lock when the program starts" in written
    assert not [words for words in written if "lock." in words]  # as files know them
