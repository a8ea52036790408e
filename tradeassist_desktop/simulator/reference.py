"""``/marketdata/v1/instruments``: looking symbols up by their spelling, description or CUSIP."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import web

from tradeassist_desktop.simulator.answers import refusal
from tradeassist_desktop.simulator.board import Board
from tradeassist_desktop.simulator.source import Listing

_LONGEST_QUESTION: Final = 200
_MOST_FOUND: Final = 500

Fits = Callable[[Listing], bool]
"""Whether a listing is one that was asked for."""


class Reference:
    """Answers with what is listed now."""

    def __init__(self, *, board: Board) -> None:
        self._board = board

    async def search(self, request: web.Request) -> web.StreamResponse:
        """Answer a search by ``symbol`` and ``projection``."""
        text, projection = request.query.get("symbol", ""), request.query.get("projection", "")
        if not text or len(text) > _LONGEST_QUESTION:
            return refusal(400, "Bad Request", "symbol is required")
        if projection not in _PROJECTIONS:
            return refusal(400, "Bad Request", f"projection must be one of {', '.join(_PROJECTIONS)}")
        try:
            fits = _PROJECTIONS[projection](text)
        except re.error:
            return refusal(400, "Bad Request", "symbol is no regular expression")
        found = [_instrument(listing) for listing in self._board.listings.values() if fits(listing)]
        return web.json_response({"instruments": found[:_MOST_FOUND]} if found else {})

    async def by_cusip(self, request: web.Request) -> web.StreamResponse:
        """Answer for the CUSIP in the path; a renamed share answers with its new symbol."""
        cusip = request.match_info["cusip"]
        found = [_instrument(listing) for listing in self._board.listings.values() if listing.cusip == cusip]
        if not found:
            return refusal(404, "Not Found", f"no instrument with cusip {cusip[:20]}")
        return web.json_response({"instruments": found})


def _instrument(listing: Listing) -> dict[str, str]:
    # In searches a fund's type is its sub type.
    kind = "ETF" if listing.sub_type == "ETF" else listing.main_type
    words = {
        "symbol": listing.symbol,
        "description": listing.description,
        "exchange": listing.exchange_name,
        "assetType": kind,
    }
    return words if listing.cusip is None else {"cusip": listing.cusip, **words}


def _named(text: str) -> Fits:
    wanted = frozenset(part.strip().upper() for part in text.split(","))
    return lambda listing: listing.symbol in wanted


def _spelled(text: str) -> Fits:
    pattern = re.compile(text, re.IGNORECASE)
    return lambda listing: pattern.fullmatch(listing.symbol) is not None


def _described(text: str) -> Fits:
    words = text.lower().split()
    return lambda listing: all(word in listing.description.lower() for word in words)


def _described_as(text: str) -> Fits:
    pattern = re.compile(text, re.IGNORECASE)
    return lambda listing: pattern.fullmatch(listing.description) is not None


def _either(text: str) -> Fits:
    words = text.lower().split()
    return lambda listing: (
        listing.symbol.startswith(text.upper()) or all(word in listing.description.lower() for word in words)
    )


_PROJECTIONS: Final[Mapping[str, Callable[[str], Fits]]] = {
    "symbol-search": _named,
    "symbol-regex": _spelled,
    "desc-search": _described,
    "desc-regex": _described_as,
    "search": _either,
    "fundamental": _named,
}
