"""Row 94: what single requests may be answered with; each test is named for its row."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes import ManualClock
from tests.feeds.rest_server import Answer, rest_of
from tradeassist_desktop.domain.breakers import BreakerState
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.feeds.rest_failures import RateLimited, RestUnavailable

Until = Callable[..., Any]
Opener = Callable[..., Any]


async def test_row_94_after_a_429_nothing_is_asked_before_its_time() -> None:
    clock = ManualClock()
    limited = Answer({}, status=429, headers={"Retry-After": "30"})
    good = Answer({"symbol": "AAPL", "candles": []})

    async with rest_of(limited, good, clock=clock) as asked:
        with pytest.raises(RateLimited):
            await asked.rest.gap_bars("AAPL", 0, NS_PER_SECOND)
        again = asyncio.create_task(asked.rest.gap_bars("AAPL", 0, NS_PER_SECOND))
        await clock.advance(29.9)
        before = len(asked.server.asked)
        await clock.advance(0.1)
        await again

    assert (before, len(asked.server.asked)) == (1, 2)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer("<html>Bad Gateway</html>", status=502), id="502 HTML"),
        pytest.param(Answer({}), id="200 {}"),
        pytest.param(Answer("null"), id="200 null"),
        pytest.param(Answer('{"candles": ['), id="200 cut short"),
    ],
)
async def test_row_94_five_senseless_answers_in_a_row_open_the_breaker(answer: Answer) -> None:
    async with rest_of(answer, clock=ManualClock()) as asked:
        for _ in range(6):
            with pytest.raises(RestUnavailable):
                await asked.rest.gap_bars("AAPL", 0, NS_PER_SECOND)

        assert len(asked.server.asked) == 5
        assert asked.breaker.reading.state is BreakerState.OPEN


async def test_row_94_a_503_s_retry_after_outlasts_the_breaker_s_own_wait() -> None:
    async with rest_of(Answer({}, status=503, headers={"Retry-After": "300"}), clock=ManualClock()) as asked:
        for _ in range(5):
            with pytest.raises(RestUnavailable):
                await asked.rest.quotes(["AAPL"])

        assert asked.breaker.reading.retry_after_s == 300.0


async def test_row_94_a_body_that_trickles_in_ends_at_the_deadline() -> None:
    async with rest_of(Answer(trickle_s=0.02), deadline_s=0.3) as asked:
        started = time.monotonic()
        with pytest.raises(RestUnavailable, match=r"within 0\.3 s"):
            await asked.rest.quotes(["AAPL"])

    assert time.monotonic() - started < 2.0
