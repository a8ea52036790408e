"""What holds for every channel there is, and for one added tomorrow."""

import asyncio
import base64
import json
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from PySide6.QtWidgets import QApplication

from tests.channels.authority import Authority
from tests.channels.desk import EVENT_NS, ChannelDesk, lines_to, message
from tests.channels.stands import STANDS, Stand
from tests.fakes import MemoryKeeper, store_of
from tradeassist_desktop import paths
from tradeassist_desktop.channels import CHANNELS, build_channels
from tradeassist_desktop.channels.kind import ChannelContext, ChannelField, ChannelKind
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.channel_names import CHANNEL_NAMES
from tradeassist_desktop.domain.channels import ChannelTraits, ChannelUnavailable, Receipt, Undeliverable
from tradeassist_desktop.domain.messages import Digest, DigestLine, Message
from tradeassist_desktop.domain.settings import setting
from tradeassist_desktop.logs import JsonLines, SecretMask
from tradeassist_desktop.runtime.breakers.presets import PRESETS
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.secrets.environment import VARIABLES
from tradeassist_desktop.services.channel_secrets import ChannelSecrets
from tradeassist_desktop.services.channel_setup import ChannelSetup
from tradeassist_desktop.ui import channels as ui_channels
from tradeassist_desktop.ui.channels.requests import AlertRequests
from tradeassist_desktop.ui.theme import Theme

REMOTE = pytest.mark.parametrize("name", CHANNELS)
LOCAL = pytest.mark.parametrize("name", ui_channels.UI_CHANNELS)

HOSTILE = (
    "a\r\nBcc: b@c.example\r\n\r\n<!channel> <@U1> <img src=x onerror=y> &lt; \u202e\u2066\x00\x1b[31m\ud800"
)
UNSEEN = ("\x00", "\x1b", "\u202e", "\u2066", "\ud800")


@pytest.fixture
async def stand(name: str, authority: Authority) -> AsyncIterator[Stand]:
    async with STANDS[name](authority) as made:
        yield made


@pytest.fixture
def local(name: str, qapp: QApplication, tmp_path: Path) -> Any:
    theme = Theme(application=qapp, resources=paths.resources())
    theme.start("dark", "green_red")
    context = ui_channels.ChannelContext(
        theme=theme,
        settings=ChannelDesk(folder=tmp_path).settings,
        clock=SystemClock(),
        requests=AlertRequests(),
        tray_icon=lambda: None,
        screen=qapp.primaryScreen,
        resources=paths.resources(),
    )
    made = ui_channels.UI_CHANNELS[name](context)
    yield made
    made.close()
    theme.stop()


# --- the tables


def test_every_channel_is_in_both_its_table_and_the_settings_of_routing() -> None:
    assert set(CHANNELS) | set(ui_channels.UI_CHANNELS) == set(CHANNEL_NAMES)
    assert not set(CHANNELS) & set(ui_channels.UI_CHANNELS)


def test_every_channel_to_another_machine_is_tested_against_a_server() -> None:
    assert set(STANDS) == set(CHANNELS)


ROTATING = ("refresh_token", "client_id", "client_secret")
"""Of no use in an environment, which a program cannot change for its next start."""


@REMOTE
def test_what_a_channel_declares_is_whole(name: str, tmp_path: Path) -> None:
    kind = CHANNELS[name]
    channel = kind.build(ChannelDesk(folder=tmp_path).context)

    assert (kind.name, channel.name) == (name, name)
    assert kind.title
    assert kind.breaker in PRESETS
    assert len({field.id for field in kind.fields}) == len({field.label for field in kind.fields})
    for each in kind.fields:
        assert each.label and each.hint.endswith((".", "…"))
        if each.secret:
            assert each.key in VARIABLES[each.secret] or each.key in ROTATING
        else:
            assert setting(each.key).doc


@REMOTE
def test_a_channel_to_another_machine_is_treated_as_one(name: str, tmp_path: Path) -> None:
    traits = CHANNELS[name].build(ChannelDesk(folder=tmp_path).context).traits

    assert not traits.is_local
    assert 0 <= traits.interval_s <= 60
    assert traits.digest_above >= 1
    assert 1 <= traits.attempt_s <= 60


@LOCAL
async def test_a_channel_of_this_machine_is_treated_as_one(name: str, local: Any) -> None:
    assert local.name == name
    assert local.traits.is_local


# --- sending


@REMOTE
async def test_what_is_not_set_up_says_so_and_is_not_a_failure(name: str, tmp_path: Path) -> None:
    channel = CHANNELS[name].build(ChannelDesk(folder=tmp_path).context)

    words = await channel.missing()
    with pytest.raises(ChannelUnavailable) as raised:
        await channel.send(message())

    assert words and raised.value.reason == words
    await channel.close()


@REMOTE
async def test_what_is_set_up_lacks_nothing(name: str, stand: Stand) -> None:
    assert await stand.channel.missing() == ""


@REMOTE
async def test_an_alert_arrives_with_what_it_says(name: str, stand: Stand) -> None:
    receipt = await stand.channel.send(message())

    (text,) = stand.texts()
    assert receipt.detail
    for words in ("/ES: Opening drive", "/ES last 5530.25 crosses above 5530", "last crosses above 5530"):
        assert words in text


@REMOTE
async def test_a_digest_arrives_with_exact_counts(name: str, stand: Stand) -> None:
    lines = (
        DigestLine(title="/ES: Opening drive", count=1_234, priority=Priority.HIGH, last_ns=EVENT_NS),
        DigestLine(title="/NQ: Opening drive", count=1, priority=Priority.LOW, last_ns=EVENT_NS),
    )

    await stand.channel.send(message(title="1,235 alerts", digest=Digest(count=1_235, lines=lines)))

    (text,) = stand.texts()
    plain = text.replace(",", "")
    for words in ("1235", "1234", "/ES: Opening drive", "/NQ: Opening drive"):
        assert words in plain


@REMOTE
@pytest.mark.parametrize("length", [0, 1_000_000], ids=["short", "1 MB"])
async def test_row_110_a_hostile_message_arrives_escaped_and_bounded(
    name: str, stand: Stand, length: int
) -> None:
    text = HOSTILE + "A" * length
    key = "x\r\nX-Evil: 1\x00"  # made by the desk, of a rule's and a symbol's name

    await stand.channel.send(
        message(
            alert_id=key,
            rule_name=text,
            rule_uid=key,
            title=text,
            body=text,
            symbol=text,
            condition=text,
            tags=(text,) * 20,
            reply_to=text,
            idempotency_key=key,
        )
    )

    (received,) = stand.texts()
    assert not any(unseen in received + "".join(stand.markup()) for unseen in UNSEEN)
    assert not any(markup in text for text in stand.markup() for markup in ("<!channel", "<@U1", "<img"))
    assert stand.sizes()[0] < 200_000


@LOCAL
async def test_row_110_a_hostile_message_harms_nothing_on_this_machine(name: str, local: Any) -> None:
    hostile = message(title=HOSTILE, body=HOSTILE + "A" * 1_000_000, symbol=HOSTILE)

    try:
        receipt = await local.send(hostile)
    except Undeliverable as error:
        assert error.reason
    else:
        assert isinstance(receipt, Receipt)


@REMOTE
async def test_two_attempts_at_one_message_carry_one_key_and_two_messages_two(
    name: str, stand: Stand
) -> None:
    await stand.channel.send(message(idempotency_key="one"))
    await stand.channel.send(message(idempotency_key="one", is_second_try=True))
    await stand.channel.send(message(idempotency_key="other"))

    first, second, other = stand.keys()
    assert first == second
    assert first != other
    assert "repeat" in stand.texts()[1].lower() or name == "webhook"  # a field there


@REMOTE
async def test_a_cancelled_attempt_leaves_nothing_behind(name: str, stand: Stand, until: Any) -> None:
    tasks = asyncio.all_tasks()
    stand.hang()
    sending = asyncio.create_task(stand.channel.send(message()))
    await until(stand.taken)

    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending

    await until(lambda: lines_to(stand.port) == 0)
    await until(lambda: not asyncio.all_tasks() - tasks)


@REMOTE
async def test_row_50_no_secret_is_in_any_log_line(
    name: str, stand: Stand, caplog: pytest.LogCaptureFixture, until: Any
) -> None:
    mask = SecretMask()
    mask.learn(text for fields in stand.desk.secrets.values() for text in fields.values())
    with caplog.at_level(logging.DEBUG):  # of every library, more than the program ever logs
        receipt = await stand.channel.send(message())
        stand.hang()
        sending = asyncio.create_task(stand.channel.send(message(idempotency_key="other")))
        await until(lambda: stand.taken() == 2)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    mask.learn(stand.desk.masked)
    formatter = JsonLines(mask=mask)

    lines = "\n".join(formatter.format(record) for record in caplog.records) + repr(receipt)

    for secret in stand.secrets:
        for shape in (
            secret,
            base64.b64encode(secret.encode()).decode(),
            quote(secret, safe=""),
            secret[:12],
        ):
            assert shape not in lines


@REMOTE
async def test_row_50_no_failure_tells_a_secret(name: str, authority: Authority) -> None:
    async with STANDS[name](authority) as stand:
        channel = stand.channel
        await channel.send(message())
    # The server is gone.
    with pytest.raises(Undeliverable) as raised:
        await channel.send(message(idempotency_key="other"))

    told = f"{raised.value.reason} {raised.value!r}"
    assert not any(secret[:12] in told for secret in stand.secrets)
    assert raised.value.retry


# --- one more


@dataclass
class FileChannel:
    """Appends each message to a file: a whole channel."""

    context: ChannelContext
    name: str = "file"
    traits: ChannelTraits = field(default_factory=lambda: ChannelTraits(is_local=False))

    async def missing(self) -> str:
        path = await self.context.read_secret("file.main")
        return "" if path else "The file is not set up: Path must be given"

    async def send(self, message: Message) -> Receipt:
        if missing := await self.missing():
            raise ChannelUnavailable(missing)
        path = (await self.context.read_secret("file.main") or {})["path"]
        line = json.dumps({"title": message.title, "is_test": message.is_test}) + "\n"
        await asyncio.to_thread(Path(path).write_text, line)
        return Receipt(detail="written")

    async def close(self) -> None:
        """Nothing stays open."""


FILE = ChannelKind(
    name="file",
    title="File",
    fields=(ChannelField(key="path", label="Path", hint="Where to write.", secret="file.main"),),
    breaker="webhook",
    build=FileChannel,
)


async def test_one_file_and_one_line_add_a_channel_with_its_form_its_words_and_its_test(
    tmp_path: Path,
) -> None:
    table: Mapping[str, ChannelKind] = {**CHANNELS, "file": FILE}
    desk, bus = ChannelDesk(folder=tmp_path), Bus()
    secrets = ChannelSecrets(store=store_of(MemoryKeeper()), clock=SystemClock())
    context = ChannelContext(
        settings=desk.settings, read_secret=secrets.read, clock=SystemClock(), mask=lambda texts: None
    )
    channels = build_channels(context, table=table)
    setup = ChannelSetup(
        channels=channels,
        kinds=table,
        send_test=lambda name, message: channels[name].send(message),
        settings=desk.settings,
        secrets=secrets,
        bus=bus,
        clock=SystemClock(),
    )

    before = await setup.test("file")
    await setup.save("file", {"file.main/path": str(tmp_path / "alerts")})
    after = await setup.test("file")

    assert setup.names[-1] == "file"
    assert [now.field.label for now in await setup.fields("file")] == ["Path"]
    assert (before.is_set_up, before.words) == (False, "The file is not set up: Path must be given")
    assert (after.is_delivered, after.words) == (True, "Delivered: written")
    assert json.loads((tmp_path / "alerts").read_text())["is_test"] is True
