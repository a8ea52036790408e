"""Seeded random rules over the whole language, and what happens to the desk that runs them."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.backtest.cases import Case
from tests.backtest.conditions import (
    Arithmetic,
    Bars,
    Change,
    Comparison,
    Condition,
    Crossing,
    Field,
    Indicator,
    Leaf,
    Logic,
    Negative,
    Not,
    Number,
    OfBars,
    Operand,
    Range,
    Then,
    Touch,
    has_momentary,
    operands,
)
from tests.backtest.happenings import Activate, Blind, Happening, Put, Remove, Restart, Snooze
from tests.backtest.markets import INSTRUMENTS, STEP, Market, make_market
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.market import NS_PER_SECOND, TimerCall, instant_ns
from tradeassist_desktop.domain.rules import EvaluateOn, Rearm, Rule, Trigger
from tradeassist_desktop.engine.language import parse

__all__ = ["INSTRUMENTS", "Market", "make_case", "make_happenings", "make_market"]

SIGNS = (">", ">=", "<", "<=", "==", "!=")
SCHEDULES = (
    *["always"] * 12, "rth", "rth", "eth",
    "23:59-00:01 UTC", "00:00-00:02 UTC", "23:00-23:59 UTC", "09:00-09:31 America/New_York",
)  # fmt: skip
PRICES = ("last", "last", "last", "bid", "ask", "mid", "high", "low", "open", "prev_close", "vwap")
DISTANCES = ("spread", "net_change")
SIZES = ("volume", "last_size", "bid_size", "ask_size")

# name: possible arguments, possible outputs, levels it has a fair chance to meet
FUNCTIONS: dict[str, tuple[Sequence[tuple[float | str, ...]], Sequence[str | None], Sequence[float]]] = {
    "atr": ([(2,), (3,)], [None], (0.25, 0.5, 1)),
    "adx": ([(2,), (3,)], [None], (20, 40, 60)),
    "cci": ([(3,), (5,)], [None], (-100, 0, 100)),
    "mfi": ([(2,), (4,)], [None], (20, 50, 80)),
    "obv": ([()], [None], (-20, 0, 20)),
    "macd": ([(2, 3, 2), ("high", 2, 4, 3)], [None], (-0.1, 0, 0.1)),
    "macd_signal": ([(2, 3, 2)], [None], (-0.1, 0, 0.1)),
    "macd_hist": ([(2, 3, 2)], [None], (-0.05, 0, 0.05)),
    "bb_upper": ([(3, 2), ("low", 2, 1.5)], [None], (99, 100, 101)),
    "bb_middle": ([(3, 2)], [None], (99, 100, 101)),
    "bb_lower": ([(3, 2)], [None], (99, 100, 101)),
    "bb_width": ([(3, 2)], [None], (0.005, 0.01)),
    "stoch_k": ([(3, 2)], [None], (20, 50, 80)),
    "stoch_d": ([(3, 2, 2)], [None], (20, 50, 80)),
    "roc": ([(1,), (3,)], [None], (-0.25, 0, 0.25)),
    "stddev": ([(3,), ("high", 2)], [None], (0.2, 0.5)),
    "vwap": ([()], [None], (99, 100, 101)),
    "willr": ([(3,)], [None], (-80, -50, -20)),
    "aroon": ([(3,)], ["aroonup", "aroondown"], (0, 50, 100)),
    "aroonosc": ([(3,)], [None], (-50, 0, 50)),
    "cmo": ([(3,)], [None], (-30, 0, 30)),
    "mom": ([(2,)], [None], (-0.5, 0, 0.5)),
    "trix": ([(2,)], [None], (0,)),
    "ultosc": ([(2, 3, 4)], [None], (40, 50, 60)),
    "plus_di": ([(2,)], [None], (30, 50)),
    "minus_dm": ([(2,)], [None], (0.25, 0.5)),
    "trange": ([()], [None], (0.5, 1)),
    "bop": ([()], [None], (-0.2, 0, 0.2)),
    "kama": ([(3,)], [None], (99, 100, 101)),
    "dema": ([(2,)], [None], (99, 100, 101)),
    "linearreg_slope": ([(3,)], [None], (0,)),
    "midprice": ([(3,)], [None], (99, 100, 101)),
    "typprice": ([()], [None], (99, 100, 101)),
    "ad": ([()], [None], (-5, 0, 5)),
    "adosc": ([(2, 3)], [None], (0,)),
    "sar": ([(), (0.05, 0.3)], [None], (99, 100, 101)),
    "stochf": ([(3, 2, 0)], ["fastk", "fastd"], (30, 70)),
    "minmaxindex": ([(3,)], ["minidx", "maxidx"], (2, 5)),
    "cdlengulfing": ([()], [None], (0,)),
    "cdldoji": ([()], [None], (0,)),
    "cdlharami": ([()], [None], (0,)),
}


def _is_understood(text: object) -> bool:
    try:
        parse(f"{text} > 0")
    except BadInput:
        return False
    return True


AVERAGES = tuple(
    name
    for name in ("sma", "ema", "wma", "highest", "lowest", "avg")
    if _is_understood(OfBars(name, period=3, timeframe="1m"))
)
UNDERSTOOD = tuple(
    name
    for name, (arguments, outputs, _) in FUNCTIONS.items()
    if _is_understood(Indicator(name, arguments[0], outputs[0], "1m"))
)


def make_case(chance: random.Random, market: Market, place: int, *, is_late: bool = False) -> Case:
    """Return a rule that the engine accepts, over the market's symbols.

    A rule that comes ``is_late`` reads nothing that hangs on updates before it came.
    """
    unit_ns = market.scale.unit_s * NS_PER_SECOND
    rearm = Rearm()
    condition: Condition
    if chance.random() < 0.12:
        condition = Comparison(Field("last"), chance.choice(SIGNS[:4]), _level(chance, market))
        rearm = Rearm(chance.choice((0.5, 1.0)), is_percent=chance.random() < 0.5)
    else:
        condition = _condition(chance, market, chance.choice((0, 0, 1, 1, 2)))
        while is_late and any(_hangs_on_updates(operand) for operand in operands(condition)):
            condition = _condition(chance, market, chance.choice((0, 1)))
    has_ticks = any(isinstance(operand, Field | Change) for operand in operands(condition))
    has_bars = any(isinstance(operand, Bars) for operand in operands(condition))
    can_choose = has_ticks and has_bars and not any(_is_age(operand) for operand in operands(condition))
    rule = Rule(
        uid=f"rule-{place}",
        name=f"rule {place}",
        symbols=tuple(chance.sample(market.symbols, chance.randint(1, len(market.symbols)))),
        when=str(condition),
        on=chance.choice((None, None, EvaluateOn.TICK, EvaluateOn.BAR_CLOSE)) if can_choose else None,
        timeframe=chance.choice(market.scale.timeframes[:4]),
        trigger=chance.choice(list(Trigger)),
        hold_ns=0 if has_momentary(condition) else chance.choice((0, 0, 1, 2, 5, 15)) * unit_ns,
        cooldown_ns=chance.choice((0, 0, 1, 5, 30, 60)) * unit_ns,
        rearm=rearm,
        schedule=chance.choice(SCHEDULES),
        notify_clear=chance.random() < 0.2,
        starts_at_ns=_instant(chance, market, (60, 150)) if chance.random() < 0.1 else None,
        expires_at_ns=_instant(chance, market, (180, 240, 300)) if chance.random() < 0.1 else None,
    )
    return Case(rule, condition)


def make_happenings(
    chance: random.Random, market: Market, cases: Sequence[Case], events: Sequence[Happening]
) -> list[Happening]:
    """Return the events with the user's doings, failures and restarts among them."""
    makers = _MAKERS if not market.recorded else _MAKERS_WITH_BARS
    chosen = [chance.choice(makers) for _ in range(chance.choice((0, 1, 3, 6, 10)))]
    places = sorted((chance.randrange(len(events) + 1) for _ in chosen), reverse=True)
    desk = _Doings(chance, market, list(cases))
    happenings: list[Happening] = list(events)
    doings: list[tuple[int, Happening]] = []
    for make, at in zip(chosen, reversed(places), strict=True):
        doings += [(at, each) for each in make(desk, events[at - 1] if at else events[0])]
    for at, doing in reversed(doings):
        happenings.insert(at, doing)
    return happenings


class _Doings:
    """What is done to the rules there are by then."""

    def __init__(self, chance: random.Random, market: Market, cases: list[Case]) -> None:
        self.chance, self.market = chance, market
        self.cases = {case.rule.uid: case for case in cases}
        self.count = len(cases)
        self.off: set[str] = set()

    def restart(self, event: Happening) -> list[Happening]:
        return [Restart()]

    def blind(self, event: Happening) -> list[Happening]:
        some = self.chance.sample(self.market.symbols, self.chance.randint(1, len(self.market.symbols)))
        return [Blind(tuple(some), self.chance.random() < 0.5)]

    def snooze(self, event: Happening) -> list[Happening]:
        case = self.chance.choice(list(self.cases.values()))
        symbol = self.chance.choice((None, *case.rule.symbols))
        lengths = (5, 30, 100)
        until_ns = _time_of(event) + self.chance.choice(lengths) * self.market.scale.unit_s * NS_PER_SECOND
        return [Snooze(case.rule.uid, symbol, self.chance.choice((until_ns, until_ns, None)))]

    def timer(self, event: Happening) -> list[Happening]:
        return [TimerCall(_time_of(event) + self.chance.choice((0, 1, 3)) * NS_PER_SECOND)]

    def switch(self, event: Happening) -> list[Happening]:
        case = self.chance.choice(list(self.cases.values()))
        if any(_hangs_on_updates(operand) for operand in operands(case.condition)):
            return []
        uid = case.rule.uid
        self.off ^= {uid}
        return [Activate(uid, uid not in self.off)]

    def put(self, event: Happening) -> list[Happening]:
        case = make_case(self.chance, self.market, self.count, is_late=True)
        self.count += 1
        if self.chance.random() < 0.5:
            uid = self.chance.choice(list(self.cases))
            self.off.discard(uid)
            case = Case(replace(case.rule, uid=uid), case.condition)
        self.cases[case.rule.uid] = case
        return [Put(case)]

    def rename(self, event: Happening) -> list[Happening]:
        case = self.chance.choice(list(self.cases.values()))
        self.count += 1
        active = case.rule.uid not in self.off
        rule = replace(case.rule, name=f"renamed {self.count}", priority=Priority.HIGH, active=active)
        self.cases[rule.uid] = Case(rule, case.condition)
        return [Put(self.cases[rule.uid])]

    def remove(self, event: Happening) -> list[Happening]:
        if len(self.cases) == 1:
            return []
        uid = self.chance.choice(list(self.cases))
        del self.cases[uid]
        return [Remove(uid)]


_Maker = Callable[[_Doings, Happening], list[Happening]]
_MAKERS_WITH_BARS: tuple[_Maker, ...] = (
    _Doings.restart, _Doings.restart, _Doings.snooze, _Doings.switch, _Doings.put, _Doings.rename,
    _Doings.remove,
)  # fmt: skip
_MAKERS: tuple[_Maker, ...] = (*_MAKERS_WITH_BARS, _Doings.blind, _Doings.blind, _Doings.timer, _Doings.timer)


def _time_of(event: Happening) -> int:
    return instant_ns(event)  # type: ignore[arg-type]  # events of the market alone come here


def _instant(chance: random.Random, market: Market, seconds: Sequence[int]) -> int:
    return market.start_ns + chance.choice(seconds) * market.scale.unit_s * NS_PER_SECOND


def _is_age(operand: Operand) -> bool:
    return isinstance(operand, Field) and operand.name == "age"


def _hangs_on_updates(operand: Operand) -> bool:
    return isinstance(operand, Change) or (isinstance(operand, Field) and operand.name == "vwap")


def _condition(chance: random.Random, market: Market, depth: int) -> Condition:
    if depth == 0:
        return _leaf(chance, market)
    kind = chance.random()
    if kind < 0.2:
        return Not(_condition(chance, market, depth - 1))
    parts = tuple(_condition(chance, market, depth - 1) for _ in range(chance.choice((2, 2, 3))))
    if kind < 0.45:
        return Then(parts, chance.choice((1, 5, 20, 60)) * market.scale.unit_s)
    return Logic(chance.choice(("and", "or")), parts)


def _leaf(chance: random.Random, market: Market) -> Leaf:
    kind = chance.random()
    if kind < 0.1:
        left: Operand = Field("pct_change", _other(chance, market))
        if chance.random() < 0.8:
            seconds = chance.choice((1, 5, 20)) * market.scale.unit_s
            left = Change(chance.choice(("last", "bid", "mid")), seconds, _other(chance, market))
        level = Number(chance.choice((-0.5, -0.25, 0.0, 0.25, 0.5)), is_percent=chance.random() < 0.7)
        return Comparison(left, chance.choice(SIGNS[:4]), level)
    if kind < 0.15:
        seconds_old = Number(float(chance.choice((1, 3, 10)) * market.scale.unit_s))
        return Comparison(Field("age", _other(chance, market)), chance.choice(SIGNS[:4]), seconds_old)
    if kind < 0.35:
        left, levels = _function(chance, market)
        right: Operand = Number(float(chance.choice(levels)))
        low, high = sorted(chance.choices(levels, k=2))
    else:
        unit = chance.choice(("price", "price", "price", "size"))
        left = _operand(chance, market, unit)
        level = _level(chance, market, unit, left)
        right = level if chance.random() < 0.6 else _operand(chance, market, unit)
        low, high = level.value, level.value + STEP * chance.randint(0, 8)
    shape = chance.random()
    if shape < 0.4:
        return Comparison(left, chance.choice(SIGNS), right)
    if shape < 0.65:
        return Crossing(left, chance.choice(("above", "below", "")), right)
    if shape < 0.9:
        return Range(left, chance.choice(("in", "outside", "enters", "exits")), Number(low), Number(high))
    return Touch(left, right)


def _level(chance: random.Random, market: Market, unit: str = "price", left: Operand | None = None) -> Number:
    """Return a level that ``left`` has a fair chance to meet."""
    if unit == "size":
        return Number(float(chance.choice((1, 3, 5, 8, 12, 1010, 1050))))
    if isinstance(left, Field) and left.name in DISTANCES:
        return Number(STEP * chance.randint(-4, 4))
    return Number(market.level + STEP * chance.randint(-8, 8))


def _other(chance: random.Random, market: Market) -> str | None:
    return chance.choice(market.symbols) if chance.random() < 0.3 else None


def _timeframe(chance: random.Random, market: Market, symbol: str | None) -> str:
    """Days begin with each exchange's session, which bars of a recording need not fill."""
    if "1d" in market.scale.timeframes and (symbol == "BTC-USD" or not market.recorded):
        return chance.choice(market.scale.timeframes)
    return chance.choice([each for each in market.scale.timeframes if each != "1d"])


def _function(chance: random.Random, market: Market) -> tuple[Indicator, Sequence[float]]:
    symbol = _other(chance, market)
    name = chance.choice(UNDERSTOOD)
    arguments, outputs, levels = FUNCTIONS[name]
    timeframe = _timeframe(chance, market, symbol) if chance.random() < 0.8 else None
    ago = chance.choice((0, 0, 0, 1, 3))
    function = Indicator(name, chance.choice(arguments), chance.choice(outputs), timeframe, ago, symbol)
    return function, levels


def _operand(chance: random.Random, market: Market, unit: str) -> Operand:
    kind, symbol = chance.random(), _other(chance, market)
    if kind < 0.5:
        names = SIZES if unit == "size" else PRICES + DISTANCES
        return Field(chance.choice(names), symbol)
    if kind < 0.62:
        return _calculated(chance, market, unit)
    timeframe = _timeframe(chance, market, symbol)
    ago = chance.choice((0, 0, 0, 1, 3))
    source = "volume" if unit == "size" else chance.choice(("close", "close", "high", "low", "open"))
    if kind < 0.8:
        if source == "close" and chance.random() < 0.3:
            return OfBars("close", ago=ago, symbol=symbol)
        return OfBars(source, timeframe=timeframe, ago=ago, symbol=symbol)
    name = chance.choice(AVERAGES)
    optional = timeframe if chance.random() < 0.8 else None
    return OfBars(name, source, chance.choice((2, 3, 5)), optional, ago, symbol)


def _calculated(chance: random.Random, market: Market, unit: str) -> Operand:
    left = _operand(chance, market, unit)
    shape = chance.randrange(5)
    if shape == 0:
        return Negative(left)
    if shape == 1:
        return Arithmetic(left, chance.choice("*/"), Number(chance.choice((2.0, 0.5, 1.5))))
    if shape == 2:
        # The same units divided are a number.
        return Arithmetic(left, "*", Arithmetic(_operand(chance, market, unit), "/", left))
    right = Number(STEP) if shape == 3 else _operand(chance, market, unit)
    return Arithmetic(left, chance.choice("+-"), right)
