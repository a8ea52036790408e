"""Lines of standard input, while the loop goes on."""

import asyncio
import os
import threading
from collections.abc import Callable
from typing import Final

_PIECE_BYTES: Final = 65_536


def read_lines(take: Callable[[str], None]) -> None:
    """Call ``take`` on the loop's thread with each line of standard input, until it ends."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        rest = b""
        while piece := _piece():
            *lines, rest = (rest + piece).split(b"\n")
            try:
                for line in lines:
                    loop.call_soon_threadsafe(take, line.decode(errors="replace"))
            except RuntimeError:  # the loop has ended, and the program with it
                return

    threading.Thread(target=read, name="standard input", daemon=True).start()


def _piece() -> bytes:
    try:
        # Not sys.stdin: its lock, held in a read, would keep the interpreter from ending.
        return os.read(0, _PIECE_BYTES)
    except OSError:  # closed, or a terminal that is gone
        return b""
