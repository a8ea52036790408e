"""The trader's rules: kept, checked, switched, and handed to the engine."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from tradeassist_desktop.domain.access import OPEN, Act, Gate
from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.events import AlertRaised, RulesChanged
from tradeassist_desktop.domain.explanation import Explanation
from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.domain.rules import PriceLevel, Rule, RulePhase, RuleStatus, Standing, Trigger
from tradeassist_desktop.engine.calendars.sessions import regular, whole
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.language import Completion, completions, in_words, parse
from tradeassist_desktop.engine.meaning import meaning_of
from tradeassist_desktop.engine.rulefiles.carrying import carried_arming
from tradeassist_desktop.engine.rulefiles.rulefile import quick_rule
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.storage.faults import StorageFailed

log = logging.getLogger(__name__)

_SPENT_CHECK_S: Final = 0.5
_CARRIED_AT_ONCE: Final = 20


class RuleStore(Protocol):
    """Where rules are kept; removed ones can be restored."""

    async def all(self) -> tuple[Rule, ...]:
        """Return the kept rules in their order."""
        ...

    async def put(self, rule: Rule) -> None:
        """Add or replace a rule by its uid; a new one goes to the end."""
        ...

    async def remove(self, uids: Sequence[str]) -> None:
        """Remove rules, so that ``restore`` can bring them back."""
        ...

    async def restore(self, uids: Sequence[str]) -> None:
        """Bring removed rules back to their places."""
        ...

    async def set_active(self, uids: Sequence[str], *, active: bool) -> None:
        """Switch rules on or off."""
        ...

    async def carry_over(self, rules: Sequence[Rule], settled: Mapping[str, str | None]) -> None:
        """Replace rules and keep what becomes of proposals by it, in one transaction."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Removed:
    """What brings a rule back as it was."""

    rule: Rule
    place: int | None
    arming: Mapping[str, Mapping[str, Any]]


class Rules:
    """Every change is kept first, then the engine gets it, then the bus hears of it.

    Args:
        store: ``None`` keeps changes for this run only (rules given by ``--rules``).
        new_uid: Makes the identity of a new rule.
        on_symbols_changed: Called when the engine reads other symbols than before.
        on_changed: Called after every change: the engine may need bars of the past.
        event_now_ns: The present in event time, from which a snooze runs.
        instrument: Returns what is known of a symbol, and so its sessions.
        access: Asked before a person's change.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        store: RuleStore | None,
        bus: Bus,
        clock: Clock,
        new_uid: Callable[[], str],
        on_symbols_changed: Callable[[], None],
        on_changed: Callable[[], None],
        event_now_ns: Callable[[], int],
        instrument: Callable[[str], Instrument],
        access: Gate = OPEN,
    ) -> None:
        self._access = access
        self._engine = engine
        self._store = store
        self._bus = bus
        self._clock = clock
        self._new_uid = new_uid
        self._on_symbols_changed = on_symbols_changed
        self._on_changed = on_changed
        self._event_now_ns = event_now_ns
        self._instrument = instrument
        self._rules: dict[str, Rule] = {}
        self._places: dict[str, None] = {}  # in order; a removed rule's stays, so that it can come back
        self._is_ordered = True  # until a removed rule comes back, at the end of the dictionary
        self._in_order: tuple[Rule, ...] | None = None
        self._removed: dict[str, _Removed] = {}
        self._uid_of_name: dict[str, str] = {}
        self._symbols: frozenset[str] = frozenset()
        self._may_be_spent: set[str] = set()
        self._one_change = asyncio.Lock()  # two at once could bring a removed rule back
        self._words: dict[str, tuple[str, str]] = {}

    def load(self, rules: Iterable[Rule]) -> None:
        """Take the rules of this run, in their order, before any data."""
        self._rules = {rule.uid: rule for rule in rules}
        self._places = dict.fromkeys(self._rules)
        self._is_ordered, self._in_order = True, None
        self._uid_of_name = {rule.name: rule.uid for rule in self._rules.values()}
        self._engine.set_rules(tuple(self._rules.values()))
        self._symbols = self._engine.symbols()
        # One may have fired just before the program was killed.
        self._may_be_spent = {rule.uid for rule in self._rules.values() if rule.trigger is Trigger.ONCE}

    def all(self) -> tuple[Rule, ...]:
        """Return the rules in their order; the same object until something changes."""
        if self._in_order is None:
            if not self._is_ordered:
                self._rules = {uid: self._rules[uid] for uid in self._places if uid in self._rules}
                self._is_ordered = True
            self._in_order = tuple(self._rules.values())
        return self._in_order

    def get(self, uid: str) -> Rule | None:
        """Return the rule, or ``None`` if there is none of that uid."""
        return self._rules.get(uid)

    def statuses(self, uid: str) -> tuple[RuleStatus, ...]:
        """Return what the rule is doing now, one entry per symbol."""
        return self._engine.status(uid)

    def standing(self, uid: str, symbol: str) -> Standing:
        """Return whether what a rule fired for is so still.

        Of a rule that has fired its ``once`` and was switched off for it, that cannot be told; of any other
        that does not run, it is no longer so.
        """
        standing = self._engine.standing(uid, symbol)
        if standing is not None:
            return standing
        rule = self._rules.get(uid)
        return Standing(None if rule is not None and rule.trigger is Trigger.ONCE else False)

    def levels(self, symbol: str) -> tuple[PriceLevel, ...]:
        """Return the price lines that rules draw on a symbol's chart."""
        return self._engine.levels(symbol)

    def explain(self, uid: str, symbol: str) -> Explanation | None:
        """Return what the rule is doing on a symbol now, and why; ``None`` if there is no such rule."""
        return self._engine.explain(uid, symbol)

    def in_words(self, rule: Rule) -> str:
        """Return the condition in plain words."""
        when, words = self._words.get(rule.uid, ("", ""))
        if when != rule.when:
            words = in_words(parse(rule.when))
            self._words[rule.uid] = rule.when, words
        return words

    def check_text(self, text: str) -> tuple[Fault, ...]:
        """Return what is wrong with a quick rule as typed; empty if it could be added."""
        try:
            self._checked(quick_rule(text, uid="check"))
        except BadInput as error:
            return error.faults
        return ()

    def completions(self, text: str, column: int) -> list[Completion]:
        """Return what could stand at the caret of a quick rule."""
        symbol, space, condition = text.partition(" ")
        return completions(condition, column - len(symbol) - 1) if space and column > len(symbol) else []

    async def add_text(self, text: str) -> Rule:
        """Add a rule typed as ``SYMBOL condition``.

        Raises:
            BadInput: it is no rule; faults carry columns of ``text``.
        """
        self._access.require(Act.EDIT_RULES)
        rule = quick_rule(text, uid=self._new_uid())
        async with self._one_change:
            rule = self._checked(rule)
            await self._put(rule)
        return rule

    async def put(self, rule: Rule) -> None:
        """Add or replace a rule; a changed condition starts anew.

        Raises:
            BadInput: its name is another rule's.
        """
        self._access.require(Act.EDIT_RULES)
        async with self._one_change:
            await self._put(rule)

    async def _put(self, rule: Rule) -> None:
        if self._uid_of_name.get(rule.name, rule.uid) != rule.uid:
            raise BadInput([Fault(place="name", message=f"another rule is called {rule.name!r}")])
        if self._store is not None:
            await self._store.put(rule)
        self._take(rule)
        self._engine.put_rule(rule)
        self._changed((rule.uid,))

    async def carry_over(
        self,
        changes: Sequence[tuple[Rule, Rule]],
        symbols: Mapping[str, str],
        settled: Mapping[str, str | None],
    ) -> list[tuple[Rule, Rule]]:
        """Replace rules by ones that say the same of other prices, all or none; their arming goes on.

        One that is no longer as it was looked at stays as it is. Returns what has been replaced by what.

        Args:
            changes: Rules as they were looked at, and what they are to be.
            symbols: New symbols by old ones.
            settled: What becomes of proposals by it, by their ids; ``None`` has one open again.

        Raises:
            BadInput: one says nothing sound.
        """
        self._access.require(Act.EDIT_RULES)
        async with self._one_change:
            names, done = dict(self._uid_of_name), []
            for before, after in changes:
                if self._rules.get(before.uid) == before:
                    del names[before.name]
                    named = _with_own_name(after, names)
                    names[named.name] = named.uid
                    meaning_of(named)
                    done.append((before, named))
            if self._store is not None:
                await self._store.carry_over([after for _, after in done], settled)
            for number, (_, rule) in enumerate(done, 1):
                place = self._engine.place_of(rule.uid)
                arming = self._engine.remove_rule(rule.uid)
                self._take(rule)
                self._engine.restore(carried_arming(arming, rule, symbols))
                self._engine.put_rule(rule, place)
                if number % _CARRIED_AT_ONCE == 0:
                    await self._clock.sleep(0)
            self._changed(tuple(rule.uid for _, rule in done))
            return done

    async def remove(self, uids: Sequence[str]) -> None:
        """Remove rules; ``restore`` undoes it while the program runs."""
        self._access.require(Act.EDIT_RULES)
        async with self._one_change:
            there = [uid for uid in dict.fromkeys(uids) if uid in self._rules]
            if self._store is not None:
                await self._store.remove(there)
            for uid in there:
                place = self._engine.place_of(uid)
                arming = self._engine.remove_rule(uid)
                self._removed[uid] = _Removed(rule=self._drop(uid), place=place, arming=arming)
            self._changed(tuple(there))

    async def restore(self, uids: Sequence[str]) -> None:
        """Bring removed rules back to their places, as armed and counted as they were."""
        self._access.require(Act.EDIT_RULES)
        async with self._one_change:
            gone = [uid for uid in uids if uid in self._removed]
            if self._store is not None:
                await self._store.restore(gone)
            for uid in gone:
                removed = self._removed.pop(uid)
                rule = self._checked(removed.rule)
                if self._store is not None and rule is not removed.rule:  # its name is another's by now
                    await self._store.put(rule)
                self._take(rule)
                self._is_ordered = False
                self._engine.restore(removed.arming)
                self._engine.put_rule(rule, removed.place)
            self._changed(tuple(gone))

    async def set_active(self, uids: Sequence[str], active: bool) -> None:
        """Switch rules on or off; one switched on starts anew."""
        self._access.require(Act.ARM)
        await self._switch(uids, active)

    async def _switch(self, uids: Sequence[str], active: bool) -> None:
        async with self._one_change:
            changed = tuple(uid for uid in uids if uid in self._rules and self._rules[uid].active != active)
            if not changed:
                return
            if self._store is not None:
                await self._store.set_active(changed, active=active)
            for uid in changed:
                self._take(replace(self._rules[uid], active=active))
                self._engine.set_active(uid, active)
            self._changed(changed)

    async def snooze(self, uids: Sequence[str], *, for_ns: int | None = None) -> None:
        """Have rules that fire do so in silence, recorded as suppressed.

        Args:
            for_ns: How long, in event time; ``None`` is until the session of each symbol ends.
        """
        self._access.require(Act.SILENCE)
        now_ns = self._event_now_ns()
        for uid in uids:
            for symbol in self._rules[uid].symbols if uid in self._rules else ():
                until_ns = self._session_end_ns(symbol, now_ns) if for_ns is None else now_ns + for_ns
                self._engine.snooze(uid, symbol, until_ns)
        self._bus.publish(RulesChanged(uids=tuple(uids)))

    async def wake(self, uids: Sequence[str]) -> None:
        """End a snooze; what has been true meanwhile does not fire by itself."""
        self._access.require(Act.SILENCE)
        for uid in uids:
            self._engine.snooze(uid, None, None)
        self._bus.publish(RulesChanged(uids=tuple(uids)))

    def _session_end_ns(self, symbol: str, now_ns: int) -> int:
        kind = self._instrument(symbol).kind
        for calendar in (regular(kind), whole(kind)):
            stretch = calendar.at(now_ns)
            if stretch.is_open:
                return stretch.end_ns
        return calendar.at(stretch.end_ns).end_ns  # of the session to come

    async def run(self) -> None:
        """Switch off rules that were to fire once and have, until cancelled."""
        unsubscribe = self._bus.subscribe(AlertRaised, self._on_alert)
        try:
            while True:
                await self._clock.sleep(_SPENT_CHECK_S)
                asked, self._may_be_spent = self._may_be_spent, set()
                spent = [uid for uid in asked if self._is_spent(uid)]
                try:
                    await self._switch(spent, active=False)
                except StorageFailed:
                    self._may_be_spent |= asked
                    raise
        finally:
            unsubscribe()

    def _on_alert(self, event: AlertRaised) -> None:
        rule = self._rules.get(event.alert.rule_uid)
        if rule is not None and rule.trigger is Trigger.ONCE:
            self._may_be_spent.add(rule.uid)

    def _is_spent(self, uid: str) -> bool:
        rule = self._rules.get(uid)
        if rule is None or rule.trigger is not Trigger.ONCE or not rule.active:
            return False
        statuses = self._engine.status(uid)
        return bool(statuses) and all(status.phase is RulePhase.SPENT for status in statuses)

    def _take(self, rule: Rule) -> None:
        """Have a rule among the others: at its place, or a new one at the end."""
        before = self._rules.get(rule.uid)
        if before is not None and self._uid_of_name.get(before.name) == rule.uid:
            del self._uid_of_name[before.name]
        self._rules[rule.uid] = rule
        self._uid_of_name[rule.name] = rule.uid
        self._places[rule.uid] = None
        self._in_order = None
        if rule.trigger is Trigger.ONCE:
            self._may_be_spent.add(rule.uid)

    def _drop(self, uid: str) -> Rule:
        rule = self._rules.pop(uid)
        del self._uid_of_name[rule.name]
        self._words.pop(uid, None)
        self._in_order = None
        return rule

    def _checked(self, rule: Rule) -> Rule:
        return _with_own_name(rule, self._uid_of_name)

    def _changed(self, uids: tuple[str, ...]) -> None:
        log.info("rules changed", extra={"rules": len(self._rules), "changed": len(uids)})
        symbols = self._engine.symbols()
        if symbols != self._symbols:
            self._symbols = symbols
            self._on_symbols_changed()
        self._on_changed()
        self._bus.publish(RulesChanged(uids=uids))


def _with_own_name(rule: Rule, names: Mapping[str, str]) -> Rule:
    if rule.name not in names:
        return rule
    number = 2
    while f"{rule.name[:90]} ({number})" in names:
        number += 1
    return replace(rule, name=f"{rule.name[:90]} ({number})")
