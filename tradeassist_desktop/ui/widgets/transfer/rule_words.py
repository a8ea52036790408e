"""How the rules of a file, and what differs in them, are told to a trader."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tradeassist_desktop.domain.durations import whole_duration
from tradeassist_desktop.domain.rules import EvaluateOn, Rearm, Rule, Trigger
from tradeassist_desktop.services.transfer.comparing import Choice, Incoming, IncomingKind
from tradeassist_desktop.ui import text

_TRIGGERS: Final = {
    Trigger.EDGE: "when it becomes true",
    Trigger.EVERY: "each time it is true",
    Trigger.ONCE: "once",
    Trigger.ONCE_PER_BAR: "once per bar",
}
_ONS: Final = {
    None: "as the condition asks",
    EvaluateOn.TICK: "at each update",
    EvaluateOn.BAR_CLOSE: "at the close of a bar",
}
_LABELS: Final = {
    Choice.ADD: "Add",
    Choice.REPLACE: "Replace mine",
    Choice.KEEP_MINE: "Keep mine",
    Choice.ADD_BESIDE: "Add under another name",
    Choice.SKIP: "Skip",
}


def _instant(nanoseconds: int | None) -> str:
    return "not set" if nanoseconds is None else f"{text.local(nanoseconds):%a %d %b %Y %H:%M:%S}"


def _rearm(rearm: Rearm) -> str:
    return f"{rearm.amount:g} %" if rearm.is_percent else f"{rearm.amount:g}" if rearm.amount else "none"


def _duration(nanoseconds: int) -> str:
    return whole_duration(nanoseconds) if nanoseconds else "none"


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words) or "none"


FIELDS: Final[Mapping[str, tuple[str, Callable[[Rule], str]]]] = {
    "name": ("Name", lambda rule: rule.name),
    "symbol": ("Symbol", lambda rule: _listed(rule.symbols)),
    "when": ("Condition", lambda rule: rule.when),
    "on": ("Evaluated", lambda rule: _ONS[rule.on]),
    "timeframe": ("Timeframe", lambda rule: rule.timeframe),
    "trigger": ("Fires", lambda rule: _TRIGGERS[rule.trigger]),
    "hold": ("Hold", lambda rule: _duration(rule.hold_ns)),
    "cooldown": ("Cooldown", lambda rule: _duration(rule.cooldown_ns)),
    "rearm": ("Rearm", lambda rule: _rearm(rule.rearm)),
    "priority": ("Priority", lambda rule: rule.priority.value),
    "channels": ("Channels", lambda rule: "by priority" if rule.channels is None else _listed(rule.channels)),
    "message": ("Message", lambda rule: rule.message or "made from the condition"),
    "active": ("State", lambda rule: "on" if rule.active else "off"),
    "starts_at": ("Starts", lambda rule: _instant(rule.starts_at_ns)),
    "expires_at": ("Expires", lambda rule: _instant(rule.expires_at_ns)),
    "notify_clear": ("Tells when over", lambda rule: "yes" if rule.notify_clear else "no"),
    "schedule": ("Schedule", lambda rule: rule.schedule),
    "tags": ("Tags", lambda rule: _listed(rule.tags)),
    "notes": ("Notes", lambda rule: rule.notes or "none"),
}
"""The keys of a rule file: what each is called, and how its value is shown."""

_PLAIN: Final = Rule(uid="", name="", symbols=(), when="")
_ALWAYS_SHOWN: Final = ("symbol", "when")
_PROSE: Final = ("message", "notes")


@dataclass(frozen=True, slots=True)
class Difference:
    """One line beside the list: a field, as the trader has it and as the file has it.

    ``mine`` is ``None`` where there is nothing to compare with. Who reads ``is_prose`` need not copy it.
    """

    label: str
    mine: str | None
    theirs: str
    is_prose: bool = False


def label_of(choice: Choice, incoming: Incoming) -> str:
    """Return what is to become of a rule, as a cell says it."""
    if incoming.kind is IncomingKind.SAME:
        return "Nothing to do"
    return _LABELS[choice]


def choice_label(choice: Choice) -> str:
    """Return what a button that chooses this says."""
    return _LABELS[choice]


def difference_in_words(incoming: Incoming) -> str:
    """Return in one line what a rule would bring."""
    mine = incoming.mine
    if mine is None:
        return incoming.rule.when
    if incoming.kind is IncomingKind.SAME:
        return "as yours"
    if incoming.has_twin:
        return f"you have it as “{mine.name}”"
    if incoming.kind is IncomingKind.CONFLICT:
        return "yours of this name watches something else"
    return ", ".join(
        f"{FIELDS[key][0].lower()}: {_short(FIELDS[key][1](mine))} → {_short(FIELDS[key][1](incoming.rule))}"
        for key in incoming.differing
    )


def explained(incoming: Incoming) -> str:
    """Return in a sentence or two how a rule stands to the trader's, and what can be done."""
    mine = incoming.mine
    if mine is None:
        return "You have no rule of this name."
    if incoming.kind is IncomingKind.SAME:
        return "You have it exactly so: importing it changes nothing."
    if incoming.has_twin:
        return (
            f"You have the same rule as “{mine.name}”. Added as well, it would alert twice; replacing yours "
            "only renames it."
        )
    if incoming.kind is IncomingKind.CONFLICT:
        return (
            "You have a rule of this name, but it watches something else. Replaced, it would be gone; under "
            "another name you have both."
        )
    return f"{text.plural(len(incoming.differing), 'field')} of yours would change."


def differences(incoming: Incoming) -> tuple[Difference, ...]:
    """Return what is shown of a rule field by field: what differs, or of a new one what it sets."""
    rule, mine = incoming.rule, incoming.mine
    if mine is not None and incoming.differing:
        return tuple(
            Difference(label, show(mine), show(rule), key in _PROSE)
            for key, (label, show) in FIELDS.items()
            if key in incoming.differing
        )
    return tuple(
        Difference(label, None, show(rule), key in _PROSE)
        for key, (label, show) in FIELDS.items()
        if key != "name" and (key in _ALWAYS_SHOWN or show(rule) != show(_PLAIN))
    )


def _short(value: Any) -> str:
    words = " ".join(str(value).split())
    return words if len(words) <= 60 else f"{words[:57]}…"
