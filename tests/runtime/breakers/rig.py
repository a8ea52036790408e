"""A breaker on a clock to move, and calls through it that end as told."""

import random
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.domain.breakers import BreakerState
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.breakers.config import BreakerConfig
from tradeassist_desktop.runtime.breakers.outcomes import Outcome
from tradeassist_desktop.runtime.breakers.waits import Exponential

CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN
FORCED_OPEN, FORCED_CLOSED = BreakerState.FORCED_OPEN, BreakerState.FORCED_CLOSED
DISABLED, METRICS_ONLY = BreakerState.DISABLED, BreakerState.METRICS_ONLY


class Down(Exception):
    """The other side is down."""

    def __init__(self, text: str = "down", *, wait_s: float = 0.0) -> None:
        super().__init__(text)
        self.wait_s = wait_s


class Wrong(Exception):
    """Our own mistake."""


class NoSuchRow(Exception):
    """An answer like any other: the other side is well."""


def judge(error: Exception) -> Outcome:
    if isinstance(error, Wrong):
        return Outcome.NEUTRAL
    return Outcome.SUCCESS if isinstance(error, NoSuchRow) else Outcome.FAILURE


def asked_s(error: Exception) -> float:
    return getattr(error, "wait_s", 0.0)


CONFIG = BreakerConfig(
    failures=3, wait_s=Exponential(base_s=10.0), cap_s=60.0, jitter=0.0, judge=judge, asked_s=asked_s
)
"""Opens with the third failure in a row, for 10 s, then 20, 40, 60; no jitter."""

RATES = replace(CONFIG, failures=None, failure_rate=0.5)
"""Opens when half of ten calls or more have failed."""


class Guarded:
    """``made`` counts calls that got through."""

    def __init__(
        self, clock: ManualClock, config: BreakerConfig = CONFIG, *, seed: int = 3, **changes: Any
    ) -> None:
        self.made = 0
        self.clock = clock
        self.breaker = Breaker(
            name="data", clock=clock, rng=random.Random(seed), config=replace(config, **changes)
        )

    @property
    def state(self) -> BreakerState:
        return self.breaker.reading.state

    async def succeed(self, times: int = 1, *, taking_s: float = 0.0) -> None:
        async def work() -> str:
            self.made += 1
            await self.clock.advance(taking_s)
            return "answer"

        for _ in range(times):
            assert await self.breaker.call(work) == "answer"

    async def fail(
        self, error: BaseException | None = None, *, times: int = 1, taking_s: float = 0.0
    ) -> BaseException:
        raised = error or Down()

        async def work() -> None:
            self.made += 1
            await self.clock.advance(taking_s)
            raise raised

        for _ in range(times):
            with pytest.raises(type(raised)) as caught:
                await self.breaker.call(work)
        return caught.value

    async def trip(self) -> None:
        while self.state is not OPEN:
            await self.fail()
