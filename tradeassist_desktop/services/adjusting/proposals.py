"""What can be proposed for a symbol, decided by numbers alone: a roll, a split, a new name."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import chain
from typing import Final
from zoneinfo import ZoneInfo

from tradeassist_desktop.domain.instruments import root_of
from tradeassist_desktop.domain.market import NS_PER_SECOND, Instrument, InstrumentKind, Quote
from tradeassist_desktop.engine.calendars.expiries import expiry_day, next_contract
from tradeassist_desktop.engine.rulefiles.adjusting import Adjusted

NEW_YORK: Final = ZoneInfo("America/New_York")
_APART_NS: Final = 600 * NS_PER_SECOND
_CLOSE_TO: Final = 0.005
_MOST_FOR_ONE: Final = 100
# What is split otherwise than some for one, or one for some.
_ODD_RATIOS: Final = ((3, 2), (4, 3), (5, 2), (5, 3), (5, 4), (7, 2))


class ProposalKind(StrEnum):
    """Why rules are to change."""

    ROLL = "roll"
    SPLIT = "split"
    RENAME = "rename"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What could be done about a symbol, and what each rule that reads it would become.

    Args:
        id: The same for the same event, over restarts.
        rules: Empty while ``waiting``.
        shift: What the next contract costs above the present one.
        ratio: New shares and old ones.
        days: Until the contract ends; below 0 it has.
        is_watched: Whether the watchlist is to have the new name in place of the old one.
        waiting: What is still needed before rules can be carried over; empty once nothing is.
    """

    id: str
    kind: ProposalKind
    symbol: str
    new_symbol: str
    rules: tuple[Adjusted, ...] = ()
    shift: float | None = None
    ratio: tuple[int, int] | None = None
    days: int | None = None
    is_watched: bool = False
    waiting: str = ""

    @property
    def can_be_applied(self) -> bool:
        """Whether there is anything to carry over."""
        return self.is_watched or bool(self.ready)

    @property
    def ready(self) -> tuple[Adjusted, ...]:
        """The rules that can be carried over."""
        return tuple(each for each in self.rules if not each.doubts and each.after != each.before)

    @property
    def sentence(self) -> str:
        """What has happened, for the trader."""
        if self.kind is ProposalKind.ROLL:
            return f"{self.symbol} {ends_in_words(self.days)}; {self.new_symbol} follows."
        if self.kind is ProposalKind.SPLIT and self.ratio is not None:
            new, old = self.ratio
            return f"{self.symbol} seems to have been split {new} for {old}."
        return f"{self.symbol} is now called {self.new_symbol}."


def ends_in_words(days: int | None) -> str:
    """Return when a contract ends: ``expires in 3 days``."""
    if days is None:
        return "is no longer the active contract"
    if days < 0:
        return "has expired"
    return {0: "expires today", 1: "expires tomorrow"}.get(days, f"expires in {days} days")


def days_left(instrument: Instrument, now_ns: int) -> int | None:
    """Return in how many of New York's days a contract ends; below 0 it has; ``None`` where unknown.

    What the venue tells comes before what the product's rules tell.
    """
    if instrument.kind is not InstrumentKind.FUTURE:
        return None
    if instrument.symbol == root_of(instrument.symbol):
        return None  # a root stands for one contract after another
    today = _day(now_ns)
    ends = (
        expiry_day(instrument.symbol, today) if instrument.expires_ns is None else _day(instrument.expires_ns)
    )
    return None if ends is None else (ends - today).days


def following(instrument: Instrument) -> str | None:
    """Return the contract to roll to: what the venue calls active, else the next of the product's months."""
    active = instrument.active_symbol
    if active and active != instrument.symbol and root_of(active) == root_of(instrument.symbol) != active:
        return active
    return next_contract(instrument.symbol)


def offset(present: Quote | None, following: Quote | None) -> float | None:
    """Return what the next contract costs above the present one, of quotes of one time; else ``None``."""
    if present is None or following is None or abs(present.event_ns - following.event_ns) > _APART_NS:
        return None
    prices = [_middle(quote) for quote in (present, following)]
    if None in prices:
        prices = [present.last, following.last]
    before, after = prices
    return None if before is None or after is None else after - before


def split_ratio(*, close: float, prev_close: float, last: float) -> tuple[int, int] | None:
    """Return new and old shares, if that is how the close became the previous close that is told now.

    The ratio must be a plain one within half a percent, and the price must have followed: else a
    share that fell by half would be taken for one that was split.

    Args:
        close: The last regular close as it was heard.
        prev_close: The same close as the venue tells it since.
    """
    if min(close, prev_close, last) <= 0.0:
        return None
    found = prev_close / close
    simple = ((number, 1) for number in range(2, _MOST_FOR_ONE + 1))
    for new, old in chain(simple, _ODD_RATIOS):
        for ratio in ((new, old), (old, new)):
            factor = ratio[1] / ratio[0]
            if abs(found / factor - 1.0) <= _CLOSE_TO:
                has_followed = abs(last / prev_close - 1.0) < abs(1.0 - factor) / 2.0
                return ratio if has_followed else None
    return None


def _middle(quote: Quote) -> float | None:
    bid, ask = quote.bid, quote.ask
    return (bid + ask) / 2.0 if bid and ask and bid <= ask else None


def _day(moment_ns: int) -> date:
    return datetime.fromtimestamp(moment_ns // NS_PER_SECOND, UTC).astimezone(NEW_YORK).date()
