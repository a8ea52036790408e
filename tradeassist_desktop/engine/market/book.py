"""What is known of one symbol: its fields, what is derived of them, its bars, who reads them."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isfinite, nextafter
from typing import TYPE_CHECKING, Final, TypeVar

from tradeassist_desktop.domain.market import TIMEFRAMES, Bar, Instrument, InstrumentKind, Quote
from tradeassist_desktop.engine.calendars import sessions
from tradeassist_desktop.engine.market.bars import Bucket, Series, Stale, epoch_bucket
from tradeassist_desktop.engine.market.history import History
from tradeassist_desktop.engine.market.streams import Derived, Stream
from tradeassist_desktop.engine.operands.specification import SessionStarts

if TYPE_CHECKING:
    from tradeassist_desktop.engine.instance import Instance

_SESSION_GRID_NS: Final = TIMEFRAMES["30m"]
"""Regular sessions begin and end on half hours: bars that divide them fill a session exactly."""

_UTC_DAYS: Final = (InstrumentKind.UNKNOWN, InstrumentKind.CRYPTO)
"""Kinds whose daily bars begin at midnight UTC, so that every shorter bar divides them."""

_BELOW_ZERO: Final = nextafter(0.0, -inf)
"""What sizes must be above: nothing trades a negative number of shares."""

NEVER: Final = -1
"""Time of the last trade of a symbol that has not traded."""


def _mid(book: Book) -> float | None:
    bid, ask = book.bid.value, book.ask.value
    return None if bid is None or ask is None else (bid + ask) / 2.0


def _spread(book: Book) -> float | None:
    bid, ask = book.bid.value, book.ask.value
    return None if bid is None or ask is None else ask - bid


def _net_change(book: Book) -> float | None:
    last, before = book.last.value, book.prev_close.value
    return None if last is None or before is None else last - before


def _pct_change(book: Book) -> float | None:
    last, before = book.last.value, book.prev_close.value
    return None if last is None or not before else 100.0 * (last - before) / abs(before)


def _vwap(book: Book) -> float | None:
    return book.turnover / book.traded if book.traded > 0.0 else None


FORMULAS: Final[dict[str, Callable[[Book], float | None]]] = {
    "mid": _mid,
    "spread": _spread,
    "net_change": _net_change,
    "pct_change": _pct_change,
    "vwap": _vwap,
}
"""Fields no feed brings; computed at each update of a symbol while some rule reads them of it."""

_Each = TypeVar("_Each")


class Book:
    """One symbol's present.

    Args:
        on_open: Called when a bar of the symbol begins.
    """

    __slots__ = (
        "_instrument",
        "_on_open",
        "ask",
        "ask_size",
        "bid",
        "bid_size",
        "blind",
        "derivations",
        "due",
        "event_ns",
        "expressions",
        "fields",
        "floor",
        "high",
        "histories",
        "last",
        "last_size",
        "low",
        "open",
        "prev_close",
        "readers",
        "received_ns",
        "recorded_end_ns",
        "recorded_ns",
        "roots",
        "series",
        "session_end_ns",
        "symbol",
        "takes_trades",
        "trade_ns",
        "traded",
        "turnover",
        "updates",
        "volume",
        "whole",
    )

    def __init__(self, *, instrument: Instrument, on_open: Callable[[Series], None]) -> None:
        self._instrument = instrument
        self._on_open = on_open
        self.symbol = instrument.symbol
        self.floor = 0.0 if instrument.must_be_positive else -inf
        self.last = Stream(floor=self.floor)
        self.bid = Stream(floor=self.floor)
        self.ask = Stream(floor=self.floor)
        self.last_size = Stream(floor=_BELOW_ZERO)
        self.bid_size = Stream(floor=_BELOW_ZERO)
        self.ask_size = Stream(floor=_BELOW_ZERO)
        self.volume = Stream(floor=_BELOW_ZERO)
        self.open = Stream(floor=self.floor)
        self.high = Stream(floor=self.floor)
        self.low = Stream(floor=self.floor)
        self.prev_close = Stream(floor=self.floor)
        self.trade_ns = NEVER
        self.event_ns = 0
        self.received_ns = 0
        self.updates = 0
        self.fields: tuple[Derived, ...] = ()
        self.histories: tuple[History, ...] = ()
        self.expressions: tuple[Derived, ...] = ()
        self.derivations = False
        self.due: set[Instance] = set()
        self.readers: dict[Instance, bool] = {}
        self.blind: str | None = None
        self.series: dict[str, Series] = {}
        self.roots: tuple[Series, ...] = ()
        self.recorded_ns: int | None = None
        self.takes_trades = False
        self.recorded_end_ns = 0
        self.whole = sessions.whole(instrument.kind)
        self.session_end_ns = 0
        self.turnover = 0.0
        self.traded = 0.0

    @property
    def instrument(self) -> Instrument:
        """What is known of the symbol itself."""
        return self._instrument

    def raw(self, name: str) -> Stream:
        """Return the stream of a field that feeds bring."""
        stream: Stream = getattr(self, name)
        return stream

    def new_field(self, name: str) -> Derived:
        """Return a stream of a field by formula, computed from now on."""
        formula = FORMULAS[name]
        derived = Derived(read=lambda now_ns: formula(self))
        derived.refresh(self.event_ns, [])
        if name == "vwap":
            self.takes_trades = self.recorded_ns is None
        self.fields = (*self.fields, derived)
        self._note()
        return derived

    def drop_field(self, derived: Derived) -> None:
        """Nobody reads the field any longer."""
        self.fields = _without(self.fields, derived)
        self._note()

    def add_history(self, history: History) -> None:
        """Have a history go on with each update of this symbol."""
        self.histories = (*self.histories, history)
        self._note()

    def drop_history(self, history: History) -> None:
        """Undo ``add_history``."""
        self.histories = _without(self.histories, history)
        self._note()

    def add_expression(self, expression: Derived) -> None:
        """Have a value computed with each update of this symbol."""
        self.expressions = (*self.expressions, expression)
        self._note()

    def drop_expression(self, expression: Derived) -> None:
        """Undo ``add_expression``."""
        self.expressions = _without(self.expressions, expression)
        self._note()

    def _note(self) -> None:
        self.derivations = bool(self.fields or self.histories or self.expressions)

    def derive_fields(self, now_ns: int, touched: list[Instance]) -> None:
        """Bring fields by formula up to the update just applied."""
        for derived in self.fields:
            value = derived.read(now_ns)
            if value != derived.value:
                if value is not None and derived.low < value < derived.high:
                    derived.value = value
                else:
                    derived.set(value, touched)

    def derive_expressions(self, now_ns: int, touched: list[Instance]) -> None:
        """Bring arithmetic and comparisons of fields up to the update just applied."""
        for derived in self.expressions:
            value = derived.read(now_ns)
            if value != derived.value:
                derived.set(value, touched)

    def derive(self, now_ns: int, touched: list[Instance]) -> None:
        """Bring all that is computed of fields up to now, as each update does."""
        self.derive_fields(now_ns, touched)
        for history in self.histories:
            history.step(now_ns, touched)
        self.derive_expressions(now_ns, touched)

    def take_recorded(self, bar: Bar, now_ns: int, touched: list[Instance], stale: Stale) -> Series:
        """Take a bar of a recording: its close is the last price before it closes."""
        if bar.start_ns >= self.session_end_ns:
            self.begin_session(bar.start_ns)
        if isfinite(bar.volume):
            self.turnover += (bar.high + bar.low + bar.close) / 3.0 * bar.volume
            self.traded += bar.volume
        self.last.set(bar.close, touched)
        self.event_ns = max(self.event_ns, bar.end_ns)
        self.trade_ns = bar.end_ns
        if self.derivations:
            self.derive(now_ns, touched)
        series = self.feed_recorded(bar.timeframe)
        series.take(bar, touched, stale)
        return series

    def quote(self) -> Quote | None:
        """Return the merged state; ``None`` while no update has come."""
        if not self.updates:
            return None
        return Quote(
            symbol=self.symbol,
            event_ns=self.event_ns,
            received_ns=self.received_ns,
            last=self.last.value,
            bid=self.bid.value,
            ask=self.ask.value,
            last_size=self.last_size.value,
            bid_size=self.bid_size.value,
            ask_size=self.ask_size.value,
            volume=self.volume.value,
            open=self.open.value,
            high=self.high.value,
            low=self.low.value,
            prev_close=self.prev_close.value,
            trade_ns=None if self.trade_ns == NEVER else self.trade_ns,
        )

    def session_starts(self) -> SessionStarts:
        """Return what tells when the symbol's sessions began."""
        regular = sessions.regular(self._instrument.kind)
        return SessionStarts(whole=self.whole.start_ns, regular=regular.start_ns)

    # --- bars

    def want_series(self, timeframe: str) -> Series:
        """Return the series of that timeframe, built from now on if it was not."""
        if timeframe not in self.series:
            series = Series(
                symbol=self.symbol, timeframe=timeframe, bucket=self._bucket(timeframe), on_open=self._on_open
            )
            self.series[timeframe] = series
            self.series = dict(sorted(self.series.items(), key=lambda item: item[1].length_ns))
            self._link(series)
        return self.series[timeframe]

    def feed_recorded(self, timeframe: str) -> Series:
        """Take bars from a recording from now on: trades make none; return their series."""
        if self.recorded_ns is None:
            self.recorded_ns = TIMEFRAMES[timeframe]
            self.takes_trades = False
            self.want_series(timeframe)
            self.relink()
        return self.want_series(timeframe)

    def own_histories(self) -> list[History]:
        """Return what is remembered of this symbol's fields."""
        return [history for history in self.histories if history.symbol == self.symbol]

    def relink(self) -> None:
        """Decide anew which series is built from which."""
        for series in self.series.values():
            series.parent = None
            series.children = []
        self.roots = ()
        for series in self.series.values():
            self._link(series)

    def _link(self, series: Series) -> None:
        if not self.updates and self.recorded_ns is None:
            # Nothing has come yet: series asked for earlier may gain a shorter parent.
            for other in self.series.values():
                other.parent, other.children = None, []
            self.roots = ()
            for other in self.series.values():
                self._link_one(other)
        else:
            self._link_one(series)
        if series.parent is not None and not series.history and not series.is_open:
            series.catch_up(series.parent.history)

    def _link_one(self, series: Series) -> None:
        shortest_ns = self.recorded_ns or 0
        parents = [
            other
            for other in self.series.values()
            if shortest_ns <= other.length_ns < series.length_ns and self.divides(other.length_ns, series)
        ]
        if parents:
            series.parent = parents[-1]
            series.parent.children.append(series)
        elif self.recorded_ns is None:
            self.roots = (*self.roots, series)
            self.takes_trades = True

    def divides(self, length_ns: int, series: Series) -> bool:
        """Whether bars of that length fill the series' bars exactly."""
        grid_ns = series.length_ns
        if series.timeframe == "1d" and self._instrument.kind not in _UTC_DAYS:
            grid_ns = _SESSION_GRID_NS
        return grid_ns % length_ns == 0

    def _bucket(self, timeframe: str) -> Bucket:
        if timeframe != "1d":
            return epoch_bucket(TIMEFRAMES[timeframe])
        calendar = sessions.regular(self._instrument.kind)

        def bucket(now_ns: int) -> tuple[int, int] | None:
            stretch = calendar.at(now_ns)
            return (stretch.start_ns, stretch.end_ns) if stretch.is_open else None

        return bucket

    def begin_session(self, now_ns: int) -> None:
        """Begin the session's sums anew with its first trade."""
        stretch = self.whole.at(now_ns)
        # What trades between sessions goes on with the one before.
        if stretch.is_open:
            self.turnover = self.traded = 0.0
        self.session_end_ns = stretch.end_ns


def _without(those: tuple[_Each, ...], one: _Each) -> tuple[_Each, ...]:
    return tuple(each for each in those if each is not one)
