"""``/marketdata/v1/quotes``: what the board shows, in the words of REST."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from tradeassist_desktop.simulator.answers import refusal
from tradeassist_desktop.simulator.board import Board, Shown
from tradeassist_desktop.simulator.faults.switches import Faults

_QUOTE_NAMES: Final[Mapping[str, str]] = {
    "last": "lastPrice",
    "bid": "bidPrice",
    "ask": "askPrice",
    "last_size": "lastSize",
    "bid_size": "bidSize",
    "ask_size": "askSize",
    "volume": "totalVolume",
    "open": "openPrice",
    "high": "highPrice",
    "low": "lowPrice",
    "prev_close": "closePrice",
    "net_change": "netChange",
    "quote_ms": "quoteTime",
    "trade_ms": "tradeTime",
    "security_status": "securityStatus",
}
_REFERENCE_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "FUTURE": {
        "product": "product",
        "is_active": "futureIsActive",
        "is_tradable": "futureIsTradable",
        "price_format": "futurePriceFormat",
        "multiplier": "futureMultiplier",
        "settlement_price": "futureSettlementPrice",
        "active_symbol": "futureActiveSymbol",
        "expiration_ms": "futureExpirationDate",
    },
    "OPTION": {
        "contract_type": "contractType",
        "multiplier": "multiplier",
        "strike": "strikePrice",
        "underlying": "underlying",
        "expiration_year": "expirationYear",
        "expiration_month": "expirationMonth",
        "expiration_day": "expirationDay",
        "last_trading_day_ms": "lastTradingDay",
    },
    "FOREX": {"product": "product", "is_tradable": "isTradable"},
}
_BLOCKS: Final = frozenset({"quote", "reference"})
_WITH_TICK: Final = frozenset({"FUTURE", "FOREX"})


class Quotes:
    """Answers for lists of symbols and for single ones."""

    def __init__(self, *, board: Board, faults: Faults) -> None:
        self._board = board
        self._faults = faults

    async def of_list(self, request: web.Request) -> web.StreamResponse:
        """Answer for every symbol named in ``symbols``; unknown ones are named as errors."""
        symbols = [symbol.strip() for symbol in request.query.get("symbols", "").split(",") if symbol.strip()]
        if not symbols:
            return refusal(400, "Bad Request", "symbols is required")
        return self._answer(symbols, request)

    async def of_one(self, request: web.Request) -> web.StreamResponse:
        """Answer for the symbol in the path."""
        symbol = request.match_info["symbol"]
        if symbol not in self._board.listings:
            return refusal(404, "Not Found", f"no quote for {symbol[:40]}")
        return self._answer([symbol], request)

    def _answer(self, symbols: list[str], request: web.Request) -> web.Response:
        asked = frozenset(request.query.get("fields", "quote,reference").split(","))
        blocks = _BLOCKS if "all" in asked else asked & _BLOCKS
        known = self._board.listings
        quotes: dict[str, object] = {
            symbol: self._quote(symbol, blocks) for symbol in symbols if symbol in known
        }
        unknown = [symbol for symbol in symbols if symbol not in known]
        if unknown:
            quotes["errors"] = {"invalidSymbols": unknown}
        return web.json_response(quotes)

    def _quote(self, symbol: str, blocks: frozenset[str]) -> dict[str, object]:
        listing, words = self._board.listings[symbol], self._board.words(symbol)
        quote: dict[str, object] = {
            "assetMainType": listing.main_type,
            "symbol": symbol,
            "realtime": not self._faults.is_delayed,
            "quoteType": "NBBO",
        }
        if listing.sub_type is not None:
            quote["assetSubType"] = listing.sub_type
        if "quote" in blocks:
            quote["quote"] = _values(self._board.shown(symbol), words, listing.main_type)
        if "reference" in blocks:
            reference: dict[str, object] = {
                "description": listing.description,
                "exchangeName": listing.exchange_name,
            }
            if listing.cusip is not None:
                reference["cusip"] = listing.cusip
            names = _REFERENCE_NAMES.get(listing.main_type, {})
            quote["reference"] = reference | _renamed(words, names)
        return quote


def _values(shown: Shown, words: Mapping[str, object], main_type: str) -> dict[str, object]:
    values = {"securityStatus": "Normal"} | _renamed(shown, _QUOTE_NAMES)
    if main_type in _WITH_TICK:
        values |= _renamed(words, {"tick_size": "tick", "tick_amount": "tickAmount"})
    return values


def _renamed(values: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    return {names[name]: value for name, value in values.items() if name in names and value is not None}
