"""One client's connection to the local Coinbase: its commands and channels."""

import asyncio
import json
from collections.abc import Callable, Collection
from typing import Any, Final

from aiohttp import WSMsgType, web

from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.coinbase.switches import CoinbaseFaults
from tradeassist_desktop.simulator.coinbase.tape import Tape, restamped
from tradeassist_desktop.simulator.faults.cut import cut
from tradeassist_desktop.simulator.streamer_rules import FrameKind

_CHANNELS: Final = ("ticker", "heartbeat")


class CoinbaseConnection:
    """Answers one client's commands and keeps what it subscribed.

    ``commands`` are those it sent so far, in order. ``subscribed`` is set at its first subscription.
    """

    def __init__(
        self,
        *,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        tape: Tape,
        products: Collection[str],
        faults: CoinbaseFaults,
        clock: Clock,
        on_subscribed: Callable[[], None],
    ) -> None:
        self._socket = socket
        self._transport = transport
        self._tape = tape
        self._products = products
        self._faults = faults
        self._clock = clock
        self._on_subscribed = on_subscribed
        self._channels: dict[str, dict[str, None]] = {name: {} for name in _CHANNELS}
        self._held_back: dict[str, Any] | None = None
        self.is_frozen = False
        self.subscribed = asyncio.Event()
        self.commands: list[dict[str, Any]] = []

    @property
    def products(self) -> frozenset[str]:
        """Return the products whose tickers it gets."""
        return frozenset(self._channels["ticker"])

    async def serve(self) -> None:
        """Answer commands until the connection ends."""
        async for message in self._socket:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                continue
            try:
                command = json.loads(message.data)
            except ValueError:
                command = None
            if isinstance(command, dict):
                await self._on_command(command)
            else:
                await self._refuse("Malformed JSON")

    async def send(self, message: dict[str, Any]) -> None:
        """Send one message."""
        await self.send_text(json.dumps(message))

    async def send_ticker(self, ticker: dict[str, Any]) -> None:
        """Send a ticker, in its turn and as often as the faults want it."""
        if self._faults.is_without_data:
            return
        if self._faults.is_swapping and self._held_back is None:
            self._held_back = ticker
            return
        held_back, self._held_back = self._held_back, None
        for each in (ticker, held_back):
            if each is not None:
                await self._send_stamped(each)
                if self._faults.is_duplicating:
                    await self._send_stamped(each)

    async def send_text(self, text: str) -> None:
        """Send one frame as it is, but in silence."""
        if not self._faults.is_silent:
            await self.send_raw(text.encode())

    async def send_raw(self, content: bytes, kind: FrameKind = WSMsgType.TEXT) -> None:
        """Send one frame as it is, even a text frame that is no text; quiet if the client is gone."""
        if self.is_frozen:
            return
        try:
            await self._socket.send_frame(content, kind)
        except ConnectionError:
            return

    def send_wire(self, content: bytes) -> None:
        """Write bytes past the websocket's framing, whatever they are."""
        if self._transport is not None and not self.is_frozen:
            self._transport.write(content)

    async def send_heartbeats(self) -> None:
        """Send one heartbeat of each product."""
        for product in tuple(self._channels["heartbeat"]):
            await self.send(self._tape.heartbeat(product, self._clock.now_ns()))

    def freeze(self) -> None:
        """Read and write nothing any more, and end nothing: half of the line is gone."""
        self.is_frozen = True
        if self._transport is not None:
            self._transport.pause_reading()

    async def close(self, code: int = 1000) -> None:
        """Close politely; a frozen connection does not even do that."""
        if not self.is_frozen:
            await self._socket.close(code=code)

    def abort(self, *, reset: bool = False) -> None:
        """Cut the connection without a closing word.

        Args:
            reset: Let the client's next read fail (RST), not merely end (FIN).
        """
        cut(self._transport, reset=reset)

    async def _on_command(self, command: dict[str, Any]) -> None:
        self.commands.append(command)
        if self._faults.mute_commands:
            self._faults.mute_commands -= 1
            return
        kind = command.get("type")
        if kind not in ("subscribe", "unsubscribe"):
            await self._refuse(f"Type has to be either subscribe or unsubscribe, was {kind}")
            return
        if self._faults.refusal is not None:
            reason, self._faults.refusal = self._faults.refusal, None
            await self._refuse(f"Failed to {kind}", reason)
            return
        asked = _asked(command)
        for name, products in asked.items():
            if name not in _CHANNELS:
                await self._refuse(f"Failed to {kind}", f"{name} is not a valid channel")
                return
            for product in products:
                if product not in self._products or product in self._faults.unlisted:
                    await self._refuse(f"Failed to {kind}", f"{product} is not a valid product")
                    return
        fresh = [product for product in asked.get("ticker", ()) if product not in self._channels["ticker"]]
        for name, products in asked.items():
            for product in products:
                if kind == "unsubscribe":
                    self._channels[name].pop(product, None)
                elif product not in self._faults.unacknowledged:
                    self._channels[name][product] = None
        await self.send({"type": "subscriptions", "channels": self._acknowledged()})
        if kind == "subscribe":
            self.subscribed.set()
            self._on_subscribed()
            await self._send_snapshots(fresh)

    async def _send_snapshots(self, fresh: Collection[str]) -> None:
        for product in fresh:
            ticker = self._tape.ticker(product)
            if ticker is not None and product in self.products and not self._faults.is_without_data:
                await self._send_stamped(ticker)

    async def _send_stamped(self, ticker: dict[str, Any]) -> None:
        shift_ms = self._faults.stamp_shift_ms
        await self.send(restamped(ticker, shift_ms) if shift_ms else ticker)

    def _acknowledged(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "product_ids": list(products), "account_ids": None}
            for name, products in self._channels.items()
            if products
        ]

    async def _refuse(self, message: str, reason: str = "") -> None:
        await self.send({"type": "error", "message": message, **({"reason": reason} if reason else {})})


def _asked(command: dict[str, Any]) -> dict[str, list[str]]:
    """Return the products by channel; a channel without products of its own has those of the whole."""
    whole = [str(product) for product in command.get("product_ids", [])]
    asked: dict[str, list[str]] = {}
    for channel in command.get("channels", []):
        if isinstance(channel, dict):
            own = channel.get("product_ids", [])
            asked[str(channel.get("name"))] = [str(product) for product in own] or whole
        else:
            asked[str(channel)] = whole
    return asked
