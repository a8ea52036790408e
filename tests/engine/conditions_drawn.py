"""Random conditions of the whole language, drawn from the table of operands; for property tests."""

from typing import Any, Final

from hypothesis import assume
from hypothesis import strategies as st

from tradeassist_desktop.domain.market import TIMEFRAMES
from tradeassist_desktop.engine.conditions import (
    All,
    Arithmetic,
    Comparison,
    Crossing,
    Duration,
    Negative,
    Not,
    Number,
    Operand,
    Percent,
    Range,
    Some,
    Then,
    Touch,
)
from tradeassist_desktop.engine.operands import OPERANDS, OperandSpec, unit_of
from tradeassist_desktop.engine.operands.specification import (
    BAR_FIELDS,
    Average,
    Factor,
    Form,
    Period,
    Source,
    TickField,
    Unit,
)

NUMBERS: Final = (
    st.integers(-(10**6), 10**6).map(lambda cents: Number(cents / 100))
    | st.floats(-1e15, 1e15, allow_nan=False).map(Number)
    | st.sampled_from((0.1 + 0.2, 1e-7, 5e-324, 1e15, -0.25)).map(Number)
)
SYMBOLS: Final = st.sampled_from(
    (None, "/ES", "$TICK", "AAPL", "BTC-USD", "BRK.B", "/6EH24", "MINMAX", "aroon", "X.Y", "last", "and")
)
_TICK_FIELDS: Final = tuple(spec.name for spec in OPERANDS if spec.form is Form.FIELD and spec.name != "age")


def _argument(parameter: Any) -> st.SearchStrategy[Any]:
    if isinstance(parameter, Period):
        return st.integers(parameter.minimum, parameter.maximum).map(float)
    if isinstance(parameter, Factor):
        return st.floats(parameter.minimum, parameter.maximum, allow_nan=False)
    if isinstance(parameter, Average):
        return st.integers(0, 13).map(float)
    if isinstance(parameter, Source):
        return st.sampled_from(BAR_FIELDS)
    if isinstance(parameter, TickField):
        return st.sampled_from(_TICK_FIELDS)
    return st.sampled_from(("1s", "90s", "5m", "2h", "1d")).map(Duration)


@st.composite
def _arguments(draw: st.DrawFn, spec: OperandSpec) -> tuple[Any, ...]:
    whole = tuple(draw(_argument(parameter)) for parameter in spec.parameters)
    sources = sum(isinstance(parameter, Source) for parameter in spec.parameters)
    shortened = whole[draw(st.integers(0, sources)) : draw(st.integers(sources, len(whole)))]
    given = shortened if spec.parameters_of(shortened) is not None else whole
    return given if spec.check is None or spec.check(spec.complete(given)) is None else ("close", "volume")


_UNITS: Final = {
    unit: [number for number, spec in enumerate(OPERANDS) if spec.unit is unit]
    for unit in (Unit.PRICE, Unit.SIZE, Unit.PERCENT, Unit.SECONDS, Unit.NUMBER)
}
_OF_SOURCE: Final = [number for number, spec in enumerate(OPERANDS) if spec.unit is Unit.SOURCE]


@st.composite
def operands(draw: st.DrawFn, unit: Unit) -> Operand:
    """Draw one operand of a unit, as any word of the table may be written."""
    numbers = _UNITS[unit] + (_OF_SOURCE if unit in (Unit.PRICE, Unit.SIZE) else [])
    spec = OPERANDS[numbers[draw(st.integers(0, len(numbers) - 1))]]
    name, _, output = spec.name.partition(".")
    symbol = draw(SYMBOLS)
    arguments = None if spec.form in (Form.FIELD, Form.BAR) else draw(_arguments(spec))
    if spec.form in (Form.FIELD, Form.HISTORY):
        return Operand(name, arguments, symbol)
    timeframe = draw(st.sampled_from((None, *TIMEFRAMES)))
    if spec.form is Form.BAR and name != "close":
        timeframe = timeframe or "1m"
    operand = Operand(name, arguments, symbol, timeframe, draw(st.integers(0, 10_000)), output or None)
    assume(unit_of(operand) is unit)
    return operand


def _is_no_literal(value: Any) -> bool:
    return not isinstance(value, Number)


def _calculated(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return (
        st.builds(Arithmetic, st.sampled_from("+-"), inner, inner)
        | st.builds(Arithmetic, st.just("*"), NUMBERS, inner)
        | st.builds(Arithmetic, st.sampled_from("*/"), inner, NUMBERS)
        | st.builds(Negative, inner.filter(_is_no_literal))
    )


_VALUES: Final = {unit: st.recursive(operands(unit) | NUMBERS, _calculated, max_leaves=4) for unit in _UNITS}


@st.composite
def leaves(draw: st.DrawFn) -> Any:
    """Draw one comparison whose sides go together."""
    unit = draw(st.sampled_from(tuple(_UNITS)))
    operand, value = draw(operands(unit)), draw(_VALUES[unit])
    if unit is Unit.PERCENT and draw(st.booleans()):
        value = Percent(draw(NUMBERS).value)
    left, right = (operand, value) if draw(st.booleans()) else (value, operand)
    kind = draw(st.sampled_from((Comparison, Crossing, Touch, Range)))
    if kind is Comparison:
        return Comparison(draw(st.sampled_from((">", ">=", "<", "<=", "==", "!="))), left, right)
    if kind is Crossing:
        return Crossing(draw(st.sampled_from(("above", "below", "either"))), left, right)
    if kind is Touch:
        return Touch(left, right)
    low, high = sorted((draw(NUMBERS), draw(NUMBERS)), key=lambda number: number.value)
    return Range(draw(st.sampled_from(("in", "outside", "enters", "exits"))), operand, low, high)


def _logic(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def flat(kind: Any, parts: Any) -> Any:
        return kind(
            tuple(each for part in parts for each in (part.parts if isinstance(part, kind) else (part,)))
        )

    several = st.lists(inner, min_size=2, max_size=3)
    return (
        several.map(lambda parts: flat(All, parts))
        | several.map(lambda parts: flat(Some, parts))
        | st.builds(Not, inner)
        | st.builds(
            lambda steps, within: Then(tuple(steps), Duration(within)),
            several,
            st.sampled_from(("1s", "90s", "5m", "7d")),
        )
    )


def conditions() -> st.SearchStrategy[Any]:
    """Return conditions of any shape."""
    return st.recursive(leaves(), _logic, max_leaves=6)
