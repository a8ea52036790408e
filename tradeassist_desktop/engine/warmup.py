"""Starting warm: closed bars of the past given to what is computed of them."""

from collections.abc import Callable, Sequence

from tradeassist_desktop.domain.market import TIMEFRAMES, Bar
from tradeassist_desktop.engine.book import Book


def warm_up(bars: Sequence[Bar], book_of: Callable[[str], Book]) -> None:
    """Give bars, oldest first, to the series that want them.

    A series takes the bars of its own timeframe, and builds what those do not reach, up to the
    bar that was forming, of the longest shorter ones.
    """
    by_symbol: dict[str, list[Bar]] = {}
    for bar in bars:
        by_symbol.setdefault(bar.symbol, []).append(bar)
    for symbol, own in by_symbol.items():
        _warm_book(own, book_of(symbol))


def _warm_book(bars: Sequence[Bar], book: Book) -> None:
    given: dict[str, list[Bar]] = {}
    for bar in bars:
        given.setdefault(bar.timeframe, []).append(bar)
    for timeframe, series in book.series.items():
        source = given.get(timeframe, [])
        for bar in source:
            series.warm(bar)
        known_until_ns = source[-1].end_ns if source else 0
        shorter = [
            each
            for each in given
            if TIMEFRAMES[each] < series.length_ns and book.divides(TIMEFRAMES[each], series)
        ]
        if shorter:
            longest = max(shorter, key=lambda each: TIMEFRAMES[each])
            # Whole bars of its own first; what has passed since then is the bar that was forming.
            series.catch_up(bar for bar in given[longest] if bar.start_ns >= known_until_ns)
