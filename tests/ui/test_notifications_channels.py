"""The Notifications dock: how each channel stands, a test through it, and setting it up."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.fakes import RecordingChannel
from tradeassist_desktop.domain.breakers import BreakerReading, BreakerState
from tradeassist_desktop.domain.channels import Receipt, Undeliverable
from tradeassist_desktop.domain.events import HealthMeasured
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.domain.secret import SLACK_BOT, SMTP, KeeperSilent
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.text import clock_time
from tradeassist_desktop.ui.widgets.gauge import Level
from tradeassist_desktop.ui.widgets.notifications.channel_words import channel_state

TOKEN = "xoxb-1234567890-abcdefghij"
OPEN = BreakerReading("slack", state=BreakerState.OPEN)
HALF_OPEN = BreakerReading("slack", state=BreakerState.HALF_OPEN)


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
    assert button.isVisible() and button.isEnabled(), name
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def words(window: MainWindow, channel: str) -> list[str]:
    block = find(window, QWidget, f"channel_{channel}")
    return [label.text() for label in block.findChildren(QLabel) if label.text() and label.isVisible()]


def said(window: MainWindow, channel: str) -> str:
    return str(find(window, QLabel, f"channelSaid_{channel}").text())


def fault(window: MainWindow, field: str) -> str:
    label = find(window, QLabel, f"fault_{field}")
    return str(label.text()) if label.isVisible() else ""


async def open_form(window: MainWindow, qtbot: QtBot, until: Callable[..., Any], channel: str) -> None:
    await until(lambda: not words(window, channel)[0].endswith("…"))
    press(qtbot, window, f"setUpChannel_{channel}")
    await until(lambda: window.findChild(QWidget, "channelForm") is not None)


async def test_each_channel_tells_its_state_and_its_last_delivery(
    shown: MainWindow, desk: Any, fire: Callable[..., None], until: Callable[..., Any]
) -> None:
    fire("a1")
    desk.clock.ns += 90_000_000_000
    shown.pulse.second.emit()

    await until(lambda: words(shown, "toast")[:2] == ["Toasts: ready", "Last delivery 1 m ago."])
    await until(lambda: words(shown, "sound")[:2] == ["Tones: ready", "Nothing delivered yet."])
    await until(lambda: words(shown, "email")[0] == "E-mail: not set up")


async def test_a_channel_in_trouble_says_so_in_words(
    shown: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    await until(lambda: words(shown, "tray")[0] == "Tray: ready")
    desk.health.report = desk.report(channels={"tray": "unavailable: no notification daemon"})
    desk.bus.publish(HealthMeasured(report=desk.health.report))
    shown.pulse.second.emit()

    assert words(shown, "tray")[:3] == [
        "Tray: not here",
        "Nothing delivered yet.",
        "No notification daemon.",
    ]


async def test_the_age_of_the_last_delivery_moves_no_button(
    shown: MainWindow, desk: Any, fire: Callable[..., None], until: Callable[..., Any]
) -> None:
    fire("a1")
    await until(lambda: words(shown, "toast")[:2] == ["Toasts: ready", "Last delivery just now."])
    shown.resize(900, shown.height())
    buttons = [each for each in shown.findChildren(QPushButton) if each.text() in ("Send a test", "Set up…")]
    before = [button.mapTo(shown, QPoint()) for button in buttons]

    for seconds in (1, 59, 3_600, 86_400 * 300):
        desk.clock.ns += seconds * 1_000_000_000
        shown.pulse.second.emit()

    assert [button.mapTo(shown, QPoint()) for button in buttons] == before
    assert not find(shown, QLabel, "channelLast_toast").wordWrap()


@pytest.mark.parametrize(
    ("facts", "word", "level"),
    [
        pytest.param({}, "ready", Level.GOOD, id="well"),
        pytest.param({"missing": "Slack is not set up: Token"}, "not set up", Level.QUIET, id="no token"),
        pytest.param({"is_on": False}, "off", Level.QUIET, id="switched off"),
        pytest.param({"lane": "failing: no answer"}, "failing", Level.BAD, id="no answer"),
        pytest.param({"lane": "dead: refused"}, "failing", Level.BAD, id="given up"),
        pytest.param({"lane": "needs you: token revoked"}, "needs you", Level.BAD, id="barred"),
        pytest.param({"lane": "asked to wait: 30 s"}, "waiting", Level.WARN, id="paced"),
        pytest.param({"breaker": OPEN}, "failing", Level.BAD, id="left alone"),
        pytest.param({"breaker": HALF_OPEN}, "ready", Level.GOOD, id="tried"),
    ],
)
def test_a_state_has_a_word_and_a_mark(facts: dict[str, Any], word: str, level: Level) -> None:
    state = channel_state(**{"missing": "", "is_on": True, "lane": "ready", "breaker": None, **facts})

    assert (state.word, state.level) == (word, level)


@pytest.mark.parametrize("reason", ["is the network up?", "no answer."])
def test_a_reason_that_is_a_whole_sentence_gets_no_second_end(reason: str) -> None:
    state = channel_state(missing="", is_on=True, lane=f"failing: {reason}", breaker=None)

    assert state.sentence == f"The last message did not arrive: {reason}"


async def test_a_test_is_sent_and_answered_in_words(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    press(qtbot, shown, "testChannel_toast")

    await until(lambda: said(shown, "toast") == "Delivered: receipt 1")
    assert [message.is_test for message in desk.channels["toast"].messages] == [True]


async def test_a_test_that_fails_says_why_and_when_as_alerts_may_arrive_since(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    gone = Undeliverable("the daemon is gone", retry=True)
    desk.channels["tray"] = RecordingChannel("tray", answers=[gone])

    press(qtbot, shown, "testChannel_tray")

    failed = f"The test at {clock_time(desk.clock.ns)} failed: the daemon is gone"
    await until(lambda: said(shown, "tray") == failed)


class SlowChannel(RecordingChannel):
    """Answers never."""

    async def send(self, message: Message) -> Receipt:
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_test_under_way_can_be_cancelled(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    desk.channels["tray"] = SlowChannel("tray")

    press(qtbot, shown, "testChannel_tray")
    await until(lambda: said(shown, "tray") == "Sending a test…")
    button = find(shown, QPushButton, "testChannel_tray")
    await until(lambda: button.text() == "Cancel")
    press(qtbot, shown, "testChannel_tray")

    await until(lambda: button.text() == "Send a test")
    assert said(shown, "tray") == "Cancelled; it may have gone out already."


async def test_a_channel_is_set_up_by_its_declared_fields(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    await open_form(shown, qtbot, until, "slack")
    token = find(shown, QLineEdit, "field_slack.bot/token")
    await until(token.hasFocus)
    echo = token.echoMode()

    qtbot.keyClicks(token, TOKEN)
    qtbot.keyClicks(find(shown, QLineEdit, "field_slack.channel"), "#alerts")
    qtbot.keyClick(find(shown, QLineEdit, "field_slack.channel"), Qt.Key.Key_Return)

    await until(lambda: said(shown, "slack") == "Kept; secrets are in the keyring.")
    await until(lambda: words(shown, "slack")[0] == "Slack: ready")
    assert echo is QLineEdit.EchoMode.Password
    assert desk.keyring.kept[SLACK_BOT] == {"token": TOKEN}
    assert desk.settings.get("slack.channel") == "#alerts"


async def test_a_kept_secret_is_told_of_and_never_shown(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    desk.keyring.kept[SLACK_BOT] = {"token": TOKEN}
    desk.secrets.forget()

    await open_form(shown, qtbot, until, "slack")

    token = find(shown, QLineEdit, "field_slack.bot/token")
    assert (token.text(), token.placeholderText()) == ("", "Kept in the keyring; type to replace it")


async def test_a_secret_is_taken_out_by_its_button(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    desk.keyring.kept[SMTP] = {"user": "desk", "password": "old"}
    desk.secrets.forget()
    await open_form(shown, qtbot, until, "email")

    press(qtbot, shown, "takeOut_smtp/password")
    press(qtbot, shown, "channelFormSave")

    await until(lambda: desk.keyring.kept[SMTP] == {"user": "desk"})


async def test_a_form_opens_while_the_keyring_is_locked_and_what_is_entered_stays_in_memory(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    locked = KeeperSilent("the keyring is locked: unlock it", keeper="keyring")
    desk.keyring.failure = desk.keyring.write_failure = locked
    await open_form(shown, qtbot, until, "email")

    unknown = find(shown, QLabel, "channelFormUnknown")
    assert unknown.isVisible()
    assert unknown.text().startswith("The keyring is locked: unlock it. What is kept there is not known")
    for field, text in (("user", "desk"), ("password", "word-of-mouth")):
        line = find(shown, QLineEdit, f"field_smtp/{field}")
        assert line.placeholderText() == "Not known now; type to enter it anew"
        line.setText(text)
    press(qtbot, shown, "channelFormSave")

    await until(lambda: said(shown, "email").startswith("Kept until the program ends: the keyring is locked"))
    kept = await desk.secrets.read(SMTP)
    assert kept == {"user": "desk", "password": "word-of-mouth"}


async def test_save_cancel_and_the_first_field_are_in_sight_in_the_smallest_window(
    shown: MainWindow, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    shown.resize(1280, 720)
    await until(lambda: shown.height() == 720)

    await open_form(shown, qtbot, until, "slack")

    parts = [find(shown, QPushButton, name) for name in ("channelFormSave", "channelFormCancel")]
    for part in (*parts, find(shown, QLineEdit, "field_slack.bot/token")):
        await until(lambda part=part: part.visibleRegion().boundingRect() == part.rect())


async def test_tab_goes_from_the_last_field_to_save_and_back_and_escape_leaves_from_there(
    shown: MainWindow, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    await open_form(shown, qtbot, until, "slack")
    last = find(shown, QLineEdit, "field_slack.bot/client_secret")
    save = find(shown, QPushButton, "channelFormSave")
    last.setFocus()

    qtbot.keyClick(last, Qt.Key.Key_Tab)
    assert save.hasFocus()
    qtbot.keyClick(save, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert last.hasFocus()
    qtbot.keyClick(last, Qt.Key.Key_Tab)
    assert save.hasFocus()
    qtbot.keyClick(save, Qt.Key.Key_Escape)

    await until(lambda: shown.findChild(QPushButton, "channelFormSave") is None)
    assert shown.findChild(QWidget, "channelForm") is None


async def test_a_fault_stands_below_its_field_and_nothing_is_kept(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    await open_form(shown, qtbot, until, "email")
    port, to = (find(shown, QLineEdit, f"field_smtp.{name}") for name in ("port", "to"))

    port.setText("0")
    to.setText("nobody")
    press(qtbot, shown, "channelFormSave")

    await until(lambda: fault(shown, "smtp.port") == "Must be 1 to 65535, was 0")
    assert fault(shown, "smtp.to").startswith("Expected an e-mail address")
    assert fault(shown, "smtp.host") == ""
    assert port.hasFocus()
    assert desk.settings.get("smtp.port") == 587


async def test_escape_leaves_the_form_and_forgets_what_was_typed(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    await open_form(shown, qtbot, until, "slack")
    token = find(shown, QLineEdit, "field_slack.bot/token")
    qtbot.keyClicks(token, TOKEN)

    qtbot.keyClick(token, Qt.Key.Key_Escape)

    await until(lambda: shown.findChild(QWidget, "channelForm") is None)
    assert desk.keyring.kept == {}


async def test_undo_brings_settings_of_a_form_back_and_leaves_secrets(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    undo = find(shown, QToolButton, "undoChange")
    await open_form(shown, qtbot, until, "slack")
    find(shown, QLineEdit, "field_slack.bot/token").setText(TOKEN)
    find(shown, QLineEdit, "field_slack.channel").setText("#alerts")
    press(qtbot, shown, "channelFormSave")
    await until(undo.isEnabled)
    tooltip = undo.toolTip()

    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)

    await until(lambda: desk.settings.get("slack.channel") == "")
    assert tooltip == "Undo: Set up Slack (Ctrl+Z)"
    assert desk.keyring.kept[SLACK_BOT] == {"token": TOKEN}


async def test_removing_asks_first_then_takes_everything_out(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    desk.keyring.kept[SLACK_BOT] = {"token": TOKEN}
    desk.secrets.forget()
    await desk.settings.set("slack.channel", "#alerts")
    await until(lambda: words(shown, "slack")[0] == "Slack: ready")

    press(qtbot, shown, "removeChannel_slack")
    kept = dict(desk.keyring.kept)
    press(qtbot, shown, "takeOutChannel_slack")

    await until(lambda: said(shown, "slack") == "Taken out.")
    await until(lambda: words(shown, "slack")[0] == "Slack: not set up")
    assert kept[SLACK_BOT] == {"token": TOKEN}
    assert SLACK_BOT not in desk.keyring.kept
    assert desk.settings.get("slack.channel") == ""


async def test_toasts_tray_and_tones_have_their_settings_beside_them(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    corner = find(shown, QComboBox, "setting_toast.position")
    seconds = find(shown, QSpinBox, "setting_toast.seconds")
    tray = find(shown, QCheckBox, "setting_tray.enabled")

    qtbot.keyClick(corner, Qt.Key.Key_Down)
    qtbot.keyClick(seconds, Qt.Key.Key_Up)
    qtbot.mouseClick(tray, Qt.MouseButton.LeftButton)

    await until(lambda: desk.settings.get("toast.position") == "top_right")
    await until(lambda: desk.settings.get("toast.seconds") == 9)
    await until(lambda: desk.settings.get("tray.enabled") is False)
    await until(lambda: words(shown, "tray")[0] == "Tray: off")


async def test_a_number_turned_step_by_step_is_undone_at_once(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    seconds = find(shown, QSpinBox, "setting_toast.seconds")
    for _ in range(3):
        qtbot.keyClick(seconds, Qt.Key.Key_Up)
    await until(lambda: desk.settings.get("toast.seconds") == 11)

    qtbot.keyClick(seconds, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    await until(lambda: desk.settings.get("toast.seconds") == 8)
    assert seconds.value() == 8
