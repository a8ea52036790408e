"""Which symbols each rule reads, kept up with the rules."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Protocol

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.rulefiles.adjusting import symbols_of

_RULES_AT_ONCE: Final = 200


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
        self._unread: set[str] | None = None  # ``None`` for all

    def changed(self, uids: Iterable[str]) -> None:
        """Have these rules read again."""
        if self._unread is not None:
            self._unread.update(uids)

    async def read(self, pause: Callable[[], Awaitable[None]]) -> None:
        """Read what has changed since the last call.

        Args:
            pause: Awaited now and then, so that others get their turn.
        """
        unread, self._unread = self._unread, set()
        uids = [rule.uid for rule in self._rules.all()] if unread is None else list(unread)
        for number, uid in enumerate(uids, 1):
            rule = self._rules.get(uid)
            if rule is None:
                self._by_uid.pop(uid, None)
            else:
                self._by_uid[uid] = symbols_of(rule)
            if number % _RULES_AT_ONCE == 0:
                await pause()

    def of(self, rule: Rule) -> frozenset[str]:
        """Return the symbols a rule reads; until it has been read, those it is on."""
        return self._by_uid.get(rule.uid) or frozenset(rule.symbols)

    def all(self) -> frozenset[str]:
        """Return the symbols of all rules, also of those that are off."""
        return frozenset().union(*self._by_uid.values())

    def reading(self, symbol: str) -> list[Rule]:
        """Return the rules that read a symbol, in their order."""
        return [rule for rule in self._rules.all() if symbol in self._by_uid.get(rule.uid, ())]
