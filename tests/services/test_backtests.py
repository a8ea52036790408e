"""Backtests in worker processes: the same result as in one, and gone at once when cancelled."""

import asyncio
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.backtest.generator import make_case
from tests.backtest.markets import make_market
from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.market import NS_PER_SECOND, Tick, TimerCall
from tradeassist_desktop.domain.rules import Rule, Trigger
from tradeassist_desktop.recordings import RecordingWriter, merge
from tradeassist_desktop.services.backtesting.backtests import BacktestFailed, Backtests
from tradeassist_desktop.services.backtesting.run import BacktestJob, BacktestProgress, BacktestRun


@pytest.fixture
def bars_file(tmp_path: Path) -> Callable[..., Path]:
    """``bars_file(rows)``: a random walk in one-minute bars of /ES and /NQ."""

    def write(rows: int) -> Path:
        chance = random.Random(rows)
        price = {"/ES": 5500.0, "/NQ": 20_000.0}
        lines = ["time,symbol,open,high,low,close,volume"]
        for row in range(rows // 2):
            for symbol, before in tuple(price.items()):
                after = before + chance.choice((-1.5, -0.5, 0.25, 0.5, 1.0))
                price[symbol] = after
                high, low = max(before, after) + 0.25, min(before, after) - 0.25
                stamp = 1_704_110_400 + 60 * row
                lines.append(f"{stamp},{symbol},{before},{high},{low},{after},{chance.randint(1, 99)}")
        path = tmp_path / f"bars-{rows}.csv"
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def rules(count: int) -> tuple[Rule, ...]:
    whens = (
        "close[1m] crosses above ema({})[1m]",
        "rsi({})[5m] < 45",
        "close[1m] > highest(high, {})[1m] 1 ago",
        "volume[1m] > {}",
        "last > 99999 + {}",
    )
    return tuple(
        Rule(
            f"u{number}",
            f"rule {number}",
            ("/ES", "/NQ"),
            whens[number % len(whens)].format(number + 5),
            trigger=Trigger.EVERY if number % 3 == 0 else Trigger.EDGE,
        )
        for number in range(count)
    )


async def test_workers_find_what_one_process_finds_alert_for_alert_and_in_order(
    bars_file: Callable[..., Path],
) -> None:
    job = BacktestJob(rules=rules(11), data=(bars_file(4000),))
    here = BacktestRun(job=job)
    expected = list(here.alerts())
    found: list[Alert] = []
    progress: list[BacktestProgress] = []

    report = await Backtests(most_workers=3).run(job, on_alerts=found.extend, on_progress=progress.append)

    assert len(expected) > 1000
    assert found == expected
    assert report == here.report()
    assert all(a.events <= b.events for a, b in pairwise(progress))


@pytest.mark.parametrize("seed", range(4))
async def test_workers_agree_with_one_process_on_any_rules_and_any_ticks(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    market = make_market(chance, updates=600, only_ticks=True)
    writer = RecordingWriter(path=tmp_path / "session.csv.gz")
    writer.start()
    for event in merge(market.events):
        assert isinstance(event, Tick)
        writer.note([event])
        if seed % 2 and chance.random() < 0.1:
            writer.note([TimerCall(event.event_ns + chance.choice((0, 1, NS_PER_SECOND)))])
    writer.close()
    data = tmp_path / "session.csv.gz" if seed % 2 else without_stamps(tmp_path / "session.csv.gz")
    some_rules = tuple(make_case(chance, market, place).rule for place in range(24))
    job = BacktestJob(rules=some_rules, data=(data,))
    here = BacktestRun(job=job)
    expected = list(here.alerts())
    found: list[Alert] = []

    report = await Backtests(most_workers=2).run(job, on_alerts=found.extend)

    assert len(expected) > 20
    assert found == expected
    assert report == here.report()


def without_stamps(session: Path) -> Path:
    """Return a plain file of ticks with what a session's recording has, less its times of arrival."""
    path = session.with_name("ticks.csv")
    rows = [line.split(",") for line in gzip.decompress(session.read_bytes()).decode().splitlines()]
    path.write_text("".join(",".join(row[:9]) + "\n" for row in rows))
    return path


async def test_a_file_or_rule_that_cannot_be_used_is_refused_as_in_one_process(tmp_path: Path) -> None:
    job = BacktestJob(rules=rules(4), data=(tmp_path / "absent.csv",))

    with pytest.raises(BadInput, match=r"absent\.csv: No such file"):
        await Backtests(most_workers=2).run(job)


async def test_a_cancelled_run_is_over_within_200_ms_and_leaves_no_process(
    bars_file: Callable[..., Path],
) -> None:
    job = BacktestJob(rules=rules(40), data=(bars_file(60_000),))
    is_running = asyncio.Event()
    run = asyncio.create_task(
        Backtests(most_workers=2).run(job, on_progress=lambda progress: is_running.set())
    )
    await asyncio.wait_for(is_running.wait(), 30)
    assert len(workers_of(os.getpid())) == 2

    before_s = time.monotonic()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run

    assert time.monotonic() - before_s < 2.0  # tens of milliseconds; a run to its end takes many seconds
    assert workers_of(os.getpid()) == []


async def test_a_killed_worker_is_told_and_ends_the_run(bars_file: Callable[..., Path]) -> None:
    job = BacktestJob(rules=rules(40), data=(bars_file(60_000),))
    is_running = asyncio.Event()
    run = asyncio.create_task(
        Backtests(most_workers=2).run(job, on_progress=lambda progress: is_running.set())
    )
    await asyncio.wait_for(is_running.wait(), 30)

    workers_of(os.getpid())[0].kill()

    with pytest.raises(BacktestFailed, match=r"ended by SIGKILL .most likely for want of memory"):
        await run
    assert workers_of(os.getpid()) == []


async def test_what_raises_while_alerts_are_taken_ends_the_run(bars_file: Callable[..., Path]) -> None:
    def refuse(alerts: object) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        await Backtests(most_workers=2).run(
            BacktestJob(rules=rules(4), data=(bars_file(4000),)), on_alerts=refuse
        )
    assert workers_of(os.getpid()) == []


def test_workers_end_with_a_killed_parent(bars_file: Callable[..., Path], tmp_path: Path) -> None:
    program = "; ".join(
        (
            "import asyncio, pathlib, sys",
            "from tradeassist_desktop.domain.rules import Rule",
            "from tradeassist_desktop.services.backtesting.backtests import BacktestJob, Backtests",
            "rules = tuple(Rule(str(n), str(n), ('/ES',), f'rsi({n + 5})[1m] < 45') for n in range(60))",
            "job = BacktestJob(rules=rules, data=(pathlib.Path(sys.argv[1]),))",
            "run = Backtests(most_workers=2).run(job, on_progress=lambda _: print('runs', flush=True))",
            "asyncio.run(run)",
        )
    )
    command = [sys.executable, "-c", program, str(bars_file(60_000))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        workers = workers_of(parent.pid)
        assert len(workers) == 2

        parent.kill()

    _, alive = psutil.wait_procs(workers, timeout=10)
    assert alive == []


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal to a group of processes")
def test_ctrl_c_ends_the_command_with_one_line_and_leaves_no_process(
    bars_file: Callable[..., Path], tmp_path: Path
) -> None:
    path = tmp_path / "rules.json"
    entries: list[dict[str, Any]] = [
        {"name": f"r{number}", "symbol": ["/ES", "/NQ"], "when": f"rsi({number + 5})[1m] < 45"}
        for number in range(60)
    ]
    path.write_text(json.dumps({"format": "tradeassist-rules", "version": 1, "rules": entries}))
    command = [sys.executable, "-m", "tradeassist_desktop", "backtest", "--workers", "2"]
    command += ["--rules", str(path), "--data", str(bars_file(60_000))]

    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        workers = workers_of(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        _, error = process.communicate(timeout=20)

    assert len(workers) == 2
    assert process.returncode == 130
    assert error.splitlines()[-1] == "tradeassist: interrupted"
    assert "Traceback" not in error
    assert psutil.wait_procs(workers, timeout=5)[1] == []


def workers_of(pid: int) -> list[psutil.Process]:
    """Return the worker processes of a process."""
    children = psutil.Process(pid).children()
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]
