"""Opens an address in the browser of this desktop, if there is one."""

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within

OpenBrowser = Callable[[str], Awaitable[bool]]
"""Shows an address to the trader; returns whether a browser was found."""

_PATIENCE_S: Final = 5.0


async def open_in_browser(address: str, *, clock: Clock, environment: Mapping[str, str] = os.environ) -> bool:
    """Open the address; return whether a browser took it, or has not answered within five seconds."""
    if _has_no_desktop(environment):
        # Else a browser in text might be found, and would take the terminal.
        return False
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[bool] = loop.create_future()

    def tell(is_open: bool) -> None:
        if not answer.done():
            answer.set_result(is_open)

    def ask() -> None:
        is_open = _open(address, environment)
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(tell, is_open)

    # A thread of its own, that the end of the program need not wait for: some browsers stay in it.
    threading.Thread(target=ask, name="open browser", daemon=True).start()

    async def hear() -> bool:
        return await answer

    try:
        return await within(clock, _PATIENCE_S, hear())
    except TimeoutError:
        return True


def _has_no_desktop(environment: Mapping[str, str]) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    return not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def _open(address: str, environment: Mapping[str, str]) -> bool:
    if getattr(sys, "frozen", False) and sys.platform.startswith("linux"):
        return _open_from_bundle(address, environment)
    import webbrowser

    try:
        return webbrowser.open(address)
    except webbrowser.Error:
        return False


def _open_from_bundle(address: str, environment: Mapping[str, str]) -> bool:
    # The bundle's loader points at its own libraries, which a browser must not load.
    clean = dict(environment)
    original = clean.pop("LD_LIBRARY_PATH_ORIG", None)
    clean.pop("LD_LIBRARY_PATH", None)
    if original:
        clean["LD_LIBRARY_PATH"] = original
    try:
        done = subprocess.run(["xdg-open", address], env=clean, check=False)  # noqa: S603, S607  # our address
    except OSError:
        return False
    return done.returncode == 0
