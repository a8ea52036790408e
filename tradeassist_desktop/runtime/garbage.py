"""Collects reference cycles on the event loop's thread, and on no other."""

import gc
from typing import Final

from tradeassist_desktop.runtime.clock import Clock

_EVERY_S: Final = 0.05
"""Once a second it held up the loop for four milliseconds: updates that are gathered are new objects too."""
_MIDDLE_EVERY: Final = 10
"""Twice a second: every two seconds one took two milliseconds, every ten alerts waited for ten."""
_WHOLE_EVERY: Final = 1_200
_REST_TIMES: Final = 1_000
"""How many times as long as a whole collection took there is none: it grows with what is kept."""
_SETTLED_AFTER: Final = 100


async def collect_here(clock: Clock) -> None:
    """Run Python's cycle collector on this thread alone, until cancelled.

    Left to itself it runs in whatever thread happens to allocate, such as the storage thread. An
    object that belongs to the loop (a transport, a socket, a widget) is then finalised there: it
    takes its descriptor from under the loop, and Qt goes on polling the closed one for ever, the
    window frozen. Seen in this program.

    What stands already (modules) and what stands after the first seconds (rules, widgets) lives as long as
    the program and is set aside, so that a whole collection costs milliseconds. It is not looked through
    before: that held up alerts for 150 ms, for next to no garbage.
    """
    gc.disable()
    gc.freeze()
    try:
        rounds, not_before_ns = 0, 0
        while True:
            await clock.sleep(_EVERY_S)
            rounds += 1
            begun_ns = clock.monotonic_ns()
            if rounds % _WHOLE_EVERY == 0 and begun_ns >= not_before_ns:
                gc.collect(2)
                ended_ns = clock.monotonic_ns()
                not_before_ns = ended_ns + _REST_TIMES * (ended_ns - begun_ns)
            elif rounds > _SETTLED_AFTER and rounds % _MIDDLE_EVERY == 0:
                gc.collect(1)
            else:
                gc.collect(0)
            if rounds == _SETTLED_AFTER:
                gc.freeze()
    finally:
        gc.unfreeze()
        gc.enable()
