"""How long prices may stay away while heartbeats come."""

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.feeds.data_watch import DataWatch


def watch_with(*, gap_s: float, frames: int) -> tuple[DataWatch, int]:
    """Return a watch that heard so many frames, and the time of the last."""
    watch = DataWatch(first_s=30.0, minimum_s=60.0)
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


def test_a_connection_that_has_brought_nothing_is_allowed_less() -> None:
    watch = DataWatch(first_s=30.0, minimum_s=60.0)

    watch.on_open(0)

    assert watch.left_s(29 * NS_PER_SECOND) == 1.0


def test_the_first_price_of_all_is_enough_for_a_limit() -> None:
    watch, now_ns = watch_with(gap_s=0.1, frames=1)

    assert watch.left_s(now_ns + 59 * NS_PER_SECOND) == 1.0


def test_a_pause_counts_from_when_prices_are_due() -> None:
    watch, now_ns = watch_with(gap_s=0.1, frames=101)
    opening_ns = now_ns + 60_000 * NS_PER_SECOND

    watch.wait_from(opening_ns)

    assert watch.left_s(opening_ns + 30 * NS_PER_SECOND) == 30.0


def test_a_connection_given_up_in_vain_doubles_the_limits_until_prices_flow_again() -> None:
    watch, now_ns = watch_with(gap_s=0.1, frames=101)
    watch.on_given_up()
    watch.on_given_up()
    watch.on_open(now_ns)
    limits_s = [watch.limit_s]

    for number in range(101):
        watch.on_data(now_ns + number * NS_PER_SECOND // 10)
        limits_s.append(watch.limit_s)

    assert (limits_s[0], limits_s[1], limits_s[-1]) == (60.0, 240.0, 60.0)


def test_after_one_given_up_a_connection_is_in_doubt_until_it_brings_a_price() -> None:
    watch, now_ns = watch_with(gap_s=0.1, frames=2)
    doubts = [watch.is_doubtful]

    watch.on_given_up()
    watch.on_open(now_ns)
    doubts.append(watch.is_doubtful)
    watch.on_data(now_ns)
    doubts.append(watch.is_doubtful)

    assert doubts == [False, True, False]
