"""The local Coinbase's REST: products and candles, as good or as bad as faults want them."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.coinbase.tape import Tape
from tradeassist_desktop.simulator.faults.rest_faults import ANYWHERE, GoWrong, RestFaults
from tradeassist_desktop.simulator.faults.switches import RestError, RestFault
from tradeassist_desktop.simulator.source import Source

_GRANULARITIES: Final = (60, 300, 900, 3600, 21600, 86400)
_MOST_CANDLES: Final = 300


class CoinbaseAnswers:
    """Answers anybody.

    Args:
        faults: What goes wrong with the next requests.
    """

    def __init__(self, *, source: Source, tape: Tape, clock: Clock, faults: list[RestFault]) -> None:
        self._source = source
        self._tape = tape
        self._clock = clock
        self._faults = RestFaults(faults=faults, errors=REST_ERRORS, clock=clock)

    @property
    def requests(self) -> int:
        """Return how many requests there have been."""
        return self._faults.requests

    def routes(self) -> list[web.RouteDef]:
        """Return the HTTP routes."""
        return [
            web.get("/products", self._guarded(self._products)),
            web.get("/products/{product}/candles", self._guarded(self._candles)),
        ]

    def _guarded(self, answer: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._faults.answer(request, answer)

        return handle

    async def _products(self, _: web.Request) -> web.Response:
        return web.json_response(
            [
                {
                    "id": symbol,
                    "base_currency": symbol.split("-")[0],
                    "quote_currency": symbol.split("-")[-1],
                    "quote_increment": f"{listing.tick_size:.8f}".rstrip("0").rstrip("."),
                    "base_increment": "0.00000001",
                    "display_name": symbol.replace("-", "/"),
                    "status": "online",
                    "status_message": "",
                    "trading_disabled": False,
                    "post_only": False,
                    "cancel_only": False,
                    "limit_only": False,
                    "auction_mode": False,
                }
                for symbol, listing in self._source.listings.items()
            ]
        )

    async def _candles(self, request: web.Request) -> web.Response:
        product = request.match_info["product"]
        if product not in self._source.listings:
            return refusal(404, "NotFound")
        try:
            length_s = int(request.query.get("granularity", "60"))
            latest_s = self._clock.now_ns() // NS_PER_SECOND
            end_s = int(request.query.get("end", latest_s))
            start_s = int(request.query.get("start", end_s - _MOST_CANDLES * length_s + 1))
        except ValueError:
            return refusal(400, "Invalid start, end or granularity")
        if length_s not in _GRANULARITIES:
            return refusal(400, "Unsupported granularity")
        if (end_s - start_s) // length_s > _MOST_CANDLES:
            return refusal(400, "granularity too small for the requested time range. Count exceeds 300")
        return web.json_response(self._tape.candles(product, length_s, start_s, end_s))


async def _too_many(_: web.Request, __: Handler, seconds: float) -> web.StreamResponse:
    wait = str(max(1, round(seconds)))
    return refusal(429, "Public rate limit exceeded", {"Retry-After": wait})


async def _server_error(_: web.Request, __: Handler, ___: float) -> web.StreamResponse:
    return refusal(500, "Internal server error")


async def _unauthorized(_: web.Request, __: Handler, ___: float) -> web.StreamResponse:
    return refusal(401, "Unauthorized.")


REST_ERRORS: Final[Mapping[RestError, GoWrong]] = {
    **ANYWHERE,
    "too_many_requests": _too_many,
    "server_error": _server_error,
    "unauthorized": _unauthorized,
}
"""How Coinbase's REST goes wrong."""


def refusal(status: int, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return an answer in the shape in which Coinbase's REST refuses."""
    body: dict[str, Any] = {"message": message}
    return web.json_response(body, status=status, headers=headers)
