"""One row of the watchlist, and how it is told."""

from collections.abc import Sequence
from dataclasses import dataclass

from tradeassist_desktop.domain.market import Instrument, InstrumentKind, Quote, TradingStatus
from tradeassist_desktop.domain.rules import PriceLevel


@dataclass(frozen=True, slots=True)
class WatchlistRow:
    """What one row shows.

    ``flash`` is 1 or −1 for 150 ms after the last price rose or fell, else 0. ``distance`` is
    the nearest armed level less the last price, in percent of the last price. A symbol that does
    not trade is not stale, its silence is right, unless its feed is down.
    """

    symbol: str
    instrument: Instrument
    quote: Quote | None
    trend: Sequence[float]
    age_ns: int | None
    is_stale: bool
    is_silent: bool
    flash: int
    level: PriceLevel | None
    distance: float | None
    trading: TradingStatus = TradingStatus.NORMAL


def pct_change(row: WatchlistRow, quote: Quote) -> float | None:
    """Return the change in percent; ``None`` where that means nothing: $TICK swings around 0."""
    return None if row.instrument.kind is InstrumentKind.INDICATOR else quote.pct_change
