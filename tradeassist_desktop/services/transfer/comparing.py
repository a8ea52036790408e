"""What a rule file would change: each of its rules beside the trader's own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.conditions import operands
from tradeassist_desktop.engine.meaning import meaning_of


class IncomingKind(StrEnum):
    """How a rule of a file stands to the trader's.

    ``CONFLICT``: it has the name of a rule that watches something else, or another name than a rule that
    says the same.
    """

    NEW = "new"
    CHANGED = "changed"
    CONFLICT = "conflict"
    SAME = "same"


class Choice(StrEnum):
    """What becomes of a rule of a file."""

    ADD = "add"
    REPLACE = "replace"
    KEEP_MINE = "keep mine"
    ADD_BESIDE = "add under another name"
    SKIP = "skip"


CHOICES: Final[Mapping[IncomingKind, tuple[Choice, ...]]] = {
    IncomingKind.NEW: (Choice.ADD, Choice.SKIP),
    IncomingKind.CHANGED: (Choice.REPLACE, Choice.KEEP_MINE, Choice.ADD_BESIDE),
    IncomingKind.CONFLICT: (Choice.KEEP_MINE, Choice.REPLACE, Choice.ADD_BESIDE),
    IncomingKind.SAME: (Choice.KEEP_MINE,),
}
"""What can be chosen for each kind, the default first: of a conflict nothing is lost by it."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One rule of a file.

    Args:
        rule: As the file has it.
        mine: The trader's rule it is compared with; ``None`` for a new one.
        differing: Keys of the rule file whose values differ from the trader's.
    """

    rule: Rule
    kind: IncomingKind
    mine: Rule | None = None
    differing: tuple[str, ...] = ()

    @property
    def has_twin(self) -> bool:
        """Whether the trader has the same rule under another name."""
        return self.kind is IncomingKind.CONFLICT and self.differing == ("name",)


KEYS: Final[Mapping[str, Callable[[Rule], Any]]] = {
    "name": lambda rule: rule.name,
    "symbol": lambda rule: rule.symbols,
    "when": lambda rule: rule.when,
    "on": lambda rule: rule.on,
    "timeframe": lambda rule: rule.timeframe,
    "trigger": lambda rule: rule.trigger,
    "hold": lambda rule: rule.hold_ns,
    "cooldown": lambda rule: rule.cooldown_ns,
    "rearm": lambda rule: rule.rearm,
    "priority": lambda rule: rule.priority,
    "channels": lambda rule: rule.channels,
    "message": lambda rule: rule.message,
    "active": lambda rule: rule.active,
    # A file has microseconds.
    "starts_at": lambda rule: None if rule.starts_at_ns is None else rule.starts_at_ns // 1_000,
    "expires_at": lambda rule: None if rule.expires_at_ns is None else rule.expires_at_ns // 1_000,
    "notify_clear": lambda rule: rule.notify_clear,
    "schedule": lambda rule: rule.schedule,
    "tags": lambda rule: rule.tags,
    "notes": lambda rule: rule.notes,
}
"""The keys of a rule file, in order, with what is compared of each."""


def compare(
    incoming: Sequence[Rule],
    mine: Iterable[Rule],
    *,
    on_progress: Callable[[int, int], None] = lambda done, whole: None,
) -> tuple[Incoming, ...]:
    """Return the rules of a file, in its order, each with how it stands to the trader's.

    Args:
        on_progress: Told before each rule how many were compared, and of how many.
    """
    by_name = {rule.name: rule for rule in mine}
    named_in_file = {rule.name for rule in incoming}
    # One that the file names too is compared by its name, and is no twin of another.
    by_content = {
        _content(rule): rule for name, rule in reversed(by_name.items()) if name not in named_in_file
    }
    compared: list[Incoming] = []
    for place, rule in enumerate(incoming):
        on_progress(place, len(incoming))
        own = by_name.get(rule.name)
        if own is not None:
            compared.append(_beside(rule, own))
            continue
        twin = by_content.get(_content(rule))
        if twin is not None:
            compared.append(Incoming(rule, IncomingKind.CONFLICT, twin, ("name",)))
        else:
            compared.append(Incoming(rule, IncomingKind.NEW))
    return tuple(compared)


def _beside(rule: Rule, own: Rule) -> Incoming:
    theirs, ours = _canonical(rule), _canonical(own)
    # Where neither says when it is evaluated, that follows from the conditions, which are told.
    passed_over = ("on",) if rule.on is None and own.on is None else ()
    differing = tuple(
        key for key, value in KEYS.items() if key not in passed_over and value(theirs) != value(ours)
    )
    if not differing:
        return Incoming(rule, IncomingKind.SAME, own)
    shares_symbol = not set(rule.symbols).isdisjoint(own.symbols)
    is_same_watch = shares_symbol and not _reads(rule).isdisjoint(_reads(own))
    return Incoming(rule, IncomingKind.CHANGED if is_same_watch else IncomingKind.CONFLICT, own, differing)


def _content(rule: Rule) -> tuple[Any, ...]:
    canonical = _canonical(rule)
    return tuple(value(canonical) for key, value in KEYS.items() if key != "name")


def _canonical(rule: Rule) -> Rule:
    """Return the rule with its condition as the language writes it, and when it is evaluated said."""
    try:
        meaning = meaning_of(rule)
    except BadInput:  # one of the trader's that no longer says anything sound
        return rule
    return replace(rule, when=meaning.text, on=meaning.on)


def _reads(rule: Rule) -> set[tuple[str | None, str]]:
    try:
        return {(operand.symbol, operand.name) for operand in operands(meaning_of(rule).condition)}
    except BadInput:
        return set()
