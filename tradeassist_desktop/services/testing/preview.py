"""Where one rule would have fired, and what the price did after it."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tradeassist_desktop.domain.alerts import Alert, AlertStatus
from tradeassist_desktop.domain.explanation import Explanation
from tradeassist_desktop.domain.recordings import FileSummary
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.conditions import leaves, sides
from tradeassist_desktop.engine.language.units import unit_of_value
from tradeassist_desktop.engine.meaning import meaning_of
from tradeassist_desktop.engine.operands.specification import Unit
from tradeassist_desktop.engine.studies.directions import Direction
from tradeassist_desktop.engine.studies.outcomes import HORIZONS, Move, Outcome
from tradeassist_desktop.engine.studies.scores import RuleReport
from tradeassist_desktop.recordings.recording import BarLabel
from tradeassist_desktop.services.backtesting.kept import KeptMarket, SymbolRead
from tradeassist_desktop.services.backtesting.run import BacktestJob, BacktestProgress, BacktestRun

MOST_FIRINGS: Final = 50_000
"""A rule that fires more often is told so, and run no further."""
MOST_LISTED: Final = 2_000


@dataclass(frozen=True, slots=True)
class MarketFile:
    """A recording or an imported file of ticks or bars.

    Args:
        symbol: What its rows are of, where it has no symbol column.
        bar_label: Whether the time of a row of bars is when it begins, or when it ends.
        until_ns: Nothing later is read: of a recording that is being replayed, what has been played.
    """

    path: Path
    symbol: str | None = None
    bar_label: BarLabel = "start"
    until_ns: int | None = None


@dataclass(frozen=True, slots=True)
class PreviewAsk:
    """A rule, kept or not, and what it is to be run over."""

    rule: Rule
    data: KeptMarket | MarketFile


def job_of(
    rules: tuple[Rule, ...], data: KeptMarket | MarketFile, *, keeps_outcomes: bool = True
) -> BacktestJob:
    """Return what a backtest makes of rules, as if they had been on all the time.

    Their switches, their starts and their expiries are left aside.
    """
    bare = tuple(replace(rule, active=True, starts_at_ns=None, expires_at_ns=None) for rule in rules)
    if isinstance(data, KeptMarket):
        return BacktestJob(rules=bare, data=(), kept=data, keeps_outcomes=keeps_outcomes)
    return BacktestJob(
        rules=bare,
        data=(data.path,),
        symbol=data.symbol,
        bar_label=data.bar_label,
        until_ns=data.until_ns,
        keeps_outcomes=keeps_outcomes,
    )


@dataclass(frozen=True, slots=True)
class Firing:
    """One time at which the rule would have fired.

    Args:
        value: The left side of what made the condition true; ``None`` where there is none.
        price: The last price then.
        moves: What the price did afterwards, one for each of ``HORIZONS``; ``None`` where that is not known.
        direction: Which way the condition looks on this symbol.
    """

    symbol: str
    event_ns: int
    value: float | None
    price: float | None
    moves: tuple[Move | None, ...]
    direction: Direction | None

    def move(self, horizon: str) -> Move | None:
        """Return what the price did within a horizon; ``None`` while that is not known."""
        return self.moves[tuple(HORIZONS).index(horizon)]

    def is_favourable(self, horizon: str) -> bool | None:
        """Whether the price went on in the rule's direction; ``None`` where that cannot be told."""
        move = self.move(horizon)
        return None if move is None or self.direction is None else move.gain(self.direction) > 0.0


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would have done.

    Args:
        firings: Oldest first; the newest ``MOST_LISTED`` of ``fired``.
        held_back: Times at which it was true, and its cooldown or schedule kept it from firing.
        is_cut: It fired more than ``MOST_FIRINGS`` times, and the rest was not looked at.
        reports: Its outcome on each of its symbols.
        read: What was kept of each symbol it reads; empty for a file.
        files: What a file held; empty for what is kept.
        silent: Why it stands as it does, on each symbol on which it did not fire.
        error: Why it broke off; empty where it did not.
    """

    rule: Rule
    fired: int
    firings: tuple[Firing, ...]
    held_back: int
    is_cut: bool
    reports: tuple[RuleReport, ...]
    read: tuple[SymbolRead, ...]
    files: tuple[FileSummary, ...]
    silent: tuple[Explanation, ...]
    error: str = ""

    @property
    def first_ns(self) -> int | None:
        """When the data of the rule's own symbols begins; ``None`` where there is none."""
        return min((begin for begin, _ in self._spans()), default=None)

    @property
    def last_ns(self) -> int | None:
        """When it ends."""
        return max((end for _, end in self._spans()), default=None)

    @property
    def has_prices(self) -> bool:
        """Whether what its firings have as their value is a price, whatever part of the rule was true."""
        units = {unit_of_value(sides(leaf)[0]) for leaf in leaves(meaning_of(self.rule).condition)}
        return units == {Unit.PRICE}

    def _spans(self) -> list[tuple[int, int]]:
        kept = [
            (each.first_ns, each.last_ns)
            for each in self.read
            if each.symbol in self.rule.symbols and each.first_ns is not None and each.last_ns is not None
        ]
        own = set(self.rule.symbols)
        return kept + [
            (file.first_ns, file.last_ns) for file in self.files if file.rows and own & set(file.symbols)
        ]


def preview(ask: PreviewAsk, on_progress: Callable[[BacktestProgress], None] | None = None) -> Preview:
    """Run a rule over the past with the engine that runs it live.

    Raises:
        BadInput: the rule or the file cannot be used.
        TradeAssistError: what is kept cannot be read.
    """
    run = BacktestRun(job=job_of((ask.rule,), ask.data))
    listed: deque[Alert] = deque(maxlen=MOST_LISTED)
    fired = 0
    for alert in run.alerts(on_progress):
        if alert.status is AlertStatus.FIRED:
            listed.append(alert)
            fired += 1
            if fired > MOST_FIRINGS:
                break
    report = run.report()
    outcomes = {outcome.alert_id: outcome for each in report.rules for outcome in each.outcomes}
    directions = {each.symbol: each.direction for each in report.rules}
    return Preview(
        rule=ask.rule,
        fired=fired,
        firings=tuple(
            _firing(alert, outcomes.get(alert.id), directions.get(alert.symbol)) for alert in listed
        ),
        held_back=sum(count for each in report.rules for _, count in each.suppressed),
        is_cut=fired > MOST_FIRINGS,
        reports=tuple(replace(each, outcomes=()) for each in report.rules),
        read=report.read,
        files=report.files,
        silent=report.silent,
        error=next((what for _, _, what in report.errors), ""),
    )


def _firing(alert: Alert, outcome: Outcome | None, direction: Direction | None) -> Firing:
    unknown = (None,) * len(HORIZONS)
    return Firing(
        symbol=alert.symbol,
        event_ns=alert.event_ns,
        value=alert.value,
        price=None if outcome is None else outcome.price,
        moves=unknown if outcome is None else outcome.moves,
        direction=direction,
    )
