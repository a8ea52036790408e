"""In what order rules stand, and under which tags."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.services.worth.track_record import TrackRecord
from tradeassist_desktop.ui.models.rules.choosing import NO_TAG, tags_of
from tradeassist_desktop.ui.models.rules.columns import RulesColumn
from tradeassist_desktop.ui.models.rules.facts import KIND_TITLES, RuleFacts
from tradeassist_desktop.ui.models.rules.states import RANK, Standing

_PRIORITIES = {priority: rank for rank, priority in enumerate(Priority)}


@dataclass(frozen=True, slots=True)
class Sorting:
    """By which column, and whether the last comes first; without a column in the rules' own order."""

    column: RulesColumn | None = None
    is_reversed: bool = False


@dataclass(frozen=True, slots=True)
class TagGroup:
    """The line above the rules of a tag.

    Args:
        tag: ``NO_TAG`` for rules without any.
        uids: The rules below it.
    """

    tag: str
    uids: tuple[str, ...]
    is_open: bool

    @property
    def title(self) -> str:
        """The tag as it is shown."""
        return self.tag or "No tag"


Line = Rule | TagGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of rules, each by a rule; ``None`` where it is not known yet."""

    facts: Callable[[Rule], RuleFacts | None]
    state: Callable[[Rule], Standing | None]
    fires_today: Callable[[str], int]
    record: Callable[[str], TrackRecord | None]


def in_order(rules: Sequence[Rule], sorting: Sorting, known: Known) -> Sequence[Rule]:
    """Return rules by a column; those that are equal stay as they stand."""
    if sorting.column is None:
        return rules
    return sorted(rules, key=_keys(known)[sorting.column], reverse=sorting.is_reversed)


def grouped(rules: Sequence[Rule], closed: Set[str]) -> list[Line]:
    """Return lines of tags, each with its rules below unless it is closed; a rule under all of its own."""
    of_tag: dict[str, list[Rule]] = {}
    for rule in rules:
        for tag in tags_of(rule):
            of_tag.setdefault(tag, []).append(rule)
    lines: list[Line] = []
    for tag in sorted(of_tag, key=lambda tag: (tag == NO_TAG, tag.casefold())):
        is_open = tag not in closed
        lines.append(TagGroup(tag, tuple(rule.uid for rule in of_tag[tag]), is_open))
        if is_open:
            lines.extend(of_tag[tag])
    return lines


def _keys(known: Known) -> Mapping[RulesColumn, Callable[[Rule], Any]]:
    def words(rule: Rule) -> str:
        facts = known.facts(rule)
        return (rule.when if facts is None else facts.words).casefold()

    def kind(rule: Rule) -> str:
        facts = known.facts(rule)
        return "" if facts is None else KIND_TITLES[facts.kind]

    def state(rule: Rule) -> int:
        standing = known.state(rule)
        return len(RANK) if standing is None else RANK[standing.phase]

    def last_fired(rule: Rule) -> int:
        standing = known.state(rule)
        return 0 if standing is None else standing.last_fired_ns

    def outcome(rule: Rule) -> float:
        record = known.record(rule.uid)
        return -1.0 if record is None else record.share

    return {
        RulesColumn.SWITCH: lambda rule: not rule.active,
        RulesColumn.RULE: lambda rule: rule.name.casefold(),
        RulesColumn.CONDITION: words,
        RulesColumn.SYMBOL: lambda rule: rule.symbols,
        RulesColumn.STATE: state,
        RulesColumn.FIRED: last_fired,
        RulesColumn.TODAY: lambda rule: known.fires_today(rule.uid),
        RulesColumn.PRIORITY: lambda rule: _PRIORITIES[rule.priority],
        RulesColumn.TAGS: lambda rule: (not rule.tags, rule.tags),
        RulesColumn.COOLDOWN: lambda rule: rule.cooldown_ns,
        RulesColumn.KIND: kind,
        RulesColumn.CHANNELS: lambda rule: rule.channels or (),
        RulesColumn.OUTCOME: outcome,
    }
