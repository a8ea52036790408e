"""A slow, obvious evaluator of rules over recorded data, to hold the engine against.

Written from the rules' contract alone: at every evaluation the whole condition is worked out anew
from the full history; bars are cut from the list of trades, indicators come from TA-Lib's batch
functions, sequences are searched for among all past evaluations. Nothing is cached, shared or
updated in place that could be derived.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tests.backtest.calendars import is_in_schedule
from tests.backtest.cases import SECOND_NS, Case, Finding
from tests.backtest.conditions import (
    Arithmetic,
    Change,
    Condition,
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
    has_momentary,
    parts,
)
from tests.backtest.evaluations import Evaluation, Path, in_sequence, without_moments
from tests.backtest.functions import value_of
from tests.backtest.happenings import Activate, Blind, Happening, Put, Remove, Snooze
from tests.backtest.past import Past
from tests.backtest.truth import (
    Sides,
    Truth,
    calculated,
    is_in_force,
    is_left,
    joined,
    leaf_truth,
    negated,
)
from tradeassist_desktop.domain.market import TIMEFRAMES, Bar, Instrument, Tick, TimerCall
from tradeassist_desktop.domain.rules import EvaluateOn, Trigger

GRACE_NS = SECOND_NS


@dataclass
class State:
    """One rule on one symbol. ``unseen`` are the blind symbols it waits for."""

    looked_ns: int = -(10**30)  # when it was last to be evaluated, or was made
    latest_ns: int = -(10**30)  # its own time, which a timer may have moved ahead of the data's
    evaluations: list[Evaluation] = field(default_factory=list)
    unseen: set[str] = field(default_factory=set)
    became_true_ns: int | None = None
    is_hold_over: bool = False
    last_fired_ns: int | None = None
    snoozed_until_ns: int | None = None
    record: int | None = None  # which finding counts the suppressions of this cooldown
    is_spent: bool = False
    spent_bars: set[int] = field(default_factory=set)
    is_locked: bool = False
    is_uncleared: bool = False


class Oracle:
    """Evaluates cases over happenings, one at a time."""

    def __init__(self, cases: Iterable[Case], instruments: Mapping[str, Instrument]) -> None:
        self.past = Past(instruments)
        self.cases: dict[str, Case] = {}
        self.states: dict[tuple[str, str], State] = {}
        self.blind: dict[str, bool] = {}  # whether it is merely stale
        self.places: list[str] = []
        self.found: list[tuple[str, Finding]] = []
        for case in cases:
            self.put(case)

    def run(self, happenings: Iterable[Happening]) -> list[Finding]:
        for happening in happenings:
            match happening:
                case Bar():
                    self.take_bar(happening)
                case Tick():
                    self.take_tick(happening)
                case TimerCall(utc_ns):
                    if self.past.newest_ns:
                        self.advance(bars_until_ns=utc_ns - GRACE_NS, timers_until_ns=utc_ns)
                        self.past.clock_ns = max(self.past.clock_ns, utc_ns - GRACE_NS)
                case Snooze(uid, symbol, until_ns):
                    for each in [symbol] if symbol else self.cases[uid].rule.symbols:
                        self.states[uid, each].snoozed_until_ns = until_ns
                case Blind(symbols, is_stale):
                    self.go_blind(symbols, is_stale)
                case Activate(uid, active):
                    self.activate(uid, active)
                case Put(case):
                    self.put(case)
                case Remove(uid):
                    del self.cases[uid]
        self.advance(bars_until_ns=self.past.clock_ns, timers_until_ns=self.past.clock_ns)
        return sorted_findings(self.found, self.places)

    # -- the user's doings, the feed's failures

    def put(self, case: Case) -> None:
        uid = case.rule.uid
        before = self.cases.get(uid)
        self.cases[uid] = case
        if uid not in self.places:
            self.places.append(uid)
        if before is not None and before.condition == case.condition:
            return  # a name, a cooldown: what it means is unchanged
        self.start_anew(uid)

    def activate(self, uid: str, active: bool) -> None:
        case = self.cases[uid]
        self.cases[uid] = replace(case, rule=replace(case.rule, active=active))
        if active:
            self.start_anew(uid)

    def start_anew(self, uid: str) -> None:
        for symbol in self.cases[uid].rule.symbols:
            self.states[uid, symbol] = State(looked_ns=self.past.clock_ns)
            for each, is_stale in self.blind.items():
                self.cover_eyes(uid, symbol, each, is_stale)

    def go_blind(self, symbols: Sequence[str], is_stale: bool) -> None:
        for each in symbols:
            self.blind[each] = is_stale
            for uid, symbol in self.running():
                self.cover_eyes(uid, symbol, each, is_stale)

    def cover_eyes(self, uid: str, symbol: str, blind: str, is_stale: bool) -> None:
        case = self.cases[uid]
        if blind in case.named(symbol) and not (is_stale and case.asks_only_age_of(blind, symbol)):
            self.states[uid, symbol].unseen.add(blind)

    def see(self, seen: str) -> None:
        self.blind.pop(seen, None)
        for state in self.states.values():
            if state.unseen == {seen} and not state.is_hold_over:
                state.became_true_ns = None  # what was not seen has not held
            state.unseen.discard(seen)

    def running(self) -> list[tuple[str, str]]:
        return [(uid, symbol) for uid, case in self.cases.items() for symbol in case.rule.symbols]

    # -- data and time

    def take_tick(self, tick: Tick) -> None:
        now_ns = max(self.past.clock_ns, tick.event_ns)
        self.advance(bars_until_ns=now_ns, timers_until_ns=now_ns - 1)
        self.past.clock_ns = now_ns
        if not self.past.take_tick(tick):
            return
        self.see(tick.symbol)
        for uid, symbol in self.running():
            case = self.cases[uid]
            if case.on() is EvaluateOn.TICK and tick.symbol in case.named(symbol):
                self.evaluate(uid, symbol, now_ns)

    def take_bar(self, bar: Bar) -> None:
        # The bars of one instant are collected; what follows them closes them all together.
        self.advance(bars_until_ns=bar.end_ns - 1, timers_until_ns=bar.end_ns - 1)
        self.past.clock_ns = max(self.past.clock_ns, bar.end_ns)
        self.past.take_bar(bar)

    def advance(self, *, bars_until_ns: int, timers_until_ns: int) -> None:
        """Close the bars and run the timers that are due, in order of time, bars first."""
        while True:
            bars = [end for end, _, _ in self.past.open_bars if end <= bars_until_ns]
            ages = {due: whose for due, whose in self.ages_due().items() if due <= timers_until_ns}
            holds = {due for due in self.holds_due() if due <= timers_until_ns}
            if not bars and not ages and not holds:
                return
            now_ns = min([*bars, *ages, *holds])
            self.past.clock_ns = max(self.past.clock_ns, min(now_ns, bars_until_ns))
            if now_ns in bars:
                closing = self.past.close_bars(now_ns)
                for uid, symbol in self.running():
                    case = self.cases[uid]
                    if case.on() is EvaluateOn.BAR_CLOSE and case.closes(symbol) & closing:
                        self.evaluate(uid, symbol, now_ns)
            elif now_ns in ages:
                for uid, symbol in ages[now_ns]:
                    self.evaluate(uid, symbol, now_ns)
            else:
                self.end_holds(now_ns)

    def ages_due(self) -> dict[int, list[tuple[str, str]]]:
        """When time alone turns a comparison of an age, and whose."""
        due: dict[int, list[tuple[str, str]]] = {}
        for uid, symbol in self.running():
            case, state = self.cases[uid], self.states[uid, symbol]
            if case.on() is not EvaluateOn.TICK or state.unseen:
                continue
            for read, after_ns in case.age_turns(symbol):
                if read not in self.past.traded_ns:
                    continue
                at_ns = self.past.traded_ns[read] + after_ns
                if at_ns > state.looked_ns and (uid, symbol) not in due.get(at_ns, []):
                    due.setdefault(at_ns, []).append((uid, symbol))
        return due

    def holds_due(self) -> list[int]:
        return [
            state.became_true_ns + self.cases[uid].rule.hold_ns
            for uid, symbol in self.running()
            if (state := self.states[uid, symbol]).became_true_ns is not None
            and self.cases[uid].rule.hold_ns
            and not state.is_hold_over
            and not state.unseen
        ]

    def end_holds(self, now_ns: int) -> None:
        for uid, symbol in self.running():
            state, rule = self.states[uid, symbol], self.cases[uid].rule
            if state.became_true_ns is None or state.is_hold_over or state.unseen or not rule.hold_ns:
                continue
            if state.became_true_ns + rule.hold_ns == now_ns:
                state.is_hold_over, state.latest_ns = True, now_ns
                self.candidate(uid, symbol, now_ns, is_between=True)

    # -- values and truths

    def value(self, operand: Operand, case: Case, own: str, now_ns: int) -> float | None:
        result: float | None
        match operand:
            case Number(value):
                return value
            case Negative(of):
                inner = self.value(of, case, own, now_ns)
                result = None if inner is None else -inner
            case Arithmetic(left, sign, right):
                result = calculated(
                    self.value(left, case, own, now_ns), sign, self.value(right, case, own, now_ns)
                )
            case Field(name, symbol):
                result = self.past.field(symbol or own, name, now_ns)
            case Change(name, seconds, symbol):
                result = self.past.change(symbol or own, name, seconds, now_ns)
            case OfBars() | Indicator():
                timeframe = operand.timeframe or case.rule.timeframe
                bars = self.past.closed.get((operand.symbol or own, timeframe), [])
                if operand.name == "vwap":
                    until = bars[: max(0, len(bars) - operand.ago)]
                    result = self.past.vwap_of_bars(operand.symbol or own, until) if until else None
                else:
                    result = value_of(operand, bars)
        return result if result is not None and math.isfinite(result) else None

    def sides(self, leaf: Leaf, case: Case, own: str, now_ns: int) -> Sides:
        others = (leaf.low, leaf.high) if isinstance(leaf, Range) else (leaf.right,)
        values = tuple(self.value(each, case, own, now_ns) for each in (leaf.left, *others))
        if isinstance(leaf.left, Field) and leaf.left.name == "last":
            symbol = leaf.left.symbol or own
            return Sides(
                values, self.past.field(symbol, "high", now_ns), self.past.field(symbol, "low", now_ns)
            )
        return Sides(values)

    def look(
        self,
        condition: Condition,
        path: Path,
        case: Case,
        own: str,
        now: Evaluation,
        past: Sequence[Evaluation],
    ) -> Truth:
        """Work out a part of a condition, and all that is within, into ``now``."""
        inner = [
            self.look(part, (*path, at), case, own, now, past) for at, part in enumerate(parts(condition))
        ]
        truth: Truth
        match condition:
            case Logic(word, _):
                truth = joined(word, inner)
            case Not():
                truth = negated(inner[0])
            case Then():
                truth = in_sequence(condition, path, inner, now.time_ns, past)
            case _:
                now.sides[path] = self.sides(condition, case, own, now.time_ns)
                truth = leaf_truth(condition, now.sides[path], past[-1].sides[path] if past else None)
        now.truths[path] = truth
        return truth

    # -- evaluating and firing

    def evaluate(self, uid: str, own: str, now_ns: int) -> None:
        case, state = self.cases[uid], self.states[uid, own]
        rule = case.rule
        if state.unseen:
            return
        now_ns = max(now_ns, state.latest_ns)
        state.looked_ns = state.latest_ns = now_ns
        if not is_in_force(rule, now_ns):
            return
        now = Evaluation(now_ns)
        truth = self.look(case.condition, (), case, own, now, state.evaluations)
        was_true = bool(state.evaluations) and state.evaluations[-1].truths[()] is True
        state.evaluations.append(now)
        if state.is_locked and is_left(case.condition, rule.rearm, now.sides[()]):
            state.is_locked = False
        if truth is not True:
            state.became_true_ns, state.is_hold_over = None, False
            if state.is_uncleared:
                state.is_uncleared = False
                self.found.append((uid, Finding(now_ns, rule.name, own, now.value(), "cleared", None)))
            return
        is_each_time = rule.trigger in (Trigger.EVERY, Trigger.ONCE_PER_BAR)
        if rule.hold_ns:
            if state.became_true_ns is None:
                state.became_true_ns = now_ns
            elif state.is_hold_over and is_each_time:
                self.candidate(uid, own, now_ns)
        elif is_each_time or not was_true or without_moments(case.condition, (), now) is not True:
            self.candidate(uid, own, now_ns)

    def candidate(self, uid: str, own: str, now_ns: int, *, is_between: bool = False) -> None:
        case, state = self.cases[uid], self.states[uid, own]
        rule = case.rule
        if not is_in_force(rule, now_ns):
            return
        bar = now_ns // TIMEFRAMES[rule.timeframe]
        if (rule.trigger is Trigger.ONCE and state.is_spent) or state.is_locked:
            return
        if rule.trigger is Trigger.ONCE_PER_BAR and bar in state.spent_bars:
            return
        reasons = self.against(case, state, own, now_ns)
        finding = Finding(
            now_ns,
            rule.name,
            own,
            state.evaluations[-1].value(),
            "suppressed" if reasons else "fired",
            "|".join(reasons) or None,
            # Between evaluations, the left side may be taken as it was at the last one, or as it is.
            also=self.values_now(case, state, own, now_ns) if is_between else (),
        )
        if not reasons:
            state.last_fired_ns, state.record = now_ns, None
            state.is_spent = True
            state.spent_bars.add(bar)
            state.is_locked = rule.rearm.amount > 0
            state.is_uncleared = rule.notify_clear and not has_momentary(case.condition)
        elif rule.trigger in (Trigger.EVERY, Trigger.ONCE_PER_BAR):
            if state.record is not None:
                _, recorded = self.found[state.record]
                if now_ns - recorded.event_ns < rule.cooldown_ns:
                    self.found[state.record] = (uid, recorded._replace(count=recorded.count + 1))
                    return
            state.record = len(self.found)
        self.found.append((uid, finding))

    def values_now(self, case: Case, state: State, own: str, now_ns: int) -> tuple[float | None, ...]:
        seen = state.evaluations[-1]
        now = Evaluation(now_ns, truths=dict(seen.truths))
        self.look(case.condition, (), case, own, now, state.evaluations[:-1])
        as_true_then = Evaluation(now_ns, now.sides, seen.truths)
        return now.value(), as_true_then.value()

    def against(self, case: Case, state: State, own: str, now_ns: int) -> list[str]:
        """All that holds a firing back."""
        rule, kind = case.rule, self.past.instruments[own].kind
        reasons = []
        if not is_in_schedule(rule.schedule, kind, now_ns):
            reasons.append("schedule")
        if state.snoozed_until_ns is not None and now_ns < state.snoozed_until_ns:
            reasons.append("snoozed")
        if state.last_fired_ns is not None and now_ns - state.last_fired_ns < rule.cooldown_ns:
            reasons.append("cooldown")
        return reasons


def sorted_findings(found: Iterable[tuple[str, Finding]], places: Sequence[str]) -> list[Finding]:
    """By time, then the rule's place, then symbol; what is equal in these stays in its order."""
    ordered = sorted(found, key=lambda each: (each[1].event_ns, places.index(each[0]), each[1].symbol))
    return [finding for _, finding in ordered]
