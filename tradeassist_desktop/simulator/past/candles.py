"""Minute candles of what the simulated market really traded."""

from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

MINUTE_MS: Final = 60_000
_KEPT_MINUTES: Final = 60 * 24 * 60


class Candle(NamedTuple):
    """One bar; times are UTC milliseconds, the volume is the bar's own."""

    start_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float


def joined(candles: Sequence[Candle], start_ms: int) -> Candle:
    """Return one candle of several, oldest first, at least one."""
    return Candle(
        start_ms=start_ms,
        open=candles[0].open,
        high=max(candle.high for candle in candles),
        low=min(candle.low for candle in candles),
        close=candles[-1].close,
        volume=sum(candle.volume for candle in candles),
    )


class MinuteCandles:
    """Takes trades and keeps the newest sixty days of minutes of each symbol."""

    def __init__(self) -> None:
        self._minutes: dict[str, deque[Candle]] = {}
        self._forming: dict[str, list[float]] = {}

    def trade(self, symbol: str, price: float, size: float, at_ms: int) -> None:
        """Take one trade. One of a minute that is over already is left out, as too late."""
        start_ms = at_ms - at_ms % MINUTE_MS
        forming = self._forming.get(symbol)
        if forming is None or start_ms > forming[0]:
            if forming is not None:
                self._keep(symbol, forming)
            self._forming[symbol] = [start_ms, price, price, price, price, size]
        elif start_ms == forming[0]:
            if price > forming[2]:
                forming[2] = price
            elif price < forming[3]:
                forming[3] = price
            forming[4] = price
            forming[5] += size

    def of(self, symbol: str) -> list[Candle]:
        """Return a symbol's candles, oldest first; the last one may still be forming."""
        forming = self._forming.get(symbol)
        kept = list(self._minutes.get(symbol, ()))
        return kept if forming is None else [*kept, _candle(forming)]

    def at(self, symbol: str, start_ms: int) -> Candle | None:
        """Return the candle of one of the last few minutes; ``None`` where nothing traded."""
        forming = self._forming.get(symbol)
        if forming is not None and forming[0] == start_ms:
            return _candle(forming)
        for candle in reversed(self._minutes.get(symbol, ())):
            if candle.start_ms <= start_ms:
                return candle if candle.start_ms == start_ms else None
        return None

    def rename(self, old: str, new: str) -> None:
        """Move a symbol's candles to its new name."""
        if old in self._forming:
            self._forming[new] = self._forming.pop(old)
        if old in self._minutes:
            self._minutes[new] = self._minutes.pop(old)

    def rebase(self, symbol: str, factor: float) -> None:
        """Multiply a symbol's past prices, and divide its volumes, as a split does."""
        candles = [
            Candle(
                c.start_ms,
                c.open * factor,
                c.high * factor,
                c.low * factor,
                c.close * factor,
                c.volume / factor,
            )
            for c in self.of(symbol)
        ]
        if candles:
            self._forming[symbol] = list(candles.pop())
            self._minutes[symbol] = deque(candles, maxlen=_KEPT_MINUTES)

    def _keep(self, symbol: str, formed: list[float]) -> None:
        self._minutes.setdefault(symbol, deque(maxlen=_KEPT_MINUTES)).append(_candle(formed))


def _candle(values: list[float]) -> Candle:
    start_ms, *rest = values
    return Candle(int(start_ms), *rest)
