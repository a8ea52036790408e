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
