"""Keeps this process's memory, which holds secrets, from being written out when it crashes."""

import ctypes
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

KEPT_BY: Final = "TRADEASSIST_CORE_DUMPS"
"""Set to anything by who debugs a crash of the interpreter: then nothing is refused here."""

_PR_SET_DUMPABLE: Final = 4


def refuse_core_dumps(*, environment: Mapping[str, str] = os.environ, is_on_desktop: bool) -> None:
    """Write no core file; let no program that collects crashes have the memory.

    Linux and macOS; Windows keeps dumps only where its owner has set that up.

    Args:
        is_on_desktop: A window asks the desktop's portal for dark or light, and the portal looks at
            who asks. On Linux a process without one is closed to every other process of this user.
    """
    if sys.platform == "win32" or environment.get(KEPT_BY):
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    # The soft limit alone: a child that wants one may lift it.
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))
    if not sys.platform.startswith("linux"):
        return
    try:
        # The limit does not hold for a program that core_pattern pipes to: it is given no memory either.
        Path("/proc/self/coredump_filter").write_text("0")
    except OSError as error:
        log.debug("core dump filter not set", extra={"reason": error.strerror})
    if not is_on_desktop:
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
