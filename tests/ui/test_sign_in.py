from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.health import FeedState, FeedStatus, Remedy
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.sign_in import SignInState
from tradeassist_desktop.ui.main_window import MainWindow

HOUR_NS = 3600 * NS_PER_SECOND


@pytest.fixture
def desk(desk: Any) -> Any:
    desk.want_sign_in()
    return desk


@pytest.fixture
def shown(window: MainWindow) -> MainWindow:
    """The window, with the data feed in front."""
    window.show_dock("feed")
    return window


def find(window: MainWindow, kind: type, name: str) -> Any:
    found = window.findChild(kind, name)
    assert found is not None, name
    return found


def press(qtbot: QtBot, window: MainWindow, name: str) -> None:
    button = find(window, QPushButton, name)
    assert button.isVisible(), name
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def words(window: MainWindow) -> list[str]:
    section = find(window, QWidget, "feedSignIn")
    return [label.text() for label in section.findChildren(QLabel) if label.text() and label.isVisible()]


async def test_the_button_opens_the_browser_and_asks_for_the_way_back(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    press(qtbot, shown, "signInBegin")
    await until(lambda: desk.sign_in.status.state is SignInState.WAITING)

    assert "Waiting for the browser" in words(shown)
    pasted = find(shown, QLineEdit, "signInPaste")
    assert pasted.isVisible()
    assert pasted.placeholderText() == "https://127.0.0.1:8182/?code=…"
    pasted.setText("https://127.0.0.1:8182/?code=C0.code%40&state=s")
    qtbot.keyClick(pasted, Qt.Key.Key_Return)

    assert desk.sign_in.pasted == ["https://127.0.0.1:8182/?code=C0.code%40&state=s"]
    assert not pasted.isVisible()


async def test_the_keyboard_goes_to_the_next_step_and_not_to_the_section_below(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    begin = find(shown, QPushButton, "signInBegin")
    begin.setFocus()

    qtbot.keyClick(begin, Qt.Key.Key_Space)

    await until(lambda: desk.sign_in.status.state is SignInState.WAITING)
    pasted = find(shown, QLineEdit, "signInPaste")
    await until(pasted.hasFocus)
    qtbot.keyClicks(pasted, "https://127.0.0.1:8182/?code=C0.code%40&state=s")
    qtbot.keyClick(pasted, Qt.Key.Key_Return)
    await until(begin.hasFocus)


async def test_a_wrong_address_is_answered_in_words_beside_the_field(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    press(qtbot, shown, "signInBegin")
    await until(lambda: desk.sign_in.status.state is SignInState.WAITING)
    find(shown, QLineEdit, "signInPaste").setText("https://evil.example")

    press(qtbot, shown, "signInUseAddress")

    fault = find(shown, QLabel, "signInFault")
    assert (fault.text(), fault.isVisible()) == ("That address leads elsewhere.", True)


async def test_waiting_can_be_given_up(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    press(qtbot, shown, "signInBegin")
    await until(lambda: desk.sign_in.status.state is SignInState.WAITING)

    press(qtbot, shown, "signInCancel")

    await until(lambda: desk.sign_in.status.state is SignInState.SIGNED_OUT)
    assert find(shown, QPushButton, "signInBegin").isVisible()


async def test_without_a_developer_app_it_is_asked_for_and_never_shown(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    desk.sign_in.become(has_app=False)
    key, secret = find(shown, QLineEdit, "signInAppKey"), find(shown, QLineEdit, "signInAppSecret")
    assert key.isVisible() and secret.isVisible()
    assert not find(shown, QPushButton, "signInBegin").isVisible()
    assert {key.echoMode(), secret.echoMode()} == {QLineEdit.EchoMode.Password}

    key.setText("the-app-key")
    secret.setText("the-app-secret")
    press(qtbot, shown, "signInUseApp")

    await until(lambda: desk.sign_in.apps == [("the-app-key", "the-app-secret")])
    await until(lambda: not key.isVisible())
    assert (key.text(), secret.text()) == ("", "")
    assert find(shown, QPushButton, "signInBegin").isVisible()


async def test_a_refused_app_stays_in_its_fields_with_the_reason(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    desk.sign_in.become(has_app=False)
    secret = find(shown, QLineEdit, "signInAppSecret")
    secret.setText("the-app-secret")

    qtbot.keyClick(secret, Qt.Key.Key_Return)

    await until(lambda: "The app key is a word of letters and digits." in words(shown))
    assert secret.text() == "the-app-secret"


async def test_a_refused_feed_leads_to_the_sign_in(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    desk.market.become(FeedStatus(state=FeedState.REFUSED, name="demo", remedy=Remedy.SIGN_IN))
    button = find(shown, QPushButton, "connectionRemedy_demo")
    assert button.text() == "Sign in"

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    await until(lambda: desk.sign_in.status.state is SignInState.WAITING)
    await until(find(shown, QLineEdit, "signInPaste").hasFocus)


async def test_a_refused_feed_without_a_developer_app_leads_to_its_fields(
    shown: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    desk.sign_in.become(has_app=False)
    desk.market.become(FeedStatus(state=FeedState.REFUSED, name="demo", remedy=Remedy.SIGN_IN))

    qtbot.mouseClick(find(shown, QPushButton, "connectionRemedy_demo"), Qt.MouseButton.LeftButton)

    await until(find(shown, QLineEdit, "signInAppKey").hasFocus)


@pytest.mark.parametrize(
    ("hours", "part", "state"),
    [
        (150, "Sign-in: 6 days left", "Signed in, 6 days left"),
        (47.5, "Sign-in: 47 hours left", "Signed in, 47 hours left"),
        (1.5, "Sign-in: 1 hour left", "Signed in, 1 hour left"),
        (0.5, "Sign-in: 30 minutes left", "Signed in, 30 minutes left"),
        (-1, "Sign-in: over", "The sign-in's seven days are over"),
    ],
)
async def test_what_is_left_is_told_in_the_status_bar_and_the_section(
    shown: MainWindow, desk: Any, hours: float, part: str, state: str
) -> None:
    desk.sign_in.become(
        state=SignInState.SIGNED_IN, detail="", expires_ns=desk.clock.ns + int(hours * HOUR_NS)
    )

    assert find(shown, QToolButton, "statusSignIn").text() == part
    assert state in words(shown)
    assert find(shown, QPushButton, "signInBegin").text() == "Renew in the browser"


async def test_a_sign_in_of_unknown_age_says_so(shown: MainWindow, desk: Any) -> None:
    desk.sign_in.become(state=SignInState.SIGNED_IN, detail="", expires_ns=None)

    assert "Signed in, for how long is not known" in words(shown)
    assert any("cannot be counted down" in said for said in words(shown))


async def test_the_status_bar_s_part_leads_to_the_data_feed(
    window: MainWindow, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    qtbot.mouseClick(find(window, QToolButton, "statusSignIn"), Qt.MouseButton.LeftButton)

    await until(find(window, QWidget, "feedSignIn").isVisible)
