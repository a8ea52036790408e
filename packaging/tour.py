"""One walk through the docks and sheets of the real program in each look, with a picture at each stop.

Run as ``packaging/screenshots OUTDIR --tour``: four runs (dark and light, 1600 × 1000 and 1280 × 720).
"""

import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.virtual_desktop import VirtualDesktop

SAMPLES = Path(__file__).resolve().parents[1] / "resources" / "samples"


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


@dataclass(frozen=True)
class Stop:
    """What to do, and the name of the picture then; what is left open is closed after it.

    Args:
        steps: ``key ctrl+n``, ``type TEXT``, ``wait SECONDS``.
        leave: Steps after the picture.
    """

    name: str
    steps: tuple[str, ...]
    leave: tuple[str, ...] = ()


STOPS = (
    Stop("welcome", ("wait 2",), ("key Escape",)),
    Stop("desk", ("key ctrl+4", "wait 1")),
    Stop("quick-add-empty", ("key ctrl+n", "wait 1")),
    Stop("quick-add-fault", ("type /ES last crosses abve 5530", "wait 1")),
    Stop(
        "quick-add-good",
        ("key ctrl+a", "type /ES last crosses above 5530.25", "wait 2"),
        ("key Escape", "key Escape"),
    ),
    Stop("palette", ("key ctrl+k", "type rul", "wait 1"), ("key Escape",)),
    Stop("rules-filtered", ("key ctrl+3", "key ctrl+f", "type tick", "wait 1"), ("key Escape",)),
    Stop("editor-form", ("key ctrl+3", "key Down", "key e", "wait 2")),
    Stop("editor-fault", ("key ctrl+shift+e", "key ctrl+a", "type last crosses abve 5530", "wait 1")),
    Stop("editor-proposals", ("key ctrl+a", "type last > 5400 and rs", "wait 1"), ("key Escape",)),
    Stop("editor-several", ("type i(14)[5m] < 90", "wait 2")),
    Stop("test", ("key ctrl+t", "wait 2")),
    Stop("suggestions-empty", ("key ctrl+g", "wait 1")),
    Stop("suggestions", ("key Tab", "key space", "wait 6")),
    Stop("templates", ("key ctrl+shift+n", "wait 1"), ("key Escape",)),
    Stop("language", ("key shift+F1", "wait 1")),
    Stop("shortcuts", ("key F1", "wait 1"), ("key Escape",)),
    Stop("chart", ("key ctrl+2", "wait 2")),
    Stop("watchlist", ("key ctrl+1", "wait 1")),
    Stop("watchlist-details", ("key alt+Return", "wait 1"), ("key alt+Return",)),
    Stop("import", ("key ctrl+i", "wait 2", f"type {SAMPLES}/sample_rules.json", "key Return", "wait 3")),
    Stop(
        "import-refused",
        (
            "key Escape",
            "key ctrl+i",
            "wait 2",
            f"type {SAMPLES}/esu24-2024-07-02-level1.csv.gz",
            "key Return",
            "wait 3",
        ),
        ("key Escape",),
    ),
    Stop("health", ("key ctrl+5", "wait 1")),
)


def walk(
    look: Look,
    screen: VirtualDesktop,
    folder: Path,
    *,
    only: str | None,
) -> Iterator[Path]:
    """Go from stop to stop in a window that is open; yield each picture that was taken."""
    for stop in STOPS:
        do(screen, stop.steps)
        if only is None or only in stop.name:
            whole, picture = folder / "whole.png", folder / f"{stop.name}-{look.name}.png"
            screen.screenshot(whole)
            cut = f"{look.width}x{look.height}+0+0"
            subprocess.run(["convert", str(whole), "-crop", cut, "+repage", str(picture)], check=True)
            whole.unlink()
            yield picture
        do(screen, stop.leave)


def do(screen: VirtualDesktop, steps: tuple[str, ...]) -> None:
    """Do steps one after another, as somebody at the keyboard would."""
    acts: dict[str, Callable[[str], object]] = {
        "key": lambda keys: screen.run("xdotool", "key", keys),
        "type": lambda words: screen.run("xdotool", "type", "--delay", "25", words),
        "wait": lambda seconds: time.sleep(float(seconds)),
    }
    for step in steps:
        act, _, words = step.partition(" ")
        acts[act](words)
        time.sleep(0.3)
