"""One bounded HTTP request: a total deadline, a limited body, and plain words for what went wrong."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx

from tradeassist_desktop.feeds.failures import ConnectionLost

_DEADLINE_S: Final = 20.0
_MAX_BODY_BYTES: Final = 2 * 1024 * 1024
_MAX_RETRY_AFTER_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Status, body and how long the server asks us to wait (0 if it does not)."""

    status: int
    body: bytes
    retry_after_s: float


async def ask(http: httpx.AsyncClient, request: httpx.Request) -> HttpAnswer:
    """Send a request; redirects are not followed.

    Raises:
        ConnectionLost: no whole answer came within 20 s, or it was larger than 2 MB.
    """
    host = request.url.host
    try:
        async with asyncio.timeout(_DEADLINE_S):
            response = await http.send(request, stream=True, follow_redirects=False)
            try:
                body = bytearray()
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > _MAX_BODY_BYTES:
                        raise ConnectionLost(f"{host} sent an answer too large to be one")
            finally:
                await response.aclose()
    except TimeoutError:
        raise ConnectionLost(f"{host} did not answer within {_DEADLINE_S:.0f} s") from None
    except httpx.HTTPError as error:
        raise ConnectionLost(f"{host} cannot be reached ({type(error).__name__})") from error
    return HttpAnswer(
        status=response.status_code, body=bytes(body), retry_after_s=_retry_after(response.headers)
    )


def _retry_after(headers: Mapping[str, str]) -> float:
    # The other form, a date, is not worth a parser: the back-off waits anyway.
    text = headers.get("Retry-After", "").strip()
    return min(float(text), _MAX_RETRY_AFTER_S) if text.isascii() and text.isdigit() else 0.0
