"""The webhook's connection: shared by posts that follow closely, and by no others."""

import asyncio
from typing import Any

import pytest

from tests.channels.authority import Authority
from tests.channels.desk import lines_to, message
from tests.channels.hook_desk import NAME, Names, desk_of, serving
from tests.channels.hook_server import hook_server
from tests.fakes import ManualClock
from tests.tcp_proxy import tcp_proxy
from tradeassist_desktop.channels.webhook import WebhookChannel
from tradeassist_desktop.domain.channels import Uncertain, Undeliverable


async def test_posts_that_follow_closely_share_a_connection_which_a_second_without_one_closes(
    authority: Authority, until: Any
) -> None:
    clock = ManualClock()
    async with serving(authority, clock=clock) as (hook, channel):
        for number in range(3):
            await channel.send(message(idempotency_key=f"k-{number}"))
            await clock.advance(0.9)
        shared = (hook.connects, hook.open_now)
        await clock.advance(0.1)
        await until(lambda: hook.open_now == 0)
        await channel.send(message(idempotency_key="k-3"))

    assert shared == (1, 1)
    assert hook.connects == 2
    assert [each.headers["Idempotency-Key"] for each in hook.received] == ["k-0", "k-1", "k-2", "k-3"]


async def test_closing_the_channel_closes_its_connection(authority: Authority) -> None:
    async with serving(authority) as (hook, channel):
        await channel.send(message())
        open_before = lines_to(hook.port)

        await channel.close()

        assert (open_before, lines_to(hook.port)) == (1, 0)


@pytest.mark.parametrize("fault", ["reset", "close"])
async def test_a_connection_the_receiver_has_closed_meanwhile_costs_no_message(
    authority: Authority, until: Any, fault: str
) -> None:
    async with hook_server(authority.serving(NAME)) as hook, tcp_proxy(hook.port) as proxy:
        desk = desk_of(authority, proxy.port, clock=ManualClock())
        channel = WebhookChannel(desk.context, resolve=Names("127.0.0.1").resolve)
        await channel.send(message(idempotency_key="k-0"))
        getattr(proxy, fault)()
        await until(lambda: lines_to(proxy.port) == 0)

        await channel.send(message(idempotency_key="k-1"))

    assert [each.headers["Idempotency-Key"] for each in hook.received] == ["k-0", "k-1"]


async def test_row_4_a_shared_connection_that_breaks_after_a_post_is_uncertain_and_one_request(
    authority: Authority,
) -> None:
    async with hook_server(authority.serving(NAME)) as hook, tcp_proxy(hook.port) as proxy:
        channel = WebhookChannel(desk_of(authority, proxy.port).context, resolve=Names("127.0.0.1").resolve)
        await channel.send(message(idempotency_key="k-0"))
        hook.before_answer = proxy.reset

        with pytest.raises(Uncertain, match="it may have arrived"):
            await channel.send(message(idempotency_key="k-1"))

        assert proxy.connects == 1
    assert [each.headers["Idempotency-Key"] for each in hook.received] == ["k-0", "k-1"]


async def test_row_107_a_name_that_leads_elsewhere_by_now_is_not_served_by_the_connection_there_is(
    authority: Authority,
) -> None:
    tls = authority.serving(NAME)
    async with hook_server(tls) as first, hook_server(tls, host="127.0.0.2", port=first.port) as second:
        names = Names("127.0.0.1", "127.0.0.2", "169.254.169.254")
        channel = WebhookChannel(desk_of(authority, first.port).context, resolve=names.resolve)
        await channel.send(message())

        await channel.send(message())
        with pytest.raises(Undeliverable, match="an address for other purposes"):
            await channel.send(message())

    assert (len(first.received), len(second.received)) == (1, 1)


async def test_row_107_a_connection_to_one_name_does_not_serve_another_at_its_address(
    authority: Authority,
) -> None:
    async with hook_server(authority.serving(NAME)) as hook:
        desk = desk_of(authority, hook.port)
        channel = WebhookChannel(desk.context, resolve=Names("127.0.0.1").resolve)
        await channel.send(message())
        await desk.settings.set("webhook.allow_private", (f"https://other.example:{hook.port}",))
        desk.secrets["webhook.main"] = {"url": f"https://other.example:{hook.port}/"}

        with pytest.raises(Undeliverable, match=r"certificate of other\.example is not to be trusted"):
            await channel.send(message())

    assert hook.names_asked_for == [NAME, "other.example"]
    assert len(hook.received) == 1


async def test_an_accepted_post_whose_answer_never_ends_is_delivered_and_its_connection_not_kept(
    authority: Authority,
) -> None:
    clock, connects = ManualClock(), 0

    async def stop_short(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connects
        connects += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok")
        await reader.read(-1)
        writer.close()

    async with await asyncio.start_server(stop_short, "127.0.0.1", 0, ssl=authority.serving(NAME)) as server:
        desk = desk_of(authority, server.sockets[0].getsockname()[1], clock=clock)
        channel = WebhookChannel(desk.context, resolve=Names("127.0.0.1").resolve)
        for _ in range(2):
            sending = asyncio.create_task(channel.send(message()))
            while not sending.done():
                await clock.advance(0.1)
                await asyncio.sleep(0.001)
            await sending

    assert connects == 2
