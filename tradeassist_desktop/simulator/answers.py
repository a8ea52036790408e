"""The shapes in which Schwab's REST refuses."""

import uuid

from aiohttp import web


def refusal(status: int, title: str, detail: str) -> web.Response:
    """Return an answer with an ``errors`` list of one."""
    # "status" is a number here and a string in some captures: clients must not rely on either.
    fault = {"id": str(uuid.uuid4()), "status": status, "title": title, "detail": detail}
    return web.json_response({"errors": [fault]}, status=status)


class BadRequest(Exception):
    """A request's parameters cannot be answered; the text says which and why."""
