"""Keeps a service running: what crashes is reported and started again."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from tradeassist_desktop.runtime.backoff import Backoff
from tradeassist_desktop.runtime.clock import Clock

log = logging.getLogger(__name__)

_SOUND_AFTER_NS: Final = 60_000_000_000


async def supervise(
    *,
    name: str,
    work: Callable[[], Awaitable[None]],
    clock: Clock,
    backoff: Backoff,
    on_change: Callable[[str | None], None] = lambda error: None,
) -> None:
    """Run ``work()`` until it returns or this is cancelled; start it anew when it raises.

    A run of over a minute counts as sound: the next crash waits as briefly as the first.

    Args:
        name: What the log calls it.
        on_change: Told why it crashed, each time, and ``None`` when it ends well.
    """
    last_error = ""
    while True:
        started_ns = clock.monotonic_ns()
        try:
            await work()
        except Exception as error:  # whatever it is, the rest of the desk must go on
            reason = f"{type(error).__name__}: {error}"
            # The traceback once, then one line a crash: a tight crash loop must not fill the disk.
            log.error(
                "service crashed", extra={"service": name, "error": reason}, exc_info=reason != last_error
            )
            last_error = reason
            on_change(reason)
            if clock.monotonic_ns() - started_ns > _SOUND_AFTER_NS:
                backoff.reset()
            await clock.sleep(backoff.next_s())
        else:
            on_change(None)
            return
