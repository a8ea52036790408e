from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication

from tests.ui.test_toasts import message
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.ui.widgets.toast_card import CardWords
from tradeassist_desktop.ui.widgets.toast_spot import LEAST_ROOM_PX, SLIM_MARGIN_PX, Spot
from tradeassist_desktop.ui.widgets.toasts import ToastStack

HIGH = LEAST_ROOM_PX + 200
LOW = LEAST_ROOM_PX - 40


class Room:
    """What the window leaves to toasts, as high as the test has it."""

    def __init__(self) -> None:
        self.height_px = HIGH

    @property
    def area(self) -> QRect:
        return QRect(20, 400, 500, self.height_px)

    def find(self) -> Spot:
        return Spot(self.area, "bottom", "left", SLIM_MARGIN_PX if self.height_px >= LEAST_ROOM_PX else 1)


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def stack(make_stack: Callable[..., ToastStack], room: Room, tmp_path: Path) -> ToastStack:
    settings = Settings(file=tmp_path / "settings.json", overrides=("toast.position=in_window",))
    return make_stack(settings, room=room.find)


async def test_a_card_says_less_once_its_room_has_become_low_and_more_once_it_is_high(
    stack: ToastStack, room: Room, until: Callable[..., Any]
) -> None:
    body = "/ES last 5530.25 crosses above 5530, and all else that there is to say of it in many words"
    stack.add(message("one", priority=Priority.URGENT, body=body * 3))
    await until(stack.window.isVisible)
    tall = stack.window.height()

    room.height_px = LOW
    stack.refresh()

    assert stack.window.height() < tall
    assert room.area.contains(stack.window.geometry())
    room.height_px = HIGH
    stack.refresh()
    assert stack.window.height() == tall


async def test_a_summary_leaves_a_low_room_for_the_screen(
    stack: ToastStack, room: Room, until: Callable[..., Any]
) -> None:
    room.height_px = LOW
    body = "\n".join(f"rule {number}, last 12:00:00" for number in range(6))

    stack.show_summary(CardWords(title="12 alerts", priority=Priority.NORMAL, fact="Since", body=body), ())

    await until(stack.window.isVisible)
    assert not stack.window.geometry().intersects(room.area)
    assert QGuiApplication.primaryScreen().availableGeometry().contains(stack.window.geometry())
