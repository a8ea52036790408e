"""The rules there are: in their order, by uid and by name."""

from collections.abc import Iterable, Mapping, Set
from typing import Final

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.rulefiles.rule_entry import LONGEST_NAME

_ROOM_FOR_NUMBER: Final = 10


class RuleBook:
    """Has each rule at its place; the place of one that was removed stays its own, should it come back."""

    def __init__(self) -> None:
        self._rules: dict[str, Rule] = {}
        self._places: dict[str, int] = {}
        self._is_ordered = True  # until a removed rule comes back, at the end of the dictionary
        self._in_order: tuple[Rule, ...] | None = None
        self._uid_of_name: dict[str, str] = {}

    def load(self, rules: Iterable[Rule]) -> None:
        """Take the rules of this run in their order, in place of all others."""
        self._rules = {rule.uid: rule for rule in rules}
        self._places = {uid: place for place, uid in enumerate(self._rules)}
        self._is_ordered, self._in_order = True, None
        self._uid_of_name = {rule.name: rule.uid for rule in self._rules.values()}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._rules)

    def all(self) -> tuple[Rule, ...]:
        """Return the rules in their order; the same object until something changes."""
        if self._in_order is None:
            if not self._is_ordered:
                self._rules = dict(sorted(self._rules.items(), key=lambda each: self._places[each[0]]))
                self._is_ordered = True
            self._in_order = tuple(self._rules.values())
        return self._in_order

    def get(self, uid: str) -> Rule | None:
        """Return the rule, or ``None`` if there is none of that uid."""
        return self._rules.get(uid)

    def place_of(self, uid: str) -> int | None:
        """Return a rule's place, also of one that was removed; ``None`` if there was never one."""
        return self._places.get(uid)

    def uid_of_name(self, name: str) -> str | None:
        """Return whose name it is."""
        return self._uid_of_name.get(name)

    def free_name(self, wanted: str, *, taken: Set[str] = frozenset()) -> str:
        """Return a name that no rule has: the wanted one, or with a number.

        Args:
            taken: Names that are to be other rules'.
        """

        def is_taken(name: str) -> bool:
            return name in taken or name in self._uid_of_name

        name, number = wanted, 2
        while is_taken(name):
            name = f"{wanted[: LONGEST_NAME - _ROOM_FOR_NUMBER]} ({number})"
            number += 1
        return name

    def owners(self, after: Mapping[str, Rule | None]) -> dict[str, str]:
        """Return who of the others has each name that ``after`` wants: uids by names."""
        wanted = {rule.name for rule in after.values() if rule is not None}
        found = ((name, self._uid_of_name.get(name)) for name in wanted)
        return {name: uid for name, uid in found if uid is not None and uid not in after}

    def take(self, rule: Rule) -> int:
        """Have a rule among the others: at its place, or a new one at the end; return the place."""
        before = self._rules.get(rule.uid)
        if before is not None:
            self._free(before)
        elif rule.uid in self._places:
            self._is_ordered = False
        self._rules[rule.uid] = rule
        self._uid_of_name[rule.name] = rule.uid
        self._in_order = None
        return self._places.setdefault(rule.uid, len(self._places))

    def drop(self, uid: str) -> None:
        """Have a rule no longer."""
        self._free(self._rules.pop(uid))
        self._in_order = None

    def _free(self, rule: Rule) -> None:
        # Rules of one change may swap names: the other may have this one's already.
        if self._uid_of_name.get(rule.name) == rule.uid:
            del self._uid_of_name[rule.name]
