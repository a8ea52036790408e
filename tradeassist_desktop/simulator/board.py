"""The exchange's board: what each symbol shows now, and how it is written on the wire."""

from collections.abc import Iterable, Mapping
from typing import Final

from tradeassist_desktop.domain.market import NS_PER_MS, Tick
from tradeassist_desktop.simulator.fields import FIELD_NUMBERS
from tradeassist_desktop.simulator.source import Listing

Shown = dict[str, float | int]
"""Values by name; times as ``quote_ms`` and ``trade_ms``."""

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
    """Merges updates into what each symbol shows.

    Args:
        listings: Every symbol there is; updates of others are refused with ``KeyError``.
    """

    def __init__(self, *, listings: Mapping[str, Listing]) -> None:
        self.listings = listings
        self._shown: dict[str, Shown] = {symbol: {} for symbol in listings}

    def put(self, symbol: str, shown: Shown) -> None:
        """Merge one update; the change since the previous close follows the last price."""
        merged = self._shown[symbol]
        merged.update(shown)
        if "last" in shown and "prev_close" in merged:
            shown["net_change"] = merged["net_change"] = round(merged["last"] - merged["prev_close"], 6)

    def shown(self, symbol: str) -> Shown:
        """Return all a symbol shows; empty before its first update or where it is unknown."""
        return self._shown.get(symbol, {})


class Layout:
    """How the fields one connection asked for of one service are written.

    Args:
        service: A key of ``FIELD_NUMBERS``.
        numbers: Fields asked for; unknown ones are ignored, as Schwab does.
    """

    def __init__(self, *, service: str, numbers: Iterable[int]) -> None:
        wanted = frozenset(numbers)
        self._texts = {
            name: str(number) for name, number in FIELD_NUMBERS[service].items() if number in wanted
        }

    def delta(self, symbol: str, shown: Shown) -> dict[str, object]:
        """Return the content item of one update: the key and what came."""
        texts = self._texts
        item: dict[str, object] = {"key": symbol}
        for name, value in shown.items():
            if name in texts:
                item[texts[name]] = value
        return item

    def snapshot(self, listing: Listing, shown: Shown) -> dict[str, object]:
        """Return the first content item of a key: all that was asked for, and four words more."""
        words = {
            "description": listing.description,
            "exchange_name": listing.exchange_name,
            "security_status": "Normal",
            "tick_size": listing.tick_size,
        }
        item: dict[str, object] = {"delayed": False, "assetMainType": listing.main_type}
        if listing.sub_type is not None:
            item["assetSubType"] = listing.sub_type
        if listing.cusip is not None:
            item["cusip"] = listing.cusip
        for name, text in self._texts.items():
            value = shown.get(name, words.get(name))
            if value is not None:
                item[text] = value
        # Captures show the key at any place in the object; last, so that no client relies on the first.
        item["key"] = listing.symbol
        return item
