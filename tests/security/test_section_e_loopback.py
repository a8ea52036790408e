"""Row 115: the suite needs nothing but loopback.

``packaging/test`` shows it of the whole suite, each time in another order; here is a small part of it.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ONLY_LOOPBACK = str(ROOT / "packaging" / "only-loopback")
_REFUSED = 69

_REACH = """
import errno, socket
with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
    print("loopback answers")
try:
    socket.create_connection(("192.0.2.1", 443), timeout=5)
except OSError as error:
    print(errno.errorcode[error.errno])
"""


def apart(*command: str) -> subprocess.CompletedProcess[str]:
    """Run it with loopback alone, or skip where the system does not let us."""
    done = subprocess.run(
        [ONLY_LOOPBACK, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    if done.returncode == _REFUSED:
        pytest.skip(done.stderr.strip())
    return done


def test_row_115_a_run_without_network_has_loopback_and_nothing_else() -> None:
    done = apart(sys.executable, "-c", _REACH)

    assert done.stdout.splitlines() == ["loopback answers", "ENETUNREACH"], done.stderr


def test_row_115_tests_of_real_servers_pass_with_loopback_alone() -> None:
    some = "tests/feeds/test_heartbeat.py"

    done = apart(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", some)

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert " passed" in done.stdout


def test_row_115_what_a_command_ends_with_comes_out() -> None:
    assert apart("sh", "-c", "exit 3").returncode == 3
