"""The app lock: locks the desk, and opens it for who has a PIN."""

import logging
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.access import Role
from tradeassist_desktop.domain.audit import AuditAct
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.access.access import FREE, LOCKED, Access, Seat
from tradeassist_desktop.services.access.lock_book import LockBook
from tradeassist_desktop.services.access.lock_place import APP_LOCK, LockGone, LockSilent
from tradeassist_desktop.services.settings import Settings

log = logging.getLogger(__name__)

_LOOK_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Door:
    """A role that can unlock the desk, and whether it needs a one-time code to its PIN."""

    role: Role
    has_codes: bool


class AppLock:
    """Decides who sits at the desk. Without a lock set up it does nothing.

    Args:
        access: Told who has come.
    """

    def __init__(self, *, access: Access, settings: Settings, book: LockBook, clock: Clock) -> None:
        self._access = access
        self._settings = settings
        self._book = book
        self._clock = clock
        self._before: Role | None = None  # who was at the desk when it was locked
        self.touch()

    # --- looking in

    @property
    def seat(self) -> Seat:
        """Who is at the desk."""
        return self._access.seat

    @property
    def trouble(self) -> str:
        """Why no PIN can be tried; empty while one can."""
        return self._book.trouble

    @property
    def hides_alert_text(self) -> bool:
        """Whether alerts are told without their text now."""
        return self.seat.is_locked and self._settings.flag("lock.hides_alert_text")

    @property
    def doors(self) -> tuple[Door, ...]:
        """The roles with a PIN, as far as that is known; the one that is meant mostly first."""
        record = self._book.record
        return tuple(
            Door(role, record.keys[role].codes is not None)
            for role in (Role.TRADER, Role.ADMIN, Role.VIEWER)
            if record is not None and role in record.keys
        )

    @property
    def latest(self) -> Role | None:
        """Who was at the desk last, in another run too; ``None`` where that is not known."""
        record = self._book.record
        return self._before or (None if record is None else record.latest)

    # --- running

    def start(self) -> None:
        """Have the desk locked where a lock is set up; who sat at the desk before this one stays."""
        # Either says so: to have edited one of them opens nothing.
        is_on = self._settings.flag("lock.enabled") or bool(self._settings.text("lock.reset_check"))
        if not is_on:
            self._access.take(FREE)
        elif not self.seat.has_lock:
            log.info("desk locked", extra={"reason": "at the start"})
            self._access.take(LOCKED)

    async def load(self) -> None:
        """Learn from the keyring which roles there are; ``trouble`` tells where that cannot be."""
        if not self.seat.has_lock:
            return
        async with self._book.turn:
            try:
                record = await self._book.read()
            except (LockGone, LockSilent):
                return
            finally:
                self._access.tell()
        if self.seat == LOCKED and not self._settings.flag("lock.at_start") and not record.tries.wrong:
            self._open(Role.TRADER, "at the start, as the settings say")

    async def run(self) -> None:
        """Lock a desk that nobody touches, until cancelled."""
        await self.load()
        while True:
            await self._clock.sleep(_LOOK_S)
            limit_ns = self._settings.number("lock.idle_minutes") * 60 * NS_PER_SECOND
            if limit_ns and self._is_open and self._idle_ns() >= limit_ns:
                self._lock("nobody was there")

    def touch(self) -> None:
        """Take note that somebody is there."""
        self._touched_ns = self._clock.monotonic_ns()
        self._touched_wall_ns = self._clock.now_ns()

    # --- the door

    def lock(self) -> None:
        """Lock the desk now; anybody may. Nothing happens where no lock is set up."""
        if self._is_open:
            self._lock("asked for")

    async def unlock(self, role: Role, pin: str, code: str = "") -> None:
        """Open the desk for a role; raises as ``LockBook.check`` does."""
        async with self._book.turn:
            await self._book.check(role, pin, code, is_to_open=True)
        self._open(role, "")

    @property
    def _is_open(self) -> bool:
        return self.seat.has_lock and not self.seat.is_locked

    def _idle_ns(self) -> int:
        # Asleep, a computer's monotonic clock may stand still: the desk is to be locked as it wakes.
        return max(
            self._clock.monotonic_ns() - self._touched_ns, self._clock.now_ns() - self._touched_wall_ns
        )

    def _lock(self, why: str) -> None:
        log.info("desk locked", extra={"reason": why})
        self._access.record(AuditAct.LOCK, APP_LOCK, detail=why)
        self._before = self.seat.role
        self._access.take(LOCKED)

    def _open(self, role: Role, why: str) -> None:
        log.info("desk unlocked", extra={"role": role.value})
        self.touch()
        self._access.take(Seat(role))
        self._access.record(AuditAct.UNLOCK, APP_LOCK, source=self._book.keeper, detail=why)
