"""The symbols the trader watches, in order."""

from collections.abc import Callable, Sequence
from typing import Protocol

from tradeassist_desktop.domain.access import OPEN, Act, Gate
from tradeassist_desktop.domain.events import WatchlistChanged
from tradeassist_desktop.runtime.bus import Bus


class WatchlistStore(Protocol):
    """Where the list is kept."""

    async def keep_watchlist(self, symbols: Sequence[str]) -> None:
        """Replace the kept watchlist."""
        ...


class Watchlist:
    """The list as the trader has it.

    Args:
        store: ``None`` keeps nothing.
        on_changed: Called before anyone is told, to have the feeds asked for what is new.
        access: Asked before a person's change.
    """

    def __init__(
        self,
        *,
        symbols: Sequence[str],
        store: WatchlistStore | None,
        bus: Bus,
        on_changed: Callable[[], None],
        access: Gate = OPEN,
    ) -> None:
        self._access = access
        self._symbols = list(dict.fromkeys(symbols))
        self._store = store
        self._bus = bus
        self._on_changed = on_changed

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols in the trader's order."""
        return tuple(self._symbols)

    async def add(self, symbol: str) -> None:
        """Watch a symbol, at the end of the list; one already there stays where it is."""
        self._access.require(Act.WATCHLIST)
        symbol = symbol.strip().upper()
        if symbol and symbol not in self._symbols:
            self._symbols.append(symbol)
            await self._changed()

    async def remove(self, symbol: str) -> None:
        """Stop watching a symbol; rules that read it keep it subscribed."""
        self._access.require(Act.WATCHLIST)
        if symbol in self._symbols:
            self._symbols.remove(symbol)
            await self._changed()

    async def move(self, symbol: str, index: int) -> None:
        """Move a symbol to a place in the list, 0 first."""
        self._access.require(Act.WATCHLIST)
        if symbol in self._symbols:
            self._symbols.remove(symbol)
            self._symbols.insert(max(0, min(index, len(self._symbols))), symbol)
            await self._changed()

    async def rename(self, symbol: str, new_symbol: str) -> None:
        """Watch a symbol under its new name, at the same place."""
        self._access.require(Act.WATCHLIST)
        if symbol in self._symbols:
            renamed = [new_symbol if each == symbol else each for each in self._symbols]
            self._symbols = list(dict.fromkeys(renamed))
            await self._changed()

    async def _changed(self) -> None:
        self._on_changed()
        self._bus.publish(WatchlistChanged(symbols=self.symbols))
        if self._store is not None:
            await self._store.keep_watchlist(self.symbols)
