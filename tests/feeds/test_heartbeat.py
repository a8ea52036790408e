"""How much silence is allowed."""

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.feeds.heartbeat import HeartbeatWatch


def watch_that_heard(*, minimum_s: float, at_s: tuple[float, ...]) -> HeartbeatWatch:
    watch = HeartbeatWatch(minimum_s=minimum_s)
    watch.on_open(0)
    for second in at_s:
        watch.on_heartbeat(int(second * NS_PER_SECOND))
    return watch


def test_before_anything_is_learned_the_minimum_holds() -> None:
    watch = watch_that_heard(minimum_s=30, at_s=())

    assert watch.limit_s == 30
    assert watch.left_s(12 * NS_PER_SECOND) == 18


def test_rare_heartbeats_raise_the_limit_to_three_times_their_median_gap() -> None:
    watch = watch_that_heard(minimum_s=30, at_s=(0, 20, 40, 60, 150))

    assert watch.limit_s == 60


def test_frequent_heartbeats_never_lower_the_limit_below_the_minimum() -> None:
    watch = watch_that_heard(minimum_s=30, at_s=(0, 1, 2, 3))

    assert watch.limit_s == 30


def test_data_ends_a_silence_too() -> None:
    watch = watch_that_heard(minimum_s=30, at_s=(0,))

    watch.on_frame(29 * NS_PER_SECOND)

    assert watch.left_s(31 * NS_PER_SECOND) == 28


def test_the_pause_between_two_connections_teaches_nothing() -> None:
    watch = watch_that_heard(minimum_s=30, at_s=(0, 10))

    watch.on_open(1_000 * NS_PER_SECOND)
    watch.on_heartbeat(1_001 * NS_PER_SECOND)

    assert watch.limit_s == 30
