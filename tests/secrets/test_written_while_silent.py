"""What is written while Secret Manager is silent: the newest survives, whoever wrote it."""

from typing import Any

from tests.fakes import store_of
from tests.secrets.conftest import WHO, Shelf
from tradeassist_desktop.domain.audit import AuditResult
from tradeassist_desktop.domain.secret import SLACK_BOT, KeeperSilent
from tradeassist_desktop.secrets.cache import SecretCache
from tradeassist_desktop.secrets.store import SecretStore


def silent() -> KeeperSilent:
    return KeeperSilent("no answer", keeper="secret manager")


def beside(shelf: Shelf) -> SecretStore:
    """Return the store of another command on the same folder, keyring and project."""
    copies = SecretCache(
        folder=shelf.folder, keyring=shelf.keys, clock=shelf.clock, scope=lambda: shelf.project
    )
    store = store_of(shelf.manager, shelf.keyring, clock=shelf.clock, copies=copies)
    shelf.stores.append(store)
    return store


async def test_of_two_programs_that_wrote_meanwhile_the_later_one_s_survives(
    shelf: Shelf, until: Any
) -> None:
    shelf.manager.failure = shelf.manager.write_failure = silent()
    await shelf.write(SLACK_BOT, {"token": "of the desk"})
    command = beside(shelf)
    await shelf.clock.advance(600)
    await command.write(SLACK_BOT, {"token": "of a command, later"}, who=WHO)
    await command.close()

    anew = await shelf.read(SLACK_BOT, anew=True)
    shelf.manager.failure = shelf.manager.write_failure = None
    await shelf.clock.advance(61)
    await shelf.read(SLACK_BOT)
    await until(lambda: SLACK_BOT in shelf.manager.kept)

    assert anew is not None and anew.secret == {"token": "of a command, later"}
    assert shelf.manager.kept[SLACK_BOT] == {"token": "of a command, later"}


async def test_what_is_written_as_a_keeper_falls_silent_again_is_not_taken_out_with_the_left_over(
    shelf: Shelf, until: Any
) -> None:
    shelf.manager.write_failure = silent()
    await shelf.write(SLACK_BOT, {"token": "first"})
    shelf.manager.write_failure = None
    await shelf.write(SLACK_BOT, {"token": "second"})
    shelf.manager.failure = shelf.manager.write_failure = silent()

    await shelf.write(SLACK_BOT, {"token": "third"})
    # The first, the third, and the try to give the manager what it missed.
    await until(lambda: [entry.result for entry in shelf.trail.entries].count(AuditResult.FAILED) == 3)

    assert shelf.keyring.kept[SLACK_BOT] == {"token": "third"}
