"""The demo market's moves: pure, and the same for the same seed."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.simulator.demo_listings import HABITS, Habit

SESSION_S: Final = 6.5 * 3600
_BASE_VOLATILITY: Final = 6e-5
_TREND_S: Final = 90.0
_SPIKES_PER_S: Final = 1 / 40
_LONGEST_MOVE_S: Final = 0.5

# A newcomer should see an alert before looking away: in its first seconds the whole market climbs
# by 0.045 % (so /ES passes 5530), and $TICK spikes to about 1000.
_OPENING_CLIMB: Final = (1.0, 5.0, 0.00045)
_OPENING_NOISE: Final = 0.25
_TICK_SPIKE: Final = (6.0, 8.5, 1000.0)


@dataclass(slots=True)
class _Book:
    """One instrument's fair price and what it shows."""

    habit: Habit
    fair: float
    prev_close: float
    shown: dict[str, float] = field(default_factory=dict)


class MarketModel:
    """Twelve correlated instruments: trends, volatility clusters, sessions and spikes.

    Market time begins at 0 with the first step and knows nothing of clocks; a session is
    6.5 hours of it, after which volume, open, high and low start anew.
    """

    def __init__(self, *, seed: int) -> None:
        self._rng = random.Random(seed)
        self._time_s = 0.0
        self._session_ends_s = SESSION_S
        self._trend = 0.0
        self._heat = 0.0
        self._spike = 0.0
        self._breadth = 0.0
        self._books = {
            symbol: _Book(habit=habit, fair=habit.price, prev_close=habit.prev_close)
            for symbol, habit in HABITS.items()
        }
        self._symbols = list(self._books)
        self._weights = [habit.updates_per_second for habit in HABITS.values()]

    def opening(self, event_ns: int) -> list[Tick]:
        """Return what every instrument shows before the first step."""
        return [self._open_session(book, event_ns) for book in self._books.values()]

    def step(self, *, seconds: float, updates: int, event_ns: int) -> list[Tick]:
        """Move the market by ``seconds`` and return ``updates`` updates stamped ``event_ns``."""
        left_s = seconds
        while left_s > 0:
            part_s = min(left_s, _LONGEST_MOVE_S)
            self._time_s += part_s
            self._move(part_s)
            left_s -= part_s
        ticks: list[Tick] = []
        if self._time_s >= self._session_ends_s:
            self._session_ends_s += SESSION_S
            ticks = [self._roll_session(book, event_ns) for book in self._books.values()]
        for symbol in self._rng.choices(self._symbols, weights=self._weights, k=updates):
            ticks.append(self._update(self._books[symbol], event_ns))
        return ticks

    def _move(self, seconds: float) -> None:
        rng = self._rng
        root = math.sqrt(seconds)
        if rng.random() < seconds / _TREND_S:
            self._trend = rng.gauss(0.0, 4e-6)
        # Heat is the logarithm of volatility: it wanders and returns, so calm and storm cluster.
        self._heat += -self._heat * seconds / 60.0 + 0.12 * root * rng.gauss(0.0, 1.0)
        fraction = self._time_s % SESSION_S / SESSION_S
        hour_of_day = 0.8 + 0.6 * (2 * fraction - 1) ** 2
        volatility = _BASE_VOLATILITY * hour_of_day * math.exp(self._heat)
        climb_from, climb_to, climb = _OPENING_CLIMB
        is_opening = self._time_s <= climb_to
        if is_opening:
            volatility *= _OPENING_NOISE
        market = self._trend * seconds + volatility * root * rng.gauss(0.0, 1.0)
        if is_opening and self._time_s > climb_from:
            market += climb * seconds / (climb_to - climb_from)
        if not is_opening and rng.random() < seconds * _SPIKES_PER_S:
            self._spike = rng.choice((-1.0, 1.0)) * volatility * rng.uniform(6.0, 14.0)
        # A spike comes over about a second.
        market += self._spike * seconds
        self._spike -= 1.5 * self._spike * seconds
        self._breadth += 1e6 * market - self._breadth * seconds / 20.0 + 160.0 * root * rng.gauss(0.0, 1.0)
        self._breadth = max(-1250.0, min(1250.0, self._breadth))
        for symbol, book in self._books.items():
            if symbol == "$TICK":
                book.fair = self._tick_index()
            elif symbol == "$ADD":
                book.fair = max(
                    -2800.0, min(2800.0, book.fair + 4e5 * market + 6.0 * root * rng.gauss(0.0, 1.0))
                )
            else:
                habit = book.habit
                own = habit.own_volatility * root * rng.gauss(0.0, 1.0) if not is_opening else 0.0
                book.fair *= math.exp(habit.beta * market + own)

    def _tick_index(self) -> float:
        start, end, height = _TICK_SPIKE
        if start <= self._time_s <= end:
            return height + self._rng.gauss(0.0, 20.0)
        return self._breadth

    def _update(self, book: _Book, event_ns: int) -> Tick:
        changed = (
            self._trade(book)
            if self._rng.random() < 0.6 or not book.habit.spread_ticks
            else self._quote(book)
        )
        fresh = {name: value for name, value in changed.items() if book.shown.get(name) != value}
        if "last" in changed:
            # A trade at the same price is a trade all the same.
            fresh["last"] = changed["last"]
        elif not fresh:
            fresh["bid_size"] = changed["bid_size"]
        book.shown.update(fresh)
        return _tick(book.habit.listing.symbol, event_ns, fresh)

    def _quote(self, book: _Book) -> dict[str, float]:
        habit = book.habit
        tick_size = habit.listing.tick_size
        bid = math.floor(book.fair / tick_size - (habit.spread_ticks - 1) / 2)
        size = max(1, habit.typical_size)
        return {
            "bid": round(bid * tick_size, 4),
            "ask": round((bid + habit.spread_ticks) * tick_size, 4),
            "bid_size": float(size * self._rng.randint(1, 12)),
            "ask_size": float(size * self._rng.randint(1, 12)),
        }

    def _trade(self, book: _Book) -> dict[str, float]:
        habit = book.habit
        tick_size = habit.listing.tick_size
        if not habit.spread_ticks:
            last = round(round(book.fair / tick_size) * tick_size, 4)
            return {"last": last, **self._range(book, last)}
        changed = self._quote(book)
        last = changed[self._rng.choice(("bid", "ask"))]
        size = float(max(1, round(habit.typical_size * self._rng.expovariate(1.0))))
        changed |= {"last": last, "last_size": size, "volume": book.shown.get("volume", 0.0) + size}
        return changed | self._range(book, last)

    def _range(self, book: _Book, last: float) -> dict[str, float]:
        return {
            "high": max(book.shown.get("high", last), last),
            "low": min(book.shown.get("low", last), last),
        }

    def _open_session(self, book: _Book, event_ns: int) -> Tick:
        book.shown = {"prev_close": book.prev_close}
        changed = self._trade(book)
        opening = changed["last"]
        book.shown |= changed | {"open": opening, "high": opening, "low": opening}
        return _tick(book.habit.listing.symbol, event_ns, book.shown)

    def _roll_session(self, book: _Book, event_ns: int) -> Tick:
        book.prev_close = book.shown["last"]
        if book.habit.spread_ticks:
            book.fair *= math.exp(self._rng.gauss(0.0, 0.002))
        return self._open_session(book, event_ns)


def _tick(symbol: str, event_ns: int, values: Mapping[str, float]) -> Tick:
    trade_ns = event_ns if "last" in values else None
    return Tick(symbol=symbol, event_ns=event_ns, received_ns=event_ns, trade_ns=trade_ns, **values)
