"""Looks names up so that the end of the program need not wait for the answer."""

import asyncio
import socket
from functools import partial
from typing import Any

from tradeassist_desktop.runtime.aside import aside


class NamesAside:
    """A part of a loop, before the loop it is a part of.

    Where the network is gone a look-up takes half a minute, cannot be broken off, and asyncio's own
    threads are waited for when a loop is closed: the trader who quits then would look at a dead window.
    """

    async def getaddrinfo(
        self, host: Any, port: Any, *, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> Any:
        """Return what ``socket.getaddrinfo`` returns."""
        ask = partial(socket.getaddrinfo, host, port, family, type, proto, flags)
        return await aside(ask, name="name look-up")


class PlainLoop(NamesAside, asyncio.SelectorEventLoop):
    """asyncio's own loop, for a desk without a window."""
