"""What a rule has besides its condition: when it fires, when it may, how it tells, what is noted of it."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.channel_names import CHANNEL_TITLES
from tradeassist_desktop.domain.durations import spoken_duration, whole_duration
from tradeassist_desktop.domain.market import TIMEFRAMES
from tradeassist_desktop.domain.rules import EvaluateOn, Trigger
from tradeassist_desktop.engine.language import Completion
from tradeassist_desktop.engine.rulefiles.rule_entry import LONGEST_DURATION_NS, LONGEST_MESSAGE
from tradeassist_desktop.ui.theme import Theme
from tradeassist_desktop.ui.widgets.editor.completion import WordCompletion
from tradeassist_desktop.ui.widgets.editor.field_row import FieldRow
from tradeassist_desktop.ui.widgets.editor.fold import Fold
from tradeassist_desktop.ui.widgets.editor.inputs import (
    ChannelsInput,
    CheckInput,
    ChoiceInput,
    Input,
    LineInput,
    ScheduleInput,
    TextInput,
)
from tradeassist_desktop.ui.widgets.editor.typed import SILENT, YES, Typed

TRIGGERS: Final = {
    Trigger.EDGE: "Each time it becomes true",
    Trigger.EVERY: "At every look while it is true",
    Trigger.ONCE: "Once, then it switches off",
    Trigger.ONCE_PER_BAR: "At most once in a bar",
}
LOOKS: Final = {
    "": "As the condition needs",
    EvaluateOn.TICK.value: "At each update",
    EvaluateOn.BAR_CLOSE.value: "At the close of a bar",
}
PLACEHOLDERS: Final[Mapping[str, str]] = {
    "name": "the rule's name",
    "symbol": "the symbol it fired on",
    "value": "the left side of what was true",
    "last": "price of the last trade",
    "bid": "best bid",
    "ask": "best ask",
    "condition": "the condition as it is written",
    "time": "when it fired, in UTC",
    "priority": "the rule's priority",
}
_BEGUN: Final = re.compile(r"\{([a-z]*)\Z")


class RulePolicies(QWidget):
    """Four parts that can be folded; one with a fault in it opens.

    Args:
        preview: Stands below the message.
    """

    edited = Signal(str, str)
    """A key and its text by now, by the trader's hand."""

    def __init__(self, *, theme: Theme, preview: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: dict[str, FieldRow] = {}
        self._folds: dict[str, tuple[Fold, tuple[str, ...]]] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for name, title, fields in (
            ("ruleFires", "How often", self._of_firing()),
            ("ruleTimes", "When", self._of_times()),
            ("ruleTells", "Priority, channels and message", self._of_telling()),
            ("ruleNotes", "Tags and notes", self._of_notes()),
        ):
            body = QWidget(self)
            rows = QVBoxLayout(body)
            rows.setContentsMargins(18, 0, 0, 8)
            rows.setSpacing(6)
            for label, field in fields:
                field.edited.connect(partial(self.edited.emit, field.key))
                row = FieldRow(label=label, field=field, parent=body)
                self._rows[field.key] = row
                rows.addWidget(row)
            if name == "ruleTells":
                rows.addWidget(preview)
            fold = Fold(name=name, title=title, body=body, theme=theme, parent=self, is_open=False)
            self._folds[name] = fold, tuple(field.key for _, field in fields)
            column.addWidget(fold)

    def show_typed(self, typed: Typed) -> None:
        """Show the texts of a rule."""
        for key, row in self._rows.items():
            row.field.show_text(typed[key])
        for name, summary in _SUMMARIES.items():
            self._folds[name][0].summarise(summary(typed))

    def show_faults(self, of_key: Mapping[str, str]) -> None:
        """Say at each field what is wrong with it, where that can be seen."""
        for key, row in self._rows.items():
            row.show_fault(of_key.get(key, ""))
        for fold, keys in self._folds.values():
            if any(key in of_key for key in keys):
                fold.unfold()

    def go_to(self, key: str) -> bool:
        """Put the keyboard into a field; return whether it is here."""
        row = self._rows.get(key)
        if row is None:
            return False
        for fold, keys in self._folds.values():
            if key in keys:
                fold.unfold()
        row.field.setFocus()
        return True

    # --- the fields

    def _of_firing(self) -> list[tuple[str, Input]]:
        triggers = [(trigger.value, words) for trigger, words in TRIGGERS.items()]
        bars = [(timeframe, timeframe) for timeframe in TIMEFRAMES]
        return [
            ("Fires", self._choice("trigger", "How often it fires", triggers)),
            ("Looked at", self._choice("on", "When the condition is looked at", list(LOOKS.items()))),
            ("Bars of", self._choice("timeframe", "Bars where the condition names none", bars)),
            ("True for", self._line("hold", "How long it must stay true", "at once", _HOLD)),
            ("Cooldown", self._line("cooldown", "How long it rests after an alert", "none", _COOLDOWN)),
            ("Rearm", self._line("rearm", "How far a level must be left", "as soon as it is left", _REARM)),
        ]

    def _of_times(self) -> list[tuple[str, Input]]:
        schedule = ScheduleInput(key="schedule", title="When it may fire", theme=self._theme, parent=self)
        return [
            ("May fire", schedule),
            ("Starts", self._line("starts_at", "When it starts", "at once", _MOMENT)),
            ("Expires", self._line("expires_at", "When it expires", "never", _MOMENT)),
        ]

    def _of_telling(self) -> list[tuple[str, Input]]:
        channels = [(name, f"{title[:1].upper()}{title[1:]}") for name, title in CHANNEL_TITLES.items()]
        priorities = [(each.value, each.value.capitalize()) for each in Priority]
        message = TextInput(
            key="message",
            title="Message",
            parent=self,
            help=f"Up to {LONGEST_MESSAGE} letters; {{ offers what can be filled in",
            hint="The condition with its values, or your own words: {symbol} at {last}",
            lines=2,
        )
        message.text.proposals = WordCompletion(
            editor=message.text, hints=None, theme=self._theme, words=placeholders_at
        )
        return [
            ("Priority", self._choice("priority", "Priority", priorities)),
            (
                "Channels",
                ChannelsInput(
                    key="channels", title="Channels", channels=channels, theme=self._theme, parent=self
                ),
            ),
            (
                "When over",
                CheckInput(
                    key="notify_clear",
                    title="Tell when it is no longer true",
                    words="Tell that, too",
                    theme=self._theme,
                    parent=self,
                ),
            ),
            ("Message", message),
        ]

    def _of_notes(self) -> list[tuple[str, Input]]:
        notes = TextInput(key="notes", title="Notes", parent=self, hint="Why this rule is there", lines=3)
        return [
            ("Tags", self._line("tags", "Tags", "breakout, morning", "Separated by commas")),
            ("Notes", notes),
        ]

    def _choice(self, key: str, title: str, choices: Sequence[tuple[str, str]]) -> ChoiceInput:
        return ChoiceInput(key=key, title=title, choices=choices, theme=self._theme, parent=self)

    def _line(self, key: str, title: str, hint: str, help: str) -> LineInput:
        return LineInput(key=key, title=title, parent=self, hint=hint, help=help)


def placeholders_at(text: str, column: int) -> list[Completion]:
    """Return what could stand at a column of a message: what is filled in, after an opening brace."""
    begun = _BEGUN.search(text[: column - 1])
    if begun is None:
        return []
    return [
        Completion(f"{name}}}", doc, f"{{{name}}}")
        for name, doc in PLACEHOLDERS.items()
        if name.startswith(begun[1])
    ]


_HOLD: Final = "Such as 10 s or 2m: it must be true all that time before it fires"
_COOLDOWN: Final = "Such as 90 s, 10m or 1 h: what would fire meanwhile is recorded, and not told"
_REARM: Final = "Such as 1.25 or 0.5%: how far a level must be left before it fires again"
_MOMENT: Final = "Local time: 2027-01-15 15:30, 15:30 or +2h"


def _of_firing(typed: Typed) -> str:
    parts = [TRIGGERS[Trigger(typed["trigger"])].lower()]
    told = ((name, _told(typed[key])) for key, name in (("hold", "true for"), ("cooldown", "cooldown")))
    return ", ".join([*parts, *(f"{name} {length}" for name, length in told if length)])


def _told(duration: str) -> str:
    """Return a typed duration as it is told elsewhere; empty for none, and as it is where it is wrong."""
    try:
        nanoseconds = spoken_duration(duration, longest_ns=LONGEST_DURATION_NS)
    except ValueError:
        return duration
    return whole_duration(nanoseconds) if nanoseconds else ""


def _of_times(typed: Typed) -> str:
    may = {"always": "at any time", "rth": "regular hours", "eth": "regular and extended hours"}
    parts = [may.get(typed["schedule"], typed["schedule"])]
    parts += [
        f"{name} {typed[key]}" for key, name in (("starts_at", "from"), ("expires_at", "until")) if typed[key]
    ]
    return ", ".join(parts)


def _of_telling(typed: Typed) -> str:
    names = [CHANNEL_TITLES.get(name, name) for name in typed["channels"].split(", ") if name]
    where = "nowhere" if typed["channels"] == SILENT else ", ".join(names) or "as routed"
    parts = [typed["priority"], where]
    return ", ".join(parts + (["and when over"] if typed["notify_clear"] == YES else []))


def _of_notes(typed: Typed) -> str:
    return ", ".join(part for part in (typed["tags"], " ".join(typed["notes"].split())) if part)


_SUMMARIES: Final[Mapping[str, Callable[[Typed], str]]] = {
    "ruleFires": _of_firing,
    "ruleTimes": _of_times,
    "ruleTells": _of_telling,
    "ruleNotes": _of_notes,
}
