"""Reads a rule file and compares it, beside the loop: ten thousand rules take a second or two."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Final

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.rulefiles.rulefile import parse_rules
from tradeassist_desktop.runtime.aside import aside
from tradeassist_desktop.services.transfer.comparing import Incoming, compare

_TOLD_EVERY: Final = 100


class _NotWanted(Exception):
    """Whoever asked has gone."""


async def examine(
    read: Callable[[], bytes], mine: Sequence[Rule], *, on_progress: Callable[[int, int], None]
) -> tuple[Incoming, ...]:
    """Return the rules of a file, each with how it stands to the trader's; cancelled, the work ends soon.

    Args:
        read: Returns the file's content.
        on_progress: Told on the loop how far it is, and how far it has to go.

    Raises:
        BadInput: it cannot be read, or with every fault in it.
    """
    loop = asyncio.get_running_loop()
    is_unwanted = threading.Event()

    def tell(done: int, whole: int) -> None:
        if is_unwanted.is_set():
            raise _NotWanted
        if done % _TOLD_EVERY == 0:
            loop.call_soon_threadsafe(on_progress, done, whole)

    def work() -> tuple[Incoming, ...]:
        rules = parse_rules(read(), on_progress=lambda done, whole: tell(done, 2 * whole))
        return compare(rules, mine, on_progress=lambda done, whole: tell(whole + done, 2 * whole))

    try:
        return await aside(work, name="rule file")
    finally:
        is_unwanted.set()
