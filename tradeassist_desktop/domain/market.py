"""What the market says: instruments, ticks, quotes, bars, and the feed that brings them.

Stamps are UTC nanoseconds since 1970. Prices are in the instrument's quote currency.
``Tick`` and ``Bar`` are named tuples, not dataclasses: one is made per update, and
``tuple.__new__(Tick, (...))`` with one unpacking costs a third of a frozen dataclass.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

NS_PER_MS = 1_000_000
NS_PER_SECOND = 1_000_000_000

TIMEFRAMES: dict[str, int] = {
    "1s": 1 * NS_PER_SECOND,
    "5s": 5 * NS_PER_SECOND,
    "15s": 15 * NS_PER_SECOND,
    "30s": 30 * NS_PER_SECOND,
    "1m": 60 * NS_PER_SECOND,
    "2m": 120 * NS_PER_SECOND,
    "3m": 180 * NS_PER_SECOND,
    "5m": 300 * NS_PER_SECOND,
    "10m": 600 * NS_PER_SECOND,
    "15m": 900 * NS_PER_SECOND,
    "30m": 1800 * NS_PER_SECOND,
    "1h": 3600 * NS_PER_SECOND,
    "4h": 14400 * NS_PER_SECOND,
    "1d": 86400 * NS_PER_SECOND,
}
"""Bar lengths by label, in nanoseconds, shortest first."""


class Tick(NamedTuple):
    """One update of one symbol: only the fields that came; the rest are ``None``.

    ``event_ns`` is the newest of the update's quote and trade times. ``volume`` and
    ``open high low prev_close`` are the session's, ``volume`` cumulative. A tick with
    ``last``, a later ``trade_ns`` or grown ``volume`` is a trade; any other is a quote.
    """

    symbol: str
    event_ns: int
    received_ns: int
    last: float | None = None
    bid: float | None = None
    ask: float | None = None
    last_size: float | None = None
    bid_size: float | None = None
    ask_size: float | None = None
    volume: float | None = None
    open: float | None = None
    high: float | None = None
    low: float | None = None
    prev_close: float | None = None
    trade_ns: int | None = None


class Bar(NamedTuple):
    """One closed bar of ``[start_ns, end_ns)``; ``timeframe`` is a key of ``TIMEFRAMES``."""

    symbol: str
    timeframe: str
    start_ns: int
    end_ns: int
    open: float
    high: float
    low: float
    close: float
    volume: float


class TimerCall(NamedTuple):
    """The engine's timer ran: what was due by ``utc_ns`` was done, without an update."""

    utc_ns: int


class SightLost(NamedTuple):
    """From here on nothing was decided that reads ``symbol``, until it was heard again.

    ``reason`` is as a user reads it; ``is_stale`` that nothing came of the symbol on a feed that worked.
    """

    utc_ns: int
    symbol: str
    reason: str
    is_stale: bool = False


class PastTold(NamedTuple):
    """From here on updates tell of a past in which ``symbol`` was not seen; it began at ``utc_ns``.

    Where ``is_over``, it has been told, for every symbol of which it was, and ended at ``utc_ns``.
    """

    utc_ns: int
    symbol: str
    is_over: bool = False


MarketEvent = Tick | Bar | TimerCall | SightLost | PastTold
"""Whatever a recording holds, and an engine takes."""


def instant_ns(event: MarketEvent) -> int:
    """Return when an event happened, in event time; a bar happens when it ends."""
    if isinstance(event, Tick):
        return event.event_ns
    return event.end_ns if isinstance(event, Bar) else event.utc_ns


@dataclass(frozen=True, slots=True)
class SessionClose:
    """The last price of a session, and when the bar it is of ended."""

    end_ns: int
    price: float


@dataclass(frozen=True, slots=True)
class Quote:
    """The merged state of one symbol at ``event_ns``; what never came is ``None``."""

    symbol: str
    event_ns: int
    received_ns: int
    last: float | None = None
    bid: float | None = None
    ask: float | None = None
    last_size: float | None = None
    bid_size: float | None = None
    ask_size: float | None = None
    volume: float | None = None
    open: float | None = None
    high: float | None = None
    low: float | None = None
    prev_close: float | None = None
    trade_ns: int | None = None

    @property
    def net_change(self) -> float | None:
        """``last`` less the previous close, in quote currency."""
        if self.last is None or self.prev_close is None:
            return None
        return self.last - self.prev_close

    @property
    def pct_change(self) -> float | None:
        """``net_change`` in percent of the previous close; ``None`` where that is 0."""
        change = self.net_change
        if change is None or not self.prev_close:
            return None
        return 100.0 * change / abs(self.prev_close)


class InstrumentKind(StrEnum):
    """What a symbol stands for; decides which prices it can have and its session."""

    EQUITY = "equity"
    ETF = "etf"
    INDEX = "index"
    INDICATOR = "indicator"
    FUTURE = "future"
    FOREX = "forex"
    OPTION = "option"
    CRYPTO = "crypto"
    UNKNOWN = "unknown"


class TradingStatus(StrEnum):
    """Whether a symbol trades now, as its venue says; halted is not stale: silence is right then."""

    NORMAL = "normal"
    HALTED = "halted"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Instrument:
    """A symbol with what is known of it.

    ``tick_size`` is the smallest price step, ``decimals`` the digits a price is shown with.
    ``expires_ns`` is when a contract ends, UTC nanoseconds; ``active_symbol`` the contract that a
    future's root or an older month stands for now; ``cusip`` what stays when a share is renamed.
    Empty or ``None`` where the venue does not tell.
    """

    symbol: str
    kind: InstrumentKind = InstrumentKind.UNKNOWN
    description: str = ""
    tick_size: float = 0.01
    decimals: int = 2
    expires_ns: int | None = None
    active_symbol: str = ""
    cusip: str = ""

    @property
    def must_be_positive(self) -> bool:
        """Whether a price at or below 0 is bad data (neither shares nor coins can have one; /CL had)."""
        return self.kind in (InstrumentKind.EQUITY, InstrumentKind.ETF, InstrumentKind.CRYPTO)


class BadFrame(ValueError):
    """A frame that cannot be read; it is counted, its start logged, and the stream goes on."""
