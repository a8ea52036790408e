"""Rule files: JSON in and out, refused whole with every fault listed."""

import uuid
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.meaning import meaning_of
from tradeassist_desktop.engine.rulefiles.quick_rule import quick_rule
from tradeassist_desktop.engine.rulefiles.rule_document import (
    FORMAT,
    MOST_BYTES,
    MOST_RULES,
    VERSION,
    read_document,
)
from tradeassist_desktop.engine.rulefiles.rule_entry import (
    LONGEST_NAME,
    EntryReader,
    duration_to_text,
    entry_of,
)

MOST_FAULTS: Final = 1_000
"""Faults listed of one file; reading stops there."""

MOST_WRONG_CHARACTERS: Final = 100_000
"""Length of all wrong conditions read: to say what is wrong with one takes longer than to read it."""

_NAMESPACE: Final = uuid.UUID("6f1d8f7c-2f63-4c7e-9a55-3b8f0f8b5d10")


def uid_of_name(name: str) -> str:
    """Return the identity of a rule that only its file knows: the same for the same name."""
    return str(uuid.uuid5(_NAMESPACE, name))


def parse_rules(
    content: bytes,
    *,
    uid: Callable[[str], str] = uid_of_name,
    on_progress: Callable[[int, int], None] = lambda done, whole: None,
) -> tuple[Rule, ...]:
    """Return the rules of a rule file.

    Args:
        uid: Gives a rule its identity by its name.
        on_progress: Told before each rule how many were read, and of how many; what it raises ends it.

    Raises:
        BadInput: with every fault, placed as ``rules[3].when``; nothing is half read. After
            ``MOST_FAULTS``, or ``MOST_WRONG_CHARACTERS`` of wrong conditions, the rest is not looked
            at, and a last fault says so.
    """
    document = read_document(content)
    faults: list[Fault] = []
    rules: list[Rule] = []
    names: dict[str, int] = {}
    wrong_characters = 0
    for index, entry in enumerate(document.entries):
        if len(faults) >= MOST_FAULTS or wrong_characters > MOST_WRONG_CHARACTERS:
            faults[MOST_FAULTS:] = [Fault(f"rules[{index}]", "not read, nor what follows: too many faults")]
            break
        on_progress(index, len(document.entries))
        place = f"rules[{index}]"
        reader = EntryReader(place)
        rule = reader.rule(entry, document.repeated.get(id(entry), ()), uid)
        if rule is not None:
            if rule.name in names:
                reader.fault("name", f"rules[{names[rule.name]}] is called {rule.name[:LONGEST_NAME]!r} too")
            names.setdefault(rule.name, index)
            try:
                meaning_of(rule)
            except BadInput as error:
                wrong_characters += len(rule.when)
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
    document = {"format": FORMAT, "version": VERSION, "rules": [entry_of(rule) for rule in rules]}
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


__all__ = [
    "FORMAT",
    "MOST_BYTES",
    "MOST_FAULTS",
    "MOST_RULES",
    "MOST_WRONG_CHARACTERS",
    "VERSION",
    "duration_to_text",
    "parse_rules",
    "quick_rule",
    "rules_to_json",
    "uid_of_name",
]
