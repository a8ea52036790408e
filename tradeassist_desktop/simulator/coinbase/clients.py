"""Everybody who is connected to the local Coinbase."""

import asyncio
from typing import Any

from aiohttp import WSMsgType

from tradeassist_desktop.simulator.coinbase.connection import CoinbaseConnection
from tradeassist_desktop.simulator.coinbase.switches import CoinbaseFaults
from tradeassist_desktop.simulator.streamer_rules import FrameKind


class Clients:
    """The open connections; ``connects`` counts those so far."""

    def __init__(self, *, faults: CoinbaseFaults) -> None:
        self._faults = faults
        self._connections: list[CoinbaseConnection] = []
        self._subscribed = asyncio.Event()
        self.connects = 0

    @property
    def connections(self) -> tuple[CoinbaseConnection, ...]:
        """Return the open connections, oldest first."""
        return tuple(self._connections)

    def add(self, connection: CoinbaseConnection) -> None:
        """Take in a new one."""
        self.connects += 1
        self._connections.append(connection)

    def remove(self, connection: CoinbaseConnection) -> None:
        """Forget one that ended."""
        self._connections.remove(connection)

    def on_subscribed(self) -> None:
        """Let who waits for a subscriber look again."""
        self._subscribed.set()

    async def wait_for_subscriber(self, symbols: frozenset[str]) -> None:
        """Return once a connection has subscribed one of ``symbols``."""
        while not any(connection.products & symbols for connection in self._connections):
            self._subscribed.clear()
            await self._subscribed.wait()

    async def send_ticker(self, ticker: dict[str, Any]) -> None:
        """Send a ticker to who subscribed its product, unless it is to be lost."""
        product = ticker["product_id"]
        if self._faults.drops(product):
            return
        for connection in self.connections:
            if product in connection.products:
                await connection.send_ticker(ticker)

    async def send_all(self, message: dict[str, Any]) -> None:
        """Send one message to every connection."""
        for connection in self.connections:
            await connection.send(message)

    async def send_raw_all(self, content: bytes, kind: FrameKind = WSMsgType.TEXT) -> None:
        """Send one frame as it is to every connection."""
        for connection in self.connections:
            await connection.send_raw(content, kind)

    def send_wire_all(self, content: bytes) -> None:
        """Write bytes past the framing of every connection."""
        for connection in self.connections:
            connection.send_wire(content)

    def freeze_all(self) -> None:
        """Let every connection there is now go half-open: no byte moves, nothing ends. New ones work."""
        for connection in self.connections:
            connection.freeze()

    def drop_frozen(self) -> None:
        """Cut the connections that went half-open."""
        for connection in self.connections:
            if connection.is_frozen:
                connection.abort()

    def drop_all(self, *, reset: bool = False) -> None:
        """Cut every connection without a closing word, as a failing network does.

        Args:
            reset: Let the clients' next reads fail (RST), not merely end (FIN).
        """
        for connection in self.connections:
            connection.abort(reset=reset)

    async def close_all(self, code: int = 1000) -> None:
        """Close every connection politely."""
        for connection in self.connections:
            await connection.close(code)
