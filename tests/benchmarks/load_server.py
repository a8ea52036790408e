"""A simulated Schwab under load: hundreds of symbols, and a beacon whose sending times are written down.

``load_server.py --rate 10000 --beacons 50 --sent FILE`` prints the simulator's line of JSON and
serves until it is ended. The beacon trades at random moments, in turn above and below 100; its
``last_size`` is its number, and FILE holds, eight bytes each, when each was handed to the socket
(UTC nanoseconds). With ``--chaos FILE`` something goes wrong every few seconds.
"""

import argparse
import asyncio
import json
import os
import random
import struct
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.chaos import Chaos  # noqa: E402 - the root must be on the path first
from tests.benchmarks.moments import random_moments  # noqa: E402 - the root must be on the path first
from tradeassist_desktop.domain.market import Tick  # noqa: E402 - the root must be on the path first
from tradeassist_desktop.runtime.clock import SystemClock  # noqa: E402 - the root must be on the path first
from tradeassist_desktop.simulator import Simulator, StreamerRules  # noqa: E402 - the root must be on the path first
from tradeassist_desktop.simulator.source import Floor, Listing, listing_of  # noqa: E402 - the root must be on the path first

BEACON = "BEACN"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SLICE_S = 0.002


def load_symbols(count: int) -> list[str]:
    """Return so many symbols spelt as shares are."""
    return [f"Q{LETTERS[n // 676 % 26]}{LETTERS[n // 26 % 26]}{LETTERS[n % 26]}" for n in range(count)]


class LoadMarket:
    """Random walks at an even rate, a fifth of them trades, and the beacon between them."""

    def __init__(self, *, symbols: int, rate: float, beacons: float, sent: BinaryIO) -> None:
        self._symbols = load_symbols(symbols)
        self._rate = rate
        self._beacons = beacons
        self._sent = sent
        self._chance = random.Random(3)
        self._prices = dict.fromkeys(self._symbols, 100.0)
        self._volumes = dict.fromkeys(self._symbols, 0.0)

    @property
    def listings(self) -> Mapping[str, Listing]:
        """The beacon and the walkers."""
        return {symbol: listing_of(symbol) for symbol in (BEACON, *self._symbols)}

    async def run(self, floor: Floor) -> None:
        """Trade until cancelled."""
        now_ns = time.time_ns()
        await floor.publish([self._quote(symbol, now_ns) for symbol in self._symbols])
        await floor.publish([Tick(BEACON, now_ns, 0, last=99.9, volume=1.0)])
        await floor.wait_for_subscriber(frozenset((BEACON,)))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._walk(floor))
            tasks.create_task(self._signal(floor))

    async def _walk(self, floor: Floor) -> None:
        owed, due_s = 0.0, time.perf_counter()
        while True:
            due_s += SLICE_S
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            if time.perf_counter() - due_s > 1.0:
                due_s = time.perf_counter()  # a client that cannot follow slows the market down
            owed += self._rate * SLICE_S
            count = int(owed)
            owed -= count
            now_ns = time.time_ns()
            await floor.publish([self._move(now_ns) for _ in range(count)])

    async def _signal(self, floor: Floor) -> None:
        await asyncio.sleep(1)
        number, volume = 0, 1.0
        # At moments of its own: sent when a slice has been, each would find the client busy with that.
        with random_moments(per_s=self._beacons, seed=3) as moments:
            while True:
                await moments.get()
                number += 1
                volume += number
                price = 100.1 if number % 2 else 99.9
                now_ns = time.time_ns()
                self._sent.write(struct.pack("<q", now_ns))
                self._sent.flush()
                await floor.publish(
                    [Tick(BEACON, now_ns, 0, last=price, last_size=float(number), volume=volume)]
                )

    def _move(self, now_ns: int) -> Tick:
        symbol = self._chance.choice(self._symbols)
        if self._chance.random() < 0.8:
            return self._quote(symbol, now_ns)
        price = self._prices[symbol] = round(
            max(50.0, self._prices[symbol] + self._chance.choice((-0.01, 0.01))), 2
        )
        self._volumes[symbol] += 100.0
        return Tick(symbol, now_ns, 0, last=price, last_size=100.0, volume=self._volumes[symbol])

    def _quote(self, symbol: str, now_ns: int) -> Tick:
        price = self._prices[symbol]
        return Tick(symbol, now_ns, 0, bid=round(price - 0.01, 2), ask=round(price + 0.01, 2))


async def serve(arguments: argparse.Namespace) -> None:
    """Print how to connect, then serve."""
    with arguments.sent.open("wb") as sent:
        source = LoadMarket(
            symbols=arguments.symbols, rate=arguments.rate, beacons=arguments.beacons, sent=sent
        )
        rules = StreamerRules(heartbeat_s=0.5)
        async with Simulator(source=source, clock=SystemClock(), rules=rules) as simulator:
            print(json.dumps(simulator.ready_line()), flush=True)
            if arguments.chaos is None:
                await asyncio.Event().wait()
            chaos = Chaos(
                simulator=simulator,
                every_s=arguments.fault_every,
                seed=arguments.seed,
                log_file=arguments.chaos,
            )
            await chaos.run()


def main() -> int:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--symbols", type=int, default=499)
    parser.add_argument("--rate", type=float, default=10_000)
    parser.add_argument("--beacons", type=float, default=50)
    parser.add_argument("--chaos", type=Path, help="write down here the faults that come")
    parser.add_argument("--fault-every", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--sent", type=Path, required=True)
    arguments = parser.parse_args()
    # A real feed has cores of its own: where the desk wants one of these two, this one stands back. What
    # that delays is in its figures all the same, as each sending time is written down before.
    if hasattr(os, "nice"):
        os.nice(19)
    asyncio.run(serve(arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main())
