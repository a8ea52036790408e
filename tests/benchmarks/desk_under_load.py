"""What benchmarks of the whole desk share: a screen, a market in another process, the composed desk."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PLAIN = {"PYTHONPATH": str(ROOT)}
BASE_URL = "BENCHMARK_BASE_URL"


@contextmanager
def market(command: Sequence[str]) -> Iterator[dict[str, str]]:
    """Run a simulator in a process of its own; give the environment its clients need.

    Args:
        command: What is run; prints the simulator's line of JSON first.
    """
    server = subprocess.Popen(
        [sys.executable, "-P", *command], stdout=subprocess.PIPE, env={**os.environ, **PLAIN}
    )
    try:
        assert server.stdout is not None
        ready = json.loads(server.stdout.readline())
        yield {
            **PLAIN,
            "SCHWAB_APP_KEY": ready["app_key"],
            "SCHWAB_APP_SECRET": ready["app_secret"],
            "SCHWAB_REFRESH_TOKEN": ready["refresh_token"],
            BASE_URL: ready["http"],
        }
    finally:
        server.terminate()
        server.wait()


def launch_of(
    data: Path, *, rules: Path, environment: Mapping[str, str], settings: Sequence[str] = (), **changes: Any
) -> Any:
    """Return a start of the desk on the market of ``market``, with its folder claimed.

    Args:
        settings: Further ``KEY=VALUE`` of this run.
        changes: Other fields of the launch than usual.
    """
    from tradeassist_desktop import paths
    from tradeassist_desktop.app.launch import Launch, claim
    from tradeassist_desktop.logs import SecretMask

    values: dict[str, Any] = {
        "places": paths.resolve(data),
        "feed": "schwab",
        "speed": None,
        "symbol": None,
        "bar_label": "start",
        "rules_file": rules,
        "record_file": None,
        "overrides": (f"schwab.base_url={environment[BASE_URL]}", *settings),
        "environment": environment,
        "is_dev": True,
        "is_headless": False,
        "mask": SecretMask(),
    }
    launch = Launch(**{**values, **changes})
    claim(launch)
    return launch


@asynccontextmanager
async def running_desk(
    launch: Any, bus: Any, channels: Mapping[str, Any] | None = None
) -> AsyncIterator[Any]:
    """Run the services as the program does."""
    from tradeassist_desktop.app.audit_trail import audit_trail
    from tradeassist_desktop.app.desk import open_desk
    from tradeassist_desktop.app.secret_places import open_secrets
    from tradeassist_desktop.runtime.clock import SystemClock
    from tradeassist_desktop.services.channel_secrets import ChannelSecrets
    from tradeassist_desktop.services.settings import Settings

    clock = SystemClock()
    settings = Settings(
        file=launch.places.settings, overrides=launch.overrides, environment={}, is_dev=True, bus=bus
    )
    async with (
        audit_trail(launch, clock=clock, bus=bus) as audit,
        open_secrets(launch=launch, settings=settings, trail=audit, clock=clock) as secrets,
        open_desk(
            launch=launch,
            settings=settings,
            secrets=secrets,
            channels=channels or {},
            channel_secrets=ChannelSecrets(store=secrets, clock=clock),
            clock=clock,
            bus=bus,
            audit=audit,
            reopen=lambda opening: None,
        ) as desk,
    ):
        yield desk


@asynccontextmanager
async def shown(desk: Any, launch: Any, application: Any) -> AsyncIterator[Any]:
    """Show the desk's window until the end of the block."""
    from tradeassist_desktop import paths
    from tradeassist_desktop.ui.main_window import MainWindow
    from tradeassist_desktop.ui.theme import Theme

    theme = Theme(application=application, resources=paths.resources())
    theme.start("dark", "green_red")
    window = MainWindow(desk=desk, theme=theme, state_file=launch.places.layout)
    window.start()
    try:
        yield window
    finally:
        await window.finish()
        theme.stop()


def run_on_qt(work: Any) -> int:
    """Run ``work(application)``, a coroutine that returns the exit status, on the desk's own loop."""
    from PySide6.QtWidgets import QApplication

    from tradeassist_desktop.ui.loop import DeskLoop

    application = QApplication(["tradeassist"])
    application.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: DeskLoop(application)) as runner:
        return int(runner.run(work(application)))


def share(ordered: Sequence[float], part: float) -> float:
    """Return the nearest-rank quantile of sorted figures."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
