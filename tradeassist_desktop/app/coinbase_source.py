"""Builds the Coinbase feed, with what it needs."""

import random
from contextlib import AsyncExitStack
from typing import Final

import httpx

from tradeassist_desktop.app.sources import Source
from tradeassist_desktop.feeds.coinbase.feed import CoinbaseFeed
from tradeassist_desktop.feeds.coinbase.rest import COINBASE_BREAKER, CoinbaseRest
from tradeassist_desktop.runtime.breakers.manager import Breakers
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.settings import Settings

_HTTP_SECONDS: Final = 20.0
_FIRST_COINS: Final = ("BTC-USD", "ETH-USD", "SOL-USD")


async def coinbase_source(
    *, settings: Settings, clock: Clock, breakers: Breakers, stack: AsyncExitStack
) -> Source:
    """Return the Coinbase feed; it needs no account."""
    http = await stack.enter_async_context(httpx.AsyncClient(timeout=_HTTP_SECONDS))
    rest = CoinbaseRest(
        base_url=settings.text("coinbase.rest_url").rstrip("/"),
        http=http,
        clock=clock,
        breaker=breakers.get("coinbase", COINBASE_BREAKER),
    )
    feed = CoinbaseFeed(
        ws_url=settings.text("coinbase.ws_url"),
        rest=rest,
        clock=clock,
        rng=random.Random(),
        heartbeat_s=settings.number("coinbase.heartbeat_seconds"),
    )
    return Source(
        feed=feed,
        venue="coinbase",
        label="Coinbase",
        symbols=_FIRST_COINS,
        is_live=True,
        fetch_bars=rest.newest_bars,
        fetch_gap=rest.gap_bars,
    )
