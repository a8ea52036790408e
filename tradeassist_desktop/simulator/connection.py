"""One client's connection to the simulated streamer: its commands, keys and fields."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from aiohttp import WSMsgType, web

from tradeassist_desktop.domain.market import NS_PER_MS
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.board import Board, Layout, Shown
from tradeassist_desktop.simulator.faults import Faults
from tradeassist_desktop.simulator.fields import FIELD_NUMBERS, service_of
from tradeassist_desktop.simulator.oauth import SignIn

SUCCESS: Final = 0
LOGIN_DENIED: Final = 3
SERVICE_NOT_AVAILABLE: Final = 11
CLOSE_CONNECTION: Final = 12
SYMBOL_LIMIT: Final = 19
NOT_CONNECTED: Final = 20
BAD_COMMAND: Final = 21
STOP_STREAMING: Final = 30
_FAILED: Final[Mapping[str, int]] = {"SUBS": 22, "UNSUBS": 23, "ADD": 24, "VIEW": 25}


@dataclass(frozen=True, slots=True)
class StreamerRules:
    """What Schwab does not publish, as settings.

    Args:
        heartbeat_s: Seconds between heartbeats.
        idle_s: Seconds without a subscription after which a connection is dropped (code 30).
        symbol_limit: Keys of one service; more are discarded (code 19).
        slow_reader_s: Seconds a client may leave its socket full before it is dropped.
    """

    heartbeat_s: float = 10.0
    idle_s: float = 30.0
    symbol_limit: int = 500
    slow_reader_s: float = 30.0


class Connection:
    """Answers one client's requests and keeps what it subscribed.

    Events: ``logged_in`` is set once; ``idle`` and ``busy`` say whether anything is subscribed.
    """

    def __init__(
        self,
        *,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        board: Board,
        sign_in: SignIn,
        rules: StreamerRules,
        faults: Faults,
        clock: Clock,
        on_login: Callable[["Connection"], Awaitable[None]],
        on_subscribed: Callable[[], None],
    ) -> None:
        self._socket = socket
        self._transport = transport
        self._board = board
        self._sign_in = sign_in
        self._rules = rules
        self._faults = faults
        self._clock = clock
        self._on_login = on_login
        self._on_subscribed = on_subscribed
        self._keys: dict[str, dict[str, None]] = {service: {} for service in FIELD_NUMBERS}
        self._layouts: dict[str, Layout] = {
            service: Layout(service=service, numbers=()) for service in FIELD_NUMBERS
        }
        self._awaits_snapshot: set[str] = set()
        self._frame: list[tuple[str, list[dict[str, object]]]] = []
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
        return frozenset(key for keys in self._keys.values() for key in keys)

    async def serve(self) -> None:
        """Answer requests until the connection ends."""
        async for message in self._socket:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                continue
            try:
                document = json.loads(message.data)
            except ValueError:
                await self._answer({}, BAD_COMMAND, "Bad command format: not JSON")
                continue
            requests = document.get("requests", [document]) if isinstance(document, dict) else []
            for request in requests if isinstance(requests, list) else []:
                if isinstance(request, dict):
                    await self._on_request(request)

    def add_update(self, symbol: str, shown: Shown) -> None:
        """Put one update, already on the board, into the next frame if this client subscribed it.

        A key's first update becomes its snapshot where the board had nothing to show before.
        """
        service = service_of(symbol)
        if symbol not in self._keys[service]:
            return
        layout = self._layouts[service]
        if symbol in self._awaits_snapshot:
            self._awaits_snapshot.discard(symbol)
            item = layout.snapshot(self._board.listings[symbol], self._board.shown(symbol))
        else:
            item = layout.delta(symbol, shown)
        if not self._frame or self._frame[-1][0] != service:
            self._frame.append((service, []))
        self._frame[-1][1].append(item)

    async def flush(self, stamp_ms: int) -> None:
        """Send what was added, in order, in one frame."""
        frame, self._frame = self._frame, []
        if frame:
            parts = ",".join(_data_part(service, items, stamp_ms) for service, items in frame)
            await self.send_text(f'{{"data":[{parts}]}}')

    async def send_heartbeat(self) -> None:
        """Send one heartbeat."""
        await self.send_text(json.dumps({"notify": [{"heartbeat": str(self._now_ms())}]}))

    async def notify(self, service: str, code: int, text: str) -> None:
        """Send a notice such as 12 or 30; closing is the caller's."""
        content = {"code": code, "msg": text}
        notice = {"service": service, "timestamp": self._now_ms(), "content": content}
        await self.send_text(json.dumps({"notify": [notice]}))

    async def send_text(self, text: str) -> None:
        """Send one frame as it is; waits while the socket's buffer is full, and is quiet if it is gone."""
        try:
            await self._socket.send_str(text)
        except ConnectionError:
            return

    async def send_bytes(self, content: bytes) -> None:
        """Send one binary frame as it is."""
        await self._socket.send_bytes(content)

    async def close(self) -> None:
        """Close politely (1000)."""
        await self._socket.close()

    def abort(self) -> None:
        """Cut the connection without a closing word."""
        if self._transport is not None:
            self._transport.abort()

    async def _on_request(self, request: dict[str, Any]) -> None:
        service, command = str(request.get("service")), str(request.get("command"))
        if service == "ADMIN" and command == "LOGIN":
            await self._login(request)
            return
        if not self.is_logged_in:
            await self._answer(request, NOT_CONNECTED, "Stream connection not found: log in first")
            return
        if self._faults.mute_commands:
            self._faults.mute_commands -= 1
            return
        if service == "ADMIN" and command == "LOGOUT":
            await self._answer(request, SUCCESS, "SUCCESS")
            await self.close()
        elif service not in FIELD_NUMBERS or service in self._faults.unavailable:
            await self._answer(request, SERVICE_NOT_AVAILABLE, "Service not available")
        elif command not in _FAILED:
            await self._answer(request, BAD_COMMAND, "Bad command format: unknown command")
        else:
            await self._change_subscription(request, service, command)

    async def _login(self, request: dict[str, Any]) -> None:
        token = _parameters(request).get("Authorization", "")
        refused = self._faults.refused_logins
        if refused or not self._sign_in.accepts(token):
            self._faults.refused_logins = max(refused - 1, -1) if refused > 0 else refused
            await self._answer(request, LOGIN_DENIED, "Login Denied: token is invalid or has expired.")
            await self.close()
            return
        await self._on_login(self)
        await self._answer(request, SUCCESS, "server=simulator-1;status=NP")
        self.logged_in.set()

    async def _change_subscription(self, request: dict[str, Any], service: str, command: str) -> None:
        parameters = _parameters(request)
        named = [key for key in (part.strip() for part in parameters.get("keys", "").split(",")) if key]
        numbers = [int(part) for part in parameters.get("fields", "").split(",") if part.strip().isdigit()]
        lacks_keys = command != "VIEW" and not named
        lacks_fields = command != "UNSUBS" and not numbers
        forced = self._faults.forced_codes.pop(0) if self._faults.forced_codes else None
        if forced is not None or lacks_keys or lacks_fields:
            code = _FAILED[command] if forced is None else forced
            await self._answer(request, code, f"{command} command failed")
            return
        if numbers and command != "UNSUBS":
            self._layouts[service] = Layout(service=service, numbers=numbers)
        keys = self._keys[service]
        before = set(keys)
        if command == "SUBS":
            keys.clear()
        if command == "UNSUBS":
            for key in named:
                keys.pop(key, None)
        elif command != "VIEW":
            keys.update(dict.fromkeys(named))
        discarded = list(keys)[self._rules.symbol_limit :]
        for key in discarded:
            del keys[key]
        self._awaits_snapshot &= self.subscribed
        if discarded:
            limits = f"({service}={self._rules.symbol_limit}, DISCARDED={len(discarded)})"
            await self._answer(request, SYMBOL_LIMIT, f"Symbol limit reached {limits}")
        else:
            await self._answer(request, SUCCESS, f"{command} command succeeded")
        fresh = [key for key in keys if command == "SUBS" or key not in before]
        await self._send_snapshots(service, fresh)
        self._tell_whether_idle()
        if fresh:
            self._on_subscribed()

    async def _send_snapshots(self, service: str, keys: list[str]) -> None:
        # An unknown key was acknowledged like any other and stays silent for ever.
        listed = [key for key in keys if key in self._board.listings and service_of(key) == service]
        if self._faults.is_silent or self._faults.is_without_data:
            return
        self._awaits_snapshot.update(key for key in listed if not self._board.shown(key))
        items = [
            self._layouts[service].snapshot(self._board.listings[key], self._board.shown(key))
            for key in listed
            if self._board.shown(key)
        ]
        if items:
            await self.send_text(f'{{"data":[{_data_part(service, items, self._now_ms())}]}}')

    def _tell_whether_idle(self) -> None:
        on, off = (self.busy, self.idle) if self.subscribed else (self.idle, self.busy)
        on.set()
        off.clear()

    async def _answer(self, request: dict[str, Any], code: int, text: str) -> None:
        answer = {
            "service": request.get("service", "ADMIN"),
            "command": request.get("command", ""),
            "requestid": str(request.get("requestid", "")),
            "SchwabClientCorrelId": request.get("SchwabClientCorrelId", ""),
            "timestamp": self._now_ms(),
            "content": {"code": code, "msg": text},
        }
        await self.send_text(json.dumps({"response": [answer]}))

    def _now_ms(self) -> int:
        return self._clock.now_ns() // NS_PER_MS


def _parameters(request: dict[str, Any]) -> dict[str, str]:
    parameters = request.get("parameters")
    if not isinstance(parameters, dict):
        return {}
    return {str(name): str(value) for name, value in parameters.items()}


def _data_part(service: str, items: list[dict[str, object]], stamp_ms: int) -> str:
    # Captures have a space after the service's value; clients must parse, not match.
    head = f'{{"service":"{service}", "timestamp":{stamp_ms},"command":"SUBS","content":'
    return f"{head}{msgspec.json.encode(items).decode()}}}"
