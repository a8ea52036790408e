"""The twelve instruments of the demo market and how each one moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.simulator.source import Listing


@dataclass(frozen=True, slots=True)
class Habit:
    """How one instrument of the demo market moves.

    Args:
        price: Where it opens in the first session.
        prev_close: Close of the session before that.
        beta: Its return per return of the whole market.
        own_volatility: Of its own, uncorrelated moves, as a share of price per square root of a second.
        spread_ticks: Ticks between bid and ask; 0 is an index, which has neither, nor a volume.
        updates_per_second: Of the undisturbed demo.
        typical_size: Contracts or shares of a usual trade.
    """

    listing: Listing
    price: float
    prev_close: float
    beta: float
    own_volatility: float
    spread_ticks: int
    updates_per_second: float
    typical_size: int


def _future(symbol: str, description: str, exchange: str, tick_size: float) -> Listing:
    return Listing(
        symbol=symbol,
        description=description,
        main_type="FUTURE",
        exchange_name=exchange,
        tick_size=tick_size,
    )


def _index(symbol: str, description: str, tick_size: float = 0.01) -> Listing:
    return Listing(
        symbol=symbol, description=description, main_type="INDEX", exchange_name="INDEX", tick_size=tick_size
    )


def _shares(symbol: str, description: str, cusip: str, sub_type: str = "COE") -> Listing:
    exchange = "NYSE Arca" if sub_type == "ETF" else "NASDAQ"
    return Listing(
        symbol=symbol,
        description=description,
        main_type="EQUITY",
        sub_type=sub_type,
        cusip=cusip,
        exchange_name=exchange,
    )


_HABITS: Final = (
    Habit(_future("/ES", "E-mini S&P 500 Futures", "XCME", 0.25), 5528.50, 5510.25, 1.0, 5e-6, 1, 10.0, 3),
    Habit(
        _future("/NQ", "E-mini Nasdaq-100 Futures", "XCME", 0.25), 20102.25, 19998.00, 1.25, 2e-5, 2, 10.0, 2
    ),
    Habit(_future("/CL", "Light Sweet Crude Oil Futures", "XNYM", 0.01), 82.31, 81.74, 0.2, 7e-5, 1, 7.0, 2),
    Habit(_future("/GC", "Gold Futures", "XCEC", 0.1), 2339.4, 2345.1, -0.2, 4e-5, 2, 6.0, 2),
    Habit(_index("$SPX", "S&P 500 Index"), 5475.09, 5460.48, 1.0, 3e-6, 0, 4.0, 0),
    Habit(_index("$VIX", "CBOE Volatility Index"), 12.22, 12.44, -6.0, 8e-5, 0, 3.0, 0),
    Habit(_index("$TICK", "NYSE Tick", 1.0), 112.0, 37.0, 0.0, 0.0, 0, 4.0, 0),
    Habit(_index("$ADD", "NYSE Advance Decline", 1.0), 240.0, -415.0, 0.0, 0.0, 0, 3.0, 0),
    Habit(_shares("AAPL", "Apple Inc", "037833100"), 216.75, 214.60, 1.2, 6e-5, 1, 6.0, 100),
    Habit(_shares("MSFT", "Microsoft Corp", "594918104"), 456.73, 452.85, 1.1, 5e-5, 3, 5.0, 100),
    Habit(_shares("SPY", "SPDR S&P 500 ETF", "78462F103", "ETF"), 545.34, 543.01, 1.0, 4e-6, 1, 8.0, 200),
    Habit(
        _shares("TLT", "iShares 20+ Year Treasury Bond ETF", "464287432", "ETF"),
        91.78,
        92.40,
        -0.3,
        3e-5,
        1,
        4.0,
        300,
    ),
)

HABITS: Final[Mapping[str, Habit]] = {habit.listing.symbol: habit for habit in _HABITS}
"""By symbol."""
