"""One client's connection to the simulated streamer: its login, commands and frames."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import WSMsgType, web

from tradeassist_desktop.domain.market import NS_PER_MS
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.board import Board, Shown
from tradeassist_desktop.simulator.faults.cut import cut
from tradeassist_desktop.simulator.faults.switches import Faults
from tradeassist_desktop.simulator.fields import SERVICES
from tradeassist_desktop.simulator.oauth import SignIn
from tradeassist_desktop.simulator.past.candles import Candle
from tradeassist_desktop.simulator.streamer_rules import FrameKind, StreamerRules
from tradeassist_desktop.simulator.subscriptions import (
    BAD_COMMAND,
    CLOSE_CONNECTION,
    FAILED,
    LOGIN_DENIED,
    NOT_CONNECTED,
    SERVICE_NOT_AVAILABLE,
    STOP_STREAMING,
    SUCCESS,
    Item,
    Outcome,
    Subscriptions,
)
from tradeassist_desktop.simulator.wire import (
    Request,
    answer_element,
    data_text,
    notice_text,
    parameters_of,
    requests_of,
)


class Connection:
    """Answers one client's requests and writes what it subscribed.

    Events: ``logged_in`` is set once; ``idle`` and ``busy`` say whether anything is subscribed.
    """

    def __init__(
        self,
        *,
        websocket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        board: Board,
        sign_in: SignIn,
        rules: StreamerRules,
        faults: Faults,
        clock: Clock,
        on_login: Callable[["Connection"], Awaitable[None]],
        on_subscribed: Callable[[], None],
    ) -> None:
        self._websocket = websocket
        self._transport = transport
        self._sign_in = sign_in
        self._rules = rules
        self._faults = faults
        self._clock = clock
        self._on_login = on_login
        self._on_subscribed = on_subscribed
        self._subscriptions = Subscriptions(board=board, symbol_limit=rules.symbol_limit)
        self._frame: list[tuple[str, list[Item]]] = []
        self._held_back: str | None = None
        self._bundled: list[dict[str, object]] = []
        self._is_closing = False
        self.is_frozen = False
        self.logged_in = asyncio.Event()
        self.idle = asyncio.Event()
        self.idle.set()
        self.busy = asyncio.Event()

    @property
    def is_logged_in(self) -> bool:
        """Return whether its login was accepted."""
        return self.logged_in.is_set()

    @property
    def subscribed(self) -> frozenset[str]:
        """Return the keys of all services."""
        return self._subscriptions.symbols

    async def serve(self) -> None:
        """Answer requests until the connection ends."""
        async with asyncio.TaskGroup() as tasks:
            answering: asyncio.Task[None] | None = None
            async for message in self._websocket:
                if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                    continue
                try:
                    requests = requests_of(message.data)
                except ValueError:
                    await self._answer({}, BAD_COMMAND, "Bad command format: not JSON")
                    continue
                if answering is None or answering.done():
                    answering = tasks.create_task(self._on_requests(requests))
                else:
                    await self._refuse_as_too_early(requests)
            # An answer that closes the connection must not be cut short by the end it brings.
            if answering is not None and not self._is_closing:
                answering.cancel()

    def add_update(self, symbol: str, shown: Shown) -> None:
        """Put one update, already on the board, into the next frame if this client subscribed it.

        A key's first update becomes its snapshot where the board had nothing to show before.
        """
        found = self._subscriptions.update(symbol, shown, is_delayed=self._faults.is_delayed)
        if found is not None:
            self._add(*found)

    def add_bars(self, service: str, candle_of: Callable[[str], Candle | None]) -> None:
        """Put the finished minute of every subscribed chart into the next frame."""
        for symbol in self._subscriptions.of(service):
            candle = candle_of(symbol)
            if candle is not None:
                self._add(service, self._subscriptions.bar(service, symbol, candle))

    async def flush(self, stamp_ms: int) -> None:
        """Send what was added, in order, in one frame."""
        frame, self._frame = self._frame, []
        if frame:
            await self._send_data(data_text(frame, stamp_ms))

    async def send_snapshots(self) -> None:
        """Send all that is subscribed anew, as first items."""
        for service in SERVICES:
            await self._send_snapshots(service, self._subscriptions.of(service))

    async def send_heartbeat(self) -> None:
        """Send one heartbeat."""
        await self.send_text(json.dumps({"notify": [{"heartbeat": str(self._now_ms())}]}))

    async def notify(self, service: str, code: int, text: str) -> None:
        """Send a notice such as 12 or 30; closing is the caller's."""
        await self.send_text(notice_text(service, code, text, self._now_ms()))

    async def send_text(self, text: str) -> None:
        """Send one frame as it is; waits while the socket's buffer is full, and is quiet if it is gone."""
        await self.send_raw(text.encode(), WSMsgType.TEXT)

    async def send_bytes(self, content: bytes) -> None:
        """Send one binary frame as it is."""
        await self.send_raw(content, WSMsgType.BINARY)

    async def send_raw(self, content: bytes, kind: FrameKind) -> None:
        """Send one frame as it is, even a text frame that is no text."""
        if self.is_frozen:
            return
        try:
            await self._websocket.send_frame(content, kind)
        except ConnectionError:
            return

    def send_wire(self, content: bytes) -> None:
        """Write bytes past the websocket's framing, whatever they are."""
        if self._transport is not None and not self.is_frozen:
            self._transport.write(content)

    def freeze(self) -> None:
        """Read and write nothing any more, and end nothing: half of the line is gone."""
        self.is_frozen = True
        if self._transport is not None:
            self._transport.pause_reading()

    async def close(self, code: int = 1000) -> None:
        """Close politely; a frozen connection does not even do that."""
        if not self.is_frozen:
            self._is_closing = True
            await self._websocket.close(code=code)

    def abort(self, *, reset: bool = False) -> None:
        """Cut the connection without a closing word.

        Args:
            reset: Let the client's next read fail (RST), not merely end (FIN).
        """
        cut(self._transport, reset=reset)

    async def _on_requests(self, requests: list[Request]) -> None:
        for request in requests:
            await asyncio.sleep(self._rules.answer_s + self._faults.answer_delay_s)
            await self._on_request(request)

    async def _on_request(self, request: Request) -> None:
        service, command = str(request.get("service")), str(request.get("command"))
        if service == "ADMIN" and command == "LOGIN":
            await self._login(request)
        elif not self.is_logged_in:
            await self._answer(request, NOT_CONNECTED, "Stream connection not found: log in first")
        elif self._faults.mute_commands:
            self._faults.mute_commands -= 1
        elif service == "ADMIN" and command == "LOGOUT":
            await self._answer(request, SUCCESS, "SUCCESS")
            await self.close()
        elif service not in SERVICES or service in self._faults.unavailable:
            await self._answer(request, SERVICE_NOT_AVAILABLE, "Service not available")
        elif command not in FAILED:
            await self._answer(request, BAD_COMMAND, "Bad command format: unknown command")
        elif self._faults.forced_codes:
            code = self._faults.forced_codes.pop(0)
            await self._answer(request, code, f"{command} command failed")
        else:
            outcome = self._subscriptions.change(service, command, parameters_of(request))
            await self._answer(request, outcome.code, outcome.text)
            await self._after_change(service, outcome)

    async def _refuse_as_too_early(self, requests: list[Request]) -> None:
        for request in requests:
            if self.is_logged_in:
                code = FAILED.get(str(request.get("command")), BAD_COMMAND)
                await self._answer(request, code, "command failed: another one is not answered yet")
            else:
                await self._answer(request, NOT_CONNECTED, "Stream connection not found: log in first")

    async def _login(self, request: Request) -> None:
        token = parameters_of(request).get("Authorization", "")
        refused = self._faults.refused_logins
        if refused or not self._sign_in.accepts(token):
            self._faults.refused_logins = max(refused - 1, -1) if refused > 0 else refused
            await self._answer(request, LOGIN_DENIED, "Login Denied: token is invalid or has expired.")
            await self.close()
            return
        await self._on_login(self)
        await self._answer(request, SUCCESS, "server=simulator-1;status=NP")
        self.logged_in.set()

    async def _after_change(self, service: str, outcome: Outcome) -> None:
        await self._send_snapshots(service, outcome.fresh)
        on, off = (self.busy, self.idle) if self.subscribed else (self.idle, self.busy)
        on.set()
        off.clear()
        if outcome.fresh:
            self._on_subscribed()

    async def _send_snapshots(self, service: str, keys: tuple[str, ...]) -> None:
        if self._faults.is_silent or self._faults.is_without_data:
            return
        items = self._subscriptions.snapshots(service, keys, is_delayed=self._faults.is_delayed)
        if items:
            await self.send_text(data_text([(service, items)], self._now_ms()))

    def _add(self, service: str, item: Item) -> None:
        if not self._frame or self._frame[-1][0] != service:
            self._frame.append((service, []))
        self._frame[-1][1].append(item)

    async def _send_data(self, text: str) -> None:
        if self._bundled:
            # One frame with answers and data: a client must not take a frame for one or the other.
            bundled, self._bundled = json.dumps(self._bundled), []
            text = f'{{"response":{bundled},{text[1:]}'
        if self._faults.is_swapping and self._held_back is None:
            self._held_back = text
            return
        held_back, self._held_back = self._held_back, None
        for frame in (text, held_back):
            if frame is not None:
                await self.send_text(frame)
                if self._faults.is_duplicating:
                    await self.send_text(frame)

    async def _answer(self, request: Request, code: int, text: str) -> None:
        answer = answer_element(request, code, text, self._now_ms())
        if self._faults.is_bundling:
            self._bundled.append(answer)
            return
        bundled, self._bundled = self._bundled, []
        await self.send_text(json.dumps({"response": [*bundled, answer]}))

    def _now_ms(self) -> int:
        return self._clock.now_ns() // NS_PER_MS


__all__ = ["CLOSE_CONNECTION", "STOP_STREAMING", "Connection"]
