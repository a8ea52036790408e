"""Hold the engine against the oracle over random rules, markets and desks.

``python tests/backtest/agreement.py --rules 10000``: as many random rules; every disagreement is
shrunk to a minimal case and printed as a test to paste.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.backtest.cases import Case, Finding
from tests.backtest.engine_under_test import EngineUnderTest, in_order, repeated_ids
from tests.backtest.generator import make_case, make_happenings
from tests.backtest.happenings import Activate, Happening, Put, Remove, Restart, Snooze
from tests.backtest.markets import INSTRUMENTS, make_market
from tests.backtest.oracle import Oracle
from tradeassist_desktop.domain.market import Bar, Tick, TimerCall
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.recordings import merge


@dataclass
class Trial:
    """Rules, what happens, and the bars that are kept for rules that come later."""

    cases: list[Case]
    happenings: list[Happening]
    watched: list[tuple[str, str]]
    recorded: frozenset[str] = frozenset()


def make_trial(seed: int, *, updates: int, rules: int) -> Trial:
    """Return the trial of a seed, always the same."""
    chance = random.Random(seed)
    market = make_market(chance, updates=updates)
    cases = [make_case(chance, market, place) for place in range(rules)]
    happenings = make_happenings(chance, market, cases, list(merge(market.events)))
    watched = []
    if any(isinstance(each, Put | Activate) for each in happenings):
        watched = [
            (symbol, timeframe)
            for symbol in market.symbols
            for timeframe in {*market.scale.timeframes, *market.scale.recorded}
        ]
    return Trial(cases, happenings, watched, market.recorded)


@dataclass(frozen=True)
class Disagreement:
    """The first alert, in time, on which engine and oracle differ."""

    expected: Finding | None
    found: Finding | None
    fault: str = ""

    def __str__(self) -> str:
        return self.fault or f"the oracle: {self.expected}\nthe engine: {self.found}"

    def is_like(self, other: "Disagreement") -> bool:
        """Whether it is about the same alert, so that shrinking does not come upon another fault."""
        mine, its = self.expected or self.found, other.expected or other.found
        if mine is None or its is None:
            return self.fault == other.fault
        return (mine.event_ns, mine.rule, mine.symbol) == (its.event_ns, its.rule, its.symbol) and (
            self.expected is None,
            self.found is None,
        ) == (other.expected is None, other.found is None)


def disagreement(trial: Trial, expected: list[Finding] | None = None) -> Disagreement | None:
    """Return what engine and oracle see differently first; ``None`` if nothing."""
    if expected is None:
        expected = Oracle(trial.cases, INSTRUMENTS).run(trial.happenings)
    engine = EngineUnderTest(trial.cases, INSTRUMENTS.__getitem__, trial.watched)
    found = engine.run(trial.happenings)
    if all(isinstance(each, Tick | Bar | TimerCall) for each in trial.happenings):
        ordered = in_order(trial.cases, INSTRUMENTS.__getitem__, trial.happenings)
        if [each[:6] for each in ordered] != [each[:6] for each in found]:
            return Disagreement(None, None, "a backtest finds others, or in another order")
    if repeated := repeated_ids(engine.alerts):
        return Disagreement(None, None, f"two alerts have the id {repeated[0]}")
    for one, other in zip_longest(found, expected):
        if one is None or other is None:
            return Disagreement(other, one)
        if not is_same(one, other):
            if one[:3] == other[:3]:
                return Disagreement(other, one)
            # One of them has an alert that the other has not.
            return Disagreement(other, None) if other[:3] not in heads(found) else Disagreement(None, one)
    return None


def heads(findings: Sequence[Finding]) -> set[tuple[object, ...]]:
    return {each[:3] for each in findings}


def is_same(found: Finding, expected: Finding) -> bool:
    """Whether they are the same; where several values or reasons would be right, any of them may be told."""
    if found[:3] != expected[:3] or found.status != expected.status or found.count != expected.count:
        return False
    has_reason = found.reason == expected.reason or found.reason in (expected.reason or "").split("|")
    return has_reason and found.value in (expected.value, *expected.also)


# -- shrinking


def shrunk_to(trial: Trial, fault: Disagreement) -> Trial:
    """Return as few rules and happenings as still bring that disagreement."""
    fails = _fails_like(fault)
    cases = _fewest(trial.cases, lambda each: fails(_without_orphans(each, trial)))
    trial = _without_orphans(cases, trial)
    happenings = _fewest(trial.happenings, lambda each: fails(replace(trial, happenings=each)))
    trial = replace(trial, happenings=happenings)
    for default in fields(Rule):
        simpler = [_with_default(case, default.name) for case in trial.cases]
        attempt = replace(trial, cases=simpler)
        if simpler != trial.cases and fails(attempt):
            trial = attempt
    return trial


def _with_default(case: Case, name: str) -> Case:
    if name in ("uid", "name", "symbols", "when"):
        return case
    default = next(each.default for each in fields(Rule) if each.name == name)
    values = {each.name: getattr(case.rule, each.name) for each in fields(Rule)}
    return Case(Rule(**values | {name: default}), case.condition)


def _without_orphans(cases: Sequence[Case], trial: Trial) -> Trial:
    """The trial with these rules, and without what is done to others."""
    known = {case.rule.uid for case in cases}
    kept: list[Happening] = []
    for happening in trial.happenings:
        if isinstance(happening, Put):
            known.add(happening.case.rule.uid)
        elif isinstance(happening, Remove | Snooze | Activate) and happening.uid not in known:
            continue
        kept.append(happening)
    return replace(trial, cases=list(cases), happenings=kept)


def _fewest(items: Sequence[Any], fails: Callable[[list[Any]], bool]) -> list[Any]:
    """Leave out ever smaller stretches as long as it fails."""
    kept = list(items)
    size = max(1, len(kept) // 2)
    while size:
        at = 0
        while at < len(kept):
            attempt = kept[:at] + kept[at + size :]
            if fails(attempt):
                kept = attempt
            else:
                at += size
        size //= 2
    return kept


def as_test(trial: Trial, seed: int) -> str:
    """Return a trial as a test to paste into ``test_oracle_regressions.py``."""
    lines = [f"def test_seed_{seed}() -> None:", "    cases = ["]
    lines += [f"        {case!r}," for case in trial.cases]
    lines += ["    ]", "    happenings = ["]
    lines += [f"        {happening!r}," for happening in trial.happenings]
    lines += ["    ]", "", f"    assert disagreement(Trial(cases, happenings, {trial.watched!r})) == ''"]
    return "\n".join(lines)


def _fails_like(first: Disagreement) -> Callable[[Trial], bool]:
    def fails(trial: Trial) -> bool:
        if not _is_possible(trial):
            return False
        try:
            fault = disagreement(trial)
        except (KeyError, IndexError):  # what was left out is missed by what was not
            return False
        return fault is not None and fault.is_like(first)

    return fails


def _is_possible(trial: Trial) -> bool:
    """Whether every trade of a recording of bars still stands by its bar."""
    ends = {(each.symbol, each.end_ns) for each in trial.happenings if isinstance(each, Bar)}
    return not any(
        isinstance(each, Tick)
        and each.last is not None
        and each.symbol in trial.recorded
        and (each.symbol, each.event_ns) not in ends
        for each in trial.happenings
    )


def main(arguments: Iterable[str] | None = None) -> int:
    """Try as many rules as asked for; return 1 if any disagreed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--updates", type=int, default=200)
    parser.add_argument("--without-restarts", action="store_true")
    parser.add_argument("--failures", type=int, default=3, help="stop after so many")
    options = parser.parse_args(arguments if arguments is None else list(arguments))
    started, failures, alerts, tried = time.monotonic(), 0, 0, 0
    seed = options.seed
    while tried < options.rules and failures < options.failures:
        trial = make_trial(seed, updates=options.updates, rules=12)
        if options.without_restarts:
            trial.happenings = [each for each in trial.happenings if not isinstance(each, Restart)]
        tried += len(trial.cases) + sum(isinstance(each, Put) for each in trial.happenings)
        expected = Oracle(trial.cases, INSTRUMENTS).run(trial.happenings)
        alerts += len(expected)
        if fault := disagreement(trial, expected):
            failures += 1
            smallest = shrunk_to(trial, fault)
            print(f"seed {seed}: {fault}\n\n{as_test(smallest, seed)}\n{disagreement(smallest)}\n")
        seed += 1
    took_s = time.monotonic() - started
    print(
        f"{tried} rules, {seed - options.seed} markets, {alerts} alerts, "
        f"{failures} disagreements, {took_s:.0f} s"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
