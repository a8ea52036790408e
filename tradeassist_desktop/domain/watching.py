"""The watchlist as its trader has arranged it: groups, and what becomes of them by each act."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

UNGROUPED: Final = ""
LONGEST_GROUP_NAME: Final = 60
MOST_WATCHED: Final = 1_000


@dataclass(frozen=True, slots=True)
class WatchGroup:
    """Symbols under a name, in order.

    ``is_collapsed`` hides the symbols, which are watched all the same.
    """

    name: str
    symbols: tuple[str, ...] = ()
    is_collapsed: bool = False


Groups = tuple[WatchGroup, ...]
"""All of a watchlist: first the symbols in no group, under the name ``UNGROUPED``; each symbol once."""


def arranged(symbols: Iterable[str], groups: Iterable[WatchGroup] = ()) -> Groups:
    """Return these symbols in the groups that have them; the others, in order, in none."""
    wanted = dict.fromkeys(symbols)
    made: dict[str, WatchGroup] = {}
    for group in groups:
        if group.name != UNGROUPED and group.name not in made:
            held = tuple(symbol for symbol in dict.fromkeys(group.symbols) if symbol in wanted)
            made[group.name] = replace(group, symbols=held)
            for symbol in held:
                del wanted[symbol]
    return (WatchGroup(UNGROUPED, tuple(wanted)), *made.values())


def symbols_of(groups: Groups) -> tuple[str, ...]:
    """Return all symbols, in order."""
    return tuple(symbol for group in groups for symbol in group.symbols)


def group_of(groups: Groups, symbol: str) -> str:
    """Return the name of the group a symbol is in."""
    return next((group.name for group in groups if symbol in group.symbols), UNGROUPED)


def added(groups: Groups, symbols: Sequence[str], group: str = UNGROUPED) -> Groups:
    """Return them with symbols at the end of a group, which is made where it is not there.

    A symbol that is watched already stays where it is.
    """
    there = set(symbols_of(groups))
    fresh = tuple(symbol for symbol in dict.fromkeys(symbols) if symbol not in there)
    groups = with_group(groups, group)
    return tuple(
        replace(each, symbols=each.symbols + fresh) if each.name == group else each for each in groups
    )


def removed(groups: Groups, symbols: Collection[str]) -> Groups:
    """Return them without these symbols; a group that is left empty stays."""
    gone = set(symbols)
    return tuple(
        replace(each, symbols=tuple(symbol for symbol in each.symbols if symbol not in gone))
        for each in groups
    )


def moved(groups: Groups, symbols: Sequence[str], group: str, index: int) -> Groups:
    """Return them with these symbols, in their order, before what stood at ``index`` of a group.

    Args:
        index: Counted with all the group has now, those that move among it too.
    """
    going = set(symbols)
    there = next(each.symbols for each in groups if each.name == group)
    place = len([symbol for symbol in there[: max(0, index)] if symbol not in going])
    watched = set(symbols_of(groups))
    coming = tuple(symbol for symbol in dict.fromkeys(symbols) if symbol in watched)
    return tuple(
        replace(each, symbols=each.symbols[:place] + coming + each.symbols[place:])
        if each.name == group
        else each
        for each in removed(groups, going)
    )


def with_group(groups: Groups, name: str) -> Groups:
    """Return them with an empty group of that name at the end, unless there is one."""
    return groups if any(each.name == name for each in groups) else (*groups, WatchGroup(name))


def renamed_group(groups: Groups, name: str, new_name: str) -> Groups:
    """Return them with a group called otherwise; where another is called so, both become one."""
    if any(each.name == new_name for each in groups) and name != new_name:
        held = next(each.symbols for each in groups if each.name == name)
        end = len(next(each.symbols for each in groups if each.name == new_name))
        return without_group(moved(groups, held, new_name, end), name)
    return tuple(replace(each, name=new_name) if each.name == name else each for each in groups)


def without_group(groups: Groups, name: str) -> Groups:
    """Return them without a group; what was in it is in none from now on."""
    held = next((each.symbols for each in groups if each.name == name), ())
    end = len(groups[0].symbols)
    return tuple(each for each in moved(groups, held, UNGROUPED, end) if each.name != name)


def moved_group(groups: Groups, name: str, index: int) -> Groups:
    """Return them with a group before what stood at ``index``, 1 first: the ungrouped stay above."""
    group = next(each for each in groups if each.name == name)
    before = [each for each in groups[: max(1, index)] if each.name != name]
    return (*before, group, *(each for each in groups[max(1, index) :] if each.name != name))


def collapsed(groups: Groups, name: str, *, is_collapsed: bool) -> Groups:
    """Return them with a group's symbols hidden or shown."""
    return tuple(replace(each, is_collapsed=is_collapsed) if each.name == name else each for each in groups)
