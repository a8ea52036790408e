"""Cutting a TCP connection off."""

import asyncio
import socket
import struct
import sys
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware


def cut(transport: asyncio.Transport | None, *, reset: bool) -> None:
    """Cut a connection without a closing word; nothing happens if it is gone.

    Args:
        reset: Let the other side's next read fail (RST), not merely end (FIN).
    """
    if transport is None or transport.is_closing():
        return
    if reset:
        # Lingering for no time is how TCP is asked to reset instead of finishing.
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()


def cut_off(is_unreachable: Callable[[], bool]) -> Middleware:
    """Return what cuts requests of any sort off (RST) in an outage, but for the control endpoint's."""

    @web.middleware
    async def handle(request: web.Request, handler: Handler) -> web.StreamResponse:
        if is_unreachable() and not request.path.startswith("/control/"):
            cut(request.transport, reset=True)
            return web.Response()
        return await handler(request)

    return handle
