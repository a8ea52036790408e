"""What a circuit breaker costs, ns per decision (let through and recorded), beside a bare await.

Run it as ``python tests/benchmarks/breaker.py``. A decision's cost is a call through the breaker
less the same call without one. Rounds alternate and each figure is its best round: whatever else
the machine does only adds to it.
"""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[2]))

from tradeassist_desktop.domain.breakers import BreakerState
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.breakers.config import BreakerConfig
from tradeassist_desktop.runtime.breakers.outcomes import BreakerOpen
from tradeassist_desktop.runtime.breakers.windows import LastCalls, LastSeconds
from tradeassist_desktop.runtime.clock import SystemClock

BAR_NS: Final = 2_000.0
RATES: Final = {"failures": 5, "failure_rate": 0.5, "slow_rate": 0.5, "slow_s": 1.0}

CONFIGS: Final = {
    "failures in a row": BreakerConfig(failures=5),
    "rates of the last 100 calls": BreakerConfig(**RATES, window=LastCalls(100)),
    "rates of the last 60 s": BreakerConfig(**RATES, window=LastSeconds(60.0)),
}


async def answer() -> int:
    """Return at once."""
    return 1


async def timed(call: Callable[[], Awaitable[object]], times: int) -> float:
    """Return what one call takes, ns."""
    started_ns = time.perf_counter_ns()
    for _ in range(times):
        await call()
    return (time.perf_counter_ns() - started_ns) / times


def through(breaker: Breaker) -> Callable[[], Awaitable[object]]:
    """Return a call through a breaker."""

    async def call() -> object:
        return await breaker.call(answer)

    return call


def in_a_block(breaker: Breaker) -> Callable[[], Awaitable[object]]:
    """Return a call within ``async with``."""

    async def call() -> object:
        async with breaker:
            return await answer()

    return call


def refused(breaker: Breaker) -> Callable[[], Awaitable[object]]:
    """Return a call that an open breaker refuses."""
    breaker.force(BreakerState.FORCED_OPEN)

    async def call() -> object:
        try:
            return await breaker.call(answer)
        except BreakerOpen:
            return None

    return call


async def bare() -> object:
    """Make the call without a breaker, one coroutine deep as with one."""
    return await answer()


def breaker_of(config: BreakerConfig) -> Breaker:
    """Return a breaker on the machine's clock."""
    return Breaker(name="bench", config=config, clock=SystemClock(), rng=random.Random(1))


async def measure(rounds: int, times: int) -> int:
    """Print a line for each way; return 1 if one is not under its bar."""
    rows = {name: through(breaker_of(config)) for name, config in CONFIGS.items()}
    rows["async with, rates of the last 60 s"] = in_a_block(breaker_of(CONFIGS["rates of the last 60 s"]))
    rows["refused"] = refused(breaker_of(CONFIGS["failures in a row"]))
    samples: dict[str, list[float]] = {name: [] for name in ("bare", *rows)}
    for _ in range(rounds):
        samples["bare"].append(await timed(bare, times))
        for name, call in rows.items():
            samples[name].append(await timed(call, times))
    baseline = min(samples["bare"])
    print(f"{'way':38} {'ns a call':>10} {'ns a decision':>14}   bar {BAR_NS:,.0f} ns")
    print(f"{'a bare await':38} {baseline:10,.0f} {'':>14}")
    status = 0
    for name in rows:
        call_ns = min(samples[name])
        is_within = call_ns - baseline < BAR_NS
        status = status if is_within else 1
        mark = "" if is_within else "  <-- MISSED"
        print(f"{name:38} {call_ns:10,.0f} {call_ns - baseline:14,.0f}{mark}")
    return status


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description="Measure what a decision of a circuit breaker costs.")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--times", type=int, default=20_000, help="calls in a round")
    arguments = parser.parse_args()
    return asyncio.run(measure(arguments.rounds, arguments.times))


if __name__ == "__main__":
    sys.exit(main())
