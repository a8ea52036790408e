"""Section A of the faults, on the webhook: a real receiver, real sockets, one request for each attempt."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from tests.channels.authority import Authority
from tests.channels.desk import ChannelDesk, message
from tests.channels.hook_desk import NAME, Names, desk_of, serving
from tests.channels.hook_server import hook_server
from tests.fakes import ManualClock
from tests.tcp_proxy import tcp_proxy
from tradeassist_desktop.channels.webhook import WebhookChannel
from tradeassist_desktop.domain.channels import (
    ChannelBarred,
    ChannelUnavailable,
    RateLimited,
    Uncertain,
    Undeliverable,
)


@pytest.mark.parametrize("fault", ["reset", "close"])
async def test_row_4_a_line_that_breaks_after_the_post_is_uncertain_and_one_request(
    authority: Authority, fault: str
) -> None:
    async with hook_server(authority.serving(NAME)) as hook, tcp_proxy(hook.port) as proxy:
        hook.before_answer = getattr(proxy, fault)
        channel = WebhookChannel(desk_of(authority, proxy.port).context, resolve=Names("127.0.0.1").resolve)

        with pytest.raises(Uncertain, match="it may have arrived"):
            await channel.send(message())

        assert (len(hook.received), proxy.connects) == (1, 1)


async def test_row_4_a_line_that_breaks_is_not_tried_at_the_next_address(authority: Authority) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1", "127.0.0.2"]

    tls = authority.serving(NAME)
    async with (
        hook_server(tls) as first,
        tcp_proxy(first.port) as proxy,
        hook_server(tls, host="127.0.0.2", port=proxy.port) as second,
    ):
        first.before_answer = proxy.reset
        channel = WebhookChannel(desk_of(authority, proxy.port).context, resolve=resolve)

        with pytest.raises(Uncertain):
            await channel.send(message())

        assert (len(first.received), len(second.received)) == (1, 0)


async def test_row_4_the_second_attempt_has_the_first_one_s_key_and_says_so(authority: Authority) -> None:
    async with serving(authority) as (hook, channel):
        await channel.send(message(idempotency_key="k-0"))
        await channel.send(message(idempotency_key="k-0", is_second_try=True))

    assert [each.headers["Idempotency-Key"] for each in hook.received] == ["k-0", "k-0"]
    assert [each.headers["webhook-id"] for each in hook.received] == ["k-0", "k-0"]
    assert [each.document["may_be_repeat"] for each in hook.received] == [False, True]


async def test_row_5_a_post_that_hangs_is_uncertain_within_its_attempt(
    authority: Authority, until: Any
) -> None:
    clock = ManualClock()

    async def hang() -> None:
        await asyncio.Event().wait()

    async with serving(authority, clock=clock, before_answer=hang) as (hook, channel):
        sending = asyncio.create_task(channel.send(message()))
        await until(lambda: hook.received)

        await clock.advance(channel.traits.attempt_s - 1)

        with pytest.raises(Uncertain):
            await sending


async def test_row_5_a_slow_keyring_and_a_slow_name_leave_a_post_its_time(
    authority: Authority, until: Any
) -> None:
    clock = ManualClock()

    async def hang() -> None:
        await asyncio.Event().wait()

    async with hook_server(authority.serving(NAME), before_answer=hang) as hook:
        context = desk_of(authority, hook.port, clock=clock).context

        async def read_secret(name: str) -> Mapping[str, str] | None:
            await clock.sleep(3 if clock.monotonic_ns() == 0 else 0)
            return await context.read_secret(name)

        async def resolve(host: str, port: int) -> list[str]:
            await clock.sleep(4.9)
            return ["127.0.0.1"]

        channel = WebhookChannel(replace(context, read_secret=read_secret), resolve=resolve)
        sending = asyncio.create_task(channel.send(message()))
        await clock.advance(3)
        await until(lambda: clock.sleepers == 2)
        await clock.advance(4.9)
        await until(lambda: hook.received)

        await clock.advance(channel.traits.attempt_s - 7.9 - 2)

        with pytest.raises(Uncertain):
            await sending


async def test_row_5_an_answer_that_trickles_for_ever_ends_too(authority: Authority) -> None:
    clock, answers = ManualClock(), asyncio.Event()

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        answers.set()
        writer.write(b"HTTP/1.1 500 No\r\n\r\n")
        while not writer.is_closing():
            writer.write(b".")
            await asyncio.sleep(0.001)

    server = await asyncio.start_server(trickle, "127.0.0.1", 0, ssl=authority.serving(NAME))
    port = server.sockets[0].getsockname()[1]
    channel = WebhookChannel(
        desk_of(authority, port, clock=clock).context, resolve=Names("127.0.0.1").resolve
    )
    sending = asyncio.create_task(channel.send(message()))
    await answers.wait()

    await clock.advance(12)
    with pytest.raises(Uncertain):
        await sending
    server.close()
    await server.wait_closed()


async def test_row_12_of_an_answer_without_end_no_more_is_read_than_is_told(authority: Authority) -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 500 No\r\n\r\n")
        with contextlib.suppress(OSError):
            while True:
                writer.write(b"no " * 10_000)
                await writer.drain()
        writer.close()

    async with await asyncio.start_server(flood, "127.0.0.1", 0, ssl=authority.serving(NAME)) as server:
        # Its clock stands still: no limit of time ends this.
        desk = desk_of(authority, server.sockets[0].getsockname()[1], clock=ManualClock())
        channel = WebhookChannel(desk.context, resolve=Names("127.0.0.1").resolve)

        with pytest.raises(Undeliverable, match="answered 500 no no") as raised:
            await channel.send(message())

    assert len(raised.value.reason) < 250


async def test_row_6_a_429_says_for_how_long_nothing_may_be_sent(authority: Authority) -> None:
    answer = web.Response(status=429, headers={"Retry-After": "30"})
    async with serving(authority, answers=[answer]) as (hook, channel):
        with pytest.raises(RateLimited) as raised:
            await channel.send(message())

    assert raised.value.retry_after_s == 30
    assert len(hook.received) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_row_8_a_refused_key_bars_the_channel_until_a_new_one_is_there(
    authority: Authority, status: int
) -> None:
    async with hook_server(authority.serving(NAME)) as hook:
        hook.answers = [web.Response(status=status), web.Response()]
        desk = desk_of(authority, hook.port, secrets={"webhook.headers": {"lines": "X-Key: old"}})
        channel = WebhookChannel(desk.context, resolve=Names("127.0.0.1").resolve)

        with pytest.raises(ChannelBarred, match="does not let us in"):
            await channel.send(message())
        desk.secrets["webhook.headers"] = {"lines": "X-Key: new"}
        await channel.send(message())

    assert [each.headers["X-Key"] for each in hook.received] == ["old", "new"]


async def test_row_9_a_message_that_is_refused_ends_that_message_only(authority: Authority) -> None:
    answers = [web.Response(status=422, text="no such field"), web.Response()]
    async with serving(authority, answers=answers) as (hook, channel):
        with pytest.raises(Undeliverable, match="refused the message: 422 no such field") as raised:
            await channel.send(message())
        await channel.send(message(idempotency_key="the next"))

    assert not raised.value.retry
    assert len(hook.received) == 2


async def test_row_11_the_longest_message_is_cut(authority: Authority) -> None:
    async with serving(authority) as (hook, channel):
        await channel.send(message(title="T" * 10**6, body="B" * 10**6, tags=("t" * 10**6,) * 10**3))

    assert len(hook.received[0].body) < 100_000
    assert len(hook.received[0].document["title"]) == 500


@pytest.mark.parametrize(
    "answer",
    [b"SSH-2.0-OpenSSH_9.2\r\n", b"\x00" * 100, b"HTTP/1.1 999999999 ?\r\n\r\n", b""],
    ids=["another protocol", "noise", "no status", "nothing"],
)
async def test_row_12_what_is_no_answer_is_never_delivered(authority: Authority, answer: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0, ssl=authority.serving(NAME)) as server:
        port = server.sockets[0].getsockname()[1]
        channel = WebhookChannel(desk_of(authority, port).context, resolve=Names("127.0.0.1").resolve)

        with pytest.raises(Uncertain):
            await channel.send(message())


async def test_row_23_a_receipt_holds_the_message_s_key(authority: Authority) -> None:
    async with serving(authority) as (_, channel):
        receipt = await channel.send(message(idempotency_key="k-0"))

    assert (receipt.reference, receipt.detail) == ("k-0", "hook.example answered 200")


async def test_row_25_a_webhook_that_is_not_set_up_is_unavailable_not_broken(authority: Authority) -> None:
    channel = WebhookChannel(ChannelDesk(folder=authority.folder).context)

    with pytest.raises(ChannelUnavailable, match="The webhook is not set up"):
        await channel.send(message())
