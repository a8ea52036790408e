"""The Coinbase feed: every trade of its products with the best bid and ask, without an account."""

import random
from typing import Final

from tradeassist_desktop.domain.feed import FeedSink
from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.feeds.coinbase.products import is_product
from tradeassist_desktop.feeds.coinbase.rest import CoinbaseRest
from tradeassist_desktop.feeds.coinbase.venue import CoinbaseVenue
from tradeassist_desktop.feeds.heartbeat import HeartbeatWatch
from tradeassist_desktop.feeds.streaming import ResilientStream
from tradeassist_desktop.feeds.wanted import Wanted
from tradeassist_desktop.runtime.backoff import Backoff
from tradeassist_desktop.runtime.clock import Clock

_BACKOFF_CAP_S: Final = 60.0


class CoinbaseFeed:
    """A ``Feed`` of Coinbase Exchange's tickers.

    Args:
        ws_url: Of the websocket.
        rest: Tells the products there are.
        rng: For the jitter of reconnection.
        heartbeat_s: Silence allowed at the least, seconds; heartbeats come every second.
        backoff_base_s: Limit of the first wait between tries, seconds.
        answer_s: Time allowed for the answer to a command at first, seconds.
        settle_s: How long after a heartbeat that names it a trade may come before it counts as lost.
        ask_again_s: After how long what Coinbase would not stream is asked for again, seconds.
    """

    def __init__(
        self,
        *,
        ws_url: str,
        rest: CoinbaseRest,
        clock: Clock,
        rng: random.Random,
        heartbeat_s: float = 10.0,
        backoff_base_s: float = 1.0,
        answer_s: float = 2.5,
        settle_s: float = 3.0,
        ask_again_s: float = 600.0,
        name: str = "coinbase",
    ) -> None:
        self._ws_url = ws_url
        self._rest = rest
        self._clock = clock
        self._heartbeat_s = heartbeat_s
        self._answer_s = answer_s
        self._settle_s = settle_s
        self._ask_again_s = ask_again_s
        self._name = name
        self._backoff = Backoff(base_s=backoff_base_s, cap_s=_BACKOFF_CAP_S, rng=rng)
        self._wanted = Wanted()
        self._venue: CoinbaseVenue | None = None
        self._stream: ResilientStream | None = None

    @property
    def name(self) -> str:
        """The word settings and the status bar use."""
        return self._name

    def carries(self, symbol: str) -> bool:
        """Whether a symbol is spelled as a product is: ``BTC-USD``."""
        return is_product(symbol)

    def subscribe(self, symbols: frozenset[str], first: frozenset[str] = frozenset()) -> None:
        """Want exactly these symbols from now on."""
        self._wanted.replace(symbols, first)

    def reconnect(self) -> None:
        """Ask again for what was refused, and wait no longer; Coinbase refuses nobody as a whole."""
        if self._venue is not None:
            self._venue.ask_anew()
        self._wanted.changed.set()
        if self._stream is not None:
            self._stream.try_now()

    async def run(self, sink: FeedSink) -> None:
        """Stream into ``sink`` until cancelled."""
        watch = HeartbeatWatch(minimum_s=self._heartbeat_s)
        stream = self._stream = ResilientStream(clock=self._clock, backoff=self._backoff, watch=watch)
        venue = self._venue = CoinbaseVenue(
            name=self._name,
            ws_url=self._ws_url,
            rest=self._rest,
            clock=self._clock,
            watch=watch,
            sink=sink,
            wanted=self._wanted,
            answer_s=self._answer_s,
            settle_s=self._settle_s,
            ask_again_s=self._ask_again_s,
        )
        try:
            await stream.run(venue)
        finally:
            self._venue = self._stream = None
            venue.report(FeedState.STOPPED, "")
