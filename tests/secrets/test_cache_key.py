"""The key of the copies, renewed: whole, or broken off at any of its steps."""

import json
import shutil
from pathlib import Path

import pytest

from tests.secrets.conftest import Shelf
from tradeassist_desktop.domain.secret import SLACK_BOT, SMTP, KeeperSilent

SECRETS = {SLACK_BOT: {"token": "canary"}, SMTP: {"user": "desk", "password": "word"}}


class Killed(BaseException):
    """What ends the program in the midst of something."""


async def copied(shelf: Shelf) -> None:
    shelf.manager.kept.update(SECRETS)
    for name in SECRETS:
        await shelf.read(name)
    await shelf.restart()


def key_ids(shelf: Shelf) -> set[str]:
    (text,) = shelf.keys.texts.values()
    return set(json.loads(text)["keys"])


async def answers_from_copies(shelf: Shelf) -> bool:
    """Return whether every secret comes from its copy, and is whole."""
    shelf.manager.reads = 0
    found = [await shelf.read(name) for name in SECRETS]
    return shelf.manager.reads == 0 and [each and dict(each.secret) for each in found] == list(
        SECRETS.values()
    )


async def test_a_renewed_key_opens_all_copies_and_the_old_one_is_gone(shelf: Shelf) -> None:
    await copied(shelf)
    before, contents = key_ids(shelf), {name: shelf.file(name).read_bytes() for name in SECRETS}

    await shelf.cache.rotate_key()
    await shelf.restart()

    assert await answers_from_copies(shelf)
    assert len(key_ids(shelf)) == 1 and not key_ids(shelf) & before
    assert all(shelf.file(name).read_bytes() != content for name, content in contents.items())


async def test_copies_are_read_by_who_does_not_know_yet_that_the_key_was_renewed(shelf: Shelf) -> None:
    await copied(shelf)
    assert await answers_from_copies(shelf)  # with the key as it was
    shelf.store.forget()
    other = Shelf(shelf.folder.parent)
    other.keys = shelf.keys
    other.begin_anew()

    await other.cache.rotate_key()
    await other.store.close()
    shelf.manager.failure = KeeperSilent("no answer", keeper="secret manager")
    found = await shelf.read(SLACK_BOT)

    assert found is not None and dict(found.secret) == SECRETS[SLACK_BOT]


@pytest.mark.parametrize("step", [1, 2])
async def test_a_renewal_killed_at_a_step_loses_no_copy_and_is_ended_at_the_next_start(
    shelf: Shelf, step: int
) -> None:
    await copied(shelf)
    writes = 0

    def kill(name: str, text: str) -> None:
        nonlocal writes
        writes += 1
        if writes == step:
            raise Killed

    shelf.keys.before_write = kill
    with pytest.raises(Killed):
        await shelf.cache.rotate_key()
    shelf.keys.before_write = lambda name, text: None
    await shelf.restart()

    assert await answers_from_copies(shelf)
    await shelf.restart()
    assert len(key_ids(shelf)) == 1


async def test_a_renewal_killed_between_two_files_loses_no_copy(shelf: Shelf, tmp_path: Path) -> None:
    await copied(shelf)
    shutil.copy(shelf.file(SMTP), tmp_path / "not yet")

    def kill(name: str, text: str) -> None:
        if len(json.loads(text)["keys"]) == 1:
            raise Killed

    shelf.keys.before_write = kill
    with pytest.raises(Killed):
        await shelf.cache.rotate_key()
    shelf.keys.before_write = lambda name, text: None
    shutil.copy(tmp_path / "not yet", shelf.file(SMTP))
    await shelf.restart()

    assert await answers_from_copies(shelf)
    await shelf.restart()
    assert await answers_from_copies(shelf)
    assert len(key_ids(shelf)) == 1


async def test_a_key_is_made_where_there_was_none(shelf: Shelf) -> None:
    await shelf.cache.rotate_key()

    assert len(key_ids(shelf)) == 1


async def test_without_a_keyring_no_key_is_renewed(shelf: Shelf) -> None:
    shelf.keys.is_there = False

    with pytest.raises(KeeperSilent, match="there is no keyring"):
        await shelf.cache.rotate_key()
