import os
import subprocess
import sys
from pathlib import Path

from tradeassist_desktop.ui.single_instance import ShowRequests, ask_first_to_show

ROOT = Path(__file__).parents[2]
ASK = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from tradeassist_desktop.ui.single_instance import ask_first_to_show
app = QCoreApplication([])
sys.exit(0 if ask_first_to_show(Path(sys.argv[1])) else 1)
"""
LISTEN_AND_DIE = """
import os, signal, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from tradeassist_desktop.ui.single_instance import ShowRequests
app = QCoreApplication([])
assert ShowRequests(data_folder=Path(sys.argv[1])).is_listening
os.kill(os.getpid(), signal.SIGKILL)
"""


def child(script: str, folder: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", script, str(folder)], env=environment)


def test_a_second_start_asks_the_first_to_show_itself(qtbot, tmp_path: Path) -> None:
    first = ShowRequests(data_folder=tmp_path)

    with qtbot.waitSignal(first.asked, timeout=10_000):
        second = child(ASK, tmp_path)
    status = second.wait(timeout=10)

    assert status == 0
    first.close()


def test_without_a_first_instance_on_the_folder_nobody_hears(qapp, tmp_path: Path) -> None:
    elsewhere = ShowRequests(data_folder=tmp_path / "one")

    heard = ask_first_to_show(tmp_path / "two")

    assert not heard
    elsewhere.close()


def test_what_a_killed_instance_left_does_not_stop_the_next(qapp, tmp_path: Path) -> None:
    child(LISTEN_AND_DIE, tmp_path).wait(timeout=20)

    following = ShowRequests(data_folder=tmp_path)

    assert following.is_listening
    following.close()
