"""Reads the market for the watchlist's rows."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from tradeassist_desktop.domain.market import NS_PER_MS, NS_PER_SECOND
from tradeassist_desktop.domain.rules import PriceLevel
from tradeassist_desktop.ui.freshness import is_stale
from tradeassist_desktop.ui.models.watchlist.row import WatchlistRow

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

FLASH_NS: Final = 150 * NS_PER_MS


class RowReader:
    """Remembers when each price moved last, so that its row flashes for a moment."""

    def __init__(self, *, desk: "Desk") -> None:
        self._desk = desk
        self._flash: dict[str, tuple[int, int]] = {}
        self._levels: dict[str, tuple[PriceLevel, ...]] = {}

    def read_levels(self, symbols: Iterable[str]) -> None:
        """Ask the rules for the lines they draw on these symbols."""
        self._levels = {symbol: self._desk.rules.levels(symbol) for symbol in symbols}

    def is_flash_over(self, row: WatchlistRow) -> bool:
        """Whether a row flashes that is to flash no more."""
        return row.flash != 0 and self._now_ns() - self._flash[row.symbol][1] >= FLASH_NS

    def read(self, symbol: str, before: WatchlistRow | None) -> WatchlistRow:
        """Return the row of a symbol as the market stands, after the row of before."""
        market = self._desk.market
        quote = market.quote(symbol)
        now_ns = self._now_ns()
        last = quote.last if quote is not None else None
        last_before = before.quote.last if before is not None and before.quote is not None else None
        if last is not None and last_before is not None and last != last_before:
            self._flash[symbol] = (1 if last > last_before else -1, now_ns)
        direction, flashed_ns = self._flash.get(symbol, (0, 0))
        level, distance = _nearest(self._levels.get(symbol, ()), last)
        event_now_ns = market.event_now_ns()
        newest_ns = quote.event_ns if quote is not None else None
        traded_ns = quote.trade_ns or quote.event_ns if quote is not None else None
        is_grey = is_stale(self._desk, symbol, quote)
        since_ns = newest_ns if is_grey else traded_ns
        age_ns = max(0, event_now_ns - since_ns) // NS_PER_SECOND * NS_PER_SECOND if since_ns else None
        return WatchlistRow(
            symbol=symbol,
            instrument=market.instrument(symbol),
            quote=quote,
            trend=tuple(market.sparkline(symbol)),
            age_ns=age_ns,
            is_stale=is_grey,
            is_silent=market.is_silent(symbol),
            flash=direction if now_ns - flashed_ns < FLASH_NS else 0,
            level=level,
            distance=distance,
            trading=market.trading(symbol),
        )

    def _now_ns(self) -> int:
        return self._desk.clock.monotonic_ns()


def _nearest(levels: Sequence[PriceLevel], last: float | None) -> tuple[PriceLevel | None, float | None]:
    armed = [level for level in levels if level.is_armed]
    if last is None or not last or not armed:
        return None, None
    level = min(armed, key=lambda level: abs(level.price - last))
    return level, 100.0 * (level.price - last) / abs(last)
