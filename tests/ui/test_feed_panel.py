from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tradeassist_desktop.domain.health import FeedState, FeedStatus, Remedy
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.ui.main_window import MainWindow


def block(window: MainWindow) -> QWidget:
    found = window.findChild(QWidget, "connection_demo")
    assert found is not None
    return found


def words(window: MainWindow) -> list[str]:
    labels = block(window).findChildren(QLabel)
    return [label.text() for label in labels if label.text() and not label.isHidden()]


def button(window: MainWindow) -> QPushButton:
    found = window.findChild(QPushButton, "connectionRemedy_demo")
    assert found is not None
    return found


async def test_the_connection_is_told_in_words(window: MainWindow, desk: Any) -> None:
    desk.market.become(
        FeedStatus(state=FeedState.LIVE, name="demo", heartbeat_ns=desk.clock.ns - 4_000_000_000, connects=1)
    )

    assert words(window) == [
        "Demo: Live",
        "Last heartbeat 4 s ago. 1 connection made, 0 bad frames left out.",
    ]
    assert button(window).isHidden()


async def test_symbols_that_the_venue_does_not_stream_are_named(window: MainWindow, desk: Any) -> None:
    symbols = tuple(f"SYM{n:02}" for n in range(15))
    desk.market.become(FeedStatus(state=FeedState.LIVE, name="demo", discarded=symbols))

    assert words(window)[-1] == (
        "Without data, as the venue does not stream them: SYM00, SYM01, SYM02, SYM03, SYM04, SYM05, "
        "SYM06, SYM07, SYM08, SYM09, SYM10, SYM11 and 3 more"
    )


@pytest.mark.parametrize(
    ("remedy", "title"),
    [
        (Remedy.TAKE_OVER, "Take over"),
        (Remedy.NONE, "Connect again"),
        (Remedy.SIGN_IN, "Connect again"),
    ],
    ids=["another program is connected", "refused for another reason", "the demo signs itself in"],
)
async def test_a_refused_feed_tries_again_at_a_click(
    window: MainWindow, desk: Any, qtbot: QtBot, remedy: Remedy, title: str
) -> None:
    window.show_dock("feed")
    desk.market.become(FeedStatus(state=FeedState.REFUSED, name="demo", detail="Why.", remedy=remedy))

    assert (button(window).text(), words(window)[1]) == (title, "Why.")
    qtbot.mouseClick(button(window), Qt.MouseButton.LeftButton)

    assert desk.reconnected == ["demo"]


async def test_a_long_wait_counts_down_and_ends_at_a_click(
    window: MainWindow, desk: Any, qtbot: QtBot
) -> None:
    window.show_dock("feed")
    desk.market.become(
        FeedStatus(
            state=FeedState.RECONNECTING,
            name="demo",
            detail="Schwab's front door refused the sign-in.",
            retry_ns=desk.clock.ns + 120 * NS_PER_SECOND,
        )
    )
    desk.clock.ns += 8 * NS_PER_SECOND
    window.pulse.second.emit()

    assert words(window)[1] == "Schwab's front door refused the sign-in. Next try in 1 m 52 s."
    assert button(window).text() == "Connect again"
    qtbot.mouseClick(button(window), Qt.MouseButton.LeftButton)

    assert desk.reconnected == ["demo"]


async def test_a_wait_of_a_few_seconds_has_no_button_that_would_come_and_go(
    window: MainWindow, desk: Any
) -> None:
    retry_ns = desk.clock.ns + 4 * NS_PER_SECOND
    desk.market.become(FeedStatus(state=FeedState.RECONNECTING, name="demo", retry_ns=retry_ns))

    assert words(window)[1] == "Next try in 4 s."
    assert button(window).isHidden()
