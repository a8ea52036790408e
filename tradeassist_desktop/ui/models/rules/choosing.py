"""Which rules the table shows: words searched for, and values picked."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from tradeassist_desktop.domain.rules import Rule

ValuesOf = Callable[[Rule], Sequence[str]]
"""Returns the values a rule has of a facet."""


class Facet(StrEnum):
    """What rules can be picked by."""

    STATE = "state"
    SYMBOL = "symbol"
    TAG = "tag"
    PRIORITY = "priority"
    KIND = "kind"


NO_TAG: Final = ""
"""The tag of a rule without any."""


@dataclass(frozen=True, slots=True)
class Choosing:
    """What is chosen: a rule has all the words, and of each facet one of the values picked."""

    words: tuple[str, ...] = ()
    picked: Mapping[Facet, frozenset[str]] = field(default_factory=dict)

    @property
    def is_everything(self) -> bool:
        """Whether every rule is chosen."""
        return not self.words and not self.picked

    def searching(self, text: str) -> "Choosing":
        """Return the same with other words searched for."""
        return replace(self, words=tuple(text.casefold().split()))

    def toggled(self, facet: Facet, value: str) -> "Choosing":
        """Return the same with one value more, or less."""
        values = self.picked.get(facet, frozenset()) ^ {value}
        picked = {each: old for each, old in self.picked.items() if each is not facet}
        if values:
            picked[facet] = values
        return replace(self, picked=picked)

    def chosen(
        self,
        rules: Sequence[Rule],
        text_of: Callable[[Rule], str],
        values: Mapping[Facet, ValuesOf],
        *,
        but: Facet | None = None,
    ) -> Sequence[Rule]:
        """Return the rules that are chosen, in their order.

        Args:
            but: A facet that is not looked at: what could be picked of it besides.
        """
        for facet, wanted in self.picked.items():
            if facet is not but:
                of = values[facet]
                rules = [rule for rule in rules if not wanted.isdisjoint(of(rule))]
        for word in self.words:
            rules = [rule for rule in rules if word in text_of(rule)]
        return rules


def counted(rules: Sequence[Rule], values_of: ValuesOf) -> Counter[str]:
    """Return how many rules have each value."""
    return Counter(value for rule in rules for value in values_of(rule))


def tags_of(rule: Rule) -> Sequence[str]:
    """Return a rule's tags; ``NO_TAG`` for none."""
    return rule.tags or (NO_TAG,)
