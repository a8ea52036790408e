"""``tradeassist run``: the desktop, or the same services without a window."""

import argparse
import gc
import os
import socket
import sys
from pathlib import Path
from typing import Any

from tradeassist_desktop import logs, paths
from tradeassist_desktop.domain.errors import TradeAssistError, UsageError
from tradeassist_desktop.recordings.times import TimeReader


def add_parser(commands: Any) -> None:
    """Add the command to ``tradeassist``."""
    parser = commands.add_parser("run", help="the desktop; with --headless the same without a window")
    parser.add_argument(
        "--headless",
        action="store_true",
        help="no window: alerts as JSON lines on standard output; ends on SIGTERM",
    )
    parser.add_argument(
        "--rules",
        type=Path,
        metavar="FILE",
        help="use the rules of this file for this run, not the kept ones",
    )
    parser.add_argument(
        "--feed",
        metavar="NAME[,NAME]|replay:FILE",
        help="where data comes from: demo, schwab, coinbase, or two of them side by side such as "
        "demo,coinbase (default: the settings feed.name and feed.also)",
    )
    parser.add_argument(
        "--speed",
        type=_speed,
        metavar="N",
        help="N times real time, for demo and replay (0: at once, a replay's default without a window)",
    )
    parser.add_argument(
        "--start-at",
        type=_time,
        metavar="TIME",
        dest="start_at_ns",
        help="begin a replay at this time (UTC unless it says otherwise): what comes before it is played at "
        "once and raises no alert",
    )
    parser.add_argument("--paused", action="store_true", dest="is_paused", help="begin a replay in a pause")
    parser.add_argument(
        "--commands",
        action="store_true",
        dest="takes_commands",
        help="with --headless, move a replay by lines on standard input: pause, play, step (one update), "
        "bar (until a minute has closed), speed N, seek TIME, where",
    )
    parser.add_argument("--symbol", metavar="S", help="symbol of a replayed file that has no symbol column")
    parser.add_argument(
        "--bar-label",
        choices=("start", "end"),
        default="start",
        help="what a replayed bar's time is (default: start)",
    )
    parser.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        help="write the session to this new file (.csv.gz), to be replayed or backtested later",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Start the desk and stay until it is quit."""
    if not arguments.headless:
        _refuse_without_display()
        if arguments.takes_commands:
            raise UsageError("--commands: the window has a replay bar; commands are for --headless")
    elif arguments.is_paused and not arguments.takes_commands:
        raise UsageError("--paused: without a window a replay goes on by --commands only")
    # Modules are no garbage, and looking for some took a fifth of the start; the desk collects by itself.
    gc.disable()
    from tradeassist_desktop import app

    places = paths.resolve(arguments.data_dir)
    launch = app.Launch(
        places=places,
        feed=arguments.feed,
        speed=arguments.speed,
        symbol=arguments.symbol,
        bar_label=arguments.bar_label,
        rules_file=arguments.rules,
        record_file=arguments.record,
        overrides=tuple(arguments.overrides),
        environment=arguments.environment,
        is_dev=arguments.is_dev,
        is_headless=arguments.headless,
        mask=arguments.mask,
        start_at_ns=arguments.start_at_ns,
        is_paused=arguments.is_paused,
        takes_commands=arguments.takes_commands,
    )
    app.claim(launch)
    logs.start(file=places.log, as_json=arguments.log_json, mask=launch.mask)
    return app.run_headless(launch) if arguments.headless else app.run_desktop(launch)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, found {text!r}") from None
    if not 0 <= speed <= 10_000:
        raise argparse.ArgumentTypeError(f"must be 0 to 10000, was {text}")
    return speed


def _time(text: str) -> int:
    event_ns = TimeReader().read(text)
    if event_ns is None:
        raise argparse.ArgumentTypeError(f"expected a time such as 2024-07-01T13:30:00Z, found {text!r}")
    return event_ns


def _refuse_without_display() -> None:
    # Qt aborts the process where it finds no display, so this has to be known before.
    platform = os.environ.get("QT_QPA_PLATFORM") or "xcb"
    if not sys.platform.startswith("linux") or platform.split(";")[0] not in ("xcb", "wayland"):
        return
    display = os.environ.get("DISPLAY", "")
    if os.environ.get("WAYLAND_DISPLAY") or (display and _answers(display)):
        return
    reason = f"the display {display} does not answer" if display else "this machine has no display"
    raise TradeAssistError(f"{reason}; without a window use: tradeassist run --headless")


def _answers(display: str) -> bool:
    host, _, number = display.rpartition(":")
    number = number.split(".")[0]
    if not number.isdigit():
        return False
    if host and not host.startswith("unix"):
        try:
            socket.create_connection((host, 6000 + int(number)), timeout=3).close()
        except OSError:
            return False
        return True
    path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where X servers listen, by convention
    for address in ("\0" + path, path):
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(address)
            except OSError:
                continue
            return True
    return False
