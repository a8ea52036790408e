"""The small public Python API: load rules, run them over recordings.

::

    from tradeassist_desktop.api import backtest, load_rules

    for alert in backtest(load_rules("rules.json"), data=["esu24.csv.gz"]):
        print(alert.event_ns, alert.rule_name, alert.value)
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine import backtest as engine_backtest
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.engine.rulefile import parse_rules
from tradeassist_desktop.recordings import merge, read

__all__ = ["backtest", "load_rules"]


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
    bar_label: Literal["start", "end"] = "start",
) -> Iterator[Alert]:
    """Yield the alerts, fired and suppressed, that the rules raise over recorded data, in event-time order.

    Args:
        rules: From ``load_rules``; their order decides between alerts of one instant.
        data: CSV (gzipped too) or Parquet files, merged by time.
        symbol: What files without a symbol column are of.
        bar_label: Whether a bar row's time is the bar's start or its end.

    Raises:
        BadInput: a file cannot be used; raised before the first alert where its header shows it.
    """
    recordings = [read(path, symbol=symbol, bar_label=bar_label) for path in data]
    engine = Engine(instruments=instrument_of)
    engine.set_rules(rules)
    return engine_backtest.backtest(merge(recordings), engine)
