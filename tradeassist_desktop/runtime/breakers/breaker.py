"""A circuit breaker: what fails again and again is left alone for a while."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import partial
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from tradeassist_desktop.runtime.aside import aside
from tradeassist_desktop.runtime.breakers.switch import Permit, Switch

T = TypeVar("T")

_Block = tuple[Permit, Any]
_INSIDE: Final[ContextVar[_Block | None]] = ContextVar("blocks guarded by breakers", default=None)
"""The permit of a task's innermost block, with the block around it."""


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
        _INSIDE.set((self.admit(), _INSIDE.get()))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Take how the block ended."""
        inside = _INSIDE.get()
        assert inside is not None
        permit, around = inside
        _INSIDE.set(around)
        if error is None:
            self.succeed(permit)
        else:
            self.fail(permit, error)
