"""The small public Python API: load rules, run them over recordings, see how they did.

::

    from tradeassist_desktop.api import backtest, load_rules, report, sweep

    rules = load_rules("rules.json")
    for alert in backtest(rules, data=["esu24.csv.gz"]):
        print(alert.event_ns, alert.rule_name, alert.value)

    for rule in report(rules, data=["esu24.csv.gz"]).rules:
        print(rule.rule_name, rule.symbol, rule.fired, rule.horizons)

    for variant in sweep("varied.json", vary=["level=5500..5600 step 5"], data=["esu24.csv.gz"]):
        print(variant.settings, variant.report.fired)
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.rulefiles.rulefile import parse_rules
from tradeassist_desktop.engine.studies.scores import HorizonSummary, RuleReport
from tradeassist_desktop.engine.studies.sweep import parse_axis, variants
from tradeassist_desktop.services.backtesting.backtests import Backtests
from tradeassist_desktop.services.backtesting.run import BacktestJob, BacktestReport, BacktestRun

__all__ = [
    "BacktestReport",
    "HorizonSummary",
    "RuleReport",
    "SweptRule",
    "backtest",
    "load_rules",
    "report",
    "sweep",
]

BarLabel = Literal["start", "end"]


@dataclass(frozen=True, slots=True)
class SweptRule:
    """How one rule did with certain numbers in it; ``settings`` are these by name, as written."""

    settings: Mapping[str, str]
    report: RuleReport


def load_rules(path: str | Path) -> tuple[Rule, ...]:
    """Read a rule file.

    Raises:
        BadInput: anything in it is wrong; every fault is listed with its place and column.
        OSError: it cannot be opened.
    """
    return parse_rules(Path(path).read_bytes())


def backtest(
    rules: Sequence[Rule],
    *,
    data: Sequence[str | Path],
    symbol: str | None = None,
    bar_label: BarLabel = "start",
) -> Iterator[Alert]:
    """Yield the alerts, fired and suppressed, that the rules raise over recorded data, in event-time order.

    Args:
        rules: From ``load_rules``; their order decides between alerts of one instant.
        data: CSV (gzipped too) or Parquet files, merged by time.
        symbol: What files without a symbol column are of.
        bar_label: Whether a bar row's time is the bar's start or its end.

    Raises:
        BadInput: the rules or a file cannot be used; before the first alert where its header shows it.
    """
    job = BacktestJob(rules=tuple(rules), data=_paths(data), symbol=symbol, bar_label=bar_label, scores=False)
    return BacktestRun(job=job).alerts()


def report(
    rules: Sequence[Rule],
    *,
    data: Sequence[str | Path],
    symbol: str | None = None,
    bar_label: BarLabel = "start",
    workers: int = 1,
) -> BacktestReport:
    """Return how each rule did over recorded data: firings, when, and what the price did after each.

    Args:
        data: As ``symbol`` and ``bar_label``, see ``backtest``.
        workers: Processes that share the rules; 1 is this one. The result is the same.

    Raises:
        BadInput: the rules or a file cannot be used.
        BacktestFailed: a worker has crashed or was killed.
    """
    job = BacktestJob(rules=tuple(rules), data=_paths(data), symbol=symbol, bar_label=bar_label)
    return _run(job, workers)


def sweep(
    path: str | Path,
    *,
    vary: Sequence[str],
    data: Sequence[str | Path],
    symbol: str | None = None,
    bar_label: BarLabel = "start",
    workers: int = 1,
) -> tuple[SweptRule, ...]:
    """Return how the rules of a file did with other numbers in place of ``{names}`` in their conditions.

    Args:
        vary: One or two of ``level=5500..5600 step 5`` or ``period=9,14,21``; at most 2,000 variants.

    Raises:
        BadInput: the file, a variant, an axis or the data cannot be used.
        BacktestFailed: a worker has crashed or was killed.
        OSError: the rule file cannot be opened.
    """
    varied = variants(Path(path).read_bytes(), [parse_axis(axis) for axis in vary])
    job = BacktestJob(
        rules=tuple(variant.rule for variant in varied),
        data=_paths(data),
        symbol=symbol,
        bar_label=bar_label,
        keeps_outcomes=False,
    )
    settings = {variant.rule.uid: dict(variant.settings) for variant in varied}
    return tuple(SweptRule(settings[rule.uid], rule) for rule in _run(job, workers).rules)


def _run(job: BacktestJob, workers: int) -> BacktestReport:
    if workers > 1:
        return asyncio.run(Backtests(most_workers=workers).run(job))
    run = BacktestRun(job=job)
    for _ in run.alerts():
        pass
    return run.report()


def _paths(data: Sequence[str | Path]) -> tuple[Path, ...]:
    return tuple(Path(path) for path in data)
