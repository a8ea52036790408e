"""A change of rules with its way back."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any, Final

from tradeassist_desktop.domain.access import Act, Gate
from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.meaning import meaning_of
from tradeassist_desktop.engine.rulefiles.rule_entry import LONGEST_NAME, EntryReader
from tradeassist_desktop.services.changes import Change, Overtaken
from tradeassist_desktop.services.delivery.in_turns import A_TURN
from tradeassist_desktop.services.rules.book import RuleBook
from tradeassist_desktop.services.rules.in_force import InForce, OnProgress, RulesAfter

_MEANING: Final = attrgetter(
    "when",
    "on",
    "timeframe",
    "trigger",
    "hold_ns",
    "rearm",
    "message",
    "schedule",
    "starts_at_ns",
    "expires_at_ns",
)


class RuleEdit:
    """Rules added, changed and removed together: all or none of them.

    That a rule was switched off by the program meanwhile, having fired its ``once``, is no change from
    elsewhere: the edit leaves it off unless it is about the switch itself.

    Args:
        after: By uid, each rule as it shall be; ``None`` for one that shall be no more.
        access: Asked each time it is done or undone, for whoever is at the desk then.
        on_progress: Told how many of its rules are in force, and of how many.
    """

    def __init__(
        self,
        *,
        words: str,
        after: RulesAfter,
        book: RuleBook,
        in_force: InForce,
        access: Gate,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._words = words
        self._book = book
        self._in_force = in_force
        self._access = access
        self._on_progress = on_progress
        self._before: dict[str, Rule | None] = {uid: book.get(uid) for uid in after}
        self._after: dict[str, Rule | None] = dict(after)
        self._arming: Mapping[str, Any] = {}

    @property
    def words(self) -> str:
        """What it does, as an order."""
        return self._words

    @property
    def is_done(self) -> bool:
        """Whether the rules stand as it leaves them."""
        return self._stand(self._after)

    @property
    def is_undone(self) -> bool:
        """Whether they stand as before it."""
        return self._stand(self._before)

    def check(self) -> None:
        """Look whether every rule says something sound.

        Raises:
            BadInput: of several rules with places as in a file, in the order given: ``rules[3].name``.
        """
        for _ in self._checking():
            pass

    async def check_in_turns(self) -> None:
        """Check thousands of rules without holding up the market; raises as ``check`` does."""
        for number in self._checking():
            if number % A_TURN == 0:
                await asyncio.sleep(0)

    async def do(self) -> None:
        """Have the rules as they shall be.

        Raises:
            BadInput: a name was taken by another rule since.
            Overtaken: one was changed elsewhere since.
            StorageFailed: they could not be kept; nothing was changed.
        """
        self._access.require(Act.EDIT_RULES)
        async with self._in_force.turn:
            await self._go(self._before, self._after)

    async def undo(self) -> None:
        """Have them as before, at their places and armed as they were; raises as ``do`` does."""
        self._access.require(Act.EDIT_RULES)
        async with self._in_force.turn:
            for uid, rule in self._before.items():
                if rule is not None and self._after[uid] is None:
                    self._before[uid] = replace(rule, name=self._name_again(rule))
            await self._go(self._after, self._before)

    def joined(self, later: Change) -> Change | None:
        """Return ``None``: each is a change of its own."""
        return None

    async def _go(self, start: dict[str, Rule | None], end: RulesAfter) -> None:
        if not self._stand(start):
            raise Overtaken(f"“{self._words}”: a rule was changed elsewhere since, so all stay as they are.")
        faults = self._taken_names(end)
        if faults:
            raise BadInput(faults)
        for uid, rule in end.items():
            if rule is None:
                start[uid] = self._book.get(uid)  # with the switch as it is now
        goal = {uid: self._as_now(uid, rule) for uid, rule in end.items()}
        self._arming = await self._in_force.change(goal, arming=self._arming, on_progress=self._on_progress)

    def _name_again(self, rule: Rule) -> str:
        """Return the name a removed rule comes back with: its own may be another's by now."""
        owner = self._book.owners({rule.uid: rule}).get(rule.name)
        return rule.name if owner is None or owner in self._after else self._book.free_name(rule.name)

    # --- where things stand

    def _stand(self, rules: RulesAfter) -> bool:
        return all(self._book.get(uid) == self._as_now(uid, rule) for uid, rule in rules.items())

    def _as_now(self, uid: str, rule: Rule | None) -> Rule | None:
        """Return a rule with the switch as it is now, where the edit is not about that."""
        before, after, now = self._before[uid], self._after[uid], self._book.get(uid)
        if rule is None or now is None or now.active == rule.active:
            return rule
        is_about_switch = before is not None and after is not None and before.active != after.active
        return rule if is_about_switch else replace(rule, active=now.active)

    # --- what is wrong with it

    def _checking(self) -> Iterator[int]:
        """Look at one rule after another, and yield its number; in the end raise what is wrong."""
        faults = self._taken_names(self._after)
        for numbered in enumerate(self._after.items()):
            faults += self._faults(numbered)
            yield numbered[0]
        if faults:
            raise BadInput(faults)

    def _faults(self, numbered: tuple[int, tuple[str, Rule | None]]) -> list[Fault]:
        number, (uid, rule) = numbered
        return [] if rule is None else _faults(rule, self._before[uid], self._place(number))

    def _taken_names(self, rules: RulesAfter) -> list[Fault]:
        owners = self._book.owners(rules)
        seen: set[str] = set()
        faults: list[Fault] = []
        for number, rule in enumerate(rules.values()):
            if rule is None:
                continue
            if rule.name in owners or rule.name in seen:
                place = self._place(number)("name")
                faults.append(Fault(place=place, message=f"another rule is called {rule.name!r}"))
            seen.add(rule.name)
        return faults

    def _place(self, number: int) -> Callable[[str], str]:
        return lambda key: key if len(self._after) == 1 else f"rules[{number}].{key}"


def _faults(rule: Rule, before: Rule | None, place: Callable[[str], str]) -> list[Fault]:
    faults: list[Fault] = []
    if before is None or before.name != rule.name:
        reader = EntryReader("")
        reader.line("name", rule.name, most=LONGEST_NAME)
        faults += [Fault(place("name"), fault.message) for fault in reader.faults]
    if not rule.symbols:
        faults.append(Fault(place("symbol"), "is missing"))
    # One of the same meaning was found sound: to parse thousands again would hold up the market.
    if before is None or _MEANING(before) != _MEANING(rule):
        try:
            meaning_of(rule)
        except BadInput as error:
            faults += [Fault(place(each.place), each.message, each.column) for each in error.faults]
    return faults
