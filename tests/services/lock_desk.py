"""A desk with an app lock: its keyring is a dictionary, its audit log a list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakes import ManualClock
from tradeassist_desktop.domain.access import Role
from tradeassist_desktop.domain.audit import AuditEntry
from tradeassist_desktop.domain.events import AccessChanged
from tradeassist_desktop.domain.secret import KeeperSilent, KeptSecret, Secret, SecretVersion
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.access.access import Access
from tradeassist_desktop.services.access.app_lock import AppLock
from tradeassist_desktop.services.access.desk_lock import DeskLock
from tradeassist_desktop.services.access.lock_book import LockBook
from tradeassist_desktop.services.access.lock_keys import LockKeys
from tradeassist_desktop.services.access.lock_place import LockPlace
from tradeassist_desktop.services.settings import Settings

PINS = {Role.ADMIN: "821173", Role.TRADER: "traders only"}


class KeptTrail:
    """An audit log that can be read."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []

    def record(self, entry: AuditEntry) -> None:
        self.entries.append(entry)

    @property
    def lines(self) -> list[str]:
        """Each entry's act, result and who, such as ``unlock ok trader``."""
        return [f"{each.act} {each.result} {each.who}" for each in self.entries]


class MemoryKeyring:
    """A keyring in memory; the same for several runs."""

    name = "keyring"

    def __init__(self, *, is_there: bool = True) -> None:
        self.is_there = is_there
        self.is_silent = False
        self.is_read_only = False
        self.entries: dict[str, dict[str, str]] = {}

    async def read(self, name: str) -> KeptSecret | None:
        self._answer()
        texts = self.entries.get(name)
        return None if texts is None else KeptSecret(name=name, secret=Secret(texts), source="keyring")

    async def write(self, name: str, secret: Mapping[str, str]) -> SecretVersion | None:
        self._answer()
        if self.is_read_only:
            raise KeeperSilent("the keyring takes nothing", keeper="keyring")
        if not self.is_there:
            return None
        self.entries[name] = dict(secret)
        return SecretVersion(version="")

    async def delete(self, name: str) -> bool:
        self._answer()
        return self.entries.pop(name, None) is not None

    def _answer(self) -> None:
        if self.is_silent:
            raise KeeperSilent("the keyring is locked", keeper="keyring")


@dataclass
class LockDesk:
    """One run of the program, as far as the lock goes; ``again`` is the next one in the same folder."""

    folder: Path
    keyring: MemoryKeyring = field(default_factory=MemoryKeyring)
    clock: ManualClock = field(default_factory=ManualClock)
    trail: KeptTrail = field(default_factory=KeptTrail)

    def __post_init__(self) -> None:
        self.access = Access(audit=self.trail, now_ns=self.clock.now_ns)
        self.settings = Settings(file=self.folder / "settings.json", access=self.access)
        book = LockBook(
            access=self.access,
            place=LockPlace(keeper=self.keyring, clock=self.clock),
            clock=self.clock,
            cost_log2=4,
        )
        self.lock = AppLock(access=self.access, settings=self.settings, book=book, clock=self.clock)
        self.keys = LockKeys(access=self.access, settings=self.settings, book=book, clock=self.clock)
        self.lock.start()

    def again(self) -> "LockDesk":
        return LockDesk(folder=self.folder, keyring=self.keyring, clock=self.clock, trail=self.trail)


async def locked_desk(folder: Path) -> LockDesk:
    """Return the first start after a lock was set up with ``PINS``."""
    before = LockDesk(folder=folder)
    await before.keys.set_up(PINS)
    desk = before.again()
    await desk.lock.load()
    return desk


def give_lock(desk: Any) -> None:
    """Give a desk for the window a lock that is not set up, and the ``lock_trail`` it writes into."""
    clock, desk.lock_trail = SystemClock(), KeptTrail()
    access = Access(audit=desk.lock_trail, now_ns=clock.now_ns)
    access.listen(lambda: desk.bus.publish(AccessChanged()))
    book = LockBook(
        access=access, place=LockPlace(keeper=MemoryKeyring(), clock=clock), clock=clock, cost_log2=4
    )
    desk.access = access
    desk.lock = DeskLock(
        access=access,
        app_lock=AppLock(access=access, settings=desk.settings, book=book, clock=clock),
        keys=LockKeys(access=access, settings=desk.settings, book=book, clock=clock),
    )
