"""What a fault is that can be asked for by name, whichever the venue."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar, get_args

from tradeassist_desktop.simulator.faults.switches import RestError
from tradeassist_desktop.simulator.faults.values import Parameter

Desk = TypeVar("Desk")
"""All of a venue that its faults can touch."""

Values = dict[str, Any]
"""A fault's parameters, checked."""

Act = Callable[[Desk, Values], Awaitable[None]]
"""Begins or ends a fault."""


@dataclass(frozen=True, slots=True)
class FaultKind(Generic[Desk]):
    """One fault by name.

    Args:
        end: Undoes it; ``None`` for what is over at once.
        sort: Name of the parameter by which several can be on at a time; of one sort only one can.
    """

    doc: str
    begin: Act[Desk]
    end: Act[Desk] | None = None
    parameters: tuple[Parameter, ...] = ()
    sort: str | None = None


Kinds = Mapping[str, FaultKind[Any]]
"""A venue's faults, by the name they are asked for with."""


def symbol(doc: str = "whose") -> Parameter:
    """Return the parameter of what befalls one symbol."""
    return Parameter("symbol", str, doc)


def count(usual: int = 1, lowest: int = 1) -> Parameter:
    """Return the parameter of what comes more than once."""
    return Parameter("count", int, "how many", usual, lowest=lowest, highest=1_000_000)


def count_or_all(most: int = 1_000_000) -> Parameter:
    """Return the parameter of what may go on for ever."""
    return Parameter("count", int, "how many; -1 is all", -1, lowest=-1, highest=most)


PERCENT: Final = Parameter("percent", float, "how far, of the price", 10.0, lowest=-99.0, highest=1000.0)
SHIFT_S: Final = Parameter("shift_s", float, "added; above 0 is the future", 0.0, lowest=-1e8, highest=1e8)
CLOSE_CODE: Final = Parameter("code", int, "which", 1000, choices=(1000, 1001, 1008, 1011, 1012, 1013))
HEARTBEATS: Final = Parameter("heartbeats", bool, "whether they go on", False)
RESET: Final = Parameter("reset", bool, "by RST instead of FIN", True)


def rest_error(errors: tuple[str, ...] = get_args(RestError)) -> tuple[Parameter, ...]:
    """Return the parameters of REST gone wrong, in one of these ways."""
    return (
        Parameter("error", str, "how", choices=errors),
        count_or_all(),
        Parameter("path", str, "only of paths with this in them", ""),
        Parameter("seconds", float, "slowness, or Retry-After of 429", 1.0, lowest=0, highest=3600),
    )
