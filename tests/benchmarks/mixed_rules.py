"""Rules of every kind, each as its text and as a plain closure of the same meaning."""

import operator
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import talib

from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar, Tick
from tradeassist_desktop.domain.rules import Rule

SYMBOLS = tuple(f"/S{number:02d}" for number in range(100))
MINUTE_NS = 60 * NS_PER_SECOND
MOST_BARS = 600

COMPARISONS = {">": operator.gt, "<": operator.lt}


@dataclass
class Market:
    """What a closure reads: the quote, the closed bars' values, the past of the last price."""

    quote: dict[str, float] = field(default_factory=dict)
    of_bars: dict[str, float] = field(default_factory=dict)
    past: list[tuple[int, float]] = field(default_factory=list)
    now_ns: int = 0

    def change(self, duration_ns: int) -> float | None:
        then_ns = self.now_ns - duration_ns
        base = next((price for time_ns, price in reversed(self.past) if time_ns <= then_ns), None)
        return None if base is None else 100.0 * (self.quote["last"] - base) / base


Condition = Callable[[Market], bool]


@dataclass(frozen=True)
class Mixed:
    """One rule, and what the brute force evaluates for it."""

    rule: Rule
    condition: Condition
    operands: tuple[str, ...] = ()


def level(chance: random.Random) -> tuple[str, Condition, tuple[str, ...]]:
    name = chance.choice(("last", "bid", "ask"))
    price = round(chance.uniform(4500.0, 5500.0), 2)
    verb = chance.choice((">", "<", "crosses above", "crosses below"))
    compare = COMPARISONS.get(verb) or COMPARISONS[">" if verb.endswith("above") else "<"]
    return f"{name} {verb} {price}", lambda market: compare(market.quote[name], price), ()


def indicator(chance: random.Random) -> tuple[str, Condition, tuple[str, ...]]:
    period = chance.choice((5, 10, 20, 50, 100))
    factor = round(chance.uniform(0.9, 1.1), 3)
    kind = chance.randrange(4)
    if kind == 0:
        average = f"ema({period})[5m]"
        text = f"close[5m] crosses above {factor} * {average}"
        return (
            text,
            lambda market: market.of_bars["close[5m]"] > factor * market.of_bars[average],
            ("close[5m]", average),
        )
    if kind == 1:
        least = round(chance.uniform(5.0, 95.0), 1)
        rsi = "rsi(14)[5m]"
        return f"{rsi} < {least}", lambda market: market.of_bars[rsi] < least, (rsi,)
    other = f"sma({period})[1m]" if kind == 2 else f"highest(high, {period})[1m]"
    verb = "crosses above" if kind == 2 else ">"
    return (
        f"last {verb} {factor} * {other}",
        lambda market: market.quote["last"] > factor * market.of_bars[other],
        (other,),
    )


def both_or_either(chance: random.Random) -> tuple[str, Condition, tuple[str, ...]]:
    parts = [level(chance), chance.choice((level, indicator, volume))(chance)]
    word = chance.choice(("and", "or"))
    (left, left_is_true, reads_left), (right, right_is_true, reads_right) = parts
    if word == "and":
        return (
            f"{left} and {right}",
            lambda market: left_is_true(market) and right_is_true(market),
            (*reads_left, *reads_right),
        )
    return (
        f"{left} or {right}",
        lambda market: left_is_true(market) or right_is_true(market),
        (*reads_left, *reads_right),
    )


def change(chance: random.Random) -> tuple[str, Condition, tuple[str, ...]]:
    seconds = chance.choice((5, 15, 30))
    most = round(chance.uniform(0.05, 3.0), 2)

    def is_true(market: Market) -> bool:
        moved = market.change(seconds * NS_PER_SECOND)
        return moved is not None and moved >= most

    return f"change(last, {seconds}s) >= {most}%", is_true, ()


def volume(chance: random.Random) -> tuple[str, Condition, tuple[str, ...]]:
    if chance.random() < 0.5:
        most = chance.randint(1_000_000, 10_000_000)
        return f"volume > {most}", lambda market: market.quote["volume"] > most, ()
    factor = round(chance.uniform(1.5, 5.0), 1)
    now, usual = "volume[1m]", "avg(volume, 20)[1m]"
    text = f"{now} >= {factor} * {usual}"
    return text, lambda market: market.of_bars[now] >= factor * market.of_bars[usual], (now, usual)


KINDS = (level,) * 10 + (indicator,) * 3 + (both_or_either,) * 3 + (change,) * 2 + (volume,) * 2


def make_rules(count: int, seed: int) -> list[Mixed]:
    """Return rules spread evenly over symbols; half levels, three twentieths each indicators and pairs."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        text, condition, operands = KINDS[number // len(SYMBOLS) % len(KINDS)](chance)
        rule = Rule(f"uid-{number}", f"rule {number}", (SYMBOLS[number % len(SYMBOLS)],), text)
        found.append(Mixed(rule, condition, operands))
    return found


class BruteForce:
    """Evaluates every rule of a symbol at each of its ticks; indicators, kindly, at closes only."""

    def __init__(self, mixed: Sequence[Mixed], bars: Sequence[Bar]) -> None:
        self._markets = {symbol: Market() for symbol in SYMBOLS}
        self._rules: dict[str, list[Condition]] = {symbol: [] for symbol in SYMBOLS}
        self._truths: dict[str, list[bool]] = {}
        self._operands: dict[str, set[str]] = defaultdict(set)
        self._bars: dict[str, list[Bar]] = defaultdict(list)
        self._ends = dict.fromkeys(SYMBOLS, 0)
        for each in mixed:
            self._rules[each.rule.symbols[0]].append(each.condition)
            self._operands[each.rule.symbols[0]].update(each.operands)
        for bar in bars:
            self._bars[bar.symbol].append(bar)
        for symbol in SYMBOLS:
            self._truths[symbol] = [False] * len(self._rules[symbol])
            self._close(symbol)

    def see(self, tick: Tick) -> None:
        """Take an update, evaluating nothing."""
        market = self._markets[tick.symbol]
        for name in ("last", "bid", "ask", "volume"):
            value = getattr(tick, name)
            if value is not None:
                market.quote[name] = value
        market.now_ns = tick.event_ns
        if tick.last is not None:
            market.past.append((tick.event_ns, tick.last))

    def on_tick(self, tick: Tick) -> int:
        """Take an update; return how many rules turned true."""
        self.see(tick)
        market, symbol = self._markets[tick.symbol], tick.symbol
        if tick.event_ns >= self._ends[symbol]:
            self._ends[symbol] = tick.event_ns - tick.event_ns % MINUTE_NS + MINUTE_NS
            self._close(symbol)
        truths = self._truths[symbol]
        turned = 0
        for at, condition in enumerate(self._rules[symbol]):
            is_true = condition(market)
            turned += is_true and not truths[at]
            truths[at] = is_true
        return turned

    def _close(self, symbol: str) -> None:
        bars = self._bars[symbol][-MOST_BARS:]
        of_bars = self._markets[symbol].of_bars
        for text in self._operands[symbol]:
            step = 5 if text.endswith("[5m]") else 1
            close = np.array([bar.close for bar in bars[step - 1 :: step]])
            amount = np.array([bar.volume for bar in bars])
            name, _, rest = text.partition("(")
            period = int(rest.partition(")")[0].rpartition(",")[2]) if rest else 0
            if name.startswith("close"):
                of_bars[text] = float(close[-1])
            elif name.startswith("volume"):
                of_bars[text] = float(amount[-1])
            elif name == "avg":
                of_bars[text] = float(talib.SMA(amount, period)[-1])
            elif name == "highest":
                of_bars[text] = float(talib.MAX(np.array([bar.high for bar in bars]), period)[-1])
            else:
                of_bars[text] = float(getattr(talib, name.upper())(close, period)[-1])
