"""How long prices may stay away while heartbeats come."""

from math import inf

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.feeds.data_watch import DataWatch


def watch_with(*, gap_s: float, frames: int, minimum_s: float = 60.0) -> tuple[DataWatch, int]:
    """Return a watch that heard so many frames, and the time of the last."""
    watch = DataWatch(minimum_s=minimum_s)
    watch.on_open(0)
    for number in range(frames):
        watch.on_data(int(number * gap_s * NS_PER_SECOND))
    return watch, int((frames - 1) * gap_s * NS_PER_SECOND)


def test_a_stream_that_was_busy_may_pause_for_the_minimum() -> None:
    watch, now_ns = watch_with(gap_s=0.1, frames=101)

    assert watch.left_s(now_ns + 59 * NS_PER_SECOND) == 1.0


def test_a_quiet_symbol_s_own_pauses_are_no_alarm() -> None:
    watch, _ = watch_with(gap_s=45, frames=101)

    assert watch.limit_s == 450


def test_before_enough_is_known_no_pause_is_strange() -> None:
    watch, now_ns = watch_with(gap_s=0.1, frames=100)

    assert watch.left_s(now_ns + 10_000 * NS_PER_SECOND) == inf


def test_a_pause_counts_from_when_prices_are_due() -> None:
    watch, now_ns = watch_with(gap_s=0.1, frames=101)
    opening_ns = now_ns + 60_000 * NS_PER_SECOND

    watch.wait_from(opening_ns)

    assert watch.left_s(opening_ns + 30 * NS_PER_SECOND) == 30.0


def test_a_connection_given_up_in_vain_doubles_the_limit_until_prices_flow_again() -> None:
    watch, now_ns = watch_with(gap_s=0.1, frames=101)
    watch.on_given_up()
    watch.on_given_up()
    watch.on_open(now_ns)
    doubled_s = watch.limit_s

    for number in range(101):
        watch.on_data(now_ns + number * NS_PER_SECOND // 10)

    assert (doubled_s, watch.limit_s) == (240.0, 60.0)
