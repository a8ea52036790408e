import sys

from tradeassist_desktop.runtime.turns import quick_turns


def test_threads_take_shorter_turns_within_the_block_and_their_old_ones_after_it() -> None:
    before_s = sys.getswitchinterval()

    with quick_turns():
        within_s = sys.getswitchinterval()

    assert within_s < before_s / 5
    assert sys.getswitchinterval() == before_s
