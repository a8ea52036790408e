"""What a stream must know of Coinbase: what it lists, how to subscribe, what its messages mean."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.feed import FeedSink
from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.domain.market import NS_PER_SECOND, BadFrame, TradingStatus
from tradeassist_desktop.feeds.coinbase.days import Days
from tradeassist_desktop.feeds.coinbase.decoder import (
    CoinbaseDecoder,
    Heartbeat,
    Subscriptions,
    Ticker,
    believable_ns,
)
from tradeassist_desktop.feeds.coinbase.losses import Loss, Losses
from tradeassist_desktop.feeds.coinbase.products import Products
from tradeassist_desktop.feeds.coinbase.rest import CoinbaseRest
from tradeassist_desktop.feeds.coinbase.session import CoinbaseSession
from tradeassist_desktop.feeds.failures import BrokenFrame, ConnectionLost
from tradeassist_desktop.feeds.heartbeat import HeartbeatWatch
from tradeassist_desktop.feeds.pace import Pace
from tradeassist_desktop.feeds.patience import AnswerPatience
from tradeassist_desktop.feeds.streaming import Send, first_to_end
from tradeassist_desktop.feeds.wanted import Wanted
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within

log = logging.getLogger(__name__)

_CONNECTIONS_PER_SECOND: Final = 4.0
_COMMANDS_PER_SECOND: Final = 20.0
"""Coinbase allows 8 connections and 100 commands a second to an address; others may share ours."""

_FRAME_START: Final = 120
_TELL_EVERY_NS: Final = NS_PER_SECOND
_RENEW_EVERY_NS: Final = 60 * NS_PER_SECOND


class CoinbaseVenue:
    """Coinbase as ``ResilientStream`` sees it; puts what comes into the sink.

    Args:
        answer_s: Seconds allowed for the answer to a command, at first.
        settle_s: Seconds after a heartbeat in which the trade it names may come.
        ask_again_s: Seconds after which what Coinbase would not stream is asked for again.
    """

    def __init__(
        self,
        *,
        name: str,
        ws_url: str,
        rest: CoinbaseRest,
        clock: Clock,
        watch: HeartbeatWatch,
        sink: FeedSink,
        wanted: Wanted,
        answer_s: float,
        settle_s: float,
        ask_again_s: float,
    ) -> None:
        self._name = name
        self._ws_url = ws_url
        self._rest = rest
        self._clock = clock
        self._watch = watch
        self._sink = sink
        self._wanted = wanted
        self._patience = AnswerPatience(first_s=answer_s)
        self._ask_again_s = ask_again_s
        self._products = Products(rest=rest, clock=clock)
        self._decoder = CoinbaseDecoder()
        self._days = Days()
        self._fresh: set[str] = set()
        self._unlearned: asyncio.Queue[str] = asyncio.Queue()
        self._losses = Losses(settle_ns=round(settle_s * NS_PER_SECOND))
        self._connecting = Pace(clock=clock, per_second=_CONNECTIONS_PER_SECOND)
        self._commanding = Pace(clock=clock, per_second=_COMMANDS_PER_SECOND)
        self._session: CoinbaseSession | None = None
        self._halted: set[str] = set()
        self._state = FeedState.STOPPED
        self._detail = ""
        self._connects = 0
        self._bad_frames = 0
        self._heartbeat_ns: int | None = None
        self._told_ns = 0
        self._renew_ns: dict[str, int] = {}

    def report(self, state: FeedState, detail: str, *, retry_ns: int | None = None) -> None:
        """Tell the sink how the feed is, and when it tries again."""
        self._state, self._detail = state, detail
        self._told_ns = self._clock.monotonic_ns()
        self._sink.on_status(
            FeedStatus(
                state=state,
                name=self._name,
                detail=detail,
                heartbeat_ns=self._heartbeat_ns,
                connects=self._connects,
                bad_frames=self._bad_frames,
                discarded=self._products.discarded(self._wanted.symbols),
                retry_ns=retry_ns,
                is_silence_proven=state is FeedState.LIVE and self._losses.tells_trades,
            )
        )

    def ask_anew(self) -> None:
        """Ask again for what Coinbase would not stream, with the next connection or change."""
        self._products.forget()

    async def wait_until_wanted(self) -> None:
        """Wait while there is nothing to subscribe: Coinbase drops such connections after 5 s.

        A product that is wanted may have been away for its maintenance only: it is asked for again.
        """
        while not self._choose():
            self.report(FeedState.STOPPED, self._troubles() or "There is no symbol to watch yet.")
            self._wanted.changed.clear()
            try:
                await within(self._clock, self._ask_again_s, self._wanted.changed.wait())
            except TimeoutError:
                self.ask_anew()

    async def locate(self) -> str:
        """Learn what is listed, as far as Coinbase tells within 3 s; return the stream's URL."""
        is_first = self._connects == 0
        self.report(FeedState.CONNECTING if is_first else FeedState.RECONNECTING, "Connecting.")
        await self._connecting.turn()
        await self._products.learn()
        self._must_have_symbols()
        return self._ws_url

    async def converse(self, send: Send) -> None:
        """Keep the subscriptions as wanted."""
        self._connects += 1
        self._session = CoinbaseSession(
            send=send,
            choose=self._products.choose,
            on_subscribe=self._begin,
            pace=self._commanding,
            patience=self._patience,
        )
        self._unlearned = asyncio.Queue()
        await first_to_end(
            self._session.keep_subscribed(self._wanted, self._on_settled),
            self._learn_days(self._unlearned),
            self._ask_again(),
        )

    def on_frame(self, frame: bytes, received_ns: int) -> None:
        """Hand on trades; tell what was lost; count what cannot be read."""
        try:
            message = self._decoder.read(frame)
            if isinstance(message, Ticker):
                self._on_ticker(message, received_ns)
            elif isinstance(message, Heartbeat):
                self._on_heartbeat(message, received_ns)
            elif message is not None and self._session is not None:
                if isinstance(message, Subscriptions):
                    self._session.on_subscriptions(message)
                else:
                    log.warning("error from the venue", extra={"feed": self._name, "reason": message.text})
                    self._session.on_refusal(message)
        except BadFrame as error:
            self._on_bad_frame(frame, str(error))

    def on_stale(self, silence_s: float) -> None:
        """Report that silence can no longer be trusted."""
        self.report(FeedState.STALE, f"Nothing was heard for {silence_s:.0f} s.")

    def on_lost(self, lost: ConnectionLost, wait_s: float) -> None:
        """Report the loss and the next try."""
        self._session = None
        self._bad_frames += isinstance(lost, BrokenFrame)
        if self._choose():
            retry_ns = self._clock.now_ns() + round(wait_s * NS_PER_SECOND)
            self.report(FeedState.RECONNECTING, f"{lost.sentence}.", retry_ns=retry_ns)

    def _on_ticker(self, ticker: Ticker, received_ns: int) -> None:
        tick = self._decoder.tick(ticker, received_ns)
        if tick is None:
            return
        at_ns = believable_ns(tick.event_ns, received_ns)
        if ticker.trade_id is not None:
            self._tell(self._losses.on_trade(tick.symbol, ticker.trade_id, at_ns))
        self._sink.on_ticks((self._days.apply(tick, at_ns),))
        if tick.symbol in self._fresh:
            self._fresh.discard(tick.symbol)
            self._unlearned.put_nowait(tick.symbol)

    async def _learn_days(self, unlearned: asyncio.Queue[str]) -> None:
        """Ask for the session so far of each product whose snapshot has come."""
        while True:
            symbol = await unlearned.get()
            try:
                candles = await self._rest.days(symbol)
            except TradeAssistError as error:
                # Its session's fields stay unknown until midnight, or the next connection.
                log.warning("session not known", extra={"symbol": symbol, "reason": str(error)})
                continue
            tick = self._days.learn(symbol, candles, self._clock.now_ns())
            if tick is not None:
                self._sink.on_ticks((tick,))

    async def _ask_again(self) -> None:
        while True:
            await self._clock.sleep(self._ask_again_s)
            if self._products.discarded(self._wanted.symbols):
                self.ask_anew()
                self._wanted.changed.set()

    def _on_heartbeat(self, heartbeat: Heartbeat, received_ns: int) -> None:
        self._heartbeat_ns = received_ns
        self._watch.on_heartbeat(self._clock.monotonic_ns())
        at_ns = self._decoder.ns(heartbeat.time) if heartbeat.time else received_ns
        self._tell(self._losses.on_heartbeat(heartbeat.product_id, heartbeat.last_trade_id, at_ns))
        if self._report_seldom() and self._session is not None:
            streamed = self._session.acknowledged & self._wanted.symbols
            for loss in self._losses.silent(streamed - self._halted, at_ns):
                self._tell(loss)

    def _tell(self, loss: Loss | None) -> None:
        if loss is None:
            return
        symbol = loss.symbol
        log.warning("updates lost", extra={"symbol": symbol, "trades": loss.trades})
        self._sink.on_missed(symbol, loss.from_ns, loss.until_ns)
        now_ns = self._clock.monotonic_ns()
        # A new subscription brings the present at once, where the next trade may be hours off.
        if self._session is not None and now_ns >= self._renew_ns.get(symbol, 0):
            self._renew_ns[symbol] = now_ns + _RENEW_EVERY_NS
            self._session.renew(symbol)
            self._wanted.changed.set()

    def _begin(self, symbols: Iterable[str]) -> None:
        self._fresh.update(symbols)
        self._decoder.begin(symbols)
        self._losses.begin(symbols)

    def _on_settled(self) -> None:
        assert self._session is not None
        self._products.refuse(self._session.refused)
        self._must_have_symbols()
        self._tell_listing()
        self.report(FeedState.LIVE, self._troubles())

    def _must_have_symbols(self) -> None:
        if not self._choose():
            raise ConnectionLost("there is nothing to stream")

    def _choose(self) -> frozenset[str]:
        return self._products.choose(self._wanted.symbols)

    def _troubles(self) -> str:
        return self._products.troubles(self._wanted.symbols)

    def _tell_listing(self) -> None:
        known = self._products.known(self._wanted.symbols)
        self._sink.on_instruments(product.instrument for product in known)
        for product in known:
            symbol = product.instrument.symbol
            if not product.is_trading:
                self._halted.add(symbol)
                self._sink.on_trading(symbol, TradingStatus.HALTED)
            elif symbol in self._halted:
                self._halted.discard(symbol)
                self._sink.on_trading(symbol, TradingStatus.NORMAL)

    def _on_bad_frame(self, frame: bytes, reason: str) -> None:
        self._bad_frames += 1
        if self._report_seldom():
            start = frame[:_FRAME_START].decode(errors="replace")
            log.warning("bad frame", extra={"reason": reason, "start": start, "count": self._bad_frames})

    def _report_seldom(self) -> bool:
        """Report the figures, at most once a second: heartbeats come every second of each product."""
        if self._clock.monotonic_ns() - self._told_ns < _TELL_EVERY_NS:
            return False
        self.report(self._state, self._detail)
        return True
