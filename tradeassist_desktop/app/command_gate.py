"""The gate of a command: on a locked desk it is opened by a PIN, and shut again with the command."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tradeassist_desktop.app.audit_trail import audit_trail
from tradeassist_desktop.app.desk_lock import lock_and_settings
from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.domain.access import Act, Gate
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.access.desk_lock import DeskLock

Ask = Callable[[DeskLock, tuple[Act, ...]], Awaitable[None]]
"""Has somebody unlock the desk who may do these."""


@asynccontextmanager
async def command_gate(launch: Launch, *acts: Act, ask: Ask, is_claimed: bool = False) -> AsyncIterator[Gate]:
    """Yield the gate; without a lock nobody is asked.

    Args:
        acts: What the command does.
        is_claimed: As of ``audit_trail``.

    Raises:
        TradeAssistError: whoever was asked may not, or gave a wrong PIN.
    """
    async with command_lock(launch, is_claimed=is_claimed) as lock:
        if not all(lock.access.may(act) for act in acts):
            await ask(lock, acts)
        yield lock.access


@asynccontextmanager
async def command_lock(launch: Launch, *, is_claimed: bool = False) -> AsyncIterator[DeskLock]:
    """Yield the lock of this folder, shut where one is set up; what is done with it is in the audit log."""
    clock = SystemClock()
    async with audit_trail(launch, clock=clock, is_claimed=is_claimed) as trail:
        lock, _ = lock_and_settings(launch, audit=trail, clock=clock, bus=Bus())
        yield lock
