"""What may happen to a desk besides data: its user's doings, its feed's failures, its own restarts."""

from dataclasses import dataclass

from tests.backtest.cases import Case
from tradeassist_desktop.domain.market import MarketEvent


@dataclass(frozen=True)
class Snooze:
    """``until_ns`` None wakes; ``symbol`` None is every one."""

    uid: str
    symbol: str | None
    until_ns: int | None


@dataclass(frozen=True)
class Blind:
    """``is_stale``: nothing came of them on a feed that works."""

    symbols: tuple[str, ...]
    is_stale: bool


@dataclass(frozen=True)
class Activate:
    uid: str
    active: bool


@dataclass(frozen=True)
class Put:
    """A rule is added, or replaces the one of its uid."""

    case: Case


@dataclass(frozen=True)
class Remove:
    uid: str


@dataclass(frozen=True)
class Restart:
    """The engine is thrown away and a new one goes on. For the oracle nothing has happened."""


Happening = MarketEvent | Snooze | Blind | Activate | Put | Remove | Restart
