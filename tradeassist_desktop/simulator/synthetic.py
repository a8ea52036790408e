"""A market of as many made-up instruments as wanted, as fast as wanted: for soaks and benchmarks."""

import random
from collections.abc import Mapping
from typing import Final

from tradeassist_desktop.domain.market import NS_PER_SECOND, Tick
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.source import Floor, Listing

MOST_SYMBOLS: Final = 10_000
_SLICE_NS: Final = 5_000_000
_FUTURE_EVERY: Final = 4
_TICK_SIZE: Final = 0.25


class SyntheticMarket:
    """A source of shares ``S000``, ``S001`` … and, each fourth, a future ``/S003``: plain random walks.

    Every update is a trade with both sides of the quote, stamped with the time it is sent.

    Args:
        symbols: How many.
        rate: Updates per second of all together, in turn.
        seed: The same seed, the same moves.
    """

    def __init__(self, *, clock: Clock, symbols: int, rate: float, seed: int = 7) -> None:
        self._clock = clock
        self._rng = random.Random(seed)
        self._rate = rate
        names = [_name(number) for number in range(symbols)]
        self._listings = {name: _listing(name) for name in names}
        self._symbols = names
        self._steps = [400 + number % 2000 for number in range(symbols)]
        self._volumes = [0] * symbols
        self._next = 0

    @property
    def listings(self) -> Mapping[str, Listing]:
        """Every symbol, by symbol."""
        return self._listings

    @property
    def watchlist(self) -> tuple[str, ...]:
        """Every symbol, in order."""
        return tuple(self._symbols)

    async def run(self, floor: Floor) -> None:
        """Trade until cancelled, from the first subscription on. Time lost is not made up for."""
        await floor.publish([self._opening(number) for number in range(len(self._symbols))])
        await floor.wait_for_subscriber(frozenset(self._symbols))
        owed = 0.0
        due_ns = self._clock.monotonic_ns()
        while True:
            due_ns += _SLICE_NS
            behind_ns = self._clock.monotonic_ns() - due_ns
            if behind_ns > NS_PER_SECOND:
                due_ns += behind_ns
            # A sleep of nothing all the same: clients' commands need their turn.
            await self._clock.sleep(max(0, -behind_ns) / NS_PER_SECOND)
            owed += self._rate * _SLICE_NS / NS_PER_SECOND
            updates = int(owed)
            owed -= updates
            if updates:
                await floor.publish(self._slice(updates))

    def _slice(self, updates: int) -> list[Tick]:
        now_ns = self._clock.now_ns()
        chance = self._rng.getrandbits(2 * updates)
        count = len(self._symbols)
        ticks: list[Tick] = []
        for _ in range(updates):
            number = self._next
            self._next = (number + 1) % count
            move, chance = chance & 3, chance >> 2
            steps = self._steps[number] + (1 if move == 1 else -1 if move == 2 else 0)  # two bits of chance
            self._steps[number] = steps = max(40, steps)
            volume = self._volumes[number] = self._volumes[number] + 100
            price = steps * _TICK_SIZE
            ticks.append(
                Tick(
                    self._symbols[number],
                    now_ns,
                    now_ns,
                    price,
                    price - _TICK_SIZE,
                    price + _TICK_SIZE,
                    100,
                    None,
                    None,
                    volume,
                    trade_ns=now_ns,
                )
            )
        return ticks

    def _opening(self, number: int) -> Tick:
        now_ns = self._clock.now_ns()
        price = self._steps[number] * _TICK_SIZE
        return Tick(
            symbol=self._symbols[number],
            event_ns=now_ns,
            received_ns=now_ns,
            last=price,
            bid=price - _TICK_SIZE,
            ask=price + _TICK_SIZE,
            last_size=100,
            bid_size=500,
            ask_size=500,
            volume=0,
            open=price,
            high=price,
            low=price,
            prev_close=price,
            trade_ns=now_ns,
        )


def _name(number: int) -> str:
    is_future = number % _FUTURE_EVERY == _FUTURE_EVERY - 1
    return f"/S{number:03d}" if is_future else f"S{number:03d}"


def _listing(name: str) -> Listing:
    is_future = name.startswith("/")
    return Listing(
        symbol=name,
        description=f"Synthetic {name}",
        main_type="FUTURE" if is_future else "EQUITY",
        sub_type=None if is_future else "COE",
        exchange_name="SIM",
        tick_size=_TICK_SIZE,
    )
