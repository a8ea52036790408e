"""E-mail through a real mail server: TLS, sign-in, what is in a mail, and what refusals mean."""

import asyncio
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from tests.channels.authority import Authority
from tests.channels.desk import EVENT_NS, ChannelDesk, message
from tests.channels.mail_desk import behind_proxy, desk_of, serving
from tests.channels.mail_server import mail_server
from tests.fakes import ManualClock
from tradeassist_desktop.channels.email import EmailChannel
from tradeassist_desktop.domain.alerts import AlertStatus, Priority, Timing
from tradeassist_desktop.domain.channels import (
    ChannelBarred,
    ChannelUnavailable,
    MessageRefused,
    RateLimited,
    Uncertain,
    Undeliverable,
)
from tradeassist_desktop.domain.messages import Digest, DigestLine

# --- the way


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_mail_goes_out_encrypted_and_signed_in(authority: Authority, security: str) -> None:
    tls = authority.serving("127.0.0.1")
    async with mail_server(tls, is_tls_from_start=security == "tls") as server:
        desk = desk_of(authority, server.port, given={"smtp.security": security})

        receipt = await EmailChannel(desk.context).send(message())

    assert server.signed_in == ["desk@example.com"]
    assert [envelope.rcpt_tos for envelope in server.envelopes] == [["trader@example.com"]]
    assert (receipt.detail, receipt.reference) == (
        "2.0.0 OK: queued as 4711",
        server.mails[0]["Message-ID"],
    )


async def test_a_relay_that_asks_for_no_sign_in_gets_none(authority: Authority) -> None:
    async with serving(authority, wants_sign_in=False, secrets={}) as (server, channel):
        await channel.send(message())

    assert (len(server.mails), server.sign_ins) == (1, 0)


async def test_without_starttls_nothing_is_sent_in_clear(authority: Authority) -> None:
    async with mail_server(None) as server:
        with pytest.raises(ChannelBarred, match="offers no STARTTLS"):
            await EmailChannel(desk_of(authority, server.port).context).send(message())

    assert (server.sign_ins, server.envelopes) == (0, [])


@pytest.mark.parametrize(
    ("host", "is_dev"),
    [("127.0.0.1", False), ("mail.example.com", True), ("192.168.1.2", True)],
    ids=["this machine without --dev", "another machine with --dev", "the local network with --dev"],
)
async def test_encryption_cannot_be_turned_off(authority: Authority, host: str, is_dev: bool) -> None:
    desk = desk_of(authority, 25, given={"smtp.security": "none", "smtp.host": host}, is_dev=is_dev)

    with pytest.raises(ChannelBarred, match="without encryption could be read by anybody"):
        await EmailChannel(desk.context).send(message())


async def test_a_developer_may_send_in_clear_within_this_machine(authority: Authority) -> None:
    async with mail_server(None, wants_sign_in=False) as server:
        desk = desk_of(authority, server.port, given={"smtp.security": "none"}, is_dev=True, secrets={})

        await EmailChannel(desk.context).send(message())

    assert len(server.mails) == 1


async def test_tls_on_a_port_that_speaks_none_says_which_port_to_take(authority: Authority) -> None:
    async with serving(authority, given={"smtp.security": "tls"}) as (_, channel):
        with pytest.raises(ChannelBarred, match="tls goes with port 465, starttls with 587"):
            await channel.send(message())


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_of_another_name_is_not_trusted(authority: Authority, security: str) -> None:
    tls = authority.serving("mail.example.org")
    async with mail_server(tls, is_tls_from_start=security == "tls") as server:
        desk = desk_of(authority, server.port, given={"smtp.security": security})

        with pytest.raises(
            Undeliverable, match=r"certificate of 127\.0\.0\.1 is not to be trusted"
        ) as raised:
            await EmailChannel(desk.context).send(message())

    assert raised.value.retry
    assert (server.sign_ins, server.envelopes) == (0, [])


async def test_changed_settings_and_passwords_hold_from_the_next_mail_on(authority: Authority) -> None:
    async with mail_server(authority.serving("127.0.0.1")) as server:
        desk = desk_of(authority, server.port, secrets={"smtp": {"user": "desk", "password": "wrong-one"}})
        channel = EmailChannel(desk.context)
        with pytest.raises(ChannelBarred):
            await channel.send(message())

        desk.secrets["smtp"] = {"user": server.user, "password": server.password}
        await desk.settings.set("smtp.to", ("other@example.com",))
        await channel.send(message())

    assert [envelope.rcpt_tos for envelope in server.envelopes] == [["other@example.com"]]


async def test_what_is_missing_is_named_as_the_form_names_it(authority: Authority) -> None:
    channel = EmailChannel(ChannelDesk(folder=authority.folder).context)

    with pytest.raises(ChannelUnavailable, match="E-mail is not set up: Server, From, To must be given"):
        await channel.send(message())


# --- the mail


async def test_both_parts_say_everything(authority: Authority) -> None:
    async with serving(authority) as (server, channel):
        await channel.send(message(priority=Priority.URGENT, is_second_try=True, is_saved=False))

    mail = server.mails[0]
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and html is not None
    assert mail["Subject"] == "URGENT /ES: Opening drive"
    for text in (plain.get_content(), html.get_content()):
        for words in (
            "/ES last 5530.25 crosses above 5530",
            "last crosses above 5530",
            "5,530.25",
            "Opening drive",
            "urgent",
            "00:00:00.123 UTC",
            "may be a repeat",
            "Not saved",
        ):
            assert words in text


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        ({"is_test": True}, "Test: /ES: Opening drive"),
        ({"timing": Timing.REPLAYED}, "Replay: /ES: Opening drive"),
        ({"status": AlertStatus.CLEARED}, "Cleared: /ES: Opening drive"),
        ({"title": "Größe → 5 €"}, "Größe → 5 €"),
        ({"title": ""}, "Alert"),
    ],
    ids=["test", "replay", "cleared", "not ASCII", "no title"],
)
async def test_the_subject_says_what_kind_it_is(
    authority: Authority, changes: dict[str, Any], subject: str
) -> None:
    async with serving(authority) as (server, channel):
        await channel.send(message(**changes))

    assert server.mails[0]["Subject"] == subject


async def test_a_digest_lists_titles_with_exact_counts(authority: Authority) -> None:
    lines = tuple(
        DigestLine(title=f"rule {number}", count=number + 1, priority=Priority.HIGH, last_ns=EVENT_NS)
        for number in range(300)
    )
    count = sum(line.count for line in lines)
    async with serving(authority) as (server, channel):
        await channel.send(message(title="Many alerts", digest=Digest(count=count, lines=lines)))

    plain = server.mails[0].get_body(("plain",))
    assert plain is not None
    text = plain.get_content()
    assert "45,150 alerts in this mail" in text
    assert "3 × rule 2 (high)" in text
    assert f"{sum(range(201, 301)):,} × of 100 more titles" in text


async def test_a_repeat_answers_the_mail_before_it(authority: Authority) -> None:
    async with serving(authority) as (server, channel):
        first = await channel.send(message())
        await channel.send(message(idempotency_key="alert-1-email-1", reply_to=first.reference))

    second = server.mails[1]
    assert (second["In-Reply-To"], second["References"]) == (first.reference, first.reference)
    assert second["Message-ID"] != first.reference


async def test_two_attempts_are_one_mail_to_whoever_keeps_them(authority: Authority) -> None:
    async with serving(authority) as (server, channel):
        await channel.send(message())
        await channel.send(message(is_second_try=True))

    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]


async def test_nobody_answers_a_mail_by_machine(authority: Authority) -> None:
    async with serving(authority) as (server, channel):
        await channel.send(message())

    assert server.mails[0]["Auto-Submitted"] == "auto-generated"
    assert server.mails[0]["Date"].datetime.tzinfo is not None


@pytest.mark.parametrize(
    "field", ["title", "symbol", "rule_name", "condition", "reply_to", "idempotency_key"]
)
async def test_no_text_becomes_a_header(authority: Authority, field: str) -> None:
    hostile = "x\r\nBcc: thief@example.net\r\n\r\n<script src=//evil.example>"
    async with serving(authority) as (server, channel):
        await channel.send(message(**{field: hostile}))

    mail, envelope = server.mails[0], server.envelopes[0]
    assert mail["Bcc"] is None
    assert envelope.rcpt_tos == ["trader@example.com"]
    html = mail.get_body(("html",))
    assert html is not None and "<script" not in html.get_content()


async def test_html_loads_nothing_and_links_nowhere(authority: Authority) -> None:
    async with serving(authority) as (server, channel):
        await channel.send(message(body='<img src="https://evil.example/x.png"> <a href=x>y</a> &lt;'))

    html = server.mails[0].get_body(("html",))
    assert html is not None
    text = html.get_content()
    assert "&lt;img src=&quot;https://evil.example/x.png&quot;&gt;" in text
    assert "&amp;lt;" in text
    assert "<img" not in text and "<a " not in text


async def test_the_server_learns_no_name_of_this_computer(authority: Authority) -> None:
    names: list[str] = []
    async with serving(authority) as (server, channel):
        server.before_data_answer = lambda smtp: names.append(smtp.session.host_name)
        await channel.send(message())

    assert names == ["[127.0.0.1]"]


# --- refusals


async def test_a_wrong_password_bars_the_channel_after_one_try(authority: Authority) -> None:
    async with serving(authority, password="another") as (server, channel):
        with pytest.raises(ChannelBarred, match="does not take the user name and password"):
            await channel.send(message())

    assert server.sign_ins == 1


async def test_a_sign_in_that_fails_for_now_is_tried_again(authority: Authority) -> None:
    busy = AuthResult(success=False, handled=False, message="454 4.7.0 Temporary authentication failure")
    async with serving(authority, sign_in_answer=busy) as (_, channel):
        with pytest.raises(Undeliverable, match="asks to try again later: 454") as raised:
            await channel.send(message())

    assert raised.value.retry and not isinstance(raised.value, ChannelBarred)


async def test_a_server_that_wants_a_sign_in_says_so(authority: Authority) -> None:
    async with serving(authority, secrets={}) as (_, channel):
        with pytest.raises(ChannelBarred, match="wants a user name and password"):
            await channel.send(message())


@pytest.mark.parametrize(
    ("answers", "kind", "retry", "words"),
    [
        ({"MAIL": "553 5.7.1 not yours"}, ChannelBarred, True, "takes no mail from the address in From"),
        ({"MAIL": "451 4.3.0 busy"}, Undeliverable, True, "try again later: 451"),
        ({"RCPT": "550 5.1.1 no such user"}, Undeliverable, False, "550 5.1.1 no such user"),
        ({"RCPT": "450 4.2.0 greylisted"}, Undeliverable, True, "450 4.2.0 greylisted"),
        ({"DATA": "554 5.7.1 looks like spam"}, MessageRefused, False, "refused the mail: 554"),
        ({"DATA": "452 4.3.1 disk full"}, Undeliverable, True, "try again later: 452"),
        *(
            ({at: "550 5.4.5 Daily user sending limit exceeded"}, RateLimited, True, "takes no more mails")
            for at in ("MAIL", "RCPT", "DATA")
        ),
    ],
    ids=[
        "sender",
        "sender for now",
        "recipient",
        "greylisting",
        "content",
        "disk full",
        "quota at the sender",
        "quota at a recipient",
        "quota at the content",
    ],
)
async def test_a_refusal_says_whether_another_try_may_help(
    authority: Authority, answers: dict[str, str], kind: type[Undeliverable], retry: bool, words: str
) -> None:
    async with serving(authority, answers=answers) as (_, channel):
        with pytest.raises(Undeliverable, match=words) as raised:
            await channel.send(message())

    assert (type(raised.value), raised.value.retry) == (kind, retry)


async def test_a_mailbox_that_has_sent_enough_for_today_is_asked_again_in_an_hour(
    authority: Authority,
) -> None:
    async with serving(authority, answers={"MAIL": "550 5.4.5 Daily limit exceeded"}) as (_, channel):
        with pytest.raises(RateLimited) as raised:
            await channel.send(message())

    assert raised.value.retry_after_s == 3_600


async def test_one_recipient_refused_keeps_nothing_from_the_others(authority: Authority) -> None:
    given = {"smtp.to": "gone@example.com, trader@example.com"}
    async with serving(authority, given=given, answers={"gone@example.com": "550 gone"}) as (server, channel):
        receipt = await channel.send(message())

    assert server.envelopes[0].rcpt_tos == ["trader@example.com"]
    assert receipt.detail.endswith("refused for gone@example.com (550 gone)")


async def test_who_was_put_off_is_reached_later_and_nobody_twice(authority: Authority) -> None:
    given = {"smtp.to": "slow@example.com, trader@example.com"}
    async with serving(authority, given=given, answers={"slow@example.com": "450 later"}) as (
        server,
        channel,
    ):
        with pytest.raises(Undeliverable, match=r"not taken yet for slow@example\.com") as raised:
            await channel.send(message())
        server.answers.clear()
        await channel.send(message())

    assert raised.value.retry
    assert [envelope.rcpt_tos for envelope in server.envelopes] == [
        ["trader@example.com"],
        ["slow@example.com"],
    ]


async def test_a_mail_that_reached_one_is_delivered_though_another_is_refused_in_the_end(
    authority: Authority,
) -> None:
    given = {"smtp.to": "slow@example.com, trader@example.com"}
    async with serving(authority, given=given, answers={"slow@example.com": "450 later"}) as (
        server,
        channel,
    ):
        with pytest.raises(Undeliverable, match="not taken yet"):
            await channel.send(message())
        server.answers["slow@example.com"] = "550 gone"
        receipt = await channel.send(message())

    assert len(server.mails) == 1
    assert receipt.detail == "taken earlier; refused for slow@example.com (550 gone)"


async def test_who_was_refused_first_is_named_once_the_others_are_reached(authority: Authority) -> None:
    given = {"smtp.to": "gone@example.com, slow@example.com"}
    answers = {"gone@example.com": "550 gone", "slow@example.com": "450 later"}
    async with serving(authority, given=given, answers=answers) as (server, channel):
        with pytest.raises(Undeliverable, match="not taken yet"):
            await channel.send(message())
        del answers["slow@example.com"]
        receipt = await channel.send(message())

    assert [envelope.rcpt_tos for envelope in server.envelopes] == [["slow@example.com"]]
    assert receipt.detail.endswith("refused for gone@example.com (550 gone)")


# --- the network


async def test_a_name_nobody_knows_and_a_port_nobody_answers_are_told(authority: Authority) -> None:
    unknown = desk_of(authority, 25, given={"smtp.host": "mail.invalid"})
    async with mail_server(None) as server:
        pass  # its port is free now
    closed = desk_of(authority, server.port)

    with pytest.raises(Undeliverable, match="no such name, or no network"):
        await EmailChannel(unknown.context).send(message())
    with pytest.raises(Undeliverable, match="nobody answers on that port") as raised:
        await EmailChannel(closed.context).send(message())

    assert raised.value.retry


async def test_a_line_cut_after_the_end_of_the_mail_leaves_it_uncertain(authority: Authority) -> None:
    async with behind_proxy(authority) as (server, proxy, channel):
        server.before_data_answer = lambda smtp: proxy.reset()

        with pytest.raises(Uncertain, match="it may have arrived"):
            await channel.send(message())

    assert len(server.mails) == 1


async def test_a_line_that_slices_every_answer_delivers_all_the_same(authority: Authority) -> None:
    async with behind_proxy(authority) as (server, proxy, channel):
        proxy.slice_bytes = 1

        await channel.send(message())

    assert len(server.mails) == 1


async def test_a_line_cut_before_the_mail_is_only_a_failure(authority: Authority) -> None:
    async with behind_proxy(authority) as (server, proxy, channel):

        async def cut(*_: Any) -> str:
            proxy.reset()
            return "250 OK"

        server.handle_RCPT = cut  # type: ignore[method-assign]
        with pytest.raises(Undeliverable, match="broke the connection off") as raised:
            await channel.send(message())

    assert raised.value.retry and not isinstance(raised.value, Uncertain)
    assert server.envelopes == []


async def test_silence_after_the_mail_is_uncertain_at_the_limit(authority: Authority, until: Any) -> None:
    clock = ManualClock()
    async with behind_proxy(authority, clock=clock) as (server, proxy, channel):
        server.before_data_answer = lambda smtp: proxy.stall()
        sending = asyncio.create_task(channel.send(message()))
        await until(lambda: server.envelopes)

        await clock.advance(40)
        with pytest.raises(Uncertain, match="did not answer within 40 s while taking the mail"):
            await sending


async def test_a_server_that_never_greets_is_given_up_at_the_limit(authority: Authority, until: Any) -> None:
    clock = ManualClock()
    connected = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(mute, "127.0.0.1", 0)
    channel = EmailChannel(desk_of(authority, silent.sockets[0].getsockname()[1], clock=clock).context)
    sending = asyncio.create_task(channel.send(message()))
    await connected.wait()

    await clock.advance(40)
    with pytest.raises(Undeliverable, match="did not answer within 40 s while connecting") as raised:
        await sending
    silent.close()
    await silent.wait_closed()

    assert raised.value.retry and not isinstance(raised.value, Uncertain)


async def test_a_cancelled_mail_leaves_no_connection_behind(authority: Authority, until: Any) -> None:
    async with serving(authority) as (server, channel):
        hangs = asyncio.Event()
        server.before_data_answer = lambda smtp: hangs.wait()
        sending = asyncio.create_task(channel.send(message()))
        await until(lambda: server.envelopes)

        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending

        await until(lambda: server.open_now == 0)
        hangs.set()
