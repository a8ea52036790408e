"""One resilient websocket client: connects, receives within a time budget, watches, connects anew."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, Protocol

import aiohttp

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.feeds.failures import ConnectionLost
from tradeassist_desktop.feeds.heartbeat import HeartbeatWatch
from tradeassist_desktop.runtime.backoff import Backoff
from tradeassist_desktop.runtime.clock import Clock

log = logging.getLogger(__name__)

Send = Callable[[str], Awaitable[None]]

_BUDGET_NS: Final = 4_000_000
_MAX_FRAME_BYTES: Final = 4 * 1024 * 1024
_CONNECT_S: Final = 15.0
_CLOSE_S: Final = 1.0
_STEADY_NS: Final = 10 * NS_PER_SECOND
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

    def on_lost(self, reason: str, wait_s: float) -> None:
        """Hear that the connection is gone and when the next try comes."""
        ...


class ResilientStream:
    """Keeps one websocket open to a venue.

    Args:
        watch: Says when silence means death.
        backoff: Waits between tries; it begins anew once a connection has held for 10 s.
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

    async def run(self, venue: Venue) -> None:
        """Stream until cancelled.

        Raises:
            FeedRefused: the venue will not have us; trying again is for the trader to decide.
        """
        async with aiohttp.ClientSession() as http:
            while True:
                await venue.wait_until_wanted()
                started_ns = self._clock.monotonic_ns()
                try:
                    await self._stream_once(http, venue)
                except ConnectionLost as lost:
                    if self._clock.monotonic_ns() - started_ns >= _STEADY_NS:
                        self._backoff.reset()
                    wait_s = max(self._backoff.next_s(), lost.wait_s)
                    log.info("stream lost", extra={"reason": lost.reason, "wait_s": round(wait_s, 3)})
                    venue.on_lost(lost.reason, wait_s)
                    await self._clock.sleep(wait_s)

    async def _stream_once(self, http: aiohttp.ClientSession, venue: Venue) -> None:
        url = await venue.locate()
        socket = await self._connect(http, url)
        try:
            self._watch.on_open(self._clock.monotonic_ns())
            await _first_to_end(
                self._receive(socket, venue), venue.converse(_sender(socket)), self._watch_silence(venue)
            )
        finally:
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
            raise ConnectionLost(f"the stream cannot be reached ({type(error).__name__})") from error

    async def _receive(self, socket: aiohttp.ClientWebSocketResponse[bool], venue: Venue) -> None:
        monotonic_ns, now_ns = self._clock.monotonic_ns, self._clock.now_ns
        budget_ends_ns = monotonic_ns() + _BUDGET_NS
        while True:
            message = await socket.receive()
            if message.type in _ENDINGS:
                raise ConnectionLost(_ending(socket))
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


async def _first_to_end(*jobs: Coroutine[Any, Any, None]) -> None:
    """Run jobs side by side; when the first ends, end the others and raise what it raised."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


def _sender(socket: aiohttp.ClientWebSocketResponse[bool]) -> Send:
    async def send(text: str) -> None:
        try:
            await socket.send_str(text)
        except (aiohttp.ClientError, ConnectionError) as error:
            raise ConnectionLost("the connection broke while a command was sent") from error

    return send


def _ending(socket: aiohttp.ClientWebSocketResponse[bool]) -> str:
    error = socket.exception()
    if isinstance(error, aiohttp.WebSocketError):
        return f"a frame broke the rules of websockets ({error.code})"
    if error is not None:
        return f"the connection broke ({type(error).__name__})"
    return f"the connection was closed ({socket.close_code or 1006})"
