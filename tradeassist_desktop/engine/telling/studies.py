"""What a rule reads of bars, as lines that can be drawn: by the operands that the engine runs, too."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Final

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.market import Bar, InstrumentKind
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.calendars.sessions import regular, whole
from tradeassist_desktop.engine.conditions import Leaf, Number, Operand, Percent, leaves, operands_of, sides
from tradeassist_desktop.engine.language import parse
from tradeassist_desktop.engine.language.printer import value_to_text
from tradeassist_desktop.engine.operands import completed_arguments, specification
from tradeassist_desktop.engine.operands.specification import BarOperand, Form, SessionStarts, Unit
from tradeassist_desktop.engine.rulefiles.reactions import Reaction, reaction_of
from tradeassist_desktop.engine.telling.updates_as_bars import maker_from_bars, timeframe_from_bars


class Place(StrEnum):
    """Where a line belongs: among the prices, among the volumes, or on a scale of its own."""

    PRICES = "prices"
    VOLUMES = "volumes"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Study:
    """One line.

    Args:
        text: The operand as the rule has it.
        symbol: Of whose bars it is made; likewise ``timeframe``.
        thresholds: The constants it is compared with.
        is_percent: Whether its values are percentages.
    """

    text: str
    operand: Operand
    symbol: str
    timeframe: str
    place: Place
    thresholds: tuple[float, ...] = ()
    is_percent: bool = False


def studies_of(rule: Rule, symbol: str, timeframe: str) -> tuple[Study, ...]:
    """Return what a rule reads of bars when it runs on a symbol, each once, left to right.

    Fields of the very bars that are shown are no lines. Of what is made of updates, only what bars tell too.

    Args:
        timeframe: Of the chart on which they are to be drawn.
    """
    try:
        condition = parse(rule.when)
    except BadInput:
        return ()
    found: dict[str, Study] = {}
    for leaf in leaves(condition):
        for side in sides(leaf):
            for operand in operands_of(side):
                study = _study(operand, rule, symbol, timeframe)
                if study is None or _is_shown(study, symbol, timeframe):
                    continue
                before = found.get(study.text)
                thresholds = _thresholds(leaf, operand) + (before.thresholds if before is not None else ())
                found[study.text] = Study(
                    study.text,
                    operand,
                    study.symbol,
                    study.timeframe,
                    study.place if study.symbol == symbol else Place.OWN,
                    tuple(sorted(set(thresholds))),
                    study.is_percent,
                )
    return tuple(found.values())


class StudyValues:
    """A study's value at each closed bar, and at the one that is forming as if it closed now.

    Args:
        kind: Of the symbol, for its sessions.
    """

    def __init__(self, *, study: Study, kind: InstrumentKind) -> None:
        self._ago = study.operand.ago
        self._make = _maker(study.operand, kind)
        self._operand = self._make()
        self._values: list[float | None] = []

    def take_anew(self, bars: Sequence[Bar]) -> None:
        """Forget all and take these closed bars, oldest first."""
        self._operand = self._make()
        self._values = list(self._operand.update_all(bars))

    def take(self, bar: Bar) -> None:
        """Take the next closed bar."""
        self._values.append(self._operand.update(bar))

    def values(self) -> list[float | None]:
        """Return the value at each closed bar, ``None`` where it is not known."""
        earlier: list[float | None] = [None] * min(self._ago, len(self._values))
        return earlier + [_known(value) for value in self._values[: max(0, len(self._values) - self._ago)]]

    def last(self) -> float | None:
        """Return the value at the last closed bar: what the rule reads now."""
        return _known(self._values[-1 - self._ago]) if len(self._values) > self._ago else None

    def forming(self, bar: Bar) -> float | None:
        """Return the value there would be if this bar closed now."""
        if self._ago:
            return _known(self._values[-self._ago]) if len(self._values) >= self._ago else None
        return _known(self._operand.peek(bar))


_DRAWN: Final = (Form.BAR, Form.SERIES)
_PLACES: Final = {Reaction.LEVEL: Place.PRICES, Reaction.SIZE: Place.VOLUMES}


def _study(operand: Operand, rule: Rule, symbol: str, charted: str) -> Study | None:
    spec = specification(operand)
    if spec is None:
        return None
    text, timeframe = value_to_text(operand), operand.timeframe or rule.timeframe
    if spec.form not in _DRAWN:
        from_bars = timeframe_from_bars(operand, charted)
        if from_bars is None:
            return None
        text, timeframe = f"{text} (of bars)", from_bars
    return Study(
        text,
        operand,
        operand.symbol or symbol,
        timeframe,
        _PLACES.get(reaction_of(operand), Place.OWN),
        is_percent=spec.unit is Unit.PERCENT,
    )


def _is_shown(study: Study, symbol: str, timeframe: str) -> bool:
    spec = specification(study.operand)
    is_field = spec is not None and spec.form is Form.BAR and not study.operand.ago
    return is_field and (study.symbol, study.timeframe) == (symbol, timeframe)


def _thresholds(leaf: Leaf, operand: Operand) -> tuple[float, ...]:
    if operand not in sides(leaf):
        return ()
    return tuple(side.value for side in sides(leaf) if isinstance(side, Number | Percent))


def _maker(operand: Operand, kind: InstrumentKind) -> Callable[[], BarOperand]:
    starts = SessionStarts(whole(kind).start_ns, regular(kind).start_ns)
    from_bars = maker_from_bars(operand, starts)
    if from_bars is not None:
        return from_bars
    spec = specification(operand)
    assert spec is not None
    assert spec.make is not None
    make, arguments = spec.make, completed_arguments(operand, spec)
    return lambda: make(arguments, starts)


def _known(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
