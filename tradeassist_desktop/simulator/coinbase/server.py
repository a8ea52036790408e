"""A local Coinbase Exchange: websocket and REST on a loopback port, with a market behind it.

It speaks what its public documentation says of ``ticker``, ``heartbeat``, ``/products`` and candles.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Any, Final, Self

from aiohttp import web

from tradeassist_desktop.domain.market import NS_PER_SECOND, Tick
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.coinbase.connection import CoinbaseConnection, CoinbaseFaults
from tradeassist_desktop.simulator.coinbase.tape import Tape
from tradeassist_desktop.simulator.listening import listen
from tradeassist_desktop.simulator.source import Source

log = logging.getLogger(__name__)

_GRANULARITIES: Final = (60, 300, 900, 3600, 21600, 86400)
_MOST_CANDLES: Final = 300
_SUBSCRIBE_WITHIN_S: Final = 5.0


class CoinbaseSimulator:
    """A local Coinbase. ``async with`` it, or ``start`` and ``stop``.

    ``faults`` lets tests make it misbehave; ``connects`` counts the connections so far.

    Args:
        port: 0 takes any free one; ``http_url`` says which.
        source: The market it plays.
        heartbeat_s: Seconds between a product's heartbeats.
        seed: Of what it makes up itself.
    """

    def __init__(
        self,
        *,
        source: Source,
        clock: Clock,
        port: int = 0,
        heartbeat_s: float = 1.0,
        subscribe_within_s: float = _SUBSCRIBE_WITHIN_S,
        seed: int = 7,
    ) -> None:
        self._source = source
        self._clock = clock
        self._port = port
        self._heartbeat_s = heartbeat_s
        self._subscribe_within_s = subscribe_within_s
        self._tape = Tape(seed=seed)
        self._connections: list[CoinbaseConnection] = []
        self._subscribed = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._trading: asyncio.Task[None] | None = None
        self.faults = CoinbaseFaults()
        self.connects = 0
        self.requests = 0

    @property
    def http_url(self) -> str:
        """The base URL of REST, without a slash at its end; known once started."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def ws_url(self) -> str:
        """The websocket's URL; known once started."""
        return f"ws://127.0.0.1:{self._port}"

    @property
    def connections(self) -> tuple[CoinbaseConnection, ...]:
        """Return the open connections, oldest first."""
        return tuple(self._connections)

    def ready_line(self) -> dict[str, str]:
        """Return what a client needs to know, as ``tradeassist simulator`` prints it."""
        return {"http": self.http_url, "ws": self.ws_url}

    async def start(self) -> None:
        """Listen on 127.0.0.1 and open the market.

        Raises:
            OSError: the port is taken.
        """
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self._serve),
                web.get("/products", self._answer_products),
                web.get("/products/{product}/candles", self._answer_candles),
            ]
        )
        app.on_shutdown.append(self._on_shutdown)
        self._runner, self._port = await listen(app, self._port)
        self._trading = asyncio.create_task(self._trade(), name="simulated Coinbase market")

    async def stop(self) -> None:
        """Close every connection and end the market; nothing is left running."""
        if self._trading is not None:
            self._trading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._trading
            self._trading = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # --- the market's side

    async def publish(self, ticks: Sequence[Tick]) -> None:
        """Put trades on the tape and send their tickers to who subscribed, in order."""
        for tick in ticks:
            ticker = self._tape.put(tick)
            if ticker is None:
                continue
            if self.faults.dropped_tickers:
                self.faults.dropped_tickers -= 1 if self.faults.dropped_tickers > 0 else 0
                continue
            for connection in self.connections:
                if tick.symbol in connection.products:
                    await connection.send(ticker)

    async def wait_for_subscriber(self, symbols: frozenset[str]) -> None:
        """Return once a connection has subscribed one of ``symbols``."""
        while not any(connection.products & symbols for connection in self._connections):
            self._subscribed.clear()
            await self._subscribed.wait()

    # --- faults

    def drop_all(self) -> None:
        """Cut every connection without a closing word, as a failing network does."""
        for connection in self.connections:
            connection.abort()

    async def close_all(self) -> None:
        """Close every connection politely (1000)."""
        for connection in self.connections:
            await connection.close()

    # --- HTTP

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if self.faults.is_closed:
            return _fault(503, "maintenance")
        socket = web.WebSocketResponse(compress=False, max_msg_size=1 << 20)
        await socket.prepare(request)
        self.connects += 1
        connection = CoinbaseConnection(
            socket=socket,
            transport=request.transport,
            tape=self._tape,
            products=self._source.listings.keys(),
            faults=self.faults,
            clock=self._clock,
            on_subscribed=self._subscribed.set,
        )
        self._connections.append(connection)
        async with asyncio.TaskGroup() as tasks:
            heartbeats = tasks.create_task(self._beat(connection))
            deadline = tasks.create_task(self._drop_if_idle(connection))
            try:
                await connection.serve()
            finally:
                self._connections.remove(connection)
                heartbeats.cancel()
                deadline.cancel()
        return socket

    async def _beat(self, connection: CoinbaseConnection) -> None:
        await connection.subscribed.wait()
        while True:
            await self._clock.sleep(self._heartbeat_s)
            await connection.send_heartbeats()

    async def _drop_if_idle(self, connection: CoinbaseConnection) -> None:
        try:
            async with asyncio.timeout(self._subscribe_within_s):
                await connection.subscribed.wait()
        except TimeoutError:
            await connection.close()

    async def _answer_products(self, request: web.Request) -> web.Response:
        return self._forced() or web.json_response(
            [
                {
                    "id": symbol,
                    "base_currency": symbol.split("-")[0],
                    "quote_currency": symbol.split("-")[-1],
                    "quote_increment": f"{listing.tick_size:.8f}".rstrip("0").rstrip("."),
                    "base_increment": "0.00000001",
                    "display_name": symbol.replace("-", "/"),
                    "status": "online",
                    "status_message": "",
                    "trading_disabled": False,
                    "post_only": False,
                    "cancel_only": False,
                    "limit_only": False,
                    "auction_mode": False,
                }
                for symbol, listing in self._source.listings.items()
            ]
        )

    async def _answer_candles(self, request: web.Request) -> web.Response:
        forced = self._forced()
        if forced is not None:
            return forced
        product = request.match_info["product"]
        if product not in self._source.listings:
            return _fault(404, "NotFound")
        try:
            length_s = int(request.query.get("granularity", "60"))
            latest_s = self._clock.now_ns() // NS_PER_SECOND
            end_s = int(request.query.get("end", latest_s))
            start_s = int(request.query.get("start", end_s - _MOST_CANDLES * length_s + 1))
        except ValueError:
            return _fault(400, "Invalid start, end or granularity")
        if length_s not in _GRANULARITIES:
            return _fault(400, "Unsupported granularity")
        if (end_s - start_s) // length_s > _MOST_CANDLES:
            return _fault(400, "granularity too small for the requested time range. Count exceeds 300")
        return web.json_response(self._tape.candles(product, length_s, start_s, end_s))

    def _forced(self) -> web.Response | None:
        self.requests += 1
        if self.faults.rest_status is None:
            return None
        after_s = self.faults.retry_after_s
        headers = {} if after_s is None else {"Retry-After": str(after_s)}
        return _fault(self.faults.rest_status, "forced", headers)

    async def _trade(self) -> None:
        try:
            await self._source.run(self)
        except Exception:
            # The server goes on: what was subscribed stays, as at a halt.
            log.exception("simulated market stopped")

    async def _on_shutdown(self, _: web.Application) -> None:
        await self.close_all()


def _fault(status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    body: dict[str, Any] = {"message": message}
    return web.json_response(body, status=status, headers=headers)
