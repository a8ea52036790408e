"""What was entered while the keyring was locked: it is kept there once a person has opened it."""

import asyncio
from typing import Any

import pytest

from tests.fakes import ManualClock, MemoryKeeper, store_of
from tests.secrets.conftest import WHO, Shelf
from tradeassist_desktop.domain.secret import NOBODY, SLACK_BOT, KeeperSilent

TYPED = {"token": "typed"}


@pytest.fixture
async def typed(shelf: Shelf) -> Shelf:
    """A desk where a secret was entered while the keyring was locked."""
    shelf.manager.can_write = False
    shelf.keyring.is_open.clear()
    shelf.keyring.write_failure = KeeperSilent("the keyring is locked: unlock it", keeper="keyring")
    kept = await shelf.write(SLACK_BOT, TYPED)
    assert (kept.source, kept.waits_for) == (NOBODY, "keyring")
    shelf.told()
    return shelf


def unlock(shelf: Shelf) -> None:
    shelf.keyring.write_failure = None
    shelf.keyring.is_open.set()


async def test_it_is_in_the_keyring_a_moment_after_that_is_open_and_the_log_says_so(typed: Shelf) -> None:
    await typed.clock.advance(60)
    locked = dict(typed.keyring.kept), typed.keyring.reads
    unlock(typed)

    await typed.clock.advance(15)

    kept = await typed.read(SLACK_BOT)
    assert locked == ({}, 0)
    assert kept is not None and kept.source == "keyring"
    assert typed.keyring.kept[SLACK_BOT] == TYPED
    assert typed.told()[0] == ("write", "keyring", "ok")


async def test_what_another_program_kept_there_later_answers_and_is_not_written_over(typed: Shelf) -> None:
    await typed.clock.advance(60)
    typed.keyring.kept[SLACK_BOT] = {"token": "of a command"}
    typed.keyring.created_ns = typed.clock.now_ns()
    unlock(typed)

    await typed.clock.advance(15)

    kept = await typed.read(SLACK_BOT)
    assert kept is not None and kept.secret == {"token": "of a command"}
    assert typed.keyring.kept[SLACK_BOT] == {"token": "of a command"}
    assert "of a command" in typed.seen  # so that no log shows it


async def test_one_that_another_program_kept_there_later_stays_too_where_a_person_asks_to_keep_it_now(
    typed: Shelf,
) -> None:
    typed.keyring.kept[SLACK_BOT] = {"token": "of a command"}
    typed.keyring.created_ns = typed.clock.now_ns() + 1
    unlock(typed)

    kept = await typed.store.keep(SLACK_BOT, who=WHO)

    assert kept is not None and (kept.secret, kept.source) == ({"token": "of a command"}, "keyring")
    assert await typed.read(SLACK_BOT) == kept
    assert typed.keyring.kept[SLACK_BOT] == {"token": "of a command"}
    assert typed.told()[-2:] == [("read", "keyring", "ok"), ("read", "memory", "ok")]
    assert "of a command" in typed.seen


@pytest.mark.parametrize("created_ns", [None, 0], ids=["nobody knows when", "kept before"])
async def test_one_there_that_is_not_known_to_be_later_gives_way_to_a_person_who_asks_to_keep_it_now(
    typed: Shelf, created_ns: int | None
) -> None:
    typed.keyring.kept[SLACK_BOT] = {"token": "of last year"}
    typed.keyring.created_ns = created_ns
    unlock(typed)

    kept = await typed.store.keep(SLACK_BOT, who=WHO)

    assert kept is not None and kept.source == "keyring"
    assert typed.keyring.kept[SLACK_BOT] == TYPED
    assert typed.told() == [("write", "keyring", "ok")]


async def test_to_ask_in_vain_to_keep_it_now_asks_for_the_password_once_and_makes_it_no_younger(
    typed: Shelf,
) -> None:
    await typed.clock.advance(5)
    typed.keyring.is_open.set()  # whoever is asked dismisses the question
    typed.keyring.failure = typed.keyring.write_failure
    typed.keyring.created_ns = typed.clock.now_ns()
    await typed.clock.advance(5)

    refused = await typed.store.keep(SLACK_BOT, who=WHO)
    reads, told = typed.keyring.reads, typed.told()
    typed.keyring.failure, typed.keyring.kept[SLACK_BOT] = None, {"token": "of a command"}

    kept = await typed.store.keep(SLACK_BOT, who=WHO)
    assert refused is not None and (refused.secret, refused.source) == (TYPED, NOBODY)
    assert (reads, refused.failures) == (1, ("the keyring is locked: unlock it",))
    assert told == [("write", "keyring", "failed")]
    assert kept is not None and kept.secret == {"token": "of a command"}


async def test_to_ask_in_vain_where_nobody_keeps_secrets_is_written_down_too(shelf: Shelf) -> None:
    shelf.manager.can_write = shelf.keyring.can_write = False
    await shelf.write(SLACK_BOT, TYPED)
    shelf.told()

    kept = await shelf.store.keep(SLACK_BOT, who=WHO)

    assert kept is not None and kept.source == NOBODY
    assert shelf.told() == [("write", "", "failed")]


async def test_an_older_one_there_is_replaced(typed: Shelf) -> None:
    typed.keyring.kept[SLACK_BOT] = {"token": "of last year"}
    typed.keyring.created_ns = typed.clock.now_ns() - 1
    unlock(typed)

    await typed.clock.advance(15)

    assert typed.keyring.kept[SLACK_BOT] == TYPED


async def test_one_there_that_may_be_later_stays_until_a_person_says(typed: Shelf) -> None:
    typed.keyring.kept[SLACK_BOT] = {"token": "of nobody knows when"}
    unlock(typed)

    await typed.clock.advance(15)

    kept = await typed.read(SLACK_BOT, anew=True)
    assert kept is not None
    assert (kept.secret, kept.source, kept.hides) == (TYPED, NOBODY, "keyring")
    assert typed.keyring.kept[SLACK_BOT] == {"token": "of nobody knows when"}


async def test_one_who_asks_as_it_is_given_to_the_keyring_hears_of_the_keyring(
    typed: Shelf, until: Any
) -> None:
    unlock(typed)
    await typed.clock.advance(14)
    typed.manager.is_open.clear()
    reading = asyncio.create_task(typed.read(SLACK_BOT, anew=True))
    await until(lambda: typed.manager.reads > 0)

    await typed.clock.advance(1)
    typed.manager.is_open.set()

    kept = await reading
    assert kept is not None and kept.source == "keyring"


async def test_the_next_desk_of_this_run_goes_on_waiting() -> None:
    clock, own, keyring = ManualClock(), {}, MemoryKeeper()
    keyring.is_open.clear()
    keyring.write_failure = KeeperSilent("the keyring is locked: unlock it", keeper="keyring")
    first = store_of(keyring, clock=clock, own=own)
    await first.write(SLACK_BOT, TYPED, who=WHO)
    await first.close()

    second = store_of(keyring, clock=clock, own=own)
    await second.read(SLACK_BOT, who=WHO)
    keyring.write_failure = None
    keyring.is_open.set()
    await clock.advance(15)

    assert keyring.kept[SLACK_BOT] == TYPED
    await second.close()
