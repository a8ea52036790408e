"""A made-up market of coins, for the local Coinbase."""

import asyncio
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.market import NS_PER_SECOND, Tick
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.source import Floor, Listing

_SLICE_NS: Final = 20_000_000


@dataclass(frozen=True, slots=True)
class _Habit:
    """How one product trades.

    Args:
        volatility: Of its moves, as a share of price per square root of a second.
        typical_size: Coins of a usual trade.
    """

    price: float
    tick_size: float
    trades_per_second: float
    volatility: float
    typical_size: float


_HABITS: Final[Mapping[str, _Habit]] = {
    "BTC-USD": _Habit(60_000.0, 0.01, 8.0, 6e-5, 0.02),
    "ETH-USD": _Habit(3_000.0, 0.01, 6.0, 8e-5, 0.3),
    "SOL-USD": _Habit(150.0, 0.01, 4.0, 1e-4, 5.0),
    "XRP-USD": _Habit(0.5, 0.0001, 3.0, 1e-4, 800.0),
    "BTC-EUR": _Habit(55_000.0, 0.01, 2.0, 6e-5, 0.02),
    "ETH-BTC": _Habit(0.05, 0.00001, 0.5, 3e-5, 0.5),
}


class CoinMarket:
    """A source of six products; it opens when somebody subscribes.

    Args:
        seed: The same seed, the same moves.
        speed: Seconds of market time per second.
        rate: Trades a second of all products together; ``None`` is the usual 24 times ``speed``.
    """

    def __init__(self, *, clock: Clock, seed: int = 7, speed: float = 1.0, rate: float | None = None) -> None:
        self._clock = clock
        self._rng = random.Random(seed)
        self._speed = speed
        usual = sum(habit.trades_per_second for habit in _HABITS.values())
        self._rate = rate if rate is not None else usual * speed
        self._prices = {symbol: habit.price for symbol, habit in _HABITS.items()}

    @property
    def listings(self) -> Mapping[str, Listing]:
        """The six products."""
        return {
            symbol: Listing(symbol=symbol, description=symbol, main_type="CRYPTO", tick_size=habit.tick_size)
            for symbol, habit in _HABITS.items()
        }

    async def run(self, floor: Floor) -> None:
        """Trade until cancelled. A sleep of the machine is not made up for."""
        await floor.publish([self._trade(symbol, self._clock.now_ns()) for symbol in _HABITS])
        await floor.wait_for_subscriber(frozenset(_HABITS))
        symbols = list(_HABITS)
        weights = [habit.trades_per_second for habit in _HABITS.values()]
        owed = 0.0
        due_ns = self._clock.monotonic_ns()
        while True:
            due_ns += _SLICE_NS
            behind_ns = self._clock.monotonic_ns() - due_ns
            if behind_ns > NS_PER_SECOND:
                due_ns += behind_ns
            elif behind_ns < 0:
                await self._clock.sleep(-behind_ns / NS_PER_SECOND)
            else:
                await asyncio.sleep(0)
            self._move(_SLICE_NS / NS_PER_SECOND * self._speed)
            owed += self._rate * _SLICE_NS / NS_PER_SECOND
            trades = int(owed)
            owed -= trades
            now_ns = self._clock.now_ns()
            chosen = self._rng.choices(symbols, weights=weights, k=trades)
            await floor.publish([self._trade(symbol, now_ns) for symbol in chosen])

    def _move(self, seconds: float) -> None:
        whole = self._rng.gauss(0.0, 4e-5)
        for symbol, habit in _HABITS.items():
            own = self._rng.gauss(0.0, habit.volatility)
            self._prices[symbol] *= math.exp(math.sqrt(seconds) * (whole + own))

    def _trade(self, symbol: str, event_ns: int) -> Tick:
        habit = _HABITS[symbol]
        step = habit.tick_size
        bid = max(1, math.floor(self._prices[symbol] / step))
        digits = max(0, round(-math.log10(step)))
        last = bid + self._rng.randint(0, 1)
        return Tick(
            symbol=symbol,
            event_ns=event_ns,
            received_ns=event_ns,
            last=round(last * step, digits),
            bid=round(bid * step, digits),
            ask=round((bid + 1) * step, digits),
            last_size=round(habit.typical_size * self._rng.expovariate(1.0) + 1e-6, 8),
            bid_size=round(habit.typical_size * self._rng.uniform(0.5, 20.0), 8),
            ask_size=round(habit.typical_size * self._rng.uniform(0.5, 20.0), 8),
            trade_ns=event_ns,
        )
