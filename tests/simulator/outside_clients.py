"""Clients of others, each in an environment of its own, driven against the simulator."""

import asyncio
import hashlib
import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

from filelock import FileLock

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator import DemoMarket, Simulator, StreamerRules

ROOT = Path(__file__).resolve().parents[2]
SYMBOL_LIMIT = 3
CLIENTS = ("schwab-py", "schwabdev")


class FastClock(SystemClock):
    """A market's clock that runs a minute in a second, so that bars come while a test waits.

    It begins on Wednesday, 2024-06-26, at 11:00 in New York: at midnight or on a Monday the past
    of a market has holes, which are not what is tested.
    """

    def __init__(self) -> None:
        self._begun_ns = self.monotonic_ns()

    def now_ns(self) -> int:
        """Return the market's time."""
        return 1_719_414_000 * NS_PER_SECOND + (self.monotonic_ns() - self._begun_ns) * 60


def environment(name: str) -> Path:
    """Return the Python that has what ``packaging/requirements-NAME.lock`` lists; anew when it changes."""
    lock = ROOT / "packaging" / f"requirements-{name}.lock"
    home = ROOT / f".venv-{name}"
    python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    stamp = home / "lock.sha256"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    with FileLock(Path(tempfile.gettempdir()) / f"tradeassist-{name}.lock"):
        if not stamp.exists() or stamp.read_text() != digest:
            venv.create(home, clear=True, with_pip=True)
            install = [str(python), "-m", "pip", "install", "-qq", "--require-hashes", "-r", str(lock)]
            subprocess.run(install, check=True)
            stamp.write_text(digest)
    return python


async def driven(python: Path, driver: Path) -> dict[str, Any]:
    """Run a driver against a simulator with a symbol limit of three; return what it reports."""
    source = DemoMarket(clock=FastClock(), rate=150)
    rules = StreamerRules(symbol_limit=SYMBOL_LIMIT)
    async with Simulator(source=source, clock=SystemClock(), rules=rules) as simulator:
        process = await asyncio.create_subprocess_exec(
            str(python),
            str(driver),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        line = json.dumps(simulator.ready_line()).encode() + b"\n"
        output, errors = await process.communicate(line)
    assert process.returncode == 0, errors.decode()
    report: dict[str, Any] = json.loads(output.splitlines()[-1])
    return report


def check_answers(report: dict[str, Any]) -> None:
    """Check what every client asks, whatever it streams."""
    assert report["token_by_code"] == "I0."
    assert report["was_refreshed"]
    assert sorted(report["quotes"]) == ["/ES", "AAPL"]
    assert report["unknown"] == ["NOSUCH"]
    assert report["one"] == "Microsoft Corp"
    assert len(report["minutes"]["candles"]) == 60
    assert report["future_minutes"] == 400
    assert [each["symbol"] for each in report["found"]] == ["AAPL"]
    assert [each["symbol"] for each in report["by_cusip"]] == ["AAPL"]
    assert set(report["hours"]) == {"equity", "future"}


if __name__ == "__main__":  # before a run that will have no network
    for each in CLIENTS:
        environment(each)
