"""The symbols a feed should bring."""

import asyncio


class Wanted:
    """A set of symbols and an event that is set at each change; who acts on a change clears it.

    ``first`` are those of them that come before the others where a venue does not take all.
    """

    def __init__(self) -> None:
        self.symbols: frozenset[str] = frozenset()
        self.first: frozenset[str] = frozenset()
        self.changed = asyncio.Event()

    def replace(self, symbols: frozenset[str], first: frozenset[str] = frozenset()) -> None:
        """Want exactly these from now on."""
        first &= symbols
        if (symbols, first) != (self.symbols, self.first):
            self.symbols, self.first = symbols, first
            self.changed.set()

    def by_importance(self) -> list[str]:
        """Return the symbols, those of ``first`` before the others, else by name."""
        return sorted(self.symbols, key=lambda symbol: (symbol not in self.first, symbol))
