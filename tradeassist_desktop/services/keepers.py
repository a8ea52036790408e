"""What the services keep between runs, as they ask for it: market data, watchlist, rules."""

from collections.abc import Callable, Sequence
from typing import Final

from tradeassist_desktop.domain.market import Bar, Tick
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.storage import bars, rules, watchlist
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.ticks import TickStore

_BATCHES_WAITING_AT_MOST: Final = 200


class MarketKeeper:
    """Keeps live updates and bars of one venue, and the watchlist.

    A disk that cannot follow is told by ``keep_ticks``: at 200 batches waiting it takes no more,
    so that memory stays bounded; bars are few and always taken.
    """

    def __init__(self, *, database: Database, venue: str) -> None:
        self._database = database
        self._venue = venue
        self._ticks = TickStore(venue=venue)

    def keep_ticks(self, ticks: Sequence[Tick]) -> bool:
        """Hand a batch to the storage thread; return whether it was taken."""
        if self._database.background_length >= _BATCHES_WAITING_AT_MOST:
            return False
        self._database.submit(lambda connection: self._ticks.append(connection, ticks))
        return True

    def keep_bars(self, closed: Sequence[Bar]) -> None:
        """Hand closed bars to the storage thread."""
        self._database.submit(lambda connection: bars.put(connection, closed, venue=self._venue))

    async def bars(self, symbol: str, timeframe: str, limit: int) -> list[Bar]:
        """Return the newest ``limit`` bars, oldest first."""
        return await self._database.read(
            lambda connection: bars.latest(connection, symbol, timeframe, limit=limit, venue=self._venue)
        )

    async def watchlist(self) -> tuple[str, ...]:
        """Return the kept watchlist; empty where none was ever kept."""
        return await self._database.read(watchlist.load)

    async def keep_watchlist(self, symbols: Sequence[str]) -> None:
        """Replace the kept watchlist."""
        await self._database.run(lambda connection: watchlist.replace(connection, symbols))


class RuleKeeper:
    """Keeps the trader's rules."""

    def __init__(self, *, database: Database, now_ns: Callable[[], int]) -> None:
        self._database = database
        self._now_ns = now_ns

    async def all(self) -> tuple[Rule, ...]:
        """Return the rules in their order."""
        return await self._database.read(rules.load)

    async def is_new(self) -> bool:
        """Return whether no rule was ever kept here."""
        return await self._database.read(rules.is_empty)

    async def put(self, rule: Rule) -> None:
        """Add or replace a rule; it is on disk when this returns."""
        await self._database.run(lambda c: rules.put(c, rule, now_ns=self._now_ns()), durable=True)

    async def remove(self, uids: Sequence[str]) -> None:
        """Remove rules, so that they can be restored."""
        await self._database.run(lambda c: rules.remove(c, uids, now_ns=self._now_ns()), durable=True)

    async def restore(self, uids: Sequence[str]) -> None:
        """Bring removed rules back to their places."""
        await self._database.run(lambda c: rules.restore(c, uids), durable=True)
