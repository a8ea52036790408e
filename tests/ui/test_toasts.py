import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QGuiApplication, QRegion
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.services.lock_desk import KeptTrail
from tradeassist_desktop.domain.alerts import AlertStatus, Priority, Timing
from tradeassist_desktop.domain.channels import ChannelUnavailable
from tradeassist_desktop.domain.delivery import Cause
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.messages import Digest, DigestLine, Message
from tradeassist_desktop.domain.routing import SilenceCause
from tradeassist_desktop.services.access.access import LOCKED, Access
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.ui.channels.requests import AlertRequests
from tradeassist_desktop.ui.channels.sound import SoundChannel
from tradeassist_desktop.ui.channels.toast import ToastChannel
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.widgets.toast_card import ToastCard
from tradeassist_desktop.ui.widgets.toast_cards import ToastLimits
from tradeassist_desktop.ui.widgets.toasts import ToastStack


def message(alert_id: str, **changes: Any) -> Message:
    values: dict[str, Any] = {
        "alert_id": alert_id,
        "rule_uid": "rule-0",
        "title": "ES breakout",
        "body": "/ES last 5530.25 crosses above 5530",
        "symbol": "/ES",
        "priority": Priority.NORMAL,
        "status": AlertStatus.FIRED,
        "event_ns": 1,
        "value": 5530.25,
    }
    return Message(**{**values, **changes})


@pytest.fixture
def stack(make_stack: Callable[..., ToastStack], tmp_path: Path) -> ToastStack:
    return make_stack(Settings(file=tmp_path / "settings.json", overrides=("toast.position=bottom_left",)))


def words(stack: ToastStack) -> list[str]:
    return [label.text() for label in stack.window.findChildren(QLabel) if label.isVisible()]


def button(stack: ToastStack, title: str) -> QPushButton:
    return next(b for b in stack.window.findChildren(QPushButton) if b.text() == title and b.isVisible())


async def test_a_toast_shows_title_symbol_value_and_age_without_taking_the_keyboard(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    await ToastChannel(stack=stack).send(message("one"))

    await until(stack.window.isVisible)
    assert {"ES breakout", "/ES", "5,530.25", "now"} <= set(words(stack))
    assert stack.window.windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus
    assert stack.window.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)


async def test_the_stack_stands_in_the_corner_that_was_chosen(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    stack.add(message("one"))
    await until(stack.window.isVisible)

    area = QGuiApplication.primaryScreen().availableGeometry()
    place = stack.window.geometry()

    assert area.contains(place)
    assert (place.left() - area.left(), area.bottom() - place.bottom()) == (16, 17)


@pytest.mark.parametrize(
    ("width", "height", "most"),
    [
        pytest.param(1600, 1000, 4, id="usual"),
        pytest.param(1280, 720, 2, id="small"),
        pytest.param(853, 480, 1, id="small, all of it half as large again"),
    ],
)
async def test_toasts_cover_no_control_of_a_window_as_it_comes(
    window: MainWindow,
    make_stack: Callable[..., ToastStack],
    until: Callable[..., Any],
    width: int,
    height: int,
    most: int,
) -> None:
    window.resize(width, height)
    window.reset_layout()
    await until(lambda: window.size().toTuple() == (width, height))
    made = make_stack(room=window.toast_room.find)
    controls = (QAbstractButton, QComboBox, QHeaderView, QLineEdit, QTabBar)

    counts, covered = [], set()
    for count in range(1, 7):
        before = words(made)
        made.add(message(str(count), title=f"Rule {count}"))
        await until(lambda before=before: words(made) != before)
        counts.append(len([card for card in made.window.findChildren(ToastCard) if card.isVisible()]))
        place = made.window.geometry()
        covered |= {
            widget.objectName() or widget.accessibleName()
            for widget in window.findChildren(QWidget)
            if isinstance(widget, controls)
            and not widget.visibleRegion().isEmpty()
            and widget.visibleRegion().translated(widget.mapToGlobal(QPoint())).intersects(place)
        }
    window.navigator.quick_rule_wanted.emit("")
    made.refresh()
    sheet = window.findChild(QWidget, "quickAdd")
    is_over_sheet = sheet.rect().translated(sheet.mapToGlobal(QPoint())).intersects(made.window.geometry())

    assert (max(counts), covered, is_over_sheet) == (most, set(), False)


async def test_a_toast_goes_after_its_time_and_an_urgent_one_stays(
    stack: ToastStack, desk: Any, until: Callable[..., Any]
) -> None:
    stack.add(message("normal"))
    stack.add(message("urgent", priority=Priority.URGENT))

    desk.clock.ns += 8 * NS_PER_SECOND
    stack.refresh()

    assert stack.alert_ids == ("urgent",)


async def test_six_at_once_become_one_with_a_count(stack: ToastStack, until: Callable[..., Any]) -> None:
    for number in range(50):
        stack.add(message(f"alert-{number}"))

    await until(stack.window.isVisible)
    assert "50 alerts" in words(stack)
    assert len([b for b in stack.window.findChildren(QPushButton) if b.text() == "Acknowledge all"]) == 1


async def test_the_card_of_a_storm_stays_and_its_buttons_are_about_what_came_since(
    stack: ToastStack, requests: AlertRequests, until: Callable[..., Any]
) -> None:
    asked: list[tuple[str, ...]] = []
    requests.acknowledge.connect(asked.append)
    for number in range(6):
        stack.add(message(f"alert-{number}"))
    await until(lambda: "6 alerts" in words(stack))
    answer = button(stack, "Acknowledge all")

    stack.add(message("the newest"))
    await until(lambda: "7 alerts" in words(stack))
    told = button(stack, "Acknowledge all").accessibleName()
    answer.click()

    assert told == "Acknowledge all: 7 alerts"
    assert set(asked[0]) == {"the newest", *(f"alert-{number}" for number in range(6))}
    assert not stack.window.isVisible()


async def test_acknowledging_tells_which_alert_and_takes_the_toast_away(
    stack: ToastStack, requests: AlertRequests, until: Callable[..., Any], qtbot: QtBot
) -> None:
    asked: list[tuple[str, ...]] = []
    requests.acknowledge.connect(asked.append)
    stack.add(message("one"))
    await until(stack.window.isVisible)

    qtbot.mouseClick(button(stack, "Acknowledge"), Qt.MouseButton.LeftButton)

    assert asked == [("one",)]
    assert not stack.window.isVisible()


async def test_nothing_but_cards_is_seen_of_the_stack_while_it_grows_and_shrinks(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    class Painted(QObject):
        """Keeps what of the window was to be seen as it was painted, and no card was there."""

        def __init__(self) -> None:
            super().__init__()
            self.bare: list[QRegion] = []
            self.count = 0

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() in (QEvent.Type.UpdateRequest, QEvent.Type.Paint):
                cards = QRegion()
                for card in stack.window.findChildren(ToastCard):
                    cards += QRegion(card.geometry()) if card.isVisible() else QRegion()
                self.count += 1
                self.bare.append((stack.window.mask() & QRegion(stack.window.rect())) - cards)
            return False

    painted = Painted()
    stack.window.installEventFilter(painted)

    for count in range(1, 4):
        stack.add(message(str(count), title=f"Rule {count}"))
        await until(lambda count=count: f"Rule {count}" in words(stack))
    stack.remove(["2"])
    await until(lambda: "Rule 2" not in words(stack))

    assert painted.count > 3
    assert all(region.isEmpty() for region in painted.bare)


async def test_markup_in_a_title_stays_text(stack: ToastStack, until: Callable[..., Any]) -> None:
    stack.add(message("one", title="<img src='x'>", body="<b>" * 400))
    await until(stack.window.isVisible)

    labels = stack.window.findChildren(QLabel)

    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
    assert max(len(label.text()) for label in labels) <= 280


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"is_late": True}, "Late: fired at ", id="late"),
        pytest.param({"is_saved": False}, "Not saved yet", id="not saved"),
        pytest.param({"cause": Cause.REPEAT}, "Repeated: not acknowledged yet", id="repeat"),
        pytest.param({"cause": Cause.ESCALATION}, "Escalated: nobody acknowledged it", id="escalation"),
        pytest.param({"cause": Cause.SILENCE_ENDED}, "Still true after its silence", id="silence ended"),
        pytest.param({"is_second_try": True}, "May have come before", id="second try"),
        pytest.param({"status": AlertStatus.CLEARED}, "Cleared", id="cleared"),
        pytest.param({"is_test": True, "is_saved": False}, "Test · not saved yet", id="test"),
    ],
)
async def test_what_is_no_plain_alert_says_so_in_words(
    stack: ToastStack, until: Callable[..., Any], changes: dict[str, Any], said: str
) -> None:
    stack.add(message("one", **changes))

    await until(lambda: any(each.startswith(said) for each in words(stack)))


async def test_what_was_found_out_after_the_fact_says_so_first(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    stack.add(message("one", timing=Timing.AFTER_GAP))

    await until(lambda: "After a gap. ES breakout" in words(stack))


async def test_what_a_replay_raised_says_so_alone_and_gathered(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    stack.add(message("one", timing=Timing.REPLAYED))
    await until(lambda: "Replay. ES breakout" in words(stack))

    for number in range(5):
        stack.add(message(f"alert-{number}", timing=Timing.REPLAYED))
    await until(lambda: "Replay. 6 alerts" in words(stack))

    stack.restrict(ToastLimits(hides_text=True))
    await until(lambda: "6 alerts" in words(stack))


async def test_an_alert_acknowledged_in_the_list_leaves_the_stack(
    heard: MainWindow, stack: ToastStack, desk: Any, alert: Callable[..., Any], until: Callable[..., Any]
) -> None:
    desk.history.fire(alert("one"))
    stack.add(message("one", priority=Priority.URGENT))

    await desk.history.acknowledge(["one"])

    await until(lambda: stack.alert_ids == ())


async def test_snoozing_a_toast_snoozes_what_it_is_about(
    heard: MainWindow, stack: ToastStack, desk: Any, alert: Callable[..., Any], until: Callable[..., Any]
) -> None:
    desk.history.fire(alert("one"))
    stack.add(message("one"))
    await until(stack.window.isVisible)

    button(stack, "15 m").click()

    await until(desk.silences.active)
    (made,) = desk.silences.active()
    assert (made.cause, made.rule_uid, made.symbol) == (SilenceCause.SNOOZE, "rule-0", "/ES")
    assert made.until_ns == desk.clock.now_ns() + 15 * 60 * NS_PER_SECOND


@pytest.mark.parametrize("what", ["pause", "mute", "snooze", "acknowledge"])
async def test_an_urgent_tone_is_repeated_no_more_once_its_alert_is_dealt_with(
    heard: MainWindow,
    sound: SoundChannel,
    desk: Any,
    alert: Callable[..., Any],
    until: Callable[..., Any],
    what: str,
) -> None:
    desk.history.fire(alert("one"))
    with contextlib.suppress(ChannelUnavailable):  # there may be no device, yet the alert waits for one
        await sound.send(message("one", priority=Priority.URGENT))
    waiting = sound.alert_ids

    if what == "pause":
        await desk.silences.pause()
    elif what == "mute":
        await desk.silences.mute_rule("rule-0")
    elif what == "snooze":
        await desk.silences.snooze(alert("one").alert, for_ns=NS_PER_SECOND)
    else:
        await desk.history.acknowledge(["one"])

    assert waiting == ("one",)
    await until(lambda: sound.alert_ids == ())


async def test_a_disk_that_keeps_no_acknowledgement_does_not_keep_the_tone_going(
    heard: MainWindow,
    stack: ToastStack,
    sound: SoundChannel,
    desk: Any,
    alert: Callable[..., Any],
    until: Callable[..., Any],
) -> None:
    desk.history.is_disk_full = True
    desk.history.fire(alert("one"))
    stack.add(message("one", priority=Priority.URGENT))
    with contextlib.suppress(ChannelUnavailable):
        await sound.send(message("one", priority=Priority.URGENT))
    await until(stack.window.isVisible)

    button(stack, "Acknowledge").click()

    await until(lambda: sound.alert_ids == ())
    notice = heard.findChild(QLabel, "statusNotice")
    await until(lambda: "disk" in notice.text())
    assert desk.history.unacknowledged_count == 1


async def test_an_urgent_tone_goes_on_while_something_else_is_muted(
    heard: MainWindow, sound: SoundChannel, desk: Any, alert: Callable[..., Any]
) -> None:
    desk.history.fire(alert("one"))
    with contextlib.suppress(ChannelUnavailable):
        await sound.send(message("one", priority=Priority.URGENT))

    await desk.silences.mute_rule("another-rule")

    assert sound.alert_ids == ("one",)


async def test_why_and_chart_open_the_window_at_the_alert(
    heard: MainWindow, stack: ToastStack, desk: Any, alert: Callable[..., Any], until: Callable[..., Any]
) -> None:
    chosen: list[str] = []
    moments: list[tuple[str, int]] = []
    heard.navigator.alert_chosen.connect(chosen.append)
    heard.navigator.moment_chosen.connect(lambda symbol, event_ns: moments.append((symbol, event_ns)))
    desk.history.fire(alert("one"))
    stack.add(message("one"))
    await until(stack.window.isVisible)
    heard.hide()

    button(stack, "Why?").click()
    button(stack, "Show on chart").click()

    assert (chosen, moments) == (["one"], [("/ES", 1)])
    assert heard.isVisible()


def test_the_stack_is_no_taller_than_the_toasts_left_in_it(stack: ToastStack, qtbot: QtBot) -> None:
    stack.add(message("first"))
    qtbot.wait_until(stack.window.isVisible)
    height_of_one = stack.window.height()
    stack.add(message("second"))
    qtbot.wait_until(lambda: stack.window.height() > height_of_one)

    stack.remove(["first"])

    assert stack.window.height() == height_of_one


async def test_a_price_of_another_symbol_stands_beside_that_symbol(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    stack.add(message("one", value=60031.18, value_symbol="BTC-USD"))

    await until(stack.window.isVisible)
    assert {"BTC-USD", "60,031.18"} <= set(words(stack))
    assert "/ES" not in words(stack)


async def test_a_value_that_several_symbols_make_up_stands_beside_none(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    stack.add(message("one", value=10.85, value_symbol=None))

    await until(stack.window.isVisible)
    assert "/ES" in words(stack)
    assert "10.85" not in words(stack)


# --- snoozing, digests, limits


@pytest.mark.parametrize("minutes", [5, 15, 60])
async def test_snoozing_tells_which_alert_and_for_how_long_and_takes_the_toast_away(
    stack: ToastStack, requests: AlertRequests, until: Callable[..., Any], qtbot: QtBot, minutes: int
) -> None:
    asked: list[tuple[tuple[str, ...], int]] = []
    requests.snooze.connect(lambda ids, for_min: asked.append((ids, for_min)))
    stack.add(message("one", priority=Priority.URGENT))
    await until(stack.window.isVisible)

    qtbot.mouseClick(button(stack, f"{minutes} m"), Qt.MouseButton.LeftButton)

    assert asked == [(("one",), minutes)]
    assert not stack.window.isVisible()


async def test_a_test_has_nothing_to_acknowledge_and_goes_by_itself_even_if_urgent(
    stack: ToastStack, desk: Any, until: Callable[..., Any]
) -> None:
    stack.add(message("test", symbol="", priority=Priority.URGENT, is_test=True))
    await until(stack.window.isVisible)

    offered = [b.text() for b in stack.window.findChildren(QPushButton)]
    desk.clock.ns += 9 * NS_PER_SECOND
    stack.refresh()

    assert offered == []
    assert stack.count == 0


def digest(count: int, **changes: Any) -> Message:
    lines = (
        DigestLine("/ES: breakout", count - 2, Priority.NORMAL, 5),
        DigestLine("AAPL: gap", 2, Priority.HIGH, 3),
    )
    ids = tuple(f"of-digest-{number}" for number in range(count))
    return message(ids[-1], digest=Digest(count=count, lines=lines, alert_ids=ids), **changes)


async def test_a_digest_is_one_toast_with_the_exact_count_and_the_loudest_first(
    stack: ToastStack, requests: AlertRequests, until: Callable[..., Any]
) -> None:
    opened: list[bool] = []
    requests.alerts.connect(lambda: opened.append(True))

    stack.add(digest(1_234))
    await until(stack.window.isVisible)
    button(stack, "Show alerts").click()

    assert {"1,234 alerts", "AAPL: gap × 2\n/ES: breakout × 1,232"} <= set(words(stack))
    assert opened == [True]


async def test_all_of_a_digest_can_be_acknowledged_at_once(
    stack: ToastStack, requests: AlertRequests, until: Callable[..., Any]
) -> None:
    asked: list[tuple[str, ...]] = []
    requests.acknowledge.connect(asked.append)
    stack.add(digest(60))
    await until(stack.window.isVisible)

    button(stack, "Acknowledge all").click()

    assert len(set(asked[0])) == 60
    assert not stack.window.isVisible()


async def test_what_is_acknowledged_elsewhere_is_taken_from_the_count_of_a_digest(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    stack.add(digest(60))

    stack.remove(["of-digest-0", "of-digest-7"])

    await until(lambda: "58 alerts" in words(stack))


async def test_an_alert_of_a_digest_that_comes_again_is_counted_once(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    stack.add(digest(60))

    stack.add(message("of-digest-3", cause=Cause.REPEAT))

    assert stack.count == 60


def group(*alerts: tuple[str, str, Priority]) -> Message:
    """Return a digest of alerts, each given by its id, title and priority."""
    lines = [DigestLine(title, 1, priority, 5, (alert_id,)) for alert_id, title, priority in alerts]
    ids = tuple(alert_id for alert_id, *_ in alerts)
    loudest = max((priority for *_, priority in alerts), key=lambda each: each.loudness)
    return message(ids[-1], priority=loudest, digest=Digest(len(ids), tuple(lines), ids))


async def test_an_urgent_alert_of_a_digest_that_comes_again_alone_is_not_told_of_in_the_digest_too(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    stack.add(
        group(("u", "margin", Priority.URGENT), ("a", "gap", Priority.NORMAL), ("b", "gap", Priority.NORMAL))
    )

    stack.add(message("u", title="margin", priority=Priority.URGENT, cause=Cause.REPEAT))
    await until(lambda: "2 alerts" in words(stack))

    assert words(stack).count("margin") == 1
    assert not [said for said in words(stack) if "urgent" in said or "margin\n" in said]


async def test_an_urgent_alert_that_comes_again_in_a_digest_is_not_shown_alone_too(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    stack.add(message("u", title="margin", priority=Priority.URGENT))
    await until(lambda: "margin" in words(stack))

    stack.add(group(("u", "margin", Priority.URGENT), ("a", "gap", Priority.NORMAL)))
    await until(lambda: "2 alerts" in words(stack))

    assert "margin" not in words(stack)
    assert {"1 urgent", "margin\ngap"} <= set(words(stack))


async def test_a_digest_whose_urgent_alerts_are_acknowledged_goes_by_itself(
    stack: ToastStack, desk: Any
) -> None:
    stack.add(group(("u", "margin", Priority.URGENT), ("a", "gap", Priority.NORMAL)))

    stack.remove(["u"])
    desk.clock.ns += 8 * NS_PER_SECOND
    stack.refresh()

    assert stack.count == 0


async def test_what_comes_again_on_a_stack_of_hundreds_is_counted_once(stack: ToastStack) -> None:
    stack.add(group(*((f"of-digest-{number}", "gap", Priority.URGENT) for number in range(60))))

    for number in range(300):
        stack.add(message(f"alert-{number}", priority=Priority.URGENT))
        stack.add(message(f"of-digest-{number % 60}", priority=Priority.URGENT))

    assert stack.count == 360


async def test_a_digest_among_single_toasts_counts_with_all_it_stands_for(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    stack.add(digest(60))
    for number in range(5):
        stack.add(message(f"alert-{number}", priority=Priority.URGENT))

    await until(lambda: {"65 alerts", "5 urgent"} <= set(words(stack)))


async def test_ten_thousand_urgent_alerts_keep_their_count_in_bounded_room(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    for number in range(10_000):
        stack.add(message(f"alert-{number}", title=f"rule {number % 300}", priority=Priority.URGENT))

    await until(lambda: {"10,000 alerts", "10,000 urgent"} <= set(words(stack)))
    assert len(stack.alert_ids) == 10_000


# --- where and how long


async def test_the_window_is_cut_to_its_cards_so_that_nothing_black_lies_between_them(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    def bare() -> list[int]:
        """Return the rows in the middle of the window that are cut out."""
        mask, middle = stack.window.mask(), stack.window.width() // 2
        return [y for y in range(stack.window.height()) if not mask.contains(QPoint(middle, y))]

    def gaps() -> list[int]:
        cards = [card.geometry() for card in stack.window.findChildren(ToastCard)]
        return [y for y in range(stack.window.height()) if not any(card.contains(100, y) for card in cards)]

    for round_, bodies in enumerate((("short", "long " * 40), ("long " * 40, "short"))):
        stack.remove(stack.alert_ids)  # the window is as tall as before, and its cards are not
        for number, body in enumerate(bodies):
            stack.add(message(f"{round_}-{number}", body=body))
            await until(lambda drawn=number + 1: len(stack.window.findChildren(ToastCard)) == drawn)

        await until(lambda: len(gaps()) == 8 and bare() == gaps())


@pytest.fixture
def settings_of_stack(tmp_path: Path) -> Settings:
    return Settings(file=tmp_path / "moved.json")


async def test_another_corner_and_another_duration_take_effect_at_once(
    make_stack: Callable[..., ToastStack],
    desk: Any,
    settings_of_stack: Settings,
    until: Callable[..., Any],
) -> None:
    stack = make_stack(settings_of_stack)
    stack.add(message("one"))
    await until(stack.window.isVisible)
    before = stack.window.geometry()

    await settings_of_stack.set("toast.position", "bottom_left")
    await settings_of_stack.set("toast.seconds", 100)
    desk.clock.ns += 50 * NS_PER_SECOND
    await until(lambda: stack.window.geometry().top() > before.bottom())

    assert stack.window.geometry().left() < before.left()
    assert stack.alert_ids == ("one",)


# --- under the pointer


@pytest.fixture
async def read(
    make_stack: Callable[..., ToastStack], settings_of_stack: Settings, until: Callable[..., Any]
) -> ToastStack:
    """A stack in an upper corner, with the pointer on its only toast."""
    stack = make_stack(settings_of_stack)
    stack.add(message("read"))
    await until(stack.window.isVisible)
    middle = QPointF(stack.window.rect().center())
    QApplication.sendEvent(stack.window, QEnterEvent(middle, middle, middle))
    return stack


def places(stack: ToastStack, title: str) -> list[QPoint]:
    """Where the buttons of that title are on the screen, from the top."""
    found = [b for b in stack.window.findChildren(QPushButton) if b.text() == title and b.isVisible()]
    return sorted((b.mapToGlobal(QPoint(0, 0)) for b in found), key=lambda place: place.y())


async def test_what_comes_does_not_move_the_toast_that_the_pointer_is_on(
    read: ToastStack, requests: AlertRequests, until: Callable[..., Any], qtbot: QtBot
) -> None:
    pressed = button(read, "Acknowledge")
    before = pressed.mapToGlobal(QPoint(0, 0))

    read.add(message("newer"))
    await until(lambda: len(places(read, "Acknowledge")) == 2)

    assert pressed.mapToGlobal(QPoint(0, 0)) == before
    with qtbot.waitSignal(requests.acknowledge) as asked:
        qtbot.mouseClick(pressed, Qt.MouseButton.LeftButton)
    assert asked.args == [("read",)]


async def test_a_burst_takes_no_toast_from_under_the_pointer_and_is_one_beside_it(
    read: ToastStack, until: Callable[..., Any]
) -> None:
    (before,) = places(read, "Acknowledge")

    for number in range(30):
        read.add(message(f"alert-{number}"))
    await until(lambda: "30 alerts" in words(read))
    during = places(read, "Acknowledge")
    QApplication.sendEvent(read.window, QEvent(QEvent.Type.Leave))
    read.refresh()

    assert during == [before]
    await until(lambda: "31 alerts" in words(read))


async def test_an_alert_that_is_repeated_stays_where_it_stands_in_a_stack_with_the_pointer_on_it(
    read: ToastStack, until: Callable[..., Any]
) -> None:
    read.add(message("newer", title="Newer"))
    await until(lambda: "Newer" in words(read))

    read.add(message("newer", cause=Cause.REPEAT, title="Again"))
    await until(lambda: "Again" in words(read))

    heights = {
        label.text(): label.mapToGlobal(QPoint(0, 0)).y() for label in read.window.findChildren(QLabel)
    }
    assert heights["ES breakout"] < heights["Again"]


# --- by keyboard


async def test_the_keyboard_goes_to_the_toasts_when_asked_and_comes_back_with_escape(
    heard: MainWindow,
    stack: ToastStack,
    requests: AlertRequests,
    desk: Any,
    alert: Callable[..., Any],
    until: Callable[..., Any],
    qtbot: QtBot,
) -> None:
    desk.history.fire(alert("one"))
    stack.add(message("one"))
    await until(stack.window.isActiveWindow)  # the offscreen platform makes every new window so
    heard.activateWindow()
    await until(heard.isActiveWindow)
    focused = QApplication.focusWidget()

    qtbot.keyClick(heard, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    await until(stack.window.isActiveWindow)
    first = QApplication.focusWidget()
    qtbot.keyClick(first, Qt.Key.Key_Tab)
    second = QApplication.focusWidget()
    qtbot.keyClick(second, Qt.Key.Key_Escape)
    await until(heard.isActiveWindow)

    assert isinstance(first, QPushButton)
    assert isinstance(second, QPushButton)
    assert (first.accessibleName(), second.accessibleName()) == (
        "Acknowledge: ES breakout",
        "Snooze 5 minutes: ES breakout",
    )
    assert QApplication.focusWidget() is focused
    assert stack.window.windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus


async def test_keys_that_work_everywhere_in_the_window_do_so_on_its_toasts(
    heard: MainWindow, stack: ToastStack, until: Callable[..., Any], qtbot: QtBot
) -> None:
    stack.add(message("one"))
    await until(stack.window.isActiveWindow)  # the offscreen platform makes every new window so
    heard.activateWindow()
    await until(heard.isActiveWindow)
    stack.take_keyboard()
    await until(stack.window.isActiveWindow)

    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    await until(heard.isActiveWindow)
    typed_into = QApplication.focusWidget()
    qtbot.keyClick(typed_into, Qt.Key.Key_Escape)
    after = QApplication.focusWidget()

    assert isinstance(typed_into, QLineEdit)
    assert typed_into.objectName() == "quickAddLine"
    assert after is not None
    assert heard.isAncestorOf(after)


async def test_return_acknowledges_the_toast_the_keyboard_is_on(
    heard: MainWindow,
    stack: ToastStack,
    desk: Any,
    alert: Callable[..., Any],
    until: Callable[..., Any],
    qtbot: QtBot,
) -> None:
    desk.history.fire(alert("one"))
    stack.add(message("one"))
    await until(stack.window.isActiveWindow)  # the offscreen platform makes every new window so
    heard.activateWindow()
    await until(heard.isActiveWindow)
    stack.take_keyboard()
    await until(stack.window.isActiveWindow)

    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)

    await until(lambda: desk.history.unacknowledged_count == 0)
    await until(heard.isActiveWindow)


async def test_what_a_notification_asks_of_a_locked_desk_takes_nothing_out_of_sight(
    heard: MainWindow, stack: ToastStack, requests: AlertRequests, desk: Any, alert: Callable[..., Any]
) -> None:
    trail = KeptTrail()
    desk.access = Access(audit=trail, now_ns=desk.clock.now_ns, seat=LOCKED)
    desk.history.fire(alert("one"))
    stack.add(message("one", priority=Priority.URGENT))

    requests.acknowledge.emit(("one",))
    requests.snooze.emit(("one",), 15)

    assert stack.alert_ids == ("one",)
    assert desk.history.unacknowledged_count == 1
    assert desk.silences.active() == ()
    assert trail.lines == ["denied refused locked desk"] * 2


async def test_a_toast_at_a_locked_desk_cannot_be_answered_and_says_who_may(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    stack.add(message("one"))
    await until(stack.window.isVisible)

    stack.restrict(ToastLimits(why_no_answer="A trader or an admin may acknowledge alerts."))
    await until(lambda: not any(button.isEnabled() for button in answers(stack)))
    tips = {button.toolTip() for button in answers(stack)}
    can_look = button(stack, "Why?").isEnabled()
    stack.restrict(ToastLimits())
    await until(lambda: all(button.isEnabled() for button in answers(stack)))

    assert tips == {"A trader or an admin may acknowledge alerts."}
    assert can_look


async def test_a_toast_whose_text_is_hidden_says_that_there_is_an_alert_and_no_more(
    stack: ToastStack, until: Callable[..., Any]
) -> None:
    stack.restrict(ToastLimits(hides_text=True))
    stack.add(message("one"))
    await until(stack.window.isVisible)
    words = [label.text() for label in stack.window.findChildren(QLabel)]

    stack.restrict(ToastLimits())
    await until(lambda: "An alert" not in [label.text() for label in stack.window.findChildren(QLabel)])

    assert "An alert" in words
    assert "TradeAssist is locked." in words
    assert not [each for each in words if "ES" in each]


def answers(stack: ToastStack) -> list[QPushButton]:
    asked = ("Acknowledge", "5 m", "15 m", "60 m")
    return [button for button in stack.window.findChildren(QPushButton) if button.text() in asked]


def test_toasts_that_were_closed_follow_the_theme_no_more(
    make_stack: Callable[..., ToastStack], theme: Theme, qtbot: QtBot
) -> None:
    made = make_stack()
    made.close()
    qtbot.waitUntil(lambda: not isValid(made.window))

    theme.changed.emit()

    qtbot.wait(1)  # what it begins would end in an error, and with it the test
