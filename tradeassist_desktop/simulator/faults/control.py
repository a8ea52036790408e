"""``/control/faults``: asks for faults from outside the process, on the same loopback port."""

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.simulator.faults.mischief import Mischief, Step, read_step

_NAMES: Final = ("127.0.0.1", "localhost")


class Control:
    """Answers who has the token printed in the ready line, and no browser.

    A web page can reach a loopback port: the Host allow-list keeps out a name that was pointed
    here (DNS rebinding), a request with an Origin is refused, and the token keeps out the rest.

    Args:
        counts: Returns what the venue has counted so far, by name, to be shown with the faults.
        questions: What else the venue answers under ``/control/``, by path.
    """

    def __init__(
        self,
        *,
        mischief: Mischief[Any],
        counts: Callable[[], Mapping[str, int]],
        questions: Mapping[str, Handler] | None = None,
    ) -> None:
        self._mischief = mischief
        self._counts = counts
        self._questions = questions or {}
        self.token = secrets.token_urlsafe(24)

    def routes(self) -> list[web.RouteDef]:
        """Return the HTTP routes."""
        return [
            web.get("/control/faults", self._guarded(self._show)),
            web.post("/control/faults", self._guarded(self._begin)),
            web.delete("/control/faults", self._guarded(self._end)),
            *(web.get(path, self._guarded(answer)) for path, answer in self._questions.items()),
        ]

    def _guarded(self, answer: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            name, _, _ = request.host.partition(":")
            if name not in _NAMES or "Origin" in request.headers:
                return _refused(403, "only for programs on this machine")
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            if scheme != "Bearer" or not hmac.compare_digest(token.encode(), self.token.encode()):
                return _refused(401, "Authorization: Bearer and the control_token of the ready line")
            return await answer(request)

        return handle

    async def _show(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(self._state())

    async def _begin(self, request: web.Request) -> web.StreamResponse:
        try:
            document = json.loads(await request.text())
        except (ValueError, RecursionError):
            return _refused(400, "not JSON")
        if not isinstance(document, dict):
            return _refused(400, "expected an object as in a scenario's steps")
        try:
            await self._mischief.do(read_step(document, self._mischief.kinds))
        except BadInput as error:
            return _refused(400, *map(str, error.faults))
        return web.json_response(self._state())

    async def _end(self, _: web.Request) -> web.StreamResponse:
        await self._mischief.end_all()
        return web.json_response(self._state())

    def _state(self) -> Mapping[str, object]:
        return {
            "active": [_step(step) for step in self._mischief.active],
            **self._counts(),
            "known": {name: kind.doc for name, kind in self._mischief.kinds.items()},
        }


def _step(step: Step) -> dict[str, object]:
    words: dict[str, object] = {"fault": step.fault, **step.values}
    return words if step.for_s is None else words | {"for_s": step.for_s}


def _refused(status: int, *reasons: str) -> web.Response:
    return web.json_response({"errors": list(reasons)}, status=status)
