"""Builds what keeps a desk's audit log honest and short, and what reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.access import Gate
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.audit import AuditBreak
from tradeassist_desktop.domain.secret import SecretKeeper
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.access.access import Access
from tradeassist_desktop.services.audit.anchoring import Anchoring
from tradeassist_desktop.services.audit.book import AuditBook
from tradeassist_desktop.services.audit.log import AuditLog
from tradeassist_desktop.services.audit.retention import AuditRetention
from tradeassist_desktop.services.notices import Notices
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.database import Database

_TITLE: Final = "The audit log was changed"
_TEXT: Final = (
    "Somebody changed the audit log outside of the program, at entry {number}. Verify in the audit log says "
    "what is to be seen, and how to accept it; nothing is removed from it until then."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditParts:
    """The audit log's services."""

    book: AuditBook
    anchoring: Anchoring
    retention: AuditRetention


def audit_parts(
    *,
    access: Gate,
    trail: AuditLog,
    database: Database,
    keyring: SecretKeeper,
    settings: Settings,
    clock: Clock,
    notices: Callable[[], Notices],
) -> AuditParts:
    """Return them.

    Args:
        notices: Where the trader is told that the log was changed.
    """
    store = AuditStore(transactions=database)

    def tell(broken: AuditBreak) -> None:
        text = _TEXT.format(number=f"{broken.number:,}")
        # About that entry, so that it is told once, however often the program is started.
        notices().tell("audit-changed", _TITLE, text, Priority.HIGH, about_ns=broken.number)

    anchoring = Anchoring(store=store, trail=trail, keeper=keyring, clock=clock, tell=tell)
    return AuditParts(
        book=AuditBook(
            access=access,
            who=lambda: access.seat.name if isinstance(access, Access) else "desk without a window",
            store=store,
            trail=trail,
            anchoring=anchoring,
            clock=clock,
        ),
        anchoring=anchoring,
        retention=AuditRetention(
            store=store,
            anchoring=anchoring,
            trail=trail,
            clock=clock,
            keep_days=lambda: settings.number("audit.keep_days"),
        ),
    )
