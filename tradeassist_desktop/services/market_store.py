"""What the market data service needs of whatever keeps the market."""

from collections.abc import Sequence
from typing import Any, Protocol

from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.services import keeping
from tradeassist_desktop.services.closed_bars import BarStore
from tradeassist_desktop.services.past import HistoryStore


class MarketStore(BarStore, HistoryStore, keeping.MarketStore, Protocol):
    """Where the market and the watchlist are kept; may lag, never blocks the caller."""

    def keep_ticks(self, ticks: Sequence[Tick]) -> bool:
        """Take a batch; return whether it was taken (a disk that cannot follow refuses)."""
        ...

    async def market_state(self) -> dict[str, Any]:
        """Return what the market was when it was last kept."""
        ...

    async def watchlist(self) -> tuple[str, ...]:
        """Return the kept watchlist, in order."""
        ...

    async def keep_watchlist(self, symbols: Sequence[str]) -> None:
        """Replace the kept watchlist."""
        ...
