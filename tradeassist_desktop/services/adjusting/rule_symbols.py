"""Which symbols each rule reads, kept up with the rules."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Protocol

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.rulefiles.adjusting import symbols_of

_RULES_AT_ONCE: Final = 50

Pause = Callable[[], Awaitable[None]]
"""Awaited now and then in long work, so that others get their turn."""


class RuleList(Protocol):
    """The rules there are."""

    def all(self) -> tuple[Rule, ...]:
        """Return the rules in their order."""
        ...

    def get(self, uid: str) -> Rule | None:
        """Return a rule, or ``None``."""
        ...


class RuleSymbols:
    """Reads conditions in the background: there may be 100,000 of them."""

    def __init__(self, *, rules: RuleList) -> None:
        self._rules = rules
        self._by_uid: dict[str, frozenset[str]] = {}
        self._readers: dict[str, dict[str, None]] = {}  # by symbol, in order
        self._unread: set[str] | None = None  # ``None`` for all

    def changed(self, uids: Iterable[str]) -> None:
        """Have these rules read again."""
        if self._unread is not None:
            self._unread.update(uids)

    async def read(self, pause: Pause) -> None:
        """Read what has changed since the last call."""
        unread, self._unread = self._unread, set()
        uids = [rule.uid for rule in self._rules.all()] if unread is None else list(unread)
        for number, uid in enumerate(uids, 1):
            rule = self._rules.get(uid)
            self._note(uid, frozenset() if rule is None else symbols_of(rule))
            if number % _RULES_AT_ONCE == 0:
                await pause()

    def of(self, rule: Rule) -> frozenset[str]:
        """Return the symbols a rule reads; until it has been read, those it is on."""
        return self._by_uid.get(rule.uid) or frozenset(rule.symbols)

    def all(self) -> tuple[str, ...]:
        """Return the symbols of all rules, also of those that are off, sorted."""
        return tuple(sorted(self._readers))

    def reading(self, symbol: str) -> list[Rule]:
        """Return the rules that read a symbol."""
        rules = (self._rules.get(uid) for uid in self._readers.get(symbol, ()))
        return [rule for rule in rules if rule is not None]

    def _note(self, uid: str, symbols: frozenset[str]) -> None:
        before = self._by_uid.pop(uid, frozenset())
        for symbol in before - symbols:
            del self._readers[symbol][uid]
            if not self._readers[symbol]:
                del self._readers[symbol]
        for symbol in symbols - before:
            self._readers.setdefault(symbol, {})[uid] = None
        if symbols:
            self._by_uid[uid] = symbols
