"""The program's own Schwab client, signed in to a simulated Schwab over real sockets."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from tradeassist_desktop.feeds.schwab.auth import AppCredentials, TokenManager, Tokens
from tradeassist_desktop.feeds.schwab.feed import SchwabFeed
from tradeassist_desktop.feeds.schwab.requests import SCHWAB_BREAKER
from tradeassist_desktop.feeds.schwab.rest import SchwabRest
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.budget import Budget
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator import Simulator
from tradeassist_desktop.simulator.source import Source


@dataclass(frozen=True)
class SchwabOnSimulator:
    """A simulated Schwab, and what streams and asks it; nothing runs yet."""

    simulator: Simulator
    feed: SchwabFeed
    rest: SchwabRest


@asynccontextmanager
async def schwab_on_simulator(
    source: Source, clock: Clock, *, backoff_base_s: float = 0.01, name: str = "schwab"
) -> AsyncIterator[SchwabOnSimulator]:
    async with (
        Simulator(source=source, clock=clock) as simulator,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        keys = simulator.sign_in.keys

        async def keep(tokens: Tokens) -> None:
            """They end with the simulator."""

        tokens = TokenManager(
            base_url=simulator.http_url,
            app=AppCredentials(key=keys.key, secret=keys.secret),
            tokens=Tokens(refresh_token=simulator.sign_in.refresh_token),
            http=http,
            clock=clock,
            on_tokens=keep,
        )
        rest = SchwabRest(
            base_url=simulator.http_url,
            tokens=tokens,
            http=http,
            clock=clock,
            breaker=Breaker(name="schwab", config=SCHWAB_BREAKER, clock=clock, rng=random.Random(1)),
            budget=Budget(limit=120, clock=clock),
        )
        feed = SchwabFeed(
            base_url=simulator.http_url,
            tokens=tokens,
            http=http,
            clock=clock,
            rng=random.Random(1),
            backoff_base_s=backoff_base_s,
            name=name,
        )
        yield SchwabOnSimulator(simulator, feed, rest)
