"""One bounded HTTP request: a total deadline, a limited body, and plain words for what went wrong."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

import httpx

from tradeassist_desktop.feeds.failures import ConnectionLost
from tradeassist_desktop.runtime.retry_after import retry_after_s

log = logging.getLogger(__name__)

_DEADLINE_S: Final = 20.0
_MAX_BODY_BYTES: Final = 2 * 1024 * 1024
_FAILURES: Final = (
    (httpx.ConnectTimeout, "cannot be reached"),
    (httpx.ConnectError, "cannot be reached"),
    (httpx.TimeoutException, "did not answer in time"),
    (httpx.NetworkError, "broke the connection off before it had answered"),
    (httpx.RemoteProtocolError, "broke off in the middle of its answer"),
    (httpx.DecodingError, "sent an answer that cannot be unpacked"),
)
"""How a request fails, in words that follow the host's name; the first that fits."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Status, body and how long the server asks us to wait (0 if it does not)."""

    status: int
    body: bytes
    retry_after_s: float


async def ask(
    http: httpx.AsyncClient,
    request: httpx.Request,
    *,
    deadline_s: float = _DEADLINE_S,
    max_body_bytes: int = _MAX_BODY_BYTES,
) -> HttpAnswer:
    """Send a request; redirects are not followed.

    Args:
        deadline_s: For all of it, however busily the answer trickles in.

    Raises:
        ConnectionLost: no whole answer came in time, or it was too large.
    """
    host = request.url.host
    try:
        async with asyncio.timeout(deadline_s):
            response = await http.send(request, stream=True, follow_redirects=False)
            try:
                body = bytearray()
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > max_body_bytes:
                        raise ConnectionLost(f"{host} sent an answer too large to be one")
            finally:
                await response.aclose()
    except TimeoutError:
        raise ConnectionLost(f"{host} did not answer within {deadline_s:g} s") from None
    except httpx.HTTPError as error:
        log.debug("no answer", extra={"host": host, "reason": repr(error)})
        raise ConnectionLost(f"{host} {_in_words(error)}") from error
    return HttpAnswer(
        status=response.status_code, body=bytes(body), retry_after_s=retry_after_s(response.headers)
    )


def _in_words(error: httpx.HTTPError) -> str:
    return next((words for kind, words in _FAILURES if isinstance(error, kind)), "cannot be reached")
