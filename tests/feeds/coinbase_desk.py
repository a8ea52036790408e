"""A Coinbase feed running on the local Coinbase."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.feeds.conftest import RecordingSink
from tradeassist_desktop.feeds.coinbase.feed import CoinbaseFeed
from tradeassist_desktop.feeds.coinbase.rest import COINBASE_BREAKER, CoinbaseRest
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.clock import Clock, SystemClock
from tradeassist_desktop.simulator.coinbase.market import CoinMarket
from tradeassist_desktop.simulator.coinbase.server import CoinbaseSimulator
from tradeassist_desktop.simulator.source import Source


def coinbase_rest(simulator: CoinbaseSimulator, http: httpx.AsyncClient, clock: Clock) -> CoinbaseRest:
    """The program's own client of a local Coinbase."""
    breaker = Breaker(name="coinbase", config=COINBASE_BREAKER, clock=clock, rng=random.Random(2))
    return CoinbaseRest(base_url=simulator.http_url, http=http, clock=clock, breaker=breaker)


@dataclass
class CoinbaseDesk:
    """A local Coinbase, a feed running on it, and what the feed brought."""

    simulator: CoinbaseSimulator
    feed: CoinbaseFeed
    sink: RecordingSink


@asynccontextmanager
async def coinbase_desk(
    *,
    symbols: Iterable[str] = ("BTC-USD", "ETH-USD"),
    source: Source | None = None,
    before: Callable[[CoinbaseSimulator], object] = lambda simulator: None,
    rate: float = 400.0,
    rules: dict[str, Any] | None = None,
    own_clock: Clock | None = None,
    **options: Any,
) -> AsyncIterator[CoinbaseDesk]:
    """Run a feed on a local Coinbase, over sockets; ``rules`` are the latter's, ``own_clock`` the feed's."""
    clock = SystemClock()
    source = source or CoinMarket(clock=clock, rate=rate)
    sink = RecordingSink()
    async with (
        CoinbaseSimulator(source=source, clock=clock, **{"heartbeat_s": 0.05, **(rules or {})}) as simulator,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        before(simulator)
        feed = CoinbaseFeed(
            ws_url=simulator.ws_url,
            rest=coinbase_rest(simulator, http, clock),
            clock=own_clock or clock,
            rng=random.Random(1),
            **{"backoff_base_s": 0.01, **options},
        )
        feed.subscribe(frozenset(symbols))
        running = asyncio.create_task(feed.run(sink))
        try:
            yield CoinbaseDesk(simulator=simulator, feed=feed, sink=sink)
            assert not running.done(), "the feed ended by itself"
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
