"""The program as its trader meets it: a real screen, tray, notification daemon and sound server."""

import json
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.sound_server import is_sounding, strongest_hz, tones, write_wav
from tests.virtual_desktop import VirtualDesktop

pytestmark = [pytest.mark.desktop, pytest.mark.xdist_group("desktop")]


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[VirtualDesktop]:
    folder = tmp_path / "desktop"
    folder.mkdir(mode=0o700)
    desktop = VirtualDesktop(folder=folder)
    desktop.start()
    yield desktop
    desktop.stop()


@pytest.fixture
def bare_screen(tmp_path: Path) -> Iterator[VirtualDesktop]:
    folder = tmp_path / "desktop"
    folder.mkdir(mode=0o700)
    desktop = VirtualDesktop(folder=folder, is_full=False)
    desktop.start()
    yield desktop
    desktop.stop()


def rows(data: Path, query: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"file:{data / 'tradeassist.db'}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def colours(picture: Path) -> int:
    """How many different colours a picture has: a blank window has one or two."""
    done = subprocess.run(
        ["identify", "-format", "%k", str(picture)], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def loudest(recording: Path) -> int:
    """The largest sample of a 16-bit recording: 0 is silence."""
    samples = np.fromfile(recording, "<i2").astype(int)
    return int(np.abs(samples).max()) if len(samples) else 0


def test_one_command_shows_the_market_and_interrupts_within_fifteen_seconds(start, screen, tmp_path) -> None:
    data = tmp_path / "data"
    recorder = screen.record(tmp_path / "sound.raw")

    desk = start("--data-dir", str(data), "--log-json", environment=screen.environment)
    desk.wait_for("window painted", seconds=20)
    for channel in ("toast", "tray", "sound"):
        desk.wait_for("delivered", seconds=15, channel=channel)
    screen.screenshot(tmp_path / "desk.png")
    shown = screen.run("dunstctl", "count", "displayed").strip()
    end = time.monotonic() + 10  # the sound server has a latency of its own, and the next alert another tone
    while loudest(tmp_path / "sound.raw") < 1000 and time.monotonic() < end:
        time.sleep(0.1)
    recorder.terminate()
    recorder.wait()

    assert colours(tmp_path / "desk.png") > 500
    assert int(shown) >= 1
    assert loudest(tmp_path / "sound.raw") > 1000
    assert set(rows(data, "SELECT channel, state FROM deliveries")) >= {
        ("toast", "delivered"),
        ("tray", "delivered"),
        ("sound", "delivered"),
    }
    assert desk.end() == 0
    assert [entry for entry in desk.log if entry["level"] in ("error", "critical")] == []
    assert desk.other == []


def test_an_own_tone_is_what_the_desk_plays(start, screen, tmp_path) -> None:
    own = write_wav(tmp_path / "gong.wav", pitch_hz=700)
    settings = [word for name in ("normal", "high") for word in ("--set", f"tone.{name}={own}")]
    recorder = screen.record(tmp_path / "sound.raw")

    desk = start(
        "--data-dir", str(tmp_path / "data"), "--log-json", *settings, environment=screen.environment
    )
    desk.wait_for("delivered", seconds=30, channel="sound")
    end = time.monotonic() + 10  # the sound server has a latency of its own
    while not tones(tmp_path / "sound.raw") or is_sounding(tmp_path / "sound.raw"):
        assert time.monotonic() < end
        time.sleep(0.1)
    recorder.terminate()
    recorder.wait()

    assert strongest_hz(tones(tmp_path / "sound.raw")[0]) == pytest.approx(700, abs=5)
    assert desk.end() == 0


def test_without_tray_daemon_or_sound_the_toast_still_comes_and_the_rest_says_so(
    start, bare_screen, tmp_path
) -> None:
    data = tmp_path / "data"

    desk = start("--data-dir", str(data), "--log-json", environment=bare_screen.environment)
    desk.wait_for("delivered", seconds=30, channel="toast")
    desk.wait_for("channel trouble", seconds=30, channel="tray")
    desk.wait_for("channel trouble", seconds=30, channel="sound")

    assert desk.end() == 0
    kept = dict(rows(data, "SELECT channel, state FROM deliveries"))
    assert kept == {"toast": "delivered", "tray": "unavailable", "sound": "unavailable"}
    assert [entry for entry in desk.log if entry["level"] in ("error", "critical")] == []


def test_a_second_start_brings_the_first_to_the_front_and_ends(start, bare_screen, tmp_path) -> None:
    arguments = ("--data-dir", str(tmp_path / "data"), "--log-json")
    first = start(*arguments, environment=bare_screen.environment)
    first.wait_for("window painted", seconds=20)

    second = start(*arguments, environment=bare_screen.environment)

    assert second.finish(seconds=20) == 0
    first.wait_for("shown on request", seconds=10)
    assert first.end() == 0


def test_acknowledge_on_a_notification_acknowledges_that_alert_and_takes_it_from_the_screen(
    start, screen, tmp_path
) -> None:
    data = tmp_path / "data"
    desk = start("--data-dir", str(data), "--log-json", environment=screen.environment)
    alert = desk.wait_for("delivered", seconds=30, channel="tray")["alert"]

    screen.run("dunstctl", "context")
    clicked = desk.wait_for("notification clicked", seconds=10)
    end = time.monotonic() + 10
    while not rows(data, "SELECT id FROM alerts WHERE acknowledged_ns IS NOT NULL"):
        assert time.monotonic() < end
        time.sleep(0.1)

    assert clicked["action"] == "acknowledge"
    assert [entry for entry in desk.log if entry["event"] == "notification clicked"] == [clicked]
    assert rows(data, "SELECT id FROM alerts WHERE acknowledged_ns IS NOT NULL") == [(alert,)]
    assert desk.end() == 0


def test_the_desk_leaves_no_notification_behind_whose_buttons_nobody_hears(start, screen, tmp_path) -> None:
    desk = start("--data-dir", str(tmp_path / "data"), "--log-json", environment=screen.environment)
    desk.wait_for("delivered", seconds=30, channel="tray")
    before = int(screen.run("dunstctl", "count", "displayed"))

    assert desk.end() == 0

    assert before >= 1
    assert int(screen.run("dunstctl", "count", "displayed")) == 0


def test_a_first_start_asks_for_no_password(start, screen, tmp_path) -> None:
    desk = start("--data-dir", str(tmp_path / "data"), "--log-json", environment=screen.environment)
    desk.wait_for("delivered", seconds=30, channel="tray")

    # It ends with 1 if it finds none.
    prompts = screen.run("sh", "-c", "xdotool search --onlyvisible --class prompter || true")

    assert prompts == ""
    assert desk.end() == 0


def test_a_toast_leaves_the_keyboard_where_it_is_until_it_is_asked_for(start, bare_screen, tmp_path) -> None:
    data = tmp_path / "data"
    desk = start("--data-dir", str(data), "--log-json", environment=bare_screen.environment)
    desk.wait_for("window painted", seconds=20)
    window = bare_screen.run(
        "xdotool", "search", "--sync", "--onlyvisible", "--name", "^TradeAssist"
    ).split()[0]
    bare_screen.run("xdotool", "windowactivate", "--sync", window)

    desk.wait_for("delivered", seconds=30, channel="toast")
    bare_screen.run("xdotool", "search", "--sync", "--onlyvisible", "--class", "tradeassist")
    focused = bare_screen.run("xdotool", "getwindowfocus").strip()
    end = time.monotonic() + 20
    # The toast is drawn a moment after it is delivered: a person looks, then presses. Pressed again before
    # it has worked, the key leads back.
    looks = 0
    while bare_screen.run("xdotool", "getwindowfocus").strip() == focused:
        assert time.monotonic() < end
        if looks % 20 == 0:
            bare_screen.run("xdotool", "key", "ctrl+j")
        looks += 1
        time.sleep(0.1)
    bare_screen.run("xdotool", "key", "Return")
    while not rows(data, "SELECT id FROM alerts WHERE acknowledged_ns IS NOT NULL"):
        assert time.monotonic() < end
        time.sleep(0.1)

    assert focused == window
    assert rows(data, "SELECT count(*) FROM alerts WHERE acknowledged_ns IS NOT NULL") == [(1,)]
    assert desk.end() == 0


def test_the_icon_is_in_the_tray_again_after_the_panel_has_crashed(start, screen, tmp_path) -> None:
    desk = start("--data-dir", str(tmp_path / "data"), "--log-json", environment=screen.environment)
    desk.wait_for("window painted", seconds=20)
    end = time.monotonic() + 20
    while not screen.tray_icons():
        assert time.monotonic() < end
        time.sleep(0.1)

    screen.restart_tray_host()
    while not screen.tray_icons():
        assert time.monotonic() < end
        time.sleep(0.1)

    assert desk.end() == 0


def test_closing_the_window_leaves_the_desk_in_the_tray(start, screen, tmp_path) -> None:
    desk = start("--data-dir", str(tmp_path / "data"), "--log-json", environment=screen.environment)
    desk.wait_for("window painted", seconds=20)
    window = screen.run("xdotool", "search", "--sync", "--onlyvisible", "--name", "^TradeAssist").split()[0]

    screen.run("xdotool", "windowactivate", "--sync", window, "key", "alt+F4")
    desk.wait_for("window hidden to the tray", seconds=10)

    assert desk.process.poll() is None
    second = start("--data-dir", str(tmp_path / "data"), "--log-json", environment=screen.environment)
    assert second.finish(seconds=20) == 0
    desk.wait_for("shown on request", seconds=10)
    assert desk.end() == 0


def test_a_rule_typed_in_the_window_is_armed_and_outlives_the_program(start, bare_screen, tmp_path) -> None:
    data = tmp_path / "data"
    arguments = ("--data-dir", str(data), "--log-json")
    desk = start(*arguments, environment=bare_screen.environment)
    desk.wait_for("window painted", seconds=20)
    window = bare_screen.run(
        "xdotool", "search", "--sync", "--onlyvisible", "--name", "^TradeAssist"
    ).split()[0]

    bare_screen.run("xdotool", "windowactivate", "--sync", window, "key", "ctrl+n")
    bare_screen.run("xdotool", "type", "--delay", "20", "AAPL last > 1")
    bare_screen.run("xdotool", "key", "Return")
    desk.wait_for("rules changed", seconds=10, rules=4)
    assert desk.end() == 0

    kept = [json.loads(row[0])["when"] for row in rows(data, "SELECT document FROM rules ORDER BY position")]
    assert kept[-1] == "last > 1"
    again = start(*arguments, environment=bare_screen.environment)
    assert again.wait_for("desk ready", seconds=20)["rules"] == 4
    assert again.end() == 0
