"""What a circuit breaker costs, ns per decision (let through and recorded), beside a bare await.

Run it as ``python tests/benchmarks/breaker.py``. A decision's cost is a call through the breaker
less the same call without one. Rounds alternate and each figure is its best round: whatever else
the machine does only adds to it. The clock is the thread's own, of time on a core.
"""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
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
BARE: Final = "a bare await"
BARE_FAILURE: Final = "a bare await that fails"
Call = Callable[[], Awaitable[object]]

RATES: Final = {"failures": 5, "failure_rate": 0.5, "slow_rate": 0.5, "slow_s": 1.0}

CONFIGS: Final = {
    "failures in a row": BreakerConfig(failures=5),
    "rates of the last 100 calls": BreakerConfig(**RATES, window=LastCalls(100)),
    "rates of the last 60 s": BreakerConfig(**RATES, window=LastSeconds(60.0)),
}

NEVER_TRIPS: Final = replace(CONFIGS["rates of the last 60 s"], failures=10**9, min_calls=10**9)


async def answer() -> int:
    """Return at once."""
    return 1


async def failure() -> int:
    """Fail at once."""
    raise ConnectionError


async def timed(call: Call, times: int) -> float:
    """Return what one call takes, ns."""
    started_ns = time.thread_time_ns()
    for _ in range(times):
        await call()
    return (time.thread_time_ns() - started_ns) / times


def through(breaker: Breaker) -> Call:
    """Return a call through a breaker."""

    async def call() -> object:
        return await breaker.call(answer)

    return call


def in_a_block(breaker: Breaker) -> Call:
    """Return a call within ``async with``."""

    async def call() -> object:
        async with breaker:
            return await answer()

    return call


def refused(breaker: Breaker) -> Call:
    """Return a call that an open breaker refuses."""
    breaker.force(BreakerState.FORCED_OPEN)

    async def call() -> object:
        try:
            return await breaker.call(answer)
        except BreakerOpen:
            return None

    return call


def failing(breaker: Breaker) -> Call:
    """Return a call that fails and is counted."""

    async def call() -> object:
        try:
            return await breaker.call(failure)
        except ConnectionError:
            return None

    return call


async def bare_failure() -> object:
    """Make the failing call without a breaker."""
    try:
        return await failure()
    except ConnectionError:
        return None


async def bare() -> object:
    """Make the call without a breaker, one coroutine deep as with one."""
    return await answer()


def breaker_of(config: BreakerConfig) -> Breaker:
    """Return a breaker on the machine's clock."""
    return Breaker(name="bench", config=config, clock=SystemClock(), rng=random.Random(1))


async def measure(rounds: int, times: int) -> int:
    """Print a line for each way; return 1 if one is not under its bar."""
    by_time = CONFIGS["rates of the last 60 s"]
    ways: dict[str, tuple[str, Call]] = {
        name: (BARE, through(breaker_of(config))) for name, config in CONFIGS.items()
    }
    ways["async with, rates of the last 60 s"] = BARE, in_a_block(breaker_of(by_time))
    ways["refused"] = BARE, refused(breaker_of(by_time))
    ways["failed, rates of the last 60 s"] = BARE_FAILURE, failing(breaker_of(NEVER_TRIPS))
    calls: dict[str, Call] = {BARE: bare, BARE_FAILURE: bare_failure}
    calls |= {name: call for name, (_, call) in ways.items()}
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, call in calls.items():
            best[name] = min(best[name], await timed(call, times))
    print(f"{'way':38} {'ns a call':>10} {'ns a decision':>14}   bar {BAR_NS:,.0f} ns")
    status = 0
    for name, call_ns in best.items():
        if name not in ways:
            print(f"{name:38} {call_ns:10,.0f}")
            continue
        decision_ns = call_ns - best[ways[name][0]]
        is_within = decision_ns < BAR_NS
        status = status if is_within else 1
        mark = "" if is_within else "  <-- MISSED"
        print(f"{name:38} {call_ns:10,.0f} {decision_ns:14,.0f}{mark}")
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
