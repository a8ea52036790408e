"""The callback server over real TLS: rows 97 and 98 of the faults."""

import asyncio
import resource
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psutil
import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.feeds.schwab.sign_in import CallbackAddress, SignInDenied, SignInVisit
from tradeassist_desktop.feeds.schwab.sign_in_callback import CallbackServer, CallbackUnavailable
from tradeassist_desktop.feeds.schwab.sign_in_certificate import callback_context
from tradeassist_desktop.runtime.clock import SystemClock


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Callback:
    """A server that waits, the visit it waits for, and a browser that trusts its certificate."""

    port: int
    visit: SignInVisit
    clock: ManualClock
    waiting: asyncio.Task[str]
    browser: httpx.AsyncClient

    @property
    def state(self) -> str:
        return parse_qs(urlsplit(self.visit.address).query)["state"][0]

    async def get(self, query: str, *, path: str = "/", **headers: str) -> httpx.Response:
        return await self.browser.get(f"https://127.0.0.1:{self.port}{path}?{query}", headers=headers)

    async def send(self, request: bytes) -> bytes:
        """Send bytes over TLS and return what comes back."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=_blind())
        try:
            writer.write(request)
            return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.transport.abort()

    async def bring_answer(self) -> str:
        response = await self.get(f"code=C0.code%40&session=s&state={self.state}")
        assert response.status_code == 200
        return await self.waiting


def _blind() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.fixture
def listen(tmp_path: Path) -> Callable[..., Any]:
    """``async with listen() as callback``: a server that waits for the answer to a visit."""

    @asynccontextmanager
    async def open_(*, path: str = "", connection_s: float = 10.0) -> AsyncIterator[Callback]:
        port, clock = free_port(), ManualClock()
        address = CallbackAddress(f"https://127.0.0.1:{port}{path}")
        visit = SignInVisit(base_url="http://schwab", app_key="key", callback=address, clock=clock)
        context = callback_context(tmp_path / "sign-in", now_ns=SystemClock().now_ns())
        trust = ssl.create_default_context(cafile=str(tmp_path / "sign-in" / "callback.pem"))
        server = CallbackServer(
            address=address, context=context, code_in=visit.code_in, connection_s=connection_s
        )
        listening = asyncio.Event()
        waiting = asyncio.create_task(server.wait_for_code(listening.set))
        await listening.wait()
        async with httpx.AsyncClient(verify=trust, trust_env=False) as browser:
            try:
                yield Callback(port, visit, clock, waiting, browser)
            finally:
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)

    return open_


async def test_the_browser_s_answer_ends_the_wait_and_the_server(listen: Callable[..., Any]) -> None:
    async with listen() as callback:
        response = await callback.get(f"code=C0.code%40&session=s&state={callback.state}")

        assert await callback.waiting == "C0.code@"
        assert response.status_code == 200
        assert "Go back to TradeAssist" in response.text
        with pytest.raises(httpx.ConnectError):
            await callback.get("")


@pytest.mark.qt_loop
async def test_the_answer_is_taken_on_the_window_s_loop(listen: Callable[..., Any]) -> None:
    async with listen() as callback:
        assert (await callback.get("state=wrong")).status_code == 400

        assert await callback.bring_answer() == "C0.code@"


async def test_row_98_only_127_0_0_1_is_bound(listen: Callable[..., Any]) -> None:
    async with listen() as callback:
        bound = [
            (connection.laddr.ip, connection.laddr.port)
            for connection in psutil.Process().net_connections(kind="inet")
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == callback.port
        ]

        assert bound == [("127.0.0.1", callback.port)]


@pytest.mark.parametrize(
    "query",
    [
        "code=C0.code%40",
        "code=C0.code%40&state=wrong",
        "code=C0.code%40&state={state}&state={state}",
        "code=one&code=two&state={state}",
        "state=%FF&code=C0.code%40",
    ],
    ids=["no state", "wrong state", "two states", "two codes", "broken UTF-8"],
)
async def test_row_97_a_wrong_answer_gets_400_and_ends_nothing(
    listen: Callable[..., Any], query: str
) -> None:
    async with listen() as callback:
        response = await callback.get(query.format(state=callback.state))

        assert response.status_code == 400
        assert not callback.waiting.done()
        assert await callback.bring_answer() == "C0.code@"


async def test_row_97_the_answer_of_another_sign_in_gets_400(listen: Callable[..., Any]) -> None:
    async with listen() as first, listen() as second:
        response = await second.get(f"code=C0.code%40&state={first.state}")

        assert (response.status_code, second.waiting.done()) == (400, False)


async def test_row_97_an_answer_that_comes_too_late_gets_400(listen: Callable[..., Any]) -> None:
    async with listen() as callback:
        await callback.clock.advance(601)

        response = await callback.get(f"code=C0.code%40&state={callback.state}")

        assert (response.status_code, callback.waiting.done()) == (400, False)


async def test_a_no_of_schwab_ends_the_wait(listen: Callable[..., Any]) -> None:
    async with listen() as callback:
        response = await callback.get(f"error=access_denied&state={callback.state}")

        assert response.status_code == 400
        with pytest.raises(SignInDenied):
            await callback.waiting


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("GET /?{query} HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400),
        ("GET /?{query} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 400),
        ("GET /?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400),
        ("GET /?{query} HTTP/1.1\r\n\r\n", 400),
        ("GET /?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\n\r\n", 400),
        ("GET /?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: https://evil.example\r\n\r\n", 400),
        ("POST /?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\n\r\n", 405),
        ("HEAD /?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", 405),
        ("GET /other?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", 404),
        ("GET //?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", 404),
        ("GET /%2e?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", 404),
        ("GET https://127.0.0.1:{port}/?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", 404),
        ("GET /?{query}&long={long} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", 414),
        ("GET /{long}{long} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", 414),
        ("GET /?{query} SMTP\r\nHost: 127.0.0.1:{port}\r\n\r\n", 400),
        ("nonsense\r\n\r\n", 400),
    ],
    ids=[
        "another host",
        "localhost",
        "no port",
        "no host",
        "two hosts",
        "a page of another origin",
        "POST",
        "HEAD",
        "another path",
        "two slashes",
        "encoded path",
        "whole address",
        "long query",
        "endless request",
        "another protocol",
        "nonsense",
    ],
)
async def test_row_98_what_no_browser_brings_is_refused(
    listen: Callable[..., Any], request_text: str, status: int
) -> None:
    async with listen() as callback:
        text = request_text.format(
            query=f"code=C0.code%40&state={callback.state}", port=callback.port, long="x" * 9000
        )

        answer = await callback.send(text.encode())

        assert answer.startswith(f"HTTP/1.1 {status} ".encode())
        assert not callback.waiting.done()
        assert await callback.bring_answer() == "C0.code@"


async def test_row_98_nothing_of_a_request_comes_back(listen: Callable[..., Any]) -> None:
    async with listen() as callback:
        answers = [
            await callback.get("code=canary&state=canary", **{"User-Agent": "canary"}),
            await callback.get("code=1", path="/canary"),
        ]

        for response in answers:
            assert "canary" not in response.text
            assert response.headers["cache-control"] == "no-store"
            assert response.headers["content-security-policy"].startswith("default-src 'none'")
            assert "server" not in response.headers
            assert "access-control-allow-origin" not in response.headers


async def test_a_registered_path_is_the_only_one(listen: Callable[..., Any]) -> None:
    async with listen(path="/back") as callback:
        query = f"code=C0.code%40&state={callback.state}"

        statuses = [(await callback.get(query, path=path)).status_code for path in ("/", "/back/", "/back")]

        assert statuses == [404, 404, 200]


@pytest.mark.parametrize("sent", [b"", b"GET /?code=1 HTTP/1.1\r\nHost: "], ids=["silent", "half a request"])
async def test_row_98_a_slow_client_is_hung_up_on(listen: Callable[..., Any], sent: bytes) -> None:
    async with listen(connection_s=0.2) as callback:
        assert await callback.send(sent) == b""
        assert await callback.bring_answer() == "C0.code@"


async def test_row_98_a_client_that_speaks_no_tls_is_hung_up_on(listen: Callable[..., Any]) -> None:
    async with listen(connection_s=0.2) as callback:
        reader, writer = await asyncio.open_connection("127.0.0.1", callback.port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")

        assert b"HTTP" not in await reader.read()
        writer.close()
        assert await callback.bring_answer() == "C0.code@"


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    """Room for a thousand clients beside the server, whatever the shell's limit is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_descriptors")
async def test_row_98_a_thousand_connections_do_not_keep_the_browser_out(listen: Callable[..., Any]) -> None:
    async with listen() as callback:
        held: list[socket.socket] = []
        loop = asyncio.get_running_loop()
        for _ in range(1000):
            client = socket.socket()
            client.setblocking(False)
            held.append(client)
            await loop.sock_connect(client, ("127.0.0.1", callback.port))
        descriptors = psutil.Process().num_fds() - len(held)

        try:
            async with asyncio.timeout(5):
                assert await callback.bring_answer() == "C0.code@"
        finally:
            for client in held:
                client.close()
        assert descriptors < 200


async def test_a_port_in_use_is_told() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        server = CallbackServer(
            address=CallbackAddress(f"https://127.0.0.1:{port}"),
            context=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
            code_in=str,
        )

        with pytest.raises(CallbackUnavailable, match=f"Port {port}"):
            await server.wait_for_code()


async def test_the_port_can_be_had_again_at_once(listen: Callable[..., Any], tmp_path: Path) -> None:
    async with listen() as callback:
        await callback.bring_answer()
        server = CallbackServer(
            address=CallbackAddress(f"https://127.0.0.1:{callback.port}"),
            context=callback_context(tmp_path / "sign-in", now_ns=SystemClock().now_ns()),
            code_in=str,
        )
        listening = asyncio.Event()
        again = asyncio.create_task(server.wait_for_code(listening.set))

        await listening.wait()
        again.cancel()
        await asyncio.gather(again, return_exceptions=True)
