"""Recording and replaying in the real window, on a real screen, by keys and mouse."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.virtual_desktop import VirtualDesktop

pytestmark = [pytest.mark.desktop, pytest.mark.xdist_group("desktop")]

WIDTH, HEIGHT = 1280, 720
LINE_Y = 45
"""Where the time line is, under the menu."""


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[VirtualDesktop]:
    folder = tmp_path / "desktop"
    folder.mkdir(mode=0o700)
    desktop = VirtualDesktop(folder=folder, size=f"{WIDTH}x{HEIGHT}", is_full=False)
    desktop.start()
    yield desktop
    desktop.stop()


class Hand:
    """Keys and clicks on the program's window, which is put where the test knows its parts."""

    def __init__(self, screen: VirtualDesktop) -> None:
        self._screen = screen

    @property
    def window(self) -> str:
        return self._screen.run("xdotool", "search", "--onlyvisible", "--name", "^TradeAssist").split()[-1]

    def place(self) -> None:
        self._screen.run("xdotool", "windowmove", self.window, "0", "0")
        self._screen.run("xdotool", "windowsize", "--sync", self.window, str(WIDTH), str(HEIGHT))

    def press(self, *keys: str) -> None:
        for each in keys:
            self._screen.run("xdotool", "windowfocus", "--sync", self.window, "key", each)

    def write(self, text: str) -> None:
        self._screen.run("xdotool", "type", text)
        self._screen.run("xdotool", "key", "Return")

    def click_line(self, share: float) -> None:
        place = (str(round(WIDTH * share)), str(LINE_Y))
        self._screen.run("xdotool", "mousemove", "--sync", "--window", self.window, *place, "click", "1")


def wait_for_count(program: Any, count: int, **fields: Any) -> None:
    """Wait until so many log entries have these fields."""
    end = time.monotonic() + 40
    while sum(fields.items() <= entry.items() for entry in program.log) < count:
        assert time.monotonic() < end, program.log[-5:]
        time.sleep(0.05)


def test_a_session_recorded_at_a_key_is_replayed_turned_back_and_left_for_live(
    start: Any, screen: VirtualDesktop, tmp_path: Path
) -> None:
    data, hand = tmp_path / "data", Hand(screen)
    desk = start(
        "--data-dir", str(data), "--log-json", "--set", "toast.position=bottom_left",
        environment=screen.environment,
    )  # fmt: skip
    wait_for_count(desk, 1, event="window painted")
    hand.place()

    hand.press("ctrl+r")
    desk.wait_for("recording begun", is_scheduled=False)
    desk.wait_for("delivered", channel="toast")
    time.sleep(2)  # so that the recording has something after the alert
    hand.press("ctrl+r")
    rows = desk.wait_for("recording ended")["rows"]
    (file,) = (data / "recordings").glob("*.csv.gz")

    hand.press("ctrl+o")
    time.sleep(1)  # the dialog is the toolkit's, and tells no log when it is open
    hand.write(str(file))
    wait_for_count(desk, 2, event="window painted")
    wait_for_count(desk, 1, feed="replay", state="finished")
    hand.click_line(0.2)
    wait_for_count(desk, 3, event="window painted")
    wait_for_count(desk, 2, feed="replay", state="finished")
    hand.press("ctrl+shift+l")
    wait_for_count(desk, 4, event="window painted")

    assert desk.end() == 0
    sources = [entry["source"] for entry in desk.log if entry["event"] == "desk ready"]
    assert rows > 50
    assert sources == ["Demo market", f"Replay of {file.name}", f"Replay of {file.name}", "Demo market"]
    with sqlite3.connect(f"file:{data / 'tradeassist.db'}?mode=ro", uri=True) as connection:
        replayed = connection.execute(
            "SELECT rule_uid, event_ns, count(*) FROM alerts WHERE timing = 'replayed' GROUP BY 1, 2"
        ).fetchall()
    connection.close()
    assert replayed
    assert all(count == 1 for *_, count in replayed)
