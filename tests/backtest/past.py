"""What the oracle remembers of the market: every update and every trade, for ever; bars are cut from them."""

import datetime
import math
from collections.abc import Mapping
from typing import NamedTuple

from tests.backtest.calendars import sessions
from tests.backtest.truth import of_quote
from tradeassist_desktop.domain.market import TIMEFRAMES, Bar, Instrument, InstrumentKind, Tick

PRICES = ("last", "bid", "ask", "open", "high", "low", "prev_close")
FIELDS = (*PRICES, "last_size", "bid_size", "ask_size", "volume")
SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS
EPOCH = datetime.date(1970, 1, 1).toordinal()


class Trade(NamedTuple):
    time_ns: int
    price: float
    volume: float


class Past:
    """The market so far. ``clock_ns`` is the newest event time of all, and never goes back."""

    def __init__(self, instruments: Mapping[str, Instrument]) -> None:
        self.instruments = instruments
        self.clock_ns = -(10**30)
        self.quotes: dict[str, dict[str, float]] = {}
        self.updates: list[tuple[int, str, dict[str, float]]] = []  # time, symbol, the whole quote after it
        self.newest_ns: dict[str, int] = {}
        self.traded_ns: dict[str, int] = {}
        self.trades: dict[str, list[Trade]] = {}
        self.recorded: dict[str, list[Bar]] = {}
        self.closed: dict[tuple[str, str], list[Bar]] = {}
        self.open_bars: set[tuple[int, str, str]] = set()  # end, symbol, timeframe
        self.closed_ns: set[int] = set()

    # -- what comes

    def take_tick(self, tick: Tick) -> bool:
        """Apply an update at ``clock_ns``; say whether it was one, and not late or all bad."""
        symbol, now_ns = tick.symbol, self.clock_ns
        if tick.event_ns < self.newest_ns.get(symbol, tick.event_ns):
            return False
        carried = {name: getattr(tick, name) for name in FIELDS if getattr(tick, name) is not None}
        good = {name: value for name, value in carried.items() if self._is_good(symbol, name, value)}
        if carried and not good:
            return False
        self.newest_ns[symbol] = tick.event_ns
        before = self.quotes.get(symbol, {})
        after = before | good
        self.quotes[symbol] = after
        self.updates.append((now_ns, symbol, after))
        has_grown = "volume" in good and "volume" in before and good["volume"] > before["volume"]
        earlier_ns = self.traded_ns.get(symbol, -(10**30))
        is_later = tick.trade_ns is not None and tick.trade_ns > earlier_ns
        if "last" not in good and not has_grown and not is_later:
            return True
        self.traded_ns[symbol] = max(earlier_ns, tick.event_ns if tick.trade_ns is None else tick.trade_ns)
        if symbol not in self.recorded and "last" in after:
            grown = after["volume"] - before["volume"] if has_grown else 0.0
            volume = grown if "volume" in after else after.get("last_size", 0.0)
            self.trades.setdefault(symbol, []).append(Trade(now_ns, after["last"], volume))
            for timeframe in TIMEFRAMES:
                if bounds := self._bounds(symbol, timeframe, now_ns):
                    self.open_bars.add((bounds[1], symbol, timeframe))
        return True

    def take_bar(self, bar: Bar) -> None:
        """Collect a recorded bar; ``close_bars`` at its end closes it."""
        self.recorded.setdefault(bar.symbol, []).append(bar)
        self.open_bars.add((bar.end_ns, bar.symbol, bar.timeframe))
        for timeframe, width_ns in TIMEFRAMES.items():
            bounds = self._bounds(bar.symbol, timeframe, bar.start_ns)
            if width_ns > TIMEFRAMES[bar.timeframe] and bounds:
                self.open_bars.add((bounds[1], bar.symbol, timeframe))

    def close_bars(self, end_ns: int) -> set[tuple[str, str]]:
        """Close all bars that end then; return their symbols and timeframes."""
        closing = {(symbol, timeframe) for end, symbol, timeframe in self.open_bars if end == end_ns}
        self.open_bars = {each for each in self.open_bars if each[0] != end_ns}
        self.closed_ns.add(end_ns)
        for symbol, bars in self.recorded.items():
            if bars[-1].end_ns == end_ns:
                self.quotes[symbol] = self.quotes.get(symbol, {}) | {"last": bars[-1].close}
                self.updates.append((end_ns, symbol, self.quotes[symbol]))
                self.traded_ns[symbol] = end_ns
        for symbol, timeframe in closing:
            self.closed.setdefault((symbol, timeframe), []).append(self._cut(symbol, timeframe, end_ns))
        return closing

    def _is_good(self, symbol: str, name: str, value: float) -> bool:
        if not math.isfinite(value):
            return False
        if name not in PRICES:
            return value >= 0  # nothing trades a negative number of shares
        return value > 0 or not self.instruments[symbol].must_be_positive

    def _bounds(self, symbol: str, timeframe: str, now_ns: int) -> tuple[int, int] | None:
        """The bar that holds an instant: of the epoch's grid, a day's of the regular session."""
        if timeframe != "1d":
            start_ns = now_ns // TIMEFRAMES[timeframe] * TIMEFRAMES[timeframe]
            return start_ns, start_ns + TIMEFRAMES[timeframe]
        kind, today = self.instruments[symbol].kind, now_ns // DAY_NS + EPOCH
        around = (sessions(kind, "rth", datetime.date.fromordinal(today + shift)) for shift in (-1, 0, 1))
        return next((each for each in around if each and each[0] <= now_ns < each[1]), None)

    def _cut(self, symbol: str, timeframe: str, end_ns: int) -> Bar:
        bounds = self._bounds(symbol, timeframe, end_ns - 1)
        assert bounds is not None
        start_ns = bounds[0]
        if symbol in self.recorded:
            bars = [bar for bar in self.recorded[symbol] if start_ns <= bar.start_ns < end_ns]
            high, low = max(bar.high for bar in bars), min(bar.low for bar in bars)
            volume = sum(bar.volume for bar in bars)
            return Bar(symbol, timeframe, start_ns, end_ns, bars[0].open, high, low, bars[-1].close, volume)
        trades = [trade for trade in self.trades[symbol] if start_ns <= trade.time_ns < end_ns]
        prices = [trade.price for trade in trades]
        volume = sum(trade.volume for trade in trades)
        return Bar(
            symbol, timeframe, start_ns, end_ns, prices[0], max(prices), min(prices), prices[-1], volume
        )

    # -- what it says

    def field(self, symbol: str, name: str, now_ns: int) -> float | None:
        """A tick field now."""
        if name == "age":
            traded_ns = self.traded_ns.get(symbol)
            return None if traded_ns is None else (now_ns - traded_ns) / SECOND_NS
        if name == "vwap":
            sums = [(trade.time_ns, trade.price, trade.volume) for trade in self.trades.get(symbol, [])]
            sums += [
                (bar.start_ns, (bar.high + bar.low + bar.close) / 3, bar.volume)
                for bar in self.recorded.get(symbol, [])
                if bar.end_ns in self.closed_ns
            ]
            return self._average_price(symbol, sums)
        return of_quote(self.quotes.get(symbol, {}), name)

    def change(self, symbol: str, name: str, seconds: int, now_ns: int) -> float | None:
        """Percent change against the last value at or before then."""
        now = of_quote(self.quotes.get(symbol, {}), name)
        then_ns = now_ns - seconds * SECOND_NS
        earlier = [quote for time_ns, each, quote in self.updates if each == symbol and time_ns <= then_ns]
        then = of_quote(earlier[-1], name) if earlier else None
        if now is None or not then:
            return None
        return 100.0 * (now - then) / abs(then)

    def vwap_of_bars(self, symbol: str, bars: list[Bar]) -> float | None:
        """The average price of the last bar's session up to that bar."""
        return self._average_price(
            symbol, [(bar.start_ns, (bar.high + bar.low + bar.close) / 3, bar.volume) for bar in bars]
        )

    def _average_price(self, symbol: str, trades: list[tuple[int, float, float]]) -> float | None:
        """Of the session of the last trade: time, price and volume each."""
        since_ns = self._session_began(symbol, trades[-1][0]) if trades else 0
        turnover = volume = 0.0
        for time_ns, price, size in trades:
            if time_ns >= since_ns:
                turnover += price * size
                volume += size
        return turnover / volume if volume else None

    def _session_began(self, symbol: str, now_ns: int) -> int:
        kind: InstrumentKind = self.instruments[symbol].kind
        today = now_ns // DAY_NS + EPOCH
        began = [
            session[0]
            for shift in range(-5, 3)
            if (session := sessions(kind, "eth", datetime.date.fromordinal(today + shift)))
            and session[0] <= now_ns
        ]
        return max(began)
