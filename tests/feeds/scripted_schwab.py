"""A Schwab whose streamer says what a test tells it to; for what no honest simulator does."""

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from aiohttp import WSMsgType, web

from tests.feeds.conftest import RecordingSink
from tests.tcp_proxy import TcpProxy, tcp_proxy
from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.feeds.schwab.feed import AppCredentials, SchwabFeed, TokenManager, Tokens
from tradeassist_desktop.runtime.clock import Clock, SystemClock

Socket = web.WebSocketResponse
Script = Callable[["ScriptedSchwab", web.Request], Awaitable[web.StreamResponse]]


def quote(symbol: str, last: float, **fields: object) -> str:
    """Return a data frame with one trade of a share."""
    item = {"key": symbol, "3": last, **fields}
    part = {"service": "LEVELONE_EQUITIES", "timestamp": 1, "command": "SUBS", "content": [item]}
    return json.dumps({"data": [part]})


def response(request: dict[str, Any], code: int = 0, msg: str = "") -> dict[str, Any]:
    """Return the answer to a command."""
    answered = {name: request[name] for name in ("service", "command", "requestid")}
    return {**answered, "timestamp": 1, "content": {"code": code, "msg": msg}}


@dataclass
class ScriptedSchwab:
    """Answers every command with success, unless ``verdicts`` says otherwise, and lets the test send.

    ``commands`` are (service, command, keys) in the order they came, all connections together.
    """

    verdicts: Callable[[dict[str, Any]], tuple[int, str]] = lambda request: (0, "ok")
    serve: Script | None = None
    heartbeat_s: float = 0.05
    ws_url: str = ""
    url: str = ""
    connects: int = 0
    commands: list[tuple[str, str, str]] = field(default_factory=list)
    sockets: list[Socket] = field(default_factory=list)
    transports: list[asyncio.Transport] = field(default_factory=list)

    async def token(self, _: web.Request) -> web.Response:
        return web.json_response({"access_token": "I0.token@", "expires_in": 1800})

    async def preference(self, _: web.Request) -> web.Response:
        streamer = {
            "streamerSocketUrl": self.ws_url,
            "schwabClientCustomerId": "c",
            "schwabClientCorrelId": "d",
            "schwabClientChannel": "N9",
            "schwabClientFunctionId": "APIAPP",
        }
        return web.json_response({"streamerInfo": [streamer]})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        self.connects += 1
        if self.serve is not None:
            return await self.serve(self, request)
        return await self.talk(request)

    async def talk(self, request: web.Request) -> web.StreamResponse:
        """Speak the protocol until the client leaves."""
        socket = web.WebSocketResponse(max_msg_size=1 << 20)
        await socket.prepare(request)
        self.sockets.append(socket)
        assert request.transport is not None
        self.transports.append(request.transport)
        beating = asyncio.create_task(self._beat(socket))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    for command in json.loads(message.data)["requests"]:
                        await self.answer(socket, command)
        finally:
            beating.cancel()
            self.sockets.remove(socket)
        return socket

    async def answer(self, socket: Socket, request: dict[str, Any]) -> None:
        parameters = request["parameters"]
        self.commands.append((request["service"], request["command"], parameters.get("keys", "")))
        code, msg = self.verdicts(request)
        await socket.send_str(json.dumps({"response": [response(request, code, msg)]}))

    async def send(self, text: str) -> None:
        await self.sockets[-1].send_str(text)

    async def _beat(self, socket: Socket) -> None:
        while True:
            await asyncio.sleep(self.heartbeat_s)
            with contextlib.suppress(ConnectionError):
                await socket.send_str('{"notify":[{"heartbeat":"1"}]}')


@dataclass
class ScriptedDesk:
    """The server, and a feed that runs on it."""

    server: ScriptedSchwab
    feed: SchwabFeed
    sink: RecordingSink


@asynccontextmanager
async def scripted_desk(
    server: ScriptedSchwab,
    *,
    symbols: Iterable[str] = ("AAPL",),
    clock: Clock | None = None,
    stream_url: Callable[[str], str] = lambda url: url,
    sink: RecordingSink | None = None,
    **options: Any,
) -> AsyncIterator[ScriptedDesk]:
    """Run a feed on the server.

    Args:
        stream_url: Makes the streamer's address that the client is told of the true one.
    """
    clock = clock or SystemClock()
    app = web.Application()
    app.add_routes(
        [
            web.post("/v1/oauth/token", server.token),
            web.get("/trader/v1/userPreference", server.preference),
            web.get("/ws", server.stream),
        ]
    )
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    server.url = f"http://127.0.0.1:{port}"
    server.ws_url = stream_url(f"ws://127.0.0.1:{port}/ws")

    async def keep(_: Tokens) -> None:
        """These end with the test."""

    sink = sink or RecordingSink()
    async with httpx.AsyncClient(trust_env=False) as http:
        tokens = TokenManager(
            base_url=server.url,
            app=AppCredentials(key="key", secret="secret"),
            tokens=Tokens(refresh_token="first"),
            http=http,
            clock=clock,
            on_tokens=keep,
        )
        feed = SchwabFeed(
            base_url=server.url,
            tokens=tokens,
            http=http,
            clock=clock,
            **{"backoff_base_s": 0.01, "rng": random.Random(1), **options},
        )
        feed.subscribe(frozenset(symbols))
        running = asyncio.create_task(feed.run(sink))
        try:
            yield ScriptedDesk(server=server, feed=feed, sink=sink)
            assert not running.done(), "the feed ended by itself"
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            for socket in tuple(server.sockets):
                await socket.close()
            await runner.cleanup()


def live(desk: ScriptedDesk, *, connects: int = 1) -> Callable[[], bool]:
    return lambda: desk.sink.status.state is FeedState.LIVE and desk.sink.status.connects >= connects


@asynccontextmanager
async def proxied_desk(
    server: ScriptedSchwab, *, symbols: Iterable[str] = ("AAPL",), **options: Any
) -> AsyncIterator[tuple[ScriptedDesk, TcpProxy]]:
    """A desk whose stream, and no other request, goes through a proxy."""
    async with scripted_desk(server, symbols=[], **options) as desk:
        port = urlsplit(server.url).port
        assert port is not None
        async with tcp_proxy(port) as proxy:
            server.ws_url = f"ws://127.0.0.1:{proxy.port}/ws"
            desk.feed.subscribe(frozenset(symbols))
            yield desk, proxy
