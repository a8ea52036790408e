"""A circuit breaker: what fails again and again is left alone for a while."""

import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import partial
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from tradeassist_desktop.runtime.aside import aside
from tradeassist_desktop.runtime.breakers.switch import Permit, Switch

log = logging.getLogger(__name__)

T = TypeVar("T")

_Block = tuple["Breaker", Permit, Any]
_INSIDE: Final[ContextVar[_Block | None]] = ContextVar("blocks guarded by breakers", default=None)
"""The innermost block a task is in, with the one around it, and so on."""


class Breaker(Switch):
    """Ways of making a call through a ``Switch``; none of them holds a lock while the call runs.

    Each raises ``BreakerOpen`` where the call is not made, and else whatever the call raises.
    ``async with breaker:`` guards a block; a task may be in several at once.
    """

    async def call(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return what ``await work()`` returns."""
        permit = self.admit()
        try:
            result = await work()
        except BaseException as error:
            self.fail(permit, error)
            raise
        self.result(permit, result)
        return result

    def call_sync(self, work: Callable[[], T]) -> T:
        """Return what ``work()`` returns; it blocks this thread, and only this one."""
        permit = self.admit()
        try:
            result = work()
        except BaseException as error:
            self.fail(permit, error)
            raise
        self.result(permit, result)
        return result

    async def call_in_thread(self, work: Callable[[], T]) -> T:
        """Return what ``work()`` returns, done in a thread of its own.

        A thread cannot be cancelled: when the caller is, ``work`` goes on, and has its say when it ends.
        """
        # Admitted in there too: a caller cancelled in between would take the permit with it.
        return await aside(partial(self.call_sync, work), name=f"breaker {self.name}")

    async def __aenter__(self) -> Self:
        """Enter the block.

        Raises:
            BreakerOpen: it is not to be entered.
        """
        _INSIDE.set((self, self.admit(), _INSIDE.get()))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Take how the block ended."""
        inside = _INSIDE.get()
        permit: Permit | None
        if inside is not None and inside[0] is self:
            _, permit, around = inside
        else:
            permit, around = _leave(self, inside)
        if permit is None:
            # A coroutine thrown away is closed in whoever's turn it is; its probe ends at the limit.
            log.error("block left elsewhere than entered", extra={"breaker": self.name})
            return
        _INSIDE.set(around)
        if error is None:
            self.succeed(permit)
        else:
            self.fail(permit, error)


def _leave(breaker: Breaker, inside: _Block | None) -> tuple[Permit | None, _Block | None]:
    """Return the permit of the breaker's innermost block, and the blocks without it.

    The block of an async generator may be left before one that was entered later.
    """
    if inside is None:
        return None, None
    owner, permit, around = inside
    if owner is breaker:
        return permit, around
    found, rest = _leave(breaker, around)
    return found, (owner, permit, rest)
