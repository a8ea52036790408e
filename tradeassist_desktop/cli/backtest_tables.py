"""What ``backtest`` prints on standard output: alerts or variants, as JSON lines or as a table."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from tradeassist_desktop.cli.backtest_summary import leg_lines
from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.studies.scores import HorizonSummary, RuleReport
from tradeassist_desktop.engine.studies.sweep import Variant
from tradeassist_desktop.recordings.alert_lines import alert_line, utc_text
from tradeassist_desktop.services.backtesting.run import BacktestReport

_TABLE_HORIZONS: Final = ("5m", "15m", "60m")


def alert_writer(output: str, rules: Sequence[Rule], *, explains: bool) -> tuple[Callable[[Alert], str], str]:
    """Return what makes an alert's text, line break included, and what stands above all of them."""
    if output == "jsonl":
        return lambda alert: alert_line(alert, explains=explains) + "\n", ""
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
        lines = [layout.format(*cells).rstrip()]
        if explains:
            lines += leg_lines(alert.legs)
        return "\n".join(lines) + "\n"

    head = layout.format("TIME", "RULE", "SYMBOL", "PRIORITY", "VALUE", "STATUS", "MESSAGE")
    return row, head + "\n"


def sweep_writer(output: str, varied: Sequence[Variant], report: BacktestReport) -> Iterator[str]:
    """Yield the lines that compare variants, in the order of the rules and then of the numbers."""
    settings = {variant.rule.uid: variant.settings for variant in varied}
    if output == "jsonl":
        for rule in report.rules:
            yield json.dumps(_plain(rule, settings[rule.uid]), ensure_ascii=False, allow_nan=False) + "\n"
        return
    names = tuple(dict.fromkeys(name for variant in varied for name, _ in variant.settings))
    head = ["RULE", "SYMBOL", *(name.upper() for name in names), "FIRED", "SUPPRESSED", "PER DAY"]
    head += [f"{horizon.upper()} {what}" for horizon in _TABLE_HORIZONS for what in ("MEAN", "FAVOURABLE")]
    rows = [_cells(rule, dict(settings[rule.uid]), names) for rule in report.rules]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        cells = [
            f"{cell:<{width}}" if at < 2 else f"{cell:>{width}}"
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip() + "\n"


def _cells(rule: RuleReport, settings: dict[str, str], names: Sequence[str]) -> list[str]:
    cells = [rule.rule_name, rule.symbol, *(settings.get(name, "") for name in names)]
    a_day = rule.fires_a_day
    cells += [str(rule.fired), str(sum(count for _, count in rule.suppressed))]
    cells.append("" if a_day is None else f"{a_day:.2f}")
    horizons = {summary.horizon: summary for summary in rule.horizons}
    for horizon in _TABLE_HORIZONS:
        cells += _outcome_cells(horizons[horizon])
    return cells


def _outcome_cells(summary: HorizonSummary) -> list[str]:
    mean, share = summary.mean_change, summary.favourable_share
    if mean is None:
        return ["", ""]
    return [f"{mean:+.4f}%", f"of {summary.known}" if share is None else f"{share:.0%} of {summary.known}"]


def _plain(rule: RuleReport, settings: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {
        "rule": rule.rule_name,
        "symbol": rule.symbol,
        "variant": {name: json.loads(value) for name, value in settings},
        "fired": rule.fired,
        "suppressed": sum(count for _, count in rule.suppressed),
        "per_day": rule.fires_a_day,
        "flapping": rule.flapping,
        "outcomes": {
            summary.horizon: {
                "known": summary.known,
                "mean_return": summary.mean_change,
                "favourable_share": summary.favourable_share,
            }
            for summary in rule.horizons
        },
    }
