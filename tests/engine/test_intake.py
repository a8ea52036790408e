"""What is believed of a live feed: tables worked by hand, prices in dollars, the limit 5 %.

Of ``bid ask last`` a dot is a field that did not come. Times are seconds after 10:00 in New York.
"""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_SECOND, Tick
from tradeassist_desktop.engine.market.intake import Intake

TEN_NS = 1_719_928_800 * NS_PER_SECOND  # Tuesday 2024-07-02, 10:00 in New York
LATENCY_NS = 5_000_000


class Door:
    """An intake that takes one update at a time."""

    def __init__(self, percent=5.0, symbol="AAPL"):
        self.intake = Intake(instruments=instrument_of, limit_percent=lambda: percent)
        self.symbol = symbol

    def tick(self, at, bid=None, ask=None, last=None, **more):
        event_ns = TEN_NS + round(at * NS_PER_SECOND)
        return Tick(self.symbol, event_ns, event_ns + LATENCY_NS, bid=bid, ask=ask, last=last, **more)

    def admit(self, at, bid=None, ask=None, last=None, **more):
        return self.intake.admit([self.tick(at, bid, ask, last, **more)])

    @property
    def counts(self):
        return self.intake.gates.counts


def table(text):
    """Return rows of ``bid ask last``; a dot is nothing."""
    return [
        tuple(None if word == "." else float(word) for word in line.split())
        for line in text.strip().splitlines()
    ]


def lasts(ticks):
    return [tick.last for tick in ticks if tick.last is not None]


@pytest.mark.parametrize(
    ("rows", "believed"),
    [
        pytest.param(
            """
            99.9 100.1 100
            .    .     120
            .    .     100.05
            """,
            [[100], [], [100.05]],
            id="a single fat finger is never believed",
        ),
        pytest.param(
            """
            99.9 100.1 100
            .    .     105
            .    .     110.2
            """,
            [[100], [105], [110.2]],
            id="just 5 % is no bad print, and what was believed moves the limit along",
        ),
        pytest.param(
            """
            99.9 100.1 100
            91.9 92.1  92
            """,
            [[100], [92]],
            id="a gap that comes with its quote is believed at once",
        ),
        pytest.param(
            """
            99.9 100.1 100
            .    .     92
            91.9 .     .
            .    92.1  .
            .    .     91.8
            """,
            [[100], [], [92], [], [91.8]],
            id="a gap is believed with the first side of the quote that follows it",
        ),
        pytest.param(
            """
            99.9 100.1 100
            .    .     92
            .    .     91.5
            .    .     91
            """,
            [[100], [], [92, 91.5], [91]],
            id="a gap is believed with the second trade down there",
        ),
        pytest.param(
            """
            99.9 100.1 100
            .    .     92
            .    .     84
            .    .     77
            .    .     76
            """,
            [[100], [], [92], [84], [77, 76]],
            id="a cascade is believed one trade later",
        ),
        pytest.param(
            """
            99.9 100.1 100
            .    .     50
            .    .     92
            .    .     91.9
            """,
            [[100], [], [], [92, 91.9]],
            id="a trade on the way to the suspect does not bear it out",
        ),
        pytest.param(
            """
            99.9 100.1 100
            .    .     120
            .    .     80
            .    .     100
            """,
            [[100], [], [], [100]],
            id="two errors on both sides",
        ),
        pytest.param(
            """
            .    .     100
            .    .     120
            """,
            [[100], [120]],
            id="without a quote nothing speaks against it",
        ),
        pytest.param(
            """
            100.1 99.9 100
            .     .    120
            """,
            [[100], [120]],
            id="a crossed quote is no witness",
        ),
        pytest.param(
            """
            0 100.1 100
            . .     120
            """,
            [[100], [120]],
            id="a bid of 0 is none",
        ),
        pytest.param(
            """
            0.08 0.09 0.08
            .    .    0.12
            .    .    0.18
            """,
            [[0.08], [0.12], []],
            id="of a penny stock five price steps are no distance, six are",
        ),
    ],
)
def test_a_trade_is_believed_when_something_bears_it_out(rows, believed):
    door = Door()

    admitted = [lasts(door.admit(number, *row)) for number, row in enumerate(table(rows))]

    assert admitted == believed


@pytest.mark.parametrize("symbol", ["$SPX", "$TICK", "AAPL  240719C00190000", "WHATEVER IT IS"])
def test_kinds_that_may_jump_are_not_held_back(symbol):
    door = Door(symbol=symbol)
    door.admit(0, 9.9, 10.1, 10)

    assert lasts(door.admit(1, last=20)) == [20]


def test_a_limit_of_0_holds_nothing_back():
    door = Door(percent=0.0)
    door.admit(0, 99.9, 100.1, 100)

    assert lasts(door.admit(1, last=1000)) == [1000]


def test_what_waits_is_all_of_the_trade_and_nothing_of_the_quote():
    door = Door()
    door.admit(0, 99.9, 100.1, 100, volume=1000, high=101, low=99)

    (passed,) = door.admit(
        1, 99.8, None, 120, volume=1100, last_size=100, high=120, low=99, bid_size=5, trade_ns=TEN_NS
    )

    assert passed == door.tick(1, bid=99.8, bid_size=5, low=99)


def test_a_quote_that_bears_a_trade_out_tells_it_whole_in_one_update():
    door = Door()
    door.admit(0, 99.9, 100.1, 100, volume=1000)
    door.admit(1, last=92, volume=1100, last_size=100, low=92, trade_ns=TEN_NS + NS_PER_SECOND)

    (told,) = door.admit(2, 91.9, 92.1)

    assert told == door.tick(
        2, 91.9, 92.1, 92, volume=1100, last_size=100, low=92, trade_ns=TEN_NS + NS_PER_SECOND
    )


def test_a_feed_that_sends_changes_bears_a_price_out_by_a_trade_without_one():
    door = Door()
    door.admit(0, 99.9, 100.1, 100, volume=1000, trade_ns=TEN_NS)
    door.admit(1, last=92, volume=1100, trade_ns=TEN_NS + 1)

    same_again = door.admit(2, last=92, volume=1100, trade_ns=TEN_NS + 1)
    another = door.admit(3, volume=1150, trade_ns=TEN_NS + 2)

    assert lasts(same_again) == []
    assert [(tick.last, tick.volume) for tick in another] == [(92, 1100), (None, 1150)]


def test_another_price_of_the_same_millisecond_is_another_trade():
    door = Door()
    door.admit(0, 99.9, 100.1, 100, trade_ns=TEN_NS)
    door.admit(1, last=120, trade_ns=TEN_NS + 1)

    disproved = door.admit(1, last=100, trade_ns=TEN_NS + 1)
    after = door.admit(2, last=101, trade_ns=TEN_NS + 2)

    assert (lasts(disproved), lasts(after)) == ([100], [101])


def test_a_trade_from_before_proves_nothing():
    door = Door()
    door.admit(0, 99.9, 100.1, 100, trade_ns=TEN_NS)
    door.admit(1, last=92, trade_ns=TEN_NS + 2)

    earlier = door.admit(2, bid_size=1, last=100, trade_ns=TEN_NS + 1)
    quote = door.admit(3, 91.9)

    assert (lasts(earlier), lasts(quote)) == ([], [92])


def test_the_size_that_a_bad_print_shared_with_the_next_trade_is_not_lost():
    door = Door()
    door.admit(0, 99.9, 100.1, 100, volume=1000, last_size=1)
    door.admit(1, last=120, volume=1100, last_size=100)

    (passed,) = door.admit(2, last=100, volume=1200)

    assert (passed.last, passed.volume, passed.last_size) == (100, 1200, 100)


def test_a_session_high_of_a_bad_print_is_not_believed_afterwards():
    door = Door()
    door.admit(0, 99.9, 100.1, 100)
    door.admit(1, last=120)
    door.admit(2, last=100)

    after = [door.admit(3, high=120), door.admit(4, high=120, low=99), door.admit(5, high=121)]

    assert [[(tick.high, tick.low) for tick in ticks] for ticks in after] == [[], [(None, 99)], [(121, None)]]


def test_after_a_halt_the_next_price_is_believed_however_far():
    door = Door()
    door.admit(0, 99.9, 100.1, 100)

    door.intake.begin_anew(["AAPL", "never heard of"])

    assert lasts(door.admit(30, last=70)) == [70]
    assert lasts(door.admit(31, 69.9, 70.1, 70.2)) == [70.2]
    assert lasts(door.admit(32, last=100)) == []


@pytest.mark.parametrize(
    ("before_s", "after_s", "is_believed"),
    [
        pytest.param(0, 60, False, id="heard a minute ago"),
        pytest.param(0, 60.1, True, id="not heard for more than a minute"),
        pytest.param(-1801, -1799, True, id="the opening trade"),
        pytest.param(21_599, 21_601, True, id="the first after the close"),
    ],
)
def test_a_price_is_judged_only_by_one_of_its_own_time(before_s, after_s, is_believed):
    door = Door()
    door.admit(before_s, 99.9, 100.1, 100)

    assert lasts(door.admit(after_s, last=80)) == ([80] if is_believed else [])


@pytest.mark.parametrize(
    ("after", "believed", "counts"),
    [
        pytest.param((91.9, 92.1, None), [92], {"bad_print": 0, "borne_out": 1}, id="the quote follows"),
        pytest.param(
            (None, None, 92.3), [92, 92.3], {"bad_print": 0, "borne_out": 1}, id="another trade there"
        ),
        pytest.param((99.8, 100.2, None), [], {"bad_print": 1}, id="the quote stays"),
        pytest.param((None, None, 100.1), [100.1], {"bad_print": 1}, id="a trade back where it was"),
    ],
)
def test_a_lone_trade_is_judged_however_long_nothing_comes_after_it(after, believed, counts):
    door = Door()
    door.admit(0, 99.9, 100.1, 100)
    door.admit(1, last=92)

    later = door.admit(600, *after)

    assert lasts(later) == believed
    assert door.counts == counts


def test_a_lone_trade_that_a_new_connection_tells_again_is_believed():
    door = Door()
    door.admit(0, 99.9, 100.1, 100)
    door.admit(1, last=92, low=92)

    door.intake.begin_anew(["AAPL"])
    (again,) = door.admit(5, 99.9, 100.1, 92, low=92)

    assert (again.last, again.low) == (92, 92)
    assert len(door.intake.gates.refusals()["bad_print"]) == 1


def test_a_bad_print_is_counted_and_can_be_looked_into():
    door = Door()
    door.admit(0, 99.9, 100.1, 100)
    door.admit(1, last=120)
    door.admit(2, last=100)

    (refusal,) = door.intake.gates.refusals()["bad_print"]

    assert door.counts == {"bad_print": 1}
    assert (refusal.symbol, refusal.field, refusal.value, refusal.reference) == ("AAPL", "last", 120, 100)


def test_what_is_believed_after_all_no_longer_counts_as_bad():
    door = Door()
    door.admit(0, 99.9, 100.1, 100)
    door.admit(1, last=92)
    door.admit(2, last=92.1)

    assert door.intake.gates.rejected() == {}
    assert door.counts == {"bad_print": 0, "borne_out": 1}


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1.0, 0.0])
def test_what_is_no_price_at_all_is_left_to_the_engine(bad):
    door = Door()
    door.admit(0, 99.9, 100.1, 100)

    assert len(door.admit(1, last=bad)) == 1
    assert lasts(door.admit(2, last=100.1)) == [100.1]


# --- repetitions


def test_a_repeated_frame_is_dropped_even_where_a_symbol_was_in_it_twice():
    door = Door()
    frame = [
        door.tick(0, 99.9, 100.1, 100, volume=1000),
        door.tick(0, last=100.1, volume=1100),
        door.tick(0, last=100.0, volume=1200),
    ]
    again = [tick._replace(received_ns=tick.received_ns + 1) for tick in frame]

    assert door.intake.admit(frame) is frame
    assert list(door.intake.admit(again)) == []
    assert door.counts == {"duplicate": 3}


def test_equal_updates_without_volume_or_trade_time_may_both_be_real():
    door = Door()

    assert [len(door.admit(0, last=100, last_size=1)) for _ in range(2)] == [1, 1]


def test_a_repeated_bad_print_does_not_bear_itself_out():
    door = Door()
    door.admit(0, 99.9, 100.1, 100, volume=1000)

    repeated = [lasts(door.admit(1, last=120, volume=1100)) for _ in range(3)]

    assert repeated == [[], [], []]


# --- stamps


def stamped(event_ns, trade_ns=None, received_ns=TEN_NS):
    return Tick("AAPL", event_ns, received_ns, last=100.0, trade_ns=trade_ns)


@pytest.mark.parametrize(
    ("came", "believed_ns"),
    [
        pytest.param(TEN_NS // 1000, TEN_NS, id="seconds read as milliseconds"),
        pytest.param(TEN_NS * 1000, TEN_NS, id="microseconds read as milliseconds"),
        pytest.param(0, TEN_NS, id="none at all: the time of its arrival"),
        pytest.param(TEN_NS - 5 * 365 * 86_400 * NS_PER_SECOND, None, id="old is not wrong"),
        pytest.param(TEN_NS + 60 * NS_PER_SECOND, None, id="a clock that is a minute ahead"),
    ],
)
def test_a_stamp_in_the_wrong_unit_is_mended(came, believed_ns):
    door = Door()

    (passed,) = door.intake.admit([stamped(came)])

    assert passed.event_ns == (came if believed_ns is None else believed_ns)
    assert door.counts == ({} if believed_ns is None else {"wrong_unit": 1})


def test_a_stamp_in_seconds_is_not_late_within_its_second():
    door = Door()
    door.intake.admit([stamped(TEN_NS + 700_000_000, received_ns=TEN_NS + NS_PER_SECOND)])

    (passed,) = door.intake.admit([stamped(TEN_NS // 1000, received_ns=TEN_NS + NS_PER_SECOND)])

    assert passed.event_ns == TEN_NS + 700_000_000


def test_a_trade_time_alone_may_be_in_the_wrong_unit():
    door = Door()

    (passed,) = door.intake.admit([stamped(TEN_NS, trade_ns=(TEN_NS - NS_PER_SECOND) // 1000)])

    assert (passed.event_ns, passed.trade_ns) == (TEN_NS, TEN_NS - NS_PER_SECOND)


def test_what_is_stamped_more_than_a_minute_ahead_is_refused_and_makes_nothing_late():
    door = Door()
    ahead, true = stamped(TEN_NS + 61 * NS_PER_SECOND), stamped(TEN_NS + 1)

    assert list(door.intake.admit([ahead, true])) == [true]
    assert door.counts == {"future": 1}


def ahead(at_s, symbol="AAPL"):
    received_ns = TEN_NS + round(at_s * NS_PER_SECOND)
    return Tick(symbol, received_ns + 120 * NS_PER_SECOND, received_ns, last=100.0 + at_s)


def test_where_everything_is_ahead_for_ten_seconds_the_arrival_stands_in():
    door = Door()

    passed = [door.intake.admit([ahead(at_s)]) for at_s in (0, 5, 9.9, 10, 11)]

    assert [[tick.event_ns - TEN_NS for tick in ticks] for ticks in passed] == [
        [],
        [],
        [],
        [10 * NS_PER_SECOND],
        [11 * NS_PER_SECOND],
    ]
    assert door.counts == {"future": 3, "clock_apart": 2}


def test_one_symbol_that_is_ahead_of_others_stays_refused():
    door = Door()

    passed = [
        (len(door.intake.admit([ahead(at_s)])), len(door.admit(at_s, bid=99.0)))
        for at_s in (0, 5, 10, 15, 20)
    ]

    assert passed == [(0, 1)] * 5


def test_what_is_late_passes_and_moves_nothing():
    door = Door()
    door.admit(10, 99.9, 100.1, 100)

    late = door.admit(9, 79, 81, 80)

    assert lasts(late) == [80]
    assert lasts(door.admit(11, last=80)) == []


# --- whatever comes

_prices = st.one_of(st.none(), st.sampled_from((80.0, 99.0, 100.0, 101.0, 120.0, 0.0, math.nan)))
_rows = st.lists(
    st.tuples(_prices, _prices, _prices, st.one_of(st.none(), st.integers(0, 5))), min_size=1, max_size=40
)


@given(rows=_rows)
def test_the_price_of_a_believed_trade_is_one_that_came_and_a_mistake_leaves_no_gap(rows):
    door = Door()
    came = [
        door.tick(number, bid, ask, last, volume=volume)
        for number, (bid, ask, last, volume) in enumerate(rows)
    ]

    passed = door.intake.admit(came)

    assert {repr(tick.last) for tick in passed} <= {repr(tick.last) for tick in came} | {"None"}
    assert all(earlier.event_ns <= later.event_ns for earlier, later in pairwise(passed))
    assert door.counts.get("bad_print", 0) >= 0


@given(rows=_rows)
def test_it_makes_no_difference_how_updates_come_in_batches(rows):
    together, apart = Door(), Door()
    came = [
        together.tick(number, bid, ask, last, volume=volume)
        for number, (bid, ask, last, volume) in enumerate(rows)
    ]

    at_once = together.intake.admit(came)
    one_by_one = [passed for tick in came for passed in apart.intake.admit([tick])]

    assert repr(list(at_once)) == repr(one_by_one)
