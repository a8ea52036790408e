"""What the price did after a firing, by hand and beside a slow, obvious version."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf, isclose
from typing import Any, NamedTuple

import pytest

from tests.backtest.generator import INSTRUMENTS, Market, make_market
from tradeassist_desktop.domain.alerts import Alert, AlertStatus
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import (
    NS_PER_SECOND,
    Bar,
    Instrument,
    MarketEvent,
    Tick,
    instant_ns,
)
from tradeassist_desktop.domain.rules import Rule, Trigger
from tradeassist_desktop.engine.calendars import sessions
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.language import parse
from tradeassist_desktop.engine.studies.backtest import backtest
from tradeassist_desktop.engine.studies.directions import Direction, direction_of
from tradeassist_desktop.engine.studies.outcomes import HORIZONS, Move, Outcome
from tradeassist_desktop.engine.studies.scores import RuleReport, Scores
from tradeassist_desktop.recordings import merge

MINUTE_NS = 60 * NS_PER_SECOND
NOON_NS = 1_719_849_600 * NS_PER_SECOND  # Monday 2024-07-01, 12:00 in New York


def report_of(
    when: str, events: Sequence[MarketEvent], *, symbols: tuple[str, ...] = ("/ES",), **keys: Any
) -> tuple[RuleReport, ...]:
    """Run one rule without cooldown and return how it did on each symbol."""
    plain = Rule(uid="1", name="it", symbols=symbols, when=when, cooldown_ns=0)
    rules = [replace(plain, **keys)]
    engine = Engine(instruments=instrument_of)
    engine.set_rules(rules)
    scores = Scores(rules=rules, instruments=instrument_of)
    for _ in backtest(events, engine, scores=scores):
        pass
    return scores.reports()


def ticks(*points: tuple[float, float], symbol: str = "/ES", from_ns: int = NOON_NS) -> list[MarketEvent]:
    """Return trades at minutes after noon."""
    return [Tick(symbol, from_ns + round(minute * MINUTE_NS), 0, last=last) for minute, last in points]


# --- by hand


def test_returns_and_excursions_are_those_of_the_path_up_to_each_horizon() -> None:
    events = ticks((0, 100), (0.5, 102), (1, 101), (3, 97), (5, 99), (14, 105), (61, 104), (300, 110))

    (report,) = report_of("last == 100", events)

    (outcome,) = report.outcomes
    assert (outcome.price, outcome.event_ns) == (100.0, NOON_NS)
    assert outcome.moves == (
        Move(1.0, 2.0, 0.0),
        Move(-1.0, 2.0, -3.0),
        Move(5.0, 5.0, -3.0),
        Move(5.0, 5.0, -3.0),
        Move(4.0, 5.0, -3.0),  # 16:00 is four hours away; the price of 17:00 came after it
    )


def test_a_horizon_counts_the_update_exactly_at_it_and_no_later_one() -> None:
    events = ticks((0, 100), (1, 103), (1.0001, 50), (9, 100.5))

    (report,) = report_of("last == 100", events)

    assert report.outcomes[0].moves[0] == Move(3.0, 3.0, 0.0)


def test_beyond_the_end_of_the_symbols_own_data_an_outcome_is_unknown() -> None:
    events = [*ticks((0, 100), (4, 101)), *ticks((5, 15), (400, 16), symbol="$VIX")]

    (report,) = report_of("last == 100", events)

    assert [move is None for move in report.outcomes[0].moves] == [False, True, True, True, True]
    assert [summary.known for summary in report.horizons] == [1, 0, 0, 0, 0]


def test_a_bar_is_seen_with_its_high_and_low_if_it_began_after_the_firing() -> None:
    def bar(minute: int, high: float, low: float, close: float) -> list[MarketEvent]:
        start_ns = NOON_NS + minute * MINUTE_NS
        made = Bar("/ES", "1m", start_ns, start_ns + MINUTE_NS, close, high, low, close, 1.0)
        return [made, Tick("/ES", made.end_ns, 0, last=close)]

    events = [*bar(0, 120, 80, 100), *bar(1, 104, 99, 101), *bar(2, 200, 50, 100.5)]

    (report,) = report_of("close[1m] == 100", events)

    assert report.outcomes[0].moves[0] == Move(1.0, 4.0, -1.0)


def test_of_the_bar_into_which_a_firing_falls_only_the_close_came_after_it() -> None:
    bars = [
        Bar("/ES", "1m", NOON_NS + m * MINUTE_NS, NOON_NS + (m + 1) * MINUTE_NS, 100, 130, 70, 101 + m, 1)
        for m in range(2)
    ]
    other = Tick("$VIX", NOON_NS + 90 * NS_PER_SECOND, 0, last=21.0)
    end = Tick("/ES", NOON_NS + 200 * NS_PER_SECOND, 0, last=90.0)

    (report,) = report_of("$VIX.last > 20", [bars[0], other, bars[1], end])

    assert report.outcomes[0].price == 101.0
    assert report.outcomes[0].moves[0] == Move(1 / 1.01, 1 / 1.01, 0.0)


def test_without_trades_the_middle_of_bid_and_ask_is_the_price() -> None:
    events: list[MarketEvent] = [
        Tick("/ES", NOON_NS, 0, bid=99.0, ask=101.0),
        Tick("/ES", NOON_NS + MINUTE_NS, 0, bid=101.0),
        Tick("/ES", NOON_NS + 2 * MINUTE_NS, 0, ask=103.0),
    ]

    (report,) = report_of("ask == 101", events)

    assert report.outcomes[0].price == 100.0
    assert report.outcomes[0].moves[0] == Move(1.0, 1.0, 0.0)


def test_the_close_is_that_of_the_regular_session_or_outside_it_of_the_whole_one() -> None:
    night_ns = NOON_NS + 12 * 60 * MINUTE_NS
    end = ticks((1, 130), from_ns=night_ns + 17 * 60 * MINUTE_NS)

    (by_day,) = report_of("last == 100", [*ticks((0, 100), (239, 110), (241, 120)), *end])
    (by_night,) = report_of("last == 100", [*ticks((0, 100), (700, 110), from_ns=night_ns), *end])

    assert by_day.outcomes[0].moves[4] == Move(10.0, 10.0, 0.0)
    assert by_night.outcomes[0].moves[4] == Move(10.0, 10.0, 0.0)


def test_a_firing_without_a_price_has_no_outcome() -> None:
    events = ticks((0, 21), (99, 22), symbol="$VIX")

    (report,) = report_of("$VIX.last > 20", events)

    assert report.fired == 1
    assert report.outcomes[0].price is None
    assert report.outcomes[0].moves == (None,) * 5


# --- which way


@pytest.mark.parametrize(
    ("when", "direction"),
    [
        pytest.param("last > 100", Direction.UP, id="above"),
        pytest.param("100 > last", Direction.DOWN, id="a number first"),
        pytest.param("ema(20)[5m] < close[5m]", Direction.UP, id="an average first"),
        pytest.param("sma(50)[1d] crosses above sma(200)[1d]", Direction.UP, id="a golden cross"),
        pytest.param("rsi(14)[5m] < 30", Direction.DOWN, id="an oscillator"),
        pytest.param("change(last, 5m) <= -2%", Direction.DOWN, id="a fall"),
        pytest.param("volume[1m] >= 1000", None, id="a size"),
        pytest.param("spread > 0.5", None, id="a width"),
        pytest.param("age > 30", None, id="an age"),
        pytest.param("$VIX.last > 20", None, id="another symbol"),
        pytest.param("last crosses 100", None, id="either way"),
        pytest.param("last enters 1..2", None, id="a range"),
        pytest.param("volume > 9 and last > 1 and $VIX.last < 20", Direction.UP, id="the part that looks"),
        pytest.param("last > 1 or last < 0.5", None, id="both ways"),
        pytest.param("not last > 1", Direction.DOWN, id="the opposite"),
        pytest.param("(last > 1 then last < 2) within 5m", Direction.DOWN, id="the last step"),
        pytest.param("/ES.last > 1", Direction.UP, id="its own symbol by name"),
    ],
)
def test_a_condition_looks_up_down_or_nowhere(when: str, direction: Direction | None) -> None:
    assert direction_of(parse(when), "/ES") == direction


def test_excursions_are_favourable_in_the_direction_of_the_rule() -> None:
    move = Move(change=-1.0, highest=2.0, lowest=-3.0)

    assert (move.gain(Direction.DOWN), move.favourable(Direction.DOWN), move.adverse(Direction.DOWN)) == (
        1.0,
        3.0,
        2.0,
    )
    assert (move.gain(Direction.UP), move.favourable(Direction.UP), move.adverse(Direction.UP)) == (-1, 2, 3)


# --- how often


def test_days_hours_quiet_and_flapping_are_counted_in_new_york() -> None:
    crossings = [
        (0, 99),
        (10, 101),
        (11, 99),
        (14, 101),
        (20, 99),
        (30, 101),
        (31, 99),
        (1500, 101),
        (1600, 9),
    ]

    (report,) = report_of("last > 100", ticks(*crossings))

    assert [(day.isoformat(), count) for day, count in report.per_day] == [
        ("2024-07-01", 3),
        ("2024-07-02", 1),
    ]
    assert {hour: count for hour, count in enumerate(report.per_hour) if count} == {12: 3, 13: 1}
    assert (report.days, report.fires_a_day) == (2, 2.0)
    assert report.longest_quiet_ns == 1470 * MINUTE_NS
    assert report.flapping == 0.25
    assert (report.first_fired_ns, report.last_fired_ns) == (
        NOON_NS + 10 * MINUTE_NS,
        NOON_NS + 1500 * MINUTE_NS,
    )


def test_a_rule_that_never_fired_was_quiet_as_long_as_there_was_data() -> None:
    silent, without_data = report_of("last > 1000", ticks((0, 1), (90, 2)), symbols=("/ES", "$VIX"))

    assert (silent.fired, silent.longest_quiet_ns, silent.flapping) == (0, 90 * MINUTE_NS, None)
    assert (without_data.days, without_data.longest_quiet_ns) == (0, None)


def test_suppressed_firings_are_told_by_reason_and_have_no_outcome() -> None:
    events = ticks((0, 99), (1, 101), (2, 99), (3, 101), (20, 99))

    (report,) = report_of("last > 100", events, cooldown_ns=5 * MINUTE_NS)

    assert (report.fired, report.suppressed, len(report.outcomes)) == (1, (("cooldown", 1),), 1)


def test_means_and_the_favourable_share_are_of_the_known_outcomes() -> None:
    events = ticks((0, 99), (1, 101), (1.5, 102.01), (4, 99), (5, 101), (5.5, 99.99), (8, 101))

    (report,) = report_of("last > 100", events)

    summary = report.horizons[0]
    assert (summary.horizon, summary.known, summary.favourable, summary.favourable_share) == ("1m", 2, 1, 0.5)
    assert summary.mean_change == pytest.approx(0.0)
    assert summary.mean_highest == pytest.approx(0.5)
    assert summary.mean_lowest == pytest.approx(-0.5)


# --- beside a slow, obvious version


class Seen(NamedTuple):
    """An update of a symbol; ``close`` is the price known after it, ``None`` before the first."""

    index: int
    start_ns: int
    end_ns: int
    high: float
    low: float
    close: float | None


class SlowOutcomes:
    """Keeps every price and looks through all of them for each firing."""

    def __init__(self, instruments: Callable[[str], Instrument]) -> None:
        self._instruments = instruments
        self._seen: dict[str, list[Seen]] = {}
        self._sides: dict[str, dict[str, float]] = {}
        self._traded: set[str] = set()
        self._firings: list[tuple[int, Alert]] = []

    def run(self, events: Sequence[MarketEvent], engine: Engine) -> list[Outcome]:
        for index, event in enumerate(events):
            assert isinstance(event, Tick | Bar)
            alerts = engine.on_bar(event) if isinstance(event, Bar) else engine.on_tick(event)
            self._fire(index, instant_ns(event), alerts)
            self._see(index, event)
        self._fire(len(events), inf, engine.finish())
        return [self._outcome(at, alert) for at, alert in self._firings]

    def _fire(self, index: int, now_ns: float, alerts: Sequence[Alert]) -> None:
        for alert in alerts:
            if alert.status is AlertStatus.FIRED:
                # What fell due before the event does not see it; what it caused does.
                self._firings.append((index + (alert.event_ns >= now_ns), alert))

    def _see(self, index: int, event: Tick | Bar) -> None:
        symbol, now_ns = event.symbol, instant_ns(event)
        seen = self._seen.setdefault(symbol, [])
        if seen and now_ns < seen[-1].end_ns:
            return
        if isinstance(event, Bar):
            self._traded.add(symbol)
            seen.append(Seen(index, event.start_ns, now_ns, event.high, event.low, event.close))
            return
        floor = 0.0 if self._instruments(symbol).must_be_positive else -inf
        price = None
        if event.last is not None and floor < event.last < inf:
            self._traded.add(symbol)
            price = event.last
        else:
            sides = self._sides.setdefault(symbol, {})
            for side, quoted in (("bid", event.bid), ("ask", event.ask)):
                if quoted is not None and floor < quoted < inf:
                    sides[side] = quoted
            if symbol not in self._traded and len(sides) == 2:
                price = sum(sides.values()) / 2
        known = seen[-1].close if seen else None
        if price is None:
            seen.append(Seen(index, now_ns, now_ns, -inf, inf, known))
        else:
            seen.append(Seen(index, now_ns, now_ns, price, price, price))

    def _outcome(self, at: int, alert: Alert) -> Outcome:
        seen = self._seen.get(alert.symbol, [])
        before = [row for row in seen if row.index < at]
        price = before[-1].close if before else None
        kind = self._instruments(alert.symbol).kind
        moves: list[Move | None] = []
        for length_ns in HORIZONS.values():
            until_ns = None if length_ns is None else alert.event_ns + length_ns
            if until_ns is None:
                for calendar in (sessions.whole(kind), sessions.regular(kind)):
                    stretch = calendar.at(alert.event_ns)
                    until_ns = stretch.end_ns if stretch.is_open else until_ns
            if not price or until_ns is None or seen[-1].end_ns < until_ns:
                moves.append(None)
                continue
            high = low = final = price
            for row in seen[len(before) :]:
                if row.end_ns <= until_ns and row.close is not None:
                    final = row.close
                    is_within = row.start_ns < alert.event_ns
                    high = max(high, row.close if is_within else row.high)
                    low = min(low, row.close if is_within else row.low)
            moves.append(Move(*(100 * (each - price) / abs(price) for each in (final, high, low))))
        return Outcome(alert.id, alert.event_ns, price, tuple(moves))


WHENS = (
    "last > {level}",
    "last crosses {level}",
    "mid <= {level}",
    "close[5s] > open[5s]",
    "bid < {level} or close[15s] > {level}",
)


@pytest.mark.parametrize("seed", range(16))
def test_outcomes_agree_with_looking_through_the_whole_path(seed: int) -> None:
    chance = random.Random(seed)
    market: Market = make_market(chance, updates=300)
    events = list(merge(market.events))
    rules = [
        Rule(
            f"u{number}",
            f"rule {number}",
            market.symbols,
            when.format(level=market.level),
            cooldown_ns=chance.choice((0, 0, 7)) * NS_PER_SECOND,
            trigger=chance.choice((Trigger.EDGE, Trigger.EVERY)),
        )
        for number, when in enumerate(WHENS)
    ]
    engines = [Engine(instruments=INSTRUMENTS.__getitem__) for _ in range(2)]
    for engine in engines:
        engine.set_rules(rules)
    scores = Scores(rules=rules, instruments=INSTRUMENTS.__getitem__)
    slow = SlowOutcomes(INSTRUMENTS.__getitem__)

    for _ in backtest(events, engines[0], scores=scores):
        pass
    expected = {outcome.alert_id: outcome for outcome in slow.run(events, engines[1])}

    found = {outcome.alert_id: outcome for report in scores.reports() for outcome in report.outcomes}
    assert found.keys() == expected.keys()
    for alert_id, outcome in found.items():
        assert outcome.price == expected[alert_id].price
        assert _are_close(outcome.moves, expected[alert_id].moves), (outcome, expected[alert_id])


def _are_close(found: Sequence[Move | None], expected: Sequence[Move | None]) -> bool:
    return all(
        mine is theirs is None
        or (
            mine is not None
            and theirs is not None
            and isclose(mine.change, theirs.change, abs_tol=1e-9)
            and isclose(mine.highest, theirs.highest, abs_tol=1e-9)
            and isclose(mine.lowest, theirs.lowest, abs_tol=1e-9)
        )
        for mine, theirs in zip(found, expected, strict=True)
    )
