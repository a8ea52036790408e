"""One setting: its type, its limits, and reading a value of it."""

from dataclasses import dataclass, replace
from typing import Final

from tradeassist_desktop.domain.channel_names import CHANNEL_NAMES
from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.setting_shapes import check_shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting.

    Its type is its default's: bool, int, float, text, or a tuple for a comma-separated list.

    Args:
        choices: What a text or each part of a list may be; empty means anything.
        shape: What a text, or each part of a list, must look like: ``url`` (http or https),
            ``websocket`` (ws or wss), ``host:port``, ``project``, ``region`` or ``prefix`` (of Google
            Cloud), ``callback`` (https on this machine), ``schedule``, ``quiet``, ``interval``,
            ``escalation``, ``rotation``, ``tone``, ``host``, ``address`` (of e-mail), ``origin`` (of a
            URL) or ``shortcut`` (a command and its keys); empty is any.
        is_dev_only: Only taken with ``--dev``: it sends the program somewhere else.
        is_file_only: Not taken from the command line: it would be a way around the app lock.
        environment: The environment variable that gives it where the file does not.
    """

    key: str
    default: bool | int | float | str | tuple[str, ...]
    doc: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    is_dev_only: bool = False
    is_file_only: bool = False
    shape: str = ""
    environment: str | None = None

    @property
    def type_name(self) -> str:
        """Return the type as a user reads it."""
        if isinstance(self.default, tuple):
            return "list"
        return {bool: "yes/no", int: "whole number", float: "number", str: "text"}[type(self.default)]

    @property
    def limits(self) -> str:
        """Return the limits as a user reads them; empty where there are none."""
        if self.choices:
            return " | ".join(self.choices)
        if self.minimum is not None and self.maximum is not None:
            return f"{self.minimum:.12g} to {self.maximum:.12g}{' ' + self.unit if self.unit else ''}"
        if self.minimum is not None:
            return f"at least {self.minimum:.12g}{' ' + self.unit if self.unit else ''}"
        return ""


_WORDS: Final = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def from_text(spec: Setting, text: str) -> bool | int | float | str | tuple[str, ...]:
    """Read a setting's value as typed by a person.

    Raises:
        BadInput: it is not of the setting's type or outside its limits.
    """
    text = text.strip()
    if isinstance(spec.default, bool):
        if text.lower() not in _WORDS:
            raise _refusal(spec, f"expected yes or no, found {text!r}")
        return _WORDS[text.lower()]
    if isinstance(spec.default, tuple):
        return checked(spec, tuple(part.strip() for part in text.split(",") if part.strip()))
    if isinstance(spec.default, str):
        return checked(spec, text)
    try:
        return checked(spec, type(spec.default)(text))
    except ValueError:
        raise _refusal(spec, f"expected a {spec.type_name}, found {text!r}") from None


def checked(spec: Setting, value: object) -> bool | int | float | str | tuple[str, ...]:
    """Return ``value`` if the setting can have it; lists and whole numbers for floats are converted.

    Raises:
        BadInput: it cannot.
    """
    if isinstance(spec.default, tuple) and isinstance(value, list | tuple):
        parts = tuple(str(part) for part in value)
        for part in parts:
            if spec.choices and part not in spec.choices:
                raise _refusal(spec, f"expected one of {', '.join(spec.choices)}, found {part!r}")
            _check_shape(spec, part)
        return parts
    if isinstance(spec.default, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not type(spec.default):
        raise _refusal(spec, f"expected a {spec.type_name}, found {value!r}")
    if isinstance(value, str) and spec.choices and value not in spec.choices:
        raise _refusal(spec, f"expected one of {', '.join(spec.choices)}, found {value!r}")
    if isinstance(value, str):
        _check_shape(spec, value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        # "not (a <= b)" also refuses NaN, which compares false with everything.
        low, high = spec.minimum, spec.maximum
        if (low is not None and not low <= value) or (high is not None and not value <= high):
            raise _refusal(spec, f"must be {spec.limits}, was {value:g}")
    assert isinstance(value, bool | int | float | str)
    return value


def _check_shape(spec: Setting, text: str) -> None:
    if text == spec.default:  # which may be empty, of no shape at all
        return
    try:
        check_shape(spec.shape, text, CHANNEL_NAMES)
    except BadInput as error:
        raise BadInput([replace(fault, place=spec.key) for fault in error.faults]) from None


def _refusal(spec: Setting, message: str) -> BadInput:
    return BadInput([Fault(place=spec.key, message=message)])
