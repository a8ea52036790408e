"""The symbols the trader watches, in groups and in order."""

from collections.abc import Callable, Sequence
from typing import Protocol

from tradeassist_desktop.domain.access import OPEN, Act, Gate
from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.events import WatchlistChanged
from tradeassist_desktop.domain.instruments import check_symbol
from tradeassist_desktop.domain.watching import (
    LONGEST_GROUP_NAME,
    MOST_WATCHED,
    UNGROUPED,
    Groups,
    WatchGroup,
    added,
    arranged,
    group_of,
    removed,
    symbols_of,
)
from tradeassist_desktop.runtime.bus import Bus


class WatchlistStore(Protocol):
    """Where the list is kept."""

    async def keep_watchlist(self, groups: Groups) -> None:
        """Replace the kept watchlist."""
        ...


class Watchlist:
    """The list as the trader has it.

    Args:
        symbols: What is watched; ``groups`` says where what of it stands.
        store: ``None`` keeps nothing.
        on_changed: Called before anyone is told, to have the feeds asked for what is new.
        access: Asked before a person's change.
    """

    def __init__(
        self,
        *,
        symbols: Sequence[str],
        groups: Sequence[WatchGroup] = (),
        store: WatchlistStore | None,
        bus: Bus,
        on_changed: Callable[[], None],
        access: Gate = OPEN,
    ) -> None:
        self._access = access
        self._groups = arranged(symbols, groups)
        self._store = store
        self._bus = bus
        self._on_changed = on_changed

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols in the trader's order."""
        return symbols_of(self._groups)

    @property
    def groups(self) -> Groups:
        """The symbols in their groups: first those in none, then each group."""
        return self._groups

    async def add(self, symbol: str, group: str = UNGROUPED) -> None:
        """Watch a symbol, at the end of a group; one already there stays where it is.

        Raises:
            BadInput: it can be no symbol, or more than ``MOST_WATCHED`` would be watched.
        """
        self._access.require(Act.WATCHLIST)
        symbol = symbol.strip().upper()
        if symbol:
            check_symbol(symbol)
            await self._become(added(self._groups, [symbol], group))

    async def remove(self, symbol: str) -> None:
        """Stop watching a symbol; rules that read it keep it subscribed."""
        self._access.require(Act.WATCHLIST)
        await self._become(removed(self._groups, [symbol]))

    async def rename(self, symbol: str, new_symbol: str) -> None:
        """Watch a symbol under its new name, at the same place."""
        self._access.require(Act.WATCHLIST)
        if symbol in self.symbols:
            renamed = [new_symbol if each == symbol else each for each in self.symbols]
            home = {each: group_of(self._groups, each) for each in self.symbols} | {
                new_symbol: group_of(self._groups, symbol)
            }
            groups = [
                WatchGroup(each.name, tuple(s for s in renamed if home[s] == each.name), each.is_collapsed)
                for each in self._groups
            ]
            await self._become(arranged(renamed, groups))

    async def arrange(self, groups: Groups) -> None:
        """Watch these symbols in these groups: symbols added, removed, moved, or grouped otherwise.

        Raises:
            BadInput: a group has no name, or a longer one than can be shown, or more than ``MOST_WATCHED``
                would be watched.
        """
        self._access.require(Act.WATCHLIST)
        await self._become(arranged(symbols_of(groups), groups))

    async def _become(self, groups: Groups) -> None:
        if groups == self._groups:
            return
        _check(groups)
        is_about_symbols = symbols_of(groups) != self.symbols
        self._groups = groups
        if is_about_symbols:
            self._on_changed()
        self._bus.publish(WatchlistChanged(symbols=self.symbols))
        if self._store is not None:
            await self._store.keep_watchlist(groups)


def _check(groups: Groups) -> None:
    count = len(symbols_of(groups))
    if count > MOST_WATCHED:
        raise BadInput(
            [Fault("", f"At most {MOST_WATCHED:,} symbols can be watched; that would be {count:,}.")]
        )
    for group in groups[1:]:
        if not 1 <= len(group.name) <= LONGEST_GROUP_NAME or not group.name.isprintable():
            raise BadInput(
                [Fault("", f"A group's name has 1 to {LONGEST_GROUP_NAME} characters, on one line.")]
            )
