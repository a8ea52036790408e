"""Longer bars made of shorter ones."""

from collections.abc import Sequence

from tradeassist_desktop.domain.market import TIMEFRAMES, Bar


def is_composable(timeframe: str) -> bool:
    """Whether bars of a timeframe are the same stretches for every symbol; a day is its own session's."""
    return timeframe != "1d"


def composed(bars: Sequence[Bar], timeframe: str) -> list[Bar]:
    """Return what shorter bars of one symbol, oldest first, come to; the first and last whole or not.

    Bars are aligned to the epoch, as all are that are shorter than a day.
    """
    length_ns = TIMEFRAMES[timeframe]
    made: list[Bar] = []
    for bar in bars:
        start_ns = bar.start_ns - bar.start_ns % length_ns
        if made and made[-1].start_ns == start_ns:
            last = made[-1]
            made[-1] = last._replace(
                high=max(last.high, bar.high),
                low=min(last.low, bar.low),
                close=bar.close,
                volume=last.volume + bar.volume,
            )
        else:
            made.append(bar._replace(timeframe=timeframe, start_ns=start_ns, end_ns=start_ns + length_ns))
    return made
