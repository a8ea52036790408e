"""Cutting a TCP connection off."""

import asyncio
import socket
import struct
import sys


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
