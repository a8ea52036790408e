"""The way through a gap's bars, worked by hand; seconds count from a minute's start."""

import random

import pytest

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import Bar, Quote, Tick
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.services.gaps.path import Seen, gap_path

START_NS = 1_719_927_000_000_000_000
SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
BEFORE = Quote("AAPL", START_NS, START_NS, last=100.0)


def ns(second: float) -> int:
    return START_NS + int(second * SECOND_NS)


def bar(minute: int, open_: float, high: float, low: float, close: float, volume: float = 0.0) -> Bar:
    start_ns = START_NS + minute * MINUTE_NS
    return Bar("AAPL", "1m", start_ns, start_ns + MINUTE_NS, open_, high, low, close, volume)


def after(second: float, last: float | None = None, **fields: float) -> Tick:
    return Tick("AAPL", ns(second), ns(second), last=last, **fields)


def walked(bars, *, since, until, quote=BEFORE, forming=None, after=()) -> list[tuple[float, float | None]]:
    path = gap_path(
        bars,
        Seen(quote=quote, forming=forming, after=after),
        since_ns=ns(since),
        until_ns=ns(until),
        received_ns=ns(until),
    )
    return [((tick.event_ns - START_NS) / SECOND_NS, tick.last) for tick in path]


@pytest.mark.parametrize(
    ("prices", "way"),
    [
        pytest.param((10, 11, 7, 8), [10, 11, 7, 8], id="the high is nearer to the open"),
        pytest.param((10, 13, 9, 12), [10, 9, 13, 12], id="the low is nearer"),
        pytest.param((10, 12, 8, 9), [10, 8, 12, 9], id="as far: the low comes first"),
        pytest.param((10, 10, 8, 9), [10, 8, 9], id="it opens at its high"),
        pytest.param((10, 12, 10, 12), [10, 12], id="it only rises"),
        pytest.param((10, 10, 10, 10), [10], id="one price"),
    ],
)
def test_a_whole_bar_is_walked_from_its_open_to_its_close(prices, way) -> None:
    assert [price for _, price in walked([bar(1, *prices)], since=30, until=150)] == way


def test_the_stops_of_a_bar_are_its_start_its_thirds_and_just_before_its_end() -> None:
    assert walked([bar(1, 10, 11, 7, 8)], since=30, until=150) == [
        (60, 10),
        (80, 11),
        (100, 7),
        (119.999, 8),
    ]


def test_of_the_minute_in_which_the_gap_began_only_what_was_not_seen() -> None:
    forming = bar(0, 10, 12, 9, 10)

    higher = walked([bar(0, 10, 13, 9, 11)], since=30, until=90, forming=forming)
    both = walked([bar(0, 10, 13, 8, 11)], since=30, until=90, forming=forming)
    neither = walked([bar(0, 10, 12, 9, 11)], since=30, until=90, forming=forming)
    nothing = walked([bar(0, 10, 12, 9, 10)], since=30, until=90, forming=forming)

    assert higher == [(40, 13), (59.999, 11)]
    assert both == [(40, 8), (50, 13), (59.999, 11)]
    assert neither == [(59.999, 11)]
    assert nothing == []


def test_a_minute_in_which_nothing_was_seen_is_walked_from_the_gaps_start() -> None:
    assert walked([bar(0, 10, 11, 7, 8)], since=30, until=90) == [(30, 10), (40, 11), (50, 7), (59.999, 8)]


def test_no_stop_is_after_the_gaps_end() -> None:
    assert walked([bar(1, 10, 11, 7, 8)], since=30, until=66) == [(60, 10), (62, 11), (64, 7), (65.999, 8)]


def test_no_stop_is_after_the_first_update_that_came_since() -> None:
    path = walked([bar(1, 10, 11, 7, 8)], since=30, until=90, after=[after(66, bid=7.0)])

    assert path == [(60, 10), (62, 11), (64, 7), (65.999, 8)]


def test_extremes_that_came_after_the_gap_are_left_to_their_own_updates() -> None:
    since = [after(66, 10.0), after(70, 11.0), after(130, 20.0)]

    path = walked([bar(1, 10, 11, 7, 8)], since=30, until=66, after=since)

    assert path == [(60, 10), (62, 7)]


def test_a_gap_within_one_minute_tells_only_extremes_that_neither_side_saw() -> None:
    path = walked(
        [bar(0, 10, 15, 8, 11)],
        since=12,
        until=30,
        forming=bar(0, 10, 11, 8, 10),
        after=[after(30, 12.0)],
    )

    assert path == [(18, 15)]


def test_bars_outside_of_the_gap_are_not_walked() -> None:
    bars = [bar(0, 1, 1, 1, 1), bar(1, 2, 2, 2, 2), bar(2, 3, 3, 3, 3)]

    assert walked(bars, since=60, until=120) == [(60, 2)]


def test_an_update_from_before_the_gap_lets_nothing_happen_in_it_later() -> None:
    path = walked([bar(0, 10, 13, 9, 11)], since=30, until=90, after=[after(5, bid=9.0)])

    assert {second for second, _ in path} == {30}


def session(bars, *, volume, after=(), forming=None, **fields) -> list[tuple[float | None, ...]]:
    quote = Quote("AAPL", START_NS, START_NS, last=100.0, volume=volume, **fields)
    path = gap_path(
        bars,
        Seen(quote=quote, forming=forming, after=after),
        since_ns=ns(30),
        until_ns=ns(200),
        received_ns=ns(200),
    )
    return [(tick.volume, tick.high, tick.low) for tick in path]


def test_the_sessions_volume_grows_by_each_bars() -> None:
    bars = [bar(0, 10, 13, 9, 11, 50), bar(1, 10, 11, 7, 8, 400)]

    told = session(bars, volume=1000.0, forming=bar(0, 10, 12, 9, 10, 30))

    assert [volume for volume, _, _ in told] == [1010, 1020, 1120, 1220, 1320, 1420]


def test_the_sessions_volume_is_never_beyond_what_came_after() -> None:
    told = session([bar(1, 10, 11, 7, 8, 400)], volume=1000.0, after=[after(200, 8.0, volume=1250.0)])

    assert [volume for volume, _, _ in told] == [1100, 1200, 1250, 1250]


def test_new_highs_and_lows_of_the_session_come_with_their_prices() -> None:
    told = session([bar(1, 10, 11, 7, 8)], volume=0.0, high=10.5, low=9.0)

    assert [(high, low) for _, high, low in told] == [(None, None), (11, None), (None, 7), (None, None)]


def test_nothing_is_told_of_a_session_that_began_anew_or_is_not_known() -> None:
    anew = session([bar(1, 10, 11, 7, 8, 400)], volume=1000.0, high=10.5, after=[after(200, volume=50.0)])
    unknown = session([bar(1, 10, 11, 7, 8, 400)], volume=None)

    assert set(anew) == set(unknown) == {(None, None, None)}


def market(seed: int) -> list[Tick]:
    """Twelve minutes of trades, one a second or so, with the session's volume."""
    chance = random.Random(seed)
    price, volume, second, ticks = 100.0, 5000.0, 0.0, []
    while second < 720:
        price += 0.25 * chance.choice((-3, -2, -1, 0, 1, 2, 3))
        volume += chance.randint(1, 9)
        ticks.append(Tick("AAPL", ns(second), ns(second), last=price, volume=volume))
        second += chance.choice((0.5, 1, 1, 2, 9))
    return ticks


def bars_of(ticks: list[Tick]) -> list[Bar]:
    engine = Engine(instruments=instrument_of)
    engine.watch_bars("AAPL", "1m")
    for tick in ticks:
        engine.on_tick(tick)
    engine.on_time(ticks[-1].event_ns + 2 * SECOND_NS)
    forming = engine.forming_bar("AAPL", "1m")
    return engine.take_closed_bars() + ([] if forming is None else [forming])


@pytest.mark.parametrize("seed", range(30))
def test_an_engine_that_is_told_the_way_makes_the_bars_of_the_market(seed: int) -> None:
    ticks = market(seed)
    since, until = sorted(random.Random(-seed).sample(range(30, 690), 2))
    before = [tick for tick in ticks if tick.event_ns < ns(since)]
    after = [tick for tick in ticks if tick.event_ns >= ns(until)]
    seen = Engine(instruments=instrument_of)
    seen.watch_bars("AAPL", "1m")
    for tick in before:
        seen.on_tick(tick)
    quote, forming = seen.quote("AAPL"), seen.forming_bar("AAPL", "1m")
    assert quote is not None

    path = gap_path(
        [bar for bar in bars_of(ticks) if bar.end_ns > ns(since) and bar.start_ns < ns(until)],
        Seen(quote=quote, forming=forming, after=after),
        since_ns=ns(since),
        until_ns=ns(until),
        received_ns=0,
    )

    told = bars_of([*before, *path, *after])
    assert [bar[:8] for bar in told] == [bar[:8] for bar in bars_of(ticks)]
    assert [ns(since) <= tick.event_ns <= ns(until) for tick in path] == [True] * len(path)
    wrong = [a for a, b in zip(told, bars_of(ticks), strict=True) if a.volume != pytest.approx(b.volume)]
    assert wrong == []
