"""The token manager against a real local server that answers as told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from aiohttp import web

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.feeds.failures import ConnectionLost
from tradeassist_desktop.feeds.schwab_auth import AppCredentials, SignInNeeded, TokenManager, Tokens
from tradeassist_desktop.runtime.clock import SystemClock

GOOD = {"access_token": "I0.new@", "refresh_token": "rotated", "expires_in": 1800, "token_type": "Bearer"}


def nested(error: str) -> tuple[int, str]:
    inner = json.dumps({"error_description": "no", "error": error})
    outer = {"error": "unsupported_token_type", "error_description": f'400 Bad Request: "{inner}"'}
    return 400, json.dumps(outer)


@dataclass
class TokenServer:
    """Answers in turn; the last answer stays. Remembers the forms it got."""

    answers: list[tuple[int, str]]
    forms: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""

    async def token(self, request: web.Request) -> web.Response:
        self.forms.append({name: str(value) for name, value in (await request.post()).items()})
        status, text = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.Response(status=status, text=text, headers=self.headers)


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Any]]:
    runners: list[web.AppRunner] = []
    clients: list[httpx.AsyncClient] = []

    async def start(
        answers: Sequence[tuple[int, str]], *, tokens: Tokens | None = None, **headers: str
    ) -> tuple[TokenServer, TokenManager, list[Tokens]]:
        server = TokenServer(answers=list(answers), headers=headers)
        app = web.Application()
        app.add_routes([web.post("/v1/oauth/token", server.token)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        http = httpx.AsyncClient(trust_env=False)
        clients.append(http)
        kept: list[Tokens] = []

        async def keep(fresh: Tokens) -> None:
            kept.append(fresh)

        manager = TokenManager(
            base_url=server.url,
            app=AppCredentials(key="key", secret="secret"),
            tokens=tokens or Tokens(refresh_token="first"),
            http=http,
            clock=SystemClock(),
            on_tokens=keep,
        )
        return server, manager, kept

    yield start
    for client in clients:
        await client.aclose()
    for runner in runners:
        await runner.cleanup()


async def test_callers_at_one_time_share_one_refresh(serve: Callable[..., Any]) -> None:
    server, manager, _ = await serve([(200, json.dumps(GOOD))])

    tokens = await asyncio.gather(*(manager.access_token() for _ in range(5)))

    assert set(tokens) == {"I0.new@"}
    assert server.forms == [{"grant_type": "refresh_token", "refresh_token": "first"}]


async def test_a_token_with_time_left_is_not_refreshed(serve: Callable[..., Any]) -> None:
    expires_ns = SystemClock().now_ns() + 120 * NS_PER_SECOND
    server, manager, _ = await serve(
        [(500, "")], tokens=Tokens(refresh_token="first", access_token="I0.old@", expires_ns=expires_ns)
    )

    assert await manager.access_token() == "I0.old@"
    assert server.forms == []


async def test_a_token_in_its_last_minute_is_refreshed(serve: Callable[..., Any]) -> None:
    expires_ns = SystemClock().now_ns() + 30 * NS_PER_SECOND
    _, manager, _ = await serve(
        [(200, json.dumps(GOOD))],
        tokens=Tokens(refresh_token="first", access_token="I0.old@", expires_ns=expires_ns),
    )

    assert await manager.access_token() == "I0.new@"


async def test_the_returned_refresh_token_is_used_next_and_kept(serve: Callable[..., Any]) -> None:
    server, manager, kept = await serve([(200, json.dumps(GOOD))])

    await manager.replace(await manager.access_token())

    assert [form["refresh_token"] for form in server.forms] == ["first", "rotated"]
    assert [tokens.refresh_token for tokens in kept] == ["rotated", "rotated"]


async def test_an_answer_without_a_refresh_token_keeps_the_old_one(serve: Callable[..., Any]) -> None:
    _, manager, kept = await serve([(200, json.dumps({**GOOD, "refresh_token": None}))])

    await manager.access_token()

    assert kept[0].refresh_token == "first"


async def test_a_token_replaced_meanwhile_is_not_replaced_again(serve: Callable[..., Any]) -> None:
    server, manager, _ = await serve([(200, json.dumps(GOOD))])
    await manager.access_token()

    assert await manager.replace("I0.an-older-one@") == "I0.new@"
    assert len(server.forms) == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(nested("invalid_grant"), "sign in again", id="ran out after seven days"),
        pytest.param(nested("refresh_token_authentication_error"), "sign in again", id="superseded, twice"),
        pytest.param((401, '{"error":"invalid_client"}'), "check them", id="wrong keys"),
    ],
)
async def test_what_only_the_trader_can_mend_says_so(
    serve: Callable[..., Any], answer: tuple[int, str], words: str
) -> None:
    _, manager, kept = await serve([answer])

    with pytest.raises(SignInNeeded, match=words):
        await manager.access_token()
    assert kept == []


async def test_a_superseded_token_is_tried_once_more(serve: Callable[..., Any]) -> None:
    _, manager, _ = await serve([nested("refresh_token_authentication_error"), (200, json.dumps(GOOD))])

    assert await manager.access_token() == "I0.new@"


@pytest.mark.parametrize(
    ("answer", "wait_s"),
    [
        pytest.param((403, "<HTML><H1>Access Denied</H1> Reference #18</HTML>"), 120, id="edge refusal"),
        pytest.param((503, ""), 0, id="server error"),
        pytest.param((400, '{"error":"unsupported_token_type"}'), 0, id="outer code alone"),
        pytest.param((200, '{"message":"Unauthorized"}'), 0, id="200 without a token"),
        pytest.param((200, json.dumps({**GOOD, "expires_in": "soon"})), 0, id="200 without a lifetime"),
        pytest.param((200, "<html>"), 0, id="200 with HTML"),
        pytest.param((200, "x" * 3_000_000), 0, id="3 MB"),
    ],
)
async def test_what_may_pass_keeps_the_tokens(
    serve: Callable[..., Any], answer: tuple[int, str], wait_s: float
) -> None:
    server, manager, kept = await serve([answer, (200, json.dumps(GOOD))])

    with pytest.raises(ConnectionLost) as lost:
        await manager.access_token()
    assert lost.value.wait_s == wait_s
    assert kept == []

    assert await manager.access_token() == "I0.new@"
    assert server.forms[1]["refresh_token"] == "first"


async def test_retry_after_is_obeyed(serve: Callable[..., Any]) -> None:
    _, manager, _ = await serve([(429, "")], **{"Retry-After": "17"})

    with pytest.raises(ConnectionLost) as lost:
        await manager.access_token()
    assert lost.value.wait_s == 17


async def test_a_keeper_that_fails_does_not_cost_the_token(
    serve: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    server, _, _ = await serve([(200, json.dumps(GOOD))])

    async def fail(_: Tokens) -> None:
        raise OSError("keyring is locked")

    async with httpx.AsyncClient(trust_env=False) as http:
        manager = TokenManager(
            base_url=server.url,
            app=AppCredentials(key="key", secret="secret"),
            tokens=Tokens(refresh_token="first"),
            http=http,
            clock=SystemClock(),
            on_tokens=fail,
        )

        assert await manager.access_token() == "I0.new@"
    assert "tokens not kept" in caplog.text


async def test_a_server_that_is_not_there_may_come_back() -> None:
    async with httpx.AsyncClient(trust_env=False) as http:

        async def keep(_: Tokens) -> None:
            return

        manager = TokenManager(
            base_url="http://127.0.0.1:9",
            app=AppCredentials(key="key", secret="secret"),
            tokens=Tokens(refresh_token="first"),
            http=http,
            clock=SystemClock(),
            on_tokens=keep,
        )

        with pytest.raises(ConnectionLost, match="cannot be reached"):
            await manager.access_token()


def test_no_secret_is_in_a_repr() -> None:
    assert "secret" not in repr(AppCredentials(key="my-secret-key", secret="my-secret"))
    assert "secret" not in repr(Tokens(refresh_token="secret", access_token="secret"))
