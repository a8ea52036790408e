"""Section A of the faults, on e-mail: a real mail server, real sockets, one request for each attempt."""

import asyncio
import base64
import socket
from typing import Any

import pytest

from tests.channels.authority import Authority
from tests.channels.desk import ChannelDesk, lines_to, message
from tests.channels.mail_desk import behind_proxy, desk_of, serving
from tests.channels.mail_server import mail_server
from tests.fakes import ManualClock
from tradeassist_desktop.channels.email import EmailChannel
from tradeassist_desktop.domain.channels import ChannelBarred, ChannelUnavailable, Uncertain, Undeliverable


@pytest.mark.parametrize("fault", ["reset", "close"])
async def test_row_4_a_line_that_breaks_after_the_mail_is_uncertain_and_one_mail(
    authority: Authority, fault: str
) -> None:
    async with behind_proxy(authority) as (server, proxy, channel):
        server.before_data_answer = lambda smtp: getattr(proxy, fault)()

        with pytest.raises(Uncertain, match="it may have arrived"):
            await channel.send(message())

        assert (len(server.mails), proxy.connects) == (1, 1)


async def test_row_4_the_second_attempt_is_the_same_mail_to_whoever_got_the_first(
    authority: Authority,
) -> None:
    async with behind_proxy(authority) as (server, proxy, channel):
        server.before_data_answer = lambda smtp: proxy.reset()
        with pytest.raises(Uncertain):
            await channel.send(message())
        server.before_data_answer = lambda smtp: None

        receipt = await channel.send(message(is_second_try=True))

    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"] == receipt.reference
    plain = second.get_body(("plain",))
    assert plain is not None and "This may be a repeat" in plain.get_content()


async def test_row_5_a_mail_that_hangs_is_uncertain_within_its_attempt(
    authority: Authority, until: Any
) -> None:
    clock = ManualClock()
    async with behind_proxy(authority, clock=clock) as (server, proxy, channel):
        server.before_data_answer = lambda smtp: proxy.stall()
        sending = asyncio.create_task(channel.send(message()))
        await until(lambda: server.envelopes)

        await clock.advance(channel.traits.attempt_s - 1)

        with pytest.raises(Uncertain):
            await sending
        assert lines_to(proxy.port) == 0  # though the line takes no goodbye


async def test_row_6_a_server_that_asks_to_come_again_is_tried_again(authority: Authority) -> None:
    async with serving(authority, answers={"MAIL": "421 4.7.28 rate limited, come again"}) as (_, channel):
        with pytest.raises(Undeliverable, match=r"asks to try again later: 421 4\.7\.28") as raised:
            await channel.send(message())

    assert raised.value.retry and not isinstance(raised.value, ChannelBarred)


async def test_row_8_a_refused_password_bars_the_channel_until_a_new_one_is_there(
    authority: Authority,
) -> None:
    async with mail_server(authority.serving("127.0.0.1")) as server:
        desk = desk_of(authority, server.port, secrets={"smtp": {"user": "desk", "password": "old-word"}})
        channel = EmailChannel(desk.context)

        with pytest.raises(ChannelBarred, match="does not take the user name and password"):
            await channel.send(message())
        desk.secrets["smtp"] = {"user": server.user, "password": server.password}
        await channel.send(message())

    assert (server.sign_ins, len(server.mails)) == (2, 1)


async def test_row_50_no_log_shows_a_password_as_it_goes_over_the_line(authority: Authority) -> None:
    async with mail_server(authority.serving("127.0.0.1")) as server:
        desk = desk_of(authority, server.port)
        await EmailChannel(desk.context).send(message())

    plain = f"\0{server.user}\0{server.password}"
    for text in (server.password, plain):
        assert base64.b64encode(text.encode()).decode() in desk.masked


async def test_row_9_an_address_that_is_no_more_ends_this_message_only(authority: Authority) -> None:
    async with serving(authority, answers={"RCPT": "550 5.1.1 no such user here"}) as (server, channel):
        with pytest.raises(Undeliverable, match="no such user here") as raised:
            await channel.send(message())
        server.answers.clear()
        await channel.send(message(idempotency_key="the next"))

    assert not raised.value.retry
    assert len(server.mails) == 1


async def test_row_11_the_longest_mail_is_cut_and_taken(authority: Authority) -> None:
    async with serving(authority) as (server, channel):
        await channel.send(message(title="T" * 10**6, body=("B" * 5_000 + "\n") * 200, condition="C" * 10**6))

    content = server.envelopes[0].original_content
    assert content is not None and len(content) < 60_000
    assert max(map(len, content.split(b"\r\n"))) < 998  # RFC 5322
    assert len(server.mails[0]["Subject"]) <= 150


@pytest.mark.parametrize(
    "greeting",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://portal/\r\n\r\n<html>sign in</html>",
        b"null\r\n",
        b"\x00" * 9_000,
    ],
    ids=["a captive portal", "null", "noise"],
)
async def test_row_12_what_is_no_mail_server_never_delivers_and_may_pass(
    authority: Authority, greeting: bytes
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        writer.close()

    portal = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with portal:
        channel = EmailChannel(desk_of(authority, portal.sockets[0].getsockname()[1]).context)
        with pytest.raises(Undeliverable) as raised:
            await channel.send(message())

    assert raised.value.retry


async def test_row_12_an_answer_without_sense_after_the_mail_is_uncertain(authority: Authority) -> None:
    async with serving(authority, answers={"DATA": "<html>yes</html>"}) as (_, channel):
        with pytest.raises(Uncertain, match="answered what no mail server says"):
            await channel.send(message())


async def test_row_23_a_receipt_holds_the_mail_s_id_and_the_server_s_words(authority: Authority) -> None:
    async with serving(authority) as (server, channel):
        receipt = await channel.send(message())

    assert receipt.reference == server.mails[0]["Message-ID"]
    assert receipt.detail == "2.0.0 OK: queued as 4711"


async def test_row_25_e_mail_that_is_not_set_up_is_unavailable_not_broken(authority: Authority) -> None:
    channel = EmailChannel(ChannelDesk(folder=authority.folder).context)

    with pytest.raises(ChannelUnavailable, match="E-mail is not set up"):
        await channel.send(message())


async def test_without_a_network_a_mail_waits(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_names(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", no_names)
    channel = EmailChannel(desk_of(authority, 587, given={"smtp.host": "smtp.example.com"}).context)

    with pytest.raises(Undeliverable, match=r"smtp\.example\.com:587 cannot be reached") as raised:
        await channel.send(message())

    assert raised.value.retry
