"""Start the real program on the demo market and take its picture when the first alerts have come.

One picture for each theme and size, and one of the health dock; run as ``packaging/screenshots OUTDIR``.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from virtual_desktop import VirtualDesktop  # noqa: E402  # found only with the line above

ALERT_LIMIT_S = 40.0
# Below the picture, where the tray's panel may stand; it is cut off.
PANEL_PX = 40


@dataclass(frozen=True)
class Shot:
    """One picture: its name, theme and size, how long to watch first, and keys to press before."""

    name: str
    theme: str
    width: int
    height: int
    watch_s: float
    keys: tuple[str, ...] = ()


SHOTS = (
    Shot("desk-dark", "dark", 1600, 1000, 70.0),
    Shot("first-alert-dark", "dark", 1600, 1000, 0.6),
    Shot("desk-light", "light", 1600, 1000, 70.0),
    Shot("health-dark", "dark", 1600, 1000, 70.0, ("ctrl+5",)),
    Shot("small-dark", "dark", 1280, 720, 40.0),
    Shot("small-light", "light", 1280, 720, 40.0),
    Shot("feed-dark", "dark", 1600, 1000, 6.0, ("ctrl+6",)),
    Shot("feed-light", "light", 1280, 720, 6.0, ("ctrl+6",)),
)


def main() -> int:
    """Take the pictures that were asked for."""
    parser = argparse.ArgumentParser(description="Take pictures of the real program.")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--only", help="take the pictures whose name contains this")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
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
        program = start(shot, screen, folder)
        try:
            wait_for_alert(program, folder / "log")
            window = screen.run("xdotool", "search", "--onlyvisible", "--name", "^TradeAssist").split()[0]
            screen.run("xdotool", "windowmove", window, "0", "0")
            screen.run("xdotool", "windowsize", window, str(shot.width), str(shot.height))
            time.sleep(shot.watch_s)
            if shot.keys:
                for keys in shot.keys:
                    screen.run("xdotool", "windowfocus", "--sync", window, "key", keys)
                time.sleep(2)
            whole = folder / "whole.png"
            screen.screenshot(whole)
            cut = f"{shot.width}x{shot.height}+0+0"
            subprocess.run(["convert", str(whole), "-crop", cut, "+repage", str(picture)], check=True)
        finally:
            program.terminate()
            program.wait(timeout=20)
            screen.stop()


def start(shot: Shot, screen: VirtualDesktop, folder: Path) -> "subprocess.Popen[bytes]":
    """Start the program with a folder of its own, its log in ``folder/log``."""
    settings = (f"appearance.theme={shot.theme}", "toast.seconds=12", "toast.position=top_right")
    overrides = [word for setting in settings for word in ("--set", setting)]
    place = folder / "data"
    place.mkdir()
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-m",
                "tradeassist_desktop",
                "--data-dir",
                str(place),
                "--log-json",
                *overrides,
            ],
            env={**os.environ, **screen.environment, "PYTHONPATH": str(ROOT)},
            stderr=log,
        )


def wait_for_alert(program: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until the log tells of a delivery by toast."""
    end = time.monotonic() + ALERT_LIMIT_S
    while time.monotonic() < end:
        lines = log.read_text(encoding="utf-8").splitlines()
        if any('"delivered"' in line and '"toast"' in line for line in lines):
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
