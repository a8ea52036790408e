"""The simulated REST answers: user preferences and quotes."""

import secrets
import uuid
from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from tradeassist_desktop.simulator.board import Board, Shown
from tradeassist_desktop.simulator.oauth import SignIn
from tradeassist_desktop.simulator.source import Listing

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
}
_BLOCKS: Final = frozenset({"quote", "reference"})


class RestAnswers:
    """Answers ``userPreference`` and ``quotes`` to who brings a good access token.

    Args:
        websocket_url: Returns the streamer's address, known once the server listens.
    """

    def __init__(self, *, sign_in: SignIn, board: Board, websocket_url: Callable[[], str]) -> None:
        self._sign_in = sign_in
        self._board = board
        self._websocket_url = websocket_url
        self.customer_id = secrets.token_hex(32)

    def routes(self) -> list[web.RouteDef]:
        """Return the HTTP routes."""
        return [
            web.get("/trader/v1/userPreference", self._guarded(self._user_preference)),
            web.get("/marketdata/v1/quotes", self._guarded(self._quotes)),
            web.get("/marketdata/v1/{symbol}/quotes", self._guarded(self._quotes_of_one)),
        ]

    def _guarded(self, answer: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            if scheme != "Bearer" or not self._sign_in.accepts(token):
                return _error(401, "Unauthorized", "Client not authorized")
            return await answer(request)

        return handle

    async def _user_preference(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "accounts": [
                    {
                        "accountNumber": "00000000",
                        "primaryAccount": True,
                        "type": "BROKERAGE",
                        "nickName": "Simulator",
                        "displayAcctId": "...000",
                        "autoPositionEffect": False,
                        "accountColor": "Green",
                    }
                ],
                "streamerInfo": [
                    {
                        "streamerSocketUrl": self._websocket_url(),
                        "schwabClientCustomerId": self.customer_id,
                        "schwabClientCorrelId": str(uuid.uuid4()),
                        "schwabClientChannel": "N9",
                        "schwabClientFunctionId": "APIAPP",
                    }
                ],
                "offers": [{"level2Permissions": True, "mktDataPermission": "NP"}],
            }
        )

    async def _quotes(self, request: web.Request) -> web.Response:
        symbols = [symbol.strip() for symbol in request.query.get("symbols", "").split(",") if symbol.strip()]
        if not symbols:
            return _error(400, "Bad Request", "symbols is required")
        return self._answer(symbols, request)

    async def _quotes_of_one(self, request: web.Request) -> web.Response:
        symbol = request.match_info["symbol"]
        if symbol not in self._board.listings:
            return _error(404, "Not Found", f"no quote for {symbol[:40]}")
        return self._answer([symbol], request)

    def _answer(self, symbols: list[str], request: web.Request) -> web.Response:
        asked = frozenset(request.query.get("fields", "quote,reference").split(","))
        blocks = _BLOCKS if "all" in asked else asked & _BLOCKS
        listings = self._board.listings
        quotes: dict[str, object] = {
            symbol: _quote(listings[symbol], self._board.shown(symbol), blocks)
            for symbol in symbols
            if symbol in listings
        }
        unknown = [symbol for symbol in symbols if symbol not in listings]
        if unknown:
            quotes["errors"] = {"invalidSymbols": unknown}
        return web.json_response(quotes)


def _quote(listing: Listing, shown: Shown, blocks: frozenset[str]) -> dict[str, object]:
    quote: dict[str, object] = {
        "assetMainType": listing.main_type,
        "symbol": listing.symbol,
        "realtime": True,
        "quoteType": "NBBO",
    }
    if listing.sub_type is not None:
        quote["assetSubType"] = listing.sub_type
    if "quote" in blocks:
        values: dict[str, object] = {_QUOTE_NAMES[name]: value for name, value in shown.items()}
        quote["quote"] = values | {"securityStatus": "Normal"}
    if "reference" in blocks:
        reference: dict[str, object] = {
            "description": listing.description,
            "exchangeName": listing.exchange_name,
        }
        if listing.main_type == "FUTURE":
            reference |= {"product": listing.symbol, "futureIsActive": True, "futurePriceFormat": "D,D"}
        quote["reference"] = reference
    return quote


def _error(status: int, title: str, detail: str) -> web.Response:
    # "status" is a number here and a string in some captures: clients must not rely on either.
    fault = {"id": str(uuid.uuid4()), "status": status, "title": title, "detail": detail}
    return web.json_response({"errors": [fault]}, status=status)
