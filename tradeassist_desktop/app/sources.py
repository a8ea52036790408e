"""Builds the feed that was asked for, with what it needs."""

import random
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

import httpx

from tradeassist_desktop.app.launch import Launch, check_feeds
from tradeassist_desktop.app.schwab_login import KEYRING_S, SchwabLogin, schwab_base_url, schwab_login
from tradeassist_desktop.domain.access import Gate
from tradeassist_desktop.domain.errors import UsageError
from tradeassist_desktop.domain.feed import Feed, FetchBars, FetchGap
from tradeassist_desktop.feeds.schwab.feed import AppCredentials, SchwabFeed, TokenManager, Tokens
from tradeassist_desktop.feeds.schwab.requests import REQUESTS_A_MINUTE, SCHWAB_BREAKER
from tradeassist_desktop.feeds.schwab.rest import SchwabRest
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.breakers.manager import Breakers
from tradeassist_desktop.runtime.budget import Budget
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.settings import Settings

_HTTP_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A feed, and what the rest of the desk must know of it.

    Args:
        venue: Under which bars and ticks are kept, so that made-up prices never mix with real ones.
        label: What it is, for people.
        symbols: What it can stream, where that is known; watched unless the trader chose otherwise.
        is_live: Whether event time goes on between updates. False for a replay.
        fetch_bars: Gives bars of the past, where the venue has them.
        fetch_gap: Gives the minute bars of a stretch of time, where the venue has them.
        login: What signing in needs, where the venue wants it of the trader.
        rest: Answers single questions (quotes, instruments, market hours), where the venue does.
    """

    feed: Feed
    venue: str
    label: str
    symbols: tuple[str, ...]
    is_live: bool
    fetch_bars: FetchBars | None = None
    fetch_gap: FetchGap | None = None
    rest: SchwabRest | None = None
    login: SchwabLogin | None = None


def feed_names(launch: Launch, settings: Settings) -> tuple[str, ...]:
    """Return ``replay``, or which of ``demo``, ``schwab`` and ``coinbase``, the main one first.

    Raises:
        UsageError: the settings name feeds that cannot run side by side, or none of them has a speed.
    """
    if launch.replay_file is not None:
        return ("replay",)
    names = launch.feeds or tuple(dict.fromkeys((settings.text("feed.name"), *settings.names("feed.also"))))
    check_feeds(names, "feed.also")
    if launch.speed is not None and "demo" not in names:
        raise UsageError("--speed: a live stream has its own; speed is for demo and replay")
    return names


async def demo_source(
    *, launch: Launch, settings: Settings, clock: Clock, breakers: Breakers, stack: AsyncExitStack
) -> Source:
    """Return the Schwab feed on a simulator inside this process, over a real socket."""
    from tradeassist_desktop.simulator import DemoMarket, Simulator

    speed = settings.number("demo.speed") if launch.speed is None else launch.speed
    if speed <= 0:
        raise UsageError("--speed 0: the demo market needs a speed above 0")
    market = DemoMarket(clock=clock, seed=int(settings.number("demo.seed")), speed=speed)
    simulator = Simulator(source=market, clock=clock)
    await simulator.start()
    stack.push_async_callback(simulator.stop)
    keys = simulator.sign_in.keys
    # Loopback must not be sent through a proxy that the environment names.
    http = await stack.enter_async_context(httpx.AsyncClient(timeout=_HTTP_SECONDS, trust_env=False))

    async def keep(tokens: Tokens) -> None:
        """The simulator ends with this run, and its tokens with it."""

    tokens = TokenManager(
        base_url=simulator.http_url,
        app=AppCredentials(key=keys.key, secret=keys.secret),
        tokens=Tokens(refresh_token=simulator.sign_in.refresh_token),
        http=http,
        clock=clock,
        on_tokens=keep,
    )
    rest = _rest(
        base_url=simulator.http_url,
        tokens=tokens,
        http=http,
        clock=clock,
        # Of its own name: Schwab must not find itself left alone for what the demo market did.
        breaker=breakers.get("demo", SCHWAB_BREAKER),
    )
    feed = SchwabFeed(
        base_url=simulator.http_url,
        tokens=tokens,
        http=http,
        clock=clock,
        rng=random.Random(),
        heartbeat_s=settings.number("schwab.heartbeat_seconds"),
        ask_hours=rest.market_hours,
        name="demo",
    )
    return Source(
        feed=feed,
        venue="demo",
        label="Demo market",
        symbols=market.watchlist,
        is_live=True,
        fetch_bars=rest.newest_bars,
        fetch_gap=rest.gap_bars,
        rest=rest,
    )


async def schwab_source(
    *,
    launch: Launch,
    settings: Settings,
    secrets: SecretStore,
    clock: Clock,
    bus: Bus,
    breakers: Breakers,
    stack: AsyncExitStack,
    access: Gate,
) -> Source:
    """Return the Schwab feed, signed in with what is kept; without it, the feed waits for a sign-in."""
    http = await stack.enter_async_context(httpx.AsyncClient(timeout=_HTTP_SECONDS))
    base_url = schwab_base_url(settings)

    def on_signed_in() -> None:
        feed.reconnect()

    login = schwab_login(
        launch=launch,
        settings=settings,
        secrets=secrets,
        http=http,
        clock=clock,
        bus=bus,
        on_signed_in=on_signed_in,
        access=access,
    )
    stack.push_async_callback(login.sign_in.close)
    rest = _rest(
        base_url=base_url,
        tokens=login.tokens,
        http=http,
        clock=clock,
        breaker=breakers.get("schwab", SCHWAB_BREAKER),
    )
    feed = SchwabFeed(
        base_url=base_url,
        tokens=login.tokens,
        http=http,
        clock=clock,
        rng=random.Random(),
        heartbeat_s=settings.number("schwab.heartbeat_seconds"),
        ask_hours=rest.market_hours,
    )
    # The window waits for nobody's network.
    is_remote = bool(settings.text("secrets.gcp.project"))
    await login.load(clock=clock, patience_s=0.0 if is_remote else KEYRING_S)
    return Source(
        feed=feed,
        venue="schwab",
        label="Schwab",
        symbols=(),
        is_live=True,
        fetch_bars=rest.newest_bars,
        fetch_gap=rest.gap_bars,
        rest=rest,
        login=login,
    )


def _rest(
    *, base_url: str, tokens: TokenManager, http: httpx.AsyncClient, clock: Clock, breaker: Breaker
) -> SchwabRest:
    return SchwabRest(
        base_url=base_url,
        tokens=tokens,
        http=http,
        clock=clock,
        breaker=breaker,
        budget=Budget(limit=REQUESTS_A_MINUTE, clock=clock),
    )
