"""What the program is started on for its pictures: markets, troubles and what was there before."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audited_before import record
from sent_before import fill

from tests.secret_manager.apart import secret_manager_apart

ROOT = Path(__file__).resolve().parent.parent

# What goes wrong, by the clock from the first subscription on.
TROUBLE: tuple[dict[str, Any], ...] = (
    {"at_s": 6, "fault": "swapped_frames", "for_s": 2},
    {"at_s": 9, "fault": "bad_print", "symbol": "SPY", "percent": 9},
    {"at_s": 11, "fault": "halt", "symbol": "TLT", "for_s": 600},
    {"at_s": 30, "fault": "outage", "for_s": 8},
    {"at_s": 33, "fault": "gap", "symbol": "MSFT", "percent": 3},
    {"at_s": 52, "fault": "bad_print", "symbol": "/NQ", "percent": -7},
)
LASTING_TROUBLE = (*TROUBLE, {"at_s": 80, "fault": "outage", "for_s": 600})
TROUBLED_RULES = (
    {"name": "ES breaks out", "symbol": "/ES", "when": "last > 5500", "cooldown": "10m"},
    {"name": "Microsoft breaks out", "symbol": "MSFT", "when": "last crosses above 462"},
    {"name": "Apple at its target", "symbol": "AAPL", "when": "last crosses above 218"},
    {"name": "Fear returns", "symbol": "$VIX", "when": "last crosses above 20"},
)

# What the simulated Secret Manager has.
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


def troubled(steps: tuple[dict[str, Any], ...]) -> Callable[[Path], AbstractContextManager[Scene]]:
    """Return the scene of the simulator as Schwab, with these steps."""

    @contextmanager
    def scene(folder: Path) -> Iterator[Scene]:
        scenario, rules = folder / "scenario.json", folder / "rules.json"
        scenario.write_text(
            json.dumps(
                {"format": "tradeassist-scenario", "version": 1, "from": "subscription", "steps": steps}
            )
        )
        rules.write_text(json.dumps({"format": "tradeassist-rules", "version": 1, "rules": TROUBLED_RULES}))
        command = [
            sys.executable,
            "-P",
            "-m",
            "tradeassist_desktop",
            "simulator",
            "--scenario",
            str(scenario),
        ]
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

    return scene


@contextmanager
def signed_out(folder: Path) -> Iterator[Scene]:
    """Schwab, before anybody has said who is to be signed in."""
    yield Scene(("run", "--feed", "schwab"))


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
def in_use(folder: Path) -> Iterator[Scene]:
    """The demo market on a desk that has been in use.

    It has sent alerts for a day, some of them in vain; its secrets have been read for a year, and are
    in a Secret Manager, one in the environment.
    """
    place = folder / "data"
    place.mkdir()
    asyncio.run(fill(place / "tradeassist.db"))
    asyncio.run(record(place / "tradeassist.db"))
    with secret_manager_apart(folder / "cloud") as cloud:
        for secret_id, texts in CLOUD_SECRETS:
            cloud.say(f"put tradeassist-{secret_id} {json.dumps(texts)}")
        words = [word for key, value in cloud.settings.items() for word in ("--set", f"{key}={value}")]
        environment = {"WEBHOOK_URL": "https://hooks.example.com/desk", **cloud.environment}
        yield Scene(("run", "--dev", *words), environment)
