"""Why a rule fired, or why it does not: plain data for the window and the command line."""

from dataclasses import dataclass

from tradeassist_desktop.domain.alerts import Leg
from tradeassist_desktop.domain.rules import RulePhase


@dataclass(frozen=True, slots=True)
class Explanation:
    """One rule on one symbol, looked at in event time.

    Args:
        is_true: The whole condition's truth now; ``None`` for unknown.
        legs: Every leaf, left to right.
        until_ns: When the phase ends, where that is known.
        blocks: What keeps it from firing now, one sentence each; empty if it would fire.
        error: Why it was disabled.
    """

    uid: str
    rule_name: str
    symbol: str
    condition: str
    event_ns: int
    is_true: bool | None
    legs: tuple[Leg, ...]
    phase: RulePhase
    until_ns: int | None = None
    blocks: tuple[str, ...] = ()
    error: str | None = None
