"""Rows B17 to B20 at random: no permit is lost, none is given twice, whatever happens in what order."""

import random
from asyncio import CancelledError
from dataclasses import replace

import pytest

from tests.fakes import ManualClock
from tests.runtime.breakers.rig import CLOSED, CONFIG, HALF_OPEN, OPEN, Down, NoSuchRow, Wrong
from tradeassist_desktop.domain.breakers import BreakerReading
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.breakers.outcomes import BreakerOpen
from tradeassist_desktop.runtime.breakers.switch import Permit

NEUTRAL = (Wrong, CancelledError, KeyboardInterrupt)
STEPS = 150
PROBES = 3


class Chaos:
    """Begins calls and ends them anyhow; ``places`` are those it knows to be taken half open."""

    def __init__(self, breaker: Breaker, clock: ManualClock, chance: random.Random) -> None:
        self.breaker = breaker
        self.clock = clock
        self.chance = chance
        self.places = 0
        self.probing: list[Permit] = []
        self.others: list[Permit] = []
        breaker.listen(self._on_change)

    def _on_change(self, reading: BreakerReading) -> None:
        # Whoever was under way belongs to the past now.
        self.others += self.probing
        self.probing = []
        self.places = 0

    def begin(self) -> None:
        before = self.breaker.reading
        try:
            permit = self.breaker.admit()
        except BreakerOpen:
            assert before.retry_after_s > 0 or self.places == PROBES
            return
        assert before.state is not OPEN or before.retry_after_s == 0
        if self.breaker.reading.state is HALF_OPEN:
            self.places += 1
            assert self.places <= PROBES
            self.probing.append(permit)
        else:
            self.others.append(permit)

    def end(self) -> None:
        crowd = self.probing if self.probing and self.chance.random() < 0.5 else self.others
        if not crowd:
            return
        permit = crowd.pop(self.chance.randrange(len(crowd)))
        kind = self.chance.choice((None, None, None, NoSuchRow, Down, *NEUTRAL))
        if kind is None:
            self.breaker.succeed(permit)
            return
        if crowd is self.probing and kind in NEUTRAL:
            self.places -= 1
        self.breaker.fail(permit, kind())


@pytest.mark.parametrize("seed", range(60))
async def test_b17_no_permit_is_lost_and_none_is_given_twice(clock: ManualClock, seed: int) -> None:
    chance = random.Random(seed)
    config = replace(CONFIG, failures=2, probes=PROBES, probing_limit_s=10_000.0)
    breaker = Breaker(name="data", clock=clock, rng=random.Random(seed), config=config)
    chaos = Chaos(breaker, clock, chance)

    for _ in range(STEPS):
        if chance.random() < 0.1:
            await clock.advance(chance.choice((0.5, 10.0, 70.0)))
        chance.choice((chaos.begin, chaos.begin, chaos.end))()

    # All that is under way ends without a word: then every place must be free again.
    for permit in (*chaos.probing, *chaos.others):
        breaker.fail(permit, CancelledError())
    await clock.advance(70)
    while breaker.reading.state is not CLOSED:
        breaker.succeed(breaker.admit())
    assert breaker.reading.failures <= 1
