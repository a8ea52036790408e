"""``tradeassist backtest``: what rules would have raised over recorded data."""

import argparse
import asyncio
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from tradeassist_desktop.cli.backtest_progress import ProgressLine
from tradeassist_desktop.cli.backtest_summary import outcome_lines, silence_lines, summary_lines
from tradeassist_desktop.cli.backtest_tables import alert_writer, sweep_writer
from tradeassist_desktop.cli.rule_files import read_in_file
from tradeassist_desktop.domain.alerts import Alert, AlertStatus
from tradeassist_desktop.domain.errors import UsageError
from tradeassist_desktop.engine.rulefiles.rulefile import parse_rules
from tradeassist_desktop.engine.studies.sweep import parse_axis, variants
from tradeassist_desktop.services.backtesting.backtests import Backtests
from tradeassist_desktop.services.backtesting.run import (
    BacktestJob,
    BacktestProgress,
    BacktestReport,
    BacktestRun,
)

T = TypeVar("T")

_MOST_WORKERS: Final = 64
# A process costs half a second before its first event: below this, one is faster than several.
_ROWS_TIMES_RULES_WORTH_A_PROCESS: Final = 1_000_000
_BYTES_A_ROW: Final = 50
_GZIP_FACTOR: Final = 6


def add_parser(commands: Any) -> None:
    """Add the command to ``tradeassist``."""
    parser = commands.add_parser(
        "backtest",
        help="run rules over recorded data and print their alerts",
        description="Run rules over recorded data and print their alerts in event-time order.",
        allow_abbrev=False,
    )
    parser.add_argument("--rules", type=Path, required=True, metavar="RULES.json", help="a rule file")
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        action="append",
        metavar="FILE",
        help="ticks or bars as CSV, CSV.gz or Parquet; may be given several times",
    )
    parser.add_argument("--symbol", metavar="S", help="what files without a symbol column are of")
    parser.add_argument(
        "--bar-label",
        choices=("start", "end"),
        default="start",
        help="whether a bar row's time is its start (default) or its end",
    )
    parser.add_argument(
        "--output",
        choices=("jsonl", "table"),
        default="jsonl",
        help="one JSON object a line (default), or a table",
    )
    parser.add_argument("--strict", action="store_true", help="a row that cannot be read is fatal")
    parser.add_argument(
        "--explain",
        action="store_true",
        help="with each alert, its comparisons and their values; at the end, why other rules were silent",
    )
    parser.add_argument(
        "--outcomes",
        action="store_true",
        help="at the end, how each rule did: when it fired, and what the price did afterwards",
    )
    parser.add_argument(
        "--vary",
        action="append",
        default=[],
        metavar="'NAME=LOW..HIGH step S'",
        help="run each rule with {NAME} in it once for each number (or NAME=A,B,C) and compare; at most two",
    )
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="processes to share the rules (default: one for each processor, if there is enough to do)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the alerts, or the variants, on standard output, progress and a summary on standard error.

    Raises:
        BadInput: the rules or a file cannot be used.
        UsageError: options that exclude each other.
    """
    if arguments.workers is not None and not 1 <= arguments.workers <= _MOST_WORKERS:
        raise UsageError(f"--workers must be 1 to {_MOST_WORKERS}, was {arguments.workers}")
    if arguments.vary and arguments.explain:
        raise UsageError("--explain tells of alerts and --vary compares rules without them; give one")
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        return _sweep(arguments) if arguments.vary else _alerts(arguments)
    except BrokenPipeError:
        # Who reads has seen enough; the interpreter's last flush must find somewhere to write.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("tradeassist: interrupted", file=sys.stderr)
        raise


def _alerts(arguments: argparse.Namespace) -> int:
    rules = read_in_file(arguments.rules, parse_rules)
    job = _job(arguments, rules=rules, scores=arguments.outcomes, keeps_outcomes=False)
    counts: Counter[tuple[str, AlertStatus]] = Counter()
    line, head = alert_writer(arguments.output, rules, explains=arguments.explain)

    def take(alerts: Sequence[Alert]) -> None:
        nonlocal head
        for alert in alerts:
            if alert.status is not AlertStatus.CLEARED:
                counts[alert.rule_uid, alert.status] += 1
                sys.stdout.write(head + line(alert))
                head = ""

    report = _run(job, workers=arguments.workers, on_alerts=take)
    sys.stdout.write(head)
    sys.stdout.flush()
    lines = summary_lines(rules, report, counts)
    if arguments.outcomes:
        lines += outcome_lines(report)
    if arguments.explain:
        lines += silence_lines(report)
    _tell(lines)
    return 0


def _sweep(arguments: argparse.Namespace) -> int:
    axes = [parse_axis(text) for text in arguments.vary]
    varied = read_in_file(arguments.rules, lambda content: variants(content, axes))
    rules = tuple(variant.rule for variant in varied)
    job = _job(arguments, rules=rules, scores=True, keeps_outcomes=False)
    report = _run(job, workers=arguments.workers, on_alerts=None)
    for row in sweep_writer(arguments.output, varied, report):
        sys.stdout.write(row)
    sys.stdout.flush()
    _tell(summary_lines((), report, Counter()))
    return 0


def _job(arguments: argparse.Namespace, **keys: Any) -> BacktestJob:
    return BacktestJob(
        data=tuple(arguments.data),
        symbol=arguments.symbol,
        bar_label=arguments.bar_label,
        is_strict=arguments.strict,
        **keys,
    )


def _run(
    job: BacktestJob, *, workers: int | None, on_alerts: Callable[[Sequence[Alert]], None] | None
) -> BacktestReport:
    """Run the job here, or by workers where that is asked for or pays."""
    progress = ProgressLine(stream=sys.stderr)
    try:
        if workers is None:
            workers = _workers_worth(job)
        if workers == 1:
            return _run_here(job, on_alerts, progress.show)
        backtests = Backtests(most_workers=workers)
        return asyncio.run(backtests.run(job, on_alerts=on_alerts, on_progress=progress.show))
    finally:
        progress.end()


def _run_here(
    job: BacktestJob,
    on_alerts: Callable[[Sequence[Alert]], None] | None,
    on_progress: Callable[[BacktestProgress], None],
) -> BacktestReport:
    here = BacktestRun(job=job)
    for alert in here.alerts(on_progress):
        if on_alerts is not None:
            on_alerts((alert,))
    return here.report()


def _workers_worth(job: BacktestJob) -> int:
    """Return how many processes the job keeps busy long enough to be worth their start."""
    rows = 0
    for path in job.data:
        # A file that is not there is refused when it is opened.
        size = path.stat().st_size if path.is_file() else 0
        rows += size * (_GZIP_FACTOR if path.suffix == ".gz" else 1) // _BYTES_A_ROW
    instances = sum(len(rule.symbols) for rule in job.rules if rule.active)
    worth = rows * instances // _ROWS_TIMES_RULES_WORTH_A_PROCESS
    return max(1, min(os.cpu_count() or 1, worth))


def _tell(lines: Sequence[str]) -> None:
    for line in lines:
        print(line, file=sys.stderr)
