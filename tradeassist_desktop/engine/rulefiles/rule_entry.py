"""One rule of a rule file: its keys, how each is read, what is wrong with it, and how it is written."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.channel_names import CHANNEL_NAMES
from tradeassist_desktop.domain.errors import Fault
from tradeassist_desktop.domain.market import TIMEFRAMES
from tradeassist_desktop.domain.rules import EvaluateOn, Rearm, Rule, Trigger
from tradeassist_desktop.engine.conditions import DURATION_UNITS, duration_ns
from tradeassist_desktop.engine.rulefiles.rule_document import MOST_BYTES, TYPE_NAMES, key_text, shown

LONGEST_NAME: Final = 100
LONGEST_MESSAGE: Final = 500
LONGEST_SYMBOL: Final = 40
MOST_SYMBOLS: Final = 1_000
LONGEST_NOTES: Final = 10_000
LONGEST_DURATION_NS: Final = 366 * DURATION_UNITS["d"]

_UNKNOWN_KEYS_LISTED: Final = 10

# Control characters, line ends in other guises, and what turns the direction of writing: a name or a
# symbol with one of these in it does not read as what it is.
_ODD: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ODD_IN_LINES: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_PERCENTAGE: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,30})?%")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class EntryReader:
    """Reads the values of one rule's keys and collects what is wrong with them.

    Args:
        place: Where the rule stands: ``rules[3]``.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self.faults: list[Fault] = []

    def fault(self, key: str, message: str) -> None:
        """Note a fault; an empty key stands for the rule itself."""
        self.faults.append(Fault(f"{self._place}.{key}" if key else self._place, message))

    def rule(self, entry: object, repeated: Sequence[str], uid: Callable[[str], str]) -> Rule | None:
        """Return the rule of an entry, defaults for what is wrong; ``None`` if it cannot be one at all."""
        if not isinstance(entry, dict):
            self.fault("", f"expected an object, found {TYPE_NAMES.get(type(entry), 'something else')}")
            return None
        self._refuse_keys(entry, repeated)
        values = {field: read(self, entry[key]) for key, (field, read) in FIELDS.items() if key in entry}
        if not {"name", "symbols", "when"} <= values.keys():
            return None
        return Rule(uid=uid(values["name"]), **values)

    def _refuse_keys(self, entry: dict[str, Any], repeated: Sequence[str]) -> None:
        unknown = [key for key in entry if key not in FIELDS]
        for key in unknown[:_UNKNOWN_KEYS_LISTED]:
            self.fault(key_text(key), "unknown key")
        if len(unknown) > _UNKNOWN_KEYS_LISTED:
            self.fault("", f"{len(unknown) - _UNKNOWN_KEYS_LISTED} more unknown keys")
        for key in repeated[:_UNKNOWN_KEYS_LISTED]:
            self.fault(key_text(key), "is given twice")
        for key in ("name", "symbol", "when"):
            if key not in entry:
                self.fault(key, "is missing")

    def text(self, key: str, value: object, *, most: int) -> str:
        """Return a text of any number of lines, up to that many characters."""
        return self._text(key, value, 0, most, _ODD_IN_LINES)

    def line(self, key: str, value: object, *, most: int) -> str:
        """Return a text of one line, of 1 to that many characters, not all of them spaces."""
        return self._text(key, value, 1, most, _ODD)

    def _text(self, key: str, value: object, least: int, most: int, odd: re.Pattern[str]) -> str:
        if not isinstance(value, str):
            self.fault(key, f"expected a text, found {TYPE_NAMES.get(type(value), 'something else')}")
            return ""
        if not least <= len(value) <= most:
            self.fault(key, f"expected {least} to {most} characters, found {len(value)}")
        elif least and not value.strip():
            self.fault(key, "is blank")
        elif odd.search(value) is not None:
            self.fault(key, "contains a control character")
        return value

    def flag(self, key: str, value: object) -> bool:
        """Return a true or false."""
        if not isinstance(value, bool):
            self.fault(key, f"expected true or false, found {TYPE_NAMES.get(type(value), 'something else')}")
        return value is True

    def lines(self, key: str, value: object, *, longest: int, most: int) -> tuple[str, ...]:
        """Return a list of texts of one line each."""
        if not isinstance(value, list):
            self.fault(key, f"expected a list, found {TYPE_NAMES.get(type(value), 'something else')}")
            return ()
        if len(value) > most:
            self.fault(key, f"expected at most {most} entries, found {len(value)}")
            return ()
        return tuple(self.line(f"{key}[{index}]", each, most=longest) for index, each in enumerate(value))

    def choice(self, key: str, value: object, choices: Sequence[str]) -> str:
        """Return one of the choices; the first where it is none."""
        if not isinstance(value, str) or value not in choices:
            self.fault(key, f"expected one of {', '.join(choices)}, found {shown(value)}")
            return choices[0]
        return value

    def duration(self, key: str, value: object) -> int:
        """Return a duration in nanoseconds."""
        if not isinstance(value, str) or len(value) > LONGEST_SYMBOL:
            self.fault(key, f"expected a duration such as 90s, found {shown(value)}")
            return 0
        try:
            nanoseconds = duration_ns(value)
        except ValueError as error:
            self.fault(key, str(error))
            return 0
        if nanoseconds > LONGEST_DURATION_NS:
            self.fault(key, f"expected at most 366d, found {value}")
            return 0
        return nanoseconds

    def instant(self, key: str, value: object) -> int | None:
        """Return an RFC 3339 instant as UTC nanoseconds."""
        if value is None:
            return None
        try:
            if not isinstance(value, str) or len(value) > 40 or "T" not in value.upper():
                raise ValueError
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                raise ValueError
            # In UTC, so that what cannot be written back is refused: the year 1, far enough east.
            return (moment.astimezone(UTC) - _EPOCH) // _MICROSECOND * 1000
        except (ValueError, OverflowError):
            self.fault(key, f"expected a time such as 2024-07-02T13:30:00Z or null, found {shown(value)}")
            return None

    def rearm(self, key: str, value: object) -> Rearm:
        """Return a distance: a number, or a text such as ``0.5%``."""
        if isinstance(value, str) and len(value) <= 50 and _PERCENTAGE.fullmatch(value):
            amount, is_percent = float(value[:-1]), True
        elif isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1e15:
            amount, is_percent = float(value), False
        else:
            found = shown(value)
            self.fault(key, f'expected a number of at least 0 or a percentage such as "0.5%", found {found}')
            return Rearm()
        return Rearm(amount, is_percent) if amount else Rearm()

    def symbols(self, value: object) -> tuple[str, ...]:
        """Return one symbol or a list of them, each once."""
        if isinstance(value, str):
            return (self.line("symbol", value, most=LONGEST_SYMBOL),)
        if not isinstance(value, list):
            found = TYPE_NAMES.get(type(value), "something else")
            self.fault("symbol", f"expected a text or a list of texts, found {found}")
            return ()
        symbols = self.lines("symbol", value, longest=LONGEST_SYMBOL, most=MOST_SYMBOLS)
        if not value:
            self.fault("symbol", "expected at least one symbol")
        if len(set(symbols)) != len(symbols):
            self.fault("symbol", "names a symbol twice")
        return symbols

    def channels(self, value: object) -> tuple[str, ...] | None:
        """Return channel names; ``None`` for the settings' routing."""
        if value is None:
            return None
        channels = self.lines("channels", value, longest=LONGEST_SYMBOL, most=len(CHANNEL_NAMES))
        for channel in channels:
            if channel and channel not in CHANNEL_NAMES:
                self.fault("channels", f"expected {', '.join(CHANNEL_NAMES)}, found {shown(channel)}")
        if len(set(channels)) != len(channels):
            self.fault("channels", "names a channel twice")
        return channels


_TIMEFRAMES: Final = tuple(TIMEFRAMES)
_ONS: Final = tuple(each.value for each in EvaluateOn)
_TRIGGERS: Final = tuple(each.value for each in Trigger)
_PRIORITIES: Final = tuple(each.value for each in Priority)

FIELDS: Final[Mapping[str, tuple[str, Callable[[EntryReader, Any], Any]]]] = {
    "name": ("name", lambda reader, value: reader.line("name", value, most=LONGEST_NAME)),
    "symbol": ("symbols", lambda reader, value: reader.symbols(value)),
    # The condition's own limits are the language's to tell.
    "when": ("when", lambda reader, value: reader.text("when", value, most=MOST_BYTES)),
    "on": ("on", lambda reader, value: EvaluateOn(reader.choice("on", value, _ONS))),
    "timeframe": ("timeframe", lambda reader, value: reader.choice("timeframe", value, _TIMEFRAMES)),
    "trigger": ("trigger", lambda reader, value: Trigger(reader.choice("trigger", value, _TRIGGERS))),
    "hold": ("hold_ns", lambda reader, value: reader.duration("hold", value)),
    "cooldown": ("cooldown_ns", lambda reader, value: reader.duration("cooldown", value)),
    "rearm": ("rearm", lambda reader, value: reader.rearm("rearm", value)),
    "priority": ("priority", lambda reader, value: Priority(reader.choice("priority", value, _PRIORITIES))),
    "channels": ("channels", lambda reader, value: reader.channels(value)),
    "message": ("message", lambda reader, value: reader.text("message", value, most=LONGEST_MESSAGE)),
    "active": ("active", lambda reader, value: reader.flag("active", value)),
    "starts_at": ("starts_at_ns", lambda reader, value: reader.instant("starts_at", value)),
    "expires_at": ("expires_at_ns", lambda reader, value: reader.instant("expires_at", value)),
    "notify_clear": ("notify_clear", lambda reader, value: reader.flag("notify_clear", value)),
    "schedule": ("schedule", lambda reader, value: reader.text("schedule", value, most=100)),
    "tags": ("tags", lambda reader, value: reader.lines("tags", value, longest=100, most=100)),
    "notes": ("notes", lambda reader, value: reader.text("notes", value, most=LONGEST_NOTES)),
}
"""Each key of the file: the rule's field it becomes, and how it is read."""


def entry_of(rule: Rule) -> dict[str, Any]:
    """Return the rule's keys; what has its default is left out."""
    symbols = rule.symbols[0] if len(rule.symbols) == 1 else list(rule.symbols)
    entry: dict[str, Any] = {"name": rule.name, "symbol": symbols, "when": rule.when}
    plain = Rule(uid=rule.uid, name=rule.name, symbols=rule.symbols, when=rule.when)
    for key, (field, _) in FIELDS.items():
        value = getattr(rule, field)
        if key not in entry and value != getattr(plain, field):
            entry[key] = _WRITERS[field](value) if field in _WRITERS else value
    return entry


def duration_to_text(nanoseconds: int) -> str:
    """Return a duration in the largest unit that holds it whole: ``90s``, ``5m``."""
    for unit in ("d", "h", "m", "s"):
        if nanoseconds and nanoseconds % DURATION_UNITS[unit] == 0:
            return f"{nanoseconds // DURATION_UNITS[unit]}{unit}"
    return f"{nanoseconds // DURATION_UNITS['ms']}ms" if nanoseconds else "0s"


def _instant_to_text(nanoseconds: int) -> str:
    moment = _EPOCH + timedelta(microseconds=nanoseconds // 1000)
    return moment.isoformat().replace("+00:00", "Z")


def _rearm_to_plain(rearm: Rearm) -> float | str:
    # Written out: 1e-05% would not read back.
    return f"{Decimal(repr(rearm.amount)):f}%".replace(".0%", "%") if rearm.is_percent else rearm.amount


_WRITERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "hold_ns": duration_to_text,
    "cooldown_ns": duration_to_text,
    "rearm": _rearm_to_plain,
    "starts_at_ns": _instant_to_text,
    "expires_at_ns": _instant_to_text,
}
