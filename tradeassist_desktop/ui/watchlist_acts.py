"""What a trader does with the watchlist, each act with its way back."""

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.watching import (
    UNGROUPED,
    Groups,
    added,
    collapsed,
    group_of,
    moved,
    moved_group,
    removed,
    renamed_group,
    symbols_of,
    with_group,
    without_group,
)
from tradeassist_desktop.ui import dialogs, text
from tradeassist_desktop.ui.panels.base import PanelContext


class WatchlistActs:
    """Changes the list and offers to undo it, as long as nobody has changed it since.

    Args:
        parent: Of the sheets that ask for a group's name.
    """

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        self._context = context
        self._parent = parent
        self._watchlist = context.desk.watchlist

    def add(self, symbol: str, beside: str | None) -> None:
        """Watch a symbol, in the group of the one beside it, and show it."""
        group = UNGROUPED if beside is None else group_of(self._watchlist.groups, beside)

        async def add() -> None:
            await self._watchlist.add(symbol, group)
            self._context.navigator.symbol_chosen.emit(symbol)

        self._context.tasks.start(add())

    def remove(self, symbols: Sequence[str]) -> None:
        """Stop watching these."""
        if symbols:
            left = f"{_named(symbols)} left the watchlist"
            self._become(removed(self._watchlist.groups, symbols), left)

    def move(self, symbols: Sequence[str], group: str, place: int) -> None:
        """Put these at a place of a group."""
        before = self._watchlist.groups
        went = [symbol for symbol in symbols if group_of(before, symbol) != group]
        where = f"“{group}”" if group else "no group"
        # Reordering is undone by reordering; only what has changed its group is told.
        self._become(moved(before, symbols, group, place), f"{_named(went)} went to {where}" if went else "")

    def shift(self, symbols: Sequence[str], by: int) -> None:
        """Move these one place up (−1) or down (1), over the border of their group too."""
        if not symbols:
            return
        groups = self._watchlist.groups
        names = [group.name for group in groups]
        edge = symbols[0] if by < 0 else symbols[-1]
        at = names.index(group_of(groups, edge))
        place = groups[at].symbols.index(edge)
        if 0 <= place + by < len(groups[at].symbols):
            self.move(symbols, names[at], place - 1 if by < 0 else place + 2)
        elif 0 <= at + by < len(groups):
            other = groups[at + by]
            self.move(symbols, other.name, len(other.symbols) if by < 0 else 0)

    # --- groups

    def ask_for_group(self, symbols: Sequence[str]) -> None:
        """Ask for the name of a new group, and put these into it."""

        async def make(name: str) -> None:
            groups = self._watchlist.groups
            if any(group.name == name for group in groups):
                raise BadInput([Fault("", f"There is a group “{name}” already.")])
            made = moved(with_group(groups, name), symbols, name, 0)
            await self._watchlist.arrange(made)
            self._offer(groups, made, f"Group “{name}” made")

        self._ask("newGroup", "New group", "What shall the group be called?", "", make)

    def ask_for_name(self, group: str) -> None:
        """Ask for another name of a group; where one is called so, both become one."""

        async def rename(name: str) -> None:
            groups = self._watchlist.groups
            made = renamed_group(groups, group, name)
            await self._watchlist.arrange(made)
            self._offer(groups, made, f"Group “{group}” is “{name}” now")

        self._ask("renameGroup", "Rename the group", "What shall it be called?", group, rename)

    def remove_group(self, group: str) -> None:
        """Have a group no more; what is in it is watched all the same."""
        self._become(without_group(self._watchlist.groups, group), f"Group “{group}” removed")

    def toggle_group(self, group: str) -> None:
        """Hide a group's symbols, or show them."""
        groups = self._watchlist.groups
        is_shown = any(each.name == group and not each.is_collapsed for each in groups)
        self._become(collapsed(groups, group, is_collapsed=is_shown), "")

    def move_group(self, group: str, after: str) -> None:
        """Put a group behind another, or before all (behind the ungrouped)."""
        groups = self._watchlist.groups
        names = [each.name for each in groups]
        if group != after:
            self._become(moved_group(groups, group, names.index(after) + 1), "")

    def shift_group(self, group: str, by: int) -> None:
        """Move a group one place up (−1) or down (1)."""
        groups = self._watchlist.groups
        at = [each.name for each in groups].index(group)
        if 1 <= at + by < len(groups):
            self._become(moved_group(groups, group, at - 1 if by < 0 else at + 2), "")

    # --- doing

    def _become(self, after: Groups, done: str) -> None:
        before = self._watchlist.groups
        if after == before:
            return

        async def become() -> None:
            await self._watchlist.arrange(after)
            if done:
                self._offer(before, after, done)

        self._context.tasks.start(become())

    def _offer(self, before: Groups, after: Groups, done: str) -> None:
        self._context.navigator.offer_undo(done, partial(self._put_back, before, after))

    async def _put_back(self, before: Groups, after: Groups) -> None:
        now = self._watchlist.groups
        if now == after:
            await self._watchlist.arrange(before)
            return
        # Changed since: at least what left it is there again.
        lost = [symbol for symbol in symbols_of(before) if symbol not in symbols_of(now)]
        await self._watchlist.arrange(added(now, lost))

    def _ask(
        self,
        name: str,
        title: str,
        words: str,
        value: str,
        take: Callable[[str], Coroutine[Any, Any, None]],
    ) -> None:
        async def answer(typed: str) -> None:
            if typed.strip():
                await take(typed.strip())

        sheet = dialogs.ask(
            name=name,
            title=title,
            words=words,
            value=value,
            example="Futures",
            take=answer,
            parent=self._parent,
        )
        sheet.open()


def _named(symbols: Sequence[str]) -> str:
    return symbols[0] if len(symbols) == 1 else text.plural(len(symbols), "symbol")
