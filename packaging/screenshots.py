"""Start the real program and take its picture when the first alerts have come.

One picture for each theme and size on the demo market, one of the replay bar on the sample recording, one
of the Data feed dock on the simulator in trouble, and some of what became of a day's alerts; run as
``packaging/screenshots OUTDIR``. With ``--tour`` those of a walk through docks and sheets, in every look.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from audited_before import record  # noqa: E402  # found only with the line above
from sent_before import fill  # noqa: E402  # found only with the line above
from tour import EMPTY_STOPS, LOOKS, STOPS, VIEWER_STOPS, Look, Stop, walk  # noqa: E402  # found only with the line above

from tests.secret_manager.apart import secret_manager_apart  # noqa: E402  # found only with the line above
from tests.virtual_desktop import VirtualDesktop  # noqa: E402  # found only with the line above

ALERT_LIMIT_S = 40.0
# Else a window asks for the password of a keyring that is not there.
NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
# Below the picture, where the tray's panel may stand; it is cut off.
PANEL_PX = 40
HEARD_ONLY = tuple(f"notify.{priority}=sound" for priority in ("low", "normal", "high", "urgent"))
# Where the docks at the bottom begin, in a window that is 1000 px high and has a banner.
EDGE_PX = 684


# What goes wrong before the picture of the Data feed dock, by the clock from the first subscription on.
TROUBLE = (
    {"at_s": 6, "fault": "swapped_frames", "for_s": 2},
    {"at_s": 9, "fault": "bad_print", "symbol": "SPY", "percent": 9},
    {"at_s": 11, "fault": "halt", "symbol": "TLT", "for_s": 600},
    {"at_s": 30, "fault": "outage", "for_s": 8},
    {"at_s": 33, "fault": "gap", "symbol": "MSFT", "percent": 3},
    {"at_s": 52, "fault": "bad_print", "symbol": "/NQ", "percent": -7},
)
TROUBLED_RULES = (
    {"name": "ES breaks out", "symbol": "/ES", "when": "last > 5500", "cooldown": "10m"},
    {"name": "Microsoft breaks out", "symbol": "MSFT", "when": "last crosses above 462"},
    {"name": "Apple at its target", "symbol": "AAPL", "when": "last crosses above 218"},
    {"name": "Fear returns", "symbol": "$VIX", "when": "last crosses above 20"},
)


# From the Settings dock's first page to its others: backwards comes to the last one, and arrows on.
TO_ALL_SETTINGS = ("shift+Tab", "space", "ctrl+0")
TO_APP_LOCK = ("shift+Tab", "Left", "space", "ctrl+0")
TO_GOOGLE_CLOUD = ("shift+Tab", "Left", "Left", "space", "ctrl+0")
# What the simulated Secret Manager has before the pictures of the Settings dock.
CLOUD_SECRETS = (
    ("slack-bot", {"token": "xoxb-of-last-month"}),
    ("slack-bot", {"token": "xoxb-of-today"}),
    ("smtp", {"user": "desk@example.com", "password": "words of the desk"}),
    ("webhook-hmac", {"key": "what the receiver checks with"}),
)


@dataclass(frozen=True)
class Scene:
    """What the program is started on."""

    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def demo(folder: Path) -> Iterator[Scene]:
    """The demo market."""
    yield Scene()


@contextmanager
def without_rules(folder: Path) -> Iterator[Scene]:
    """The demo market on a desk without rules."""
    rules = folder / "rules.json"
    rules.write_text(json.dumps({"format": "tradeassist-rules", "version": 1, "rules": []}))
    yield Scene(("run", "--rules", str(rules)))


@contextmanager
def replay(folder: Path) -> Iterator[Scene]:
    """The sample recording with the sample rules that are about it."""
    samples, rules = ROOT / "resources" / "samples", folder / "rules.json"
    recording = samples / "esu24-2024-07-02-level1.csv.gz"
    document = json.loads((samples / "sample_rules.json").read_text(encoding="utf-8"))
    document["rules"] = [rule for rule in document["rules"] if rule.get("symbol") == "/ESU24"]
    rules.write_text(json.dumps(document))
    yield Scene(("run", "--feed", f"replay:{recording}", "--rules", str(rules), "--speed", "5"))


@contextmanager
def trouble(folder: Path) -> Iterator[Scene]:
    """The simulator as Schwab, with ``TROUBLE``."""
    scenario, rules = folder / "scenario.json", folder / "rules.json"
    steps = {"from": "subscription", "steps": TROUBLE}
    scenario.write_text(json.dumps({"format": "tradeassist-scenario", "version": 1, **steps}))
    rules.write_text(json.dumps({"format": "tradeassist-rules", "version": 1, "rules": TROUBLED_RULES}))
    command = [sys.executable, "-P", "-m", "tradeassist_desktop", "simulator", "--scenario", str(scenario)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as simulator:
        assert simulator.stdout is not None
        try:
            schwab = json.loads(simulator.stdout.readline())
            where = f"schwab.base_url={schwab['http']}"
            yield Scene(
                ("run", "--feed", "schwab", "--rules", str(rules), "--dev", "--set", where),
                {
                    "SCHWAB_APP_KEY": schwab["app_key"],
                    "SCHWAB_APP_SECRET": schwab["app_secret"],
                    "SCHWAB_REFRESH_TOKEN": schwab["refresh_token"],
                },
            )
        finally:
            simulator.terminate()


@contextmanager
def delivered(folder: Path) -> Iterator[Scene]:
    """The demo market on a desk that has sent alerts for a day, some of them in vain."""
    place = folder / "data"
    place.mkdir()
    asyncio.run(fill(place / "tradeassist.db"))
    yield Scene()


@contextmanager
def audited(folder: Path) -> Iterator[Scene]:
    """The demo market on a desk whose secrets have been in use for a year."""
    place = folder / "data"
    place.mkdir()
    asyncio.run(record(place / "tradeassist.db"))
    yield Scene()


@contextmanager
def keyed(folder: Path) -> Iterator[Scene]:
    """The demo market with an open keyring on the desktop's bus."""
    way = {
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder}/run/bus",
        "XDG_DATA_HOME": str(folder / "keyring"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring",
    }
    (folder / "keyring").mkdir()
    command = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
    environment = {**os.environ, **way, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder / "run")}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as daemon:
        assert daemon.stdin is not None
        daemon.stdin.write(b"password")
        daemon.stdin.close()
        try:
            yield Scene(environment=way)
        finally:
            daemon.terminate()


def locked(how: str) -> Callable[[Path], AbstractContextManager[Scene]]:
    """Return the scene of a desk with an app lock, ``covered`` or to be looked at."""

    @contextmanager
    def scene(folder: Path) -> Iterator[Scene]:
        with keyed(folder) as found:
            (folder / "data").mkdir()
            command = [sys.executable, "-P", str(ROOT / "packaging" / "locked_before.py")]
            environment = {**os.environ, **found.environment, "PYTHONPATH": str(ROOT)}
            subprocess.run([*command, str(folder / "data"), how], env=environment, check=True, timeout=60)
            yield found

    return scene


@contextmanager
def kept_in_the_cloud(folder: Path) -> Iterator[Scene]:
    """The same, with its secrets in a Secret Manager and one in the environment."""
    with audited(folder), secret_manager_apart(folder / "cloud") as cloud:
        for secret_id, texts in CLOUD_SECRETS:
            cloud.say(f"put tradeassist-{secret_id} {json.dumps(texts)}")
        words = [word for key, value in cloud.settings.items() for word in ("--set", f"{key}={value}")]
        environment = {"WEBHOOK_URL": "https://hooks.example.com/desk", **cloud.environment}
        yield Scene(("run", "--dev", *words), environment)


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
    edge_px: int = EDGE_PX
    rest_s: float = 0.0


FOUR_CHARTS = ("ctrl+2", "ctrl+shift+Right", "ctrl+shift+Down", "ctrl+shift+Right")
# At the curtain: the admin's PIN of locked_before.py.
AS_ADMIN = ("shift+Tab", "Down", "Tab", *"821173", "Return", "ctrl+alt+l")
SHOTS = (
    Shot("desk-dark", "dark", 1600, 1000, 70.0),
    Shot("first-alert-dark", "dark", 1600, 1000, 0.6),
    Shot("desk-light", "light", 1600, 1000, 70.0),
    Shot("health-dark", "dark", 1600, 1000, 70.0, ("ctrl+5",)),
    Shot("small-dark", "dark", 1280, 720, 40.0),
    Shot("small-light", "light", 1280, 720, 40.0),
    Shot("chart-dark", "dark", 1600, 1000, 40.0, FOUR_CHARTS),
    Shot("chart-light", "light", 1280, 720, 40.0, FOUR_CHARTS),
    Shot("feed-dark", "dark", 1600, 1000, 6.0, ("ctrl+6",)),
    Shot("feed-light", "light", 1280, 720, 6.0, ("ctrl+6",)),
    Shot("delivery-dark", "dark", 1600, 1000, 20.0, ("ctrl+8",), delivered, rest_s=14.0),
    Shot("delivery-light", "light", 1280, 720, 20.0, ("ctrl+8",), delivered, rest_s=14.0),
    Shot(
        "attempts-dark",
        "dark",
        1600,
        1000,
        20.0,
        ("ctrl+4", *("Down",) * 14),
        delivered,
        dock_px=300,
        edge_px=669,
    ),
    Shot("notifications-dark", "dark", 1600, 1000, 6.0, ("ctrl+7",), dock_px=330, edge_px=669, rest_s=14.0),
    Shot("notifications-light", "light", 1280, 720, 6.0, ("ctrl+7",), rest_s=14.0),
    Shot(
        "notifications-light-large",
        "light",
        1600,
        1000,
        6.0,
        ("ctrl+7",),
        dock_px=330,
        edge_px=669,
        rest_s=14.0,
    ),
    Shot("notifications-dark-small", "dark", 1280, 720, 6.0, ("ctrl+7",), rest_s=14.0),
    Shot("audit-dark", "dark", 1600, 1000, 6.0, ("ctrl+9",), audited, rest_s=14.0),
    Shot("audit-light", "light", 1280, 720, 6.0, ("ctrl+9",), audited, rest_s=14.0),
    Shot(
        "audit-light-large",
        "light",
        1600,
        1000,
        6.0,
        ("ctrl+9",),
        audited,
        dock_px=330,
        edge_px=669,
        rest_s=14.0,
    ),
    Shot("audit-dark-small", "dark", 1280, 720, 6.0, ("ctrl+9",), audited, rest_s=14.0),
    Shot("lock-dark", "dark", 1600, 1000, 4.0, (), locked("covered")),
    Shot("lock-light", "light", 1280, 720, 4.0, (), locked("covered")),
    Shot("lock-view-dark", "dark", 1280, 720, 14.0, (), locked("in sight")),
    Shot("lock-view-light", "light", 1600, 1000, 14.0, (), locked("in sight")),
    Shot("lock-roles-dark", "dark", 1280, 720, 4.0, AS_ADMIN, locked("covered"), rest_s=14.0),
    Shot("lock-roles-light", "light", 1600, 1000, 4.0, AS_ADMIN, locked("covered"), rest_s=14.0),
    Shot("lock-set-up-dark", "dark", 1600, 1000, 4.0, ("ctrl+l",), keyed, rest_s=14.0),
    Shot("lock-set-up-light", "light", 1280, 720, 4.0, ("ctrl+l",), keyed, rest_s=14.0),
    Shot(
        "settings-credentials-dark",
        "dark",
        1600,
        1000,
        6.0,
        ("ctrl+0", "Down", "Down"),
        kept_in_the_cloud,
        rest_s=14.0,
    ),
    Shot(
        "settings-credentials-light-small",
        "light",
        1280,
        720,
        6.0,
        ("ctrl+0", "Down", "Down"),
        kept_in_the_cloud,
        rest_s=14.0,
    ),
    Shot(
        "settings-credentials-light",
        "light",
        1600,
        1000,
        6.0,
        ("ctrl+0", "Down", "Down"),
        kept_in_the_cloud,
        dock_px=330,
        edge_px=682,
        rest_s=14.0,
    ),
    Shot(
        "settings-credentials-dark-small",
        "dark",
        1280,
        720,
        6.0,
        ("ctrl+0",),
        kept_in_the_cloud,
        rest_s=14.0,
    ),
    Shot(
        "settings-cloud-dark",
        "dark",
        1600,
        1000,
        6.0,
        ("ctrl+0", *TO_GOOGLE_CLOUD, "Return"),
        kept_in_the_cloud,
        dock_px=330,
        edge_px=682,
        rest_s=14.0,
    ),
    Shot(
        "settings-cloud-light",
        "light",
        1600,
        1000,
        6.0,
        ("ctrl+0", *TO_GOOGLE_CLOUD, "Return"),
        kept_in_the_cloud,
        dock_px=330,
        edge_px=682,
        rest_s=14.0,
    ),
    Shot(
        "settings-cloud-light-small",
        "light",
        1280,
        720,
        6.0,
        ("ctrl+0", *TO_GOOGLE_CLOUD, "Return"),
        kept_in_the_cloud,
        rest_s=14.0,
    ),
    Shot(
        "settings-cloud-dark-small",
        "dark",
        1280,
        720,
        6.0,
        ("ctrl+0", *TO_GOOGLE_CLOUD, "Return"),
        kept_in_the_cloud,
        rest_s=14.0,
    ),
    Shot("settings-lock-dark", "dark", 1600, 1000, 6.0, ("ctrl+0", *TO_APP_LOCK), rest_s=14.0),
    Shot("settings-all-dark", "dark", 1600, 1000, 6.0, ("ctrl+0", *TO_ALL_SETTINGS), rest_s=14.0),
    Shot("settings-all-light", "light", 1280, 720, 6.0, ("ctrl+0", *TO_ALL_SETTINGS), rest_s=14.0),
    Shot("replay-dark", "dark", 1600, 1000, 20.0, ("ctrl+p",), replay, rest_s=14.0),
    Shot("data-feed-dark", "dark", 1600, 1000, 60.0, (), trouble, ("ctrl+6", "ctrl+r"), 250, 14.0),
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
                tour(look, STOPS, demo, arguments.folder, arguments.only)
                tour(look, VIEWER_STOPS, locked("covered"), arguments.folder, arguments.only)
                tour(look, EMPTY_STOPS, without_rules, arguments.folder, arguments.only)
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


def tour(
    look: Look,
    stops: tuple[Stop, ...],
    scene: Callable[[Path], AbstractContextManager[Scene]],
    pictures: Path,
    only: str | None,
) -> None:
    """Start desktop and program once on a scene, and walk through it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        undecorate(folder)
        screen = VirtualDesktop(folder=folder, size=f"{look.width}x{look.height + PANEL_PX}")
        screen.start()
        try:
            with scene(folder) as found:
                # Alerts are heard only: a toast would stand before what the picture is of.
                heard = () if stops is VIEWER_STOPS else HEARD_ONLY
                program = start(look.theme, found, screen, folder, settings=heard, is_new=stops is STOPS)
                try:
                    if stops is EMPTY_STOPS:
                        screen.run("xdotool", "search", "--sync", "--onlyvisible", "--name", "^TradeAssist")
                    else:
                        wait_for_alert(program, folder / "log", channel="sound" if heard else "toast")
                    fit(screen, look.width, look.height)
                    for picture in walk(stops, look, screen, pictures, only=only):
                        print(picture, flush=True)
                finally:
                    program.terminate()
                    program.wait(timeout=20)
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
        time.sleep(shot.watch_s)
        press(screen, window, shot.keys)
        time.sleep(shot.rest_s)
        whole = folder / "whole.png"
        screen.screenshot(whole)
        cut = f"{shot.width}x{shot.height}+0+0"
        subprocess.run(["convert", str(whole), "-crop", cut, "+repage", str(picture)], check=True)
    finally:
        program.terminate()
        program.wait(timeout=20)


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
    end = time.monotonic() + ALERT_LIMIT_S
    while time.monotonic() < end:
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
