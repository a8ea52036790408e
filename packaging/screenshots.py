"""Start the real program and take the README's pictures of it, when the first alerts have come.

Run as ``packaging/screenshots OUTDIR``. With ``--tour`` those of a walk through every dock and sheet, in
every look.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scenes import (  # noqa: E402 - the root must be on the path first
    LASTING_TROUBLE,
    TROUBLE,
    Scene,
    demo,
    in_use,
    keyed,
    locked,
    replay,
    signed_out,
    troubled,
    without_rules,
)
from tour import LOOKS, Look, at, rest, walk, way  # noqa: E402 - the root must be on the path first
from tour_other_stops import (  # noqa: E402 - the root must be on the path first
    IN_USE_STOPS,
    LOCK_STOPS,
    SIGNED_OUT_STOPS,
    TOAST_STOPS,
    TROUBLE_STOPS,
    VIEWER_STOPS,
)
from tour_stops import EMPTY_STOPS, STOPS, Stop  # noqa: E402 - the root must be on the path first

from tests.virtual_desktop import VirtualDesktop  # noqa: E402 - the root must be on the path first

# A tenth of a second apart.
ALERT_LOOKS = 1_500
# Else a window asks for the password of a keyring that is not there.
NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
# Below the picture, where the tray's panel may stand; it is cut off.
PANEL_PX = 40
HEARD_ONLY = tuple(f"notify.{priority}=sound" for priority in ("low", "normal", "high", "urgent"))


@dataclass(frozen=True)
class Shot:
    """One picture: its name, theme and size, how long to watch first, and what to do before.

    Args:
        first_keys: Pressed before the watching.
        dock_px: By how much the docks at the bottom are drawn up, which begin at ``edge_px``.
        rest_s: How long to wait after the keys: toasts are gone by then.
    """

    name: str
    theme: str
    width: int
    height: int
    watch_s: float
    keys: tuple[str, ...] = ()
    scene: Callable[[Path], AbstractContextManager[Scene]] = demo
    first_keys: tuple[str, ...] = ()
    dock_px: int = 0
    edge_px: int = 684
    rest_s: float = 0.0


SHOTS = (
    Shot("desk-dark", "dark", 1600, 1000, 70.0),
    Shot("desk-light", "light", 1600, 1000, 70.0),
    Shot("notifications-dark", "dark", 1600, 1000, 6.0, ("ctrl+7",), dock_px=330, edge_px=669, rest_s=14.0),
    Shot("replay-dark", "dark", 1600, 1000, 20.0, ("ctrl+p",), replay, rest_s=14.0),
    Shot(
        "data-feed-dark",
        "dark",
        1600,
        1000,
        60.0,
        (),
        troubled(TROUBLE),
        ("ctrl+6", "ctrl+r"),
        250,
        rest_s=14.0,
    ),
)


@dataclass(frozen=True)
class Part:
    """One part of the tour: where it stops, on what the program is started, and when the walk begins.

    Args:
        after: The channel that has had an alert by then; without one there will be none.
    """

    stops: tuple[Stop, ...]
    scene: Callable[[Path], AbstractContextManager[Scene]]
    after: str | None = "sound"
    settings: tuple[str, ...] = HEARD_ONLY
    is_new: bool = False


PARTS = (
    Part(STOPS, demo, is_new=True),
    Part(TOAST_STOPS, demo, after="toast", settings=("toast.away_minutes=1",)),
    Part(IN_USE_STOPS, in_use),
    Part(TROUBLE_STOPS, troubled(LASTING_TROUBLE)),
    Part(SIGNED_OUT_STOPS, signed_out, after=None),
    Part(LOCK_STOPS, keyed),
    Part(VIEWER_STOPS, locked("covered"), after="toast", settings=()),
    Part(EMPTY_STOPS, without_rules, after=None),
)


def main() -> int:
    """Take the pictures that were asked for."""
    parser = argparse.ArgumentParser(description="Take pictures of the real program.")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--only", help="take the pictures whose name contains this")
    parser.add_argument("--tour", action="store_true", help="walk through docks and sheets, in every look")
    parser.add_argument("--look", help="of the tour, only looks whose name contains this: dark-1280")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.tour:
        for look in LOOKS:
            if arguments.look is None or arguments.look in look.name:
                for part in PARTS:
                    tour(look, part, arguments.folder, arguments.only)
        return 0
    for shot in SHOTS:
        if arguments.only is None or arguments.only in shot.name:
            take(shot, arguments.folder / f"{shot.name}.png")
            print(arguments.folder / f"{shot.name}.png")
    return 0


def take(shot: Shot, picture: Path) -> None:
    """Start desktop and program, wait for the first alert, press the keys, take the picture."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        undecorate(folder)
        screen = VirtualDesktop(folder=folder, size=f"{shot.width}x{shot.height + PANEL_PX}")
        screen.start()
        try:
            with shot.scene(folder) as scene:
                photograph(shot, scene, screen, folder, picture)
        finally:
            screen.stop()


def tour(look: Look, part: Part, pictures: Path, only: str | None) -> None:
    """Start desktop and program once on a scene, and walk through it."""
    if not way(part.stops, only):
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        undecorate(folder)
        screen = VirtualDesktop(folder=folder, size=f"{look.width}x{look.height + PANEL_PX}")
        screen.start()
        try:
            with part.scene(folder) as scene:
                program = start(look.theme, scene, screen, folder, settings=part.settings, is_new=part.is_new)
                try:
                    if part.after is None:
                        at(screen, "xdotool", "search", "--sync", "--onlyvisible", "--name", "^TradeAssist")
                    else:
                        wait_for_alert(program, folder / "log", channel=part.after)
                    fit(screen, look.width, look.height)
                    for picture in walk(part.stops, look, screen, pictures, program=program.pid, only=only):
                        print(picture, flush=True)
                finally:
                    program.terminate()
                    program.wait()
        finally:
            screen.stop()


def fit(screen: VirtualDesktop, width: int, height: int) -> str:
    """Give the program's window its place and size; return its number."""
    window = screen.run("xdotool", "search", "--onlyvisible", "--name", "^TradeAssist").split()[0]
    screen.run("xdotool", "windowmove", window, "0", "0")
    screen.run("xdotool", "windowsize", window, str(width), str(height))
    time.sleep(1)
    screen.run("xdotool", "windowfocus", "--sync", window)
    return window


def photograph(shot: Shot, scene: Scene, screen: VirtualDesktop, folder: Path, picture: Path) -> None:
    """Start the program on a scene, and take the picture."""
    program = start(shot.theme, scene, screen, folder)
    try:
        wait_for_alert(program, folder / "log")
        window = fit(screen, shot.width, shot.height)
        press(screen, window, shot.first_keys)
        if shot.dock_px:
            draw_up(screen, shot)
        rest(shot.watch_s)
        press(screen, window, shot.keys)
        rest(shot.rest_s)
        whole = folder / "whole.png"
        screen.screenshot(whole)
        cut = f"{shot.width}x{shot.height}+0+0"
        subprocess.run(["convert", str(whole), "-crop", cut, "+repage", str(picture)], check=True)
    finally:
        program.terminate()
        program.wait()


def press(screen: VirtualDesktop, window: str, keys: tuple[str, ...]) -> None:
    """Press keys, and give the window time to follow."""
    for each in keys:
        screen.run("xdotool", "windowfocus", "--sync", window, "key", each)
        time.sleep(1)
    if keys:
        time.sleep(1)


def draw_up(screen: VirtualDesktop, shot: Shot) -> None:
    """Draw the docks at the bottom up by the line above them."""
    x, y = shot.width // 4, shot.edge_px
    for step in (f"mousemove {x} {y}", "mousedown 1", f"mousemove {x} {y - 20}"):
        screen.run("xdotool", *step.split())
        time.sleep(0.3)
    for step in (f"mousemove {x} {y - shot.dock_px}", "mouseup 1", f"mousemove {x} 5"):
        screen.run("xdotool", *step.split())
        time.sleep(0.3)


def start(
    theme: str,
    scene: Scene,
    screen: VirtualDesktop,
    folder: Path,
    *,
    settings: tuple[str, ...] = (),
    is_new: bool = False,
) -> "subprocess.Popen[bytes]":
    """Start the program with a folder of its own, its log in ``folder/log``.

    Args:
        settings: Set besides the theme.
        is_new: Whether it is to welcome its trader.
    """
    settings = (f"appearance.theme={theme}", "toast.seconds=12", *settings)
    overrides = [word for setting in settings for word in ("--set", setting)]
    place = folder / "data"
    place.mkdir(exist_ok=True)
    if not is_new:
        (place / "layout.ini").write_text("[welcome]\nopen=false\n")
    command = [sys.executable, "-P", "-m", "tradeassist_desktop", "--data-dir", str(place), "--log-json"]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [*command, *overrides, *scene.arguments],
            env={
                **os.environ,
                **NO_KEYRING,
                **screen.environment,
                **scene.environment,
                "PYTHONPATH": str(ROOT),
            },
            stderr=log,
        )


def wait_for_alert(program: "subprocess.Popen[bytes]", log: Path, *, channel: str = "toast") -> None:
    """Wait until the log tells of a delivery."""
    for _ in range(ALERT_LOOKS):  # no end by the clock: the machine may stand still meanwhile
        lines = log.read_text(encoding="utf-8").splitlines()
        if any('"delivered"' in line and f'"{channel}"' in line for line in lines):
            return
        if program.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit(f"no alert came:\n{log.read_text(encoding='utf-8')[-2000:]}")


def undecorate(folder: Path) -> None:
    """Tell the window manager to draw no frames: the picture is of the program."""
    place = folder / "config" / "openbox"
    place.mkdir(parents=True)
    (place / "rc.xml").write_text(
        '<?xml version="1.0"?><openbox_config xmlns="http://openbox.org/3.4/rc"><applications>'
        '<application class="*"><decor>no</decor></application></applications></openbox_config>'
    )


if __name__ == "__main__":
    sys.exit(main())
