"""What a trader is told where a server gives no whole answer; each fault is made by a real socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from tradeassist_desktop.feeds.failures import ConnectionLost
from tradeassist_desktop.feeds.http_answers import ask


@asynccontextmanager
async def server_that_says(answer: bytes) -> AsyncIterator[str]:
    """A server that says this to whoever asks, and hangs up."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def complaint_about(url: str) -> str:
    async with httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(ConnectionLost) as lost:
            await ask(http, http.build_request("GET", url))
    return lost.value.reason


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(b"", "broke off in the middle of its answer", id="nothing at all"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
            "broke off in the middle of its answer",
            id="half a body",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnogz",
            "sent an answer that cannot be unpacked",
            id="not what it says it is",
        ),
    ],
)
async def test_an_answer_that_breaks_off_is_told_in_plain_words(answer: bytes, words: str) -> None:
    async with server_that_says(answer) as url:
        assert await complaint_about(url) == f"127.0.0.1 {words}"


async def test_a_server_that_is_not_there_cannot_be_reached() -> None:
    async with server_that_says(b"") as url:
        pass

    assert await complaint_about(url) == "127.0.0.1 cannot be reached"
