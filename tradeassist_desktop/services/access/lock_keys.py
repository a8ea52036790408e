"""The lock's keys: set up, changed and taken away by who may."""

import hashlib
import hmac
import secrets
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from tradeassist_desktop.domain.access import Act, Role
from tradeassist_desktop.domain.audit import AuditAct, AuditResult
from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.access.access import FREE, Access, Seat
from tradeassist_desktop.services.access.lock_book import LockBook, WrongPin
from tradeassist_desktop.services.access.lock_place import APP_LOCK
from tradeassist_desktop.services.access.lock_record import Key, LockRecord
from tradeassist_desktop.services.access.one_time_codes import (
    OneTimeCodes,
    checks_of,
    grouped,
    recovery_codes,
)
from tradeassist_desktop.services.access.pins import refuse_weak
from tradeassist_desktop.services.settings import Settings

_RESET_KEY_BYTES: Final = 20


class LockKeys:
    """Changes the lock itself; each change is in the audit log."""

    def __init__(self, *, access: Access, settings: Settings, book: LockBook, clock: Clock) -> None:
        self._access = access
        self._settings = settings
        self._book = book
        self._clock = clock

    # --- the lock

    async def set_up(self, pins: Mapping[Role, str]) -> str:
        """Set a lock up and stay at the desk as admin; return the reset key, to be shown once.

        Args:
            pins: The admin's, and those of the other roles that are to have one.

        Raises:
            Denied: a lock is set up already, and who is at the desk is no admin.
            BadInput: a PIN is no good one, or that of two roles.
            NoLockPlace: this computer has no keyring.
            LockSilent: the keyring does not answer.
        """
        self._access.require(Act.MANAGE_LOCK)
        _refuse(pins)
        async with self._book.turn:
            record = LockRecord(latest=Role.ADMIN)
            for role, pin in pins.items():
                record = record.with_key(role, Key(await self._book.check_of(pin)))
            await self._book.write(record, "set up")
            reset_key = b32encode(secrets.token_bytes(_RESET_KEY_BYTES)).decode()
            # The check first: a lock that is on without it could not be reset.
            await self._settings.set("lock.reset_check", _check_of(reset_key))
            await self._settings.set("lock.enabled", True)
            self._access.take(Seat(Role.ADMIN))
            return grouped(reset_key)

    async def take_away(self) -> None:
        """Take the lock away: the desk is open to everybody from now on.

        Raises:
            Denied: only an admin may.
            LockSilent: the keyring does not answer: nothing was changed.
        """
        self._access.require(Act.MANAGE_LOCK)
        async with self._book.turn:
            await self._take_away("taken away")

    async def reset(self, reset_key: str) -> None:
        """Take the lock away with the reset key: a PIN was forgotten, or the keyring's entry is gone.

        Raises:
            WrongPin: that is not the key.
            LockSilent: the keyring does not answer: nothing was changed.
        """
        typed = "".join(reset_key.split()).replace("-", "").upper()
        if not hmac.compare_digest(_check_of(typed), self._settings.text("lock.reset_check")):
            self._access.record(
                AuditAct.DELETE, APP_LOCK, result=AuditResult.REFUSED, detail="wrong reset key"
            )
            raise WrongPin("That is not the reset key.")
        async with self._book.turn:
            self._access.take(Seat(Role.ADMIN))  # whoever has the key is one
            await self._take_away("reset with the reset key")

    # --- its PINs

    async def set_pin(self, role: Role, pin: str | None) -> None:
        """Give a role another PIN, or (``None``) none; an admin's right. One-time codes stay.

        Raises:
            Denied: an admin may.
            BadInput: it is no good PIN, another role's, or the admin's is to be taken away.
        """
        self._access.require(Act.MANAGE_LOCK)
        if pin is None and role is Role.ADMIN:
            raise BadInput([Fault(place="PIN", message="the admin needs one; take the lock away instead")])
        async with self._book.turn:
            record = await self._book.read()
            key = None if pin is None else await self._book.new_key(record, role, pin)
            done = "set" if key is not None else "taken away"
            await self._book.write(record.with_key(role, key), f"PIN of the {role} {done}")

    async def change_own_pin(self, pin: str, new_pin: str) -> None:
        """Change the PIN of the role at the desk; wrong tries count as at the door.

        Raises:
            Denied: a trader or an admin may.
            WrongPin: ``pin`` is not the present one.
            TooSoon: after wrong tries, the next has to wait.
            BadInput: the new one is no good PIN, or another role's.
        """
        self._access.require(Act.CHANGE_OWN_PIN)
        role = self._own_role()
        async with self._book.turn:
            record = await self._book.check(role, pin, None)
            key = await self._book.new_key(record, role, new_pin)
            await self._book.write(record.with_key(role, key), f"PIN of the {role} changed")

    # --- its one-time codes

    async def use_codes(self, key: str, code: str) -> tuple[str, ...]:
        """Ask the role at the desk for one-time codes, too; return recovery codes, to be shown once.

        Args:
            key: As ``one_time_codes.new_key`` made it.
            code: The first one, which shows that the authenticator app has the key.

        Raises:
            Denied: a trader or an admin may.
            CodeRefused: the code is wrong: nothing was changed.
        """
        self._access.require(Act.CHANGE_OWN_PIN)
        role = self._own_role()
        codes = OneTimeCodes(key=key).taken(code, now_ns=self._clock.now_ns())
        recovery = recovery_codes()
        async with self._book.turn:
            record = await self._book.read()
            kept = replace(record.keys[role], codes=replace(codes, recovery=checks_of(recovery)))
            await self._book.write(record.with_key(role, kept), f"one-time codes of the {role} set up")
        return recovery

    async def drop_codes(self, role: Role) -> None:
        """Ask a role for its PIN alone: its own right, and an admin's for every role.

        Raises:
            Denied: it is another role's, and who is at the desk is no admin.
        """
        self._access.require(Act.CHANGE_OWN_PIN if role is self._access.seat.role else Act.MANAGE_LOCK)
        async with self._book.turn:
            record = await self._book.read()
            key = record.keys.get(role)
            if key is not None and key.codes is not None:
                without = record.with_key(role, replace(key, codes=None))
                await self._book.write(without, f"one-time codes of the {role} taken away")

    def _own_role(self) -> Role:
        role = self._access.seat.role
        if role is None:
            raise BadInput([Fault(place="", message="There is no lock: set one up first.")])
        return role

    async def _take_away(self, done: str) -> None:
        # The keyring first: a lock that could not be deleted stays on.
        await self._book.forget(done)
        await self._settings.set("lock.enabled", False)
        await self._settings.set("lock.reset_check", "")
        self._access.take(FREE)


def _refuse(pins: Mapping[Role, str]) -> None:
    if Role.ADMIN not in pins:
        raise BadInput([Fault(place="PIN of the admin", message="expected one")])
    for role, pin in pins.items():
        refuse_weak(pin, label=f"PIN of the {role}")
    if len(set(pins.values())) < len(pins):
        raise BadInput([Fault(place="PINs", message="each role needs one of its own")])


def _check_of(reset_key: str) -> str:
    # Of 160 random bits, so that a plain hash tells nothing.
    return hashlib.sha256(reset_key.encode()).hexdigest()
