"""The symbols a feed should bring."""

import asyncio


class Wanted:
    """A set of symbols and an event that is set at each change; who acts on a change clears it."""

    def __init__(self) -> None:
        self.symbols: frozenset[str] = frozenset()
        self.changed = asyncio.Event()

    def replace(self, symbols: frozenset[str]) -> None:
        """Want exactly these from now on."""
        if symbols != self.symbols:
            self.symbols = symbols
            self.changed.set()
