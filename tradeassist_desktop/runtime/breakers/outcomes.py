"""What a call through a breaker can come to."""

from enum import Enum


class BreakerOpen(Exception):
    """The call was not made.

    Args:
        retry_after_s: When the next call may be let through; above 0.
        cause: The last failure; ``None`` where it is not known any more.
    """

    def __init__(self, name: str, *, retry_after_s: float, cause: Exception | None) -> None:
        self.name = name
        self.retry_after_s = retry_after_s
        self.cause = cause

    def __str__(self) -> str:
        """Return it in words, made only when asked for: refusing is to be cheap."""
        return f"{self.name} is left alone for {self.retry_after_s:.0f} s"


class Outcome(Enum):
    """What a call says of the other side; ``NEUTRAL``: nothing."""

    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"


_FAILURE, _NEUTRAL = Outcome.FAILURE, Outcome.NEUTRAL


def every_error_fails(error: Exception) -> Outcome:
    """Count every error, but for the refusal of another breaker within: that call was never made."""
    return _NEUTRAL if isinstance(error, BreakerOpen) else _FAILURE


def asks_for_nothing(error: Exception) -> float:
    """Return 0: no failure asks for a wait of its own."""
    return 0.0
