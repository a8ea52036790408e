"""The audit log of one run: a desk's, or a command's that works beside a desk or without one."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.app.lock import hold
from tradeassist_desktop.app.secret_places import keyring_keeper
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.audit.anchoring import Anchoring
from tradeassist_desktop.services.audit.log import AuditLog
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.lone_file import LoneFile

log = logging.getLogger(__name__)


@asynccontextmanager
async def audit_trail(
    launch: Launch, *, clock: Clock, bus: Bus | None = None, is_claimed: bool = True
) -> AsyncIterator[AuditLog]:
    """Yield the log; what is not on disk on leaving is written then, a desk be open on the folder or not.

    Args:
        is_claimed: Whether this run holds the folder's lock, and may make or renew its database.
    """
    trail = AuditLog(clock=clock, mask=launch.mask, bus=bus)
    try:
        yield trail
    finally:
        if trail.has_more:
            await _write(trail, launch, clock, is_claimed=is_claimed)


async def _write(trail: AuditLog, launch: Launch, clock: Clock, *, is_claimed: bool) -> None:
    file = LoneFile(path=launch.places.database)
    reason = None
    try:
        if not file.is_there:
            await _make(launch, is_claimed=is_claimed)
        store = AuditStore(transactions=file)
        trail.open(store)
        keyring = keyring_keeper(launch, clock)
        await Anchoring(
            store=store, trail=trail, keeper=keyring, clock=clock, tell=lambda broken: None
        ).close()
        await trail.close()
        reason = trail.trouble
    except TradeAssistError as error:
        reason = str(error)
    if trail.has_more:
        log.error("audit log could not be written", extra={"entries": trail.waiting, "reason": reason})


async def _make(launch: Launch, *, is_claimed: bool) -> None:
    lock = None if is_claimed else hold(launch.places)
    if not is_claimed and lock is None:
        raise TradeAssistError("a desk is about to open the database")
    try:
        database = Database(path=launch.places.database)
        await database.start()
        await database.stop()
    finally:
        if lock is not None:
            lock.release()
