"""A rule and its policies, as ../README's user guide and the rule file have them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tradeassist_desktop.domain.alerts import Priority


class Trigger(StrEnum):
    """How often a condition that is true fires."""

    EDGE = "edge"
    EVERY = "every"
    ONCE = "once"
    ONCE_PER_BAR = "once_per_bar"


class EvaluateOn(StrEnum):
    """When a condition is evaluated: at each update, or at the close of its shortest bar."""

    TICK = "tick"
    BAR_CLOSE = "bar_close"


class RulePhase(StrEnum):
    """What a rule is doing now, on one symbol.

    ``REARMING``: it fired, and its level must be left by ``rearm`` before it fires again.
    ``BLIND``: a symbol it reads is stale or its feed is down; nothing is decided meanwhile.
    """

    ARMED = "armed"
    PENDING = "pending"
    FIRING = "firing"
    COOLING = "cooling"
    REARMING = "rearming"
    SNOOZED = "snoozed"
    BLIND = "blind"
    SPENT = "spent"
    EXPIRED = "expired"
    ERROR = "error"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Rearm:
    """How far a level must be left before its rule is armed again.

    ``amount`` is in quote currency, or in percent of the level if ``is_percent``.
    """

    amount: float = 0.0
    is_percent: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as its trader wrote it; a list of symbols makes one state per symbol.

    Args:
        uid: Identity that outlives a rename. Stable for the same stored rule.
        when: Condition text, canonical or not; ``engine.language`` reads it.
        on: ``None`` leaves it to the condition: ``tick`` if it reads a tick field.
        hold_ns: How long the condition must stay true, event time.
        cooldown_ns: How long after a firing others are suppressed, event time.
        channels: Channel names; ``None`` means the settings' routing.
        message: Template; empty means one made from the condition.
        starts_at_ns: UTC nanoseconds, or ``None``; likewise ``expires_at_ns``.
        schedule: ``always``, ``rth``, ``eth`` or ``HH:MM-HH:MM tz``.
    """

    uid: str
    name: str
    symbols: tuple[str, ...]
    when: str
    on: EvaluateOn | None = None
    timeframe: str = "1m"
    trigger: Trigger = Trigger.EDGE
    hold_ns: int = 0
    cooldown_ns: int = 60_000_000_000
    rearm: Rearm = Rearm()
    priority: Priority = Priority.NORMAL
    channels: tuple[str, ...] | None = None
    message: str = ""
    active: bool = True
    starts_at_ns: int | None = None
    expires_at_ns: int | None = None
    notify_clear: bool = False
    schedule: str = "always"
    tags: tuple[str, ...] = ()
    notes: str = ""


@dataclass(frozen=True, slots=True)
class RuleStatus:
    """What the rules table shows of one rule on one symbol, event time.

    ``until_ns`` is when a pending or cooling phase ends; ``error`` why it was disabled.
    """

    uid: str
    symbol: str
    phase: RulePhase
    until_ns: int | None = None
    last_fired_ns: int | None = None
    fired: int = 0
    suppressed: int = 0
    error: str | None = None


class Standing(NamedTuple):
    """Whether the condition of a rule is true still, on one symbol; ``None`` where that cannot be told.

    ``since_ns`` is since when it has been, event time; ``None`` where it is not, or is true for moments
    only: each is then an event of its own.
    """

    is_true: bool | None = None
    since_ns: int | None = None


@dataclass(frozen=True, slots=True)
class PriceLevel:
    """A horizontal line a rule draws on the chart of ``symbol``: a constant against a price."""

    uid: str
    rule_name: str
    symbol: str
    price: float
    is_armed: bool
