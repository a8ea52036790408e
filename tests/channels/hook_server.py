"""A receiver of webhooks over a real socket; it answers as told."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from multidict import CIMultiDict


@dataclass(frozen=True)
class Received:
    path: str
    headers: CIMultiDict[str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


@dataclass
class HookServer:
    """Keeps what it gets. ``answers`` are used up in turn, the last stays; ``before_answer`` may wait."""

    answers: list[web.Response] = field(default_factory=list)
    before_answer: Callable[[], Awaitable[None] | None] = lambda: None
    received: list[Received] = field(default_factory=list)
    names_asked_for: list[str | None] = field(default_factory=list)
    connects: int = 0
    open_now: int = 0
    port: int = 0

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.received.append(
            Received(path=request.path_qs, headers=CIMultiDict(request.headers), body=await request.read())
        )
        waits = self.before_answer()
        if waits is not None:
            await waits
        if not self.answers:
            return web.Response(text="ok")
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)


class _Counted(RequestHandler):
    """Tells its server of each connection."""

    __slots__ = ("hook",)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.hook.connects += 1
        self.hook.open_now += 1
        super().connection_made(transport)

    def connection_lost(self, error: BaseException | None) -> None:
        self.hook.open_now -= 1
        super().connection_lost(error)


@asynccontextmanager
async def hook_server(
    tls: ssl.SSLContext | None = None, *, host: str = "127.0.0.1", port: int = 0, **changes: Any
) -> AsyncIterator[HookServer]:
    """Run one; without ``tls`` it speaks plain HTTP."""
    hook = HookServer(**changes)
    if tls is not None:
        tls.sni_callback = lambda _, name, __: hook.names_asked_for.append(name)
    # Cancelled when the client leaves, as one that hangs must be.
    handler = web.Server(hook.take, handler_cancellation=True)  # type: ignore[arg-type]

    loop = asyncio.get_running_loop()

    def protocol() -> RequestHandler:
        made = _Counted(handler, loop=loop, access_log=None)
        made.hook = hook
        return made

    server = await loop.create_server(protocol, host, port, ssl=tls)
    hook.port = int(server.sockets[0].getsockname()[1])
    try:
        yield hook
    finally:
        server.close()
        await handler.shutdown(0.1)
        await server.wait_closed()
