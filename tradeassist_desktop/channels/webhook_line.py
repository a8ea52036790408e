"""The connection to a webhook's receiver: kept for a moment, so that the posts of a storm share one."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx

from tradeassist_desktop.runtime.clock import Clock

KEPT_S: Final = 1.0
"""Less than usual servers keep one: a post on a connection that ends meanwhile may have arrived, or not."""


class Line:
    """Makes connections for one receiver, and closes what is open once it has rested for ``KEPT_S``.

    One serves only posts to the very address it was made to, which is looked up and checked for each. Not
    to be used for another name: what is behind an address has shown its certificate for this one.

    Args:
        tls: What certificates are checked against.
    """

    def __init__(self, *, clock: Clock, tls: ssl.SSLContext) -> None:
        self._clock = clock
        # No client around it: that would keep cookies, and take half as long again.
        self._transport = httpx.AsyncHTTPTransport(verify=tls, trust_env=False)
        self._posts = 0
        self._closing: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[httpx.AsyncHTTPTransport]:
        """Lend it for one post."""
        closing, self._closing = self._closing, None
        if closing is not None:
            closing.cancel()
        self._posts += 1
        try:
            yield self._transport
        finally:
            self._posts -= 1
            if not self._posts:
                self._closing = asyncio.create_task(self._close_soon())

    async def close(self) -> None:
        """Close what is open; nothing is posted afterwards."""
        closing, self._closing = self._closing, None
        if closing is not None:
            closing.cancel()
            await asyncio.gather(closing, return_exceptions=True)
        await self._transport.aclose()

    async def _close_soon(self) -> None:
        try:
            await self._clock.sleep(KEPT_S)
        finally:
            if self._closing is asyncio.current_task():  # else it is another's to close
                await self._transport.aclose()
