"""The forms of the five kinds: their fields as plain data, and the way from a form to its view and back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.engine.conditions import Duration
from tradeassist_desktop.engine.kinds.form_fields import FormField, read_fields
from tradeassist_desktop.engine.kinds.kind_fields import (
    CROSSOVER_FIELDS,
    MULTI_FIELDS,
    RATE_FIELDS,
    THRESHOLD_FIELDS,
    VOLUME_FIELDS,
)
from tradeassist_desktop.engine.kinds.kinds import (
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


def _make_volume_spike(values: Mapping[str, Any]) -> Simple:
    return VolumeSpike(**{**values, "ago": int(values["ago"])})


KINDS: Final = (
    KindSpec(
        name=Threshold.name,
        label="Threshold",
        help="A value is above, below, inside or outside a level",
        fields=THRESHOLD_FIELDS,
        make=lambda values: Threshold(**values),
    ),
    KindSpec(
        name=Crossover.name,
        label="Crossover",
        help="A value passes another one, or a level",
        fields=CROSSOVER_FIELDS,
        make=lambda values: Crossover(**values),
    ),
    KindSpec(
        name=RateOfChange.name,
        label="Rate of change",
        help="A value has moved by so many percent within a time",
        fields=RATE_FIELDS,
        make=lambda values: RateOfChange(**values),
    ),
    KindSpec(
        name=VolumeSpike.name,
        label="Volume spike",
        help="A bar's volume is a multiple of the average",
        fields=VOLUME_FIELDS,
        make=_make_volume_spike,
    ),
    KindSpec(
        name=MultiCondition.name,
        label="Several conditions",
        help=f"All, or any, of 2 to {MOST_PARTS} of the others",
        fields=MULTI_FIELDS,
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
