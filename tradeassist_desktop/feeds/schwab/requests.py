"""One GET of Schwab's data service: token, budget, breaker, deadline, and what its errors mean."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeVar

import httpx

from tradeassist_desktop.domain.health import RequestLoad
from tradeassist_desktop.feeds.failures import ConnectionLost
from tradeassist_desktop.feeds.http_answers import HttpAnswer, ask
from tradeassist_desktop.feeds.rest_failures import (
    RateLimited,
    RestRefused,
    RestUnavailable,
    UnknownSymbol,
    judge_rest,
    rest_asks_s,
)
from tradeassist_desktop.feeds.schwab.answers import Unreadable, fault_code, reason_in
from tradeassist_desktop.feeds.schwab.auth import SignInNeeded, TokenManager
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.breakers.outcomes import BreakerOpen
from tradeassist_desktop.runtime.breakers.presets import PRESETS
from tradeassist_desktop.runtime.budget import Budget, Importance

T = TypeVar("T")

REQUESTS_A_MINUTE: Final = 120
DEADLINE_S: Final = 20.0
_MARKET_DATA: Final = "/marketdata/v1"
_MAX_BODY_BYTES: Final = 8 * 1024 * 1024  # 48 days of minutes are 4 MB
_QUICKLY_READ_BYTES: Final = 64 * 1024
_RATE_LIMIT_WAIT_S: Final = 10.0


SCHWAB_BREAKER: Final = replace(PRESETS["schwab"], judge=judge_rest, asked_s=rest_asks_s)


class SchwabRequests:
    """Sends requests as ``SchwabRest`` is told to; the arguments are explained there."""

    def __init__(
        self,
        *,
        base_url: str,
        tokens: TokenManager,
        http: httpx.AsyncClient,
        breaker: Breaker,
        budget: Budget,
        deadline_s: float,
    ) -> None:
        self._base_url = base_url
        self._tokens = tokens
        self._http = http
        self._breaker = breaker
        self._budget = budget
        self._deadline_s = deadline_s

    @property
    def load(self) -> RequestLoad:
        """How busy it is now, and whether it is answered."""
        budget, breaker = self._budget.reading, self._breaker.reading
        return RequestLoad(
            used=budget.used,
            limit=budget.limit,
            waiting=budget.waiting,
            held_s=budget.held_s,
            pause_s=breaker.retry_after_s,
            failure=breaker.last_failure,
        )

    async def get(
        self,
        path: str,
        query: Mapping[str, str],
        importance: Importance,
        read: Callable[[bytes], T],
        *,
        symbol: str = "",
    ) -> T:
        """Return what ``read`` makes of the answer to a GET.

        Args:
            read: Raises ``Unreadable`` for what is none; of a long answer in a thread.
            symbol: What is asked about; not found then means that it is unknown.

        Raises:
            NotNow: no sensible answer came, we are to wait, or the trader must sign in.
            TradeAssistError: Schwab refused.
        """

        async def attempt() -> T:
            answer = await self._authorized(path, query, importance)
            self._check(answer, symbol)
            try:
                if len(answer.body) <= _QUICKLY_READ_BYTES:
                    return read(answer.body)
                # Eight days of minutes take 15 ms: neither an alert nor the window waits for them.
                return await asyncio.to_thread(read, answer.body)
            except Unreadable:
                raise RestUnavailable("Schwab's answer could not be read.") from None

        try:
            return await self._breaker.call(attempt)
        except BreakerOpen as pause:
            cause = "" if pause.cause is None else f" {pause.cause}"
            raise RestUnavailable(
                f"Schwab's data service is left alone for {pause.retry_after_s:.0f} s.{cause}",
                wait_s=pause.retry_after_s,
            ) from pause

    async def _authorized(self, path: str, query: Mapping[str, str], importance: Importance) -> HttpAnswer:
        try:
            token = await self._tokens.access_token()
            answer = await self._ask(path, query, importance, token)
            if answer.status == httpx.codes.UNAUTHORIZED:
                token = await self._tokens.replace(token)
                answer = await self._ask(path, query, importance, token)
        except ConnectionLost as lost:
            raise RestUnavailable(f"{lost.sentence}.", wait_s=lost.wait_s) from lost
        if answer.status == httpx.codes.UNAUTHORIZED:
            raise SignInNeeded("Schwab does not let this app in: check its products, then sign in again.")
        return answer

    async def _ask(
        self, path: str, query: Mapping[str, str], importance: Importance, token: str
    ) -> HttpAnswer:
        await self._budget.take(importance)
        request = self._http.build_request(
            "GET",
            f"{self._base_url}{_MARKET_DATA}{path}",
            params=query,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
        )
        return await ask(self._http, request, deadline_s=self._deadline_s, max_body_bytes=_MAX_BODY_BYTES)

    def _check(self, answer: HttpAnswer, symbol: str) -> None:
        """Raise what a status other than 200 means."""
        status = answer.status
        if status == httpx.codes.OK:
            return
        reason = reason_in(answer.body)
        if status == httpx.codes.TOO_MANY_REQUESTS:
            wait_s = answer.retry_after_s or _RATE_LIMIT_WAIT_S
            self._budget.hold(wait_s)
            raise RateLimited(f"Schwab asks for a pause of {wait_s:.0f} s.", wait_s=wait_s)
        if fault_code(answer.body) == "protocol.http.TooBigBody":
            raise RestRefused("Schwab finds that too much at once: ask for less.", status=status)
        if status >= httpx.codes.INTERNAL_SERVER_ERROR or status < httpx.codes.BAD_REQUEST:
            words = f" ({reason})" if reason else ""
            raise RestUnavailable(f"Schwab answered {status}{words}.", wait_s=answer.retry_after_s)
        if status == httpx.codes.NOT_FOUND and symbol:
            raise UnknownSymbol(symbol)
        raise RestRefused(f"Schwab refused ({status}): {reason or 'without a reason'}.", status=status)
