from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.events import FeedChanged, HealthMeasured, StorageTroubled
from tradeassist_desktop.domain.health import FeedState, FeedStatus, Percentiles
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.panels import PANELS
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.widgets.gauge import Gauge


def action(window: MainWindow, title: str) -> QAction:
    menus = window.findChild(QMenuBar, "menuBar").actions()
    entries = [entry for menu in menus for entry in menu.menu().actions()]
    entries += [entry for each in entries if each.menu() is not None for entry in each.menu().actions()]
    return next(entry for entry in entries if title in (entry.text(), entry.iconText()))


def status_text(window: MainWindow, name: str) -> str:
    button = window.findChild(QToolButton, name)
    assert button is not None
    return button.text()


def said(window: MainWindow) -> str:
    label = window.findChild(QLabel, "statusNotice")
    assert label is not None
    return label.text()


async def test_every_dock_is_alive_and_named(window: MainWindow) -> None:
    for spec in PANELS:
        dock = window.dock(spec.name)

        assert (dock.objectName(), dock.accessibleName()) == (spec.name, spec.title)
        assert window.panel(spec.name) is dock.widget()


async def test_a_dock_s_own_keys_bring_it_back_when_it_was_closed(
    window: MainWindow, until: Callable[..., Any]
) -> None:
    for spec in PANELS:
        window.dock(spec.name).close()
        show = action(window, spec.title)

        show.trigger()

        assert show.shortcut() == QKeySequence(spec.keys)
        await until(window.dock(spec.name).isVisible)


async def test_every_input_has_a_name_for_screen_readers(window: MainWindow) -> None:
    own = [line for line in window.findChildren(QLineEdit) if not line.objectName().startswith("qt_")]

    assert [line.objectName() for line in own if not line.accessibleName()] == []


async def test_the_theme_is_chosen_in_the_menu_and_kept(
    window: MainWindow, desk: Any, theme: Theme, until: Callable[..., Any]
) -> None:
    action(window, "Light").trigger()

    await until(lambda: theme.name == "light")
    assert desk.settings.values["appearance.theme"] == "light"


async def test_closing_without_a_tray_quits(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.quit_wanted, timeout=1000):
        window.close()


async def test_the_layout_comes_back_as_it_was_left(
    desk: Any, theme: Theme, tmp_path: Path, until: Callable[..., Any]
) -> None:
    file = tmp_path / "layout.ini"
    first = MainWindow(desk=desk, theme=theme, state_file=file)
    first.start()
    await until(lambda: first.panel("chart") is not None)
    first.dock("health").close()
    first.dock("rules").setFloating(True)
    await first.finish()
    first.deleteLater()

    second = MainWindow(desk=desk, theme=theme, state_file=file)
    second.start()
    await until(lambda: second.panel("chart") is not None)

    assert not second.dock("health").isVisible()
    assert second.dock("rules").isFloating()
    assert second.dock("rules").windowHandle().transientParent() is second.windowHandle()
    second.reset_layout()
    assert second.dock("health").isVisibleTo(second) or not second.dock("health").isHidden()
    assert not second.dock("rules").isFloating()
    await second.finish()
    second.deleteLater()


async def test_what_can_be_undone_is_told_without_moving_a_dock(window: MainWindow, qtbot: QtBot) -> None:
    async def nothing() -> None: ...

    bar = window.findChild(QWidget, "noticeBar")
    heights = [window.dock("watchlist").height()]

    window.navigator.undo_offered.emit("Done: " + "Delete a rule of a long name " * 20, nothing, "")
    qtbot.wait_until(bar.isVisible)
    qtbot.wait(0)
    heights.append(window.dock("watchlist").height())
    qtbot.mouseClick(bar.findChild(QToolButton), Qt.MouseButton.LeftButton)
    qtbot.wait_until(bar.isHidden)
    qtbot.wait(0)
    heights.append(window.dock("watchlist").height())

    assert len(set(heights)) == 1
    assert window.minimumSizeHint().width() <= 1280


async def test_the_keys_of_a_command_with_a_long_name_are_in_sight(
    window: MainWindow, until: Callable[..., Any]
) -> None:
    action(window, "Keyboard shortcuts").trigger()
    await until(lambda: window.findChild(QDialog, "shortcuts") is not None)
    sheet = window.findChild(QDialog, "shortcuts")

    area = sheet.findChild(QScrollArea)

    assert area.widget().minimumSizeHint().width() <= area.viewport().width()


async def test_a_tabbed_dock_is_named_by_its_tab_only(window: MainWindow, until: Callable[..., Any]) -> None:
    def title_height(name: str) -> int:
        return window.dock(name).titleBarWidget().sizeHint().height()

    await until(lambda: title_height("alerts") == 0)
    assert title_height("watchlist") > 0

    window.dock("health").setFloating(True)

    await until(lambda: title_height("health") > 0)


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (FeedStatus(state=FeedState.RECONNECTING, detail="Line lost."), "Feed reconnecting"),
        (FeedStatus(state=FeedState.REFUSED, detail="token refused; sign in anew"), "Feed refused"),
    ],
    ids=["reconnecting", "refused"],
)
async def test_the_status_bar_says_when_the_feed_is_not_to_be_trusted(
    window: MainWindow, desk: Any, status: FeedStatus, shown: str
) -> None:
    desk.market.feed_status = status

    desk.bus.publish(FeedChanged(status=status))

    assert status_text(window, "statusFeed") == shown
    button = window.findChild(QToolButton, "statusFeed")
    assert button is not None and button.toolTip() == status.detail
    assert window.tray.state == "blind"


async def test_a_second_of_health_reaches_status_bar_and_gauges(window: MainWindow, desk: Any) -> None:
    report = desk.report(ticks_per_second=1234.0, loop_lag=Percentiles(9, 1.0, 48.0, 60.0))

    desk.bus.publish(HealthMeasured(report=report))

    assert status_text(window, "statusTicks") == "1,234 updates/s"
    assert status_text(window, "statusLatency") == "tick to alert p99 0.21 ms"
    lag = window.findChild(Gauge, "gauge_loopLag")
    assert lag is not None
    assert lag.accessibleDescription() == "48 ms, needs a look. Limit 33 ms, a frame"


async def test_a_channel_without_a_device_shows_in_health(window: MainWindow, desk: Any) -> None:
    desk.bus.publish(
        HealthMeasured(report=desk.report(channels={"toast": "ready", "sound": "no sound device"}))
    )

    channels = window.findChild(Gauge, "gauge_channels")
    assert channels is not None
    assert channels.accessibleDescription() == "1 in trouble, needs a look. Tones: no sound device"


async def test_trouble_with_the_disk_is_said_until_it_is_over(window: MainWindow, desk: Any) -> None:
    button = window.findChild(QToolButton, "statusStorage")
    assert button is not None

    desk.bus.publish(StorageTroubled(reason="disk full"))
    during = (button.isVisible(), button.text())
    desk.bus.publish(StorageTroubled(reason=None))

    assert during == (True, "Not saving")
    assert not button.isVisible()


async def test_a_failed_task_is_told_in_the_status_bar(window: MainWindow, until: Callable[..., Any]) -> None:
    async def refuse() -> None:
        raise TradeAssistError("The disk is full.")

    window.tasks.start(refuse())

    await until(lambda: said(window) == "The disk is full.")


async def test_our_own_fault_is_logged_and_told(
    window: MainWindow, until: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    async def break_down() -> None:
        raise ZeroDivisionError("ours")

    window.tasks.start(break_down())

    await until(lambda: "ours to mend" in said(window))
    assert "ZeroDivisionError" in caplog.text


async def test_a_part_of_the_status_bar_leads_to_its_dock(window: MainWindow, qtbot: QtBot) -> None:
    window.dock("feed").close()
    button = window.findChild(QToolButton, "statusFeed")

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    assert window.dock("feed").isVisible()


async def test_a_development_run_says_so(desk: Any, theme: Theme, tmp_path: Path) -> None:
    desk.is_dev = True
    window = MainWindow(desk=desk, theme=theme, state_file=tmp_path / "layout.ini")
    window.start()

    banner = window.findChild(QWidget, "devBanner")

    assert banner is not None and banner.isVisible()
    await window.finish()
    window.deleteLater()


@pytest.mark.parametrize(
    ("title", "name"), [("About TradeAssist", "about"), ("Keyboard shortcuts", "shortcuts")]
)
async def test_help_opens_a_sheet_without_stopping_the_desk(
    window: MainWindow, title: str, name: str
) -> None:
    action(window, title).trigger()

    sheet = window.findChild(QDialog, name)
    assert sheet is not None and sheet.isVisible()
    sheet.close()


async def test_the_tray_tells_of_new_alerts_and_lists_the_last_five(
    window: MainWindow, desk: Any, alert: Callable[..., Any], until: Callable[..., Any]
) -> None:
    assert window.tray.state == "normal"

    for number in range(7):
        desk.history.fire(alert(f"alert-{number}", rule_name=f"R&D {number}"))

    await until(lambda: window.tray.state == "alert")
    listed = [each.text() for each in window.tray.menu.actions() if "R&&D" in each.text()]
    assert [each[-1] for each in listed] == ["6", "5", "4", "3", "2"]


async def test_the_tray_s_menu_stays_as_it_is_while_it_is_open(
    window: MainWindow, desk: Any, alert: Callable[..., Any], until: Callable[..., Any]
) -> None:
    def listed() -> list[str]:
        return [
            each.text().partition("rule ")[2] for each in window.tray.menu.actions() if "rule" in each.text()
        ]

    desk.history.fire(alert("one", rule_name="rule 1"))
    await until(lambda: listed() == ["1"])

    window.tray.menu.aboutToShow.emit()  # all that is heard of a menu that the desktop draws
    desk.history.fire(alert("two", rule_name="rule 2"))
    await until(lambda: window.tray.tool_tip == "TradeAssist: 2 alerts to acknowledge")
    meanwhile = listed()
    window.tray.menu.aboutToHide.emit()

    await until(lambda: listed() == ["2", "1"])
    assert meanwhile == ["1"]


async def test_a_choice_closes_the_tray_s_menu_though_the_desktop_does_not_say_so(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    def entry(words: str) -> QAction | None:
        return next((each for each in window.tray.menu.actions() if each.text().startswith(words)), None)

    window.tray.menu.aboutToShow.emit()
    pause = entry("Pause all alerts")
    assert pause is not None

    pause.trigger()

    await until(lambda: entry("Resume (") is not None)


async def test_an_alert_chosen_in_the_tray_opens_the_window_on_it(
    window: MainWindow, desk: Any, alert: Callable[..., Any], until: Callable[..., Any]
) -> None:
    desk.history.fire(alert("one"))
    await until(lambda: window.tray.state == "alert")
    chosen: list[str] = []
    window.navigator.alert_chosen.connect(chosen.append)
    window.hide()

    next(each for each in window.tray.menu.actions() if "ES breakout" in each.text()).trigger()

    assert chosen == ["one"]
    assert window.isVisible()


async def test_a_layout_kept_under_a_name_is_chosen_later_and_deleted_with_a_way_back(
    window: MainWindow, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    window.dock("health").close()
    action(window, "Save layout…").trigger()
    line = window.findChild(QLineEdit, "layoutNameLine")
    qtbot.keyClicks(line, "Open & close/early")
    qtbot.mouseClick(window.findChild(QPushButton, "layoutNameDone"), Qt.MouseButton.LeftButton)
    await until(lambda: bool(entries(window, "Layouts", "Open && close/early")))
    action(window, "Reset layout").trigger()
    assert not window.dock("health").isHidden()

    entries(window, "Layouts", "Open && close/early")[0].trigger()
    is_hidden = window.dock("health").isHidden()
    entries(window, "Delete layout", "Open && close/early")[0].trigger()
    await until(lambda: not entries(window, "Layouts", "Open && close/early"))
    action(window, "Undo").trigger()

    assert is_hidden
    await until(lambda: bool(entries(window, "Layouts", "Open && close/early")))


def entries(window: MainWindow, menu: str, title: str) -> list[QAction]:
    menus = [each for each in window.findChildren(QMenu) if each.title() == menu]
    return [entry for each in menus for entry in each.actions() if entry.text() == title]


async def test_a_long_notice_makes_no_window_wider_than_its_screen(window: MainWindow) -> None:
    before = window.statusBar().minimumSizeHint().width()

    window.navigator.noticed.emit("Undone: Move the level to 77.6, the nearest to 8 times a day. " * 5)

    assert window.statusBar().minimumSizeHint().width() == before


async def test_the_window_fits_a_small_screen_and_what_has_no_room_there_is_in_a_menu(
    window: MainWindow, until: Callable[..., Any]
) -> None:
    screen = QGuiApplication.primaryScreen().availableGeometry()
    buttons = {each.text(): each for each in window.panel("alerts").findChildren(QToolButton)}

    first = window.size()
    in_menu = [action.text() for action in buttons["More"].menu().actions()]
    has_menu = buttons["More"].isVisible(), buttons["Useful"].isVisible()
    window.resize(1400, 900)

    assert first.width() < screen.width()
    assert first.height() < screen.height()  # with room for a frame
    assert in_menu == ["Why?", "Show on chart", "Useful", "Noise"]
    assert has_menu == (True, False)
    await until(lambda: buttons["Useful"].isVisible() and not buttons["More"].isVisible())
