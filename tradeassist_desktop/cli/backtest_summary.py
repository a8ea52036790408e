"""What ``backtest`` tells at the end, on standard error."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from tradeassist_desktop.domain.alerts import AlertStatus, Leg
from tradeassist_desktop.domain.durations import told_duration
from tradeassist_desktop.domain.recordings import FileSummary
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.studies.directions import Direction
from tradeassist_desktop.engine.studies.scores import HorizonSummary, RuleReport
from tradeassist_desktop.recordings.alert_lines import utc_text
from tradeassist_desktop.services.backtesting.run import BacktestReport

_TRUTHS: Final = {True: "true", False: "false", None: "unknown"}
_UNITS: Final = {"percent": "%", "seconds": " s"}
_WAYS: Final = {Direction.UP: "up", Direction.DOWN: "down", None: "neither way"}


def summary_lines(
    rules: Sequence[Rule], report: BacktestReport, counts: Counter[tuple[str, AlertStatus]]
) -> list[str]:
    """Return the summary: files, refusals, absent symbols, alerts per rule and in all."""
    lines = [line for summary in report.files for line in _file_lines(summary)]
    if report.rejected:
        refused = ", ".join(f"{count:,} {reason}" for reason, count in report.rejected.items())
        lines.append(f"refused by the gates: {refused}")
    if report.absent:
        lines.append(f"warning: no data for {_listed(report.absent)}, which the rules name")
    for rule in rules:
        fired = counts[rule.uid, AlertStatus.FIRED]
        suppressed = counts[rule.uid, AlertStatus.SUPPRESSED]
        off = "" if rule.active else " (not active)"
        lines.append(f"{rule.name}{off}: {fired:,} fired, {suppressed:,} suppressed")
    for name, symbol, error in report.errors:
        lines.append(f"error: {name} on {symbol} was disabled: {error}")
    if rules:
        total: Counter[AlertStatus] = Counter()
        for (_, status), count in counts.items():
            total[status] += count
        lines.append(
            f"total: {total[AlertStatus.FIRED]:,} fired, {total[AlertStatus.SUPPRESSED]:,} suppressed"
        )
    return lines


def outcome_lines(report: BacktestReport) -> list[str]:
    """Return how each rule did: how often and when it fired, and what the price did afterwards."""
    return [line for rule in report.rules for line in _rule_lines(rule)]


def silence_lines(report: BacktestReport) -> list[str]:
    """Return why each rule that raised nothing was silent, as it stood at the end of the data."""
    lines = []
    for silent in report.silent:
        why = "; ".join(block.rstrip(".") for block in silent.blocks)
        lines.append(f"{silent.rule_name} on {silent.symbol} was silent: {why or _TRUTHS[silent.is_true]}")
        lines += leg_lines(silent.legs)
    return lines


def leg_lines(legs: Sequence[Leg]) -> list[str]:
    """Return every comparison with its truth and the values of its operands, indented."""
    lines = []
    for leg in legs:
        lines.append(f"    {leg.text}: {_TRUTHS[leg.is_true]}")
        for operand in leg.operands:
            unit = _UNITS.get(operand.unit, "")
            value = "unknown" if operand.value is None else f"{operand.value:.10g}{unit}"
            missing = f", {operand.missing}" if operand.missing else ""
            lines.append(f"        {operand.text} = {value}{missing}")
    return lines


def _file_lines(summary: FileSummary) -> Iterator[str]:
    yield (
        f"{summary.path}: {summary.rows:,} rows of {summary.kind}, {_listed(summary.symbols)}, "
        f"{utc_text(summary.first_ns)} to {utc_text(summary.last_ns)}"
    )
    if summary.unreadable:
        yield f"{summary.path}: {summary.unreadable:,} rows could not be read"
        yield from (f"  {fault}" for fault in summary.faults)


def _rule_lines(rule: RuleReport) -> Iterator[str]:
    held_back = ", ".join(f"{reason} {count:,}" for reason, count in rule.suppressed)
    suppressed = f", suppressed {held_back}" if held_back else ""
    yield (
        f"{rule.rule_name} on {rule.symbol} (looks {_WAYS[rule.direction]}): {rule.fired:,} fired{suppressed}"
    )
    if rule.longest_quiet_ns is not None and rule.fires_a_day is not None:
        yield (
            f"    {rule.fires_a_day:.2f} a day on {rule.days:,} days; "
            f"longest quiet {told_duration(rule.longest_quiet_ns)}"
        )
    if not rule.fired or rule.first_fired_ns is None or rule.last_fired_ns is None:
        return
    busiest, most = max(rule.per_day, key=lambda each: each[1])
    hours = ", ".join(f"{hour:02d}h {count:,}" for hour, count in enumerate(rule.per_hour) if count)
    yield f"    first {utc_text(rule.first_fired_ns)}, last {utc_text(rule.last_fired_ns)}"
    yield f"    most on {busiest} ({most:,}); by hour in New York: {hours}"
    yield f"    {rule.flapping or 0.0:.0%} came within 5 minutes of the one before"
    for summary in rule.horizons:
        if summary.known:
            yield f"    {_outcome(summary, rule.direction)}"


def _outcome(summary: HorizonSummary, direction: Direction | None) -> str:
    after = "at the close" if summary.horizon == "close" else f"after {summary.horizon}"
    text = (
        f"{after}: {summary.mean_change:+.4f}% on average of {summary.known:,}, "
        f"between {summary.mean_lowest:+.4f}% and {summary.mean_highest:+.4f}%"
    )
    share = summary.favourable_share
    return text if direction is None or share is None else f"{text}; {share:.0%} went {_WAYS[direction]}"


def _listed(symbols: Sequence[str]) -> str:
    shown = ", ".join(symbols[:8])
    return shown if len(symbols) <= 8 else f"{shown} and {len(symbols) - 8} more"
