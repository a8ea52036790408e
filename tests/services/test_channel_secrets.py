import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fakes import ManualClock, MemoryKeeper, store_of
from tradeassist_desktop.domain.channels import Undeliverable
from tradeassist_desktop.domain.secret import SLACK_BOT, SMTP, WEBHOOK, WEBHOOK_HMAC, KeeperSilent
from tradeassist_desktop.secrets.environment import EnvironmentKeeper
from tradeassist_desktop.services.channel_secrets import ChannelSecrets


class Shelf:
    """A keyring, an environment, and the channels' secrets on top of both."""

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        self.clock = ManualClock()
        self.keyring = MemoryKeeper()
        keepers = (self.keyring, EnvironmentKeeper(environment=environment or {}))
        self.secrets = ChannelSecrets(store=store_of(*keepers, clock=self.clock), clock=self.clock)


@pytest.fixture
async def shelf() -> AsyncIterator[Shelf]:
    made = Shelf()
    yield made
    made.keyring.is_open.set()
    await made.secrets.close()


async def test_what_is_not_there_is_asked_for_once(shelf: Shelf) -> None:
    answers = [await shelf.secrets.read(WEBHOOK) for _ in range(3)]

    assert (answers, shelf.keyring.reads) == ([None, None, None], 1)


async def test_what_is_written_is_there_at_once_though_it_was_not_before(shelf: Shelf) -> None:
    await shelf.secrets.read(WEBHOOK)

    kept = await shelf.secrets.write(WEBHOOK, {"url": "https://hook.example/x"}, who="channel form")

    assert kept is not None
    assert kept.source == "keyring"
    assert await shelf.secrets.read(WEBHOOK) == {"url": "https://hook.example/x"}


async def test_what_is_taken_out_is_gone_at_once(shelf: Shelf) -> None:
    await shelf.secrets.write(WEBHOOK, {"url": "https://hook.example/x"}, who="channel form")

    await shelf.secrets.write(WEBHOOK, {}, who="channel form")

    assert await shelf.secrets.read(WEBHOOK) is None


async def test_what_another_program_wrote_is_found_once_all_is_forgotten(shelf: Shelf) -> None:
    shelf.keyring.kept[SMTP] = {"user": "desk", "password": "old"}
    for name in (SMTP, WEBHOOK):
        await shelf.secrets.read(name)
    shelf.keyring.kept[SMTP] = {"user": "desk", "password": "new"}
    shelf.keyring.kept[WEBHOOK] = {"url": "https://hook.example/x"}

    before = [await shelf.secrets.read(name) for name in (SMTP, WEBHOOK)]
    shelf.secrets.forget()
    after = [await shelf.secrets.read(name) for name in (SMTP, WEBHOOK)]

    assert before == [{"user": "desk", "password": "old"}, None]
    assert after == [{"user": "desk", "password": "new"}, {"url": "https://hook.example/x"}]


async def test_a_keyring_that_waits_for_its_password_holds_up_one_alert_for_three_seconds(
    shelf: Shelf, until: Any
) -> None:
    shelf.keyring.is_open.clear()
    first = asyncio.create_task(shelf.secrets.read(SMTP))
    await until(lambda: shelf.keyring.reads)

    await shelf.clock.advance(3)
    with pytest.raises(Undeliverable, match="the keyring does not answer: unlock it") as raised:
        await first
    with pytest.raises(Undeliverable):
        await shelf.secrets.read(WEBHOOK)  # at once: the clock stands still

    assert raised.value.retry


async def test_a_keyring_opened_later_answers_what_it_was_asked(shelf: Shelf, until: Any) -> None:
    shelf.keyring.kept[SMTP] = {"user": "desk", "password": "word"}
    shelf.keyring.is_open.clear()
    first = asyncio.create_task(shelf.secrets.read(SMTP))
    await until(lambda: shelf.keyring.reads)
    await shelf.clock.advance(3)
    with pytest.raises(Undeliverable):
        await first

    shelf.keyring.is_open.set()
    found: list[object] = []

    async def is_found() -> None:
        while not found:
            try:
                found.append(await shelf.secrets.read(SMTP))
            except Undeliverable:
                await asyncio.sleep(0.005)

    await asyncio.wait_for(is_found(), 5)

    assert found == [{"user": "desk", "password": "word"}]
    assert shelf.keyring.reads == 1


async def test_the_environment_answers_while_the_keyring_is_silent(until: Any) -> None:
    shelf = Shelf({"WEBHOOK_URL": "https://hook.example/x"})
    shelf.keyring.is_open.clear()
    reading = asyncio.create_task(shelf.secrets.read(WEBHOOK))
    await until(lambda: shelf.keyring.reads)

    await shelf.clock.advance(3)
    assert await reading == {"url": "https://hook.example/x"}

    shelf.keyring.is_open.set()
    await shelf.secrets.close()


async def test_what_is_written_answers_who_asks_already_and_no_keyring_is_called_silent_for_it(
    shelf: Shelf, until: Any
) -> None:
    shelf.keyring.kept[SMTP] = {"user": "desk", "password": "word"}
    shelf.keyring.is_open.clear()
    asking = asyncio.create_task(shelf.secrets.read(WEBHOOK))
    await until(lambda: shelf.keyring.reads)

    await shelf.secrets.write(WEBHOOK, {"url": "https://hook.example/x"}, who="channel form")
    answer = await asking
    shelf.keyring.is_open.set()

    assert answer == {"url": "https://hook.example/x"}
    assert await shelf.secrets.read(SMTP) == {"user": "desk", "password": "word"}


@pytest.mark.parametrize(
    ("name", "main"),
    [
        pytest.param(WEBHOOK_HMAC, {"WEBHOOK_URL": "https://hook.example/x"}, id="a signing key"),
        pytest.param(SLACK_BOT, {"SLACK_WEBHOOK_URL": "https://hook.example/x"}, id="a bot beside a webhook"),
    ],
)
async def test_an_alert_is_not_held_back_for_what_a_silent_keeper_may_have_beside_a_known_secret(
    name: str, main: dict[str, str]
) -> None:
    shelf = Shelf(main)
    shelf.keyring.failure = KeeperSilent("Secret Manager does not answer", keeper="keyring")

    assert await shelf.secrets.read(name) is None
    with pytest.raises(Undeliverable, match="does not answer"):
        await shelf.secrets.read(SMTP)


async def test_a_locked_keyring_holds_no_webhook_back_whose_address_the_environment_has(until: Any) -> None:
    shelf = Shelf({"WEBHOOK_URL": "https://hook.example/x"})
    shelf.keyring.is_open.clear()
    reading = asyncio.create_task(shelf.secrets.read(WEBHOOK_HMAC))
    await until(lambda: shelf.keyring.reads)

    await shelf.clock.advance(3)
    answer = await reading
    shelf.keyring.is_open.set()
    await shelf.secrets.close()

    assert answer is None


async def test_a_keyring_that_fails_late_does_not_fail_the_next_alert_for_it(
    shelf: Shelf, until: Any
) -> None:
    shelf.keyring.is_open.clear()
    first = asyncio.create_task(shelf.secrets.read(SMTP))
    await until(lambda: shelf.keyring.reads)
    await shelf.clock.advance(3)
    with pytest.raises(Undeliverable):
        await first
    shelf.keyring.failure = KeeperSilent("dismissed", keeper="keyring")
    shelf.keyring.is_open.set()
    await shelf.clock.advance(600)

    shelf.keyring.failure, shelf.keyring.kept[SMTP] = None, {"user": "desk", "password": "word"}

    assert await shelf.secrets.read(SMTP) == {"user": "desk", "password": "word"}
