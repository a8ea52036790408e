"""The simulated streamer: who is connected, and what every connection is sent."""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

from aiohttp import WSMsgType, web

from tradeassist_desktop.domain.market import NS_PER_MS, Tick
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.board import Board, Shown, shown_by
from tradeassist_desktop.simulator.connection import CLOSE_CONNECTION, STOP_STREAMING, Connection
from tradeassist_desktop.simulator.faults.switches import Faults
from tradeassist_desktop.simulator.fields import CHART_NUMBERS
from tradeassist_desktop.simulator.oauth import SignIn
from tradeassist_desktop.simulator.past.candles import MINUTE_MS
from tradeassist_desktop.simulator.streamer_rules import FrameKind, StreamerRules

log = logging.getLogger(__name__)

_BATCH = 256

_NOTICES: Final[Mapping[int, str]] = {
    CLOSE_CONNECTION: "Close connection: another connection for this user.",
    STOP_STREAMING: "Stop streaming: there are no subscriptions on this connection.",
}


Send = tuple[str, float | None, int]
"""An update's symbol, its volume so far (its number, so to say), and when it was sent, monotonic."""


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
        self._next_bars_ms = 0
        self.logins = 0
        self.sends: deque[Send] = deque(maxlen=rules.sends_kept)

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
            connections = self._listeners()
            for tick in batch:
                shown = shown_by(tick)
                self._board.put(tick.symbol, shown)
                self._add(connections, tick.symbol, shown)
            if self._rules.sends_kept:
                sent_ns = self._clock.monotonic_ns()
                self.sends.extend((tick.symbol, tick.volume, sent_ns) for tick in batch)
            await self._flush_all(connections, max(tick.event_ns for tick in batch) // NS_PER_MS)
        await self._send_bars()

    async def show(self, symbol: str, shown: Shown, *, is_kept: bool = True) -> None:
        """Put one change on the wire that is no market's update: a status, a bad print.

        Args:
            is_kept: Whether the board and the candles learn of it.
        """
        if is_kept:
            self._board.put(symbol, shown)
        connections = self._listeners()
        self._add(connections, symbol, shown)
        await self._flush_all(connections, self._board.newest_ms)

    async def wait_for_subscriber(self, symbols: frozenset[str]) -> None:
        """Return once a connection has subscribed one of ``symbols``."""
        while not any(connection.subscribed & symbols for connection in self._connections):
            self._subscribed.clear()
            await self._subscribed.wait()

    def drop_all(self) -> None:
        """Cut every connection without a closing word, as a failing network does."""
        for connection in self.connections:
            connection.abort()

    def reset_all(self) -> None:
        """Cut every connection so that its client's next read fails (RST)."""
        for connection in self.connections:
            connection.abort(reset=True)

    def freeze_all(self) -> None:
        """Let every connection there is now go half-open: no byte moves, nothing ends. New ones work."""
        for connection in self.connections:
            connection.freeze()

    def drop_frozen(self) -> None:
        """Cut the connections that went half-open."""
        for connection in self.connections:
            if connection.is_frozen:
                connection.abort()

    async def close_all(self, code: int = 1000) -> None:
        """Close every connection politely."""
        for connection in self.connections:
            await connection.close(code)

    async def notify_all(self, code: int) -> None:
        """Send notice 12 or 30 to every connection, and end it as Schwab does after each."""
        for connection in self.connections:
            await connection.notify("ADMIN", code, _NOTICES[code])
            if code == CLOSE_CONNECTION:
                await connection.close()
            else:
                connection.abort()

    async def send_all(self, content: bytes, kind: FrameKind = WSMsgType.TEXT) -> None:
        """Send one frame as it is to every connection."""
        for connection in self.connections:
            await connection.send_raw(content, kind)

    def send_wire_all(self, content: bytes) -> None:
        """Write bytes past the framing of every connection."""
        for connection in self.connections:
            connection.send_wire(content)

    async def send_snapshots(self) -> None:
        """Send every connection all it subscribed anew, as first items."""
        for connection in self.connections:
            await connection.send_snapshots()

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(compress=False, max_msg_size=1 << 20)
        await websocket.prepare(request)
        connection = Connection(
            websocket=websocket,
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
        return websocket

    async def _on_login(self, newcomer: Connection) -> None:
        self.logins += 1
        for connection in self.connections:
            if connection is not newcomer and connection.is_logged_in:
                await connection.notify("ADMIN", CLOSE_CONNECTION, _NOTICES[CLOSE_CONNECTION])
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
                await connection.notify("ADMIN", STOP_STREAMING, _NOTICES[STOP_STREAMING])
                connection.abort()
                return

    def _listeners(self) -> tuple[Connection, ...]:
        is_sent = not (self._faults.is_silent or self._faults.is_without_data)
        return self.connections if is_sent else ()

    def _add(self, connections: tuple[Connection, ...], symbol: str, shown: Shown) -> None:
        if self._faults.is_stamping_wrong:
            shown = self._stamped_wrong(shown)
        for connection in connections:
            connection.add_update(symbol, shown)

    def _stamped_wrong(self, shown: Shown) -> Shown:
        divisor = 1000 if self._faults.is_stamped_in_seconds else 1
        stamps = {
            name: (shown[name] + self._faults.stamp_shift_ms) // divisor
            for name in ("quote_ms", "trade_ms")
            if name in shown
        }
        return shown | stamps

    async def _send_bars(self) -> None:
        """Send the bars of the minute that ended some seconds of market time ago, once."""
        now_ms = self._board.newest_ms
        if now_ms < self._next_bars_ms:
            return
        delay_ms = int(self._rules.chart_delay_s * 1000)
        ended_ms = (now_ms - delay_ms) // MINUTE_MS * MINUTE_MS
        is_first = self._next_bars_ms == 0
        self._next_bars_ms = ended_ms + MINUTE_MS + delay_ms
        if is_first:
            return
        connections = self._listeners()
        for connection in connections:
            for service in CHART_NUMBERS:
                connection.add_bars(
                    service, lambda symbol: self._board.candles.at(symbol, ended_ms - MINUTE_MS)
                )
        await self._flush_all(connections, now_ms)

    async def _flush_all(self, connections: tuple[Connection, ...], stamp_ms: int) -> None:
        for connection in connections:
            try:
                async with asyncio.timeout(self._rules.slow_reader_s):
                    await connection.flush(stamp_ms)
            except TimeoutError:
                log.info("slow reader dropped")
                connection.abort()
