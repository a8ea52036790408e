"""What an operand declares of itself; the checker, the completer and the compiler follow from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.engine.conditions import Argument

MOST_BARS: Final = 10_000
"""Longest period and furthest ``ago``, in bars."""

BAR_FIELDS: Final = ("open", "high", "low", "close", "volume")


class Form(StrEnum):
    """How an operand is written and when it changes.

    ``FIELD`` is a tick field (``last``), ``HISTORY`` a tick field against its own past
    (``change(last, 5m)``), ``BAR`` a field of the last closed bar (``close[5m]``), ``SERIES``
    an indicator over closed bars (``rsi(14)[5m]``).
    """

    FIELD = "field"
    HISTORY = "history"
    BAR = "bar"
    SERIES = "series"


class Unit(StrEnum):
    """What an operand's value is in. ``SOURCE`` is that of the operand's source field."""

    PRICE = "price"
    SIZE = "size"
    PERCENT = "percent"
    SECONDS = "seconds"
    NUMBER = "number"
    SOURCE = "source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A whole number of bars."""

    name: str = "bars"
    minimum: int = 1
    maximum: int = MOST_BARS


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The name of a bar field; left out, ``default`` (where that is not ``None``)."""

    name: str = "source"
    default: str | None = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class TickField:
    """The name of a tick field."""

    name: str = "field"


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """A length of time."""

    name: str = "duration"
    minimum_ns: int = 1_000_000_000
    maximum_ns: int = 86_400_000_000_000


Parameter = Period | Source | TickField | Length


class BarOperand(Protocol):
    """One series of values, one closed bar at a time."""

    def update(self, bar: Bar) -> float | None:
        """Take the next closed bar; return the value now, ``None`` while it is not known."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OperandSpec:
    """One word of the language.

    Args:
        make: For ``BAR`` and ``SERIES``: makes the series from the completed arguments and
            a test for "a session starts between these two bars"; ``None`` for others.
    """

    name: str
    form: Form
    unit: Unit
    doc: str
    parameters: tuple[Parameter, ...] = ()
    make: Callable[[Mapping[str, Argument], "SessionStart"], BarOperand] | None = None

    @property
    def signature(self) -> str:
        """Return the operand as a user writes it: ``sma(source, bars)``."""
        if self.form in (Form.FIELD, Form.BAR):
            return self.name
        return f"{self.name}({', '.join(parameter.name for parameter in self.parameters)})"


SessionStart = Callable[[int], int | None]
"""Return when the session that holds an instant began, UTC nanoseconds; ``None`` outside."""
