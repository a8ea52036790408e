"""The token manager against a real local server that answers as told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from aiohttp import web

from tests.fakes import ManualClock
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.feeds.failures import ConnectionLost
from tradeassist_desktop.feeds.schwab.auth import AppCredentials, SignInNeeded, TokenManager, Tokens
from tradeassist_desktop.runtime.clock import Clock, SystemClock

GOOD = {"access_token": "I0.new@", "refresh_token": "rotated", "expires_in": 1800, "token_type": "Bearer"}


def nested(error: str) -> tuple[int, str]:
    inner = json.dumps({"error_description": "no", "error": error})
    outer = {"error": "unsupported_token_type", "error_description": f'400 Bad Request: "{inner}"'}
    return 400, json.dumps(outer)


@dataclass
class TokenServer:
    """Answers in turn; the last answer stays. Remembers the forms it got."""

    answers: list[tuple[int, str]]
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    forms: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""

    async def token(self, request: web.Request) -> web.Response:
        self.forms.append({name: str(value) for name, value in (await request.post()).items()})
        await self.gate.wait()
        status, text = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.Response(status=status, text=text, headers=self.headers)


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Any]]:
    runners: list[web.AppRunner] = []
    clients: list[httpx.AsyncClient] = []

    async def start(
        answers: Sequence[tuple[int, str]],
        *,
        tokens: Tokens | None = None,
        clock: Clock | None = None,
        newer_tokens: Callable[[Tokens], Coroutine[Any, Any, Tokens | None]] | None = None,
        keep: Callable[[Tokens], Awaitable[None]] | None = None,
        **headers: str,
    ) -> tuple[TokenServer, TokenManager, list[Tokens]]:
        server = TokenServer(answers=list(answers), headers=headers)
        server.gate.set()
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

        async def note(fresh: Tokens) -> None:
            kept.append(fresh)

        manager = TokenManager(
            base_url=server.url,
            app=AppCredentials(key="key", secret="secret"),
            tokens=tokens or Tokens(refresh_token="first"),
            http=http,
            clock=clock or SystemClock(),
            on_tokens=keep or note,
            newer_tokens=newer_tokens,
        )
        return server, manager, kept

    yield start
    for client in clients:
        await client.aclose()
    for runner in runners:
        await runner.cleanup()


async def test_row_37_fifty_callers_share_one_refresh(serve: Callable[..., Any]) -> None:
    server, manager, _ = await serve([(200, json.dumps(GOOD))])

    tokens = await asyncio.gather(*(manager.access_token() for _ in range(50)))

    assert set(tokens) == {"I0.new@"}
    assert server.forms == [{"grant_type": "refresh_token", "refresh_token": "first"}]


async def test_row_37_fifty_callers_share_one_refresh_after_a_401(serve: Callable[..., Any]) -> None:
    expires_ns = SystemClock().now_ns() + 1800 * NS_PER_SECOND
    server, manager, _ = await serve(
        [(200, json.dumps(GOOD))],
        tokens=Tokens(refresh_token="first", access_token="I0.old@", expires_ns=expires_ns),
    )

    tokens = await asyncio.gather(*(manager.replace("I0.old@") for _ in range(50)))

    assert set(tokens) == {"I0.new@"}
    assert len(server.forms) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param((503, ""), ConnectionLost, id="which may pass"),
        pytest.param(nested("invalid_grant"), SignInNeeded, id="for good"),
    ],
)
async def test_row_37_fifty_callers_share_one_failure(
    serve: Callable[..., Any], answer: tuple[int, str], error: type[Exception]
) -> None:
    server, manager, _ = await serve([answer])

    failures = await asyncio.gather(*(manager.access_token() for _ in range(50)), return_exceptions=True)

    assert {type(failure) for failure in failures} == {error}
    assert len(server.forms) == 1


async def test_a_caller_that_gives_up_does_not_take_the_refresh_from_the_others(
    serve: Callable[..., Any],
) -> None:
    server, manager, _ = await serve([(200, json.dumps(GOOD))])
    server.gate.clear()
    first, second = (asyncio.create_task(manager.access_token()) for _ in range(2))
    while not server.forms:
        await asyncio.sleep(0.01)

    first.cancel()
    server.gate.set()

    assert await second == "I0.new@"


async def test_a_token_with_time_left_is_not_refreshed(serve: Callable[..., Any]) -> None:
    expires_ns = SystemClock().now_ns() + 330 * NS_PER_SECOND
    server, manager, _ = await serve(
        [(500, "")], tokens=Tokens(refresh_token="first", access_token="I0.old@", expires_ns=expires_ns)
    )

    assert await manager.access_token() == "I0.old@"
    assert server.forms == []


async def test_row_37_a_token_in_its_last_five_minutes_is_refreshed(serve: Callable[..., Any]) -> None:
    expires_ns = SystemClock().now_ns() + 290 * NS_PER_SECOND
    _, manager, _ = await serve(
        [(200, json.dumps(GOOD))],
        tokens=Tokens(refresh_token="first", access_token="I0.old@", expires_ns=expires_ns),
    )

    assert await manager.access_token() == "I0.new@"


async def test_a_token_in_its_last_minutes_is_used_while_schwab_gives_no_other(
    serve: Callable[..., Any],
) -> None:
    clock = ManualClock()
    old = Tokens(
        refresh_token="first", access_token="I0.old@", expires_ns=clock.now_ns() + 200 * NS_PER_SECOND
    )
    server, manager, _ = await serve([(503, ""), (200, json.dumps(GOOD))], tokens=old, clock=clock)

    at_once = [await manager.access_token() for _ in range(20)]
    asked = len(server.forms)
    await clock.advance(10)
    later = await manager.access_token()

    assert (set(at_once), asked, later) == ({"I0.old@"}, 1, "I0.new@")


async def test_row_38_a_dead_refresh_token_is_asked_about_once(serve: Callable[..., Any]) -> None:
    clock = ManualClock()
    server, manager, _ = await serve([nested("invalid_grant")], clock=clock)

    for _ in range(20):
        with pytest.raises(SignInNeeded):
            await manager.access_token()
        await clock.advance(600)

    assert len(server.forms) == 1
    assert manager.refusal == "Schwab's sign-in has run out: sign in again."


async def test_row_38_a_dead_refresh_token_leaves_a_living_access_token_in_use(
    serve: Callable[..., Any],
) -> None:
    clock = ManualClock()
    old = Tokens(
        refresh_token="first", access_token="I0.old@", expires_ns=clock.now_ns() + 200 * NS_PER_SECOND
    )
    server, manager, _ = await serve([nested("invalid_grant")], tokens=old, clock=clock)

    while_it_lives = [await manager.access_token() for _ in range(3)]
    with pytest.raises(SignInNeeded):
        await manager.replace("I0.old@")
    await clock.advance(201)
    with pytest.raises(SignInNeeded):
        await manager.access_token()

    assert set(while_it_lives) == {"I0.old@"}
    assert len(server.forms) == 1


async def test_row_38_a_new_sign_in_is_taken_up_at_once(serve: Callable[..., Any]) -> None:
    server, manager, _ = await serve([nested("invalid_grant"), (200, json.dumps(GOOD))])
    with pytest.raises(SignInNeeded):
        await manager.access_token()

    manager.adopt(Tokens(refresh_token="second"))

    assert await manager.access_token() == "I0.new@"
    assert [form["refresh_token"] for form in server.forms] == ["first", "second"]
    assert manager.refusal is None


@pytest.mark.parametrize(
    "late", [(200, json.dumps(GOOD)), nested("invalid_grant"), (503, "")], ids=["good", "refused", "lost"]
)
async def test_an_answer_for_superseded_tokens_changes_nothing(
    serve: Callable[..., Any], late: tuple[int, str]
) -> None:
    server, manager, kept = await serve([late])
    server.gate.clear()
    waiting = asyncio.create_task(manager.access_token())
    while not server.forms:
        await asyncio.sleep(0.01)
    adopted = Tokens(
        refresh_token="second",
        access_token="I0.adopted@",
        expires_ns=SystemClock().now_ns() + 1800 * NS_PER_SECOND,
    )

    manager.adopt(adopted)
    server.gate.set()

    assert await waiting == "I0.adopted@"
    assert await manager.access_token() == "I0.adopted@"
    assert manager.tokens == adopted
    assert kept == []


async def test_a_sign_in_made_beside_this_program_is_found_after_a_refusal(serve: Callable[..., Any]) -> None:
    async def newer(refused: Tokens) -> Tokens | None:
        return Tokens(refresh_token="other") if refused.refresh_token == "first" else None

    server, manager, _ = await serve([nested("invalid_grant"), (200, json.dumps(GOOD))], newer_tokens=newer)

    assert await manager.access_token() == "I0.new@"
    assert [form["refresh_token"] for form in server.forms] == ["first", "other"]


async def test_the_time_of_the_sign_in_outlives_refreshes(serve: Callable[..., Any]) -> None:
    day_ns = 24 * 3600 * NS_PER_SECOND
    _, manager, kept = await serve(
        [(200, json.dumps(GOOD))], tokens=Tokens(refresh_token="first", authorized_ns=1_000)
    )

    await manager.access_token()

    assert kept[0].refresh_expires_ns == 7 * day_ns + 1_000


async def test_without_tokens_or_app_nothing_is_asked() -> None:
    async def keep(_: Tokens) -> None:
        return

    async with httpx.AsyncClient(trust_env=False) as http:
        manager = TokenManager(
            base_url="http://127.0.0.1:9",
            app=None,
            tokens=None,
            http=http,
            clock=SystemClock(),
            on_tokens=keep,
        )
        with pytest.raises(SignInNeeded, match="key and secret"):
            await manager.access_token()

        manager.adopt(None, AppCredentials(key="key", secret="secret"))
        with pytest.raises(SignInNeeded, match="not signed in"):
            await manager.access_token()


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
    clock = ManualClock()
    server, manager, kept = await serve([answer, (200, json.dumps(GOOD))], clock=clock)

    with pytest.raises(ConnectionLost) as lost:
        await manager.access_token()
    assert lost.value.wait_s == wait_s
    assert kept == []
    await clock.advance(wait_s)

    assert await manager.access_token() == "I0.new@"
    assert server.forms[1]["refresh_token"] == "first"


async def test_schwab_is_left_alone_for_as_long_as_it_asks(serve: Callable[..., Any]) -> None:
    clock = ManualClock()
    server, manager, _ = await serve([(403, "<H1>Access Denied</H1>")], clock=clock)

    waits = []
    for _ in range(4):
        with pytest.raises(ConnectionLost) as lost:
            await manager.access_token()
        waits.append(lost.value.wait_s)
        await clock.advance(50)

    assert waits == [120, 70, 20, 120]
    assert len(server.forms) == 2


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


async def test_a_locked_keyring_keeps_no_token_from_the_stream(serve: Callable[..., Any]) -> None:
    """It asks for its password, and nobody is there."""
    clock = ManualClock()
    unlocked = asyncio.Event()
    kept: list[str] = []

    async def keep(fresh: Tokens) -> None:
        await unlocked.wait()
        kept.append(fresh.refresh_token)

    _, manager, _ = await serve([(200, json.dumps(GOOD))], clock=clock, keep=keep)
    asking = asyncio.create_task(manager.access_token())
    while not clock.sleepers:
        await asyncio.sleep(0.01)
    await clock.advance(5)
    token = await asking
    before = list(kept)
    unlocked.set()
    await clock.advance(0)

    assert token == "I0.new@"
    assert (before, kept) == ([], ["rotated"])


async def test_a_locked_keyring_leaves_a_refused_sign_in_to_the_button(serve: Callable[..., Any]) -> None:
    clock = ManualClock()

    async def newer(refused: Tokens) -> Tokens | None:
        await asyncio.get_running_loop().create_future()
        return None

    _, manager, _ = await serve([nested("invalid_grant")], clock=clock, newer_tokens=newer)
    asking = asyncio.create_task(manager.access_token())
    while not clock.sleepers:
        await asyncio.sleep(0.01)
    await clock.advance(5)

    with pytest.raises(SignInNeeded):
        await asking


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
