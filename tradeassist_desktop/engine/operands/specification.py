"""What an operand declares of itself; the checker, the completer and the compiler follow from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

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


LARGEST_FACTOR: Final = 1e9
"""Largest factor an indicator takes, either way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A whole number of bars; left out, ``default`` (where that is not ``None``)."""

    name: str = "bars"
    minimum: int = 1
    maximum: int = MOST_BARS
    default: float | None = None

    @property
    def example(self) -> str:
        """Return what may be written for it."""
        return "20" if self.default is None else f"{self.default:g}"

    @property
    def limits(self) -> str:
        """Return what it may be."""
        return f"{self.minimum:,} to {self.maximum:,}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A number, such as how many standard deviations."""

    name: str
    default: float
    minimum: float = 0.0
    maximum: float = LARGEST_FACTOR

    @property
    def example(self) -> str:
        """Return what may be written for it."""
        return f"{self.default:g}"

    @property
    def limits(self) -> str:
        """Return what it may be."""
        return f"{self.minimum:,.12g} to {self.maximum:,.12g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Average:
    """A kind of moving average, by TA-Lib's number for it."""

    name: str
    default: float

    @property
    def example(self) -> str:
        """Return what may be written for it."""
        return f"{self.default:g}"

    @property
    def limits(self) -> str:
        """Return what it may be."""
        return ", ".join(f"{number} {kind}" for number, kind in enumerate(AVERAGES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The name of a bar field; left out, ``default`` (where that is not ``None``)."""

    name: str = "source"
    default: str | None = "close"

    @property
    def example(self) -> str:
        """Return what may be written for it."""
        return self.default or "close"

    @property
    def limits(self) -> str:
        """Return what it may be."""
        return f"{', '.join(BAR_FIELDS[:-1])} or {BAR_FIELDS[-1]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TickField:
    """The name of a tick field."""

    name: str = "field"
    default: None = None

    @property
    def example(self) -> str:
        """Return what may be written for it."""
        return "last"

    @property
    def limits(self) -> str:
        """Return what it may be."""
        return "a tick field but age"


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """A length of time."""

    name: str = "duration"
    default: None = None
    minimum_ns: int = 1_000_000_000
    maximum_ns: int = 86_400_000_000_000

    @property
    def example(self) -> str:
        """Return what may be written for it."""
        return "5m"

    @property
    def limits(self) -> str:
        """Return what it may be."""
        return "1s to 1d"


Parameter = Period | Factor | Average | Source | TickField | Length

AVERAGES: Final = (
    "simple",
    "exponential",
    "weighted",
    "double exponential",
    "triple exponential",
    "triangular",
    "Kaufman's",
    "MESA",
    "T3",
    "Hull's",
    "none",
    "the function's own",
    "zero-lag",
    "Wilder's",
)
"""TA-Lib's kinds of moving average, each at its number."""


class BarOperand(Protocol):
    """One series of values, one closed bar at a time."""

    def update(self, bar: Bar) -> float | None:
        """Take the next closed bar; return the value now, ``None`` while it is not known."""
        ...

    def update_all(self, bars: Sequence[Bar]) -> list[float | None]:
        """Take closed bars of the past, oldest first; return the value after each."""
        ...

    def peek(self, bar: Bar) -> float | None:
        """Return the value there would be if this bar were the next to close; nothing is taken."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OperandSpec:
    """One word of the language.

    Args:
        name: As a user writes it; with its output where a function has several (``aroon.aroonup``).
        group: The heading under which a list of all words shows it.
        parameters: Sources first; what is left out has a default.
        make: For ``BAR`` and ``SERIES``: makes the series from the completed arguments and
            the sessions' starts; ``None`` for others.
        needs: For ``SERIES``: returns how many closed bars the first value takes; ``None`` for one.
        check: Returns what is wrong with arguments that are each right, ``None`` if nothing is.
    """

    name: str
    form: Form
    unit: Unit
    doc: str
    group: str
    parameters: tuple[Parameter, ...] = ()
    make: Callable[[Mapping[str, Argument], "SessionStarts"], BarOperand] | None = None
    needs: Callable[[Mapping[str, Argument]], int] | None = None
    check: Callable[[Mapping[str, Argument]], str | None] | None = None

    @property
    def signature(self) -> str:
        """Return the operand as a user writes it: ``sma(source, bars)``."""
        if self.form in (Form.FIELD, Form.BAR):
            return self.name
        return f"{self.name}({', '.join(parameter.name for parameter in self.parameters)})"

    @property
    def example(self) -> str:
        """Return the operand as it may stand in a condition: ``sma(30)``, ``close[5m]``."""
        if self.form is Form.FIELD:
            return self.name
        if self.form is Form.BAR:
            return f"{self.name}[5m]"
        written: list[str] = []
        are_sources_left_out = all(
            parameter.default is not None for parameter in self.parameters if isinstance(parameter, Source)
        )
        for parameter in self.parameters:
            if isinstance(parameter, Average):
                break
            if not (isinstance(parameter, Source) and are_sources_left_out):
                written.append(parameter.example)
        return f"{self.name}({', '.join(written)})"

    def parameters_of(self, given: Sequence[Argument]) -> tuple[Parameter, ...] | None:
        """Return which parameters the given arguments are for, in order.

        Names fill the sources, numbers what comes after them. ``None`` where there are too many
        arguments, or where one without a default was left out.
        """
        parameters = self.parameters
        sources = sum(isinstance(parameter, Source) for parameter in parameters)
        named = 0
        while named < min(sources, len(given)) and isinstance(given[named], str):
            named += 1
        end = sources + len(given) - named
        left_out = (*parameters[named:sources], *parameters[end:])
        if end > len(parameters) or any(parameter.default is None for parameter in left_out):
            return None
        return (*parameters[:named], *parameters[sources:end])

    def complete(self, given: Sequence[Argument]) -> dict[str, Argument]:
        """Return every argument by its parameter's name, those left out filled in. They must fit."""
        taken = self.parameters_of(given)
        assert taken is not None
        by_name = {parameter.name: argument for parameter, argument in zip(taken, given, strict=True)}
        completed: dict[str, Argument] = {}
        for parameter in self.parameters:
            argument = by_name.get(parameter.name, parameter.default)
            assert argument is not None
            completed[parameter.name] = argument
        return completed

    def bars_needed(self, arguments: Mapping[str, Argument]) -> int:
        """Return the least number of closed bars for a first value; 0 for what is not made of bars.

        Args:
            arguments: The completed ones.
        """
        if self.form in (Form.FIELD, Form.HISTORY):
            return 0
        return 1 if self.needs is None else self.needs(arguments)


SessionStart = Callable[[int], int | None]
"""Return when the session that holds an instant began, UTC nanoseconds; ``None`` outside."""


class SessionStarts(NamedTuple):
    """The starts of a symbol's sessions: of the exchange's whole one, and of the regular one."""

    whole: SessionStart
    regular: SessionStart
