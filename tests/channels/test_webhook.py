"""The webhook through a real receiver: what is sent, how it is signed, what answers and faults mean."""

import asyncio
import base64
import hashlib
import hmac
import logging
from collections.abc import Sequence
from typing import Any

import pytest
from aiohttp import web

from tests.channels.authority import Authority
from tests.channels.desk import EVENT_NS, ChannelDesk, message
from tests.channels.hook_desk import NAME, Names, desk_of, serving
from tests.channels.hook_server import hook_server
from tests.fakes import ManualClock
from tests.tcp_proxy import tcp_proxy
from tradeassist_desktop.channels.webhook import WebhookChannel
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.channels import (
    ChannelBarred,
    ChannelUnavailable,
    MessageRefused,
    RateLimited,
    Uncertain,
    Undeliverable,
)
from tradeassist_desktop.domain.delivery import Cause
from tradeassist_desktop.domain.messages import Digest, DigestLine
from tradeassist_desktop.logs import SecretMask

# --- what is sent


async def test_an_alert_is_posted_as_json_with_all_it_says(authority: Authority) -> None:
    async with serving(authority) as (hook, channel):
        receipt = await channel.send(message(idempotency_key="alert-1-webhook-0", cause=Cause.REPEAT))

    received = hook.received[0]
    assert received.headers["Content-Type"] == "application/json"
    assert received.path == "/hooks/T0P-SECRET"
    assert received.document == {
        "version": 1,
        "id": "alert-1-webhook-0",
        "alert_id": "alert-1",
        "title": "/ES: Opening drive",
        "text": "/ES last 5530.25 crosses above 5530",
        "symbol": "/ES",
        "value": 5530.25,
        "value_symbol": "/ES",
        "time": "2026-01-01T00:00:00.123Z",
        "priority": "normal",
        "status": "fired",
        "rule": "Opening drive",
        "rule_uid": "rule-0",
        "condition": "last crosses above 5530",
        "tags": ["opening"],
        "cause": "repeat",
        "timing": "live",
        "late_by_s": 0.0,
        "may_be_repeat": False,
        "is_late": False,
        "is_saved": True,
        "is_test": False,
        "announcement": 0,
        "digest": None,
    }
    assert (receipt.detail, receipt.reference) == ("hook.example answered 200", "alert-1-webhook-0")


async def test_a_digest_has_exact_counts_though_not_every_title(authority: Authority) -> None:
    lines = tuple(
        DigestLine(title=f"rule {number}", count=2, priority=Priority.HIGH, last_ns=EVENT_NS)
        for number in range(250)
    )
    async with serving(authority) as (hook, channel):
        await channel.send(message(digest=Digest(count=500, lines=lines)))

    digest = hook.received[0].document["digest"]
    assert (digest["count"], len(digest["lines"])) == (500, 200)
    assert (digest["more_titles"], digest["more_count"]) == (50, 100)
    assert digest["lines"][0] == {
        "title": "rule 0", "count": 2, "priority": "high", "last": "2026-01-01T00:00:00.123Z",
    }  # fmt: skip


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
async def test_a_value_that_is_no_number_is_null(authority: Authority, value: float | None) -> None:
    async with serving(authority) as (hook, channel):
        await channel.send(message(value=value))

    assert hook.received[0].document["value"] is None


@pytest.mark.parametrize(
    ("key", "raw"),
    [("a key of words", b"a key of words"), ("whsec_AAECAwQFBgc=", bytes(range(8)))],
    ids=["words", "whsec_"],
)
async def test_the_receiver_can_check_who_sent_it_and_when(
    authority: Authority, key: str, raw: bytes
) -> None:
    clock = ManualClock(now_ns=EVENT_NS)
    async with serving(authority, clock=clock, secrets={"webhook.hmac": {"key": key}}) as (hook, channel):
        await channel.send(message(idempotency_key="alert-1-webhook-0"))

    received = hook.received[0]
    signed = b"alert-1-webhook-0.1767225600." + received.body
    expected = base64.b64encode(hmac.new(raw, signed, hashlib.sha256).digest()).decode()
    assert received.headers["webhook-id"] == "alert-1-webhook-0"
    assert received.headers["webhook-timestamp"] == "1767225600"
    assert received.headers["webhook-signature"] == f"v1,{expected}"


@pytest.mark.parametrize(
    ("key", "words"), [("whsec_!", "no base64"), ("whsec_", "nothing follows")], ids=["unreadable", "empty"]
)
async def test_a_key_that_cannot_sign_sends_nothing_unsigned(
    authority: Authority, key: str, words: str
) -> None:
    async with serving(authority, secrets={"webhook.hmac": {"key": key}}) as (hook, channel):
        with pytest.raises(ChannelBarred, match=words):
            await channel.send(message())

    assert hook.received == []


async def test_without_a_key_nothing_pretends_to_be_signed(authority: Authority) -> None:
    async with serving(authority) as (hook, channel):
        await channel.send(message())

    assert "webhook-signature" not in hook.received[0].headers


async def test_two_attempts_carry_one_key(authority: Authority) -> None:
    async with serving(authority) as (hook, channel):
        await channel.send(message(idempotency_key="k-0"))
        await channel.send(message(idempotency_key="k-0", is_second_try=True))

    assert [received.headers["Idempotency-Key"] for received in hook.received] == ["k-0", "k-0"]
    assert [received.document["may_be_repeat"] for received in hook.received] == [False, True]


async def test_a_key_no_header_can_hold_is_hashed(authority: Authority) -> None:
    async with serving(authority) as (hook, channel):
        await channel.send(message(idempotency_key="x\r\nX-Evil: 1"))

    assert "X-Evil" not in hook.received[0].headers
    assert len(hook.received[0].headers["Idempotency-Key"]) == 64


async def test_headers_of_the_trader_go_along(authority: Authority) -> None:
    secrets = {"webhook.headers": {"lines": "Authorization: Bearer let-me-in"}}
    async with serving(authority, secrets=secrets) as (hook, channel):
        await channel.send(message())

    assert hook.received[0].headers["Authorization"] == "Bearer let-me-in"


@pytest.mark.parametrize("name", ["user-agent", "USER-AGENT", "accept"])
async def test_a_header_of_the_trader_takes_the_place_of_ours_however_it_is_written(
    authority: Authority, name: str
) -> None:
    async with serving(authority, secrets={"webhook.headers": {"lines": f"{name}: mine"}}) as (hook, channel):
        await channel.send(message())

    assert hook.received[0].headers.getall(name) == ["mine"]


async def test_row_50_no_log_shows_the_path_or_a_header_though_the_address_is_looked_up(
    authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    async with hook_server(authority.serving(NAME)) as hook:
        lines = {"lines": "Authorization: Bearer let-me-in"}
        desk = desk_of(authority, hook.port, secrets={"webhook.headers": lines})
        # Libraries tell the address that was connected to, unless an earlier test has tamed them.
        with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="httpcore"):
            await WebhookChannel(desk.context, resolve=Names("127.0.0.1").resolve).send(message())
    mask = SecretMask()
    mask.learn(text for fields in desk.secrets.values() for text in fields.values())
    mask.learn(desk.masked)

    told = "\n".join(mask(record.getMessage()) for record in caplog.records)

    assert "127.0.0.1" in told
    assert "T0P-SECRET" not in told
    assert mask("let-me-in") != "let-me-in"


async def test_what_is_missing_is_named_as_the_form_names_it(authority: Authority) -> None:
    channel = WebhookChannel(ChannelDesk(folder=authority.folder).context)

    with pytest.raises(ChannelUnavailable, match="The webhook is not set up: Address must be given"):
        await channel.send(message())


async def test_a_new_address_holds_from_the_next_message_on(authority: Authority) -> None:
    async with hook_server(authority.serving(NAME)) as hook:
        desk = desk_of(authority, hook.port, path="/old")
        channel = WebhookChannel(desk.context, resolve=Names("127.0.0.1").resolve)
        await channel.send(message())

        desk.secrets["webhook.main"] = {"url": f"https://{NAME}:{hook.port}/new"}
        await channel.send(message())

    assert [received.path for received in hook.received] == ["/old", "/new"]


# --- where it goes


async def test_row_107_the_connection_goes_to_what_was_checked(authority: Authority) -> None:
    tls = authority.serving(NAME)
    async with hook_server(tls) as right, hook_server(tls, host="127.0.0.2", port=right.port) as wrong:
        names = Names("127.0.0.1", "127.0.0.2")
        channel = WebhookChannel(desk_of(authority, right.port).context, resolve=names.resolve)

        await channel.send(message())

    assert names.asked == 1
    assert (len(right.received), wrong.connects) == (1, 0)


async def test_row_107_the_name_stays_the_trader_s_for_certificate_and_host(authority: Authority) -> None:
    async with serving(authority) as (hook, channel):
        await channel.send(message())

    assert hook.names_asked_for == [NAME]
    assert hook.received[0].headers["Host"] == f"{NAME}:{hook.port}"


async def test_row_107_a_name_that_leads_into_this_machine_is_not_connected_to(authority: Authority) -> None:
    async with hook_server(authority.serving(NAME)) as hook:
        desk = desk_of(authority, hook.port)
        await desk.settings.set("webhook.allow_private", ())

        with pytest.raises(Undeliverable, match="is on this computer: a webhook does not go there"):
            await WebhookChannel(desk.context, resolve=Names("127.0.0.1").resolve).send(message())

    assert hook.connects == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_row_107_redirects_are_not_followed(authority: Authority, status: int) -> None:
    async with hook_server() as inside, serving(authority) as (hook, channel):
        location = f"http://127.0.0.1:{inside.port}/"
        hook.answers = [web.Response(status=status, headers={"Location": location})]

        with pytest.raises(ChannelBarred, match=f"sends us elsewhere \\({status}\\)"):
            await channel.send(message())

    assert (len(hook.received), inside.connects) == (1, 0)


async def test_proxies_of_the_environment_see_nothing(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hook_server() as proxy, serving(authority) as (hook, channel):
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")

        await channel.send(message())

    assert (len(hook.received), proxy.connects) == (1, 0)


async def test_cookies_are_not_kept(authority: Authority) -> None:
    answer = web.Response(headers={"Set-Cookie": "id=1; Path=/"})
    async with serving(authority, answers=[answer]) as (hook, channel):
        await channel.send(message())
        await channel.send(message())

    assert "Cookie" not in hook.received[1].headers


async def test_the_next_address_is_taken_where_the_first_does_not_answer(authority: Authority) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.3", "127.0.0.1"]  # nobody listens on the first

    async with hook_server(authority.serving(NAME)) as hook:
        await WebhookChannel(desk_of(authority, hook.port).context, resolve=resolve).send(message())

    assert len(hook.received) == 1


async def test_a_certificate_of_another_name_is_not_trusted(authority: Authority) -> None:
    async with hook_server(authority.serving("other.example")) as hook:
        channel = WebhookChannel(desk_of(authority, hook.port).context, resolve=Names("127.0.0.1").resolve)

        with pytest.raises(
            Undeliverable, match=r"certificate of hook\.example is not to be trusted"
        ) as raised:
            await channel.send(message())

    assert raised.value.retry
    assert hook.received == []


async def test_an_allowed_receiver_in_the_own_network_may_speak_plain_http(authority: Authority) -> None:
    async with hook_server() as hook:
        origin = f"http://127.0.0.1:{hook.port}"
        desk = ChannelDesk(
            folder=authority.folder,
            given={"webhook.allow_private": origin},
            secrets={"webhook.main": {"url": f"{origin}/api?x=1"}},
        )

        await WebhookChannel(desk.context).send(message())

    assert hook.received[0].path == "/api?x=1"


@pytest.mark.parametrize("host", ["[::1]", "127.1"])
async def test_an_address_in_any_spelling_is_reached_once_it_is_allowed(
    authority: Authority, host: str
) -> None:
    async with hook_server(host="::1" if ":" in host else "127.0.0.1") as hook:
        origin = f"http://{host}:{hook.port}"
        desk = ChannelDesk(
            folder=authority.folder,
            given={"webhook.allow_private": origin},
            secrets={"webhook.main": {"url": f"{origin}/"}},
        )

        await WebhookChannel(desk.context).send(message())

    assert hook.received[0].headers["Host"] == f"{host}:{hook.port}"


# --- what answers mean


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_success_is_delivered(authority: Authority, status: int) -> None:
    async with serving(authority, answers=[web.Response(status=status)]) as (_, channel):
        receipt = await channel.send(message())

    assert receipt.detail == f"hook.example answered {status}"


@pytest.mark.parametrize(
    ("status", "kind", "retry", "words"),
    [
        (400, MessageRefused, False, "refused the message: 400 because"),
        (401, ChannelBarred, True, "does not let us in"),
        (403, ChannelBarred, True, "does not let us in"),
        (404, ChannelBarred, True, "has nothing at this address"),
        (408, Undeliverable, True, "answered 408"),
        (410, ChannelBarred, True, "has nothing at this address"),
        (413, MessageRefused, False, "refused the message: 413"),
        (422, MessageRefused, False, "refused the message: 422"),
        (500, Undeliverable, True, "answered 500 because"),
        (502, Uncertain, True, "it may have arrived"),
        (503, Undeliverable, True, "answered 503"),
        (504, Uncertain, True, "it may have arrived"),
        (599, Undeliverable, True, "answered 599"),
    ],
)
async def test_an_answer_says_what_becomes_of_the_message(
    authority: Authority, status: int, kind: type[Undeliverable], retry: bool, words: str
) -> None:
    async with serving(authority, answers=[web.Response(status=status, text="because")]) as (hook, channel):
        with pytest.raises(Undeliverable, match=words) as raised:
            await channel.send(message())

    assert (type(raised.value), raised.value.retry) == (kind, retry)
    assert len(hook.received) == 1


@pytest.mark.parametrize(
    ("status", "headers", "wait_s"),
    [
        (429, {"Retry-After": "30"}, 30.0),
        (429, {}, 30.0),
        (429, {"Retry-After": "999999"}, 3600.0),
        (503, {"Retry-After": "12"}, 12.0),
        (
            429,
            {"Date": "Thu, 01 Jan 2026 00:00:00 GMT", "Retry-After": "Thu, 01 Jan 2026 00:01:00 GMT"},
            60.0,
        ),
    ],
    ids=["seconds", "without a number", "without end", "503", "a date"],
)
async def test_a_receiver_that_asks_for_a_pause_gets_it(
    authority: Authority, status: int, headers: dict[str, str], wait_s: float
) -> None:
    async with serving(authority, answers=[web.Response(status=status, headers=headers)]) as (_, channel):
        with pytest.raises(RateLimited) as raised:
            await channel.send(message())

    assert raised.value.retry_after_s == wait_s


async def test_what_an_error_says_is_read_to_a_limit_and_told_in_one_line(authority: Authority) -> None:
    loud = "no\r\n\x1b[31m" + "x" * 5_000_000
    async with serving(authority, answers=[web.Response(status=400, text=loud)]) as (_, channel):
        with pytest.raises(Undeliverable) as raised:
            await channel.send(message())

    assert raised.value.reason.startswith("hook.example refused the message: 400 no [31mxxx")
    assert len(raised.value.reason) < 300


async def test_an_error_page_is_not_quoted(authority: Authority) -> None:
    page = web.Response(status=500, text="<html><script>alert(1)</script></html>")
    async with serving(authority, answers=[page]) as (_, channel):
        with pytest.raises(Undeliverable, match=r"^hook\.example answered 500$"):
            await channel.send(message())


# --- the network


async def test_a_line_cut_after_the_post_leaves_it_uncertain(authority: Authority) -> None:
    async with hook_server(authority.serving(NAME)) as hook, tcp_proxy(hook.port) as proxy:

        def cut() -> None:
            proxy.reset()

        hook.before_answer = cut
        channel = WebhookChannel(desk_of(authority, proxy.port).context, resolve=Names("127.0.0.1").resolve)

        with pytest.raises(Uncertain, match="it may have arrived"):
            await channel.send(message())

    assert len(hook.received) == 1


async def test_a_port_nobody_answers_on_is_only_a_failure(authority: Authority) -> None:
    async with hook_server() as hook:
        pass  # its port is free now

    channel = WebhookChannel(desk_of(authority, hook.port).context, resolve=Names("127.0.0.1").resolve)
    with pytest.raises(Undeliverable, match="nobody answers") as raised:
        await channel.send(message())

    assert raised.value.retry and not isinstance(raised.value, Uncertain)


async def test_silence_after_the_post_is_uncertain_at_the_limit(authority: Authority, until: Any) -> None:
    clock, hangs = ManualClock(), asyncio.Event()

    async def hang() -> None:
        await hangs.wait()

    async with serving(authority, clock=clock, before_answer=hang) as (hook, channel):
        sending = asyncio.create_task(channel.send(message()))
        await until(lambda: hook.received)

        await clock.advance(12)
        with pytest.raises(Uncertain, match="did not answer within 12 s"):
            await sending
        await until(lambda: hook.open_now == 0)
        hangs.set()


async def test_a_cancelled_post_leaves_no_connection_behind(authority: Authority, until: Any) -> None:
    hangs = asyncio.Event()

    async def hang() -> None:
        await hangs.wait()

    async with serving(authority, before_answer=hang) as (hook, channel):
        sending = asyncio.create_task(channel.send(message()))
        await until(lambda: hook.received)

        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending

        await until(lambda: hook.open_now == 0)
        hangs.set()


async def test_a_lookup_that_hangs_is_given_up(authority: Authority, until: Any) -> None:
    clock = ManualClock()

    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    channel = WebhookChannel(desk_of(authority, 443, clock=clock).context, resolve=never)
    sending = asyncio.create_task(channel.send(message()))
    await until(lambda: clock.sleepers)

    await clock.advance(5)
    with pytest.raises(Undeliverable, match=r"hook\.example cannot be found"):
        await sending
