"""Rule files: JSON in and out, refused whole with every fault listed, and rules typed as one line."""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.rules import EvaluateOn, Rearm, Rule, Trigger
from tradeassist_desktop.domain.settings import CHANNEL_NAMES
from tradeassist_desktop.engine.conditions import DURATION_UNITS, duration_ns
from tradeassist_desktop.engine.language.printer import number_to_text
from tradeassist_desktop.engine.meaning import meaning_of

FORMAT: Final = "tradeassist-rules"
VERSION: Final = 1
MOST_RULES: Final = 10_000
MOST_BYTES: Final = 10 * 1024 * 1024
LONGEST_NAME: Final = 100
LONGEST_MESSAGE: Final = 500
LONGEST_SYMBOL: Final = 40
MOST_SYMBOLS: Final = 1_000
LONGEST_NOTES: Final = 10_000
LONGEST_DURATION_NS: Final = 366 * DURATION_UNITS["d"]

_NAMESPACE: Final = uuid.UUID("6f1d8f7c-2f63-4c7e-9a55-3b8f0f8b5d10")
_TYPE_NAMES: Final = {
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


def uid_of_name(name: str) -> str:
    """Return the identity of a rule that only its file knows: the same for the same name."""
    return str(uuid.uuid5(_NAMESPACE, name))


def parse_rules(content: bytes, *, uid: Callable[[str], str] = uid_of_name) -> tuple[Rule, ...]:
    """Return the rules of a rule file.

    Args:
        uid: Gives a rule its identity by its name.

    Raises:
        BadInput: with every fault, placed as ``rules[3].when``; nothing is half read.
    """
    entries = _entries(content)
    faults: list[Fault] = []
    rules: list[Rule] = []
    names: dict[str, int] = {}
    for index, entry in enumerate(entries):
        place = f"rules[{index}]"
        reader = _Reader(place)
        rule = _rule(entry, reader, uid)
        if rule is not None:
            if rule.name in names:
                reader.fault("name", f"rules[{names[rule.name]}] is called {rule.name!r} too")
            names.setdefault(rule.name, index)
            try:
                meaning_of(rule)
            except BadInput as error:
                reader.faults.extend(
                    Fault(f"{place}.{fault.place}", fault.message, fault.column) for fault in error.faults
                )
            rules.append(rule)
        faults.extend(reader.faults)
    if faults:
        raise BadInput(faults)
    return tuple(rules)


def rules_to_json(rules: Sequence[Rule]) -> bytes:
    """Return a rule file that ``parse_rules`` reads back as the same rules (uids aside)."""
    document = {"format": FORMAT, "version": VERSION, "rules": [_entry(rule) for rule in rules]}
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def quick_rule(text: str, *, uid: str, name: str | None = None) -> Rule:
    """Return the rule typed as ``SYMBOL condition``: ``/ES last crosses above 5530``.

    Raises:
        BadInput: faults carry columns of ``text``.
    """
    match = re.match(r'\s*("[^"]+"|\S+)\s*', text)
    if match is None:
        raise BadInput([Fault(place="", message="expected a symbol, found nothing", column=1)])
    symbol = match.group(1)
    symbol = symbol.strip('"') if symbol.startswith('"') else symbol.upper()
    if not 1 <= len(symbol) <= LONGEST_SYMBOL:
        message = f"a symbol has 1 to {LONGEST_SYMBOL} characters"
        raise BadInput([Fault(place="", message=message, column=match.start(1) + 1)])
    condition = text[match.end() :].rstrip()
    rule = Rule(
        uid=uid,
        name=(name or " ".join(text.split()))[:LONGEST_NAME],
        symbols=(symbol,),
        when=condition,
    )
    try:
        meaning_of(rule)
    except BadInput as error:
        raise BadInput(
            [
                Fault("", fault.message, None if fault.column is None else fault.column + match.end())
                for fault in error.faults
            ]
        ) from None
    return rule


def duration_to_text(nanoseconds: int) -> str:
    """Return a duration in the largest unit that holds it whole: ``90s``, ``5m``."""
    for unit in ("d", "h", "m", "s"):
        if nanoseconds and nanoseconds % DURATION_UNITS[unit] == 0:
            return f"{nanoseconds // DURATION_UNITS[unit]}{unit}"
    return f"{nanoseconds // DURATION_UNITS['ms']}ms" if nanoseconds else "0s"


# --- reading


def _entries(content: bytes) -> list[Any]:
    if len(content) > MOST_BYTES:
        raise _refusal("", f"larger than {MOST_BYTES // 1024 // 1024} MiB")
    try:
        document = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _refusal("", f"not JSON: {error}") from None
    except RecursionError:
        raise _refusal("", "not a rule file: nested too deeply") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _refusal("format", f'expected a JSON object with "format": "{FORMAT}"')
    version = document.get("version")
    if type(version) is not int or version != VERSION:
        raise _refusal("version", f"expected {VERSION}, found {_shown(version)}")
    unknown = [key for key in document if key not in ("format", "version", "rules")]
    if unknown:
        raise _refusal(unknown[0][:100], "unknown key")
    entries = document.get("rules")
    if not isinstance(entries, list):
        raise _refusal("rules", f"expected a list, found {_TYPE_NAMES.get(type(entries), 'nothing')}")
    if len(entries) > MOST_RULES:
        raise _refusal("rules", f"at most {MOST_RULES} rules, found {len(entries)}")
    return entries


def _refusal(place: str, message: str) -> BadInput:
    return BadInput([Fault(place=place, message=message)])


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


class _Reader:
    """Reads the values of one rule's keys and collects what is wrong with them."""

    def __init__(self, place: str) -> None:
        self._place = place
        self.faults: list[Fault] = []

    def fault(self, key: str, message: str) -> None:
        """Note a fault; an empty key stands for the rule itself."""
        self.faults.append(Fault(f"{self._place}.{key}" if key else self._place, message))

    def text(self, key: str, value: object, *, least: int = 0, most: int) -> str:
        """Return a text of that many characters."""
        if not isinstance(value, str):
            self.fault(key, f"expected a text, found {_TYPE_NAMES.get(type(value), 'something else')}")
            return ""
        if not least <= len(value) <= most or (least and not value.strip()):
            self.fault(key, f"expected {least} to {most} characters, found {len(value)}")
        elif any(character in value for character in "\0\r") or (least and "\n" in value):
            self.fault(key, "contains a control character")
        return value

    def flag(self, key: str, value: object) -> bool:
        """Return a true or false."""
        if not isinstance(value, bool):
            self.fault(key, f"expected true or false, found {_TYPE_NAMES.get(type(value), 'something else')}")
        return value is True

    def texts(self, key: str, value: object, *, longest: int, most: int) -> tuple[str, ...]:
        """Return a list of texts."""
        if not isinstance(value, list):
            self.fault(key, f"expected a list, found {_TYPE_NAMES.get(type(value), 'something else')}")
            return ()
        if len(value) > most:
            self.fault(key, f"expected at most {most} entries, found {len(value)}")
            return ()
        return tuple(
            self.text(f"{key}[{index}]", each, least=1, most=longest) for index, each in enumerate(value)
        )

    def choice(self, key: str, value: object, choices: Sequence[str]) -> str:
        """Return one of the choices; the first where it is none."""
        if value not in choices:
            self.fault(key, f"expected one of {', '.join(choices)}, found {_shown(value)}")
            return choices[0]
        return str(value)

    def duration(self, key: str, value: object) -> int:
        """Return a duration in nanoseconds."""
        try:
            if not isinstance(value, str):
                raise ValueError(f"expected a duration such as 90s, found {_shown(value)}")
            nanoseconds = duration_ns(value)
        except ValueError as error:
            self.fault(key, str(error))
            return 0
        if nanoseconds > LONGEST_DURATION_NS:
            self.fault(key, f"expected at most 366d, found {value}")
        return nanoseconds

    def instant(self, key: str, value: object) -> int | None:
        """Return an RFC 3339 instant as UTC nanoseconds."""
        if value is None:
            return None
        try:
            if not isinstance(value, str) or len(value) > 40:
                raise ValueError
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None or "T" not in value.upper():
                raise ValueError
        except ValueError:
            self.fault(key, f"expected a time such as 2024-07-02T13:30:00Z or null, found {_shown(value)}")
            return None
        return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000

    def rearm(self, key: str, value: object) -> Rearm:
        """Return a distance: a number, or a text such as ``0.5%``."""
        is_percent = isinstance(value, str)
        number: object = value
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,15})?%", value):
            number = float(value[:-1])
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= 1e15:
            self.fault(
                key, f'expected a number of at least 0 or a percentage such as "0.5%", found {_shown(value)}'
            )
            return Rearm()
        return Rearm(amount=float(number), is_percent=is_percent and number != 0)


def _symbols(reader: _Reader, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (reader.text("symbol", value, least=1, most=LONGEST_SYMBOL),)
    symbols = reader.texts("symbol", value, longest=LONGEST_SYMBOL, most=MOST_SYMBOLS)
    if isinstance(value, list) and not value:
        reader.fault("symbol", "expected at least one symbol")
    if len(set(symbols)) != len(symbols):
        reader.fault("symbol", "names a symbol twice")
    return symbols


def _channels(reader: _Reader, value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    channels = reader.texts("channels", value, longest=40, most=len(CHANNEL_NAMES))
    for channel in channels:
        if channel and channel not in CHANNEL_NAMES:
            reader.fault("channels", f"expected {', '.join(CHANNEL_NAMES)}, found {_shown(channel)}")
    return channels


_FIELDS: Final[Mapping[str, tuple[str, Callable[[_Reader, Any], Any]]]] = {
    "name": ("name", lambda reader, value: reader.text("name", value, least=1, most=LONGEST_NAME)),
    "symbol": ("symbols", _symbols),
    # The condition's own limits are the language's to tell.
    "when": ("when", lambda reader, value: reader.text("when", value, most=MOST_BYTES)),
    "on": ("on", lambda reader, value: EvaluateOn(reader.choice("on", value, tuple(EvaluateOn)))),
    "timeframe": ("timeframe", lambda reader, value: reader.text("timeframe", value, most=40)),
    "trigger": ("trigger", lambda reader, value: Trigger(reader.choice("trigger", value, tuple(Trigger)))),
    "hold": ("hold_ns", lambda reader, value: reader.duration("hold", value)),
    "cooldown": ("cooldown_ns", lambda reader, value: reader.duration("cooldown", value)),
    "rearm": ("rearm", lambda reader, value: reader.rearm("rearm", value)),
    "priority": (
        "priority",
        lambda reader, value: Priority(reader.choice("priority", value, tuple(Priority))),
    ),
    "channels": ("channels", _channels),
    "message": ("message", lambda reader, value: reader.text("message", value, most=LONGEST_MESSAGE)),
    "active": ("active", lambda reader, value: reader.flag("active", value)),
    "starts_at": ("starts_at_ns", lambda reader, value: reader.instant("starts_at", value)),
    "expires_at": ("expires_at_ns", lambda reader, value: reader.instant("expires_at", value)),
    "notify_clear": ("notify_clear", lambda reader, value: reader.flag("notify_clear", value)),
    "schedule": ("schedule", lambda reader, value: reader.text("schedule", value, most=100)),
    "tags": ("tags", lambda reader, value: reader.texts("tags", value, longest=100, most=100)),
    "notes": ("notes", lambda reader, value: reader.text("notes", value, most=LONGEST_NOTES)),
}
"""Each key of the file: the rule's field it becomes, and how it is read."""


def _rule(entry: object, reader: _Reader, uid: Callable[[str], str]) -> Rule | None:
    if not isinstance(entry, dict):
        reader.fault("", f"expected an object, found {_TYPE_NAMES.get(type(entry), 'something else')}")
        return None
    for key in entry:
        if key not in _FIELDS:
            reader.fault(key[:100], "unknown key")
    for key in ("name", "symbol", "when"):
        if key not in entry:
            reader.fault(key, "is missing")
    values = {field: read(reader, entry[key]) for key, (field, read) in _FIELDS.items() if key in entry}
    if not {"name", "symbols", "when"} <= values.keys():
        return None
    return Rule(uid=uid(values["name"]), **values)


# --- writing


def _entry(rule: Rule) -> dict[str, Any]:
    """Return the rule's keys; what has its default is left out."""
    symbols = rule.symbols[0] if len(rule.symbols) == 1 else list(rule.symbols)
    entry: dict[str, Any] = {"name": rule.name, "symbol": symbols, "when": rule.when}
    plain = Rule(uid=rule.uid, name=rule.name, symbols=rule.symbols, when=rule.when)
    for key, (field, _) in _FIELDS.items():
        value = getattr(rule, field)
        if key not in entry and value != getattr(plain, field):
            entry[key] = _WRITERS[field](value) if field in _WRITERS else value
    return entry


def _instant_to_text(nanoseconds: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=nanoseconds // 1000)
    return moment.isoformat().replace("+00:00", "Z")


def _rearm_to_plain(rearm: Rearm) -> float | str:
    return f"{number_to_text(rearm.amount)}%" if rearm.is_percent else rearm.amount


_WRITERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "hold_ns": duration_to_text,
    "cooldown_ns": duration_to_text,
    "rearm": _rearm_to_plain,
    "starts_at_ns": _instant_to_text,
    "expires_at_ns": _instant_to_text,
}
