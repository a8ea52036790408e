"""A feed's state as the window says and marks it."""

from typing import Final

from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.ui.widgets.gauge import Level

FEED_WORDS: Final = {
    FeedState.STOPPED: "stopped",
    FeedState.CONNECTING: "connecting",
    FeedState.LIVE: "live",
    FeedState.STALE: "stale",
    FeedState.RECONNECTING: "reconnecting",
    FeedState.REFUSED: "refused",
    FeedState.FINISHED: "finished",
}
LEVEL_ICONS: Final = {Level.GOOD: "dot", Level.WARN: "warning", Level.BAD: "warning", Level.QUIET: "ring"}


def feed_level(state: FeedState) -> Level:
    """Return how far the feed can be trusted."""
    if state in (FeedState.LIVE, FeedState.FINISHED):
        return Level.GOOD
    return Level.BAD if state in (FeedState.REFUSED, FeedState.STALE) else Level.WARN
