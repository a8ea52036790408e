"""The outside of a rule file: bytes into its list of rules, within limits that keep hostile files cheap."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from tradeassist_desktop.domain.errors import BadInput, Fault

FORMAT: Final = "tradeassist-rules"
VERSION: Final = 1
MOST_RULES: Final = 10_000
MOST_BYTES: Final = 10 * 1024 * 1024
MOST_CONDITION_CHARACTERS: Final = 2_000_000

TYPE_NAMES: Final[Mapping[type, str]] = {
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
    type(None): "null",
}

# Each stands at least once for each value of its sort, and cheaply counted before anything is made of
# the bytes: 10 MiB of "{}," would be 200 MiB of objects. What 10,000 full rules hold fits several times.
_MOST_OF: Final = ((b":", 400_000), (b",", 600_000), (b"{", 200_000), (b"[", 400_000))

_LONGEST_REASON: Final = 150
_KEY: Final = re.compile(rb'"[ \t\r\n]*+:')


@dataclass(frozen=True, slots=True)
class RuleDocument:
    """The rules of a file as plain JSON values.

    Args:
        repeated: Keys given more than once, by the ``id`` of the entry that has them.
    """

    entries: list[Any]
    repeated: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


def read_document(content: bytes) -> RuleDocument:
    """Return what a rule file holds, its rules unread.

    Raises:
        BadInput: it is no rule file, or beyond the limits; one fault.
    """
    if len(content) > MOST_BYTES:
        raise refusal("", f"larger than {MOST_BYTES // 1024 // 1024} MiB")
    content = content.removeprefix(b"\xef\xbb\xbf")
    for mark, most in _MOST_OF:
        if content.count(mark) > most:
            raise refusal("", f"holds more values than {MOST_RULES:,} rules need")
    document, repeated = _decoded(content)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise refusal("format", f'expected a JSON object with "format": "{FORMAT}"')
    version = document.get("version")
    if type(version) is not int or version != VERSION:
        raise refusal("version", f"expected {VERSION}, found {shown(version)}")
    for key in document:
        if key not in ("format", "version", "rules"):
            raise refusal(key_text(key), "unknown key")
    if id(document) in repeated:
        raise refusal(key_text(repeated[id(document)][0]), "is given twice")
    entries = document.get("rules")
    if not isinstance(entries, list):
        raise refusal("rules", f"expected a list, found {TYPE_NAMES.get(type(entries), 'nothing')}")
    if len(entries) > MOST_RULES:
        raise refusal("rules", f"at most {MOST_RULES} rules, found {len(entries)}")
    conditions = (entry.get("when") for entry in entries if isinstance(entry, dict))
    if sum(len(when) for when in conditions if isinstance(when, str)) > MOST_CONDITION_CHARACTERS:
        raise refusal("rules", f"conditions of more than {MOST_CONDITION_CHARACTERS:,} characters in all")
    return RuleDocument(entries, repeated)


def refusal(place: str, message: str) -> BadInput:
    """Return the error of one fault."""
    return BadInput([Fault(place=place, message=message)])


def shown(value: object) -> str:
    """Return a value as a fault shows it: short, on one line, whatever was sent."""
    if isinstance(value, str):
        return repr(value) if len(value) <= 60 else f"{value[:57]!r}…"
    if isinstance(value, list | dict):
        return TYPE_NAMES[type(value)]
    if isinstance(value, bool) or value is None:
        return TYPE_NAMES[type(value)] if value is None else str(value).lower()
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def key_text(key: str) -> str:
    """Return an unknown key as a fault's place: short, and safe to print."""
    key = key if len(key) <= 60 else f"{key[:57]}…"
    return key if key.isprintable() and key else repr(key)


def _decoded(content: bytes) -> tuple[Any, dict[int, tuple[str, ...]]]:
    try:
        document = msgspec.json.decode(content)
        if len(_KEY.findall(content)) == _keys(document):
            return document, {}
        del document  # the slower reader makes its own: not both at once
        return _decoded_with_repeats(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # It tells the way to the place, bracket by bracket: of a thousand, too many.
        reason = str(error).removeprefix("JSON is malformed: ")[:_LONGEST_REASON]
        raise refusal("", f"not JSON, which a rule file is: {reason}") from None
    except RecursionError:
        raise refusal("", "not a rule file: nested too deeply") from None


def _keys(document: Any) -> int:
    """Return how many keys a rule file without nested objects would have."""
    if not isinstance(document, dict):
        return 0
    rules = document.get("rules")
    entries = rules if isinstance(rules, list) else ()
    return len(document) + sum(len(entry) for entry in entries if isinstance(entry, dict))


def _decoded_with_repeats(content: bytes) -> tuple[Any, dict[int, tuple[str, ...]]]:
    # JSON lets the last of two equal keys win in silence. Only where a quotation mark before a colon was
    # left over (most often inside a text) is the slower reader asked, which tells of each key.
    repeated: dict[int, tuple[str, ...]] = {}
    kept: list[dict[str, Any]] = []  # so that no id is given to a second object

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        values = dict(pairs)
        if len(values) < len(pairs):
            if len(kept) == MOST_RULES:
                raise refusal("", f"gives keys twice in more than {MOST_RULES:,} objects")
            counts = Counter(key for key, _ in pairs)
            repeated[id(values)] = tuple(key for key, count in counts.items() if count > 1)
            kept.append(values)
        return values

    return json.loads(content, object_pairs_hook=collect), repeated
