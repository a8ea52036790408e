"""Several files as one stream."""

from tradeassist_desktop.domain.market import Bar, Tick
from tradeassist_desktop.recordings import merge

S = 1_000_000_000


def tick(symbol: str, second: int, last: float = 1.0) -> Tick:
    return Tick(symbol, second * S, 0, last=last)


def bar(symbol: str, end_second: int) -> Bar:
    return Bar(symbol, "1m", (end_second - 60) * S, end_second * S, 1, 1, 1, 1, 1)


def test_files_are_merged_by_time() -> None:
    merged = list(merge([[tick("A", 1), tick("A", 4)], [tick("B", 2), tick("B", 3), tick("B", 5)]]))

    assert [event.event_ns // S for event in merged] == [1, 2, 3, 4, 5]


def test_equal_times_keep_the_order_of_the_arguments() -> None:
    merged = list(merge([[tick("B", 1), tick("B", 1, 2)], [tick("A", 1)], [tick("C", 1)]]))

    assert [(event.symbol, event.last) for event in merged] == [("B", 1), ("B", 2), ("A", 1), ("C", 1)]


def test_a_late_row_keeps_its_place_in_its_file() -> None:
    merged = list(merge([[tick("A", 5, 1), tick("A", 2, 2), tick("A", 7, 3)], [tick("B", 3), tick("B", 6)]]))

    assert [(event.symbol, event.event_ns // S) for event in merged] == [
        ("B", 3), ("A", 5), ("A", 2), ("B", 6), ("A", 7),
    ]  # fmt: skip


def test_all_bars_of_an_instant_precede_all_its_ticks() -> None:
    merged = list(
        merge([[tick("A", 60)], [bar("B", 60), tick("B", 60), bar("B", 120)], [bar("C", 60), tick("C", 60)]])
    )

    assert [(type(event).__name__, event.symbol) for event in merged] == [
        ("Bar", "B"), ("Bar", "C"), ("Tick", "A"), ("Tick", "B"), ("Tick", "C"), ("Bar", "B"),
    ]  # fmt: skip


def test_nothing_merges_to_nothing() -> None:
    assert list(merge([])) == []
    assert list(merge([[], []])) == []
