from pathlib import Path

import pytest

from tests.channels.slack_server import TOKEN, Answer, App, Fault, slack_server
from tests.fakes import NS_PER_SECOND
from tests.services.rotation.slack_app import CLIENT_ID, FIRST_REFRESH, GIVEN, rotating, tokens_at
from tradeassist_desktop.domain.rotation import RotationFailed
from tradeassist_desktop.domain.secret import Secret
from tradeassist_desktop.runtime.clock import SystemClock


async def test_a_refresh_token_brings_a_new_token_that_works_and_its_end(tmp_path: Path) -> None:
    async with slack_server() as server:
        app = rotating(server)
        made = await tokens_at(server, tmp_path, SystemClock()).make(Secret(GIVEN))
        await tokens_at(server, tmp_path, SystemClock()).verify(made)

    assert made["token"] == "xoxe.xoxb-1-rotated1"
    assert {made["refresh_token"]} == app.refresh_tokens
    assert (made["client_id"], made["client_secret"]) == (GIVEN["client_id"], GIVEN["client_secret"])
    life_s = (int(made["expires_ns"]) - SystemClock().now_ns()) / NS_PER_SECOND
    assert 43_100 < life_s <= 43_200
    assert server.tests == ["xoxe.xoxb-1-rotated1"]


async def test_the_old_token_goes_on_while_there_is_a_new_one(tmp_path: Path) -> None:
    async with slack_server() as server:
        rotating(server)
        tokens = tokens_at(server, tmp_path, SystemClock())
        await tokens.make(Secret(GIVEN))
        await tokens.retire(Secret(GIVEN))
        await tokens.verify(Secret(GIVEN))

    assert server.tests == [TOKEN]


@pytest.mark.parametrize(
    ("change", "words", "retry"),
    [
        pytest.param(
            {"refresh_token": "xoxe-1-spent"}, "no longer takes the refresh token", False, id="spent"
        ),
        pytest.param({"client_id": "9.9"}, "knows no app with this client ID", False, id="client ID"),
        pytest.param({"client_secret": "x"}, "does not take the client secret", False, id="client secret"),
        pytest.param({"client_secret": ""}, "the client secret of the Slack app too", False, id="no secret"),
        pytest.param({"refresh_token": ""}, "does not rotate its tokens", False, id="no refresh token"),
    ],
)
async def test_a_refusal_says_what_to_give(
    tmp_path: Path, change: dict[str, str], words: str, retry: bool
) -> None:
    async with slack_server() as server:
        rotating(server)
        with pytest.raises(RotationFailed, match=words) as failure:
            await tokens_at(server, tmp_path, SystemClock()).make(Secret({**GIVEN, **change}))

    assert failure.value.retry is retry
    assert not [text for text in GIVEN.values() if text in str(failure.value)]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(Fault.RESET, "whether it has made a new token is not known", id="lost"),
        pytest.param(Fault.HANG, "whether it has made a new token is not known", id="hangs"),
        pytest.param(Fault.HALF, "whether it has made a new token is not known", id="half"),
        pytest.param(Answer("<html>", content_type="text/html"), "the answer is not Slack's", id="portal"),
        pytest.param(Answer({"ok": True}), "has no new token in it", id="empty"),
        pytest.param(Answer({}, status=503), r"Slack had an error \(503\)", id="down"),
        pytest.param(Answer({}, status=429), "asks to slow down", id="rate"),
    ],
)
async def test_what_may_pass_is_tried_again(tmp_path: Path, answer: Answer | Fault, words: str) -> None:
    async with slack_server() as server:
        rotating(server)
        server.refresh_answers.append(answer)
        tokens = tokens_at(server, tmp_path, SystemClock(), timeout_s=0.5)
        with pytest.raises(RotationFailed, match=words) as failure:
            await tokens.make(Secret(GIVEN))

    assert failure.value.retry


async def test_an_app_that_rotates_no_more_says_so(tmp_path: Path) -> None:
    async with slack_server() as server:
        rotating(server)
        server.apps[CLIENT_ID] = App(
            secret=GIVEN["client_secret"], refresh_tokens={FIRST_REFRESH}, rotates=False
        )
        with pytest.raises(RotationFailed, match="does not rotate its tokens any more"):
            await tokens_at(server, tmp_path, SystemClock()).make(Secret(GIVEN))


async def test_nobody_there_is_tried_again(tmp_path: Path) -> None:
    async with slack_server() as server:
        tokens = tokens_at(server, tmp_path, SystemClock())
    with pytest.raises(RotationFailed, match="cannot be reached") as failure:
        await tokens.make(Secret(GIVEN))

    assert failure.value.retry
