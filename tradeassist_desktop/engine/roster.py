"""The rules at work: added, replaced, switched, numbered, and their arming kept across restarts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.rules import PriceLevel, Rule, RulePhase, RuleStatus
from tradeassist_desktop.engine.arming import ArmingState
from tradeassist_desktop.engine.calendars.sessions import parse_schedule
from tradeassist_desktop.engine.compiler import compile_instance
from tradeassist_desktop.engine.instance import Instance
from tradeassist_desktop.engine.kept_arming import arming_to_keep, go_on_from
from tradeassist_desktop.engine.market.book import Book
from tradeassist_desktop.engine.meaning import Meaning, meaning_of
from tradeassist_desktop.engine.phase import phase_of
from tradeassist_desktop.engine.rule_reads import RuleReads
from tradeassist_desktop.engine.shared import Shared


class Roster:
    """Every rule, in its place, with its instances while it is active.

    Args:
        book_of: Returns a symbol's book, made if there was none.
        clock_ns: Returns the event clock.
        shared: What is computed once for all rules.
        set_timers: Sets what an instance waits for time alone with.
    """

    def __init__(
        self,
        *,
        book_of: Callable[[str], Book],
        clock_ns: Callable[[], int],
        shared: Shared,
        set_timers: Callable[[Instance], None],
    ) -> None:
        self._set_timers = set_timers
        self._book_of = book_of
        self._clock_ns = clock_ns
        self._shared = shared
        self._rules: dict[str, Rule] = {}
        self._places: dict[str, int] = {}
        self._next_place = 0
        self._instances: dict[str, dict[str, Instance]] = {}
        self._errors: dict[str, str] = {}
        self._kept: dict[str, Mapping[str, Any]] = {}
        self._numbers: dict[str, ArmingState] = {}
        self._dirty: dict[Instance, None] = {}
        self._reads = RuleReads()

    def set_rules(self, rules: Sequence[Rule]) -> None:
        """Take the whole set in its order."""
        wanted = {rule.uid: rule for rule in rules}
        for uid in [uid for uid in self._rules if uid not in wanted]:
            self.remove_rule(uid)
        for place, rule in enumerate(wanted.values()):
            self._put(rule, place)
        self._next_place = len(wanted)

    def put_rule(self, rule: Rule, place: int | None = None) -> None:
        """Add a rule at the end, or at a place nobody has, or replace the one of its uid in its place."""
        if rule.uid in self._places:
            place = self._places[rule.uid]
        elif place is None:
            place = self._next_place
        self._next_place = max(self._next_place, place + 1)
        self._put(rule, place)
        for instance in self._instances.get(rule.uid, {}).values():
            # A restart must not find the arming of another condition.
            self.mark_dirty(instance)

    def remove_rule(self, uid: str) -> dict[str, dict[str, Any]]:
        """Forget a rule; return its arming states, which ``restore`` can give back to it."""
        if uid not in self._rules:
            return {}
        rule = self._rules.pop(uid)
        kept = self.arming_of(uid)
        self._stop(uid)
        del self._places[uid]
        # What it has counted stays: were it to come back, its alerts' ids must not be those of before.
        for key in (f"{uid}|{symbol}" for symbol in rule.symbols):
            if key in self._kept:  # switched off since before a restart
                kept[key] = dict(self._kept.pop(key))
        self._errors.pop(uid, None)
        return kept

    def arming_of(self, uid: str) -> dict[str, dict[str, Any]]:
        """Return the arming states of a rule that runs; nothing of one that does not."""
        return {instance.key: arming_to_keep(instance) for instance in self._instances.get(uid, {}).values()}

    def set_active(self, uid: str, active: bool) -> None:
        """Switch a rule; one switched on starts anew."""
        rule = self._rules.get(uid)
        if rule is not None:
            self._stop(uid)
            self.put_rule(replace(rule, active=active))

    def snooze(self, uid: str, symbol: str | None, until_ns: int | None) -> None:
        """Suppress firings until an instant; ``None`` ends that. No symbol means every one of the rule."""
        for instance in self._instances.get(uid, {}).values():
            if symbol is None or instance.symbol == symbol:
                instance.arming.snooze(until_ns)
                self.mark_dirty(instance)

    def rule(self, uid: str) -> Rule | None:
        """Return a rule, also one that does not run."""
        return self._rules.get(uid)

    def place_of(self, uid: str) -> int | None:
        """Return a rule's place: rules of one instant fire in the order of their places."""
        return self._places.get(uid)

    def error(self, uid: str) -> str | None:
        """Return why a rule could not be put to work."""
        return self._errors.get(uid)

    def instance(self, uid: str, symbol: str) -> Instance | None:
        """Return the rule at work on a symbol; ``None`` while it does not run."""
        return self._instances.get(uid, {}).get(symbol)

    def symbols(self) -> frozenset[str]:
        """Return all symbols that running rules read."""
        return self._reads.symbols()

    def disable(self, instance: Instance, reason: str) -> None:
        """Take an instance that raised out of service."""
        instance.error = reason
        self._unhook(instance)

    # --- looking in

    def statuses(self, now_ns: int) -> tuple[RuleStatus, ...]:
        """Return what every rule is doing, in order."""
        uids = sorted(self._rules, key=self._places.__getitem__)
        return tuple(status for uid in uids for status in self.status(uid, now_ns))

    def status(self, uid: str, now_ns: int) -> tuple[RuleStatus, ...]:
        """Return what a rule is doing, one entry per symbol."""
        rule = self._rules.get(uid)
        if rule is None:
            return ()
        return tuple(self._status(rule, symbol, now_ns) for symbol in rule.symbols)

    def levels(self, symbol: str, now_ns: int) -> tuple[PriceLevel, ...]:
        """Return the constants compared with a price of this symbol."""
        return self._reads.levels(symbol, now_ns)

    def _status(self, rule: Rule, symbol: str, now_ns: int) -> RuleStatus:
        instance = self.instance(rule.uid, symbol)
        if instance is None:
            error = self._errors.get(rule.uid)
            phase = RulePhase.OFF if error is None else RulePhase.ERROR
            numbers = self._numbers.get(f"{rule.uid}|{symbol}", ArmingState())
            return RuleStatus(
                rule.uid,
                symbol,
                phase,
                last_fired_ns=numbers.told_fired_ns,
                fired=numbers.fired,
                suppressed=numbers.suppressed,
                error=error,
            )
        phase, until_ns = phase_of(instance, max(now_ns, instance.latest_ns))
        state = instance.arming.state
        return RuleStatus(
            uid=rule.uid,
            symbol=symbol,
            phase=phase,
            until_ns=until_ns,
            last_fired_ns=state.told_fired_ns,
            fired=state.fired,
            suppressed=state.suppressed,
            error=instance.error,
        )

    # --- persistence

    def mark_dirty(self, instance: Instance) -> None:
        """Note that an instance's arming has changed."""
        self._dirty[instance] = None

    def snapshot(self) -> dict[str, Any]:
        """Return every arming state."""
        return {instance.key: arming_to_keep(instance) for instance in self._all()}

    def take_suppression_counts(self) -> dict[str, int]:
        """Return, by alert id, how many firings each record of a suppression stands for by now.

        Only of records that have grown since ``take_dirty`` was last called, so call it before.
        """
        counts: dict[str, int] = {}
        for instance in self._dirty:
            counts.update(instance.arming.take_counts())
        return counts

    def take_dirty(self) -> dict[str, dict[str, Any]]:
        """Return the arming states changed since the last call."""
        dirty, self._dirty = self._dirty, {}
        return {instance.key: arming_to_keep(instance) for instance in dirty if instance.is_live}

    def restore(self, state: Mapping[str, Mapping[str, Any]]) -> None:
        """Take kept states; those of rules that come later are given to them when they come."""
        self._kept.update(state)
        for key in state:
            uid, _, symbol = key.partition("|")
            instance = self.instance(uid, symbol)
            if instance is not None:
                self._restore_one(instance)

    def renew_timers(self) -> None:
        """Bring rules up to the market that was restored, and set what waits for time alone."""
        now_ns = self._clock_ns()
        for instance in self._all():
            instance.look_around(now_ns)
            if instance.has_timers:
                self._set_timers(instance)

    def _restore_one(self, instance: Instance) -> None:
        if go_on_from(instance, self._kept.pop(instance.key, None)):
            self._set_timers(instance)

    # --- putting to work

    def _put(self, rule: Rule, place: int) -> None:
        before = self._rules.get(rule.uid)
        is_switched_on = before is not None and not before.active and rule.active
        self._rules[rule.uid] = rule
        self._places[rule.uid] = place
        running = self._instances.get(rule.uid, {})
        if running and all(each.rule == rule and each.error is None for each in running.values()):
            for each in running.values():
                each.place = place
            return
        self._errors.pop(rule.uid, None)
        if not rule.active:
            self._stop(rule.uid)
            return
        try:
            meaning = meaning_of(rule)
        except BadInput as error:
            self._stop(rule.uid)
            self._errors[rule.uid] = str(error)
            return
        instances: dict[str, Instance] = {}
        for symbol in dict.fromkeys(rule.symbols):
            old = running.pop(symbol, None)
            if old is not None and old.error is None and old.meaning.fingerprint == meaning.fingerprint:
                self._renew(old, rule, place)
                instances[symbol] = old
            else:
                if old is not None:
                    self._retire(old)
                try:
                    instances[symbol] = self._start(rule, meaning, symbol, place)
                except Exception as error:  # our own mistake in one rule must not keep the others from work
                    self._errors[rule.uid] = f"{type(error).__name__}: {error}"
                    continue
                if is_switched_on:  # it starts anew, whatever was kept of it from before a restart
                    instances[symbol].arming.restart()
                    self.mark_dirty(instances[symbol])
        for left_over in running.values():
            self._retire(left_over)
        self._instances[rule.uid] = instances

    def _renew(self, instance: Instance, rule: Rule, place: int) -> None:
        instance.place = place
        if instance.rule != rule:
            kind = self._book_of(instance.symbol).instrument.kind
            instance.renew(rule, parse_schedule(rule.schedule)(kind))

    def _start(self, rule: Rule, meaning: Meaning, symbol: str, place: int) -> Instance:
        instance = compile_instance(
            rule=rule,
            meaning=meaning,
            symbol=symbol,
            place=place,
            book_of=self._book_of,
            shared=self._shared,
        )
        self._reads.add(instance)
        instance.born_ns = self._clock_ns()
        numbers = self._numbers.pop(instance.key, None)
        if numbers is not None:
            instance.arming.state = numbers
            instance.arming.restart()
            self.mark_dirty(instance)
        self._restore_one(instance)
        if instance.ages:
            self._set_timers(instance)  # its symbol may have fallen silent already
        return instance

    def _stop(self, uid: str) -> None:
        for instance in self._instances.pop(uid, {}).values():
            self._retire(instance)

    def _retire(self, instance: Instance) -> None:
        # Alerts of a rule that comes again go on counting: their ids must stay unique. And what was
        # kept of it on the disk is written anew then, or a restart would bring it back.
        self._numbers[instance.key] = instance.arming.state
        self._unhook(instance)

    def _unhook(self, instance: Instance) -> None:
        if not instance.is_live:
            return
        instance.unhook(self._shared)
        self._reads.remove(instance)

    def _all(self) -> Iterable[Instance]:
        for instances in self._instances.values():
            yield from instances.values()
