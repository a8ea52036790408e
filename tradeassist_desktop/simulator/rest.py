"""The simulated REST: who may ask, where, and the user's preferences."""

import secrets
import uuid
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler

from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.answers import refusal
from tradeassist_desktop.simulator.board import Board
from tradeassist_desktop.simulator.faults.rest_faults import SCHWAB, RestFaults
from tradeassist_desktop.simulator.faults.switches import Faults
from tradeassist_desktop.simulator.market_hours import MarketHours
from tradeassist_desktop.simulator.oauth import SignIn
from tradeassist_desktop.simulator.past.history import History
from tradeassist_desktop.simulator.past.price_history import PriceHistory
from tradeassist_desktop.simulator.quotes import Quotes
from tradeassist_desktop.simulator.reference import Reference


class RestAnswers:
    """Answers who brings a good access token.

    Args:
        websocket_url: Returns the streamer's address, known once the server listens.
        requests_per_minute: More are refused; ``None`` is no limit.
    """

    def __init__(
        self,
        *,
        sign_in: SignIn,
        board: Board,
        history: History,
        faults: Faults,
        clock: Clock,
        websocket_url: Callable[[], str],
        requests_per_minute: int | None = None,
    ) -> None:
        self._sign_in = sign_in
        self._websocket_url = websocket_url
        self._quotes = Quotes(board=board, faults=faults)
        self._price_history = PriceHistory(board=board, history=history, clock=clock)
        self._hours = MarketHours(clock=clock)
        self._reference = Reference(board=board)
        self._faults = RestFaults(
            faults=faults.rest, errors=SCHWAB, clock=clock, requests_per_minute=requests_per_minute
        )
        self.customer_id = secrets.token_hex(32)

    @property
    def requests(self) -> int:
        """Return how many requests there have been."""
        return self._faults.requests

    def routes(self) -> list[web.RouteDef]:
        """Return the HTTP routes."""
        answers: dict[str, Handler] = {
            "/trader/v1/userPreference": self._user_preference,
            "/marketdata/v1/quotes": self._quotes.of_list,
            "/marketdata/v1/pricehistory": self._price_history.answer,
            "/marketdata/v1/markets": self._hours.of_all,
            "/marketdata/v1/markets/{market}": self._hours.of_one,
            "/marketdata/v1/instruments": self._reference.search,
            "/marketdata/v1/instruments/{cusip}": self._reference.by_cusip,
            "/marketdata/v1/{symbol}/quotes": self._quotes.of_one,
        }
        return [web.get(path, self._guarded(answer)) for path, answer in answers.items()]

    def _guarded(self, answer: Handler) -> Handler:
        async def authorized(request: web.Request) -> web.StreamResponse:
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            if scheme != "Bearer" or not self._sign_in.accepts(token):
                return refusal(401, "Unauthorized", "Client not authorized")
            return await answer(request)

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._faults.answer(request, authorized)

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
