"""A function that asks first."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from tradeassist_desktop.domain.access import Act, Gate

P = ParamSpec("P")
R = TypeVar("R")


def guarded(gate: Gate, act: Act, do: Callable[P, R]) -> Callable[P, R]:
    """Return ``do`` for who may: else calling it raises ``Denied``."""

    def ask_first(*args: P.args, **kwargs: P.kwargs) -> R:
        gate.require(act)
        return do(*args, **kwargs)

    return ask_first
