import platform
import sys
import threading
from pathlib import Path

import pytest

from tradeassist_desktop.runtime.turns import quick_turns, wake_promptly

_KNOWS_SLICES = (
    sys.platform == "linux"
    and tuple(map(int, platform.release().split(".")[:2])) >= (6, 12)
    and "se.slice" in Path("/proc/self/sched").read_text()
)


def test_threads_take_shorter_turns_within_the_block_and_their_old_ones_after_it() -> None:
    before_s = sys.getswitchinterval()

    with quick_turns():
        within_s = sys.getswitchinterval()

    assert within_s < before_s / 5
    assert sys.getswitchinterval() == before_s


@pytest.mark.skipif(not _KNOWS_SLICES, reason="this system has no slices of a thread's own")
def test_a_thread_is_woken_promptly_and_what_it_starts_is_not() -> None:
    slices_ns: list[int] = []

    def note_slice() -> None:
        lines = Path(f"/proc/self/task/{threading.get_native_id()}/sched").read_text().splitlines()
        slices_ns.extend(int(line.split(":")[1]) for line in lines if line.startswith("se.slice"))

    def ask() -> None:
        note_slice()
        wake_promptly()
        note_slice()
        child = threading.Thread(target=note_slice)
        child.start()
        child.join()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()

    usual_ns, asked_ns, childs_ns = slices_ns
    assert asked_ns == 100_000 < usual_ns == childs_ns
