"""The engine, driven by the same happenings as the oracle, and told apart from it only by its alerts."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from tests.backtest.cases import Case, Finding
from tests.backtest.happenings import Activate, Blind, Happening, Put, Remove, Restart, Snooze
from tests.backtest.oracle import sorted_findings
from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.market import Bar, Instrument, Tick, TimerCall
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.studies.backtest import backtest

Instruments = Callable[[str], Instrument]


class EngineUnderTest:
    """Runs happenings to their end; ``alerts`` are all that were raised, as they came.

    Args:
        watched: Symbols and timeframes whose bars are kept, for rules that come later.
    """

    def __init__(
        self, cases: Iterable[Case], instruments: Instruments, watched: Iterable[tuple[str, str]] = ()
    ) -> None:
        self._instruments = instruments
        self._watched = list(watched)
        self._rules: dict[str, Rule] = {case.rule.uid: case.rule for case in cases}
        self._places = list(self._rules)
        self._bars: list[Bar] = []
        self._counts: dict[str, int] = {}
        self._blind: dict[str, tuple[bool, int]] = {}  # whether merely stale; updates before
        self.alerts: list[Alert] = []
        self.engine = self._new_engine()

    def run(self, happenings: Iterable[Happening]) -> list[Finding]:
        for happening in happenings:
            self._take(happening)
        self.alerts += self.engine.finish()
        self._note_counts()
        return self.findings()

    def findings(self) -> list[Finding]:
        return sorted_findings(((each.rule_uid, self.finding(each)) for each in self.alerts), self._places)

    def finding(self, alert: Alert) -> Finding:
        return Finding(
            alert.event_ns,
            alert.rule_name,
            alert.symbol,
            alert.value,
            str(alert.status),
            alert.reason,
            self._counts.get(alert.id, alert.count),
        )

    def _new_engine(self) -> Engine:
        engine = Engine(instruments=self._instruments)
        engine.set_rules(list(self._rules.values()))
        for symbol, timeframe in self._watched:
            engine.watch_bars(symbol, timeframe)
        return engine

    def _take(self, happening: Happening) -> None:
        match happening:
            case Bar():
                self.alerts += self.engine.on_bar(happening)
            case Tick():
                self.alerts += self.engine.on_tick(happening)
            case TimerCall(utc_ns):
                self.alerts += self.engine.on_time(utc_ns)
            case Snooze(uid, symbol, until_ns):
                self.engine.snooze(uid, symbol, until_ns)
            case Blind(symbols, is_stale):
                self._blind |= {each: (is_stale, self.engine.updates(each)) for each in symbols}
                self.engine.go_blind(symbols, "feed down", is_stale=is_stale)
            case Activate(uid, active):
                self._rules[uid] = replace(self._rules[uid], active=active)
                self.engine.set_active(uid, active)
                self._backfill()
            case Put(case):
                self._rules[case.rule.uid] = case.rule
                if case.rule.uid not in self._places:
                    self._places.append(case.rule.uid)
                self.engine.put_rule(case.rule)
                self._backfill()
            case Remove(uid):
                del self._rules[uid]
                self.engine.remove_rule(uid)
            case Restart():
                self._restart()

    def _note_counts(self) -> None:
        self._counts |= self.engine.take_suppression_counts()
        self.engine.take_dirty()

    def _backfill(self) -> None:
        self._bars += self.engine.take_closed_bars()
        self.engine.backfill(self._bars)

    def _restart(self) -> None:
        """Keep what a desk keeps, as text on a disk would, and go on with a new engine."""
        old = self.engine
        self._note_counts()
        self._bars += old.take_closed_bars()
        arming = json.loads(json.dumps(old.snapshot()))
        market = json.loads(json.dumps(old.market_state()))
        self.engine = self._new_engine()
        self.engine.restore(arming)
        self.engine.backfill(self._bars)
        self.engine.restore_market(market)
        unheard = {each: was for each, was in self._blind.items() if old.updates(each) == was[1]}
        self._blind = {}
        for symbol, (is_stale, _) in unheard.items():
            self._take(Blind((symbol,), is_stale))  # the desk knows of its feed, not the engine


def in_order(cases: Iterable[Case], instruments: Instruments, events: Sequence[Happening]) -> list[Finding]:
    """What a backtest finds, in its order; counts are as first recorded."""
    under_test = EngineUnderTest(cases, instruments)
    events_only = [each for each in events if isinstance(each, Tick | Bar | TimerCall)]
    return [under_test.finding(each) for each in backtest(events_only, under_test.engine)]


def repeated_ids(alerts: Sequence[Alert]) -> list[str]:
    """The ids that two alerts have; there should be none."""
    ids = [alert.id for alert in alerts]
    return sorted({each for each in ids if ids.count(each) > 1})
