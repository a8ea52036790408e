"""An alert: that a rule fired, or would have, and why."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Priority(StrEnum):
    """How loudly an alert interrupts: its tone, toast and routing."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"

    @property
    def loudness(self) -> int:
        """Its place among them: 0 is the quietest."""
        return _QUIETEST_FIRST.index(self)


_QUIETEST_FIRST: Final = tuple(Priority)


class AlertStatus(StrEnum):
    """What became of a condition that turned true.

    ``CLEARED`` is the message after a fired level condition is no longer true, sent only
    for rules with ``notify_clear``.
    """

    FIRED = "fired"
    SUPPRESSED = "suppressed"
    CLEARED = "cleared"


class Timing(StrEnum):
    """How the time of an alert stands to the time at which its trader could first know.

    ``LATE``: found in bars fetched after an outage; ``event_ns`` is when it would have fired.
    ``AFTER_GAP``: fired at the first look after a stretch that could not be seen; when the
    condition turned true in it is not known. ``REPLAYED``: raised in the replay of a recording.
    """

    LIVE = "live"
    LATE = "late"
    AFTER_GAP = "after_gap"
    REPLAYED = "replayed"


@dataclass(frozen=True, slots=True)
class OperandValue:
    """One operand of a leaf with its value; ``missing`` says why there is none.

    ``missing`` is such as "needs 6 more 15m bars (about 1 h 30 m)" or "no data of $VIX yet". ``unit`` is
    ``price``, ``size``, ``percent``, ``seconds`` or ``number``; empty in alerts kept by a version that did
    not write it down. ``symbol`` is what it is of: empty for the rule's own.
    """

    text: str
    value: float | None
    missing: str | None = None
    unit: str = ""
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Leg:
    """One leaf of the condition: its text, its sides and operands with their values, its truth.

    ``left`` and ``right`` are ``None`` where unknown; ``is_true`` is ``None`` for unknown.
    ``symbol`` is what ``left`` is of: empty for the rule's own, ``None`` for several together;
    ``unit`` stands behind it: ``%``, ``s`` or nothing.
    """

    text: str
    left: float | None
    right: float | None
    is_true: bool | None
    operands: tuple[OperandValue, ...] = ()
    symbol: str | None = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """One firing or suppression of one rule on one symbol.

    Args:
        id: Stable and unique. The same firing found again in a replay has the same id.
        rule_uid: Empty where the desk itself speaks; ``symbol`` and ``condition`` then are too.
        sequence: 0, 1, 2 … of this rule and symbol since the rule started.
        event_ns: Exchange time at which the rule fired.
        received_ns: When the update that fired it arrived; 0 in a backtest.
        evaluated_ns: When the engine had decided; 0 until the alerting service stamps it.
        value: Left side of the leftmost true leaf; ``None`` where there is none.
        reason: ``None`` if fired; ``cooldown``, ``schedule``, ``snoozed`` … if suppressed.
        channels: Channel names the rule asks for; ``None`` means the settings' routing.
        count: Firings this record stands for (``every`` records one suppression a cooldown).
    """

    id: str
    rule_uid: str
    rule_name: str
    symbol: str
    sequence: int
    priority: Priority
    status: AlertStatus
    event_ns: int
    value: float | None
    message: str
    condition: str
    reason: str | None = None
    channels: tuple[str, ...] | None = None
    count: int = 1
    legs: tuple[Leg, ...] = ()
    received_ns: int = 0
    evaluated_ns: int = 0
    timing: Timing = Timing.LIVE

    @property
    def is_notice(self) -> bool:
        """Whether the desk itself speaks, of no rule and no symbol."""
        return not self.rule_uid

    @property
    def value_symbol(self) -> str | None:
        """The symbol that ``value`` is of; ``None`` where several make it up."""
        of = next((leg.symbol for leg in self.legs if leg.is_true), "")
        return self.symbol if of == "" else of

    @property
    def value_unit(self) -> str:
        """What stands behind ``value``: ``%`` where it is a percentage, else nothing."""
        return next((leg.unit for leg in self.legs if leg.is_true), "")


class AlertState(StrEnum):
    """Where a stored alert stands with its trader."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
