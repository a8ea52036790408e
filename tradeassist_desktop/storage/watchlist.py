"""The symbols the trader watches, in groups and in order."""

from sqlalchemy import Connection, delete, insert, select

from tradeassist_desktop.domain.watching import UNGROUPED, Groups, WatchGroup, arranged, symbols_of
from tradeassist_desktop.storage.tables import watch_groups, watchlist


def load(connection: Connection) -> Groups:
    """Return the symbols in their groups, first those in none."""
    held: dict[str, list[str]] = {}
    for symbol, name in connection.execute(
        select(watchlist.c.symbol, watchlist.c.group_name).order_by(watchlist.c.position)
    ):
        held.setdefault(name, []).append(symbol)
    groups = [
        WatchGroup(name, tuple(held.get(name, ())), bool(is_collapsed))
        for name, is_collapsed in connection.execute(
            select(watch_groups.c.name, watch_groups.c.is_collapsed).order_by(watch_groups.c.position)
        )
    ]
    return arranged((symbol for symbols in held.values() for symbol in symbols), groups)


def replace(connection: Connection, groups: Groups) -> None:
    """Keep these symbols, each once, and no others."""
    groups = arranged(symbols_of(groups), groups)
    connection.execute(delete(watchlist))
    connection.execute(delete(watch_groups))
    listed = [(symbol, group.name) for group in groups for symbol in group.symbols]
    if listed:
        connection.execute(
            insert(watchlist),
            [
                {"position": place, "symbol": symbol, "group_name": name}
                for place, (symbol, name) in enumerate(listed)
            ],
        )
    named = [group for group in groups if group.name != UNGROUPED]
    if named:
        connection.execute(
            insert(watch_groups),
            [
                {"position": place, "name": group.name, "is_collapsed": int(group.is_collapsed)}
                for place, group in enumerate(named)
            ],
        )
