"""The rules at work: added, replaced, switched, numbered, and their arming kept across restarts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.rules import PriceLevel, Rule, RulePhase, RuleStatus
from tradeassist_desktop.engine.arming import ArmingState, from_plain, to_plain
from tradeassist_desktop.engine.book import Book
from tradeassist_desktop.engine.compiler import compile_instance
from tradeassist_desktop.engine.conditions import Leaf, Number, Operand, leaves, sides
from tradeassist_desktop.engine.instance import Instance
from tradeassist_desktop.engine.language.checker import unit_of_value
from tradeassist_desktop.engine.meaning import Meaning, meaning_of, named_symbols
from tradeassist_desktop.engine.operands.specification import Unit
from tradeassist_desktop.engine.sessions import parse_schedule

_DISARMED = frozenset((RulePhase.SPENT, RulePhase.EXPIRED, RulePhase.ERROR, RulePhase.OFF))


class Roster:
    """Every rule, in file order, with its instances while it is active.

    Args:
        book_of: Returns a symbol's book, made if there was none.
        clock_ns: Returns the event clock.
    """

    def __init__(self, *, book_of: Callable[[str], Book], clock_ns: Callable[[], int]) -> None:
        self._book_of = book_of
        self._clock_ns = clock_ns
        self._rules: dict[str, Rule] = {}
        self._instances: dict[str, dict[str, Instance]] = {}
        self._errors: dict[str, str] = {}
        self._kept: dict[str, Mapping[str, Any]] = {}
        self._numbers: dict[str, ArmingState] = {}
        self._dirty: dict[Instance, None] = {}
        self._levels: dict[str, list[tuple[Instance, float]]] | None = None

    def set_rules(self, rules: Sequence[Rule]) -> None:
        """Take the whole set in its order."""
        wanted = {rule.uid: rule for rule in rules}
        for uid in [uid for uid in self._rules if uid not in wanted]:
            self.remove_rule(uid)
        self._rules = dict.fromkeys(wanted)  # type: ignore[assignment]  # filled below, in this order
        for place, rule in enumerate(wanted.values()):
            self._put(rule, place)

    def put_rule(self, rule: Rule) -> None:
        """Add a rule at the end, or replace the one of its uid in its place."""
        places = {uid: place for place, uid in enumerate(self._rules)}
        self._put(rule, places.get(rule.uid, len(places)))

    def remove_rule(self, uid: str) -> None:
        """Forget a rule and its state."""
        if uid in self._rules:
            rule = self._rules.pop(uid)
            self._stop(uid)
            for symbol in rule.symbols:
                self._numbers.pop(f"{uid}|{symbol}", None)
                self._kept.pop(f"{uid}|{symbol}", None)
            self._errors.pop(uid, None)

    def set_active(self, uid: str, active: bool) -> None:
        """Switch a rule; one switched on starts anew."""
        rule = self._rules.get(uid)
        if rule is not None:
            self._stop(uid)
            self.put_rule(replace(rule, active=active))

    def instance(self, uid: str, symbol: str) -> Instance | None:
        """Return the rule at work on a symbol; ``None`` while it does not run."""
        return self._instances.get(uid, {}).get(symbol)

    def symbols(self) -> frozenset[str]:
        """Return all symbols that running rules read."""
        found: set[str] = set()
        for instance in self._all():
            found |= named_symbols(instance.meaning.condition, instance.symbol)
        return frozenset(found)

    def disable(self, instance: Instance, reason: str) -> None:
        """Take an instance that raised out of service."""
        instance.error = reason
        instance.unhook()
        self._levels = None

    # --- looking in

    def statuses(self, now_ns: int) -> tuple[RuleStatus, ...]:
        """Return what every rule is doing, in order."""
        return tuple(status for uid in self._rules for status in self.status(uid, now_ns))

    def status(self, uid: str, now_ns: int) -> tuple[RuleStatus, ...]:
        """Return what a rule is doing, one entry per symbol."""
        rule = self._rules.get(uid)
        if rule is None:
            return ()
        return tuple(self._status(rule, symbol, now_ns) for symbol in rule.symbols)

    def levels(self, symbol: str, now_ns: int) -> tuple[PriceLevel, ...]:
        """Return the constants compared with a price of this symbol."""
        if self._levels is None:
            self._levels = {}
            for instance in self._all():
                for of, price in _price_levels(instance):
                    self._levels.setdefault(of, []).append((instance, price))
        return tuple(
            PriceLevel(
                uid=instance.rule.uid,
                rule_name=instance.rule.name,
                symbol=symbol,
                price=price,
                is_armed=instance.error is None and instance.arming.phase(now_ns)[0] not in _DISARMED,
            )
            for instance, price in self._levels.get(symbol, ())
        )

    def _status(self, rule: Rule, symbol: str, now_ns: int) -> RuleStatus:
        instance = self.instance(rule.uid, symbol)
        if instance is None:
            error = self._errors.get(rule.uid)
            phase = RulePhase.OFF if error is None else RulePhase.ERROR
            numbers = self._numbers.get(f"{rule.uid}|{symbol}", ArmingState())
            return RuleStatus(
                rule.uid, symbol, phase, fired=numbers.fired, suppressed=numbers.suppressed, error=error
            )
        phase, until_ns = instance.arming.phase(now_ns)
        state = instance.arming.state
        return RuleStatus(
            uid=rule.uid,
            symbol=symbol,
            phase=phase if instance.error is None else RulePhase.ERROR,
            until_ns=until_ns if instance.error is None else None,
            last_fired_ns=state.last_fired_ns,
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
        return {instance.key: _plain(instance) for instance in self._all()}

    def take_dirty(self) -> dict[str, dict[str, Any]]:
        """Return the arming states changed since the last call."""
        dirty, self._dirty = self._dirty, {}
        return {instance.key: _plain(instance) for instance in dirty if instance.is_live}

    def restore(self, state: Mapping[str, Mapping[str, Any]]) -> None:
        """Take kept states; those of rules that come later are given to them when they come."""
        self._kept = dict(state)
        for instance in self._all():
            self._restore_one(instance)

    def _restore_one(self, instance: Instance) -> None:
        plain = self._kept.pop(instance.key, None)
        if not isinstance(plain, Mapping) or plain.get("fingerprint") != instance.meaning.fingerprint:
            return
        state = from_plain(plain)
        if state is not None:
            instance.arming.restore(state)

    # --- putting to work

    def _put(self, rule: Rule, place: int) -> None:
        before = self._rules.get(rule.uid)
        is_switched_on = before is not None and not before.active and rule.active
        self._rules[rule.uid] = rule
        running = self._instances.get(rule.uid, {})
        if running and all(each.rule == rule and each.error is None for each in running.values()):
            for each in running.values():
                each.place = place
            return
        self._levels = None
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
                    old.unhook()
                instances[symbol] = self._start(rule, meaning, symbol, place)
                if is_switched_on:  # it starts anew, whatever was kept of it from before a restart
                    instances[symbol].arming.restart()
                    self.mark_dirty(instances[symbol])
        for left_over in running.values():
            left_over.unhook()
        self._instances[rule.uid] = instances

    def _renew(self, instance: Instance, rule: Rule, place: int) -> None:
        instance.place = place
        if instance.rule != rule:
            kind = self._book_of(instance.symbol).instrument.kind
            instance.renew(rule, parse_schedule(rule.schedule)(kind))

    def _start(self, rule: Rule, meaning: Meaning, symbol: str, place: int) -> Instance:
        instance = compile_instance(
            rule=rule, meaning=meaning, symbol=symbol, place=place, book_of=self._book_of
        )
        instance.born_ns = self._clock_ns()
        numbers = self._numbers.pop(instance.key, None)
        if numbers is not None:
            instance.arming.state = numbers
            instance.arming.restart()
            self.mark_dirty(instance)
        self._restore_one(instance)
        return instance

    def _stop(self, uid: str) -> None:
        self._levels = None
        for instance in self._instances.pop(uid, {}).values():
            # Alerts of a rule switched on again go on counting: their ids must stay unique.
            self._numbers[instance.key] = instance.arming.state
            instance.unhook()

    def _all(self) -> Iterable[Instance]:
        for instances in self._instances.values():
            yield from instances.values()


def _plain(instance: Instance) -> dict[str, Any]:
    return {"fingerprint": instance.meaning.fingerprint, **to_plain(instance.arming.state)}


def _price_levels(instance: Instance) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for leaf in leaves(instance.meaning.condition):
        found.extend(_levels_of(leaf, instance.symbol))
    return list(dict.fromkeys(found))


def _levels_of(leaf: Leaf, symbol: str) -> list[tuple[str, float]]:
    priced = [side for side in sides(leaf) if isinstance(side, Operand) and unit_of_value(side) is Unit.PRICE]
    if len(priced) != 1 or priced[0].name in ("net_change", "spread"):
        return []
    of = priced[0].symbol or symbol
    return [(of, side.value) for side in sides(leaf) if isinstance(side, Number)]
