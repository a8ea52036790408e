"""One walk through the docks and sheets of the real program in each look, with a picture at each stop.

Run as ``packaging/screenshots OUTDIR --tour``: four runs (dark and light, 1600 × 1000 and 1280 × 720).
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tour_stops import Stop

from tests.virtual_desktop import VirtualDesktop


@dataclass(frozen=True)
class Look:
    """A theme and a size of the window."""

    theme: str
    width: int
    height: int

    @property
    def name(self) -> str:
        """Return how its pictures end."""
        return f"{self.theme}-{self.width}"


LOOKS = (
    Look("dark", 1600, 1000),
    Look("light", 1600, 1000),
    Look("dark", 1280, 720),
    Look("light", 1280, 720),
)


def walk(
    stops: tuple[Stop, ...],
    look: Look,
    screen: VirtualDesktop,
    folder: Path,
    *,
    program: int,
    only: str | None,
) -> Iterator[Path]:
    """Go from stop to stop in the window of a process; yield each picture that was taken."""
    for stop in way(stops, only):
        do(screen, look, stop.steps, program)
        if only is None or only in stop.name:
            whole, picture = folder / "whole.png", folder / f"{stop.name}-{look.name}.png"
            at(screen, "import", "-window", "root", str(whole))
            cut = f"{look.width}x{look.height}+0+0"
            subprocess.run(["convert", str(whole), "-crop", cut, "+repage", str(picture)], check=True)
            whole.unlink()
            yield picture
        do(screen, look, stop.leave, program)


def way(stops: tuple[Stop, ...], only: str | None) -> list[Stop]:
    """Return the stops to walk past for the pictures whose name contains ``only``; none if there is none."""
    rounds: list[list[Stop]] = []
    for stop in stops:
        if stop.goes_on:
            rounds[-1].append(stop)
        else:
            rounds.append([stop])
    if only is None or not any(only in stop.name for stop in stops):
        return [] if only else list(stops)
    return [
        stop for each in rounds if any(only in stop.name or stop.prepares for stop in each) for stop in each
    ]


def at(screen: VirtualDesktop, *command: str) -> None:
    """Run a command on the desktop, however long it takes: the machine may stand still meanwhile."""
    subprocess.run(command, env={**os.environ, **screen.environment}, check=True, stdout=subprocess.DEVNULL)


def rest(seconds: float) -> None:
    """Wait, in pieces: of a wait in which the machine stood still the rest is waited for."""
    for _ in range(round(seconds / 0.1)):
        time.sleep(0.1)


def settle(program: int) -> None:
    """Wait until a process waits for something new, 5 s at most: the machine may be slow."""
    asleep = 0
    for _ in range(100):
        state = Path(f"/proc/{program}/stat").read_text().rpartition(")")[2].split()[0]
        asleep = asleep + 1 if state == "S" else 0
        if asleep == 4:
            return
        time.sleep(0.05)


def do(screen: VirtualDesktop, look: Look, steps: tuple[str, ...], program: int) -> None:
    """Do steps one after another, as somebody at the keyboard would."""
    acts: dict[str, Callable[[str], object]] = {
        "key": lambda keys: at(screen, "xdotool", "key", keys),
        "type": lambda words: at(screen, "xdotool", "type", "--delay", "25", words),
        "wait": lambda seconds: rest(float(seconds)),
        "drag": lambda file: drag(screen, look, file),
        "drop": lambda _: at(screen, "xdotool", "mouseup", "1"),
    }
    for step in steps:
        act, _, words = step.partition(" ")
        acts[act](words)
        rest(0.2)
        settle(program)


def drag(screen: VirtualDesktop, look: Look, file: str) -> None:
    """Have a file dragged from below the window to above its middle, and hold it there."""
    x, y = look.width - 40, look.height + 8
    source = (sys.executable, str(Path(__file__).with_name("drag_source.py")), file, str(x), str(y))
    subprocess.Popen(source, env={**os.environ, **screen.environment})
    rest(2)
    at(screen, "xdotool", "mousemove", str(x + 12), str(y + 12), "mousedown", "1")
    for part in range(1, 11):
        place = x + (look.width // 2 - x) * part // 10, y + (look.height // 2 - y) * part // 10
        at(screen, "xdotool", "mousemove", *map(str, place))
        time.sleep(0.1)
