"""A year of one-minute bars through one indicator rule, reading included, beside the shortest script for it.

Run it as ``python tests/benchmarks/backtest.py``. The script reads the same file with the csv module and
finds the same crossings with TA-Lib's batch function, knowing nothing of gates, arming or alerts.
"""

import argparse
import csv
import gzip
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy
import talib

from tradeassist_desktop.domain.alerts import AlertStatus
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.services.backtesting.run import BacktestJob, BacktestRun

START = datetime(2024, 1, 2, 14, 30, tzinfo=UTC)
MINUTES_A_DAY = 390
LIMIT_S = 1.5


def write_year(path: Path, bars: int, seed: int) -> None:
    """Write bars of regular sessions: 390 minutes a day, five days a week, in steps of a quarter."""
    chance = random.Random(seed)
    price, day, written = 5000.0, START, 0
    with gzip.open(path, "wt", encoding="utf-8", newline="\n") as file:
        file.write("timestamp,symbol,open,high,low,close,volume\n")
        while written < bars:
            for minute in range(min(MINUTES_A_DAY, bars - written)):
                before = price
                price += chance.choice((-0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75))
                high, low = max(before, price) + 0.25, min(before, price) - 0.25
                stamp = day + timedelta(minutes=minute)
                volume = chance.randint(1, 5000)
                file.write(f"{stamp:%Y-%m-%dT%H:%M:%SZ},/ES,{before},{high},{low},{price},{volume}\n")
                written += 1
            day += timedelta(days=3 if day.weekday() == 4 else 1)


def crossings_by_script(path: Path) -> int:
    """Return how often the close crosses above its 20-bar exponential average."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        closes = numpy.array([float(row["close"]) for row in csv.DictReader(file)])
    is_above = closes > talib.EMA(closes, 20)
    is_known = ~numpy.isnan(talib.EMA(closes, 20))
    return int((is_above[1:] & ~is_above[:-1] & is_known[:-1]).sum())


def firings(path: Path, when: str, *, scores: bool = False) -> int:
    """Return how often the rule fires."""
    rule = Rule("1", "it", ("/ES",), when, cooldown_ns=0)
    run = BacktestRun(job=BacktestJob(rules=(rule,), data=(path,), scores=scores, keeps_outcomes=False))
    return sum(alert.status is AlertStatus.FIRED for alert in run.alerts())


def best_of(repeats: int, work: Callable[[], int]) -> tuple[float, int]:
    """Return the least seconds of some runs, and what the work returned."""
    best, outcome = float("inf"), 0
    for _ in range(repeats):
        before = time.perf_counter()
        outcome = work()
        best = min(best, time.perf_counter() - before)
    return best, outcome


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bars", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    crossing, oversold = "close[1m] crosses above ema(20)[1m]", "rsi(14)[5m] < 30"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "year.csv.gz"
        write_year(path, options.bars, seed=1)
        script_s, by_script = best_of(options.repeats, partial(crossings_by_script, path))
        runs = (
            (crossing, False, f"{crossing}"),
            (oversold, False, f"{oversold}"),
            (crossing, True, f"{crossing}, with outcomes"),
        )
        print(f"{options.bars:,} one-minute bars, CSV.gz, reading included; best of {options.repeats}")
        print(f"{'script: csv module and batch TA-Lib':58} {script_s:6.2f} s  {by_script:6,} crossings")
        for when, scores, label in runs:
            seconds, fired = best_of(options.repeats, partial(firings, path, when, scores=scores))
            within = "within" if seconds < LIMIT_S else "OVER"
            print(
                f"{label:58} {seconds:6.2f} s  {fired:6,} fired  "
                f"{seconds / script_s:4.1f} × the script, {within} {LIMIT_S} s"
            )
            if when == crossing and fired != by_script:
                raise SystemExit(f"fired {fired} times where the script finds {by_script} crossings")


if __name__ == "__main__":
    main()
