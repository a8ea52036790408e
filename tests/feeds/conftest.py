"""A sink that remembers, and a feed on a real simulator."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.domain.market import (
    Bar,
    Instrument,
    MarketEvent,
    PastTold,
    SightLost,
    Tick,
    TimerCall,
    TradingStatus,
)
from tradeassist_desktop.feeds.schwab.feed import AppCredentials, SchwabFeed, TokenManager, Tokens
from tradeassist_desktop.feeds.schwab.tokens import TokenEndpoint
from tradeassist_desktop.runtime.clock import Clock, SystemClock
from tradeassist_desktop.simulator import DemoMarket, Simulator, Source, StreamerRules


@dataclass
class RecordingSink:
    """Keeps all it is given, in order."""

    ticks: list[Tick] = field(default_factory=list)
    events: list[MarketEvent] = field(default_factory=list)
    instruments: dict[str, Instrument] = field(default_factory=dict)
    statuses: list[FeedStatus] = field(default_factory=list)
    venue_bars: list[Bar] = field(default_factory=list)
    trading: dict[str, TradingStatus] = field(default_factory=dict)
    missed: list[tuple[str, int, int]] = field(default_factory=list)

    def on_ticks(self, ticks: Sequence[Tick]) -> None:
        self.ticks.extend(ticks)
        self.events.extend(ticks)

    def on_timer(self, utc_ns: int) -> None:
        self.events.append(TimerCall(utc_ns))

    def on_sight_lost(self, lost: SightLost) -> None:
        self.events.append(lost)

    def on_past_told(self, told: PastTold) -> None:
        self.events.append(told)

    def on_bar(self, bar: Bar) -> None:
        self.events.append(bar)

    def on_venue_bars(self, bars: Sequence[Bar]) -> None:
        self.venue_bars.extend(bars)

    def on_trading(self, symbol: str, status: TradingStatus) -> None:
        self.trading[symbol] = status

    def on_missed(self, symbol: str, from_ns: int, until_ns: int) -> None:
        self.missed.append((symbol, from_ns, until_ns))

    def on_instruments(self, instruments: Iterable[Instrument]) -> None:
        self.instruments.update((instrument.symbol, instrument) for instrument in instruments)

    def on_status(self, status: FeedStatus) -> None:
        self.statuses.append(status)

    @property
    def status(self) -> FeedStatus:
        return self.statuses[-1] if self.statuses else FeedStatus()

    @property
    def states(self) -> list[FeedState]:
        """The states in order, repetitions left out."""
        states = [status.state for status in self.statuses]
        return [state for at, state in enumerate(states) if at == 0 or states[at - 1] != state]

    def symbols(self) -> set[str]:
        return {tick.symbol for tick in self.ticks}


@dataclass
class Desk:
    """A simulator, a feed running on it, and what the feed brought."""

    simulator: Simulator
    feed: SchwabFeed
    sink: RecordingSink
    kept_tokens: list[Tokens]
    tokens: TokenManager

    async def sign_in_anew(self) -> Tokens:
        """Return the tokens of another sign-in at the simulator."""
        keys, system = self.simulator.sign_in.keys, SystemClock()
        async with httpx.AsyncClient(trust_env=False) as http:
            endpoint = TokenEndpoint(base_url=self.simulator.http_url, http=http, clock=system)
            app = AppCredentials(key=keys.key, secret=keys.secret)
            return await endpoint.exchange(app, self.simulator.sign_in.authorization_code, keys.callback)


@pytest.fixture
def sink() -> RecordingSink:
    return RecordingSink()


@pytest.fixture
def open_desk(sink: RecordingSink) -> Callable[..., Any]:
    """``async with open_desk(symbols=…)``: the feed runs against a real simulator on a real socket."""

    @asynccontextmanager
    async def open_(
        *,
        symbols: Iterable[str] = ("/ES", "AAPL"),
        source: Source | None = None,
        rules: StreamerRules | None = None,
        clock: Clock | None = None,
        before: Callable[[Simulator], object] = lambda simulator: None,
        refresh_token: str | None = None,
        **options: Any,
    ) -> AsyncIterator[Desk]:
        system = SystemClock()
        source = source or DemoMarket(clock=system, rate=400)
        async with (
            Simulator(source=source, clock=system, rules=rules) as simulator,
            httpx.AsyncClient(trust_env=False) as http,
        ):
            before(simulator)
            keys = simulator.sign_in.keys
            kept: list[Tokens] = []

            async def keep(tokens: Tokens) -> None:
                kept.append(tokens)

            manager = TokenManager(
                base_url=simulator.http_url,
                app=AppCredentials(key=keys.key, secret=keys.secret),
                tokens=Tokens(refresh_token=refresh_token or simulator.sign_in.refresh_token),
                http=http,
                clock=clock or system,
                on_tokens=keep,
            )
            feed = SchwabFeed(
                base_url=simulator.http_url,
                tokens=manager,
                http=http,
                clock=clock or system,
                rng=random.Random(1),
                **{"backoff_base_s": 0.01, **options},
            )
            feed.subscribe(frozenset(symbols))
            running = asyncio.create_task(feed.run(sink))
            try:
                yield Desk(simulator=simulator, feed=feed, sink=sink, kept_tokens=kept, tokens=manager)
                assert not running.done(), "the feed ended by itself"
            finally:
                running.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await running

    return open_
