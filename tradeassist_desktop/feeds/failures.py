"""Why a feed is not streaming: the line broke, or it was told to stay away."""

from tradeassist_desktop.domain.errors import NotNow
from tradeassist_desktop.domain.health import Remedy


class ConnectionLost(Exception):
    """The line broke or could not be had; another try may succeed.

    Args:
        reason: A clause for the trader: ``Schwab closed the connection``.
        wait_s: Wait at least this long before the next try.
    """

    def __init__(self, reason: str, *, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait_s = wait_s

    @property
    def sentence(self) -> str:
        """The reason as a sentence begins, without its full stop."""
        return f"{self.reason[:1].upper()}{self.reason[1:]}"


class BrokenFrame(ConnectionLost):
    """What came was no sound frame, or too large for one: the line cannot be read on."""


class FeedRefused(NotNow):
    """Trying again cannot help until the trader does something.

    Args:
        reason: Sentences for the trader: what is the matter, and what to do.
        remedy: What mends it.
    """

    def __init__(self, reason: str, *, remedy: Remedy = Remedy.NONE) -> None:
        super().__init__(reason)
        self.remedy = remedy
