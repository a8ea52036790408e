"""Ticks a second through decode, engine and storage, beside evaluating every rule at every tick.

Run it as ``python tests/benchmarks/engine.py``. One market of 100 symbols, as frames of Schwab's
streamer; level and crossing rules over five fields of each symbol. The brute force evaluates the
same rules by one closure each. ``--ticks`` sets the length.
"""

import argparse
import asyncio
import json
import operator
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_MS, Tick
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.feeds.schwab_decoder import SchwabDecoder
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import MarketStore

SYMBOLS = tuple(f"/S{number:02d}" for number in range(100))
FIELDS = ("last", "bid", "ask", "volume", "spread")
START_MS = 1_719_878_280_000
RECEIVED_NS = (START_MS + 86_400_000) * NS_PER_MS
ITEMS_A_FRAME = 20
RULE_COUNTS = (10, 1_000, 100_000)
TICKS_KEPT_AT_ONCE = 1_000


def make_frames(ticks: int, seed: int) -> list[bytes]:
    """Return level-one futures frames: prices walk in quarter points, four updates in ten move them."""
    chance = random.Random(seed)
    price = dict.fromkeys(SYMBOLS, 5000.0)
    volume = dict.fromkeys(SYMBOLS, 1_000_000)
    frames = []
    for number in range(ticks // ITEMS_A_FRAME):
        now_ms = START_MS + number * 2
        content = []
        for symbol in chance.sample(SYMBOLS, ITEMS_A_FRAME):
            if chance.random() < 0.4:
                price[symbol] += chance.choice((-0.25, 0.25))
            volume[symbol] += chance.randint(1, 5)
            last = price[symbol]
            content.append(
                {"key": symbol, "1": last - 0.25, "2": last + 0.25, "3": last, "4": chance.randint(1, 99)}
                | {"5": chance.randint(1, 99), "8": volume[symbol], "9": chance.randint(1, 9)}
                | {"10": now_ms, "11": now_ms}
            )
        data = {"service": "LEVELONE_FUTURES", "timestamp": now_ms, "command": "SUBS", "content": content}
        frames.append(json.dumps({"data": [data]}).encode())
    return frames


def make_rules(count: int, seed: int) -> list[Rule]:
    """Return rules spread evenly over symbols and fields, their levels within ±10 % of the market."""
    chance = random.Random(seed)
    spans = {
        "last": (4500.0, 5500.0),
        "bid": (4500.0, 5500.0),
        "ask": (4500.0, 5500.0),
        "volume": (1_000_000.0, 10_000_000.0),
        "spread": (0.6, 5.0),
    }
    rules = []
    for number in range(count):
        symbol = SYMBOLS[number % len(SYMBOLS)]
        field = FIELDS[number // len(SYMBOLS) % len(FIELDS)]
        verb = chance.choice((">", "<", "crosses above", "crosses below"))
        level = round(chance.uniform(*spans[field]), 2)
        rules.append(Rule(f"uid-{number}", f"rule {number}", (symbol,), f"{field} {verb} {level}"))
    return rules


def brute_force(rules: Sequence[Rule]) -> Callable[[Tick], int]:
    """Return a function that evaluates every rule of a tick's symbol and counts what turned true."""
    comparisons = {
        ">": operator.gt,
        "<": operator.lt,
        "crosses above": operator.gt,
        "crosses below": operator.lt,
    }
    by_symbol: dict[str, list[Callable[[dict[str, float]], bool]]] = {symbol: [] for symbol in SYMBOLS}

    def compiled(field: str, verb: str, level: float) -> Callable[[dict[str, float]], bool]:
        compare, was_true = comparisons[verb], [True]

        def turned_true(quote: dict[str, float]) -> bool:
            is_true = compare(quote[field], level)
            turned = is_true and not was_true[0]
            was_true[0] = is_true
            return turned

        return turned_true

    for rule in rules:
        field, _, rest = rule.when.partition(" ")
        verb, _, level = rest.rpartition(" ")
        by_symbol[rule.symbols[0]].append(compiled(field, verb, float(level)))

    def on_tick(tick: Tick) -> int:
        assert tick.last is not None and tick.bid is not None and tick.ask is not None
        quote = {"last": tick.last, "bid": tick.bid, "ask": tick.ask, "spread": tick.ask - tick.bid}
        quote["volume"] = tick.volume or 0.0
        return sum(turned_true(quote) for turned_true in by_symbol[tick.symbol])

    return on_tick


def new_engine(
    rules: Sequence[Rule], warm_frames: Sequence[bytes], decoder: SchwabDecoder
) -> tuple[Engine, float]:
    """Return an engine that has evaluated every rule once, and the seconds its rules took to load."""
    engine = Engine(instruments=instrument_of)
    started = time.perf_counter()
    engine.set_rules(rules)
    seconds = time.perf_counter() - started
    for frame in warm_frames:
        for tick in decoder.decode(frame, RECEIVED_NS):
            engine.on_tick(tick)
    return engine, seconds


def without_storage(engine: Engine, decoder: SchwabDecoder, frames: Sequence[bytes]) -> tuple[float, int]:
    """Return the seconds of decode → engine → alerts, and how many alerts were raised."""
    alerts = 0
    on_tick, decode = engine.on_tick, decoder.decode
    started = time.perf_counter()
    for frame in frames:
        for tick in decode(frame, RECEIVED_NS):
            raised = on_tick(tick)
            if raised:
                alerts += len(raised)
    return time.perf_counter() - started, alerts


async def with_storage(
    engine: Engine, decoder: SchwabDecoder, frames: Sequence[bytes], folder: Path
) -> float:
    """Return the seconds of decode → engine → SQLite until the last tick is written."""
    database = Database(path=folder / "desk.db")
    await database.start()
    store = MarketStore(database=database, venue="benchmark")
    on_tick, decode = engine.on_tick, decoder.decode
    started = time.perf_counter()
    batch: list[Tick] = []
    batches = 0
    for frame in frames:
        ticks = decode(frame, RECEIVED_NS)
        for tick in ticks:
            on_tick(tick)
        batch.extend(ticks)
        if len(batch) >= TICKS_KEPT_AT_ONCE:
            assert store.keep_ticks(batch)
            batch, batches = [], batches + 1
            if batches % 50 == 0:
                await database.settle()
    if batch:
        assert store.keep_ticks(batch)
    await database.settle()
    seconds = time.perf_counter() - started
    await database.stop()
    return seconds


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--ticks", type=int, default=400_000)
    ticks = arguments.parse_args().ticks
    frames = make_frames(ticks + 20_000, seed=1)
    warm, frames = frames[: 20_000 // ITEMS_A_FRAME], frames[20_000 // ITEMS_A_FRAME :]
    fields = ", ".join(FIELDS)
    print(f"{ticks:,} ticks of {len(SYMBOLS)} symbols, {ITEMS_A_FRAME} a frame; rules over {fields}")
    columns = f"{'decode+engine':>15} {'stored':>12} {'brute force':>13} {'ratio':>7} {'alerts':>8}"
    print(f"{'rules':>8} {columns} load")
    costs = []
    for count in RULE_COUNTS:
        rules = make_rules(count, seed=2)
        decoder = SchwabDecoder()
        engine, load_s = new_engine(rules, warm, decoder)
        seconds, alerts = without_storage(engine, decoder, frames)
        decoder = SchwabDecoder()
        engine, _ = new_engine(rules, warm, decoder)
        with tempfile.TemporaryDirectory() as folder:
            stored_s = asyncio.run(with_storage(engine, decoder, frames, Path(folder)))
        brute_s, brute_ticks = _brute_seconds(rules, frames)
        rate, brute_rate = ticks / seconds, brute_ticks / brute_s
        costs.append(seconds)
        print(
            f"{count:>8,} {rate:>13,.0f}/s {ticks / stored_s:>10,.0f}/s {brute_rate:>11,.0f}/s"
            f" {rate / brute_rate:>6.1f}× {alerts:>8,} {load_s:.1f} s"
        )
    print(f"cost of a tick, {RULE_COUNTS[-1]:,} rules against {RULE_COUNTS[0]}: {costs[-1] / costs[0]:.2f}×")


def _brute_seconds(rules: Sequence[Rule], frames: Sequence[bytes]) -> tuple[float, int]:
    on_tick, decode = brute_force(rules), SchwabDecoder().decode
    # As many frames as two million evaluations take: the whole market would take minutes.
    most = max(50, min(len(frames), 2_000_000 // (len(rules) // len(SYMBOLS) + 1) // ITEMS_A_FRAME))
    started = time.perf_counter()
    for frame in frames[:most]:
        for tick in decode(frame, RECEIVED_NS):
            on_tick(tick)
    return time.perf_counter() - started, most * ITEMS_A_FRAME


if __name__ == "__main__":
    main()
