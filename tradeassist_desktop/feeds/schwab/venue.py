"""What a stream must know of Schwab: where it is, how to log in, what its frames mean."""

import logging
from collections.abc import Sequence
from typing import Final

from tradeassist_desktop.domain.feed import FeedSink
from tradeassist_desktop.domain.health import FeedState, FeedStatus, Remedy
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_SECOND, BadFrame, TradingStatus
from tradeassist_desktop.engine.calendars import sessions
from tradeassist_desktop.feeds.data_watch import DataWatch
from tradeassist_desktop.feeds.failures import BrokenFrame, ConnectionLost
from tradeassist_desktop.feeds.heartbeat import HeartbeatWatch
from tradeassist_desktop.feeds.hours_watch import HoursWatch
from tradeassist_desktop.feeds.patience import AnswerPatience
from tradeassist_desktop.feeds.schwab.auth import SignInNeeded, TokenManager
from tradeassist_desktop.feeds.schwab.codes import LOGIN_DENIED, refuse_or_lose
from tradeassist_desktop.feeds.schwab.decoder import Answer, Notice, SchwabDecoder
from tradeassist_desktop.feeds.schwab.preference import PreferenceReader
from tradeassist_desktop.feeds.schwab.session import SchwabSession, StreamerInfo
from tradeassist_desktop.feeds.streaming import Send, first_to_end
from tradeassist_desktop.feeds.wanted import Wanted
from tradeassist_desktop.runtime.clock import Clock

log = logging.getLogger(__name__)

_FRAME_START: Final = 120
_DELAYED_NAMED: Final = 3
_TELL_FAULTS_EVERY_NS: Final = NS_PER_SECOND
_LOOK_S: Final = 1.0
"""How often is looked whether a session has begun: until then no prices were due."""


class SchwabVenue:
    """Schwab as ``ResilientStream`` sees it; puts what comes into the sink.

    Args:
        answer_s: Seconds allowed for the answer to a command, at first.
        ask_again_s: Seconds until what was refused is asked for again.
        data: Says how long prices may stay away where a session is on.
        hours: Compares the exchange's hours with ours; ``None`` where the venue has none to tell.
    """

    def __init__(
        self,
        *,
        name: str,
        preference: PreferenceReader,
        tokens: TokenManager,
        clock: Clock,
        watch: HeartbeatWatch,
        sink: FeedSink,
        wanted: Wanted,
        answer_s: float,
        ask_again_s: float,
        data: DataWatch,
        hours: HoursWatch | None,
    ) -> None:
        self._name = name
        self._preference = preference
        self._tokens = tokens
        self._clock = clock
        self._watch = watch
        self._sink = sink
        self._wanted = wanted
        self._patience = AnswerPatience(first_s=answer_s)
        self._ask_again_s = ask_again_s
        self._decoder = SchwabDecoder()
        self._data = data
        self._hours = hours
        self._halted: set[str] = set()
        self._delayed: set[str] = set()
        self._told_delayed: frozenset[str] = frozenset()
        self._session: SchwabSession | None = None
        self._info: StreamerInfo | None = None
        self._token = ""
        self._denials = 0
        self._state = FeedState.STOPPED
        self._detail = ""
        self._connects = 0
        self._bad_frames = 0
        self._heartbeat_ns: int | None = None
        self._faults_told_ns: int | None = None

    def report(
        self,
        state: FeedState,
        detail: str,
        *,
        remedy: Remedy = Remedy.NONE,
        retry_ns: int | None = None,
    ) -> None:
        """Tell the sink how the feed is, what mends it, and when it tries again."""
        self._state, self._detail = state, detail
        self._sink.on_status(
            FeedStatus(
                state=state,
                name=self._name,
                detail=detail,
                heartbeat_ns=self._heartbeat_ns,
                connects=self._connects,
                bad_frames=self._bad_frames,
                remedy=remedy,
                retry_ns=retry_ns,
                discarded=self._session.discarded if self._session is not None else (),
                delayed=self._told_delayed,
            )
        )

    async def wait_until_wanted(self) -> None:
        """Wait while there is nothing to subscribe: Schwab drops such connections after 30 s."""
        while not self._wanted.symbols:
            self.report(FeedState.STOPPED, "There is no symbol to watch yet.")
            self._wanted.changed.clear()
            await self._wanted.changed.wait()

    async def locate(self) -> str:
        """Read ``userPreference`` with a good access token; return the streamer's URL."""
        is_first = self._connects == 0
        self.report(FeedState.CONNECTING if is_first else FeedState.RECONNECTING, "Signing in.")
        token = await self._token_to_try()
        self._info, self._token = await self._preference.read(token)
        return self._info.url

    async def converse(self, send: Send) -> None:
        """Log in and keep the subscriptions as wanted."""
        assert self._info is not None
        session = SchwabSession(
            info=self._info,
            send=send,
            clock=self._clock,
            patience=self._patience,
            ask_again_s=self._ask_again_s,
        )
        self._session = session
        await session.log_in(self._token)
        self._denials = 0
        self._connects += 1
        self._data.on_open(self._clock.monotonic_ns())
        jobs = [session.keep_subscribed(self._wanted, self._on_settled), self._watch_data()]
        if self._hours is not None:
            jobs.append(self._hours.run(self._on_words))
        await first_to_end(*jobs)

    def on_frame(self, frame: bytes, received_ns: int) -> None:
        """Hand on ticks; act on answers and notices; count what cannot be read."""
        try:
            reading = self._decoder.read(frame, received_ns)
        except BadFrame as error:
            self._on_bad_frame(frame, str(error))
            return
        if reading.faults:
            self._on_bad_frame(frame, f"{reading.faults} values left out")
        if reading.instruments:
            self._sink.on_instruments(reading.instruments)
        if reading.trading:
            self._on_trading(reading.trading)
        if reading.delayed:
            self._on_delayed(reading.delayed)
        if reading.ticks:
            self._data.on_data(self._clock.monotonic_ns())
            if self._state is FeedState.STALE:
                self._on_settled()
            self._sink.on_ticks(reading.ticks)
        if reading.bars:
            self._sink.on_venue_bars(reading.bars)
        for answer in reading.answers:
            self._on_answer(answer)
        for notice in reading.notices:
            self._on_notice(notice, received_ns)

    def on_stale(self, silence_s: float) -> None:
        """Report that silence can no longer be trusted."""
        self.report(FeedState.STALE, f"Nothing was heard for {silence_s:.0f} s.")

    def on_lost(self, lost: ConnectionLost, wait_s: float) -> None:
        """Report the loss and the next try."""
        self._session = None
        self._bad_frames += isinstance(lost, BrokenFrame)
        retry_ns = self._clock.now_ns() + round(wait_s * NS_PER_SECOND)
        self.report(FeedState.RECONNECTING, f"{lost.sentence}.", retry_ns=retry_ns)

    async def _token_to_try(self) -> str:
        token = await self._tokens.access_token()
        if self._denials > 1:
            self._denials = 0
            raise SignInNeeded("Schwab refuses the sign-in, even a fresh one: sign in again.")
        if self._denials == 1 and token == self._token:
            return await self._tokens.replace(token)
        return token

    def _on_answer(self, answer: Answer) -> None:
        # Schwab closes at once after a denial, so the talk may be over before it hears of it.
        if answer.command == "LOGIN" and answer.content.code == LOGIN_DENIED:
            self._denials += 1
        if self._session is not None:
            self._session.on_answer(answer)

    def _on_settled(self) -> None:
        if self._data.is_doubtful and self._is_data_due():
            # Else each new connection would count as live until it is given up too.
            self.report(FeedState.STALE, "Heartbeats come, but no prices.")
            return
        troubles = self._session.troubles if self._session is not None else ()
        self._delayed &= self._wanted.symbols
        self._told_delayed = frozenset(self._delayed)
        delays = (_delay_words(sorted(self._delayed)),) if self._delayed else ()
        remark = self._hours.remark if self._hours is not None else ""
        self.report(FeedState.LIVE, " ".join(filter(None, (*troubles, *delays, remark))))

    def _on_words(self) -> None:
        """Say anew how a live feed is: something to be said of it has changed."""
        if self._state is FeedState.LIVE:
            self._on_settled()

    def _on_trading(self, trading: Sequence[tuple[str, TradingStatus]]) -> None:
        for symbol, status in trading:
            if status is TradingStatus.NORMAL:
                self._halted.discard(symbol)
            else:
                self._halted.add(symbol)
            self._sink.on_trading(symbol, status)

    def _on_delayed(self, told: Sequence[tuple[str, bool]]) -> None:
        for symbol, is_delayed in told:
            if is_delayed:
                self._delayed.add(symbol)
            else:
                self._delayed.discard(symbol)
        if self._delayed != self._told_delayed:
            self._told_delayed = frozenset(self._delayed)
            if self._state is FeedState.LIVE:
                self._on_settled()
            else:  # whoever repairs a gap must know it before the first price
                self.report(self._state, self._detail)

    async def _watch_data(self) -> None:
        """Give the connection up where a session is on and nothing but heartbeats comes."""
        while True:
            now_ns = self._clock.monotonic_ns()
            if not self._is_data_due():
                self._data.wait_from(now_ns)
                if self._state is FeedState.STALE:
                    self._on_settled()
            left_s = self._data.left_s(now_ns)
            if left_s <= 0:
                self._data.on_given_up()
                self.report(FeedState.STALE, "Heartbeats came, but no prices.")
                raise ConnectionLost("heartbeats came, but no prices")
            await self._clock.sleep(min(left_s, _LOOK_S))

    def _is_data_due(self) -> bool:
        now_ns = self._clock.now_ns()
        discarded = self._session.discarded if self._session is not None else ()
        streamed = self._wanted.symbols - self._halted - frozenset(discarded)
        kinds = {instrument_of(symbol).kind for symbol in streamed}
        return any(sessions.regular(kind).is_open(now_ns) for kind in kinds)

    def _on_notice(self, notice: Notice, received_ns: int) -> None:
        if notice.heartbeat is not None:
            self._heartbeat_ns = received_ns
            self._watch.on_heartbeat(self._clock.monotonic_ns())
            self.report(self._state, self._detail)
        elif notice.content is not None:
            refuse_or_lose(notice.content)

    def _on_bad_frame(self, frame: bytes, reason: str) -> None:
        self._bad_frames += 1
        now_ns = self._clock.monotonic_ns()
        # A flood of them is told once a second; the count is exact at the next heartbeat.
        if self._faults_told_ns is None or now_ns - self._faults_told_ns >= _TELL_FAULTS_EVERY_NS:
            self._faults_told_ns = now_ns
            start = frame[:_FRAME_START].decode(errors="replace")
            log.warning("bad frame", extra={"reason": reason, "start": start, "count": self._bad_frames})
            self.report(self._state, self._detail)


def _delay_words(symbols: Sequence[str]) -> str:
    named = ", ".join(symbols[:_DELAYED_NAMED])
    if len(symbols) > _DELAYED_NAMED:
        return f"Schwab delays the prices of {len(symbols)} symbols, such as {named}."
    return f"Schwab delays the prices of {named}."
