"""How a fault's parameters are read from JSON, with every mistake in its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tradeassist_desktop.domain.errors import Fault

REQUIRED: Final = object()
"""Stands where a parameter has no usual value."""

_LONGEST_TEXT: Final = 40
_LONGEST_SHOWN: Final = 60

Value = float | int | str | bool
"""What a parameter can be."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a fault.

    Args:
        kind: Its type; a whole number may stand where a ``float`` is wanted.
        choices: What a text or a number must be one of, if it must.
    """

    name: str
    kind: type
    doc: str
    usual: object = REQUIRED
    lowest: float = -1e12
    highest: float = 1e12
    choices: tuple[Value, ...] = ()

    def complaint(self, value: object) -> str | None:
        """Return what is wrong with a value; ``None`` if nothing is."""
        if not self._fits_kind(value):
            return f"expected {_KIND_NAMES[self.kind]}, found {shown(value)}"
        if self.choices and value not in self.choices:
            return f"expected one of {', '.join(map(str, self.choices))}, found {shown(value)}"
        if isinstance(value, str):
            is_short = 0 < len(value) <= _LONGEST_TEXT and value.isprintable()
            return None if is_short else f"expected 1 to {_LONGEST_TEXT} characters, found {shown(value)}"
        if not isinstance(value, bool) and not self.lowest <= value <= self.highest:  # type: ignore[operator]  # numbers here
            return f"expected {self.lowest:g} to {self.highest:g}, found {shown(value)}"
        return None

    def _fits_kind(self, value: object) -> bool:
        if isinstance(value, bool):
            return self.kind is bool
        return isinstance(value, (int, float) if self.kind is float else self.kind)


_KIND_NAMES: Final[Mapping[type, str]] = {
    float: "a number",
    int: "a whole number",
    str: "a text",
    bool: "true or false",
}


def read_values(
    given: Mapping[str, object], parameters: tuple[Parameter, ...], place: str
) -> tuple[dict[str, Any], list[Fault]]:
    """Return the parameters' values, usual ones for those left out, and what is wrong with them."""
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    known = {parameter.name for parameter in parameters}
    faults.extend(Fault(within(place, name), "unknown parameter") for name in given if name not in known)
    for parameter in parameters:
        value = given.get(parameter.name, parameter.usual)
        if value is REQUIRED:
            faults.append(Fault(within(place, parameter.name), "is missing"))
            continue
        complaint = parameter.complaint(value) if parameter.name in given else None
        if complaint is not None:
            faults.append(Fault(within(place, parameter.name), complaint))
        values[parameter.name] = value
    return values, faults


def within(place: str, name: str) -> str:
    """Return the place of a key, short and safe to print whatever it is."""
    name = name[:_LONGEST_TEXT]
    name = name if name.isprintable() and name else repr(name)
    return f"{place}.{name}" if place else name


def shown(value: object) -> str:
    """Return a value as a mistake shows it: short, on one line."""
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
