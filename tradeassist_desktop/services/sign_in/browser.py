"""Opens an address in the browser of this desktop, if there is one."""

import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final

from tradeassist_desktop.runtime.aside import aside
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
    try:
        # Some browsers stay in the call until they are closed.
        return await within(
            clock, _PATIENCE_S, aside(partial(_open, address, environment), name="open browser")
        )
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
