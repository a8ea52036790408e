"""A local Coinbase Exchange: websocket and REST on a loopback port, with a market behind it.

It speaks what its public documentation says of ``ticker``, ``heartbeat``, ``/products`` and candles.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Final, Self

from aiohttp import web

from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.coinbase.acts import CoinbaseDesk
from tradeassist_desktop.simulator.coinbase.answers import CoinbaseAnswers, refusal
from tradeassist_desktop.simulator.coinbase.clients import Clients
from tradeassist_desktop.simulator.coinbase.connection import CoinbaseConnection
from tradeassist_desktop.simulator.coinbase.exchange import CoinExchange
from tradeassist_desktop.simulator.coinbase.kinds import COINBASE_FAULTS
from tradeassist_desktop.simulator.coinbase.switches import CoinbaseFaults
from tradeassist_desktop.simulator.coinbase.tape import Tape
from tradeassist_desktop.simulator.faults.control import Control
from tradeassist_desktop.simulator.faults.cut import cut_off
from tradeassist_desktop.simulator.faults.mischief import Mischief
from tradeassist_desktop.simulator.faults.scenario import Scenario, play
from tradeassist_desktop.simulator.listening import listen
from tradeassist_desktop.simulator.source import Source

log = logging.getLogger(__name__)

_SUBSCRIBE_WITHIN_S: Final = 5.0


class CoinbaseSimulator:
    """A local Coinbase. ``async with`` it, or ``start`` and ``stop``.

    ``mischief`` begins faults by name; ``faults`` and ``exchange`` are the switches and acts behind
    the names.

    Args:
        port: 0 takes any free one; ``http_url`` says which.
        source: The market it plays.
        heartbeat_s: Seconds between a product's heartbeats.
        seed: Of what it makes up itself.
        scenario: Faults by the clock, from ``start`` on.
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
        scenario: Scenario | None = None,
    ) -> None:
        self._source = source
        self._clock = clock
        self._port = port
        self._heartbeat_s = heartbeat_s
        self._subscribe_within_s = subscribe_within_s
        self._tape = Tape(seed=seed)
        self._scenario = scenario
        self._runner: web.AppRunner | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.faults = CoinbaseFaults()
        self._clients = Clients(faults=self.faults)
        self.exchange = CoinExchange(source=source, tape=self._tape, clients=self._clients)
        desk = CoinbaseDesk(faults=self.faults, clients=self._clients, exchange=self.exchange)
        self.mischief = Mischief(kinds=COINBASE_FAULTS, desk=desk, clock=clock)
        self._answers = CoinbaseAnswers(source=source, tape=self._tape, clock=clock, faults=self.faults.rest)
        self._control = Control(mischief=self.mischief, counts=self._counts)

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
        return self._clients.connections

    @property
    def connects(self) -> int:
        """Return how many connections there have been."""
        return self._clients.connects

    @property
    def requests(self) -> int:
        """Return how many REST requests there have been."""
        return self._answers.requests

    def ready_line(self) -> dict[str, str]:
        """Return what a client needs to know, as ``tradeassist simulator`` prints it."""
        return {
            "http": self.http_url,
            "ws": self.ws_url,
            "control": f"{self.http_url}/control/faults",
            "control_token": self._control.token,
        }

    async def start(self) -> None:
        """Listen on 127.0.0.1 and open the market.

        Raises:
            OSError: the port is taken.
        """
        app = web.Application(middlewares=[cut_off(lambda: self.faults.is_unreachable)])
        app.add_routes([web.get("/", self._serve), *self._answers.routes(), *self._control.routes()])
        app.on_shutdown.append(self._on_shutdown)
        self._runner, self._port = await listen(app, self._port)
        self._tasks.append(asyncio.create_task(self._trade(), name="simulated Coinbase market"))
        if self._scenario is not None:
            self._tasks.append(asyncio.create_task(self._play(self._scenario), name="Coinbase scenario"))

    async def stop(self) -> None:
        """Close every connection and end the market; nothing is left running."""
        while self._tasks:
            task = self._tasks.pop()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self.mischief.end_all()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def publish(self, ticks: Sequence[Tick]) -> None:
        """Let trades happen, in order."""
        await self.exchange.publish(ticks)

    def drop_all(self) -> None:
        """Cut every connection without a closing word, as a failing network does."""
        self._clients.drop_all()

    async def close_all(self) -> None:
        """Close every connection politely (1000)."""
        await self._clients.close_all()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if self.faults.is_closed:
            return refusal(503, "maintenance")
        socket = web.WebSocketResponse(compress=False, max_msg_size=1 << 20)
        await socket.prepare(request)
        connection = CoinbaseConnection(
            socket=socket,
            transport=request.transport,
            tape=self._tape,
            products=self._source.listings.keys(),
            faults=self.faults,
            clock=self._clock,
            on_subscribed=self._clients.on_subscribed,
        )
        self._clients.add(connection)
        async with asyncio.TaskGroup() as tasks:
            heartbeats = tasks.create_task(self._beat(connection))
            deadline = tasks.create_task(self._drop_if_idle(connection))
            try:
                await connection.serve()
            finally:
                self._clients.remove(connection)
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

    async def _trade(self) -> None:
        try:
            await self._source.run(self.exchange)
        except Exception:
            # The server goes on: what was subscribed stays, as at a halt.
            log.exception("simulated market stopped")

    async def _play(self, scenario: Scenario) -> None:
        await play(
            scenario,
            mischief=self.mischief,
            clock=self._clock,
            first_subscription=lambda: self._clients.wait_for_subscriber(frozenset(self._source.listings)),
            on_refused=lambda error: log.warning("scenario step refused: %s", error),
        )

    def _counts(self) -> dict[str, int]:
        return {
            "connections": len(self.connections),
            "connects": self.connects,
            "rest_requests": self.requests,
        }

    async def _on_shutdown(self, _: web.Application) -> None:
        # A half-open connection answers no closing word; it is cut.
        self._clients.drop_frozen()
        await self.close_all()
