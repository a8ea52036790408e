"""Closed bars of the past, given to what is computed of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from tradeassist_desktop.domain.market import TIMEFRAMES, Bar
from tradeassist_desktop.engine.instance import Instance
from tradeassist_desktop.engine.market.bars import Series, Stale
from tradeassist_desktop.engine.market.book import Book


class WantedHistory(NamedTuple):
    """How many more closed bars before those known would make a symbol's operands known."""

    symbol: str
    timeframe: str
    bars: int


def backfill(
    bars: Iterable[Bar], book_of: Callable[[str], Book], touched: list[Instance], stale: Stale
) -> None:
    """Give bars that ended before those known to the series that want them.

    A series takes the bars of its own timeframe and, where there is none, what the longest shorter
    ones come to. What reaches up to the present leaves the bar that was forming.
    """
    by_symbol: dict[str, dict[str, list[Bar]]] = {}
    for bar in bars:
        by_symbol.setdefault(bar.symbol, {}).setdefault(bar.timeframe, []).append(bar)
    for symbol, given in by_symbol.items():
        book = book_of(symbol)
        for series in book.series.values():
            _fill(series, _shorter(series, given, book), given.get(series.timeframe, []), touched, stale)
        if touched or stale:
            touched.extend(book.readers)


def _shorter(series: Series, given: Mapping[str, Sequence[Bar]], book: Book) -> Sequence[Bar]:
    """Return the longest given bars of which the series' bars can be made."""
    for timeframe in sorted(given, key=lambda each: TIMEFRAMES[each], reverse=True):
        length_ns = TIMEFRAMES[timeframe]
        if length_ns < series.length_ns and book.divides(length_ns, series):
            return given[timeframe]
    return ()


def _fill(
    series: Series, shorter: Sequence[Bar], own: Sequence[Bar], touched: list[Instance], stale: Stale
) -> None:
    is_new = not series.history and not series.is_open
    known_ns = None if is_new else series.history[0].start_ns if series.history else series.start_ns
    closed, forming = series.composed(sorted(shorter, key=_start))
    by_start = {bar.start_ns: bar for bar in closed} | {bar.start_ns: bar for bar in own}
    older = [
        by_start[start]
        for start in sorted(by_start)
        if known_ns is None or by_start[start].end_ns <= known_ns
    ]
    if older:
        series.put_history([*older, *series.history], touched, stale)
    if is_new and series.parent is not None:
        # What its parent's forming bar holds will come with that one's close.
        forming = series.composed(series.parent.history)[1]
    if is_new and forming is not None and forming.start_ns not in by_start:
        series.resume(forming)


def _start(bar: Bar) -> int:
    return bar.start_ns
