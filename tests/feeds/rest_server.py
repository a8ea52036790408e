"""A data service that answers as told, and a client of it."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from aiohttp import web

from tradeassist_desktop.feeds.schwab.auth import AppCredentials, TokenManager, Tokens
from tradeassist_desktop.feeds.schwab.requests import SCHWAB_BREAKER, SchwabRequests
from tradeassist_desktop.feeds.schwab.rest import SchwabRest
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.budget import Budget
from tradeassist_desktop.runtime.clock import Clock, SystemClock


@dataclass(frozen=True)
class Answer:
    """One answer; ``trickle_s`` sends a byte every so often, for ever."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    trickle_s: float = 0.0


@dataclass
class RestServer:
    """Answers in turn, the last answer stays; counts token refreshes."""

    answers: list[Answer]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    tokens_seen: list[str] = field(default_factory=list)
    refreshes: int = 0
    url: str = ""

    async def token(self, _: web.Request) -> web.Response:
        self.refreshes += 1
        return web.json_response({"access_token": f"I0.{self.refreshes}@", "expires_in": 1800})

    async def data(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path.removeprefix("/marketdata/v1"), dict(request.query)))
        self.tokens_seen.append(request.headers["Authorization"])
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer.trickle_s:
            return await self._trickle(request, answer)
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        return web.Response(status=answer.status, text=text, headers=answer.headers)

    async def _trickle(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(answer.trickle_s)


@dataclass
class Asked:
    """The server, the client, what sends single requests as it does, and what guards them."""

    server: RestServer
    rest: SchwabRest
    requests: SchwabRequests
    budget: Budget
    breaker: Breaker


@asynccontextmanager
async def rest_of(
    *answers: Answer, clock: Clock | None = None, limit: int = 120, deadline_s: float = 5.0
) -> AsyncIterator[Asked]:
    clock = clock or SystemClock()
    server = RestServer(answers=list(answers))
    app = web.Application()
    app.add_routes(
        [web.post("/v1/oauth/token", server.token), web.get("/marketdata/v1/{rest:.*}", server.data)]
    )
    # Cancelled when the client leaves, as a body that trickles for ever must be.
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def keep(_: Tokens) -> None:
        """These end with the test."""

    try:
        async with httpx.AsyncClient(trust_env=False) as http:
            budget = Budget(limit=limit, clock=clock)
            breaker = Breaker(name="schwab", config=SCHWAB_BREAKER, clock=clock, rng=random.Random(1))
            tokens = TokenManager(
                base_url=server.url,
                app=AppCredentials(key="key", secret="secret"),
                tokens=Tokens(refresh_token="first"),
                http=http,
                clock=clock,
                on_tokens=keep,
            )
            rest = SchwabRest(
                base_url=server.url,
                tokens=tokens,
                http=http,
                clock=clock,
                breaker=breaker,
                budget=budget,
                deadline_s=deadline_s,
            )
            requests = SchwabRequests(
                base_url=server.url,
                tokens=tokens,
                http=http,
                breaker=breaker,
                budget=budget,
                deadline_s=deadline_s,
            )
            yield Asked(server=server, rest=rest, requests=requests, budget=budget, breaker=breaker)
    finally:
        await runner.cleanup()
