"""What the local Coinbase remembers of each product: its last ticker, its counters, its candles."""

import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tradeassist_desktop.domain.market import NS_PER_SECOND, Tick

_MINUTE_S: Final = 60
_DAY_S: Final = 86_400
_PAST_S: Final = 2 * _DAY_S
_LONGEST_CASCADE: Final = 4
_ORDERS_PER_TRADE: Final = 30
_DAILY_VOLUME: Final = 5_000.0

Candle = list[float]
"""``[time, low, high, open, close, volume]``, as Coinbase writes them."""


@dataclass(slots=True)
class _Rolling:
    since_s: int
    open: float
    low: float
    high: float
    volume: float


@dataclass(slots=True)
class _Product:
    trade_id: int
    sequence: int
    ticker: dict[str, Any] = field(default_factory=dict)
    minutes: dict[int, Candle] = field(default_factory=dict)
    rolling: _Rolling | None = None


class Tape:
    """Every product's trades so far.

    A trade may be a cascade: then its ids skip, as Coinbase's do.

    Args:
        seed: Of what is made up: counters, cascades and the two days before the first trade.
    """

    def __init__(self, *, seed: int = 7) -> None:
        self._rng = random.Random(seed)
        self._products: dict[str, _Product] = {}

    def put(self, tick: Tick, *, is_kept: bool = True) -> dict[str, Any] | None:
        """Note a trade; return its ticker message, ``None`` for an update without a trade.

        Args:
            is_kept: Candles and the last 24 hours' figures have it; else it is one of a mistake.
        """
        product = self._products.get(tick.symbol)
        if tick.last is None:
            return None
        if product is None:
            product = self._products[tick.symbol] = self._begun(tick)
        product.trade_id += self._rng.randint(1, _LONGEST_CASCADE)
        product.sequence += self._rng.randint(2, _ORDERS_PER_TRADE)
        size = tick.last_size or 0.0
        rolling = product.rolling
        if is_kept or rolling is None:
            _add(product.minutes, tick.event_ns // NS_PER_SECOND, tick.last, size)
            rolling = _rolling(product, tick.event_ns // NS_PER_SECOND, tick.last, size)
        price = _text(tick.last)
        product.ticker = {
            "type": "ticker",
            "sequence": product.sequence,
            "product_id": tick.symbol,
            "price": price,
            "open_24h": _text(rolling.open),
            "volume_24h": _text(rolling.volume),
            "low_24h": _text(rolling.low),
            "high_24h": _text(rolling.high),
            "volume_30d": _text(30 * rolling.volume),
            "best_bid": price if tick.bid is None else _text(tick.bid),
            "best_bid_size": _text(tick.bid_size or 0.0),
            "best_ask": price if tick.ask is None else _text(tick.ask),
            "best_ask_size": _text(tick.ask_size or 0.0),
            "side": self._rng.choice(("buy", "sell")),
            "time": stamp(tick.event_ns),
            "trade_id": product.trade_id,
            "last_size": _text(size),
        }
        return product.ticker

    def ticker(self, symbol: str) -> dict[str, Any] | None:
        """Return the last ticker of a product; ``None`` before its first trade."""
        product = self._products.get(symbol)
        return None if product is None else product.ticker

    def heartbeat(self, symbol: str, now_ns: int) -> dict[str, Any]:
        """Return what a heartbeat says now."""
        product = self._products.get(symbol)
        return {
            "type": "heartbeat",
            "sequence": 0 if product is None else product.sequence,
            "last_trade_id": 0 if product is None else product.trade_id,
            "product_id": symbol,
            "time": stamp(now_ns),
        }

    def candles(self, symbol: str, length_s: int, start_s: int, end_s: int) -> list[Candle]:
        """Return the candles that begin in ``[start_s, end_s]``, newest first."""
        product = self._products.get(symbol)
        found: dict[int, Candle] = {}
        if product is not None:
            for begun_s in sorted(product.minutes):
                _, low, high, opened, close, volume = product.minutes[begun_s]
                at_s = begun_s - begun_s % length_s
                if start_s <= at_s <= end_s:
                    _merge(found, at_s, (low, high, opened, close, volume))
        return [found[at_s] for at_s in sorted(found, reverse=True)]

    def _begun(self, tick: Tick) -> _Product:
        """Make up the past: a walk that ends at the first trade's price."""
        rng = self._rng
        product = _Product(trade_id=rng.randint(10**6, 10**8), sequence=rng.randint(10**9, 10**10))
        assert tick.last is not None
        price = tick.last
        first_s = tick.event_ns // NS_PER_SECOND
        minute_s = first_s - first_s % _MINUTE_S
        digits = max(2, 5 - math.floor(math.log10(price)))
        minutes: dict[int, Candle] = {}
        for at_s in range(minute_s - _MINUTE_S, minute_s - _PAST_S, -_MINUTE_S):
            opened = round(price * math.exp(self._rng.gauss(0.0, 4e-4)), digits)
            reach = price * abs(self._rng.gauss(0.0, 2e-4))
            low, high = round(min(price, opened) - reach, digits), round(max(price, opened) + reach, digits)
            volume = round(_DAILY_VOLUME / _DAY_S * _MINUTE_S * self._rng.expovariate(1.0), 8)
            minutes[at_s] = [at_s, low, high, opened, price, volume]
            price = opened
        product.minutes = dict(sorted(minutes.items()))
        return product


def _rolling(product: _Product, now_s: int, price: float, size: float) -> _Rolling:
    """Return the last 24 hours' figures with a trade; the hours behind are left once a minute."""
    rolling = product.rolling
    if rolling is None or now_s - rolling.since_s >= _MINUTE_S:
        recent = [candle for at_s, candle in product.minutes.items() if at_s >= now_s - _DAY_S]
        product.rolling = _Rolling(
            since_s=now_s,
            open=recent[0][3],
            low=min(candle[1] for candle in recent),
            high=max(candle[2] for candle in recent),
            volume=sum(candle[5] for candle in recent),
        )
        return product.rolling
    rolling.low, rolling.high = min(rolling.low, price), max(rolling.high, price)
    rolling.volume += size
    return rolling


def stamp(utc_ns: int) -> str:
    """Return an instant as Coinbase writes it: microseconds, UTC."""
    whole_s, part_ns = divmod(utc_ns, NS_PER_SECOND)
    moment = datetime.fromtimestamp(whole_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{part_ns // 1000:06d}Z"


def restamped(ticker: dict[str, Any], shift_ms: int) -> dict[str, Any]:
    """Return a ticker as of another time."""
    moment = datetime.fromisoformat(ticker["time"]) + timedelta(milliseconds=shift_ms)
    return {**ticker, "time": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}


def _text(number: float) -> str:
    return f"{number:.8f}".rstrip("0").rstrip(".")


def _add(minutes: dict[int, Candle], at_s: int, price: float, size: float) -> None:
    begun_s = at_s - at_s % _MINUTE_S
    _merge(minutes, begun_s, (price, price, price, price, size))


def _merge(found: dict[int, Candle], at_s: int, part: tuple[float, float, float, float, float]) -> None:
    low, high, opened, close, volume = part
    candle = found.get(at_s)
    if candle is None:
        found[at_s] = [at_s, low, high, opened, close, volume]
        return
    candle[1], candle[2] = min(candle[1], low), max(candle[2], high)
    candle[4] = close
    candle[5] = round(candle[5] + volume, 8)
