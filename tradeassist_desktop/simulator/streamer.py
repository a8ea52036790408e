"""The simulated streamer: who is connected, and what every connection is sent."""

import asyncio
import logging
from collections.abc import Sequence

from aiohttp import web

from tradeassist_desktop.domain.market import NS_PER_MS, Tick
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.board import Board, shown_by
from tradeassist_desktop.simulator.connection import (
    CLOSE_CONNECTION,
    STOP_STREAMING,
    Connection,
    StreamerRules,
)
from tradeassist_desktop.simulator.faults import Faults
from tradeassist_desktop.simulator.oauth import SignIn

log = logging.getLogger(__name__)

_BATCH = 256


class Streamer:
    """Serves ``/ws`` and is the floor on which a source trades.

    One user, so one connection: a later login wins, and the earlier one is told (code 12).
    """

    def __init__(
        self, *, board: Board, sign_in: SignIn, clock: Clock, rules: StreamerRules, faults: Faults
    ) -> None:
        self._board = board
        self._sign_in = sign_in
        self._clock = clock
        self._rules = rules
        self._faults = faults
        self._connections: list[Connection] = []
        self._subscribed = asyncio.Event()
        self.logins = 0

    @property
    def connections(self) -> tuple[Connection, ...]:
        """Return the open connections, oldest first."""
        return tuple(self._connections)

    def routes(self) -> list[web.RouteDef]:
        """Return the HTTP routes."""
        return [web.get("/ws", self._serve)]

    async def publish(self, ticks: Sequence[Tick]) -> None:
        """Put updates on the board and on the wire, in order, at most 256 to a frame.

        A connection that does not read holds up all, until it is dropped as a slow reader.
        """
        for start in range(0, len(ticks), _BATCH):
            batch = ticks[start : start + _BATCH]
            is_sent = not (self._faults.is_silent or self._faults.is_without_data)
            connections = self.connections if is_sent else ()
            for tick in batch:
                shown = shown_by(tick)
                self._board.put(tick.symbol, shown)
                for connection in connections:
                    connection.add_update(tick.symbol, shown)
            stamp_ms = max(tick.event_ns for tick in batch) // NS_PER_MS
            for connection in connections:
                await self._flush(connection, stamp_ms)

    async def wait_for_subscriber(self, symbols: frozenset[str]) -> None:
        """Return once a connection has subscribed one of ``symbols``."""
        while not any(connection.subscribed & symbols for connection in self._connections):
            self._subscribed.clear()
            await self._subscribed.wait()

    def drop_all(self) -> None:
        """Cut every connection without a closing word, as a failing network does."""
        for connection in self.connections:
            connection.abort()

    async def close_all(self) -> None:
        """Close every connection politely (1000)."""
        for connection in self.connections:
            await connection.close()

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False, max_msg_size=1 << 20)
        await socket.prepare(request)
        connection = Connection(
            socket=socket,
            transport=request.transport,
            board=self._board,
            sign_in=self._sign_in,
            rules=self._rules,
            faults=self._faults,
            clock=self._clock,
            on_login=self._on_login,
            on_subscribed=self._subscribed.set,
        )
        self._connections.append(connection)
        async with asyncio.TaskGroup() as tasks:
            heartbeats = tasks.create_task(self._beat(connection))
            idleness = tasks.create_task(self._drop_when_idle(connection))
            try:
                await connection.serve()
            finally:
                self._connections.remove(connection)
                heartbeats.cancel()
                idleness.cancel()
        return socket

    async def _on_login(self, newcomer: Connection) -> None:
        self.logins += 1
        for connection in self.connections:
            if connection is not newcomer and connection.is_logged_in:
                await connection.notify(
                    "ADMIN", CLOSE_CONNECTION, "Close connection: another connection for this user."
                )
                await connection.close()

    async def _beat(self, connection: Connection) -> None:
        await connection.logged_in.wait()
        while True:
            if not self._faults.is_silent:
                await connection.send_heartbeat()
            await self._clock.sleep(self._rules.heartbeat_s)

    async def _drop_when_idle(self, connection: Connection) -> None:
        await connection.logged_in.wait()
        while True:
            await connection.idle.wait()
            try:
                async with asyncio.timeout(self._rules.idle_s):
                    await connection.busy.wait()
            except TimeoutError:
                await connection.notify(
                    "ADMIN", STOP_STREAMING, "Stop streaming: there are no subscriptions on this connection."
                )
                connection.abort()
                return

    async def _flush(self, connection: Connection, stamp_ms: int) -> None:
        try:
            async with asyncio.timeout(self._rules.slow_reader_s):
                await connection.flush(stamp_ms)
        except TimeoutError:
            log.info("slow reader dropped")
            connection.abort()
