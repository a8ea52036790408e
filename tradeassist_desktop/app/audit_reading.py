"""The audit log for a command that reads it, be a desk open on the folder or not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from tradeassist_desktop.app.audit_trail import audit_trail
from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.app.secret_places import keyring_keeper
from tradeassist_desktop.domain.access import OPEN
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.audit.anchoring import Anchoring
from tradeassist_desktop.services.audit.book import AuditBook
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.lone_file import LoneFile

_WHO: Final = "command line"


@asynccontextmanager
async def audit_reading(launch: Launch) -> AsyncIterator[AuditBook | None]:
    """Yield what reads the log; ``None`` where nothing has been recorded in this folder yet.

    Raises:
        TradeAssistError: the database is of another version of the program.
    """
    file = LoneFile(path=launch.places.database)
    if not launch.places.database.exists():
        yield None
        return
    if not file.is_there:
        raise TradeAssistError(
            f"the database {launch.places.database} is of an older version: start the desk once"
        )
    clock, store = SystemClock(), AuditStore(transactions=file)
    async with audit_trail(launch, clock=clock, is_claimed=False) as trail:
        trail.open(store)
        # The command has asked by now whether whoever typed it may.
        yield AuditBook(
            access=OPEN,
            who=lambda: _WHO,
            store=store,
            trail=trail,
            anchoring=Anchoring(
                store=store,
                trail=trail,
                keeper=keyring_keeper(launch, clock),
                clock=clock,
                tell=lambda broken: None,
            ),
            clock=clock,
        )
