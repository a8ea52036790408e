"""Ticks a second through the engine, from JSON frames and stored, beside evaluating every rule each time.

Run it as ``python tests/benchmarks/engine.py``. One market of 100 symbols, fifty updates a second each, as
frames of Schwab's streamer; rules of every kind, spread evenly: levels, crossings of indicators, ``and`` and
``or``, changes in percent, volume. The brute force evaluates the same rules by one closure each. ``--ticks``
sets the length.
"""

import argparse
import asyncio
import gc
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.mixed_rules import SYMBOLS, BruteForce, Mixed, make_rules
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_MS, NS_PER_SECOND, Bar, Tick
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.feeds.schwab.decoder import SchwabDecoder
from tradeassist_desktop.services.market.tick_keeping import TickKeeping
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import MarketStore

START_MS = 1_719_878_399_000  # a second later bars of five minutes close: every rule is evaluated
RECEIVED_NS = (START_MS + 86_400_000) * NS_PER_MS
ITEMS_A_FRAME = 20
MS_A_FRAME = 4
WARM_TICKS = 20_000
WARM_BARS = 300
RULE_COUNTS = (10, 1_000, 100_000)
FRAMES_A_FLUSH = 125  # a quarter of a second of 10,000 updates a second
FRAMES_A_REST = 5_000
CHANGES_TIMED = 300


def make_frames(ticks: int, seed: int) -> list[bytes]:
    """Return level-one futures frames, each update with the fields that changed, as Schwab sends them.

    The first update of a symbol carries all. Of the others, one in five is a trade and one in twenty
    moves the prices by a quarter point; in the recording of the E-mini among the samples it is one in
    nineteen and one in 134.
    """
    chance = random.Random(seed)
    price = dict.fromkeys(SYMBOLS, 5000.0)
    volume = dict.fromkeys(SYMBOLS, 1_000_000)
    is_known = dict.fromkeys(SYMBOLS, False)
    frames = []
    for number in range(ticks // ITEMS_A_FRAME):
        now_ms = START_MS + number * MS_A_FRAME
        content = []
        for symbol in chance.sample(SYMBOLS, ITEMS_A_FRAME):
            item: dict[str, object] = {"key": symbol, "10": now_ms}
            is_moved = chance.random() < 0.05 or not is_known[symbol]
            if is_moved:
                price[symbol] += chance.choice((-0.25, 0.25))
                item |= {"1": price[symbol] - 0.25, "2": price[symbol] + 0.25}
            if is_moved or chance.random() < 0.16:
                volume[symbol] += (size := chance.randint(1, 9))
                item |= {"3": price[symbol], "8": volume[symbol], "9": size, "11": now_ms}
            item["4" if chance.random() < 0.5 else "5"] = chance.randint(1, 99)
            is_known[symbol] = True
            content.append(item)
        data = {"service": "LEVELONE_FUTURES", "timestamp": now_ms, "command": "SUBS", "content": content}
        frames.append(json.dumps({"data": [data]}).encode())
    return frames


def make_bars(seed: int) -> list[Bar]:
    """Return each symbol's one-minute bars of the hours before the first frame."""
    chance = random.Random(seed)
    minute_ns = 60 * NS_PER_SECOND
    first_ns = START_MS * NS_PER_MS // minute_ns * minute_ns
    bars = []
    for symbol in SYMBOLS:
        close = 5000.0
        for number in range(-WARM_BARS, 0):
            start_ns = first_ns + number * minute_ns
            before, close = close, close + chance.choice((-1.0, -0.5, 0.0, 0.5, 1.0))
            high, low = max(before, close) + 0.5, min(before, close) - 0.5
            volume = float(chance.randint(500, 2500))
            bars.append(Bar(symbol, "1m", start_ns, start_ns + minute_ns, before, high, low, close, volume))
    return bars


def new_engine(rules: Sequence[Rule], bars: Sequence[Bar], warm: Sequence[Tick]) -> tuple[Engine, float]:
    """Return an engine that has evaluated every rule, and the seconds its rules took to load."""
    gc.enable()
    engine = Engine(instruments=instrument_of)
    for symbol in SYMBOLS:
        engine.watch_bars(symbol, "1m")
    started = time.perf_counter()
    engine.set_rules(rules)
    seconds = time.perf_counter() - started
    engine.backfill(bars)
    for tick in warm:
        engine.on_tick(tick)
    gc.collect()
    gc.freeze()
    gc.disable()  # as the program does: it collects once a second, between updates
    return engine, seconds


def engine_only(engine: Engine, ticks: Sequence[Tick]) -> tuple[float, int]:
    """Return the seconds of engine → alerts, and how many alerts were raised."""
    alerts = 0
    on_tick = engine.on_tick
    started = time.perf_counter()
    for tick in ticks:
        raised = on_tick(tick)
        if raised:
            alerts += len(raised)
    return time.perf_counter() - started, alerts


def from_frames(engine: Engine, frames: Sequence[bytes]) -> float:
    """Return the seconds of JSON → engine → alerts."""
    on_tick, decode = engine.on_tick, SchwabDecoder().decode
    started = time.perf_counter()
    for frame in frames:
        for tick in decode(frame, RECEIVED_NS):
            on_tick(tick)
    return time.perf_counter() - started


async def stored(engine: Engine, frames: Sequence[bytes], folder: Path) -> float:
    """Return the seconds of JSON → engine → SQLite until the last tick is written."""
    database = Database(path=folder / "desk.db")
    await database.start()
    store = MarketStore(database=database, venue="benchmark")
    on_tick, decode = engine.on_tick, SchwabDecoder().decode
    started = time.perf_counter()
    keeping = TickKeeping(store=store, is_wanted=lambda: True)
    for number, frame in enumerate(frames, start=1):
        ticks = decode(frame, RECEIVED_NS)
        for tick in ticks:
            on_tick(tick)
        keeping.take(ticks)
        if number % FRAMES_A_FLUSH == 0:
            keeping.flush()
        if number % FRAMES_A_REST == 0:
            await database.settle()
    keeping.flush_all()
    await database.settle()
    assert not store.ticks_lost
    seconds = time.perf_counter() - started
    await database.stop()
    return seconds


def slowest(engine: Engine, ticks: Sequence[Tick]) -> list[int]:
    """Return each tick's nanoseconds in the engine, sorted."""
    on_tick, now_ns = engine.on_tick, time.perf_counter_ns
    spans = []
    for tick in ticks:
        before_ns = now_ns()
        on_tick(tick)
        spans.append(now_ns() - before_ns)
    return sorted(spans)


def changing(engine: Engine, rules: Sequence[Rule], ticks: Sequence[Tick]) -> dict[str, list[float]]:
    """Return the milliseconds of removing, adding and changing a rule while ticks flow."""
    chance = random.Random(5)
    spent: dict[str, list[float]] = {"remove": [], "add": [], "change": []}

    def timed(what: str, change: Callable[[], object]) -> None:
        started = time.perf_counter()
        change()
        spent[what].append(1e3 * (time.perf_counter() - started))

    flowing = iter(ticks)
    for number, rule in enumerate(chance.sample(list(rules), min(CHANGES_TIMED, len(rules)))):
        other = Rule(rule.uid, rule.name, rule.symbols, f"last > {5000 + number / 4}")
        timed("remove", lambda rule=rule: engine.remove_rule(rule.uid))
        engine.on_tick(next(flowing))
        timed("add", lambda rule=rule: engine.put_rule(rule))
        engine.on_tick(next(flowing))
        timed("change", lambda other=other: engine.put_rule(other))
        engine.on_tick(next(flowing))
    return spent


def brute_force_seconds(
    mixed: Sequence[Mixed], bars: Sequence[Bar], warm: Sequence[Tick], ticks: Sequence[Tick]
) -> tuple[float, int]:
    """Return the seconds of evaluating every rule of a tick's symbol, and over how many ticks."""
    brute = BruteForce(mixed, bars)
    for tick in warm:
        brute.see(tick)
    # As many ticks as two million evaluations take: the whole market would take minutes.
    most = max(200, min(len(ticks), 2_000_000 // (len(mixed) // len(SYMBOLS) + 1)))
    started = time.perf_counter()
    for tick in ticks[:most]:
        brute.on_tick(tick)
    return time.perf_counter() - started, most


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--ticks", type=int, default=400_000)
    arguments.add_argument("--rules", type=int, nargs="+", default=RULE_COUNTS)
    options = arguments.parse_args()
    count: int = options.ticks
    frames = make_frames(count + WARM_TICKS, seed=1)
    decode = SchwabDecoder().decode
    ticks = [tick for frame in frames for tick in decode(frame, RECEIVED_NS)]
    warm, ticks = ticks[:WARM_TICKS], ticks[WARM_TICKS:]
    frames = frames[WARM_TICKS // ITEMS_A_FRAME :]
    bars = make_bars(seed=3)
    print(f"{count:,} ticks of {len(SYMBOLS)} symbols, {ITEMS_A_FRAME} a frame, {MS_A_FRAME} ms apart")
    print(
        f"{'rules':>8} {'engine':>11} {'from JSON':>11} {'stored':>11} {'brute force':>11} {'ratio':>8}"
        f" {'alerts':>7} {'p50':>7} {'p99':>7} {'p99.9':>8} {'load':>6} {'a rule':>8}"
    )
    process = psutil.Process()
    costs = []
    for rule_count in options.rules:
        mixed = make_rules(rule_count, seed=2)
        rules = [each.rule for each in mixed]
        gc.collect()
        bytes_before = process.memory_info().rss
        engine, load_s = new_engine(rules, bars, warm)
        bytes_a_rule = (process.memory_info().rss - bytes_before) / rule_count
        seconds, alerts = engine_only(engine, ticks)
        engine, _ = new_engine(rules, bars, warm)
        json_s = from_frames(engine, frames)
        engine, _ = new_engine(rules, bars, warm)
        with tempfile.TemporaryDirectory() as folder:
            stored_s = asyncio.run(stored(engine, frames, Path(folder)))
        engine, _ = new_engine(rules, bars, warm)
        spans = slowest(engine, ticks)
        brute_s, brute_ticks = brute_force_seconds(mixed, bars, warm, ticks)
        rate, brute_rate = count / seconds, brute_ticks / brute_s
        costs.append(seconds)
        p50, p99, p999 = (spans[int(len(spans) * part)] / 1e3 for part in (0.5, 0.99, 0.999))
        print(
            f"{rule_count:>8,} {rate:>9,.0f}/s {count / json_s:>9,.0f}/s {count / stored_s:>9,.0f}/s"
            f" {brute_rate:>9,.0f}/s {rate / brute_rate:>7.1f}× {alerts:>7,} {p50:>4.1f} µs {p99:>4.1f} µs"
            f" {p999:>5.1f} µs {load_s:>4.1f} s {bytes_a_rule:>6,.0f} B"
        )
        spent = changing(engine, rules, ticks)
    print(
        f"cost of a tick, {options.rules[-1]:,} rules against {options.rules[0]}: {costs[-1] / costs[0]:.2f}×"
    )
    print(f"with {options.rules[-1]:,} rules, while ticks flow (median, most):")
    for what, times in spent.items():
        print(f"  {what} a rule: {statistics.median(times):.3f} ms, {max(times):.3f} ms")


if __name__ == "__main__":
    main()
