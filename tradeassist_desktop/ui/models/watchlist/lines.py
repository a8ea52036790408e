"""The lines of the watchlist's table: rows in the order that is wanted, under the heads of their groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tradeassist_desktop.domain.watching import UNGROUPED, Groups
from tradeassist_desktop.ui.models.watchlist.columns import SORT_KEYS, Sort
from tradeassist_desktop.ui.models.watchlist.row import WatchlistRow


@dataclass(frozen=True, slots=True)
class GroupHead:
    """The line above a group."""

    name: str
    count: int
    is_collapsed: bool


Line = GroupHead | WatchlistRow


def lines_of(groups: Groups, rows: Mapping[str, WatchlistRow], sort: Sort | None) -> list[Line]:
    """Return the lines of all groups; collapsed ones show their heads only."""
    lines: list[Line] = []
    for group in groups:
        if group.name != UNGROUPED:
            lines.append(GroupHead(group.name, len(group.symbols), group.is_collapsed))
        if not group.is_collapsed:
            lines += _sorted([rows[symbol] for symbol in group.symbols], sort)
    return lines


def place_before(lines: Sequence[Line], position: int, groups: Groups) -> tuple[str, int]:
    """Return the group, and the place in it, of what is put before the line at ``position``.

    Between a row and the head of the next group that is the end of the first.
    """
    above = lines[position - 1] if 0 < position <= len(lines) else None
    if above is None:
        return UNGROUPED, 0
    if isinstance(above, GroupHead):
        return above.name, above.count if above.is_collapsed else 0
    for group in groups:
        if above.symbol in group.symbols:
            return group.name, group.symbols.index(above.symbol) + 1
    return UNGROUPED, len(groups[0].symbols)


def _sorted(rows: list[WatchlistRow], sort: Sort | None) -> list[WatchlistRow]:
    if sort is None:
        return rows
    key = SORT_KEYS[sort.column]
    known = [row for row in rows if key(row) is not None]
    # Sorting is stable: rows that are alike stay in the trader's order.
    known.sort(key=lambda row: _comparable(key(row)), reverse=sort.is_descending)
    return known + [row for row in rows if key(row) is None]


def _comparable(value: float | str | None) -> tuple[str, float]:
    return (value, 0.0) if isinstance(value, str) else ("", value or 0.0)
