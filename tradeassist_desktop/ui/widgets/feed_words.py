"""A feed's state as the window says and marks it."""

from typing import Final

from tradeassist_desktop.domain.health import FeedState, FeedStatus
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.ui import text
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


def detail_in_words(status: FeedStatus, now_ns: int) -> str:
    """Return what there is to say of a feed, with how long it waits: ``Next try in 1 m 52 s.``."""
    if status.retry_ns is None:
        return status.detail
    seconds = -(-left_to_wait_ns(status, now_ns) // NS_PER_SECOND)
    when = f"in {text.duration(seconds * NS_PER_SECOND)}" if seconds else "now"
    return f"{status.detail} Next try {when}.".lstrip()


def left_to_wait_ns(status: FeedStatus, now_ns: int) -> int:
    """Return how long a feed still waits before it tries again; 0 where it does not."""
    return 0 if status.retry_ns is None else max(0, status.retry_ns - now_ns)
