"""REST answers gone wrong on request, and the budget of requests."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.simulator.answers import refusal
from tradeassist_desktop.simulator.faults.switches import RestError, RestFault

_MINUTE_NS: Final = 60 * NS_PER_SECOND

GoWrong = Callable[[web.Request, Handler, float], Awaitable[web.StreamResponse]]
"""Answers one request wrongly; the number is the fault's seconds."""


class RestFaults:
    """Stands before every REST answer.

    Args:
        faults: What goes wrong next; a fault that has been is taken out.
        errors: The venue's ways of going wrong.
        requests_per_minute: More in any minute are refused with 429; ``None`` is no limit.
    """

    def __init__(
        self,
        *,
        faults: list[RestFault],
        errors: Mapping[RestError, GoWrong],
        clock: Clock,
        requests_per_minute: int | None = None,
    ) -> None:
        self._faults = faults
        self._errors = errors
        self._clock = clock
        self._requests_per_minute = requests_per_minute
        self._taken_ns: deque[int] = deque()
        self.requests = 0

    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request as it is meant to be, or as a fault wants it."""
        self.requests += 1
        fault = self._next_fault(request.path)
        if fault is not None:
            return await self._errors[fault.error](request, handler, fault.seconds)
        wait_s = self._over_budget_s()
        if wait_s:
            return await self._errors["too_many_requests"](request, handler, wait_s)
        return await handler(request)

    def _next_fault(self, path: str) -> RestFault | None:
        for fault in self._faults:
            if fault.path in path and fault.count:
                if fault.count > 0:
                    fault.count -= 1
                    if not fault.count:
                        self._faults.remove(fault)
                return fault
        return None

    def _over_budget_s(self) -> float:
        """Take one request from the budget; return how long to wait if there is none left."""
        if self._requests_per_minute is None:
            return 0.0
        now_ns, taken = self._clock.monotonic_ns(), self._taken_ns
        while taken and now_ns - taken[0] >= _MINUTE_NS:
            taken.popleft()
        if len(taken) >= self._requests_per_minute:
            return (taken[0] + _MINUTE_NS - now_ns) / NS_PER_SECOND
        taken.append(now_ns)
        return 0.0


async def _too_many(_: web.Request, __: Handler, seconds: float) -> web.StreamResponse:
    fault = {
        "faultstring": "Rate limit quota violation. Quota limit exceeded.",
        "detail": {"errorcode": "policies.ratelimit.QuotaViolation"},
    }
    wait = str(max(1, round(seconds)))
    return web.json_response({"fault": fault}, status=429, headers={"Retry-After": wait})


async def _slow(request: web.Request, handler: Handler, seconds: float) -> web.StreamResponse:
    await asyncio.sleep(seconds)
    return await handler(request)


async def _trickle(request: web.Request, handler: Handler, seconds: float) -> web.StreamResponse:
    whole = await handler(request)
    body = whole.body if isinstance(whole, web.Response) and isinstance(whole.body, bytes) else b"{}"
    response = web.StreamResponse(status=whole.status, headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    pause_s = 0.1
    step = max(1, round(len(body) * pause_s / max(seconds, pause_s)))
    for start in range(0, len(body), step):
        await response.write(body[start : start + step])
        await asyncio.sleep(pause_s)
    await response.write_eof()
    return response


async def _bad_gateway(_: web.Request, __: Handler, ___: float) -> web.StreamResponse:
    page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
    return web.Response(status=502, text=page, content_type="text/html")


async def _empty(_: web.Request, __: Handler, ___: float) -> web.StreamResponse:
    return web.json_response({})


async def _server_error(_: web.Request, __: Handler, ___: float) -> web.StreamResponse:
    return refusal(500, "Internal Server Error", "unexpected error")


async def _unauthorized(_: web.Request, __: Handler, ___: float) -> web.StreamResponse:
    return refusal(401, "Unauthorized", "Client not authorized")


async def _too_big(_: web.Request, __: Handler, ___: float) -> web.StreamResponse:
    fault = {"faultstring": "Body buffer overflow", "detail": {"errorcode": "protocol.http.TooBigBody"}}
    return web.json_response({"fault": fault}, status=502)


ANYWHERE: Final[Mapping[RestError, GoWrong]] = {
    "slow": _slow,
    "trickle": _trickle,
    "bad_gateway": _bad_gateway,
    "empty": _empty,
}
"""What goes wrong alike at every venue."""

SCHWAB: Final[Mapping[RestError, GoWrong]] = {
    **ANYWHERE,
    "too_many_requests": _too_many,
    "server_error": _server_error,
    "unauthorized": _unauthorized,
    "too_big": _too_big,
}
"""How Schwab's REST goes wrong."""
