"""The lock's entry at work: PINs checked, wrong tries counted, changes kept and written down."""

import asyncio
import logging
from dataclasses import replace
from functools import partial
from typing import Final

from tradeassist_desktop.domain.access import Role
from tradeassist_desktop.domain.audit import AuditAct, AuditResult
from tradeassist_desktop.domain.durations import told_duration
from tradeassist_desktop.domain.errors import BadInput, Fault, TradeAssistError
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.runtime.aside import aside
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.access.access import Access
from tradeassist_desktop.services.access.lock_place import (
    APP_LOCK,
    LockGone,
    LockPlace,
    LockSilent,
    NoLockPlace,
)
from tradeassist_desktop.services.access.lock_record import Key, LockRecord
from tradeassist_desktop.services.access.one_time_codes import CodeRefused
from tradeassist_desktop.services.access.pins import COST_LOG2, PinCheck, pin_check, refuse_weak
from tradeassist_desktop.services.access.tries import Tries

log = logging.getLogger(__name__)

_MOST_TYPED: Final = 1_000


class WrongPin(TradeAssistError):
    """That PIN is not the role's."""


class TooSoon(TradeAssistError):
    """After wrong tries the next one has to wait.

    Args:
        wait_s: How long, seconds.
    """

    def __init__(self, wait_s: int) -> None:
        self.wait_s = wait_s
        how_long = told_duration(wait_s * NS_PER_SECOND)
        super().__init__(f"Too many wrong tries: wait {how_long}. Alerts go on meanwhile.")


class LockBook:
    """Asks the keyring anew each time: another process may have counted a try, or changed a PIN.

    Args:
        cost_log2: What a PIN's check costs; lower only in tests.
    """

    def __init__(self, *, access: Access, place: LockPlace, clock: Clock, cost_log2: int = COST_LOG2) -> None:
        self._access = access
        self._place = place
        self._clock = clock
        self._cost_log2 = cost_log2
        self._unkept: LockRecord | None = None  # which the keyring did not take
        self.turn = asyncio.Lock()
        """Held from reading the entry to writing it."""
        self.record: LockRecord | None = None
        """The entry as it was last seen."""
        self.trouble = ""
        """Why no PIN can be tried; empty while one can."""

    @property
    def keeper(self) -> str:
        """Who keeps the entry, for the audit log."""
        return self._place.keeper

    async def read(self) -> LockRecord:
        """Return the entry.

        Raises:
            LockSilent: the keyring does not answer.
            LockGone: the entry is not there, or cannot be understood.
        """
        try:
            record = await self._place.read()
        except (LockSilent, LockGone) as error:
            self.trouble = str(error)
            raise
        if self._unkept is not None:
            record = record.spent_as(self._unkept)
        self.record, self.trouble = record, ""
        return record

    async def write(self, record: LockRecord, done: str) -> None:
        """Keep the entry and write down what was done.

        Raises:
            LockSilent: the keyring does not answer; what was kept before still is.
            NoLockPlace: there is no keyring.
        """
        await self._place.write(record)
        self.record, self.trouble, self._unkept = record, "", None
        log.info("app lock changed", extra={"change": done})
        self._access.record(AuditAct.WRITE, APP_LOCK, source=self.keeper, detail=done)

    async def forget(self, done: str) -> None:
        """Take the entry out of the keyring and write that down.

        Raises:
            LockSilent: the keyring does not answer.
        """
        await self._place.delete()
        self.record, self.trouble, self._unkept = None, "", None
        log.info("app lock changed", extra={"change": done})
        self._access.record(AuditAct.DELETE, APP_LOCK, source=self.keeper, detail=done)

    async def check(self, role: Role, pin: str, code: str | None, *, is_to_open: bool = False) -> LockRecord:
        """Return the entry as it is after a right try; it is kept already.

        Args:
            code: ``None`` asks for the PIN alone.
            is_to_open: Whether the role comes to the desk: the next curtain offers it first.

        Raises:
            TooSoon: after wrong tries, the next has to wait.
            WrongPin: it is not the role's PIN.
            CodeRefused: the PIN is right, the one-time code is not.
            LockGone: nothing opens the lock.
            LockSilent: the keyring does not answer.
        """
        record = await self.read()
        now_ns = self._clock.now_ns()
        if wait_s := record.tries.left_s(now_ns):
            self._access.record(
                AuditAct.UNLOCK, APP_LOCK, who=role.value, result=AuditResult.REFUSED, detail="too soon"
            )
            raise TooSoon(wait_s)
        key = record.keys.get(role)
        if key is None or not await aside(partial(key.pin.fits, pin[:_MOST_TYPED]), name="PIN"):
            raise await self._wrong(record, role, WrongPin("That PIN is wrong."))
        codes = key.codes
        if codes is not None and code is not None:
            try:
                codes = codes.taken(code[:_MOST_TYPED], now_ns=now_ns)
            except CodeRefused as refused:
                raise await self._wrong(record, role, refused) from None
        right = replace(record, tries=Tries()).with_key(role, replace(key, codes=codes))
        if is_to_open:
            right = replace(right, latest=role)
        if right != record:
            await self._keep_quietly(right)
        return right

    async def new_key(self, record: LockRecord, role: Role, pin: str) -> Key:
        """Return a role's key with another PIN; its one-time codes stay.

        Raises:
            BadInput: it is no good PIN, or another role's.
        """
        refuse_weak(pin)
        for other, key in record.keys.items():
            if other is not role and await aside(partial(key.pin.fits, pin), name="PIN"):
                raise BadInput([Fault(place="PIN", message="another role has it: each needs one of its own")])
        old = record.keys.get(role)
        return Key(await self.check_of(pin), None if old is None else old.codes)

    async def check_of(self, pin: str) -> PinCheck:
        """Return what is kept in place of a new PIN."""
        return await aside(partial(pin_check, pin, cost_log2=self._cost_log2), name="PIN")

    async def _wrong(self, record: LockRecord, role: Role, error: TradeAssistError) -> TradeAssistError:
        """Count a wrong try; return what to raise."""
        tries = record.tries.after_wrong(self._clock.now_ns())
        detail = f"{'wrong PIN' if isinstance(error, WrongPin) else 'wrong code'}, {tries.wrong} in a row"
        log.warning("unlocking refused", extra={"role": role.value, "wrong": tries.wrong})
        self._access.record(
            AuditAct.UNLOCK, APP_LOCK, who=role.value, result=AuditResult.FAILED, detail=detail
        )
        await self._keep_quietly(replace(record, tries=tries))
        wait_s = tries.left_s(self._clock.now_ns())
        when = f" The next try can be made in {told_duration(wait_s * NS_PER_SECOND)}." if wait_s else ""
        return type(error)(f"{error}{when}")

    async def _keep_quietly(self, record: LockRecord) -> None:
        # The door opens and closes without the keyring, too; what it did not take holds in this run.
        self.record = self._unkept = record
        try:
            await self._place.write(record)
        except (LockSilent, NoLockPlace) as error:
            log.warning("tries not kept", extra={"reason": type(error).__name__})
        else:
            self._unkept = None
