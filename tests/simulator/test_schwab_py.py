"""An independent client can use the simulator: the real schwab-py, in an environment of its own."""

import asyncio
import hashlib
import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import pytest
from filelock import FileLock

from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator import DemoMarket, Simulator

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "packaging" / "requirements-schwab-py.lock"
DRIVER = Path(__file__).parent / "schwab_py" / "drive.py"


def environment() -> Path:
    """Return the Python that has the locked schwab-py; made once, anew when the lock changes."""
    home = ROOT / ".venv-schwab-py"
    python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    stamp = home / "lock.sha256"
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    with FileLock(Path(tempfile.gettempdir()) / "tradeassist-schwab-py.lock"):
        if not stamp.exists() or stamp.read_text() != digest:
            venv.create(home, clear=True, with_pip=True)
            install = [str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(LOCK)]
            subprocess.run(install, check=True)
            stamp.write_text(digest)
    return python


@pytest.fixture(scope="module")
def schwab_py() -> Path:
    return environment()


@pytest.mark.timeout(300)
async def test_the_real_schwab_py_signs_in_refreshes_and_streams(schwab_py: Path) -> None:
    async with Simulator(source=DemoMarket(clock=SystemClock()), clock=SystemClock()) as simulator:
        driver = await asyncio.create_subprocess_exec(
            str(schwab_py),
            str(DRIVER),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        output, errors = await driver.communicate(json.dumps(simulator.ready_line()).encode() + b"\n")

    assert driver.returncode == 0, errors.decode()
    report = json.loads(output)
    assert report["token_by_code"] == "I0."
    assert report["was_refreshed"]
    assert sorted(report["quotes"]) == ["/ES", "AAPL"]
    assert report["unknown"] == ["NOSUCH"]
    assert report["one"] == "Microsoft Corp"
    shares, index = report["first"]["LEVELONE_EQUITIES"]
    assert shares["key"] == "AAPL"
    assert shares["DESCRIPTION"] == "Apple Inc"
    assert shares["BID_PRICE"] < shares["ASK_PRICE"]
    assert index["key"] == "$TICK"
    assert "BID_PRICE" not in index
    future = report["first"]["LEVELONE_FUTURES"][0]
    assert future["LAST_PRICE"] == 5528.75
    assert future["DESCRIPTION"] == "E-mini S&P 500 Futures"
    assert future["TICK"] == 0.25
    for items in report["later"].values():
        assert all("DESCRIPTION" not in item and "delayed" not in item for item in items)
