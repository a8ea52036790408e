"""What is written while Secret Manager is silent: the newest survives, whoever wrote it."""

from typing import Any

from tests.fakes import MemoryKeeper, store_of
from tests.secrets.conftest import WHO, Shelf
from tradeassist_desktop.domain.audit import AuditResult
from tradeassist_desktop.domain.secret import SLACK_BOT, KeeperSilent, Secret, SecretVersion
from tradeassist_desktop.secrets.cache import SecretCache
from tradeassist_desktop.secrets.store import SecretStore

HALF_AN_HOUR_NS = 1_800_000_000_000


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
    await until(shelf.file(SLACK_BOT).exists)
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


class DatedKeeper(MemoryKeeper):
    """A Secret Manager whose clock is half an hour ahead of the desk's."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__("secret manager", is_prompt=True, is_remote=True)
        self._clock = shelf.clock
        self._created: list[int] = []

    async def write(self, name: str, secret: Secret) -> SecretVersion | None:
        written = await super().write(name, secret)
        self._created.append(self._clock.now_ns() + HALF_AN_HOUR_NS)
        return written and (await self.versions(name))[0]

    async def versions(self, name: str) -> tuple[SecretVersion, ...]:
        found = enumerate(self._created, start=1)
        return tuple(SecretVersion(version=str(number), created_ns=at_ns) for number, at_ns in found)[::-1]


async def test_a_slow_clock_makes_nothing_of_an_older_version_that_was_written_here(
    shelf: Shelf, until: Any
) -> None:
    shelf.manager = DatedKeeper(shelf)
    shelf.begin_anew()
    await shelf.write(SLACK_BOT, {"token": "mistyped"})
    shelf.manager.failure = shelf.manager.write_failure = silent()
    await shelf.write(SLACK_BOT, {"token": "corrected"})
    shelf.manager.failure = shelf.manager.write_failure = None

    await shelf.clock.advance(61)
    await shelf.read(SLACK_BOT)
    await until(lambda: SLACK_BOT not in shelf.keyring.kept)

    assert shelf.manager.kept[SLACK_BOT] == {"token": "corrected"}
