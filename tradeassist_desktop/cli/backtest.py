"""``tradeassist backtest``: what rules would have raised over recorded data."""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tradeassist_desktop.domain.alerts import Alert, AlertStatus
from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import MarketEvent, instant_ns
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.backtest import backtest
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.rulefile import parse_rules
from tradeassist_desktop.recordings import Recording, merge, read
from tradeassist_desktop.recordings.alert_lines import alert_line, utc_text

_LARGEST_RULE_FILE: Final = 10 * 1024 * 1024
_PROGRESS_ROWS: Final = 8192
_PROGRESS_SECONDS_ON_TERMINAL: Final = 0.5
_PROGRESS_SECONDS: Final = 5.0


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
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the alerts on standard output, progress and a summary on standard error.

    Raises:
        BadInput: the rules or a file cannot be used.
    """
    rules = _load(arguments.rules)
    recordings = [
        read(path, symbol=arguments.symbol, bar_label=arguments.bar_label, is_strict=arguments.strict)
        for path in arguments.data
    ]
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    engine = Engine(instruments=instrument_of)
    engine.set_rules(rules)
    counts: Counter[tuple[str, AlertStatus]] = Counter()
    progress = _Progress(is_terminal=sys.stderr.isatty())
    line, head = _output(arguments.output, rules)
    try:
        sys.stdout.write(head)
        for alert in backtest(progress.watch(merge(recordings)), engine):
            if alert.status is not AlertStatus.CLEARED:
                counts[alert.rule_uid, alert.status] += 1
                sys.stdout.write(line(alert))
        sys.stdout.flush()
    except BrokenPipeError:
        # Who reads has seen enough; the interpreter's last flush must find somewhere to write.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        progress.end()
    _tell(_summary(rules, recordings, engine, counts))
    return 0


def _load(path: Path) -> tuple[Rule, ...]:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_RULE_FILE + 1)
    except OSError as error:
        raise BadInput([Fault(place=str(path), message=error.strerror or str(error))]) from error
    try:
        return parse_rules(content)
    except BadInput as error:
        raise BadInput(
            [
                Fault(
                    place=f"{path}: {fault.place}" if fault.place else str(path),
                    message=fault.message,
                    column=fault.column,
                )
                for fault in error.faults
            ]
        ) from error


def _output(kind: str, rules: Sequence[Rule]) -> tuple[Callable[[Alert], str], str]:
    if kind == "jsonl":
        return lambda alert: alert_line(alert) + "\n", ""
    rule_width = max([len("RULE"), *(len(rule.name) for rule in rules)])
    symbol_width = max([len("SYMBOL"), *(len(symbol) for rule in rules for symbol in rule.symbols)])
    layout = f"{{:27}}  {{:{rule_width}}}  {{:{symbol_width}}}  {{:8}}  {{:>14}}  {{:21}}  {{}}"

    def row(alert: Alert) -> str:
        cells = (
            utc_text(alert.event_ns),
            alert.rule_name,
            alert.symbol,
            str(alert.priority),
            "" if alert.value is None else f"{alert.value:.10g}",
            str(alert.status) if alert.reason is None else f"{alert.status} ({alert.reason})",
            " ".join(alert.message.split()),
        )
        return layout.format(*cells).rstrip() + "\n"

    head = layout.format("TIME", "RULE", "SYMBOL", "PRIORITY", "VALUE", "STATUS", "MESSAGE")
    return row, head + "\n"


class _Progress:
    """Tells how far the reading has come: in place on a terminal, else a line now and then."""

    def __init__(self, *, is_terminal: bool) -> None:
        self._is_terminal = is_terminal
        self._every_seconds = _PROGRESS_SECONDS_ON_TERMINAL if is_terminal else _PROGRESS_SECONDS
        self._is_shown = False

    def watch(self, events: Iterable[MarketEvent]) -> Iterator[MarketEvent]:
        due = time.monotonic() + self._every_seconds
        for count, event in enumerate(events, 1):
            yield event
            if count % _PROGRESS_ROWS == 0 and time.monotonic() >= due:
                due = time.monotonic() + self._every_seconds
                self._show(count, instant_ns(event))

    def end(self) -> None:
        """Clear the line on a terminal."""
        if self._is_shown and self._is_terminal:
            sys.stderr.write("\r\x1b[K")

    def _show(self, count: int, event_ns: int) -> None:
        text = f"{count:,} events, at {utc_text(event_ns)}"
        sys.stderr.write(f"\r\x1b[K{text}" if self._is_terminal else f"{text}\n")
        sys.stderr.flush()
        self._is_shown = True


def _summary(
    rules: Sequence[Rule],
    recordings: Sequence[Recording],
    engine: Engine,
    counts: Counter[tuple[str, AlertStatus]],
) -> list[str]:
    lines: list[str] = []
    for recording in recordings:
        tally = recording.tally
        assert tally.first_ns is not None and tally.last_ns is not None
        kind = f"bars of {recording.timeframe}" if recording.timeframe else "ticks"
        lines.append(
            f"{recording.path}: {tally.rows:,} rows of {kind}, {_listed(sorted(tally.symbols))}, "
            f"{utc_text(tally.first_ns)} to {utc_text(tally.last_ns)}"
        )
        if tally.unreadable:
            lines.append(f"{recording.path}: {tally.unreadable:,} rows could not be read")
            lines += [f"  {fault}" for fault in tally.faults]
    rejected = {reason: count for reason, count in engine.rejected().items() if count}
    if rejected:
        lines.append(
            "refused by the gates: " + ", ".join(f"{n:,} {reason}" for reason, n in rejected.items())
        )
    present = set().union(*(recording.tally.symbols for recording in recordings))
    absent = sorted(engine.symbols() - present)
    if absent:
        lines.append(f"warning: no data for {_listed(absent)}, which the rules name")
    for rule in rules:
        fired = counts[rule.uid, AlertStatus.FIRED]
        suppressed = counts[rule.uid, AlertStatus.SUPPRESSED]
        off = "" if rule.active else " (not active)"
        lines.append(f"{rule.name}{off}: {fired:,} fired, {suppressed:,} suppressed")
    for status in engine.statuses():
        if status.error is not None:
            lines.append(f"error: a rule on {status.symbol} was disabled: {status.error}")
    total = Counter(status for (_, status), count in counts.items() for _ in range(count))
    lines.append(f"total: {total[AlertStatus.FIRED]:,} fired, {total[AlertStatus.SUPPRESSED]:,} suppressed")
    return lines


def _listed(symbols: Sequence[str]) -> str:
    shown = ", ".join(symbols[:8])
    return shown if len(symbols) <= 8 else f"{shown} and {len(symbols) - 8} more"


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, file=sys.stderr)
