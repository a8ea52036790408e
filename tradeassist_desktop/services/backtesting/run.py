"""One backtest from files to report, in this process: what each worker runs, and the command line too."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Final

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.explanation import Explanation
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import Instrument, MarketEvent, instant_ns
from tradeassist_desktop.domain.recordings import FileSummary
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.studies.backtest import backtest
from tradeassist_desktop.engine.studies.scores import RuleReport, Scores
from tradeassist_desktop.recordings import Recording, merge, read
from tradeassist_desktop.recordings.recording import BarLabel
from tradeassist_desktop.recordings.survey import summary_of
from tradeassist_desktop.services.backtesting.kept import KeptEvents, KeptMarket, SymbolRead

_EVENTS_BETWEEN: Final = 2048


@dataclass(frozen=True, slots=True)
class BacktestJob:
    """What is to be run over what.

    Args:
        rules: In their order, which decides between alerts of one instant.
        data: CSV (gzipped too) or Parquet files, merged by time.
        symbol: What files without a symbol column are of.
        is_strict: An unreadable row is fatal.
        scores: Keep account of each rule; ``keeps_outcomes`` with each firing's outcome.
        kept: What the desk has kept, merged with the files.
        until_ns: Files are read no further.
    """

    rules: tuple[Rule, ...]
    data: tuple[Path, ...]
    symbol: str | None = None
    bar_label: BarLabel = "start"
    is_strict: bool = False
    scores: bool = True
    keeps_outcomes: bool = True
    kept: KeptMarket | None = None
    until_ns: int | None = None


@dataclass(frozen=True, slots=True)
class BacktestProgress:
    """How far a run has come.

    ``share`` of the data read, 0 to 1; ``None`` where that is not known.
    """

    events: int
    event_ns: int
    share: float | None


@dataclass(frozen=True, slots=True)
class BacktestReport:
    """What a run came to.

    Args:
        rules: How each rule did on each symbol, in the order of the rules; empty without ``scores``.
        silent: Why each rule and symbol without a firing or a suppression had none.
        errors: Rules that raised and were disabled: name, symbol, what was raised.
        rejected: What the gates refused, by reason.
        absent: Symbols that active rules read and the data has not, in order.
        read: What was there of each kept symbol.
    """

    rules: tuple[RuleReport, ...]
    files: tuple[FileSummary, ...]
    silent: tuple[Explanation, ...]
    errors: tuple[tuple[str, str, str], ...]
    rejected: dict[str, int]
    absent: tuple[str, ...]
    read: tuple[SymbolRead, ...] = ()


class BacktestRun:
    """One job, run once."""

    def __init__(self, *, job: BacktestJob) -> None:
        self._job = job
        known = {} if job.kept is None else {kept.symbol: kept.instrument for kept in job.kept.symbols}
        self._instrument: Callable[[str], Instrument] = lambda symbol: (
            known.get(symbol) or instrument_of(symbol)
        )
        self._engine = Engine(instruments=self._instrument)
        self._kept = None if job.kept is None else KeptEvents(market=job.kept, rules=job.rules)
        self._recordings: tuple[Recording, ...] = ()
        self._scores: Scores | None = None
        self._heard: set[tuple[str, str]] = set()

    def alerts(self, on_progress: Callable[[BacktestProgress], None] | None = None) -> Iterator[Alert]:
        """Open the files, and yield the alerts, by event time, then rule, then symbol.

        Args:
            on_progress: Called every few thousand events.

        Raises:
            BadInput: the rules or a file cannot be used; at once where its header shows it.
        """
        job = self._job
        self._recordings = tuple(
            read(path, symbol=job.symbol, bar_label=job.bar_label, is_strict=job.is_strict)
            for path in job.data
        )
        self._engine.set_rules(job.rules)
        if job.scores:
            self._scores = Scores(
                rules=job.rules, instruments=self._instrument, keeps_outcomes=job.keeps_outcomes
            )
        kept = () if self._kept is None else (self._kept.events(self._engine),)
        events: Iterable[MarketEvent] = merge((*self._recordings, *kept))
        if job.until_ns is not None:
            until_ns = job.until_ns
            events = takewhile(lambda event: instant_ns(event) <= until_ns, events)
        if on_progress is not None:
            events = self._watched(events, on_progress)
        return self._heeded(backtest(events, self._engine, scores=self._scores))

    def settled_until_ns(self) -> int:
        """Return an instant before which no alert is still to come."""
        return self._engine.clock_ns

    def report(self) -> BacktestReport:
        """Return what the run came to, once its alerts have all been taken."""
        engine, rules = self._engine, self._job.rules
        names = {rule.uid: rule.name for rule in rules}
        read = () if self._kept is None else tuple(self._kept.read.values())
        present = {symbol for recording in self._recordings for symbol in recording.tally.symbols}
        present |= {each.symbol for each in read if each.first_ns is not None}
        silent = (
            engine.explain(rule.uid, symbol)
            for rule in rules
            for symbol in rule.symbols
            if (rule.uid, symbol) not in self._heard
        )
        return BacktestReport(
            rules=() if self._scores is None else self._scores.reports(),
            files=tuple(summary_of(recording) for recording in self._recordings),
            silent=tuple(explanation for explanation in silent if explanation is not None),
            errors=tuple(
                (names[status.uid], status.symbol, status.error)
                for status in engine.statuses()
                if status.error is not None
            ),
            rejected={reason: count for reason, count in engine.rejected().items() if count},
            absent=tuple(sorted(engine.symbols() - present)),
            read=read,
        )

    def _heeded(self, alerts: Iterable[Alert]) -> Iterator[Alert]:
        for alert in alerts:
            self._heard.add((alert.rule_uid, alert.symbol))
            yield alert

    def _watched(
        self, events: Iterable[MarketEvent], on_progress: Callable[[BacktestProgress], None]
    ) -> Iterator[MarketEvent]:
        sizes = [max(1, recording.path.stat().st_size) for recording in self._recordings]
        total = sum(sizes)
        for count, event in enumerate(events, 1):
            yield event
            if count % _EVENTS_BETWEEN == 0:
                on_progress(BacktestProgress(count, instant_ns(event), self._share(event, total)))

    def _share(self, event: MarketEvent, total_bytes: int) -> float | None:
        if self._kept is not None:
            return self._kept.share(instant_ns(event))
        tallies = [recording.tally.bytes_read for recording in self._recordings]
        known = [read_bytes for read_bytes in tallies if read_bytes is not None]
        return min(1.0, sum(known) / total_bytes) if len(known) == len(tallies) else None
