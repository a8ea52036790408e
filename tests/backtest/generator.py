"""Seeded random rules and streams that collide on purpose: in time, at levels, at bar ends."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.backtest.conditions import (
    Arithmetic,
    Change,
    Comparison,
    Condition,
    Crossing,
    Field,
    Leaf,
    Logic,
    Negative,
    Not,
    Number,
    OfBars,
    Operand,
    Range,
    Touch,
    is_momentary,
    leaves,
    operands,
)
from tests.backtest.oracle import Case
from tradeassist_desktop.domain.market import NS_PER_SECOND, TIMEFRAMES, Bar, Instrument, InstrumentKind, Tick
from tradeassist_desktop.domain.rules import EvaluateOn, Rearm, Rule, Trigger

START_NS = 1_719_878_280 * NS_PER_SECOND  # 2024-07-01T23:58:00Z: midnight is within every stream
STEP = 0.25
SIGNS = (">", ">=", "<", "<=", "==", "!=")
TIMEFRAMES_USED = ("1s", "5s", "15s", "30s", "1m")
SCHEDULES = (*["always"] * 9, "23:59-00:01 UTC", "00:00-00:02 UTC", "23:00-23:59 UTC")

INSTRUMENTS = {
    "AAPL": Instrument("AAPL", InstrumentKind.EQUITY),
    "/ESU24": Instrument("/ESU24", InstrumentKind.FUTURE, tick_size=0.25),
    "$TICK": Instrument("$TICK", InstrumentKind.INDICATOR),
    "BTC-USD": Instrument("BTC-USD", InstrumentKind.UNKNOWN),
}


@dataclass
class Market:
    """A stream of events, and the prices near which rules are interesting."""

    events: list[list[Tick | Bar]]
    symbols: tuple[str, ...]
    level: float


def make_market(chance: random.Random, *, updates: int) -> Market:
    """Return one or two files of ticks or bars over one to three symbols."""
    symbols = tuple(chance.sample(sorted(INSTRUMENTS), chance.randint(1, 3)))
    # An indicator swings through zero, where a share would have no price.
    level = 0.0 if symbols == ("$TICK",) else 100.0
    cut = chance.randint(1, len(symbols))
    files: list[list[Tick | Bar]] = []
    for group in (symbols[:cut], symbols[cut:]):
        if group:
            make = _ticks if chance.random() < 0.6 else _bars
            files.append(make(chance, group, updates // len(symbols) * len(group), level))
    return Market(files, symbols, level)


def _ticks(chance: random.Random, symbols: Sequence[str], updates: int, level: float) -> list[Tick | Bar]:
    now_ns = START_NS
    price = dict.fromkeys(symbols, level)
    has_volume = {symbol: chance.random() < 0.5 for symbol in symbols}
    volume = dict.fromkeys(symbols, 1000.0)
    highs, lows = dict.fromkeys(symbols, level), dict.fromkeys(symbols, level)
    ticks: list[Tick | Bar] = []
    for _ in range(updates):
        symbol = chance.choice(symbols)
        now_ns += chance.choice(
            (0, 0, 0, 1_000_000, *(int(step * NS_PER_SECOND) for step in (0.5, 0.5, 1, 1, 2, 5, 20)))
        )
        price[symbol] += STEP * chance.choice((-2, -1, -1, 0, 0, 1, 1, 2))
        if chance.random() < 0.02:
            price[symbol] = level + STEP * chance.randint(-12, 12)
        last = price[symbol]
        highs[symbol], lows[symbol] = max(highs[symbol], last), min(lows[symbol], last)
        carried: dict[str, float] = {}
        if chance.random() < 0.6:
            carried |= {"last": last, "last_size": float(chance.randint(1, 9))}
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
        if carried and chance.random() < 0.04:
            carried[chance.choice(sorted(carried))] = chance.choice((float("nan"), float("inf"), -1.0, 0.0))
        is_late = chance.random() < 0.03
        ticks.append(Tick(symbol, now_ns - (3 * NS_PER_SECOND if is_late else 0), 0, **carried))
    return ticks


def _bars(chance: random.Random, symbols: Sequence[str], updates: int, level: float) -> list[Tick | Bar]:
    timeframe = chance.choice(("1s", "5s", "15s"))
    width_ns = TIMEFRAMES[timeframe]
    start_ns = START_NS
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
    return events


def make_case(chance: random.Random, market: Market, place: int) -> Case:
    """Return a rule that the engine accepts, over the market's symbols."""
    timeframe = chance.choice(TIMEFRAMES_USED)
    words = chance.random()
    rearm = Rearm()
    condition: Condition
    if words < 0.15:
        condition = Comparison(Field("last"), chance.choice(SIGNS[:4]), _level(chance, market))
        rearm = Rearm(chance.choice((0.5, 1.0)), is_percent=chance.random() < 0.5)
    else:
        condition = _condition(chance, market, depth=chance.choice((0, 0, 1, 1, 2)))
    can_hold = not any(is_momentary(leaf) for leaf in leaves(condition))
    has_ticks = any(isinstance(operand, Field | Change) for operand in operands(condition))
    has_bars = any(isinstance(operand, OfBars) for operand in operands(condition))
    rule = Rule(
        uid=f"rule-{place}",
        name=f"rule {place}",
        symbols=tuple(chance.sample(market.symbols, chance.randint(1, len(market.symbols)))),
        when=str(condition),
        on=chance.choice((None, None, EvaluateOn.TICK, EvaluateOn.BAR_CLOSE))
        if has_ticks and has_bars
        else None,
        timeframe=timeframe,
        trigger=Trigger.EDGE if rearm.amount else chance.choice(list(Trigger)),
        hold_ns=chance.choice((0, 0, 1, 2, 5, 15)) * NS_PER_SECOND if can_hold else 0,
        cooldown_ns=chance.choice((0, 0, 1, 5, 30, 60)) * NS_PER_SECOND,
        rearm=rearm,
        schedule=chance.choice(SCHEDULES),
        notify_clear=chance.random() < 0.2,
        starts_at_ns=START_NS + chance.choice((60, 150)) * NS_PER_SECOND if chance.random() < 0.1 else None,
        expires_at_ns=START_NS + chance.choice((180, 240, 300)) * NS_PER_SECOND
        if chance.random() < 0.1
        else None,
    )
    return Case(rule, condition)


def _condition(chance: random.Random, market: Market, depth: int) -> Condition:
    if depth == 0:
        return _leaf(chance, market)
    if chance.random() < 0.2:
        return Not(_condition(chance, market, depth - 1))
    parts = tuple(_condition(chance, market, depth - 1) for _ in range(chance.choice((2, 2, 3))))
    return Logic(chance.choice(("and", "or")), parts)


def _leaf(chance: random.Random, market: Market) -> Leaf:
    kind = chance.random()
    if kind < 0.1:
        change = Change(
            chance.choice(("last", "bid", "mid")), chance.choice((1, 5, 20)), _other(chance, market)
        )
        percent = Number(chance.choice((-0.5, -0.25, 0.0, 0.25, 0.5)), is_percent=True)
        return Comparison(change, chance.choice(SIGNS[:4]), percent)
    left = _operand(chance, market)
    right = _level(chance, market, left) if chance.random() < 0.6 else _operand(chance, market)
    if kind < 0.4:
        return Comparison(left, chance.choice(SIGNS), right)
    if kind < 0.65:
        return Crossing(left, chance.choice(("above", "below", "")), right)
    if kind < 0.9:
        low = _level(chance, market, left)
        high = Number(low.value + STEP * chance.randint(0, 8))
        return Range(left, chance.choice(("in", "outside", "enters", "exits")), low, high)
    return Touch(left, right)


def _level(chance: random.Random, market: Market, left: Operand | None = None) -> Number:
    """Return a level that ``left`` has a fair chance to meet; a price's without ``left``."""
    name = left.name if isinstance(left, Field | OfBars) else "last"
    if isinstance(left, OfBars) and left.source == "volume":
        name = "volume"
    if name == "rsi":
        return Number(float(chance.choice((20, 30, 50, 70, 80))))
    if name in ("spread", "net_change"):
        return Number(STEP * chance.randint(-4, 4))
    if name in ("volume", "last_size"):
        return Number(float(chance.randint(1, 12)))
    return Number(market.level + STEP * chance.randint(-8, 8))


def _other(chance: random.Random, market: Market) -> str | None:
    return chance.choice(market.symbols) if chance.random() < 0.3 else None


def _operand(chance: random.Random, market: Market) -> Operand:
    kind, symbol = chance.random(), _other(chance, market)
    if kind < 0.5:
        names = (
            "last",
            "last",
            "last",
            "bid",
            "ask",
            "mid",
            "spread",
            "high",
            "low",
            "volume",
            "net_change",
            "last_size",
        )
        return Field(chance.choice(names), symbol)
    if kind < 0.6:
        inner = _operand(chance, market)
        if chance.random() < 0.2:
            return Negative(inner)
        return Arithmetic(
            inner, chance.choice("+-*/"), chance.choice((Number(2.0), Number(STEP), Field("last", symbol)))
        )
    timeframe = chance.choice(TIMEFRAMES_USED)
    ago = chance.choice((0, 0, 0, 1, 3))
    if kind < 0.8:
        name = chance.choice(("open", "high", "low", "close", "volume"))
        if name == "close" and chance.random() < 0.3:
            return OfBars(name, ago=ago, symbol=symbol)
        return OfBars(name, timeframe=timeframe, ago=ago, symbol=symbol)
    name = chance.choice(("sma", "ema", "rsi", "highest", "lowest", "avg"))
    source = chance.choice(("close", "close", "high", "low", "volume" if name != "rsi" else "close"))
    optional = timeframe if chance.random() < 0.8 else None
    return OfBars(name, source, chance.choice((2, 3, 5)), optional, ago, symbol)
