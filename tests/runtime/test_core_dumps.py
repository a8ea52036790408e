import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc")

ROOT = Path(__file__).parents[2]
CRASHING = """
import os, resource, sys
from tradeassist_desktop.runtime.core_dumps import refuse_core_dumps
most = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (most, most))
refuse_core_dumps(is_on_desktop=True)
os.abort()
"""
CHILD = """
import ctypes, resource, sys
from pathlib import Path
from tradeassist_desktop.runtime.core_dumps import refuse_core_dumps
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
refuse_core_dumps(is_on_desktop=sys.argv[1] == "window")
print(resource.getrlimit(resource.RLIMIT_CORE)[0], Path("/proc/self/coredump_filter").read_text().strip(),
      ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


def told(where: str, **environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, where],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.split()


def test_row_50_no_core_is_written_and_no_collector_of_crashes_is_given_memory() -> None:
    assert told("headless") == ["0", "00000000", "0"]


def test_a_window_stays_open_to_the_desktop_s_portal() -> None:
    assert told("window") == ["0", "00000000", "1"]


def test_who_debugs_the_interpreter_keeps_cores() -> None:
    _, memory, is_open = told("headless", TRADEASSIST_CORE_DUMPS="1")

    assert memory != "00000000"
    assert is_open == "1"


def test_row_50_a_crash_leaves_no_core_where_it_ran(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CRASHING],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == -signal.SIGABRT
    assert list(tmp_path.iterdir()) == []
