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
        steps: ``key ctrl+n``, ``type TEXT``, ``wait SECONDS``, ``drag FILE`` to above the window, ``drop``.
        leave: Steps after the picture.
    """

    name: str
    steps: tuple[str, ...]
    leave: tuple[str, ...] = ()


# What the walk needs first: a condition that fires, one with a band and one whose words are long.
OWN_RULES = (
    "/ES last crosses above 5530.25",
    "AAPL last > sma(10)[1m] and rsi(14)[1m] < 60",
    "$VIX.last < 20 and /NQ.last crosses above highest(high, 20)[1m]",
)

# With Ctrl the keyboard moves alone, what is selected stays.
FIRST = ("key ctrl+Home", "key Down", "key Up")
# The first of OWN_RULES, which nothing forbids to be made longer.
FOURTH = (*FIRST, "key Down", "key Down", "key Down")

RECORDING = "esu24-2024-07-02-level1.csv.gz"
GROUPS = (("Futures", 4),)
# From the Test dock's first field to what is varied, of the rule with two numbers.
SWEPT = (
    *("key ctrl+3", "key ctrl+End", "key Up", "key t", "wait 6"),
    *("key Tab",) * 13,
    *("key Down", "wait 1"),
    *("key Tab",) * 4,
    "key space",
)
# The viewer's PIN of locked_before.py.
AS_VIEWER = ("key shift+Tab", "key Down", "key Down", "key Tab", "type just looking", "key Return")


def grouped(name: str, symbols: int) -> tuple[str, ...]:
    """Return the steps that put the first symbols of the watchlist into a new group."""
    return (
        *("key ctrl+1", "key Home"),
        *("key shift+Down",) * (symbols - 1),
        *("key Menu", "wait 1"),
        *("key Down",) * 5,
        *("key Right", "key Up", "key Return", "wait 1"),
        *(f"type {name}", "key Return", "wait 1"),
    )


STOPS = (
    Stop("welcome", ("wait 2",)),
    Stop("welcome-schwab", ("key Right", "key space", "wait 1"), ("key Escape",)),
    Stop("desk", ("key ctrl+4", "wait 1")),
    Stop("quick-add-empty", ("key ctrl+n", "wait 1")),
    Stop("quick-add-fault", ("type /ES last crosses abve 5530", "wait 1")),
    Stop("quick-add-units", ("key ctrl+a", "type AAPL volume > 2%", "wait 1")),
    Stop("quick-add-completion", ("key ctrl+a", "type AAPL close[1m] > bb", "wait 1")),
    Stop("quick-add-symbols", ("key ctrl+a", "type /E", "wait 2")),
    Stop(
        "quick-add-good",
        ("key ctrl+a", f"type {OWN_RULES[0]}", "wait 2"),
        ("key Return", "wait 1"),
    ),
    Stop(
        "can-be-undone",
        tuple(
            step for rule in OWN_RULES[1:] for step in ("key ctrl+n", f"type {rule}", "key Return", "wait 1")
        ),
    ),
    Stop("palette-empty", ("key ctrl+k", "wait 1")),
    Stop("palette", ("type rul", "wait 1")),
    Stop("palette-symbol", ("key ctrl+a", "type aapl", "wait 2"), ("key Escape",)),
    Stop("rules", ("key ctrl+3", "wait 1")),
    Stop("rules-selected", ("key ctrl+a", "key Menu", "wait 1"), ("key Escape",)),
    Stop("rules-in-place", ("key ctrl+Home", "key F2", "wait 1"), ("key Escape",)),
    Stop("rules-filtered", ("key ctrl+f", "type tick", "wait 1")),
    Stop(
        "rules-nothing-found",
        ("key ctrl+a", "type nothing like it", "wait 1"),
        ("key ctrl+a", "key BackSpace", "key Escape"),
    ),
    Stop("editor-empty", ("key ctrl+e", "wait 1")),
    Stop("why-not", ("key ctrl+3", *FIRST, "key w", "wait 2")),
    Stop("editor-form", ("key ctrl+3", *FIRST, "key e", "wait 3")),
    Stop("editor-expression", ("key ctrl+shift+e", "wait 2")),
    Stop("editor-fault", ("key ctrl+a", "type last crosses abve 5530 and rsi(14)[5m] < 70", "wait 2")),
    Stop("editor-proposals", ("key ctrl+a", "type last > 5400 and rs", "wait 1"), ("key Escape",)),
    Stop("editor-rearm", ("type i(14)[5m] < 90", "wait 2")),
    Stop("editor-how-often", ("key Escape", "key ctrl+s", "wait 1")),
    Stop("editor-message", ("key Tab", "key Tab", "key space", *("key Tab",) * 4, "wait 2")),
    Stop("editor-several", ("key ctrl+3", *FOURTH, "key e", "wait 2")),
    Stop("editor-sees", ("key ctrl+a", "type last crosses above 5530 and rsi(14)[1m] < 70", "wait 3")),
    Stop("editor-saved", ("key Escape", "key ctrl+s", "wait 2"), ("key ctrl+z", "wait 1")),
    Stop("test", ("key ctrl+3", *FIRST, "key t", "wait 4")),
    Stop("test-of-a-share", ("key ctrl+3", "key ctrl+End", "key Up", "key t", "wait 6")),
    Stop("suggestions-empty", ("key ctrl+g", "wait 1")),
    Stop("suggestions-loading", ("key Tab", "key space", "wait 1")),
    Stop("suggestions", ("wait 8",)),
    Stop("templates", ("key ctrl+shift+n", "wait 2")),
    Stop("templates-found", ("type volume", "wait 2")),
    Stop(
        "templates-nothing-found",
        ("key ctrl+a", "type nothing like it", "wait 1"),
        ("key Escape", "key Escape"),
    ),
    Stop("language", ("key shift+F1", "wait 1")),
    Stop("language-found", ("type rsi", "wait 1")),
    Stop(
        "language-nothing-found",
        ("key ctrl+a", "type nothing like it", "wait 1"),
        ("key ctrl+a", "key BackSpace"),
    ),
    Stop("shortcuts", ("key F1", "wait 1")),
    Stop("shortcuts-nothing-found", ("type nothing like it", "wait 1"), ("key Escape",)),
    Stop("chart", ("key ctrl+2", "wait 2")),
    Stop("chart-split", ("key ctrl+shift+Right", "wait 2"), ("key ctrl+shift+w",)),
    Stop("chart-menu", ("key Menu", "wait 1"), ("key Escape",)),
    Stop("watchlist", ("key ctrl+1", "wait 1")),
    Stop("watchlist-details", ("key alt+Return", "wait 1"), ("key alt+Return",)),
    Stop("watch-groups", tuple(step for name, symbols in GROUPS for step in grouped(name, symbols))),
    Stop("heat-map", (*SWEPT, "wait 25")),
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
    Stop("file-above", (f"drag {SAMPLES}/sample_rules.json", "wait 1")),
    Stop("file-dropped", ("drop", "wait 4"), ("key Escape",)),
    Stop("alerts-why", ("key ctrl+4", "key Home", "key Down", "wait 1")),
    Stop("health", ("key ctrl+5", "wait 1")),
    Stop("data-feed", ("key ctrl+6", "wait 1")),
    Stop("notifications", ("key ctrl+7", "wait 1")),
    Stop("delivery", ("key ctrl+8", "wait 2")),
    Stop("audit", ("key ctrl+9", "wait 2")),
    Stop("settings", ("key ctrl+0", "wait 1")),
    Stop("settings-all", ("key shift+Tab", "key space", "key ctrl+0", "wait 1")),
    Stop(
        "replay",
        ("key ctrl+o", "wait 2", f"type {SAMPLES}/{RECORDING}", "key Return", "wait 8"),
        ("key ctrl+shift+l", "wait 5"),
    ),
)

# On a desk with a lock, which is drawn as the walk begins.
VIEWER_STOPS = (
    Stop("locked", ("wait 1",)),
    Stop("viewer", (*AS_VIEWER, "wait 2", "key ctrl+3", *FIRST, "key Menu", "wait 1"), ("key Escape",)),
    Stop("viewer-editor", ("key e", "wait 2")),
)

# On a desk without a rule; in the end its watchlist is empty, too.
EMPTY_STOPS = (
    Stop("no-rules", ("key Escape", "key ctrl+3", "wait 1")),
    Stop("no-rule-to-test", ("key ctrl+t", "wait 1")),
    Stop("no-rule-to-study", ("key ctrl+g", "wait 1")),
    Stop("no-delivery", ("key ctrl+8", "wait 1")),
    Stop("nothing-watched", ("key ctrl+4", "key ctrl+1", "key ctrl+a", "key Delete", "wait 2")),
)


def walk(
    stops: tuple[Stop, ...],
    look: Look,
    screen: VirtualDesktop,
    folder: Path,
    *,
    only: str | None,
) -> Iterator[Path]:
    """Go from stop to stop in a window that is open; yield each picture that was taken."""
    for stop in stops:
        do(screen, look, stop.steps)
        if only is None or only in stop.name:
            whole, picture = folder / "whole.png", folder / f"{stop.name}-{look.name}.png"
            screen.screenshot(whole)
            cut = f"{look.width}x{look.height}+0+0"
            subprocess.run(["convert", str(whole), "-crop", cut, "+repage", str(picture)], check=True)
            whole.unlink()
            yield picture
        do(screen, look, stop.leave)


def do(screen: VirtualDesktop, look: Look, steps: tuple[str, ...]) -> None:
    """Do steps one after another, as somebody at the keyboard would."""
    acts: dict[str, Callable[[str], object]] = {
        "key": lambda keys: screen.run("xdotool", "key", keys),
        "type": lambda words: screen.run("xdotool", "type", "--delay", "25", words),
        "wait": lambda seconds: time.sleep(float(seconds)),
        "drag": lambda file: drag(screen, look, file),
        "drop": lambda _: screen.run("xdotool", "mouseup", "1"),
    }
    for step in steps:
        act, _, words = step.partition(" ")
        acts[act](words)
        time.sleep(0.3)


def drag(screen: VirtualDesktop, look: Look, file: str) -> None:
    """Have a file dragged from below the window to above its middle, and hold it there."""
    x, y = look.width - 40, look.height + 8
    source = (sys.executable, str(Path(__file__).with_name("drag_source.py")), file, str(x), str(y))
    subprocess.Popen(source, env={**os.environ, **screen.environment})
    time.sleep(2)
    screen.run("xdotool", "mousemove", str(x + 12), str(y + 12), "mousedown", "1")
    for part in range(1, 11):
        at = x + (look.width // 2 - x) * part // 10, y + (look.height // 2 - y) * part // 10
        screen.run("xdotool", "mousemove", *map(str, at))
        time.sleep(0.1)
