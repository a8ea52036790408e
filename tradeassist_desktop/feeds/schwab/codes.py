"""What Schwab's response and notice codes mean for the stream."""

import re
from typing import Final

from tradeassist_desktop.domain.health import Remedy
from tradeassist_desktop.feeds.failures import ConnectionLost, FeedRefused
from tradeassist_desktop.feeds.schwab.frames import Content

SUCCESS: Final = frozenset({0, 26, 27, 28, 29})
LOGIN_DENIED: Final = 3
NOT_AVAILABLE: Final = 11
SYMBOL_LIMIT: Final = 19
BAD_COMMAND: Final = 21
COMMAND_FAILED: Final = frozenset({22, 23, 24, 25})
_OTHER_CONNECTION: Final = 12
_STOP_STREAMING: Final = 30
_LOST: Final = {
    LOGIN_DENIED: "Schwab denied the login",
    9: "Schwab reported an unknown failure",
    20: "Schwab no longer knew the connection",
    _STOP_STREAMING: "Schwab stopped the stream",
}
_DISCARDED: Final = re.compile(r"DISCARDED\s*=\s*([0-9]{1,6})")


def refuse_or_lose(content: Content) -> None:
    """Act on a code that ends a stream, whatever service it names; return where it ends none.

    Raises:
        FeedRefused: another program is connected as this user (12).
        ConnectionLost: any other code that is no success.
    """
    if content.code in SUCCESS:
        return
    if content.code == _OTHER_CONNECTION:
        raise FeedRefused(
            "Another program is connected to Schwab with your login, and Schwab allows one. "
            "Taking over here ends the other one's stream.",
            remedy=Remedy.TAKE_OVER,
        )
    raise ConnectionLost(_LOST.get(content.code, f"Schwab sent code {content.code}"))


def discarded_count(message: str) -> int | None:
    """Return how many keys code 19 says were discarded; ``None`` where it does not say."""
    match = _DISCARDED.search(message)
    return None if match is None else int(match.group(1))
