"""Section A of the faults, on Slack: a real server, real sockets, and one request for each attempt."""

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.channels.desk import message
from tests.channels.slack_desk import desk_on, failure_of, slack_at, texts_of
from tests.channels.slack_server import CHANNEL_ID, HOOK_PATH, TOKEN, Answer, Fault, refused, slack_server
from tests.tcp_proxy import tcp_proxy
from tradeassist_desktop.channels.slack import TIMEOUT_S, SlackChannel
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.channels import (
    ChannelBarred,
    ChannelUnavailable,
    Misshapen,
    RateLimited,
    Uncertain,
    Undeliverable,
)
from tradeassist_desktop.domain.delivery import Cause
from tradeassist_desktop.domain.messages import Digest, DigestLine

LOST = [Fault.RESET, Fault.CLOSE, Fault.HALF]
BOTH = pytest.mark.parametrize("by_webhook", [False, True], ids=["bot", "webhook"])


# --- row 4: the server takes the message, then the line breaks


@BOTH
@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.name.lower())
async def test_row_4_a_line_that_breaks_after_the_post_is_uncertain_and_one_request(
    tmp_path: Path, fault: Fault, by_webhook: bool
) -> None:
    async with slack_at(tmp_path, fault, by_webhook=by_webhook) as (server, channel):
        failure = await failure_of(channel)

        assert isinstance(failure, Uncertain)
        assert "it may have arrived" in failure.reason
        assert len(server.requests) == 1  # slack_sdk's default retry would post twice


async def test_row_4_slack_sdk_by_itself_would_have_posted_twice(tmp_path: Path) -> None:
    from slack_sdk.web.async_client import AsyncWebClient

    async with slack_server(Fault.CLOSE) as server:
        client = AsyncWebClient(token=TOKEN, base_url=server.base_url)

        answer = await client.chat_postMessage(channel=CHANNEL_ID, text="an alert")

        assert answer["ok"]
        assert server.texts() == ["an alert", "an alert"]


async def test_row_4_the_second_attempt_has_the_first_one_s_number_so_that_slack_keeps_one(
    tmp_path: Path,
) -> None:
    async with slack_at(tmp_path, Fault.RESET) as (server, channel):
        await failure_of(channel)

        receipt = await channel.send(message(is_second_try=True))

        assert [post["client_msg_id"] for post in server.posts] == [server.posts[0]["client_msg_id"]] * 2
        assert len(server.messages) == 1
        assert server.messages[0]["ts"] in receipt.reference


async def test_row_4_two_announcements_have_two_numbers(tmp_path: Path) -> None:
    async with slack_at(tmp_path) as (server, channel):
        await channel.send(message(idempotency_key="alert-1-slack-0"))
        await channel.send(message(idempotency_key="alert-1-slack-1"))

        assert len(server.messages) == 2


async def test_row_4_a_line_cut_by_the_network_after_the_post_is_uncertain(
    tmp_path: Path, until: Any
) -> None:
    async with slack_server(Fault.HANG) as server, tcp_proxy(server.port) as proxy:
        channel = SlackChannel(context=desk_on(tmp_path, server, port=proxy.port).context)
        sending = asyncio.create_task(failure_of(channel))
        await until(lambda: server.posts)

        proxy.reset()

        assert isinstance(await sending, Uncertain)


async def test_row_4_an_answer_in_slices_of_a_byte_is_an_answer(tmp_path: Path) -> None:
    async with slack_server() as server, tcp_proxy(server.port) as proxy:
        proxy.slice_bytes = 1
        channel = SlackChannel(context=desk_on(tmp_path, server, port=proxy.port).context)

        assert (await channel.send(message())).reference


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:9/api", "http://no-such-host.invalid/api"])
async def test_row_4_what_never_went_out_is_not_uncertain(tmp_path: Path, base_url: str) -> None:
    async with slack_server() as server:
        channel = SlackChannel(context=desk_on(tmp_path, server, base_url=base_url).context)

        failure = await failure_of(channel)

        assert type(failure) is Undeliverable
        assert failure.retry
        assert "network" in failure.reason


# --- row 5: no answer


@BOTH
async def test_row_5_a_post_that_hangs_is_uncertain_once_its_time_is_over(
    tmp_path: Path, by_webhook: bool
) -> None:
    async with slack_at(tmp_path, Fault.HANG, timeout_s=0.3, by_webhook=by_webhook) as (server, channel):
        failure = await failure_of(channel)

        assert isinstance(failure, Uncertain)
        assert "did not answer within 0.3 s" in failure.reason
        assert len(server.requests) == 1


async def test_row_5_a_request_ends_before_its_attempt_does() -> None:
    keyring_s, imports_s = 3.0, 2.0  # a silent keyring is waited for once, and libraries are read

    assert SlackChannel.traits.attempt_s > keyring_s + imports_s + TIMEOUT_S


async def test_row_5_a_line_that_stalls_before_the_post_is_not_uncertain(tmp_path: Path) -> None:
    # Connections wait unaccepted, no greeting is answered: the request cannot have gone out.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with slack_server() as server:
            context = desk_on(
                tmp_path, server, base_url=f"https://127.0.0.1:{silent.getsockname()[1]}/api"
            ).context

            failure = await failure_of(SlackChannel(context=context, timeout_s=0.3))

    assert type(failure) is Undeliverable
    assert "cannot be reached within 0.3 s" in failure.reason


# --- row 6: slow down


@BOTH
@pytest.mark.parametrize(("status", "error"), [(429, "ratelimited"), (503, "service_unavailable")])
async def test_row_6_a_429_or_503_says_for_how_long_nothing_may_be_sent(
    tmp_path: Path, by_webhook: bool, status: int, error: str
) -> None:
    answer = Answer({"ok": False, "error": error}, status=status, headers={"Retry-After": "30"})
    async with slack_at(tmp_path, answer, by_webhook=by_webhook) as (_, channel):
        failure = await failure_of(channel)

        assert isinstance(failure, RateLimited)
        assert failure.retry_after_s == 30.0


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({}, 30.0),
        ({"Retry-After": "0"}, 30.0),
        ({"Retry-After": "999999999999"}, 3600.0),
        ({"Retry-After": "-5"}, 30.0),
        ({"Retry-After": "soon"}, 30.0),
        (
            {"Retry-After": "Thu, 01 Jan 2026 00:01:30 GMT", "Date": "Thu, 01 Jan 2026 00:00:00 GMT"},
            90.0,
        ),
    ],
    ids=["none", "zero", "far", "negative", "words", "date"],
)
async def test_row_6_whatever_retry_after_says_the_wait_is_sensible(
    tmp_path: Path, headers: dict[str, str], wait_s: float
) -> None:
    async with slack_at(tmp_path, Answer("", status=429, headers=headers)) as (_, channel):
        failure = await failure_of(channel)

        assert isinstance(failure, RateLimited)
        assert failure.retry_after_s == wait_s


@pytest.mark.parametrize("error", ["ratelimited", "rate_limited", "message_limit_exceeded"])
async def test_row_6_a_refusal_for_the_pace_is_a_wait_too(tmp_path: Path, error: str) -> None:
    async with slack_at(tmp_path, refused(error)) as (_, channel):
        assert isinstance(await failure_of(channel), RateLimited)


# --- row 8: the token


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("invalid_auth", "does not know this token"),
        ("not_authed", "got no token"),
        ("token_expired", "has expired"),
        ("token_revoked", "was revoked"),
        ("account_inactive", "was removed"),
        ("missing_scope", "chat:write"),
        ("not_allowed_token_type", "xoxb-"),
        ("ekm_access_denied", "owner"),
    ],
)
async def test_row_8_a_token_that_is_refused_bars_the_channel_and_says_what_to_do(
    tmp_path: Path, error: str, words: str
) -> None:
    async with slack_at(tmp_path, refused(error)) as (server, channel):
        failure = await failure_of(channel)

        assert isinstance(failure, ChannelBarred)
        assert words in failure.reason
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (403, "invalid_token", "does not know this webhook"),
        (404, "no_service", "gone or switched off"),
        (403, "action_prohibited", "owner"),
        (404, "no_team", "workspace"),
    ],
)
async def test_row_8_a_webhook_that_is_refused_bars_the_channel_and_says_what_to_do(
    tmp_path: Path, status: int, error: str, words: str
) -> None:
    answer = Answer(error, status=status, content_type="text/html")
    async with slack_at(tmp_path, answer, by_webhook=True) as (_, channel):
        failure = await failure_of(channel)

        assert isinstance(failure, ChannelBarred)
        assert words in failure.reason


async def test_row_8_a_new_token_is_used_by_the_next_attempt(tmp_path: Path) -> None:
    secrets = {"slack.bot": {"token": "xoxb-1-2-mistyped"}}
    async with slack_at(tmp_path, secrets=secrets) as (server, channel):
        assert isinstance(await failure_of(channel), ChannelBarred)

        secrets["slack.bot"] = {"token": f" {TOKEN}\n"}

        assert (await channel.send(message())).reference
        assert len(server.messages) == 1


# --- row 9: the channel


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("channel_not_found", "no Slack channel #alerts: check its spelling"),
        ("not_in_channel", "not in #alerts: invite it: write /invite"),
        ("is_archived", "#alerts is archived"),
        ("restricted_action_read_only_channel", "read-only"),
    ],
)
async def test_row_9_a_channel_that_cannot_be_posted_in_ends_this_message_only(
    tmp_path: Path, error: str, words: str
) -> None:
    async with slack_at(tmp_path, refused(error), None) as (_, channel):
        failure = await failure_of(channel)

        assert type(failure) is Undeliverable
        assert not failure.retry
        assert words in failure.reason
        assert (await channel.send(message(idempotency_key="the next"))).reference


async def test_row_9_a_misspelt_channel_is_refused_by_slack_and_named(tmp_path: Path) -> None:
    async with slack_at(tmp_path, given={"slack.channel": "#alrets"}) as (_, channel):
        failure = await failure_of(channel)

        assert "#alrets" in failure.reason
        assert not failure.retry


async def test_row_9_a_webhook_s_archived_channel_ends_the_message(tmp_path: Path) -> None:
    answer = Answer("channel_is_archived", status=410, content_type="text/html")
    async with slack_at(tmp_path, answer, by_webhook=True) as (_, channel):
        failure = await failure_of(channel)

        assert not failure.retry
        assert "archived" in failure.reason


# --- row 11: too long, or not laid out as Slack likes


@pytest.mark.parametrize(
    "text",
    ["x" * 50_000, "&" * 5_000, "🔴" * 5_000, "<" * 2_000 + "\n" * 2_000],
    ids=["long", "entities", "emoji", "mixed"],
)
async def test_row_11_the_longest_message_is_cut_before_slack_sees_it(tmp_path: Path, text: str) -> None:
    async with slack_at(tmp_path) as (server, channel):
        await channel.send(message(title=text, body=text, condition=text, tags=(text,) * 20, is_late=True))

        texts = texts_of(server.posts[0])
        assert sum(len(each.encode("utf-16-le")) // 2 for each in texts) < 12_000
        assert len(server.messages) == 1


async def test_row_11_a_digest_of_thousands_of_titles_is_cut_and_its_counts_stay_exact(
    tmp_path: Path,
) -> None:
    lines = tuple(
        DigestLine(
            title=f"Rule {count} on a long name & more", count=count, priority=Priority.HIGH, last_ns=0
        )
        for count in range(1, 3_001)
    )
    digest = Digest(count=sum(line.count for line in lines), lines=lines)
    async with slack_at(tmp_path) as (server, channel):
        await channel.send(message(title="4,501,500 alerts", digest=digest))

        told = "\n".join(texts_of({"blocks": server.posts[0]["blocks"]}))
        shown = [int(line.split(" ×")[0].replace(",", "")) for line in told.splitlines() if " × Rule" in line]
        rest = next(line for line in told.splitlines() if line.startswith("… and"))
        assert shown == list(range(1, len(shown) + 1))
        assert rest == f"… and {3_000 - len(shown):,} more titles: {digest.count - sum(shown):,} × in all"


@BOTH
@pytest.mark.parametrize("error", ["msg_too_long", "msg_blocks_too_long", "invalid_blocks"])
async def test_row_11_what_is_refused_all_the_same_goes_out_as_plain_text_once(
    tmp_path: Path, error: str, by_webhook: bool
) -> None:
    answer = Answer(error, status=400) if by_webhook else refused(error)
    async with slack_at(tmp_path, answer, None, by_webhook=by_webhook) as (server, channel):
        first = await failure_of(channel)
        await channel.send(message())

        assert isinstance(first, Misshapen)
        assert len(server.requests) == 2
        assert "blocks" in server.posts[0]
        assert "blocks" not in server.posts[1]
        assert "/ES last 5530.25 crosses above 5530" in server.posts[1]["text"]


async def test_row_11_plain_text_that_is_refused_too_is_given_up(tmp_path: Path) -> None:
    async with slack_at(tmp_path, refused("invalid_blocks"), refused("msg_too_long")) as (_, channel):
        await failure_of(channel)

        assert not (await failure_of(channel)).retry


async def test_row_11_only_the_refused_message_goes_out_plain(tmp_path: Path) -> None:
    async with slack_at(tmp_path, refused("invalid_blocks"), None) as (server, channel):
        await failure_of(channel)
        await channel.send(message(idempotency_key="another"))

        assert "blocks" in server.posts[1]


# --- row 12: answers that are none


NONSENSE = {
    "captive portal": Answer("<html>Sign in to the Wi-Fi</html>", content_type="text/html"),
    "redirect": Answer("", status=302, headers={"Location": "/login"}),
    "redirect that keeps the post": Answer("", status=307, headers={"Location": "/login"}),
    "null": Answer("null"),
    "list": Answer("[1, 2]"),
    "number": Answer("7"),
    "truncated": Answer('{"ok": true, "ts": "1700'),
    "empty": Answer(""),
    "wrong type": Answer({"ok": True, "ts": "1.2", "channel": "C1"}, content_type="text/plain"),
    "packed": Answer("packed", content_type="application/gzip"),
    "ok as text": Answer({"ok": "false", "ts": "1.2", "channel": "C1"}),
    "ok without a stamp": Answer({"ok": True}),
    "a stamp that is a number": Answer({"ok": True, "ts": 1700000000.000001, "channel": "C1"}),
    "nested": Answer("[" * 100_000),
    "proxy": Answer("<h1>Forbidden</h1>", status=403, content_type="text/html"),
    "gateway": Answer("<h1>Bad gateway</h1>", status=502, content_type="text/html"),
    "error that is none": Answer({"ok": False, "error": {"code": 7}}),
}


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE.keys())
@BOTH
async def test_row_12_what_is_no_answer_of_slack_is_never_delivered_and_may_pass(
    tmp_path: Path, answer: Answer, by_webhook: bool
) -> None:
    async with slack_at(tmp_path, answer, by_webhook=by_webhook) as (server, channel):
        failure = await failure_of(channel)

        assert failure.retry
        assert not isinstance(failure, ChannelBarred | ChannelUnavailable | RateLimited)
        assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@BOTH
async def test_row_12_a_redirect_is_not_followed_even_to_where_it_would_be_taken(
    tmp_path: Path, status: int, by_webhook: bool
) -> None:
    place = HOOK_PATH if by_webhook else "/api/chat.postMessage"
    answer = Answer("", status=status, headers={"Location": place})
    async with slack_at(tmp_path, answer, by_webhook=by_webhook) as (server, channel):
        failure = await failure_of(channel)

        assert failure.retry
        assert len(server.requests) == 1


async def test_row_12_a_captive_portal_is_named(tmp_path: Path) -> None:
    async with slack_at(tmp_path, NONSENSE["captive portal"]) as (_, channel):
        assert "does the network want you to sign in" in (await failure_of(channel)).reason


async def test_row_12_an_error_slack_has_added_since_is_tried_again(tmp_path: Path) -> None:
    async with slack_at(tmp_path, refused("too_many_moons")) as (_, channel):
        failure = await failure_of(channel)

        assert failure.retry
        assert "too_many_moons" in failure.reason


# --- row 23: what a delivery leaves behind


async def test_row_23_a_receipt_holds_channel_and_stamp_as_text(tmp_path: Path) -> None:
    async with slack_at(tmp_path) as (server, channel):
        receipt = await channel.send(message())

        kept = json.loads(receipt.reference)
        assert kept["channel"] == CHANNEL_ID
        assert kept["ts"] == server.messages[0]["ts"] == "1700000000.000000"
        assert receipt.detail == "posted in #alerts"


async def test_row_23_a_repeat_answers_in_the_thread_of_the_first(tmp_path: Path) -> None:
    async with slack_at(tmp_path) as (server, channel):
        first = await channel.send(message())
        again = {"cause": Cause.REPEAT, "priority": Priority.URGENT}
        second = await channel.send(message(idempotency_key="1", reply_to=first.reference, **again))
        await channel.send(message(idempotency_key="2", reply_to=second.reference, **again))

        roots = [post.get("thread_ts") for post in server.posts]
        assert roots == [None, "1700000000.000000", "1700000000.000000"]
        assert [post.get("reply_broadcast") for post in server.posts] == [None, True, True]


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "null",
        "[]",
        "{",
        '{"ts": 1.5, "to": "#alerts"}',
        '{"ts": "1.5", "to": "#elsewhere"}',
        '{"ts": "x"}',
    ],
)
async def test_row_23_a_reference_that_leads_nowhere_here_begins_a_message_of_its_own(
    tmp_path: Path, reference: str
) -> None:
    async with slack_at(tmp_path) as (server, channel):
        await channel.send(message(reply_to=reference, cause=Cause.REPEAT))

        assert "thread_ts" not in server.posts[0]


async def test_row_23_a_new_firing_begins_a_thread_of_its_own(tmp_path: Path) -> None:
    async with slack_at(tmp_path) as (server, channel):
        first = await channel.send(message())

        await channel.send(message(alert_id="alert-2", idempotency_key="2", reply_to=first.reference))

        assert "thread_ts" not in server.posts[1]


async def test_row_23_a_thread_that_is_gone_costs_an_attempt_not_the_alert(tmp_path: Path) -> None:
    async with slack_at(tmp_path, None, refused("thread_not_found"), None) as (server, channel):
        first = await channel.send(message())
        reply = message(idempotency_key="1", reply_to=first.reference, cause=Cause.ESCALATION)
        assert (await failure_of(channel, reply)).retry

        await channel.send(reply)

        assert "thread_ts" not in server.posts[2]
