"""What is known of a symbol's present, as plain values that outlive a restart."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from tradeassist_desktop.domain.market import TIMEFRAMES, Bar
from tradeassist_desktop.engine.market.book import Book
from tradeassist_desktop.engine.operands.fields import RAW_FIELDS

_STAMPS: Final = ("event_ns", "received_ns", "trade_ns", "updates", "recorded_end_ns", "session_end_ns")
_SUMS: Final = ("turnover", "traded")


def market_state(book: Book, pending: Iterable[Bar], clock_ns: int, timers_until_ns: int) -> dict[str, Any]:
    """Return fields, stamps, the session's sums, forming bars and the past that changes look back to.

    Args:
        pending: Recorded bars that have been collected, but have not closed yet.
        timers_until_ns: Until when timers have run.
    """
    recorded = next((each for each in book.series if TIMEFRAMES[each] == book.recorded_ns), None)
    return {
        "fields": {name: value for name in RAW_FIELDS if (value := book.raw(name).value) is not None},
        **{name: getattr(book, name) for name in (*_STAMPS, *_SUMS)},
        "clock_ns": clock_ns,
        "timers_until_ns": timers_until_ns,
        "recorded": recorded,
        "pending": [list(bar[1:]) for bar in pending if bar.symbol == book.symbol],
        "forming": [list(series.as_bar()[1:]) for series in book.series.values() if series.is_open],
        "past": {history.field: history.past() for history in book.own_histories()},
    }


class Market(NamedTuple):
    """The engine's part of a restored symbol: the clock, and recorded bars still to close."""

    clock_ns: int
    timers_until_ns: int
    pending: list[Bar]


def restore_market(book: Book, plain: Any) -> Market | None:
    """Go on from what ``market_state`` returned; ``None``, and nothing done, if it cannot be read."""
    try:
        fields = {name: float(plain["fields"][name]) for name in RAW_FIELDS if name in plain["fields"]}
        stamps = {name: int(plain[name]) for name in _STAMPS}
        sums = {name: float(plain[name]) for name in _SUMS}
        forming = [_bar(book.symbol, values) for values in plain["forming"]]
        pending = [_bar(book.symbol, values) for values in plain["pending"]]
        past = {str(name): _past(pairs) for name, pairs in plain["past"].items()}
        recorded = None if plain["recorded"] is None else str(plain["recorded"])
        market = Market(int(plain["clock_ns"]), int(plain["timers_until_ns"]), pending)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    if recorded in TIMEFRAMES:
        book.feed_recorded(recorded)
    for name, value in fields.items():
        book.raw(name).set(value, [])
    for name, stamp in stamps.items():
        setattr(book, name, stamp)
    for name, amount in sums.items():
        setattr(book, name, amount)
    for bar in forming:
        if bar.timeframe in book.series:
            book.series[bar.timeframe].resume(bar)
    for history in book.own_histories():
        history.restore(past.get(history.field, ()), market.clock_ns)
    if book.derivations:
        book.derive(book.event_ns, [])
    return market


def _bar(symbol: str, values: Any) -> Bar:
    timeframe, start_ns, end_ns, *prices = values
    open_, high, low, close, volume = (float(price) for price in prices)
    return Bar(symbol, str(timeframe), int(start_ns), int(end_ns), open_, high, low, close, volume)


def _past(pairs: Any) -> list[tuple[int, float]]:
    return [(int(time_ns), float(value)) for time_ns, value in pairs]
