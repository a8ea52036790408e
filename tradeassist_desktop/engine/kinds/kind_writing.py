"""A form's text while it is being filled in: complete or not, it is what the form says so far."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.engine.kinds.kind_forms import KINDS, Form, view_of
from tradeassist_desktop.engine.kinds.kinds import RANGES, condition_of
from tradeassist_desktop.engine.language.printer import to_text
from tradeassist_desktop.engine.language.symbols import is_bare

_DEFAULTS: Final = {spec.name: {field.name: field.default for field in spec.fields} for spec in KINDS}


def blank_form(kind: str) -> Form:
    """Return the form of a kind as it is offered first; a multi-condition has two thresholds."""
    form: Form = dict(_DEFAULTS[kind])
    if kind == "multi_condition":
        form["parts"] = [{"kind": "threshold", **_DEFAULTS["threshold"]} for _ in range(2)]
    return form


def text_of_form(kind: str, form: Mapping[str, Any]) -> str:
    """Return the condition of a filled form; of one that is not complete, as much as there is of it.

    What is missing is missing in the text as well: reading it says so, at its column.
    """
    try:
        return to_text(condition_of(view_of(kind, form)))
    except BadInput:
        return _written(kind, form)


def _written(kind: str, form: Mapping[str, Any]) -> str:
    if kind == "multi_condition":
        join = " and " if form.get("join") == "all" else " or "
        return join.join(_written(str(part["kind"]), part) for part in form.get("parts", ()))
    return _WRITERS[kind]({**_DEFAULTS[kind], **form})


def _threshold(form: Mapping[str, str]) -> str:
    start = f"{form['operand']} {form['comparator']} {form['level']}"
    return f"{start}..{form['high']}" if form["comparator"] in RANGES else start


def _crossover(form: Mapping[str, str]) -> str:
    way = "" if form["direction"] == "either" else f" {form['direction']}"
    return f"{form['left']} crosses{way} {form['right']}"


def _rate_of_change(form: Mapping[str, str]) -> str:
    over = form["over"].strip()
    bars = over.removesuffix("s").removesuffix("bar").strip()
    if over.endswith(("bar", "bars")):
        source = f"{form['field']}, " if form["field"] else ""
        move = f"roc({source}{bars}){_of_bars(form)}"
    else:
        move = f"change({form['field']}, {over})"
    return f"{_of_symbol(form)}{move} {form['comparator']} {form['percent']}"


def _volume_spike(form: Mapping[str, str]) -> str:
    symbol, bars = _of_symbol(form), _of_bars(form)
    average = f"{symbol}avg(volume, {form['bars']}){bars}"
    ago = " 1 ago" if form["ago"] == "1" else ""
    return f"{symbol}volume{bars} {form['comparator']} {form['factor']} * {average}{ago}"


def _of_bars(form: Mapping[str, str]) -> str:
    return f"[{form['timeframe']}]" if form["timeframe"] else ""


def _of_symbol(form: Mapping[str, str]) -> str:
    symbol = form["symbol"]
    if not symbol:
        return ""
    return f"{symbol}." if is_bare(symbol) else f'"{symbol}".'


_WRITERS: Final[Mapping[str, Callable[[Mapping[str, str]], str]]] = {
    "threshold": _threshold,
    "crossover": _crossover,
    "rate_of_change": _rate_of_change,
    "volume_spike": _volume_spike,
}
