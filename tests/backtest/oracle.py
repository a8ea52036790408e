"""A slow, obvious evaluator of rules over recorded data, to hold the engine against.

Written from the rules' contract alone: at every evaluation the whole condition is worked out anew
from the full history; bars are cut from the list of trades, indicators come from TA-Lib's batch
functions. Nothing is cached, shared or updated in place that could be derived.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import talib

from tests.backtest.conditions import (
    Arithmetic,
    Change,
    Condition,
    Field,
    Negative,
    Number,
    OfBars,
    Operand,
    Range,
    is_momentary,
    leaves,
    operands,
)
from tests.backtest.truth import (
    Frame,
    Truth,
    calculated,
    combined,
    is_in_force,
    is_in_schedule,
    is_left,
    leaf_truth,
    of_quote,
)
from tradeassist_desktop.domain.market import TIMEFRAMES, Bar, Instrument, Tick
from tradeassist_desktop.domain.rules import EvaluateOn, Rule, Trigger

PRICES = ("last", "bid", "ask", "open", "high", "low", "prev_close")
FIELDS = (*PRICES, "last_size", "bid_size", "ask_size", "volume")


class Finding(NamedTuple):
    """An alert, as far as engine and oracle must agree on it."""

    event_ns: int
    rule: str
    symbol: str
    value: float | None
    status: str
    reason: str | None


@dataclass
class Case:
    """A rule with its condition as a tree; ``rule.when`` is the tree's text."""

    rule: Rule
    condition: Condition

    def on(self) -> EvaluateOn:
        if self.rule.on is not None:
            return self.rule.on
        reads_ticks = any(isinstance(operand, Field | Change) for operand in operands(self.condition))
        return EvaluateOn.TICK if reads_ticks else EvaluateOn.BAR_CLOSE

    def named(self, symbol: str) -> set[str]:
        return {
            operand.symbol or symbol
            for operand in operands(self.condition)
            if isinstance(operand, Field | Change | OfBars)
        }

    def timeframe_of(self, operand: OfBars) -> str:
        return operand.timeframe or self.rule.timeframe

    def closes(self, symbol: str) -> set[tuple[str, str]]:
        """The (symbol, timeframe) at whose closes it is evaluated: the shortest it names."""
        named = {
            (operand.symbol or symbol, self.timeframe_of(operand))
            for operand in operands(self.condition)
            if isinstance(operand, OfBars)
        } or {(each, self.rule.timeframe) for each in self.named(symbol)}
        shortest_ns = min(TIMEFRAMES[timeframe] for _, timeframe in named)
        return {(each, timeframe) for each, timeframe in named if TIMEFRAMES[timeframe] == shortest_ns}


@dataclass
class State:
    """One rule on one symbol."""

    frame: Frame | None = None
    truths: list[Truth] = field(default_factory=list)
    truth: Truth = False
    became_true_ns: int | None = None
    is_hold_over: bool = False
    last_fired_ns: int | None = None
    last_recorded_ns: int | None = None
    is_spent: bool = False
    spent_bars: set[int] = field(default_factory=set)
    is_locked: bool = False
    is_uncleared: bool = False


class Trade(NamedTuple):
    time_ns: int
    price: float
    volume: float


class Oracle:
    """Evaluates cases over events, one event at a time."""

    def __init__(self, cases: Iterable[Case], instruments: Mapping[str, Instrument]) -> None:
        self.cases = list(cases)
        self.instruments = instruments
        self.clock_ns = -(10**30)
        self.quotes: dict[str, dict[str, float]] = {}
        self.updates: list[tuple[int, str, dict[str, float]]] = []  # time, symbol, the whole quote after it
        self.newest_ns: dict[str, int] = {}
        self.trades: dict[str, list[Trade]] = {}
        self.recorded: dict[str, list[Bar]] = {}
        self.closed: dict[tuple[str, str], list[Bar]] = {}
        self.open_bars: set[tuple[int, str, str]] = set()  # end, symbol, timeframe
        self.states = {
            (place, symbol): State() for place, case in enumerate(self.cases) for symbol in case.rule.symbols
        }
        self.found: list[tuple[int, int, str, Finding]] = []

    def run(self, events: Iterable[Tick | Bar]) -> list[Finding]:
        for event in events:
            if isinstance(event, Bar):
                self.take_bar(event)
            else:
                self.take_tick(event)
        self.advance(self.clock_ns, with_bars=True, with_holds=True)
        return [finding for *_, finding in sorted(self.found, key=lambda each: each[:3])]

    # -- time

    def advance(self, until_ns: int, *, with_bars: bool, with_holds: bool) -> None:
        """Do all that is due before ``until_ns``; at that time itself bars or holds only if asked."""
        while True:
            due_bars = [end for end, _, _ in self.open_bars if end < until_ns + with_bars]
            due_holds = [hold for hold in self.holds_due() if hold < until_ns + with_holds]
            if not due_bars and not due_holds:
                return
            next_ns = min(due_bars + due_holds)
            self.clock_ns = max(self.clock_ns, next_ns)
            if next_ns in due_bars:
                self.close_bars(next_ns)
            else:
                self.end_holds(next_ns)

    def holds_due(self) -> list[int]:
        return [
            state.became_true_ns + self.cases[place].rule.hold_ns
            for (place, _), state in self.states.items()
            if self.cases[place].rule.hold_ns and state.became_true_ns is not None and not state.is_hold_over
        ]

    def end_holds(self, now_ns: int) -> None:
        for (place, symbol), state in self.states.items():
            case = self.cases[place]
            if not case.rule.hold_ns or state.became_true_ns is None or state.is_hold_over:
                continue
            if state.became_true_ns + case.rule.hold_ns == now_ns:
                state.is_hold_over = True
                self.candidate(place, symbol, state, now_ns)

    # -- data

    def take_tick(self, tick: Tick) -> None:
        now_ns = max(self.clock_ns, tick.event_ns)
        self.advance(now_ns, with_bars=True, with_holds=False)
        self.clock_ns = now_ns
        if tick.event_ns < self.newest_ns.get(tick.symbol, tick.event_ns):
            return
        carried = {name: getattr(tick, name) for name in FIELDS if getattr(tick, name) is not None}
        good = {name: value for name, value in carried.items() if self.is_good(tick.symbol, name, value)}
        if carried and not good:
            return
        self.newest_ns[tick.symbol] = tick.event_ns
        before = self.quotes.get(tick.symbol, {})
        after = before | good
        self.quotes[tick.symbol] = after
        self.updates.append((now_ns, tick.symbol, after))
        self.trade(tick.symbol, now_ns, before, good)
        for place, case in enumerate(self.cases):
            for symbol in case.rule.symbols:
                if case.on() is EvaluateOn.TICK and tick.symbol in case.named(symbol):
                    self.evaluate(place, symbol, now_ns)

    def is_good(self, symbol: str, name: str, value: float) -> bool:
        if not math.isfinite(value):
            return False
        if name not in PRICES:
            return value >= 0  # nothing trades a negative number of shares
        return value > 0 or not self.instruments[symbol].must_be_positive

    def trade(self, symbol: str, now_ns: int, before: Mapping[str, float], good: Mapping[str, float]) -> None:
        if symbol in self.recorded:
            return
        grown = 0.0
        if "volume" in good and "volume" in before and good["volume"] > before["volume"]:
            grown = good["volume"] - before["volume"]
        now = {**before, **good}
        if ("last" not in good and not grown) or "last" not in now:
            return
        volume = grown if "volume" in now else now.get("last_size", 0.0)
        self.trades.setdefault(symbol, []).append(Trade(now_ns, now["last"], volume))
        for timeframe, width_ns in TIMEFRAMES.items():
            self.open_bars.add((now_ns // width_ns * width_ns + width_ns, symbol, timeframe))

    def take_bar(self, bar: Bar) -> None:
        # The bars of one instant are collected; what follows them closes them all together.
        self.advance(bar.end_ns, with_bars=False, with_holds=False)
        self.clock_ns = max(self.clock_ns, bar.end_ns)
        self.recorded.setdefault(bar.symbol, []).append(bar)
        for timeframe, width_ns in TIMEFRAMES.items():
            if width_ns >= TIMEFRAMES[bar.timeframe]:
                self.open_bars.add((bar.start_ns // width_ns * width_ns + width_ns, bar.symbol, timeframe))

    def close_bars(self, now_ns: int) -> None:
        closing = {(symbol, timeframe) for end, symbol, timeframe in self.open_bars if end == now_ns}
        self.open_bars = {each for each in self.open_bars if each[0] != now_ns}
        for symbol, bars in self.recorded.items():
            if bars[-1].end_ns == now_ns:
                self.quotes[symbol] = self.quotes.get(symbol, {}) | {"last": bars[-1].close}
                self.updates.append((now_ns, symbol, self.quotes[symbol]))
        for symbol, timeframe in closing:
            self.closed.setdefault((symbol, timeframe), []).append(self.cut(symbol, timeframe, now_ns))
        for place, case in enumerate(self.cases):
            for symbol in case.rule.symbols:
                if case.on() is EvaluateOn.BAR_CLOSE and case.closes(symbol) & closing:
                    self.evaluate(place, symbol, now_ns)

    def cut(self, symbol: str, timeframe: str, end_ns: int) -> Bar:
        start_ns = end_ns - TIMEFRAMES[timeframe]
        if symbol in self.recorded:
            bars = [bar for bar in self.recorded[symbol] if start_ns <= bar.start_ns < end_ns]
            opens, closes = bars[0].open, bars[-1].close
            high, low = max(bar.high for bar in bars), min(bar.low for bar in bars)
            return Bar(
                symbol, timeframe, start_ns, end_ns, opens, high, low, closes, sum(bar.volume for bar in bars)
            )
        trades = [trade for trade in self.trades[symbol] if start_ns <= trade.time_ns < end_ns]
        prices = [trade.price for trade in trades]
        volume = sum(trade.volume for trade in trades)
        return Bar(
            symbol, timeframe, start_ns, end_ns, prices[0], max(prices), min(prices), prices[-1], volume
        )

    # -- operands

    def value(self, operand: Operand, case: Case, own: str, now_ns: int) -> float | None:
        result: float | None
        match operand:
            case Number(value):
                return value
            case Negative(of):
                inner = self.value(of, case, own, now_ns)
                return None if inner is None else -inner
            case Arithmetic(left, sign, right):
                result = calculated(
                    self.value(left, case, own, now_ns), sign, self.value(right, case, own, now_ns)
                )
            case Field(name, symbol):
                result = of_quote(self.quotes.get(symbol or own, {}), name)
            case Change(name, seconds, symbol):
                result = self.change(symbol or own, name, now_ns, seconds)
            case OfBars():
                result = self.of_bars(operand, case, own)
        return result if result is not None and math.isfinite(result) else None

    def change(self, symbol: str, name: str, now_ns: int, seconds: int) -> float | None:
        now = of_quote(self.quotes.get(symbol, {}), name)
        then_ns = now_ns - seconds * 1_000_000_000
        earlier = [quote for time_ns, each, quote in self.updates if each == symbol and time_ns <= then_ns]
        then = of_quote(earlier[-1], name) if earlier else None
        if now is None or not then:
            return None
        return 100.0 * (now - then) / abs(then)

    def of_bars(self, operand: OfBars, case: Case, own: str) -> float | None:
        bars = self.closed.get((operand.symbol or own, case.timeframe_of(operand)), [])
        if len(bars) <= operand.ago:
            return None
        if not operand.period:
            return float(getattr(bars[-1 - operand.ago], operand.name))
        series = np.array([getattr(bar, operand.source) for bar in bars], dtype=float)
        period = operand.period
        if len(series) < period:
            return None
        if operand.name in ("highest", "lowest"):
            window = series[: len(series) - operand.ago][-period:]
            if len(window) < period:
                return None
            return float(window.max() if operand.name == "highest" else window.min())
        function = {"avg": talib.SMA, "sma": talib.SMA, "ema": talib.EMA, "rsi": talib.RSI}[operand.name]
        result = float(function(series, timeperiod=period)[-1 - operand.ago])
        return None if math.isnan(result) else result

    # -- truth

    def frame(self, case: Case, own: str, now_ns: int) -> Frame:
        sides: list[tuple[float | None, ...]] = []
        extremes: list[tuple[float | None, float | None]] = []
        for leaf in leaves(case.condition):
            others = (leaf.low, leaf.high) if isinstance(leaf, Range) else (leaf.right,)
            sides.append(tuple(self.value(each, case, own, now_ns) for each in (leaf.left, *others)))
            quote: Mapping[str, float] = {}
            if isinstance(leaf.left, Field) and leaf.left.name == "last":
                quote = self.quotes.get(leaf.left.symbol or own, {})
            extremes.append((quote.get("high"), quote.get("low")))
        return Frame(sides, extremes)

    def evaluate(self, place: int, own: str, now_ns: int) -> None:
        case, state = self.cases[place], self.states[place, own]
        rule = case.rule
        if not is_in_force(rule, now_ns):
            return
        before, now = state.frame, self.frame(case, own, now_ns)
        truths = [leaf_truth(leaf, at, now, before) for at, leaf in enumerate(leaves(case.condition))]
        truth = combined(case.condition, iter(truths))
        level_truths = [
            False if is_momentary(leaf) else each
            for leaf, each in zip(leaves(case.condition), truths, strict=True)
        ]
        is_level = combined(case.condition, iter(level_truths)) is True
        was_true, state.truth, state.truths, state.frame = state.truth is True, truth, truths, now
        if state.is_locked and is_left(case.condition, rule.rearm, now.sides[0]):
            state.is_locked = False
        if truth is not True:
            state.became_true_ns, state.is_hold_over = None, False
            if state.is_uncleared:
                state.is_uncleared = False
                finding = Finding(now_ns, rule.name, own, self.left_side(place, state), "cleared", None)
                self.found.append((now_ns, place, own, finding))
            return
        if rule.hold_ns:
            if state.became_true_ns is None:
                state.became_true_ns = now_ns
            elif state.is_hold_over and rule.trigger in (Trigger.EVERY, Trigger.ONCE_PER_BAR):
                self.candidate(place, own, state, now_ns)
        elif rule.trigger in (Trigger.EVERY, Trigger.ONCE_PER_BAR) or not was_true or not is_level:
            self.candidate(place, own, state, now_ns)

    # -- firing

    def candidate(self, place: int, own: str, state: State, now_ns: int) -> None:
        rule = self.cases[place].rule
        if not is_in_force(rule, now_ns):
            return
        bar = now_ns // TIMEFRAMES[rule.timeframe]
        if (rule.trigger is Trigger.ONCE and state.is_spent) or state.is_locked:
            return
        if rule.trigger is Trigger.ONCE_PER_BAR and bar in state.spent_bars:
            return
        reason = None
        if not is_in_schedule(rule.schedule, now_ns):
            reason = "schedule"
        elif state.last_fired_ns is not None and now_ns - state.last_fired_ns < rule.cooldown_ns:
            reason = "cooldown"
        if reason is None:
            state.last_fired_ns = now_ns
            state.last_recorded_ns = None
            state.is_spent = True
            state.spent_bars.add(bar)
            state.is_locked = rule.rearm.amount > 0
            has_momentary = any(is_momentary(leaf) for leaf in leaves(self.cases[place].condition))
            state.is_uncleared = rule.notify_clear and not has_momentary
        elif rule.trigger in (Trigger.EVERY, Trigger.ONCE_PER_BAR):
            recorded_ns = state.last_recorded_ns
            if recorded_ns is not None and now_ns - recorded_ns < rule.cooldown_ns:
                return
            state.last_recorded_ns = now_ns
        status = "fired" if reason is None else "suppressed"
        finding = Finding(now_ns, rule.name, own, self.left_side(place, state), status, reason)
        self.found.append((now_ns, place, own, finding))

    def left_side(self, place: int, state: State) -> float | None:
        """The left side of the leftmost true leaf at the latest evaluation."""
        assert state.frame is not None
        for truth, sides in zip(state.truths, state.frame.sides, strict=True):
            if truth is True:
                return sides[0]
        return None
