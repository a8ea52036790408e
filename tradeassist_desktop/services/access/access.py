"""Who is at the desk now; asked by every service before it changes something for a person."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.access import ALLOWED, Act, Denied, Role
from tradeassist_desktop.domain.audit import AuditAct, AuditEntry, AuditResult, AuditTrail

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seat:
    """Who is at the desk.

    Args:
        role: Whose rights hold; ``None`` where no lock is set up: everything is allowed.
        is_locked: Whether the desk waits for a PIN; it is a viewer's then.
    """

    role: Role | None = None
    is_locked: bool = False

    @property
    def has_lock(self) -> bool:
        """Whether a lock is set up."""
        return self.role is not None

    @property
    def name(self) -> str:
        """Who did something, for the audit log."""
        if self.role is None:
            return "desk without a lock"
        return "locked desk" if self.is_locked else self.role.value


FREE: Final = Seat()
LOCKED: Final = Seat(Role.VIEWER, is_locked=True)


class Access:
    """The ``Gate`` of a desk with people at it.

    What the program does by itself (deciding, telling, delivering, recording by schedule) does not pass
    here: no lock hinders it.

    Args:
        seat: Who sat at the desk before this one.
    """

    def __init__(self, *, audit: AuditTrail, now_ns: Callable[[], int], seat: Seat = FREE) -> None:
        self._audit = audit
        self._now_ns = now_ns
        self._listeners: dict[object, Callable[[], None]] = {}
        self.seat = seat

    def may(self, act: Act) -> bool:
        """Return whether who is at the desk may do it."""
        role = self.seat.role
        return role is None or role in ALLOWED[act]

    def require(self, act: Act) -> None:
        """Return where they may; else write it down and raise.

        Raises:
            Denied: they may not.
        """
        if self.may(act):
            return
        seat = self.seat
        assert seat.role is not None
        denied = Denied(act, seat.role, is_locked=seat.is_locked)
        log.info("denied", extra={"act": act.name.lower(), "who": seat.name})
        self.record(AuditAct.DENIED, act.value, result=AuditResult.REFUSED, detail=str(denied))
        raise denied

    def take(self, seat: Seat) -> None:
        """Have somebody else at the desk from now on, and tell who listens."""
        if seat != self.seat:
            self.seat = seat
            self.tell()

    def tell(self) -> None:
        """Tell who listens that more is known of the lock."""
        for listener in tuple(self._listeners.values()):
            listener()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have a function called after each change of the seat; return what ends that."""
        key = object()
        self._listeners[key] = listener
        return lambda: self._listeners.pop(key, None) and None

    def record(
        self,
        act: AuditAct,
        what: str,
        *,
        who: str = "",
        result: AuditResult = AuditResult.OK,
        source: str = "",
        detail: str = "",
    ) -> None:
        """Write something down as done by who is at the desk, or by ``who``.

        Args:
            source: The keeper that was asked for it, or given it.
        """
        self._audit.record(
            AuditEntry(
                at_ns=self._now_ns(),
                who=who or self.seat.name,
                act=act,
                what=what,
                result=result,
                source=source,
                detail=detail[:500],
            )
        )
