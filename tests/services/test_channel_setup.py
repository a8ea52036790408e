"""Setting channels up: by their declared fields, all or nothing, in force at once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.channels.hook_server import hook_server
from tests.fakes import ManualClock, MemoryKeeper, RecordingChannel, store_of
from tradeassist_desktop.channels import CHANNELS, build_channels
from tradeassist_desktop.channels.kind import ChannelContext
from tradeassist_desktop.domain.channels import Channel, ChannelBarred, Undeliverable
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.events import ChannelSetUp
from tradeassist_desktop.domain.secret import SLACK_BOT, SMTP, WEBHOOK, KeeperSilent
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock, SystemClock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.services.channel_secrets import ChannelSecrets
from tradeassist_desktop.services.channel_setup import ChannelSetup
from tradeassist_desktop.services.settings import Settings


class Desk:
    """The channels of the table, and what is given as ``local``, over a keyring in memory."""

    def __init__(self, folder: Path, *local: RecordingChannel, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.bus = Bus()
        self.keyring = MemoryKeeper()
        self.settings = Settings(file=folder / "settings.json", bus=self.bus)
        store = store_of(self.keyring, clock=self.clock)
        secrets = ChannelSecrets(store=store, clock=self.clock)
        remote = build_channels(
            ChannelContext(
                settings=self.settings,
                read_secret=secrets.read,
                clock=self.clock,
                mask=lambda texts: None,
            )
        )
        channels: dict[str, Channel] = {**{channel.name: channel for channel in local}, **remote}
        self.setup = ChannelSetup(
            channels=channels,
            kinds=CHANNELS,
            send_test=lambda name, message: within(
                self.clock, channels[name].traits.attempt_s, channels[name].send(message)
            ),
            settings=self.settings,
            secrets=secrets,
            bus=self.bus,
            clock=self.clock,
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, RecordingChannel("toast"))


def test_channels_come_in_the_traders_order_with_names_for_people(desk: Desk) -> None:
    assert desk.setup.names == ("toast", "slack", "email", "webhook")
    assert [desk.setup.title(name) for name in desk.setup.names] == ["Toasts", "Slack", "E-mail", "Webhook"]


async def test_a_form_shows_settings_and_only_that_a_secret_is_there(desk: Desk) -> None:
    desk.keyring.kept[SMTP] = {"user": "desk@example.com", "password": "secret-word"}

    fields = {now.field.label: now for now in await desk.setup.fields("email")}

    assert (fields["Port"].text, fields["Encryption"].text) == ("587", "starttls")
    assert fields["Encryption"].choices == ("starttls", "tls", "none")
    assert (fields["Password"].source, fields["Password"].text) == ("keyring", "")
    assert "secret-word" not in repr(fields)


async def test_a_channel_of_this_machine_has_no_form_and_lacks_nothing(desk: Desk) -> None:
    assert (await desk.setup.fields("toast"), await desk.setup.missing("toast")) == ((), "")


async def test_what_is_entered_holds_at_once_and_is_told(desk: Desk) -> None:
    told: list[ChannelSetUp] = []
    desk.bus.subscribe(ChannelSetUp, told.append)
    before = await desk.setup.missing("email")

    words = await desk.setup.save(
        "email",
        {
            "smtp.host": " smtp.example.com ",
            "smtp.from": "desk@example.com",
            "smtp.to": "a@example.com, b@example.com",
            "smtp/user": "desk",
            "smtp/password": "word-of-mouth",
        },
    )

    assert before == "E-mail is not set up: Server, From, To must be given"
    assert await desk.setup.missing("email") == ""
    assert words == "Kept; secrets are in the keyring."
    assert desk.keyring.kept[SMTP] == {"user": "desk", "password": "word-of-mouth"}
    assert desk.settings.names("smtp.to") == ("a@example.com", "b@example.com")
    assert told == [ChannelSetUp(channel="email")]


async def test_one_wrong_field_keeps_all_of_them_back_and_is_named_by_its_label(desk: Desk) -> None:
    with pytest.raises(BadInput) as raised:
        await desk.setup.save(
            "email",
            {"smtp.host": "smtp.example.com", "smtp.port": "0", "smtp.to": "nobody", "smtp/user": "x"},
        )

    assert [fault.place for fault in raised.value.faults] == ["Port", "To"]
    assert (desk.settings.text("smtp.host"), desk.keyring.kept) == ("", {})


@pytest.mark.parametrize(
    ("id_", "text", "place"),
    [
        ("webhook.main/url", "ftp://example.com/secret-path", "Address"),
        ("webhook.hmac/key", "whsec_!secret-path", "Signing key"),
        ("webhook.headers/lines", "Host: secret-path", "Headers"),
        ("webhook.main/url", "https://" + "a" * 9_000, "Address"),
    ],
)
async def test_a_secret_that_cannot_be_is_refused_without_repeating_it(
    desk: Desk, id_: str, text: str, place: str
) -> None:
    with pytest.raises(BadInput) as raised:
        await desk.setup.save("webhook", {id_: text})

    assert [fault.place for fault in raised.value.faults] == [place]
    assert "secret-path" not in str(raised.value)


async def test_a_new_token_is_not_taken_to_run_out_when_the_old_one_would_have(desk: Desk) -> None:
    old = {"token": "xoxe.xoxb-1-old", "refresh_token": "xoxe-1-old", "client_id": "1.2", "expires_ns": "5"}
    desk.keyring.kept[SLACK_BOT] = old

    await desk.setup.save(
        "slack", {"slack.bot/token": "xoxe.xoxb-1-new", "slack.bot/refresh_token": "xoxe-1-new"}
    )

    assert desk.keyring.kept[SLACK_BOT] == {
        "token": "xoxe.xoxb-1-new",
        "refresh_token": "xoxe-1-new",
        "client_id": "1.2",
    }


async def test_a_changed_field_leaves_the_secrets_other_fields(desk: Desk) -> None:
    desk.keyring.kept[SMTP] = {"user": "desk", "password": "old-password"}

    await desk.setup.save("email", {"smtp/password": "new-password"})

    assert desk.keyring.kept[SMTP] == {"user": "desk", "password": "new-password"}


async def test_an_emptied_setting_is_what_it_is_by_default(desk: Desk) -> None:
    await desk.setup.save("email", {"smtp.host": "smtp.example.com", "smtp.port": "465"})

    await desk.setup.save("email", {"smtp.host": "", "smtp.port": " "})

    assert (desk.settings.text("smtp.host"), desk.settings.number("smtp.port")) == ("", 587)


async def test_an_emptied_secret_is_taken_out(desk: Desk) -> None:
    desk.keyring.kept[WEBHOOK] = {"url": "https://hook.example/x"}

    await desk.setup.save("webhook", {"webhook.main/url": ""})

    assert await desk.setup.missing("webhook") == "The webhook is not set up: Address must be given"


async def test_without_a_keyring_it_says_for_how_long_a_secret_is_kept(desk: Desk) -> None:
    desk.keyring.can_write = False

    words = await desk.setup.save("webhook", {"webhook.main/url": "https://hook.example/x"})

    assert words == "Kept until the program ends: there is no keyring that would keep it."
    assert await desk.setup.missing("webhook") == ""


async def test_where_a_keyring_is_locked_it_says_so_of_a_secret_it_cannot_keep(desk: Desk) -> None:
    desk.keyring.write_failure = KeeperSilent("the keyring is locked: unlock it", keeper="keyring")

    words = await desk.setup.save("webhook", {"webhook.main/url": "https://hook.example/x"})

    assert words == (
        "Kept until the program ends: the keyring is locked: unlock it. The keyring has it once it is open."
    )


LOCKED = KeeperSilent("the keyring is locked: unlock it", keeper="keyring")


@pytest.mark.parametrize("channel", ["slack", "email", "webhook"])
async def test_where_a_keyring_is_locked_each_form_says_what_is_not_known(desk: Desk, channel: str) -> None:
    desk.keyring.failure = LOCKED

    fields = await desk.setup.fields(channel)

    of_secrets = {now.trouble for now in fields if now.field.secret}
    assert of_secrets == {"the keyring is locked: unlock it"}
    assert {now.trouble for now in fields if not now.field.secret} == {""}


@pytest.mark.parametrize(
    ("channel", "entered"),
    [
        ("slack", {"slack.bot/token": "xoxb-1234567890-abcdefghij", "slack.channel": "#alerts"}),
        (
            "email",
            {
                "smtp.host": "smtp.example.com",
                "smtp.from": "a@example.com",
                "smtp.to": "a@example.com",
                "smtp/user": "a@example.com",
                "smtp/password": "word-of-mouth",
            },
        ),
        ("webhook", {"webhook.main/url": "https://hook.example/x"}),
    ],
    ids=["slack", "email", "webhook"],
)
async def test_what_is_entered_while_a_keyring_is_locked_holds_and_is_in_memory(
    desk: Desk, channel: str, entered: dict[str, str]
) -> None:
    desk.keyring.failure = desk.keyring.write_failure = LOCKED
    anew = {now.field.secret for now in await desk.setup.fields(channel) if now.trouble}

    words = await desk.setup.save(channel, entered, anew=anew)

    assert words == (
        "Kept until the program ends: the keyring is locked: unlock it. The keyring has it once it is open."
    )
    assert await desk.setup.missing(channel) == ""
    sources = {now.field.id: now.source for now in await desk.setup.fields(channel)}
    assert all(sources[id_] == "memory" for id_ in entered if "/" in id_)


async def test_part_of_a_secret_does_not_replace_what_a_locked_keyring_has(desk: Desk) -> None:
    desk.keyring.kept[SMTP] = {"user": "desk", "password": "old-password"}
    desk.keyring.failure = desk.keyring.write_failure = LOCKED

    with pytest.raises(Undeliverable, match="the keyring is locked"):
        await desk.setup.save("email", {"smtp/password": "new-password"})

    desk.keyring.failure = desk.keyring.write_failure = None
    assert desk.keyring.kept[SMTP] == {"user": "desk", "password": "old-password"}


async def test_where_nobody_knows_what_is_left_a_removal_says_so(desk: Desk) -> None:
    desk.keyring.kept[SMTP] = {"user": "desk", "password": "old-password"}
    desk.keyring.failure = LOCKED

    words = await desk.setup.remove("email")

    assert words == (
        "Taken out; whether another still gives it is not known: the keyring is locked: unlock it."
    )


async def test_a_test_reaches_the_receiver_and_says_so(desk: Desk) -> None:
    async with hook_server() as hook:
        origin = f"http://127.0.0.1:{hook.port}"
        await desk.setup.save("webhook", {"webhook.main/url": f"{origin}/x", "webhook.allow_private": origin})

        tested = await desk.setup.test("webhook")

    assert (tested.is_delivered, tested.words) == (True, "Delivered: 127.0.0.1 answered 200")
    assert hook.received[0].document["is_test"] is True


async def test_a_test_looks_for_what_another_program_has_written_since(desk: Desk) -> None:
    before = await desk.setup.test("webhook")

    desk.keyring.kept[WEBHOOK] = {"url": "https://127.0.0.1/x"}
    after = await desk.setup.test("webhook")

    assert (before.is_set_up, after.is_set_up) == (False, True)
    assert after.words.startswith("127.0.0.1 is on this computer")


async def test_two_tests_are_two_messages(desk: Desk, tmp_path: Path) -> None:
    toast = RecordingChannel("toast")
    setup = Desk(tmp_path, toast).setup

    await asyncio.gather(setup.test("toast"), setup.test("toast"))

    assert len({message.idempotency_key for message in toast.messages}) == 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (ChannelBarred("the password is refused"), "the password is refused"),
        (ZeroDivisionError(), "it broke: ZeroDivisionError; the log has more"),
    ],
    ids=["in words", "a fault of ours"],
)
async def test_a_test_that_fails_says_why(tmp_path: Path, answer: Exception, words: str) -> None:
    setup = Desk(tmp_path, RecordingChannel("toast", answers=[answer])).setup

    tested = await setup.test("toast")

    assert (tested.is_delivered, tested.words, tested.is_set_up) == (False, words, True)


@pytest.mark.parametrize("channel", ["slack", "email", "webhook", "carrier pigeon"])
async def test_a_test_of_what_is_not_set_up_says_what_to_give(desk: Desk, channel: str) -> None:
    tested = await desk.setup.test(channel)

    assert (tested.is_delivered, tested.is_set_up) == (False, False)
    assert tested.words


async def test_a_test_that_is_never_answered_ends(tmp_path: Path, until: Any) -> None:
    clock = ManualClock()

    class Mute(RecordingChannel):
        async def send(self, message: Any) -> Any:
            await asyncio.Event().wait()

    testing = asyncio.create_task(Desk(tmp_path, Mute("toast"), clock=clock).setup.test("toast"))
    await until(lambda: clock.sleepers)
    await clock.advance(10)

    assert (await testing).words == "not done within 10 s"
