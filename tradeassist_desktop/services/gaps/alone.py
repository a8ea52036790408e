"""Keeps every line from passing anything on while rules are told of the past."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.services.market.feed_line import FeedLine


class GapMarket(Protocol):
    """What the repair needs of the market data service."""

    lines: tuple[FeedLine, ...]

    def is_to_wait(self, line: FeedLine) -> bool:
        """Whether what a line brings waits for a gap of its own to be repaired."""
        ...

    def lose_sight_of(self, line: FeedLine) -> None:
        """Decide nothing on a line's symbols until they are heard again."""
        ...


@asynccontextmanager
async def alone(market: GapMarket, is_repairing: Callable[[FeedLine], bool]) -> AsyncIterator[None]:
    """Have lines that wait for nothing hold back meanwhile, also one that is only coming up.

    Args:
        is_repairing: Whether a line waits for a repair that has begun: that one lets it go.
    """
    others: Sequence[tuple[FeedLine, bool]] = [
        (line, line.status.state is FeedState.LIVE)
        for line in market.lines
        if not line.is_holding and not market.is_to_wait(line)
    ]
    for line, _ in others:
        line.hold()
    try:
        yield
    finally:
        for line, was_live in others:
            has_gone_down = was_live and line.status.state is not FeedState.LIVE
            if has_gone_down or not (is_repairing(line) or market.is_to_wait(line)):
                await line.release()
            if has_gone_down:  # what it held was seen before
                market.lose_sight_of(line)
