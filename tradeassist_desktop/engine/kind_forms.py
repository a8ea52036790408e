"""The forms of the five kinds: their fields as plain data, and the way from a form to its view and back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.engine.conditions import Duration
from tradeassist_desktop.engine.form_fields import FieldType, FormField, read_fields
from tradeassist_desktop.engine.kinds import (
    MOST_PARTS,
    Crossover,
    Kind,
    MultiCondition,
    RateOfChange,
    Simple,
    Threshold,
    VolumeSpike,
    condition_of,
)
from tradeassist_desktop.engine.language.printer import number_to_text, value_to_text

Form = dict[str, Any]
"""A filled form: its fields' texts by name; ``parts`` of a multi-condition are forms with their ``kind``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindSpec:
    """One kind as the editor offers it.

    Args:
        help: One line that says what it is for.
        make: Returns the view of a form's typed values, unchecked.
    """

    name: str
    label: str
    help: str
    fields: tuple[FormField, ...]
    make: Callable[[Mapping[str, Any]], Simple] | None = None


_COMPARED: Final = (
    (">", "is above"),
    (">=", "is at or above"),
    ("<", "is below"),
    ("<=", "is at or below"),
)

_THRESHOLD_FIELDS: Final = (
    FormField(
        name="operand",
        label="Value",
        type=FieldType.OPERAND,
        default="last",
        help="A field such as last, or an indicator such as rsi(14)[5m]",
    ),
    FormField(
        name="comparator",
        label="Compared",
        type=FieldType.CHOICE,
        default=">",
        choices=(
            *_COMPARED,
            ("==", "is exactly"),
            ("!=", "is not"),
            ("in", "is inside a range"),
            ("outside", "is outside a range"),
        ),
        help="How it is compared with the level",
    ),
    FormField(
        name="level",
        label="Level",
        type=FieldType.LEVEL,
        help="A number in the value's unit, or a percentage such as 2%; the lower bound of a range",
    ),
    FormField(
        name="high",
        label="Upper bound",
        type=FieldType.LEVEL,
        optional=True,
        help="The upper bound, inclusive, for a range only",
    ),
)

_CROSSOVER_FIELDS: Final = (
    FormField(
        name="left",
        label="Value",
        type=FieldType.OPERAND,
        default="last",
        help="What crosses: a field such as last, or an indicator such as ema(9)[5m]",
    ),
    FormField(
        name="direction",
        label="Direction",
        type=FieldType.CHOICE,
        default="above",
        choices=(("above", "crosses above"), ("below", "crosses below"), ("either", "crosses either way")),
        help="Which way it crosses",
    ),
    FormField(
        name="right",
        label="Crossed",
        type=FieldType.VALUE,
        help="What is crossed: a number, a field or an indicator such as ema(21)[5m]",
    ),
)

_RATE_FIELDS: Final = (
    FormField(
        name="symbol",
        label="Symbol",
        type=FieldType.SYMBOL,
        optional=True,
        help="Another symbol than the rule's own",
    ),
    FormField(
        name="field",
        label="Value",
        type=FieldType.WORD,
        default="last",
        optional=True,
        help="What moves: a tick field such as last; over bars a bar field, the close if empty",
    ),
    FormField(
        name="over",
        label="Over",
        type=FieldType.SPAN,
        default="5m",
        help="A length of time of 1s to 1d, or a number of closed bars such as 3 bars",
    ),
    FormField(
        name="timeframe",
        label="Bars of",
        type=FieldType.TIMEFRAME,
        optional=True,
        help="Length of the bars, where it is over bars; the rule's own if empty",
    ),
    FormField(
        name="comparator",
        label="Compared",
        type=FieldType.CHOICE,
        default=">=",
        choices=_COMPARED,
        help="How the move is compared",
    ),
    FormField(
        name="percent",
        label="Percent",
        type=FieldType.LEVEL,
        default="2%",
        unit="%",
        help="The move in percent; negative for a fall",
    ),
)

_VOLUME_FIELDS: Final = (
    FormField(
        name="symbol",
        label="Symbol",
        type=FieldType.SYMBOL,
        optional=True,
        help="Another symbol than the rule's own",
    ),
    FormField(
        name="timeframe",
        label="Bars of",
        type=FieldType.TIMEFRAME,
        default="1m",
        help="Length of the bars",
    ),
    FormField(
        name="comparator",
        label="Compared",
        type=FieldType.CHOICE,
        default=">=",
        choices=((">=", "is at least"), (">", "is above")),
        help="How the volume is compared",
    ),
    FormField(
        name="factor",
        label="Times",
        type=FieldType.NUMBER,
        default="3",
        minimum=0.01,
        maximum=1e6,
        unit="times",
        help="How many times the average",
    ),
    FormField(
        name="bars",
        label="Average of",
        type=FieldType.WHOLE,
        default="20",
        minimum=1,
        maximum=10_000,
        unit="bars",
        help="How many bars are averaged",
    ),
    FormField(
        name="ago",
        label="Average",
        type=FieldType.CHOICE,
        default="1",
        choices=(("1", "of the bars before it"), ("0", "with the bar itself")),
        help="Whether the bar compared is itself part of the average",
    ),
)

_MULTI_FIELDS: Final = (
    FormField(
        name="join",
        label="True when",
        type=FieldType.CHOICE,
        default="all",
        choices=(("all", "all conditions are true"), ("any", "any condition is true")),
        help="Whether all conditions must be true, or any one",
    ),
)


def _make_volume_spike(values: Mapping[str, Any]) -> Simple:
    return VolumeSpike(**{**values, "ago": int(values["ago"])})


KINDS: Final = (
    KindSpec(
        name=Threshold.name,
        label="Threshold",
        help="A value is above, below, inside or outside a level",
        fields=_THRESHOLD_FIELDS,
        make=lambda values: Threshold(**values),
    ),
    KindSpec(
        name=Crossover.name,
        label="Crossover",
        help="A value passes another one, or a level",
        fields=_CROSSOVER_FIELDS,
        make=lambda values: Crossover(**values),
    ),
    KindSpec(
        name=RateOfChange.name,
        label="Rate of change",
        help="A value has moved by so many percent within a time",
        fields=_RATE_FIELDS,
        make=lambda values: RateOfChange(**values),
    ),
    KindSpec(
        name=VolumeSpike.name,
        label="Volume spike",
        help="A bar's volume is a multiple of the average",
        fields=_VOLUME_FIELDS,
        make=_make_volume_spike,
    ),
    KindSpec(
        name=MultiCondition.name,
        label="Several conditions",
        help=f"All, or any, of 2 to {MOST_PARTS} of the others",
        fields=_MULTI_FIELDS,
    ),
)
"""Every kind in the order in which the editor offers them; the last is made of the others."""

_SPECS: Final = {spec.name: spec for spec in KINDS}


def view_of(kind: str, form: Mapping[str, object]) -> Kind:
    """Return the checked view of a filled form.

    Args:
        form: Texts by field name; a multi-condition's ``parts`` are forms that name their ``kind``.

    Raises:
        BadInput: with faults placed by field: ``level``, ``parts[1].bars``.
    """
    spec = _SPECS.get(kind)
    if spec is None:
        raise BadInput([Fault("kind", f"expected one of {', '.join(_SPECS)}, found {kind[:60]!r}")])
    if spec.make is not None:
        view: Kind = spec.make(read_fields(spec.fields, form))
    else:
        own = {name: value for name, value in form.items() if name != "parts"}
        view = MultiCondition(read_fields(spec.fields, own)["join"], _parts(form.get("parts")))
    condition_of(view)
    return view


def form_of(view: Kind) -> Form:
    """Return the form as it would be filled in; ``view_of`` gives the same view back."""
    return _FORMS[type(view)](view)


def _parts(given: object) -> tuple[Simple, ...]:
    if not isinstance(given, list | tuple):
        raise BadInput([Fault("parts", "expected a list of conditions")])
    if len(given) > MOST_PARTS:
        raise BadInput([Fault("parts", f"expected 2 to {MOST_PARTS} conditions, found {len(given)}")])
    faults: list[Fault] = []
    parts: list[Simple] = []
    for index, each in enumerate(given):
        form = dict(each) if isinstance(each, Mapping) else {}
        kind = form.pop("kind", "")
        try:
            view = view_of(kind if isinstance(kind, str) else "", form)
        except BadInput as error:
            faults.extend(
                Fault(f"parts[{index}].{fault.place}", fault.message, fault.column) for fault in error.faults
            )
            continue
        if isinstance(view, MultiCondition):
            faults.append(Fault(f"parts[{index}].kind", "expected a simple condition"))
        else:
            parts.append(view)
    if faults:
        raise BadInput(faults)
    return tuple(parts)


def _fill_threshold(view: Threshold) -> Form:
    return {
        "operand": value_to_text(view.operand),
        "comparator": view.comparator,
        "level": value_to_text(view.level),
        "high": "" if view.high is None else value_to_text(view.high),
    }


def _fill_crossover(view: Crossover) -> Form:
    left, right = value_to_text(view.left), value_to_text(view.right)
    return {"left": left, "direction": view.direction, "right": right}


def _fill_rate_of_change(view: RateOfChange) -> Form:
    bars = "bar" if view.over == 1 else "bars"
    return {
        "symbol": view.symbol or "",
        "field": view.field or "",
        "over": view.over.text if isinstance(view.over, Duration) else f"{view.over} {bars}",
        "timeframe": view.timeframe or "",
        "comparator": view.comparator,
        "percent": value_to_text(view.percent),
    }


def _fill_volume_spike(view: VolumeSpike) -> Form:
    return {
        "symbol": view.symbol or "",
        "timeframe": view.timeframe,
        "comparator": view.comparator,
        "factor": number_to_text(view.factor),
        "bars": str(view.bars),
        "ago": str(view.ago),
    }


def _fill_multi_condition(view: MultiCondition) -> Form:
    return {"join": view.join, "parts": [{"kind": part.name, **form_of(part)} for part in view.parts]}


_FORMS: Final[Mapping[type, Callable[[Any], Form]]] = {
    Threshold: _fill_threshold,
    Crossover: _fill_crossover,
    RateOfChange: _fill_rate_of_change,
    VolumeSpike: _fill_volume_spike,
    MultiCondition: _fill_multi_condition,
}
