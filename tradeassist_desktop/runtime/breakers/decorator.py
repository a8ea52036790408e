"""``@circuit_breaker``: every call of a function goes through a breaker."""

import inspect
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar, cast

from tradeassist_desktop.runtime.breakers.breaker import Breaker

P = ParamSpec("P")
R = TypeVar("R")


def circuit_breaker(
    breaker: Breaker | Callable[[Any], Breaker],
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Guard a function, or a coroutine function; it stays what it was, with name and signature.

    A plain function blocks the thread that calls it, as it did before, and no other.

    Args:
        breaker: For a method, what returns its object's breaker: ``attrgetter("breaker")``.

    Raises:
        TypeError: the function is a generator, sync or async: its calls end before its work does.
    """

    def guard(function: Callable[P, R]) -> Callable[P, R]:
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(f"{function.__qualname__} is a generator: guard what it calls instead")

        def its_breaker(arguments: tuple[Any, ...]) -> Breaker:
            return breaker if isinstance(breaker, Breaker) else breaker(arguments[0])

        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
                return await its_breaker(args).call(partial(function, *args, **kwargs))

            return cast("Callable[P, R]", guarded)

        @wraps(function)
        def guarded_sync(*args: P.args, **kwargs: P.kwargs) -> R:
            return its_breaker(args).call_sync(partial(function, *args, **kwargs))

        return guarded_sync

    return guard
