"""Prices as the tables keep them: whole numbers of 1 / ``PRICE_SCALE``."""

from typing import Final

from tradeassist_desktop.storage.market_tables import PRICE_SCALE

LARGEST_PRICE: Final = 90_000_000_000.0
"""In quote currency; beyond it a scaled price would not fit into SQLite's 64 bits."""


def to_scaled(price: float) -> int:
    """Return the price as kept, rounded to the nearest step.

    Raises:
        ValueError: it is not finite or beyond ``LARGEST_PRICE``.
    """
    # "not (a < b)" also refuses NaN, which compares false with everything.
    if not -LARGEST_PRICE < price < LARGEST_PRICE:
        raise ValueError(f"Price must be within ±{LARGEST_PRICE:g}, was {price}")
    return round(price * PRICE_SCALE)


def from_scaled(scaled: int) -> float:
    """Return the price that was kept: the same float, where it had no more than 8 decimals."""
    return scaled / PRICE_SCALE
