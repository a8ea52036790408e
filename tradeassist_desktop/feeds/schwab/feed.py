"""The Schwab feed: signs in, streams level one quotes, reconnects; the demo is this on the simulator."""

import asyncio
import random
from typing import Final

import httpx

from tradeassist_desktop.domain.feed import FeedSink
from tradeassist_desktop.domain.health import FeedState, Remedy
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import InstrumentKind
from tradeassist_desktop.feeds.data_watch import DataWatch
from tradeassist_desktop.feeds.failures import FeedRefused
from tradeassist_desktop.feeds.heartbeat import HeartbeatWatch
from tradeassist_desktop.feeds.hours_watch import AskHours, HoursWatch
from tradeassist_desktop.feeds.schwab.auth import AppCredentials, SignInNeeded, TokenManager, Tokens
from tradeassist_desktop.feeds.schwab.decoder import SchwabDecoder
from tradeassist_desktop.feeds.schwab.preference import PreferenceReader
from tradeassist_desktop.feeds.schwab.venue import SchwabVenue
from tradeassist_desktop.feeds.streaming import ResilientStream
from tradeassist_desktop.feeds.wanted import Wanted
from tradeassist_desktop.runtime.backoff import Backoff
from tradeassist_desktop.runtime.clock import Clock

__all__ = ["AppCredentials", "SchwabDecoder", "SchwabFeed", "SignInNeeded", "TokenManager", "Tokens"]

_BACKOFF_CAP_S: Final = 60.0


class SchwabFeed:
    """A ``Feed`` of Schwab's level one quotes.

    After a refusal (signed out, another program connected) it reports REFUSED and waits for
    ``reconnect``; every other failure it mends itself.

    Args:
        base_url: Schwab's, without a slash at its end.
        tokens: Hands out access tokens.
        http: For ``userPreference``; not closed by the feed.
        rng: For the jitter of reconnection.
        heartbeat_s: Silence allowed at the least, seconds.
        backoff_base_s: Limit of the first wait between tries, seconds.
        answer_s: Time allowed for the answer to a command at first, seconds.
        ask_again_s: Time until a subscription that was refused is tried again, seconds.
        first_data_s: Seconds without any price that are strange in a session on a new connection.
        data_s: The same, at the least, once there was one.
        ask_hours: Asks for the exchange's hours, to be compared with our calendar once a day.
        name: ``schwab``, or ``demo`` on the simulator.
    """

    def __init__(
        self,
        *,
        base_url: str,
        tokens: TokenManager,
        http: httpx.AsyncClient,
        clock: Clock,
        rng: random.Random,
        heartbeat_s: float = 30.0,
        backoff_base_s: float = 0.5,
        answer_s: float = 2.5,
        ask_again_s: float = 600.0,
        first_data_s: float = 30.0,
        data_s: float = 60.0,
        ask_hours: AskHours | None = None,
        name: str = "schwab",
    ) -> None:
        self._base_url = base_url
        self._tokens = tokens
        self._http = http
        self._clock = clock
        self._heartbeat_s = heartbeat_s
        self._answer_s = answer_s
        self._ask_again_s = ask_again_s
        self._first_data_s = first_data_s
        self._data_s = data_s
        self._hours = None if ask_hours is None else HoursWatch(ask=ask_hours, clock=clock)
        self._name = name
        self._backoff = Backoff(base_s=backoff_base_s, cap_s=_BACKOFF_CAP_S, rng=rng)
        self._wanted = Wanted()
        self._retry = asyncio.Event()
        self._stream: ResilientStream | None = None

    @property
    def name(self) -> str:
        """The word settings and the status bar use."""
        return self._name

    def carries(self, symbol: str) -> bool:
        """Whatever is not spelled as another venue's is asked of Schwab."""
        return instrument_of(symbol).kind is not InstrumentKind.CRYPTO

    def subscribe(self, symbols: frozenset[str], first: frozenset[str] = frozenset()) -> None:
        """Want exactly these symbols from now on; at Schwab's limit, ``first`` before the others."""
        self._wanted.replace(symbols, first)

    def reconnect(self) -> None:
        """Try again now: the trader has signed in, closed the other program, or will not wait longer."""
        self._retry.set()
        self._tokens.try_now()
        if self._stream is not None:
            self._stream.try_now()

    async def run(self, sink: FeedSink) -> None:
        """Stream into ``sink`` until cancelled."""
        watch = HeartbeatWatch(minimum_s=self._heartbeat_s)
        stream = self._stream = ResilientStream(clock=self._clock, backoff=self._backoff, watch=watch)
        venue = SchwabVenue(
            name=self._name,
            preference=PreferenceReader(base_url=self._base_url, tokens=self._tokens, http=self._http),
            tokens=self._tokens,
            clock=self._clock,
            watch=watch,
            sink=sink,
            wanted=self._wanted,
            answer_s=self._answer_s,
            ask_again_s=self._ask_again_s,
            data=DataWatch(first_s=self._first_data_s, minimum_s=self._data_s),
            hours=self._hours,
        )
        try:
            while True:
                self._retry.clear()
                try:
                    await stream.run(venue)
                except FeedRefused as refusal:
                    venue.report(FeedState.REFUSED, str(refusal), remedy=refusal.remedy)
                    if refusal.remedy is Remedy.TAKE_OVER:
                        # Only a click that comes after this may throw the other program out.
                        self._retry.clear()
                    await self._retry.wait()
                    self._backoff.reset()
        finally:
            self._stream = None
            venue.report(FeedState.STOPPED, "")
