"""Seeded random streams that collide on purpose: in time, at levels, at the ends of bars and sessions."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tradeassist_desktop.domain.market import NS_PER_SECOND, TIMEFRAMES, Bar, Instrument, InstrumentKind, Tick

STEP = 0.25

INSTRUMENTS = {
    "AAPL": Instrument("AAPL", InstrumentKind.EQUITY),
    "/ESU24": Instrument("/ESU24", InstrumentKind.FUTURE, tick_size=0.25),
    "$TICK": Instrument("$TICK", InstrumentKind.INDICATOR),
    "BTC-USD": Instrument("BTC-USD", InstrumentKind.UNKNOWN),
}
STARTS_S = {
    "midnight UTC": 1_719_878_280,  # 2024-07-01T23:58:00Z
    "New York opens, summer": 1_719_926_880,  # 2024-07-02T13:28:00Z
    "New York closes": 1_719_950_280,  # 2024-07-02T19:58:00Z
    "Globex closes": 1_719_953_880,  # 2024-07-02T20:58:00Z
    "Globex opens": 1_719_957_480,  # 2024-07-02T21:58:00Z
    "a half-day's close": 1_720_025_880,  # 2024-07-03T16:58:00Z
    "a holiday's morning": 1_720_099_680,  # 2024-07-04T13:28:00Z
    "New York opens, winter": 1_709_908_080,  # 2024-03-08T14:28:00Z
}


@dataclass(frozen=True)
class Scale:
    """How long a market's seconds are: ``unit_s`` of them, and which bars suit them."""

    unit_s: int
    timeframes: tuple[str, ...]
    recorded: tuple[str, ...]


SECONDS = Scale(1, ("1s", "5s", "15s", "30s", "1m"), ("1s", "5s", "15s"))
HOURS = Scale(300, ("5m", "15m", "1h", "4h", "1d"), ("1m", "5m", "15m", "1h"))


@dataclass
class Market:
    """Files of events, and the prices near which rules are interesting.

    ``recorded`` are the symbols whose bars come from a file; the others' are made of trades.
    """

    events: list[list[Tick | Bar]]
    symbols: tuple[str, ...]
    recorded: frozenset[str]
    level: float
    scale: Scale
    start_ns: int


def make_market(chance: random.Random, *, updates: int, only_ticks: bool = False) -> Market:
    """Return one or two files of ticks or bars over one to three symbols."""
    symbols = tuple(chance.sample(sorted(INSTRUMENTS), chance.randint(1, 3)))
    # An indicator swings through zero, where a share would have no price.
    level = 0.0 if symbols == ("$TICK",) else 100.0
    scale = chance.choice((SECONDS, SECONDS, SECONDS, HOURS))
    start_ns = chance.choice((STARTS_S["midnight UTC"], *STARTS_S.values())) * NS_PER_SECOND
    cut = chance.randint(1, len(symbols))
    files: list[list[Tick | Bar]] = []
    recorded: set[str] = set()
    for group in (symbols[:cut], symbols[cut:]):
        if not group:
            continue
        share = updates // len(symbols) * len(group)
        if only_ticks or chance.random() < 0.6:
            files.append(_ticks(chance, group, share, level, scale, start_ns))
        else:
            recorded |= set(group)
            files.append(_bars(chance, group, share, level, scale, start_ns))
    return Market(files, symbols, frozenset(recorded), level, scale, start_ns)


def _ticks(
    chance: random.Random, symbols: Sequence[str], updates: int, level: float, scale: Scale, now_ns: int
) -> list[Tick | Bar]:
    price = dict.fromkeys(symbols, level)
    has_volume = {symbol: chance.random() < 0.5 for symbol in symbols}
    has_trade_times = {symbol: chance.random() < 0.3 for symbol in symbols}
    volume = dict.fromkeys(symbols, 1000.0)
    highs, lows = dict.fromkeys(symbols, level), dict.fromkeys(symbols, level)
    ticks: list[Tick | Bar] = []
    for _ in range(updates):
        symbol = chance.choice(symbols)
        waits = (0, 0, 0, 0.001, 0.5, 0.5, 1, 1, 2, 5, 20)
        now_ns += int(chance.choice(waits) * scale.unit_s * NS_PER_SECOND)
        price[symbol] += STEP * chance.choice((-2, -1, -1, 0, 0, 1, 1, 2))
        if chance.random() < 0.02:
            price[symbol] = level + STEP * chance.randint(-12, 12)
        last = price[symbol]
        highs[symbol], lows[symbol] = max(highs[symbol], last), min(lows[symbol], last)
        carried: dict[str, float] = {}
        trade_ns: int | None = None
        if chance.random() < 0.6:
            carried |= {"last": last, "last_size": float(chance.randint(1, 9))}
            if has_trade_times[symbol]:
                trade_ns = now_ns - chance.choice((0, 0, NS_PER_SECOND // 1000))
            if has_volume[symbol]:
                volume[symbol] += chance.choice((0, carried["last_size"]))
                if chance.random() < 0.02:
                    volume[symbol] = 0.0
                carried["volume"] = volume[symbol]
        if chance.random() < 0.5:
            carried |= {"bid": last - STEP, "bid_size": float(chance.randint(1, 9))}
        if chance.random() < 0.5:
            carried |= {"ask": last + STEP * chance.randint(0, 2)}
        if chance.random() < 0.2:
            # Conflated prints: the session's extremes may go beyond any price that was sent.
            highs[symbol] += STEP * chance.choice((0, 0, 1, 3))
            lows[symbol] -= STEP * chance.choice((0, 0, 1, 3))
            carried |= {"high": highs[symbol], "low": lows[symbol], "prev_close": level + 1}
            if chance.random() < 0.3:
                carried["open"] = level + STEP
        if carried and chance.random() < 0.04:
            carried[chance.choice(sorted(carried))] = chance.choice((float("nan"), float("inf"), -1.0, 0.0))
        is_late = chance.random() < 0.03
        event_ns = now_ns - (3 * NS_PER_SECOND if is_late else 0)
        trade_ns = None if trade_ns is None else min(trade_ns, event_ns)
        tick = Tick(symbol, event_ns, 0, **carried, trade_ns=trade_ns)
        ticks += [tick] * (2 if chance.random() < 0.03 else 1)
    return ticks


def _bars(
    chance: random.Random, symbols: Sequence[str], updates: int, level: float, scale: Scale, start_ns: int
) -> list[Tick | Bar]:
    timeframe = chance.choice(scale.recorded)
    width_ns = TIMEFRAMES[timeframe]
    start_ns -= start_ns % width_ns
    price = dict.fromkeys(symbols, level)
    events: list[Tick | Bar] = []
    for _ in range(updates // len(symbols)):
        start_ns += width_ns * chance.choice((1, 1, 1, 1, 2, 7))
        bars = []
        for symbol in symbols:
            if chance.random() < 0.85:
                steps = [price[symbol] + STEP * chance.randint(-3, 3) for _ in range(4)]
                price[symbol] = steps[-1]
                prices = (steps[0], max(steps), min(steps), steps[-1])
                volume = float(chance.randint(0, 50))
                bars.append(Bar(symbol, timeframe, start_ns, start_ns + width_ns, *prices, volume))
        events += bars
        events += [Tick(bar.symbol, bar.end_ns, 0, last=bar.close) for bar in bars]
        if bars and chance.random() < 0.3:
            # Bars and quotes of one symbol, mixed.
            bar = chance.choice(bars)
            quote_ns = bar.end_ns + chance.choice((0, width_ns // 3))
            events.append(Tick(bar.symbol, quote_ns, 0, bid=bar.close - STEP, ask=bar.close + STEP))
    return events
