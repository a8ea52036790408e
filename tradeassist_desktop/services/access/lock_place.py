"""Where the lock's entry is kept: in the system's keyring, and nowhere else."""

import logging
from collections.abc import Mapping
from typing import Final, Protocol

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.secret import KeeperError, KeptSecret, SecretVersion
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.services.access.lock_record import LockRecord, from_secret, to_secret

log = logging.getLogger(__name__)

APP_LOCK: Final = "app.lock"
_PATIENCE_S: Final = 10.0


class LockKeeper(Protocol):
    """What the lock needs of a ``SecretKeeper``."""

    @property
    def name(self) -> str:
        """As the audit log has it."""
        ...

    async def read(self, name: str) -> KeptSecret | None:
        """Return the entry; ``None`` where there is none, or no keyring."""
        ...

    async def write(self, name: str, secret: Mapping[str, str]) -> SecretVersion | None:
        """Keep the entry, read back; ``None`` where there is no keyring."""
        ...

    async def delete(self, name: str) -> bool:
        """Forget the entry; return whether there was one."""
        ...


class LockSilent(TradeAssistError):
    """The keyring does not answer: another try may succeed."""


class LockGone(TradeAssistError):
    """The desk is locked, and what would open it is gone, or is none of ours."""


class NoLockPlace(TradeAssistError):
    """This computer has no keyring to keep a lock in."""


GONE_IN_WORDS: Final = (
    "The lock's entry is gone from the system's keyring, so no PIN opens it. An admin takes the lock away "
    "with the reset key: end the program, then run tradeassist lock reset."
)


class LockPlace:
    """Reads and writes the entry, with a limit to the patience."""

    def __init__(self, *, keeper: LockKeeper, clock: Clock) -> None:
        self._keeper = keeper
        self._clock = clock

    @property
    def keeper(self) -> str:
        """Who keeps it: the audit's anchor is kept there too, once it has answered."""
        return self._keeper.name

    async def read(self) -> LockRecord:
        """Return the entry.

        Raises:
            LockSilent: the keyring does not answer.
            LockGone: the entry is not there, or cannot be understood.
        """
        try:
            kept = await within(self._clock, _PATIENCE_S, self._keeper.read(APP_LOCK))
        except (KeeperError, TimeoutError) as error:
            log.warning("lock not read", extra={"reason": type(error).__name__})
            raise LockSilent(
                "The system's keyring, which has the PINs, does not answer. Unlock it, then try again."
            ) from None
        if kept is None:
            raise LockGone(GONE_IN_WORDS)
        try:
            return from_secret(kept.secret)
        except ValueError as error:
            log.warning("lock not understood", extra={"reason": str(error)})
            raise LockGone(GONE_IN_WORDS) from None

    async def write(self, record: LockRecord) -> None:
        """Keep the entry.

        Raises:
            LockSilent: the keyring does not answer; what was kept before still is.
            NoLockPlace: there is no keyring.
        """
        try:
            version = await within(self._clock, _PATIENCE_S, self._keeper.write(APP_LOCK, to_secret(record)))
        except (KeeperError, TimeoutError) as error:
            log.warning("lock not written", extra={"reason": type(error).__name__})
            raise LockSilent(
                "The system's keyring does not take the lock. Unlock it, then try again."
            ) from None
        if version is None:
            raise NoLockPlace(
                "The app lock needs a keyring (GNOME Keyring, KWallet, the Windows or macOS one), and this "
                "computer has none that can be trusted. PINs are kept nowhere else, so no lock was set up."
            )

    async def delete(self) -> None:
        """Forget the entry; nothing happens where there is none.

        Raises:
            LockSilent: the keyring does not answer.
        """
        try:
            await within(self._clock, _PATIENCE_S, self._keeper.delete(APP_LOCK))
        except (KeeperError, TimeoutError):
            raise LockSilent("The system's keyring does not answer. Unlock it, then try again.") from None
