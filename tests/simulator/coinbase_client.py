"""A plain client of the local Coinbase: no code of the feed, so that the two cannot agree on a mistake."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator.coinbase.market import CoinMarket
from tradeassist_desktop.simulator.coinbase.server import CoinbaseSimulator
from tradeassist_desktop.simulator.source import Source

Message = dict[str, Any]


@dataclass
class CoinbaseClient:
    """Speaks the protocol by hand."""

    simulator: CoinbaseSimulator
    http: aiohttp.ClientSession
    socket: aiohttp.ClientWebSocketResponse

    async def ask(self, kind: str, *products: str, channels: Any = ("ticker", "heartbeat")) -> Message:
        """Send a command; return the first message that is no market data."""
        await self.send(kind, *products, channels=channels)
        return await self.next("subscriptions", "error")

    async def send(self, kind: str, *products: str, channels: Any = ("ticker", "heartbeat")) -> None:
        await self.socket.send_json({"type": kind, "product_ids": products, "channels": list(channels)})

    async def next(self, *kinds: str) -> Message:
        while True:
            message: Message = await self.socket.receive_json(timeout=5)
            if message["type"] in kinds:
                return message

    async def next_of(self, product: str) -> Message:
        while True:
            ticker = await self.next("ticker")
            if ticker["product_id"] == product:
                return ticker

    async def get(self, path: str, **query: Any) -> tuple[int, Any]:
        async with self.http.get(self.simulator.http_url + path, params=query) as answer:
            return answer.status, await answer.json()

    async def control(self, method: str, **body: Any) -> tuple[int, Message]:
        """Ask the control endpoint as somebody with the ready line."""
        ready = self.simulator.ready_line()
        headers = {"Authorization": f"Bearer {ready['control_token']}"}
        async with self.http.request(method, ready["control"], headers=headers, **body) as answer:
            return answer.status, await answer.json()

    async def begin(self, fault: str, **parameters: Any) -> None:
        status, state = await self.control("POST", json={"fault": fault, **parameters})
        assert status == 200, state

    async def heard(self, *, for_s: float = 0.3) -> list[aiohttp.WSMessage]:
        """Return what comes in a while, but for what was on its way already."""
        await asyncio.sleep(0.1)
        await self._within(0.05)
        return await self._within(for_s)

    async def until_end(self) -> str:
        """Read to the end of the connection; return how it ended."""
        while True:
            message = await self.socket.receive(timeout=5)
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                return f"{message.type.name} {self.socket.close_code}"

    async def _within(self, seconds: float) -> list[aiohttp.WSMessage]:
        found: list[aiohttp.WSMessage] = []
        loop = asyncio.get_running_loop()
        ends = loop.time() + seconds
        while (left := ends - loop.time()) > 0:
            try:
                found.append(await self.socket.receive(timeout=left))
            except TimeoutError:
                break
        return found


@asynccontextmanager
async def connected(source: Source | None = None, **rules: Any) -> AsyncIterator[CoinbaseClient]:
    """A client of a busy market, by websocket and REST."""
    clock = SystemClock()
    source = source or CoinMarket(clock=clock, rate=200)
    async with (
        CoinbaseSimulator(source=source, clock=clock, **{"heartbeat_s": 0.05, **rules}) as simulator,
        aiohttp.ClientSession() as http,
        http.ws_connect(simulator.ws_url) as socket,
    ):
        yield CoinbaseClient(simulator, http, socket)
