"""A desk that was closed for eight hours and is told of them: ``repairing_child.py DATABASE MODE``.

``before`` keeps a market at 99 and ends in order. ``after`` comes back eight hours later, repairs, and says
``saved TIME`` for each alert that is safe on disk, ``over`` once the gap is closed; it ends when killed.
"""

import asyncio
import sys
from pathlib import Path

from tests.fakes import ScriptedFeed
from tests.services.gap_desk import GapDesk, Venue, minute, ns, second, trade
from tradeassist_desktop.domain.events import AlertRaised, GapsChanged
from tradeassist_desktop.domain.gaps import GapState
from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.runtime.clock import SystemClock

MINUTES = 470
RULE = Rule("up", "up", ("AAPL",), "last crosses above 100", cooldown_ns=0)


class ShiftedClock(SystemClock):
    """Real time that began at another moment."""

    def __init__(self, begins_ns: int) -> None:
        self._shift_ns = begins_ns - super().now_ns()

    def now_ns(self) -> int:
        return super().now_ns() + self._shift_ns


def say(*words: object) -> None:
    print(*words, flush=True)


async def main(path: Path, mode: str) -> None:
    venue = Venue([minute("AAPL", number, 99, 101, 98, 99) for number in range(1, MINUTES + 1)])
    begins_s = 0 if mode == "before" else (MINUTES + 2) * 60
    desk = GapDesk(path, venue, (RULE,), (ScriptedFeed([], name="schwab"),), clock=ShiftedClock(ns(begins_s)))
    await desk.start()
    if mode == "before":
        desk.state(FeedState.LIVE)
        desk.hear(trade("AAPL", 0, 99.0, 1000.0))
        await desk.stop()
        return
    desk.bus.subscribe(AlertRaised, lambda event: say("saved", second(event.alert.event_ns)))
    desk.bus.subscribe(GapsChanged, lambda event: told_over(desk))
    desk.state(FeedState.LIVE)
    desk.hear(trade("AAPL", begins_s, 99.0, 1e6))
    while True:
        await asyncio.sleep(0.02)
        desk.market.beats.flush()


def told_over(desk: GapDesk) -> None:
    if desk.newest_gap.state is not GapState.OPEN:
        say("over", desk.newest_gap.state, desk.newest_gap.late_alerts)


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
