"""Errors a user may see: a sentence that says what happened, what was kept, what to do."""

from dataclasses import dataclass


class TradeAssistError(Exception):
    """Base of what is shown to the user as one line, without a traceback."""


class NotNow(TradeAssistError):
    """It cannot be had now; another try may succeed.

    Args:
        wait_s: The other side asks us to wait so long, seconds; 0 where it does not.
    """

    def __init__(self, message: str, *, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in what was given, with its place: ``rules[3].when``, column 14.

    ``column`` is 1-based and ``None`` outside condition texts.
    """

    place: str
    message: str
    column: int | None = None

    def __str__(self) -> str:
        column = "" if self.column is None else f"column {self.column}: "
        return f"{self.place}: {column}{self.message}" if self.place else f"{column}{self.message}"


class BadInput(TradeAssistError):
    """Input refused whole; ``faults`` lists everything wrong with it, in order of place."""

    def __init__(self, faults: tuple[Fault, ...] | list[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class UsageError(TradeAssistError):
    """The command line was wrong; exit status 2."""
