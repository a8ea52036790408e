"""A made-up past of one symbol, up to where its market began; the same for the same seed."""

import math
import random
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from tradeassist_desktop.simulator.past.candles import MINUTE_MS, Candle

EXCHANGE_ZONE: Final = ZoneInfo("America/New_York")
_KEPT_DAYS: Final = 64
_DAILY_DRIFT: Final = 0.0003
_DAILY_VOLATILITY: Final = 0.012
_SATURDAY: Final = 5

Prices = npt.NDArray[np.float64]


class Past:
    """Days and minutes before a market began.

    The demo market never closes, so its past has every minute of every weekday. The minutes of a
    day keep to that day's candle: they begin at its open, end at its close and touch its range.

    Args:
        prev_close: The close of the day before the one on which the market began.
        began_ms: When it began, UTC milliseconds; the past ends with the minute before.
        first_price: At which it began.
    """

    def __init__(
        self,
        *,
        seed: int,
        symbol: str,
        prev_close: float,
        began_ms: int,
        first_price: float,
        tick_size: float,
    ) -> None:
        self._seed = f"{seed}:{symbol}"
        self._began_ms = began_ms
        self._first_day = day_of(began_ms)
        self._first_price = first_price
        self._tick_size = tick_size
        self._prev_close = prev_close
        self._days: dict[date, Candle] = {}
        self._oldest = self._first_day
        self._oldest_open_before = prev_close
        self._minutes: dict[date, list[Candle]] = {}

    @property
    def oldest(self) -> date:
        """The oldest day made up so far."""
        return self._oldest

    def make_days(self, first: date) -> None:
        """Make up the days back to ``first``."""
        while self._oldest > first:
            self._make_day_before()

    def days(self, first: date, last: date) -> list[Candle]:
        """Return the daily candles of a range before the day on which the market began."""
        self.make_days(first)
        found: list[Candle] = []
        day = first
        while day <= min(last, self._first_day - timedelta(days=1)):
            if day in self._days:
                found.append(self._days[day])
            day += timedelta(days=1)
        return found

    def minutes(self, day: date) -> list[Candle]:
        """Return a day's minutes, oldest first; of the day on which the market began, those before."""
        if day > self._first_day:
            return []
        if day not in self._minutes:
            if len(self._minutes) >= _KEPT_DAYS:
                self._minutes.clear()
            self._minutes[day] = self._make_minutes(day)
        return self._minutes[day]

    def _make_day_before(self) -> None:
        """Make the weekday before the oldest one; its close is what that one came from."""
        day = self._oldest - timedelta(days=1)
        while day.weekday() >= _SATURDAY:
            day -= timedelta(days=1)
        rng = random.Random(f"{self._seed}:{day.isoformat()}")
        close = self._oldest_open_before
        before = close / math.exp(rng.gauss(_DAILY_DRIFT, _DAILY_VOLATILITY))
        opening = before * math.exp(rng.gauss(0.0, _DAILY_VOLATILITY / 4))
        high = max(opening, close) * math.exp(abs(rng.gauss(0.0, _DAILY_VOLATILITY / 3)))
        low = min(opening, close) / math.exp(abs(rng.gauss(0.0, _DAILY_VOLATILITY / 3)))
        open_, high, low, close = (self._on_tick(price) for price in (opening, high, low, close))
        volume = float(round(2e7 * rng.lognormvariate(0.0, 0.3)))
        self._days[day] = Candle(midnight_ms(day), open_, high, low, close, volume)
        self._oldest, self._oldest_open_before = day, before

    def _make_minutes(self, day: date) -> list[Candle]:
        start_ms = midnight_ms(day)
        if day == self._first_day:
            whole = None
            opening, close = self._prev_close, self._first_price
            end_ms = self._began_ms - self._began_ms % MINUTE_MS
        else:
            (whole,) = self.days(day, day) or (None,)
            if whole is None:
                return []
            opening, close = whole.open, whole.close
            end_ms = midnight_ms(day + timedelta(days=1))
        count = (end_ms - start_ms) // MINUTE_MS
        if count < 1:
            return []
        rng = np.random.default_rng(random.Random(f"{self._seed}:{day.isoformat()}").getrandbits(64))
        path = _bridge(rng, opening, close, count)
        if whole is not None:
            _fit_into(path, whole)
        path = np.round(np.round(path / self._tick_size) * self._tick_size, 6)
        volume = (2e7 if whole is None else whole.volume) / 1440
        sizes = np.maximum(1.0, np.round(volume * rng.standard_exponential(count)))
        opens, closes = path[:-1], path[1:]
        columns = (opens, np.maximum(opens, closes), np.minimum(opens, closes), closes, sizes)
        starts = range(start_ms, end_ms, MINUTE_MS)
        return list(map(Candle, starts, *(column.tolist() for column in columns)))

    def _on_tick(self, price: float) -> float:
        return round(round(price / self._tick_size) * self._tick_size, 6)


def _bridge(rng: np.random.Generator, opening: float, close: float, count: int) -> Prices:
    """Return ``count + 1`` prices from ``opening`` to ``close``: a Brownian bridge of logarithms."""
    step = _DAILY_VOLATILITY / math.sqrt(1440)
    walk = np.concatenate(([0.0], np.cumsum(step * rng.standard_normal(count))))
    slope = (math.log(close / opening) - walk[-1]) / count
    return np.asarray(opening * np.exp(walk + slope * np.arange(count + 1)), dtype=np.float64)


def _fit_into(path: Prices, whole: Candle) -> None:
    """Let a path stay in a day's range and touch both ends of it."""
    highest, lowest = 1 + np.argmax(path[1:-1]), 1 + np.argmin(path[1:-1])
    np.clip(path, whole.low, whole.high, out=path)
    path[highest], path[lowest] = whole.high, whole.low


def day_of(at_ms: int) -> date:
    """Return the exchange's date at an instant."""
    return datetime.fromtimestamp(at_ms / 1000, EXCHANGE_ZONE).date()


def midnight_ms(day: date) -> int:
    """Return when a day begins at the exchange, UTC milliseconds."""
    start = datetime(day.year, day.month, day.day, tzinfo=EXCHANGE_ZONE)
    return int(start.timestamp()) * 1000
