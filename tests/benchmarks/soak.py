"""The whole desk for minutes on a market where something goes wrong every few seconds.

Run it as ``python tests/benchmarks/soak.py`` (ten minutes; ``--minutes 1`` for a first look). A
simulator in a process of its own sends 10,000 updates a second of 500 symbols and makes a random
fault every five seconds: closes, silence, refusals, garbage, wrong stamps. The desk, in a process
of its own, records its session. Afterwards:

- the alerts in its database are held against a backtest of that recording, which has what was
  received, what gap repair fetched, and when the desk was blind: none may be lost or doubled;
- the resident memory's slope in each third of the run is printed, and how much of it is bars that
  closed: those are held up to a cap. What else rises is either lost, which goes on, or room that
  bursts have once needed and the next ones will use again, which ends;
- the time from each return of the feed to live data is printed; the aim is 5 s.

The exit status is 0 if nothing was lost or doubled and every return took less than 5 s.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.desk_under_load import (  # noqa: E402 - the root must be on the path first
    PLAIN,
    launch_of,
    market,
    running_desk,
    share,
)
from tests.benchmarks.load_server import BEACON, load_symbols  # noqa: E402 - the root must be on the path first

AIM_S = 5.0
SYMBOLS = 499
RULED = 30
"""Symbols that rules read: as many as Schwab can be asked about four times a minute. The rest is watched."""
NS_PER_S = 1_000_000_000
POINTER_BYTES = 8


def write_rules(path: Path) -> None:
    """Write rules of every kind: on the beacon, on a few shares that cross, on more that hardly do."""
    symbols = load_symbols(SYMBOLS)
    rules: list[dict[str, Any]] = [
        {"name": "beacon above", "symbol": BEACON, "when": "last crosses above 100", "cooldown": "0s"},
        {"name": "beacon below", "symbol": BEACON, "when": "last crosses below 100", "cooldown": "0s"},
        {
            "name": "beacon every",
            "symbol": BEACON,
            "when": "last > 100",
            "trigger": "every",
            "cooldown": "10s",
        },
    ]
    for number, symbol in enumerate(symbols[:8]):
        level = 100 + (number - 4) * 0.02
        rules += [
            {
                "name": f"{symbol} crosses",
                "symbol": symbol,
                "when": f"last crosses {level:.2f}",
                "cooldown": "1s",
            },
            {"name": f"{symbol} holds", "symbol": symbol, "when": f"last > {level:.2f}", "hold": "5s"},
            {"name": f"{symbol} bar", "symbol": symbol, "when": "close[15s] crosses above sma(3)[15s]"},
        ]
    for symbol in symbols[8:RULED]:
        rules.append({"name": f"{symbol} far", "symbol": symbol, "when": "last > 250 or last < 20"})
    path.write_text(json.dumps({"format": "tradeassist-rules", "version": 1, "rules": rules}))


async def watch_all(database_file: Path) -> None:
    """Put every symbol onto the watchlist."""
    from tradeassist_desktop.domain.watching import arranged
    from tradeassist_desktop.storage import watchlist
    from tradeassist_desktop.storage.database import Database

    database = Database(path=database_file)
    await database.start()
    symbols = arranged((BEACON, *load_symbols(SYMBOLS)))
    await database.run(lambda connection: watchlist.replace(connection, symbols))
    await database.stop()


async def run_desk(arguments: argparse.Namespace) -> None:
    """Run the desk for the time given, then write down what was measured."""
    import psutil

    from tradeassist_desktop.domain.events import FeedChanged
    from tradeassist_desktop.domain.health import FeedState
    from tradeassist_desktop.runtime.bus import Bus

    folder, bus = arguments.inside, Bus()
    launch = launch_of(
        folder / "data",
        rules=folder / "rules.json",
        environment=os.environ,
        is_headless=True,
        record_file=folder / "session.csv.gz",
        settings=("schwab.heartbeat_seconds=1.5", "feed.stale_seconds=10"),
    )
    await watch_all(launch.places.database)
    lives: list[int] = []
    downs: list[int] = []
    state = FeedState.STOPPED

    def on_feed(event: FeedChanged) -> None:
        nonlocal state
        if event.status.state is not state:
            state = event.status.state
            (lives if state is FeedState.LIVE else downs).append(time.time_ns())

    bus.subscribe(FeedChanged, on_feed)
    memory: list[tuple[float, float]] = []
    process = psutil.Process()
    async with running_desk(launch, bus) as desk:
        began_s = time.perf_counter()
        while (passed_s := time.perf_counter() - began_s) < arguments.minutes * 60:
            memory.append((passed_s / 60, process.memory_info().rss / 1e6))
            await asyncio.sleep(1.0)
        ticks = desk.market.ticks_total
        lag = desk.health.report.loop_lag
    (folder / "result.json").write_text(
        json.dumps(
            {
                "lives": lives,
                "downs": downs,
                "memory": memory,
                "rate": ticks / (arguments.minutes * 60),
                "lag_p99_ms": lag.p99_ms,
            }
        )
    )


def slope_of(points: list[tuple[float, float]]) -> float:
    """Return the least-squares slope of (minute, MB) pairs."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def bars_of(database: Path) -> int:
    """Return how many bars closed in the run."""
    with sqlite3.connect(database) as connection:
        (count,) = connection.execute("SELECT count(*) FROM bars").fetchone()
    return int(count)


def print_memory(memory: list[tuple[float, float]], bars: int) -> None:
    """Print how the resident memory went, by thirds of the run, and what bars have to do with it."""
    from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar
    from tradeassist_desktop.engine.market.bars import BARS_KEPT

    end = memory[-1][0]
    thirds = [[point for point in memory if third < point[0] * 3 / end <= third + 1] for third in range(3)]
    slopes = ", ".join(f"{slope_of(third):+.2f}" for third in thirds)
    print(f"memory     {memory[-1][1]:.0f} MB at the end; by thirds of the run {slopes} MB/min")
    bar = Bar("QAAA", "1m", NS_PER_SECOND, 2 * NS_PER_SECOND, 100.1, 100.2, 100.3, 100.4, 1000.5)
    bar_bytes = sys.getsizeof(bar) + sum(sys.getsizeof(value) for value in bar[2:]) + 2 * POINTER_BYTES
    print(
        f"           of it bars {bars * bar_bytes / end / 1e6:+.2f} MB/min ({bars:,} of {bar_bytes} bytes): "
        f"up to {BARS_KEPT:,} of each symbol and length are held"
    )


def stored_alerts(database: Path) -> Counter[tuple[str, str, str, str]]:
    """Return the alerts kept, as a backtest would tell them, with how often each is there."""
    from tradeassist_desktop.recordings.alert_lines import utc_text

    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT event_ns, rule_name, symbol, status FROM alerts").fetchall()
    return Counter((utc_text(row[0]), row[1], row[2], row[3]) for row in rows if row[3] != "cleared")


def timings(database: Path) -> Counter[str]:
    """Return how many fired alerts were live, late and after a gap."""
    with sqlite3.connect(database) as connection:
        return Counter(
            row[0] for row in connection.execute("SELECT timing FROM alerts WHERE status = 'fired'")
        )


def backtested_alerts(folder: Path) -> Counter[tuple[str, str, str, str]]:
    """Return what the rules raise over the recording."""
    command = [sys.executable, "-P", "-m", "tradeassist_desktop", "backtest", "--output", "jsonl"]
    command += [
        "--rules",
        str(folder / "rules.json"),
        "--data",
        str(folder / "session.csv.gz"),
        "--workers",
        "1",
    ]
    done = subprocess.run(command, env={**os.environ, **PLAIN}, capture_output=True, text=True, check=True)
    lines = (json.loads(line) for line in done.stdout.splitlines())
    return Counter((line["time"], line["rule"], line["symbol"], line["status"]) for line in lines)


def report(folder: Path) -> int:
    """Print what was found; return the exit status."""
    result = json.loads((folder / "result.json").read_text())
    faults = [json.loads(line) for line in (folder / "faults.jsonl").read_text().splitlines()]
    database = folder / "data" / "tradeassist.db"
    kept, expected = stored_alerts(database), backtested_alerts(folder)
    lost, doubled = expected - kept, kept - expected
    cuts = [fault for fault in faults if fault["is_cut"]]
    returns: list[tuple[float, str]] = []
    for fault, next_fault in zip(cuts, [*cuts[1:], None], strict=True):
        lived_ns = next((ns for ns in result["lives"] if ns >= fault["at_ns"]), None)
        # Where the next fault came first, its own return is the one to be timed.
        if lived_ns is not None and (next_fault is None or lived_ns < next_fault["at_ns"]):
            returns.append((max(0.0, (lived_ns - fault["returned_ns"]) / NS_PER_S), fault["fault"]))
    told = timings(database)
    print(
        f"received   {result['rate']:,.0f} updates/s on average, loop lag p99 {result['lag_p99_ms']:.1f} ms"
    )
    counts = Counter(fault["fault"] for fault in faults)
    print(f"faults     {len(faults)}: {', '.join(f'{count} × {word}' for word, count in counts.items())}")
    print(
        f"alerts     {sum(kept.values()):,} kept, {sum(expected.values()):,} in the backtest of the recording"
    )
    print(
        f"           fired: {told['live']:,} live, {told['late']:,} late, {told['after_gap']:,} after a gap"
    )
    print(f"lost       {sum(lost.values())}, doubled or made up {sum(doubled.values())}")
    for title, some in (("lost", lost), ("extra", doubled)):
        for alert in list(some)[:5]:
            print(f"           {title}: {alert}")
    seconds = sorted(each for each, _ in returns)
    slowest = max(returns, default=(0.0, "none"))
    print(
        f"returns    of {len(cuts)} cuts {len(returns)} before the next one: "
        f"p50 {share(seconds, 0.5):.2f} s, slowest {slowest[0]:.2f} s ({slowest[1]})"
    )
    print_memory(result["memory"], bars_of(database))
    is_sound = not lost and not doubled and slowest[0] < AIM_S
    verdict = "reached" if is_sound else "MISSED"
    print(f"aim        nothing lost or doubled, back within {AIM_S:.0f} s: {verdict}")
    return 0 if is_sound else 1


def main() -> int:
    """Run market and desk, then judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=10, help="how long (default 10)")
    parser.add_argument("--rate", type=float, default=10_000, help="updates per second (default 10000)")
    parser.add_argument("--seed", type=int, default=3, help="which faults (default 3)")
    parser.add_argument("--keep", type=Path, help="keep recording, log and database in this new folder")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside is not None:
        asyncio.run(run_desk(arguments))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = arguments.keep or Path(name) / "soak"
        folder.mkdir(parents=True)
        write_rules(folder / "rules.json")
        server = [str(ROOT / "tests" / "benchmarks" / "load_server.py"), "--rate", str(arguments.rate)]
        server += ["--symbols", str(SYMBOLS), "--beacons", "1", "--sent", str(folder / "sent")]
        server += ["--chaos", str(folder / "faults.jsonl"), "--seed", str(arguments.seed)]
        with market(server) as environment:
            inside = ["--inside", str(folder), "--minutes", str(arguments.minutes)]
            subprocess.run([sys.executable, __file__, *inside], env={**os.environ, **environment}, check=True)
        return report(folder)


if __name__ == "__main__":
    sys.exit(main())
