"""Why a request to a venue brought nothing, in sentences a trader can read."""

from tradeassist_desktop.domain.errors import NotNow, TradeAssistError
from tradeassist_desktop.runtime.breakers.outcomes import Outcome


class RestUnavailable(NotNow):
    """No sensible answer came."""


class RateLimited(NotNow):
    """Too many requests were made: the next are held back for ``wait_s``."""


class RestRefused(TradeAssistError):
    """The venue answered, and will answer the same again.

    Args:
        status: HTTP's.
    """

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class UnknownSymbol(TradeAssistError):
    """The venue does not know the symbol."""

    def __init__(self, symbol: str, *, venue: str = "Schwab") -> None:
        super().__init__(f"{venue} does not know {symbol[:40]}: check how it is written.")
        self.symbol = symbol


class NoHistory(TradeAssistError):
    """The venue keeps no such bars."""


def judge_rest(error: Exception) -> Outcome:
    """Return what an error says of the venue.

    A refusal is none of a breaker's business: too many requests are the budget's, a wrong one is ours.
    """
    return Outcome.FAILURE if isinstance(error, RestUnavailable) else Outcome.NEUTRAL


def rest_asks_s(error: Exception) -> float:
    """Return how long the venue asks us to wait, seconds."""
    return error.wait_s if isinstance(error, RestUnavailable) else 0.0
