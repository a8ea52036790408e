"""The exchange's board: what each symbol shows now, and which symbols there are."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_MS, Tick
from tradeassist_desktop.simulator.fields import level_one_of
from tradeassist_desktop.simulator.past.candles import MinuteCandles
from tradeassist_desktop.simulator.source import Listing

Shown = dict[str, Any]
"""By name: numbers, times as ``quote_ms`` and ``trade_ms``, ``security_status`` once it was not usual."""

_VALUES: Final = tuple(
    (Tick._fields.index(name), name)
    for name in (
        "last",
        "bid",
        "ask",
        "last_size",
        "bid_size",
        "ask_size",
        "volume",
        "open",
        "high",
        "low",
        "prev_close",
    )
)


def shown_by(tick: Tick) -> Shown:
    """Return what an update puts on the wire, whole numbers as integers like Schwab's.

    An update with a ``last`` carries the trade's time, and the quote's too if it has a bid
    or an ask; any other carries the quote's time only.
    """
    shown: Shown = {}
    for index, name in _VALUES:
        value = tick[index]
        if value is not None:
            assert isinstance(value, float | int)
            shown[name] = int(value) if float(value).is_integer() else value
    event_ms = tick.event_ns // NS_PER_MS
    if tick.last is None or tick.bid is not None or tick.ask is not None:
        shown["quote_ms"] = event_ms
    if tick.last is not None:
        shown["trade_ms"] = event_ms
    return shown


class Board:
    """Merges updates into what each symbol shows, and minutes of trades into candles.

    Args:
        listings: Every symbol there is; updates of others are refused with ``KeyError``.
    """

    def __init__(self, *, listings: Mapping[str, Listing]) -> None:
        self._listings = dict(listings)
        self._shown: dict[str, Shown] = {symbol: {} for symbol in listings}
        self.services = {symbol: level_one_of(listing.main_type) for symbol, listing in listings.items()}
        self.candles = MinuteCandles()
        self.newest_ms = 0

    @property
    def listings(self) -> Mapping[str, Listing]:
        """Every symbol there is now, by symbol."""
        return self._listings

    def put(self, symbol: str, shown: Shown) -> None:
        """Merge one update; the change since the previous close follows the last price."""
        merged = self._shown[symbol]
        last = shown.get("last")
        if last is not None:
            self._trade(symbol, last, shown, merged)
        merged.update(shown)
        prev_close = merged.get("prev_close")
        if last is not None and prev_close is not None:
            shown["net_change"] = merged["net_change"] = round(last - prev_close, 6)

    def shown(self, symbol: str) -> Shown:
        """Return all a symbol shows; empty before its first update or where it is unknown."""
        return self._shown.get(symbol, {})

    def change_listing(self, symbol: str, **changes: object) -> None:
        """Replace some words of a listing: a new active contract, another expiration.

        Raises:
            KeyError: there is no such symbol.
        """
        self._listings[symbol] = replace(self._listings[symbol], **changes)  # type: ignore[arg-type]  # of its fields

    def rename(self, old: str, new: str) -> None:
        """Let a symbol go on under another name; the old one is unknown from now on.

        Raises:
            KeyError: there is no such symbol.
        """
        self._listings[new] = replace(self._listings.pop(old), symbol=new)
        self._shown[new] = self._shown.pop(old)
        self.services[new] = self.services.pop(old)
        self.candles.rename(old, new)

    def words(self, symbol: str) -> Mapping[str, object]:
        """Return what does not move about a symbol, by the names of ``FIELD_NUMBERS``."""
        listing = self._listings[symbol]
        words: dict[str, object] = {
            "description": listing.description,
            "exchange_name": listing.exchange_name,
            "security_status": "Normal",
            "tick_size": listing.tick_size,
            "tick_amount": round(listing.tick_size * listing.multiplier, 10),
            "multiplier": listing.multiplier,
            "product": listing.follows or symbol,
            "price_format": "D,D",
            "is_tradable": True,
            "is_active": listing.active_symbol in (None, symbol),
            "settlement_price": self._shown[symbol].get("prev_close"),
            "digits": instrument_of(symbol).decimals,
            "active_symbol": listing.active_symbol,
            "expiration_ms": listing.expires_ms,
            "underlying": listing.underlying,
            "strike": listing.strike,
            "contract_type": listing.contract_type,
            "last_trading_day_ms": listing.expires_ms,
        }
        if listing.main_type == "OPTION" and listing.expires_ms is not None:
            expires = datetime.fromtimestamp(listing.expires_ms / 1000, UTC)
            words |= {
                "expiration_year": expires.year,
                "expiration_month": expires.month,
                "expiration_day": expires.day,
            }
        return words

    def _trade(self, symbol: str, last: float, shown: Shown, merged: Shown) -> None:
        at_ms: int = shown["trade_ms"]
        volume, before = shown.get("volume"), merged.get("volume")
        size = shown.get("last_size", 0)
        if volume is not None and before is not None and volume > before:
            size = volume - before
        self.candles.trade(symbol, last, size, at_ms)
        self.newest_ms = max(self.newest_ms, at_ms)
