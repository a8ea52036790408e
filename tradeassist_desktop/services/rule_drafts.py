"""Rules that are being written: what is wrong with them, what they mean, what they would see now."""

from collections.abc import Callable
from typing import Protocol

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.market import Instrument
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.glance import Glance
from tradeassist_desktop.engine.meaning import meaning_of, named_symbols
from tradeassist_desktop.engine.rulefiles.rule_entry import EntryReader, entry_of
from tradeassist_desktop.engine.telling.rule_words import rule_in_words


class KnownRules(Protocol):
    """The rules that are kept."""

    def all(self) -> tuple[Rule, ...]:
        """Return them in their order."""
        ...


class RuleDrafts:
    """Checks and explains rules that nobody keeps yet; nothing of a draft gets into the engine.

    Args:
        instrument: Returns what is known of a symbol.
        on_looked: Called when values are looked at that may need bars of the past.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        rules: KnownRules,
        instrument: Callable[[str], Instrument],
        on_looked: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._rules = rules
        self._on_looked = on_looked
        # Where nothing of a symbol is known, and nothing is to become known of what is half typed.
        self._empty = Engine(instruments=instrument)

    def faults(self, rule: Rule) -> tuple[Fault, ...]:
        """Return all that keeps a rule from being kept, each placed by its key in a rule file."""
        reader = EntryReader("")
        entry = {key: list(each) if isinstance(each, tuple) else each for key, each in entry_of(rule).items()}
        reader.rule(entry, (), lambda _: rule.uid)
        found = [Fault(fault.place.lstrip("."), fault.message, fault.column) for fault in reader.faults]
        if any(other.name == rule.name and other.uid != rule.uid for other in self._rules.all()):
            found.append(Fault("name", "another rule has this name"))
        try:
            meaning_of(rule)
        except BadInput as error:
            found += error.faults
        return tuple(found)

    def in_words(self, rule: Rule) -> str:
        """Return what a sound rule does, in one sentence."""
        return rule_in_words(rule)

    def glance(self, rule: Rule, symbol: str) -> Glance:
        """Return a sound rule as it stands on a symbol now, to be closed after use.

        Nothing is known of symbols that nobody watches: its values say so.
        """
        named = named_symbols(meaning_of(rule).condition, symbol) | {symbol}
        if any(self._engine.quote(each) is None for each in named):
            return self._empty.glance(rule, symbol)
        glance = self._engine.glance(rule, symbol)
        self._on_looked()
        return glance
