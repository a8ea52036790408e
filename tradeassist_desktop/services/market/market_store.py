"""What the market data service needs of whatever keeps the market."""

from typing import Any, Protocol

from tradeassist_desktop.domain.watching import Groups
from tradeassist_desktop.services.market import keeping
from tradeassist_desktop.services.market.closed_bars import BarStore
from tradeassist_desktop.services.market.past import HistoryStore
from tradeassist_desktop.services.market.tick_keeping import TickStore
from tradeassist_desktop.services.market.watchlist import WatchlistStore


class MarketStore(BarStore, HistoryStore, TickStore, WatchlistStore, keeping.MarketStore, Protocol):
    """Where the market and the watchlist are kept; may lag, never blocks the caller."""

    async def market_state(self) -> dict[str, Any]:
        """Return what the market was when it was last kept."""
        ...

    async def watchlist(self) -> Groups:
        """Return the kept watchlist, in its groups and in order."""
        ...
