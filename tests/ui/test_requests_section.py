"""The feed panel's lines on single requests to the venue."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel

from tradeassist_desktop.domain.health import RequestLoad
from tradeassist_desktop.ui.main_window import MainWindow

USED = "12 of 120 requests for bars, quotes and symbols in the last minute."


def line(window: MainWindow, name: str) -> QLabel:
    found = window.findChild(QLabel, name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("load", "used", "trouble"),
    [
        pytest.param(RequestLoad(used=12, limit=120), USED, "", id="as ever"),
        pytest.param(
            RequestLoad(used=12, limit=120, waiting=1), f"{USED} 1 request waiting.", "", id="one waits"
        ),
        pytest.param(
            RequestLoad(used=12, limit=120, held_s=29.6),
            USED,
            "The venue asked for a pause; 30 s are left.",
            id="held back",
        ),
        pytest.param(
            RequestLoad(used=12, limit=120, pause_s=8.0, failure="Schwab answered 502."),
            USED,
            "Not answered, so left alone for 8 s. Schwab answered 502.",
            id="left alone",
        ),
    ],
)
async def test_what_is_used_and_what_is_wrong_is_told(
    window: MainWindow,
    desk: Any,
    until: Callable[..., Any],
    load: RequestLoad,
    used: str,
    trouble: str,
) -> None:
    desk.load = load

    await until(lambda: line(window, "requestsUsed").text() == used)
    await until(lambda: line(window, "requestsTrouble").text() == trouble)
    assert line(window, "requestsTrouble").isHidden() == (not trouble)
