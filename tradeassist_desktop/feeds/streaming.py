"""One resilient websocket client: connects, receives within a time budget, watches, connects anew."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from math import inf
from typing import Any, Final, Protocol

import aiohttp

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.feeds.failures import BrokenFrame, ConnectionLost
from tradeassist_desktop.feeds.heartbeat import HeartbeatWatch
from tradeassist_desktop.runtime.backoff import Backoff
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within

log = logging.getLogger(__name__)

Send = Callable[[str], Awaitable[None]]

_BUDGET_NS: Final = 1_000_000
_MAX_FRAME_BYTES: Final = 2 * 1024 * 1024  # a snapshot of 1,000 symbols is half a megabyte
_CONNECT_S: Final = 5.0
_CLOSE_S: Final = 1.0
_STEADY_NS: Final = 5 * NS_PER_SECOND
_IMPATIENT_NS: Final = 300 * NS_PER_SECOND
_IMPATIENT_S: Final = 2.0
_ENDINGS: Final = frozenset(
    {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
)


class Venue(Protocol):
    """What differs from venue to venue. Any method may raise ``ConnectionLost`` or ``FeedRefused``."""

    async def wait_until_wanted(self) -> None:
        """Return once there is something to connect for."""
        ...

    async def locate(self) -> str:
        """Sign in as far as that comes before the stream; return the websocket's URL."""
        ...

    async def converse(self, send: Send) -> None:
        """Log in, subscribe, and keep the subscriptions as wanted until cancelled."""
        ...

    def on_frame(self, frame: bytes, received_ns: int) -> None:
        """Take one frame; never waits."""
        ...

    def on_stale(self, silence_s: float) -> None:
        """Hear that nothing was heard for that long; the connection is given up next."""
        ...

    def on_lost(self, lost: ConnectionLost, wait_s: float) -> None:
        """Hear that the connection is gone and when the next try comes."""
        ...


class ResilientStream:
    """Keeps one websocket open to a venue.

    For the first five minutes of an outage no wait between tries is longer than 2 s: most outages
    are short, and the stream is to be back within 5 s of its venue. A venue that says how long to
    wait is obeyed, until the trader asks for a try. What comes faster than it is taken in is held
    back by TCP: at most some hundred kilobytes wait here.

    Args:
        watch: Says when silence means death.
        backoff: Waits between tries; it begins anew once a connection has held for 5 s.
        max_frame_bytes: A larger frame ends the connection instead of filling the memory.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        backoff: Backoff,
        watch: HeartbeatWatch,
        max_frame_bytes: int = _MAX_FRAME_BYTES,
    ) -> None:
        self._clock = clock
        self._backoff = backoff
        self._watch = watch
        self._max_frame_bytes = max_frame_bytes
        self._opened_ns: int | None = None
        self._is_asked_for = asyncio.Event()

    def try_now(self) -> None:
        """End the wait before the next try, if one is on: the trader will not wait for it."""
        self._is_asked_for.set()

    async def run(self, venue: Venue) -> None:
        """Stream until cancelled.

        Raises:
            FeedRefused: the venue will not have us; trying again is for the trader to decide.
        """
        async with aiohttp.ClientSession() as http:
            down_since_ns: int | None = None
            while True:
                await venue.wait_until_wanted()
                self._opened_ns = None
                try:
                    await self._stream_once(http, venue)
                except ConnectionLost as lost:
                    now_ns = self._clock.monotonic_ns()
                    is_steady = self._opened_ns is not None and now_ns - self._opened_ns >= _STEADY_NS
                    if is_steady:
                        self._backoff.reset()
                    if is_steady or down_since_ns is None:
                        down_since_ns = now_ns
                    at_most_s = _IMPATIENT_S if now_ns - down_since_ns < _IMPATIENT_NS else inf
                    wait_s = max(self._backoff.next_s(at_most_s=at_most_s), lost.wait_s)
                    log.info("stream lost", extra={"reason": lost.reason, "wait_s": round(wait_s, 3)})
                    self._is_asked_for.clear()
                    venue.on_lost(lost, wait_s)
                    with suppress(TimeoutError):
                        await within(self._clock, wait_s, self._is_asked_for.wait())

    async def _stream_once(self, http: aiohttp.ClientSession, venue: Venue) -> None:
        url = await venue.locate()
        socket = await self._connect(http, url)
        try:
            self._opened_ns = self._clock.monotonic_ns()
            self._watch.on_open(self._opened_ns)
            await first_to_end(
                self._receive(socket, venue), venue.converse(_sender(socket)), self._watch_silence(venue)
            )
        finally:
            # Its own limit is for each frame that comes before the other side's farewell, and one
            # that goes on streaming never says it.
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLOSE_S):
                    await socket.close()

    async def _connect(self, http: aiohttp.ClientSession, url: str) -> aiohttp.ClientWebSocketResponse[bool]:
        try:
            async with asyncio.timeout(_CONNECT_S):
                # No compression is offered: a small frame that unpacks to gigabytes cannot come.
                return await http.ws_connect(
                    url,
                    compress=0,
                    max_msg_size=self._max_frame_bytes,
                    decode_text=False,
                    timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_S),
                )
        except TimeoutError:
            raise ConnectionLost(f"no connection within {_CONNECT_S:.0f} s") from None
        except (aiohttp.ClientError, OSError) as error:
            log.debug("no connection", extra={"reason": repr(error)})
            raise ConnectionLost("the stream cannot be reached") from error

    async def _receive(self, socket: aiohttp.ClientWebSocketResponse[bool], venue: Venue) -> None:
        monotonic_ns, now_ns = self._clock.monotonic_ns, self._clock.now_ns
        budget_ends_ns = monotonic_ns() + _BUDGET_NS
        while True:
            message = await socket.receive()
            if message.type in _ENDINGS:
                error = message.data if message.type is aiohttp.WSMsgType.ERROR else socket.exception()
                raise _ending(error, socket.close_code)
            moment_ns = monotonic_ns()
            self._watch.on_frame(moment_ns)
            venue.on_frame(message.data, now_ns())
            if monotonic_ns() >= budget_ends_ns:
                # receive() does not suspend while frames are queued: the window must have its turn.
                await asyncio.sleep(0)
                budget_ends_ns = monotonic_ns() + _BUDGET_NS

    async def _watch_silence(self, venue: Venue) -> None:
        while (left_s := self._watch.left_s(self._clock.monotonic_ns())) > 0:
            await self._clock.sleep(left_s)
        silence_s = self._watch.limit_s
        venue.on_stale(silence_s)
        raise ConnectionLost(f"nothing was heard for {silence_s:.0f} s")


async def first_to_end(*jobs: Coroutine[Any, Any, None]) -> None:
    """Run jobs side by side; when the first ends, end the others and raise what it raised."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:  # of several that ended, the first named is the one that knows why
        if task in done:
            task.result()


def _sender(socket: aiohttp.ClientWebSocketResponse[bool]) -> Send:
    async def send(text: str) -> None:
        # Who receives knows why the line is gone, ends next, and says it; the answer will not come.
        with suppress(aiohttp.ClientError, ConnectionError):
            await socket.send_str(text)

    return send


def _ending(error: BaseException | None, close_code: int | None) -> ConnectionLost:
    if isinstance(error, aiohttp.WebSocketError):
        return BrokenFrame(f"a frame broke the rules of websockets ({error.code})")
    if error is not None:
        log.debug("connection broke", extra={"reason": repr(error)})
        return ConnectionLost("the connection broke")
    return ConnectionLost(f"the connection was closed ({close_code or 1006})")
