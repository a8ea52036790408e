"""The trader's rules: kept, checked, switched, and handed to the engine."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from tradeassist_desktop.domain.access import OPEN, Act, Gate
from tradeassist_desktop.domain.events import RulesChanged
from tradeassist_desktop.domain.explanation import Explanation
from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.domain.rules import PriceLevel, Rule, RuleStatus, Standing, Trigger
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.language import in_words, parse
from tradeassist_desktop.engine.rulefiles.carrying import carried_arming
from tradeassist_desktop.engine.rulefiles.rulefile import quick_rule
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.changes import Change
from tradeassist_desktop.services.rules.book import RuleBook
from tradeassist_desktop.services.rules.carry import still_sound
from tradeassist_desktop.services.rules.edit import RuleEdit
from tradeassist_desktop.services.rules.in_force import InForce, OnProgress, RuleStore
from tradeassist_desktop.services.rules.session_end import session_end_ns
from tradeassist_desktop.services.rules.spent import SpentRules


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
        self._bus = bus
        self._new_uid = new_uid
        self._event_now_ns = event_now_ns
        self._instrument = instrument
        self._book = RuleBook()
        self._in_force = InForce(
            book=self._book,
            engine=engine,
            store=store,
            bus=bus,
            clock=clock,
            on_symbols_changed=on_symbols_changed,
            on_changed=on_changed,
        )
        self._spent = SpentRules(
            rule=self._book.get,
            statuses=engine.status,
            switch_off=lambda uids: self._switch(uids, active=False),
            bus=bus,
            clock=clock,
        )
        self._words: dict[str, tuple[str, str]] = {}

    def load(self, rules: Iterable[Rule]) -> None:
        """Take the rules of this run, in their order, before any data."""
        self._book.load(rules)
        self._in_force.load()
        for rule in self._book.all():
            self._spent.look_at(rule.uid)

    async def run(self) -> None:
        """Switch off rules that were to fire once and have, until cancelled."""
        await self._spent.run()

    # --- looking

    def all(self) -> tuple[Rule, ...]:
        """Return the rules in their order; the same object until something changes."""
        return self._book.all()

    def get(self, uid: str) -> Rule | None:
        """Return the rule, or ``None`` if there is none of that uid."""
        return self._book.get(uid)

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
        rule = self._book.get(uid)
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

    # --- changing

    def new_uid(self) -> str:
        """Return the identity of a rule to be added."""
        return self._new_uid()

    def free_name(self, wanted: str, *, taken: Iterable[str] = ()) -> str:
        """Return a name that no rule has: the wanted one, or with a number.

        Args:
            taken: Names that are to be those of other rules.
        """
        return self._book.free_name(wanted, taken=frozenset(taken))

    def read_text(self, text: str) -> Rule:
        """Return the rule typed as ``SYMBOL condition``, to be added: with a uid and a name of its own.

        Raises:
            BadInput: it is no rule; faults carry columns of ``text``.
        """
        rule = quick_rule(text, uid=self._new_uid())
        return replace(rule, name=self._book.free_name(rule.name))

    def edit(self, words: str, after: Mapping[str, Rule | None]) -> Change:
        """Return a change of rules, to be done: all or none of it, in one transaction.

        Args:
            words: What it does, as an order: ``Delete 3 rules``.
            after: By uid, each rule as it shall be; ``None`` removes it, a new uid adds one.

        Raises:
            BadInput: a rule says nothing sound, or its name is another's. Of several rules with places
                as in a file, ``rules[3].name``, counted in the order given; of one with its keys.
        """
        self._access.require(Act.EDIT_RULES)
        edit = self._begun_edit(words, after)
        edit.check()
        return edit

    async def edit_many(
        self, words: str, after: Mapping[str, Rule | None], *, on_progress: OnProgress | None = None
    ) -> Change:
        """Return a change as ``edit`` does, of thousands of rules, looked at in turns of the loop.

        Args:
            on_progress: Told how many of them are in force as the change is done, or undone.
        """
        self._access.require(Act.EDIT_RULES)
        edit = self._begun_edit(words, after, on_progress)
        await edit.check_in_turns()
        return edit

    def _begun_edit(
        self, words: str, after: Mapping[str, Rule | None], on_progress: OnProgress | None = None
    ) -> RuleEdit:
        return RuleEdit(
            words=words,
            after=after,
            book=self._book,
            in_force=self._in_force,
            access=self._access,
            on_progress=on_progress,
        )

    async def add_text(self, text: str) -> Rule:
        """Add a rule typed as ``SYMBOL condition``.

        Raises:
            BadInput: it is no rule; faults carry columns of ``text``.
        """
        self._access.require(Act.EDIT_RULES)
        async with self._in_force.turn:
            rule = self.read_text(text)
            await self._in_force.change({rule.uid: rule})
        return rule

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
        async with self._in_force.turn:
            done = still_sound(changes, self._book)
            await self._in_force.change(
                {rule.uid: rule for _, rule in done},
                carried=lambda rule, arming: carried_arming(arming, rule, symbols),
                settled=settled,
            )
            return done

    async def _switch(self, uids: Sequence[str], active: bool) -> None:
        async with self._in_force.turn:
            rules = [rule for uid in uids if (rule := self._book.get(uid)) is not None]
            after = {rule.uid: replace(rule, active=active) for rule in rules if rule.active != active}
            if after:
                await self._in_force.change(after)

    async def snooze(self, uids: Sequence[str], *, for_ns: int | None = None) -> None:
        """Have rules that fire do so in silence, recorded as suppressed.

        Args:
            for_ns: How long, in event time; ``None`` is until the session of each symbol ends.
        """
        self._access.require(Act.SILENCE)
        now_ns = self._event_now_ns()
        for uid in uids:
            rule = self._book.get(uid)
            for symbol in () if rule is None else rule.symbols:
                until_ns = (
                    session_end_ns(self._instrument(symbol).kind, now_ns)
                    if for_ns is None
                    else now_ns + for_ns
                )
                self._engine.snooze(uid, symbol, until_ns)
        self._bus.publish(RulesChanged(uids=tuple(uids)))

    async def wake(self, uids: Sequence[str]) -> None:
        """End a snooze; what has been true meanwhile does not fire by itself."""
        self._access.require(Act.SILENCE)
        for uid in uids:
            self._engine.snooze(uid, None, None)
        self._bus.publish(RulesChanged(uids=tuple(uids)))
