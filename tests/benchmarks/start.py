"""How long from process start to a painted window, one with every panel, moving prices and the first alert.

Run it as ``python tests/benchmarks/start.py`` (needs Xvfb and the rest of ``packaging/test``). The
baseline of the same run is a bare interpreter that imports Qt and shows an empty window.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.virtual_desktop import VirtualDesktop  # noqa: E402 - the root must be on the path first

STARTS = 5
BARE_WINDOW = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.show()
QTimer.singleShot(0, app.quit)
app.exec()
"""


def bare_s(environment: dict[str, str]) -> float:
    """Return the whole life of a process that shows an empty Qt window, seconds."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", BARE_WINDOW], env=environment, check=True, capture_output=True)
    return time.monotonic() - began


def desk_s(environment: dict[str, str], data: Path) -> dict[str, float]:
    """Return seconds from process start to each milestone of one start of the desk."""
    command = [sys.executable, "-P", "-m", "tradeassist_desktop", "--data-dir", str(data), "--log-json"]
    began = time.time()
    found: dict[str, float] = {}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as desk:
        assert desk.stderr is not None
        for line in desk.stderr:
            entry = json.loads(line)
            passed = time.time() - began
            if entry["event"] in ("window painted", "window ready"):
                found[entry["event"]] = passed
            elif entry["event"] == "feed state" and entry.get("state") == "live":
                found["prices move"] = passed
            elif entry["event"] == "delivered" and entry["channel"] == "sound":
                found["first alert heard"] = passed
                break
        desk.terminate()
        desk.stderr.read()
    return found


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    screen = VirtualDesktop(folder=folder)
    screen.start()
    # An installed program has its modules compiled; the first start of this run compiles them.
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        **screen.environment,
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
    }
    try:
        baseline = statistics.median(bare_s(environment) for _ in range(STARTS))
        first = desk_s(environment, folder / "first")
        later = [desk_s(environment, folder / "first") for _ in range(STARTS)]
    finally:
        screen.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"an empty Qt window, start to end: {baseline:.2f} s (median of {STARTS})")
    print(f"{'':20} {'first start':>12} {'later, median':>14} {'worst':>8} {'ratio':>7}")
    for milestone, seconds in first.items():
        times = [start[milestone] for start in later if milestone in start]
        if not times:
            continue
        middle, worst = statistics.median(times), max(times)
        print(f"{milestone:20} {seconds:10.2f} s {middle:12.2f} s {worst:6.2f} s {middle / baseline:6.1f}×")


if __name__ == "__main__":
    main()
