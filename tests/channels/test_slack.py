"""Slack as a trader sets it up: by token or webhook, what is missing, pictures, and no secret in a log."""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.channels.authority import Authority
from tests.channels.desk import lines_to, message
from tests.channels.slack_desk import BOT, desk_on, failure_of, slack_at
from tests.channels.slack_server import (
    CHANNEL_ID,
    HOOK_PATH,
    TOKEN,
    Answer,
    Fault,
    refused,
    slack_server,
)
from tests.fakes import ManualClock
from tests.tcp_proxy import tcp_proxy
from tradeassist_desktop.channels.slack import SlackChannel
from tradeassist_desktop.domain.alerts import AlertStatus, Priority
from tradeassist_desktop.domain.channels import ChannelUnavailable, Undeliverable
from tradeassist_desktop.domain.delivery import Cause
from tradeassist_desktop.domain.messages import Digest, Message

PICTURE = b"\x89PNG not quite"


class Illustrator:
    """Draws ``PICTURE`` of everything; ``pictures`` are given in turn before that."""

    def __init__(self, *pictures: bytes | Exception | None) -> None:
        self._pictures = list(pictures)
        self.asked: list[str] = []

    async def illustrate(self, message: Message) -> bytes | None:
        self.asked.append(message.alert_id)
        picture = self._pictures.pop(0) if self._pictures else PICTURE
        if isinstance(picture, Exception):
            raise picture
        return picture


# --- setting it up


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"secrets": {}}, "Slack is not set up: give a bot token or the address of an incoming webhook"),
        ({"secrets": {}, "given": {"slack.mode": "bot"}}, "give a bot token of your Slack app"),
        ({"secrets": {"slack.bot": {"token": ""}}}, "give a bot token or"),
        ({"given": {"slack.mode": "webhook"}}, "give the address of an incoming webhook"),
        ({"given": {"slack.channel": " "}}, "give the channel to post in"),
        ({"secrets": {"slack.bot": {"token": "xapp-1-app"}}}, "a bot token begins with xoxb-"),
        ({"secrets": {"slack.bot": {"token": "xoxb-1\nHost: evil"}}}, "a bot token begins with xoxb-"),
        ({"secrets": {"slack.webhook": {"url": "hooks.slack.com/x"}}}, "begins with https://"),
        ({"secrets": {"slack.webhook": {"url": "https://[hooks"}}}, "begins with https://"),
        ({"secrets": {"slack.webhook": {"url": "https://"}}}, "begins with https://"),
        ({"secrets": {"slack.webhook": {"url": "https://h:99999/x"}}}, "begins with https://"),
    ],
)
async def test_what_is_missing_is_said_in_words_and_nothing_is_sent(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    async with slack_at(tmp_path, **changes) as (server, channel):
        failure = await failure_of(channel)

        assert isinstance(failure, ChannelUnavailable)
        assert words in failure.reason
        assert await channel.missing() == failure.reason
        assert not server.requests


async def test_a_plain_webhook_address_is_refused_outside_of_development(tmp_path: Path) -> None:
    async with slack_server() as server:
        desk = replace(desk_on(tmp_path, server).context, is_dev=False)

        async def hook(name: str) -> dict[str, str] | None:
            return {"url": server.hook_url} if name == "slack.webhook" else None

        failure = await failure_of(SlackChannel(context=replace(desk, read_secret=hook)))

        assert isinstance(failure, ChannelUnavailable)
        assert not server.requests


async def test_with_token_and_webhook_it_is_the_token_unless_the_setting_says_otherwise(
    tmp_path: Path,
) -> None:
    async with slack_server() as server:
        desk = desk_on(tmp_path, server, secrets={**BOT, "slack.webhook": {"url": server.hook_url}})
        channel = SlackChannel(context=desk.context)

        await channel.send(message())
        await desk.settings.set("slack.mode", "webhook")
        await channel.send(message())

        assert server.requests == ["chat.postMessage", "webhook"]


async def test_a_new_channel_holds_from_the_next_message_on(tmp_path: Path) -> None:
    async with slack_server() as server:
        desk = desk_on(tmp_path, server)
        channel = SlackChannel(context=desk.context)
        first = await channel.send(message())

        await desk.settings.set("slack.channel", CHANNEL_ID)
        await channel.send(message(idempotency_key="another", reply_to=first.reference, cause=Cause.REPEAT))

        assert [post["channel"] for post in server.posts] == ["#alerts", CHANNEL_ID]
        assert "thread_ts" not in server.posts[1]  # the thread is of the other one


async def test_a_new_firing_begins_a_thread_of_its_own(tmp_path: Path) -> None:
    async with slack_at(tmp_path) as (server, channel):
        first = await channel.send(message())

        await channel.send(message(idempotency_key="another", reply_to=first.reference, cause=Cause.FIRED))

        assert "thread_ts" not in server.posts[1]


async def test_a_test_is_marked_and_delivered_like_an_alert(tmp_path: Path) -> None:
    async with slack_at(tmp_path) as (server, channel):
        receipt = await channel.send(message(is_test=True, idempotency_key=""))

        assert receipt.detail == "posted in #alerts"
        assert server.texts()[0].startswith("🧪 TEST · ")
        assert "client_msg_id" not in server.posts[0]


async def test_the_idempotency_key_is_in_the_message_s_metadata(tmp_path: Path) -> None:
    async with slack_at(tmp_path) as (server, channel):
        await channel.send(message(idempotency_key="alert-1-slack-0"))

        payload = server.posts[0]["metadata"]["event_payload"]
        assert payload == {"idempotency_key": "alert-1-slack-0", "alert_id": "alert-1"}


@pytest.mark.parametrize(
    ("changes", "is_shown"),
    [
        ({"cause": Cause.SILENCE_ENDED}, True),
        ({"cause": Cause.ESCALATION}, True),
        ({"cause": Cause.REPEAT, "priority": Priority.NORMAL}, False),
        ({"cause": Cause.REPEAT, "priority": Priority.HIGH}, True),
        ({"status": AlertStatus.CLEARED}, False),
    ],
)
async def test_a_reply_that_must_be_noticed_is_shown_in_the_channel_too(
    tmp_path: Path, changes: dict[str, Any], is_shown: bool
) -> None:
    async with slack_at(tmp_path) as (server, channel):
        first = await channel.send(message())

        await channel.send(message(idempotency_key="1", reply_to=first.reference, **changes))

        assert server.posts[1]["reply_broadcast"] is is_shown


# --- the line


async def test_slack_s_certificate_is_checked(tmp_path: Path, authority: Authority) -> None:
    async with slack_server(tls=authority.serving("127.0.0.1")) as server:
        base_url = f"https://127.0.0.1:{server.port}/api"
        trusted = desk_on(tmp_path, server, base_url=base_url, tls=authority.trusting)
        stranger = desk_on(tmp_path, server, base_url=base_url)

        assert (await SlackChannel(context=trusted.context).send(message())).reference
        failure = await failure_of(SlackChannel(context=stranger.context))

        assert "no certificate that can be trusted" in failure.reason
        assert type(failure) is Undeliverable
        assert failure.retry
        assert len(server.posts) == 1


@pytest.mark.parametrize("is_cancelled", [False, True], ids=["out of time", "cancelled"])
async def test_a_line_that_stalls_is_cut_though_it_takes_no_goodbye(
    tmp_path: Path, authority: Authority, until: Any, is_cancelled: bool
) -> None:
    async with (
        slack_server(tls=authority.serving("127.0.0.1")) as server,
        tcp_proxy(server.port) as proxy,
    ):
        server.on_post = proxy.stall
        base_url = f"https://127.0.0.1:{proxy.port}/api"
        desk = desk_on(tmp_path, server, base_url=base_url, tls=authority.trusting)
        channel = SlackChannel(context=desk.context, timeout_s=5.0 if is_cancelled else 0.3)
        sending = asyncio.create_task(failure_of(channel))
        await until(lambda: server.posts)
        if is_cancelled:
            sending.cancel()

        await asyncio.wait([sending])

        await until(lambda: lines_to(proxy.port) == 0)


async def test_each_message_has_a_line_of_its_own_as_an_idle_one_may_have_died(tmp_path: Path) -> None:
    async with slack_server() as server, tcp_proxy(server.port) as proxy:
        channel = SlackChannel(context=desk_on(tmp_path, server, port=proxy.port).context)
        await channel.send(message())
        proxy.stall()

        await channel.send(message(idempotency_key="another"))

        assert proxy.connects == 2


async def test_a_proxy_named_by_the_environment_is_not_asked_for_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with slack_at(tmp_path) as (_, channel):
        assert (await channel.send(message())).reference


async def test_a_proxy_named_by_the_environment_is_asked_for_slack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with slack_server() as server:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.port}")
        desk = desk_on(tmp_path, server, base_url="http://slack.example/api")

        assert (await SlackChannel(context=desk.context).send(message())).reference
        assert server.hosts == ["slack.example"]


@pytest.mark.parametrize("by_webhook", [False, True], ids=["bot", "webhook"])
@pytest.mark.parametrize("fault", [None, Fault.CLOSE, refused("invalid_auth"), Answer("<html>")])
async def test_no_secret_reaches_a_log_or_a_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: Fault | Answer | None, by_webhook: bool
) -> None:
    caplog.set_level(logging.DEBUG)
    async with slack_at(tmp_path, fault, by_webhook=by_webhook) as (_, channel):
        try:
            said = repr(await channel.send(message()))
        except Undeliverable as error:
            said = repr(error)

    said += caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    assert TOKEN not in said
    assert HOOK_PATH not in said
    assert "crosses above" not in caplog.text  # nor what is sent


async def test_a_webhook_s_path_is_masked_beside_its_address(tmp_path: Path) -> None:
    async with slack_server() as server:
        desk = desk_on(tmp_path, server, secrets={"slack.webhook": {"url": server.hook_url}})

        await SlackChannel(context=desk.context).send(message())

        assert HOOK_PATH in desk.masked


# --- pictures


def drawing(context: Any, illustrator: Illustrator | None, clock: ManualClock | None = None) -> SlackChannel:
    changes: dict[str, Any] = {} if clock is None else {"clock": clock}
    return SlackChannel(context=replace(context, illustrator=illustrator, **changes), timeout_s=0.5)


async def test_a_picture_follows_into_the_alert_s_thread(tmp_path: Path, until: Any) -> None:
    async with slack_server() as server:
        channel = drawing(desk_on(tmp_path, server).context, Illustrator())

        receipt = await channel.send(message())
        await until(lambda: server.shared)

        assert server.uploads == {"F0": PICTURE}
        assert server.shared[0]["thread_ts"] == server.messages[0]["ts"]
        assert server.shared[0]["channel_id"] == CHANNEL_ID
        assert receipt.detail == "posted in #alerts"
        await channel.close()


async def test_a_picture_of_a_repeat_goes_into_the_first_alert_s_thread(tmp_path: Path, until: Any) -> None:
    async with slack_server() as server:
        channel = drawing(desk_on(tmp_path, server).context, Illustrator(None))
        first = await channel.send(message())

        await channel.send(message(idempotency_key="1", reply_to=first.reference, cause=Cause.REPEAT))
        await until(lambda: server.shared)

        assert server.shared[0]["thread_ts"] == server.messages[0]["ts"]
        await channel.close()


async def test_row_105_a_picture_s_title_is_no_markup_either(tmp_path: Path, until: Any) -> None:
    async with slack_server() as server:
        channel = drawing(desk_on(tmp_path, server).context, Illustrator())

        await channel.send(message(title="<!channel>", symbol="<@U012345>"))
        await until(lambda: server.shared)

        assert json.loads(server.shared[0]["files"])[0]["title"] == "&lt;!channel&gt;"
        assert server.alt_texts == ["Chart of &lt;@U012345&gt;"]
        await channel.close()


@pytest.mark.parametrize("step", [0, 1, 2], ids=["address", "upload", "share"])
async def test_an_alert_is_delivered_while_its_picture_hangs(tmp_path: Path, step: int, until: Any) -> None:
    async with slack_server() as server:
        server.upload_answers = [*[None] * step, Fault.HANG]
        channel = drawing(desk_on(tmp_path, server).context, Illustrator())

        await channel.send(message())
        await until(lambda: len(server.requests) == step + 2)
        receipt = await channel.send(message(idempotency_key="another"))

        assert receipt.reference
        assert len(server.messages) == 2
        assert len(server.requests) == step + 3  # the other went without
        await channel.close()


FAILURES: Sequence[tuple[Answer | Fault, str]] = [
    (Fault.RESET, "did not answer"),
    (Answer("<html>", content_type="text/html"), "refused it (200)"),
    (refused("no_space_left"), "refused it (no_space_left)"),
    (Answer('{"ok": true, "upload_url": 7}'), "refused it (200)"),
]


@pytest.mark.parametrize(("fault", "words"), FAILURES, ids=["reset", "page", "refused", "senseless"])
async def test_a_picture_that_fails_is_noted_once_in_the_next_receipt(
    tmp_path: Path, fault: Answer | Fault, words: str, caplog: pytest.LogCaptureFixture, until: Any
) -> None:
    async with slack_server() as server:
        server.upload_answers = [fault, fault]
        channel = drawing(desk_on(tmp_path, server).context, Illustrator())
        details = []
        for number in range(3):
            details.append((await channel.send(message(idempotency_key=str(number)))).detail)
            await until(lambda number=number: len(server.upload_answers) == max(0, 1 - number))
            await until(lambda: not channel.is_drawing)

        assert details[0] == details[2] == "posted in #alerts"
        assert words in details[1]
        assert len([record for record in caplog.records if record.message == "picture not sent"]) == 1
        assert len(server.shared) == 1
        await channel.close()


async def test_a_picture_goes_nowhere_in_the_clear(tmp_path: Path, authority: Authority, until: Any) -> None:
    async with slack_server(tls=authority.serving("127.0.0.1")) as server, slack_server() as elsewhere:
        url = f"http://127.0.0.1:{elsewhere.port}/upload/F0"
        server.upload_answers = [Answer({"ok": True, "file_id": "F0", "upload_url": url})]
        base_url = f"https://127.0.0.1:{server.port}/api"
        desk = desk_on(tmp_path, server, base_url=base_url, tls=authority.trusting)
        channel = drawing(desk.context, Illustrator())

        await channel.send(message())
        await until(lambda: not channel.is_drawing)

        assert server.requests == ["chat.postMessage", "files.getUploadURLExternal"]
        assert elsewhere.requests == []
        await channel.close()


async def test_a_test_tells_that_the_token_may_not_upload_pictures(tmp_path: Path) -> None:
    async with slack_server() as server:
        server.tokens[TOKEN].discard("files:write")
        channel = drawing(desk_on(tmp_path, server).context, Illustrator())

        details = [(await channel.send(message(symbol="", is_test=True))).detail for _ in range(2)]

        assert details == [
            "posted in #alerts; no pictures: the Slack app lacks the scope files:write",
            "posted in #alerts",  # once is enough
        ]
        assert server.requests == ["chat.postMessage"] * 2


async def test_a_scope_that_is_given_later_brings_the_pictures(tmp_path: Path, until: Any) -> None:
    async with slack_server() as server:
        server.tokens[TOKEN].discard("files:write")
        channel = drawing(desk_on(tmp_path, server).context, Illustrator())
        await channel.send(message())

        server.tokens[TOKEN].add("files:write")
        await channel.send(message(idempotency_key="another"))
        await until(lambda: server.shared)
        await channel.close()


async def test_where_slack_tells_no_scopes_one_refusal_of_a_picture_is_enough(
    tmp_path: Path, until: Any
) -> None:
    illustrator = Illustrator()
    async with slack_server() as server:
        server.tells_scopes = False
        server.tokens[TOKEN].discard("files:write")
        channel = drawing(desk_on(tmp_path, server).context, illustrator)
        details = []
        for number in range(4):
            details.append((await channel.send(message(idempotency_key=str(number)))).detail)
            await until(lambda: not channel.is_drawing)

        assert server.requests.count("files.getUploadURLExternal") == 1
        assert len(illustrator.asked) == 1
        assert [detail for detail in details if "files:write" in detail] == [details[1]]
        await channel.close()


async def test_another_token_may_upload_again(tmp_path: Path, until: Any) -> None:
    secrets = {"slack.bot": {"token": "xoxb-9-9-may-post-only"}}
    async with slack_server() as server:
        server.tells_scopes = False
        server.tokens["xoxb-9-9-may-post-only"] = {"chat:write"}
        channel = drawing(desk_on(tmp_path, server, secrets=secrets).context, Illustrator())
        await channel.send(message())
        await until(lambda: not channel.is_drawing)

        secrets["slack.bot"] = {"token": TOKEN}
        await channel.send(message(idempotency_key="another"))
        await until(lambda: server.shared)
        await channel.close()


async def test_pictures_that_are_too_many_pause_and_alerts_do_not(tmp_path: Path, until: Any) -> None:
    clock = ManualClock()
    async with slack_server() as server:
        server.upload_answers = [Answer("", status=429, headers={"Retry-After": "20"})]
        channel = drawing(desk_on(tmp_path, server).context, Illustrator(), clock)
        for seconds in (0, 19, 2):
            await clock.advance(seconds)
            await channel.send(message(idempotency_key=str(seconds)))
            await until(lambda: not channel.is_drawing)

        assert len(server.messages) == 3
        assert server.requests.count("files.getUploadURLExternal") == 2
        await channel.close()


@pytest.mark.parametrize(
    "changes",
    [{"symbol": ""}, {"digest": Digest(count=2, lines=())}],
    ids=["of no symbol", "digest"],
)
async def test_what_is_of_no_one_symbol_has_no_picture(tmp_path: Path, changes: dict[str, Any]) -> None:
    illustrator = Illustrator()
    async with slack_server() as server:
        channel = drawing(desk_on(tmp_path, server).context, illustrator)

        await channel.send(message(**changes))

        assert not illustrator.asked


async def test_pictures_can_be_switched_off(tmp_path: Path) -> None:
    illustrator = Illustrator()
    async with slack_server() as server:
        channel = drawing(desk_on(tmp_path, server, given={"slack.pictures": "no"}).context, illustrator)

        await channel.send(message())

        assert not illustrator.asked


async def test_a_picture_that_cannot_be_drawn_costs_no_alert(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, until: Any
) -> None:
    async with slack_server() as server:
        channel = drawing(desk_on(tmp_path, server).context, Illustrator(ValueError("no bars")))
        await channel.send(message())
        await until(lambda: not channel.is_drawing)

        receipt = await channel.send(message(idempotency_key="another"))

        assert "could not be drawn" in receipt.detail
        await channel.close()


async def test_closing_breaks_a_picture_off(tmp_path: Path, until: Any) -> None:
    async with slack_server() as server:
        server.upload_answers = [Fault.HANG]
        channel = drawing(desk_on(tmp_path, server).context, Illustrator())
        await channel.send(message())
        await until(lambda: len(server.requests) == 2)

        async with asyncio.timeout(0.4):
            await channel.close()

        assert not channel.is_drawing
