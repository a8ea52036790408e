"""The one request the browser makes back to this machine after a sign-in, over HTTPS on loopback."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.feeds.schwab.sign_in import CallbackAddress, SignInDenied, WrongAnswer

log = logging.getLogger(__name__)

_LOOPBACK: Final = "127.0.0.1"
_MOST_CONNECTIONS: Final = 32
_BACKLOG: Final = 64
_REQUEST_BYTES: Final = 16 * 1024
_TARGET_BYTES: Final = 8 * 1024
_CONNECTION_S: Final = 10.0
_GOODBYE_S: Final = 1.0
_BREATH_S: Final = 0.1
_PAGE: Final = (
    "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<title>TradeAssist</title>"
    "<body style='font:16px sans-serif;margin:15vh auto;max-width:32em;padding:0 1em'>"
    "<h1>{title}</h1><p>{text}</p></body></html>"
)


@dataclass(frozen=True, slots=True)
class _Reply:
    status: HTTPStatus
    title: str
    text: str

    def to_bytes(self) -> bytes:
        # Nothing of the request comes back: these sentences are all there is.
        body = _PAGE.format(title=self.title, text=self.text).encode()
        head = (
            f"HTTP/1.1 {self.status.value} {self.status.phrase}\r\n"
            "Content-Type: text/html; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\n"
            "Cache-Control: no-store\r\n"
            "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
            "frame-ancestors 'none'\r\n"
            "Referrer-Policy: no-referrer\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Connection: close\r\n\r\n"
        )
        return head.encode() + body


_RECEIVED: Final = _Reply(
    HTTPStatus.OK,
    "TradeAssist has the answer",
    "Go back to TradeAssist: it says there how the sign-in went. You can close this page.",
)
_NOT_ALLOWED: Final = _Reply(
    HTTPStatus.BAD_REQUEST,
    "Schwab did not allow the sign-in",
    "Go back to TradeAssist to try again. You can close this page.",
)
_NOT_EXPECTED: Final = _Reply(
    HTTPStatus.BAD_REQUEST,
    "TradeAssist did not expect this",
    "Nothing was done. If you were signing in, begin again in TradeAssist.",
)
_NOT_FOUND: Final = _Reply(HTTPStatus.NOT_FOUND, "There is nothing here", "Nothing was done.")
_ONLY_GET: Final = _Reply(HTTPStatus.METHOD_NOT_ALLOWED, "There is nothing here", "Nothing was done.")
_TOO_LONG: Final = _Reply(HTTPStatus.REQUEST_URI_TOO_LONG, "There is nothing here", "Nothing was done.")


class CallbackUnavailable(TradeAssistError):
    """The port cannot be had; the address can still be pasted."""


class CallbackServer:
    """Listens on 127.0.0.1 until the browser has brought the answer, then closes.

    Whoever else knocks gets a fixed page and changes nothing. Not more than 32 are talked to at one
    time: the oldest is hung up on for a new one, so that however many hold the line, the browser
    comes through.

    Args:
        code_in: Returns the code in a query; it decides whether this is the answer.
        connection_s: How long one connection may take, seconds.
    """

    def __init__(
        self,
        *,
        address: CallbackAddress,
        context: ssl.SSLContext,
        code_in: Callable[[str], str],
        connection_s: float = _CONNECTION_S,
    ) -> None:
        self._address = address
        self._context = context
        self._code_in = code_in
        self._connection_s = connection_s
        self._connections: dict[asyncio.Task[None], socket.socket] = {}  # oldest first
        self._answering: asyncio.Task[None] | None = None
        self._answer: asyncio.Future[str] | None = None

    async def wait_for_code(self, on_listening: Callable[[], None] = lambda: None) -> str:
        """Return the code that the browser brings; until cancelled.

        Args:
            on_listening: Called once the port is open.

        Raises:
            CallbackUnavailable: something else has the port.
            SignInDenied: the answer came, without a code.
        """
        with self._listen() as listener:
            self._answer = asyncio.get_running_loop().create_future()
            accepting = asyncio.create_task(self._accept(listener), name="sign-in callback")
            try:
                on_listening()
                return await self._answer
            finally:
                accepting.cancel()
                await asyncio.gather(accepting, return_exceptions=True)
                listener.close()
                await self._hang_up()

    def _listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            # Elsewhere than on Windows this lets a closed port be opened again at once; there it
            # would let any program share it.
            exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
            listener.setsockopt(socket.SOL_SOCKET, exclusive or socket.SO_REUSEADDR, 1)
            listener.bind((_LOOPBACK, self._address.port))
            listener.listen(_BACKLOG)
            listener.setblocking(False)
        except OSError as error:
            listener.close()
            raise CallbackUnavailable(
                f"Port {self._address.port} of this computer cannot be had ({error.strerror})."
            ) from None
        return listener

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(listener)
            except OSError as error:  # it hung up first, or this process has no descriptor left
                log.debug("callback connection not had", extra={"reason": type(error).__name__})
                await asyncio.sleep(_BREATH_S)
                continue
            while len(self._connections) >= _MOST_CONNECTIONS:
                oldest = next(iter(self._connections))
                oldest.cancel()
                await asyncio.gather(oldest, return_exceptions=True)
            task = asyncio.create_task(self._serve(connection))
            self._connections[task] = connection
            task.add_done_callback(self._forget)
            # A queue of connections is had without waiting once: others must have their turn.
            await asyncio.sleep(0)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._connections.pop(task).close()

    async def _hang_up(self) -> None:
        if self._answering is not None:
            # The page that says so is on its way yet.
            await asyncio.wait([self._answering], timeout=_GOODBYE_S)
        left = list(self._connections)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _serve(self, connection: socket.socket) -> None:
        writer: asyncio.StreamWriter | None = None
        try:
            async with asyncio.timeout(self._connection_s):
                reader, writer = await _greet(connection, self._context, self._connection_s)
                try:
                    reply = self._judge(await reader.readuntil(b"\r\n\r\n"))
                except asyncio.LimitOverrunError:
                    reply = _TOO_LONG
                writer.write(reply.to_bytes())
                writer.close()
                await writer.wait_closed()
        except (OSError, EOFError, TimeoutError) as error:
            log.debug("callback connection ended", extra={"reason": type(error).__name__})
        finally:
            if writer is not None:
                writer.transport.abort()

    def _judge(self, head: bytes) -> _Reply:
        """Return what a request is answered; the right one is handed on."""
        refusal, query = _read(head, self._address)
        if refusal is not None:
            return refusal
        try:
            code = self._code_in(query)
        except WrongAnswer as wrong:
            log.warning("callback refused", extra={"reason": str(wrong)})
            return _NOT_EXPECTED
        except SignInDenied as denied:
            self._settle(denied)
            return _NOT_ALLOWED
        self._settle(code)
        return _RECEIVED

    def _settle(self, outcome: str | SignInDenied) -> None:
        if self._answer is None or self._answer.done():
            return
        self._answering = asyncio.current_task()
        if isinstance(outcome, str):
            self._answer.set_result(outcome)
        else:
            self._answer.set_exception(outcome)


async def _greet(
    connection: socket.socket, context: ssl.SSLContext, seconds: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_REQUEST_BYTES)
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.connect_accepted_socket(
        lambda: protocol,
        connection,
        ssl=context,
        ssl_handshake_timeout=seconds,
        ssl_shutdown_timeout=_GOODBYE_S,
    )
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


def _read(head: bytes, address: CallbackAddress) -> tuple[_Reply | None, str]:
    """Return why a request is none of ours, or ``None`` and its query."""
    request, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    try:
        method, target, version = request.decode("ascii").split(" ")
        headers = [line.decode("ascii").partition(":") for line in lines]
    except ValueError:
        return _NOT_EXPECTED, ""
    hosts = [value.strip() for name, _, value in headers if name.lower() == "host"]
    # Another host's name here means that its page asks, by way of a name that leads to this machine.
    is_from_page = any(name.lower() == "origin" for name, _, _ in headers)
    if len(hosts) != 1 or hosts[0] not in address.hosts or is_from_page or not version.startswith("HTTP/1."):
        return _NOT_EXPECTED, ""
    if method != "GET":
        return _ONLY_GET, ""
    if len(target) > _TARGET_BYTES:
        return _TOO_LONG, ""
    path, _, query = target.partition("?")
    if path != address.path:
        return _NOT_FOUND, ""
    return None, query
