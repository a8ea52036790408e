import math
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from tests.storage.tick_rows import batches_of
from tradeassist_desktop.domain.market import TIMEFRAMES, Bar, Tick
from tradeassist_desktop.storage import bars, instruments, ticks
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import MarketStore
from tradeassist_desktop.storage.ticks import TickStore

EVER = {"since_ns": 0, "until_ns": 2**63 - 1}


def demo(symbol: str) -> str:
    return "demo"


async def keep(database: Database, store: TickStore, *batches: list[Tick]) -> None:
    for batch in batches:
        await database.run(lambda connection, batch=batch: store.put(connection, batches_of(batch)))


async def load(database: Database, symbol: str, **limits: int) -> list[Tick]:
    return await database.read(lambda connection: ticks.load(connection, "demo", symbol, **(limits or EVER)))


def random_tick(rng: random.Random) -> Tick:
    def price() -> float | None:
        return rng.choice([None, round(rng.uniform(-50, 9000), 2), round(rng.uniform(0, 1), 8), 4.0e-6])

    def size() -> float | None:
        return rng.choice([None, float(rng.randrange(10_000)), 0.5])

    return Tick(
        symbol=rng.choice(["/ESU24", "AAPL", "$TICK"]),
        event_ns=1_700_000_000_000_000_000 + rng.randrange(20),
        received_ns=rng.randrange(2**60),
        last=price(),
        bid=price(),
        ask=price(),
        last_size=size(),
        bid_size=size(),
        ask_size=size(),
        volume=size(),
        open=price(),
        high=price(),
        low=price(),
        prev_close=price(),
        trade_ns=rng.choice([None, 5]),
    )


@pytest.mark.parametrize("seed", range(5))
async def test_every_tick_comes_back_as_it_was_in_event_order(database: Database, seed: int) -> None:
    rng = random.Random(seed)
    made = [random_tick(rng) for _ in range(500)]
    sizes = iter([1, 7, 20, 21, 100, 351])
    batches = []
    rest = made
    for size in sizes:
        batches.append(rest[:size])
        rest = rest[size:]

    await keep(database, TickStore(venue_of=demo), *batches)

    for symbol in ("/ESU24", "AAPL", "$TICK"):
        expected = sorted((tick for tick in made if tick.symbol == symbol), key=lambda tick: tick.event_ns)
        assert await load(database, symbol) == expected


async def test_ticks_of_one_instant_are_all_kept_in_order_across_restarts(database: Database) -> None:
    made = [Tick("AAPL", 10, number, last=float(number)) for number in range(9)]

    await keep(database, TickStore(venue_of=demo), made[:4], made[4:6])
    await keep(database, TickStore(venue_of=demo), made[6:7], made[7:])

    assert await load(database, "AAPL") == made


async def test_a_late_tick_takes_its_place_after_its_equals(database: Database) -> None:
    made = [
        Tick("AAPL", 10, 1, last=1.0),
        Tick("AAPL", 20, 2, last=2.0),
        Tick("AAPL", 10, 3, last=3.0),
        Tick("AAPL", 10, 4, last=4.0),
    ]

    await keep(database, TickStore(venue_of=demo), made)

    assert [tick.last for tick in await load(database, "AAPL")] == [1.0, 3.0, 4.0, 2.0]


async def test_ticks_far_apart_are_found_without_reading_what_lies_between(database: Database) -> None:
    hour_ns = 3600 * 10**9
    made = [Tick("AAPL", at * hour_ns, 0, last=float(at)) for at in (5, 1, 3, 1, 2, 5)]

    await keep(database, TickStore(venue_of=demo), made[:4], made[4:])

    spans = {"since_ns": hour_ns, "until_ns": 3 * hour_ns}
    assert [tick.last for tick in await load(database, "AAPL", **spans)] == [1.0, 1.0, 2.0]
    assert [tick.last for tick in await load(database, "AAPL")] == [1.0, 1.0, 2.0, 3.0, 5.0, 5.0]


async def test_updates_of_a_moment_are_found_by_the_index_alone(database: Database) -> None:
    def plan(connection: Connection) -> str:
        asked: list[tuple[str, Any]] = []
        event.listen(connection, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
        ticks.load(connection, "demo", "AAPL", since_ns=1, until_ns=2)
        statement, values = next(each for each in asked if "updates" in each[0])
        return str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all())

    words = await database.read(plan)

    assert "SEARCH tick_batches USING INDEX tick_batches_by_time (first_ns>? AND first_ns<?)" in words
    assert "SCAN" not in words


async def test_only_the_asked_for_span_is_loaded(database: Database) -> None:
    await keep(
        database,
        TickStore(venue_of=demo),
        [Tick("AAPL", at, 0, last=1.0) for at in (1, 2, 3, 4)],
    )

    assert [tick.event_ns for tick in await load(database, "AAPL", since_ns=2, until_ns=4)] == [2, 3]
    assert await load(database, "MSFT") == []


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e308, 1e20], ids=str)
async def test_a_value_that_is_no_price_is_left_out_and_the_rest_kept(database: Database, bad: float) -> None:
    batch = [
        Tick("AAPL", 1, 0, last=1.0),
        Tick("AAPL", 2, 0, last=bad, bid=2.0),
        Tick("AAPL", 3, 0, bid=3.0, high=bad),
        Tick("AAPL", 4, 0, bid=4.0, volume=bad),
        Tick("AAPL", 5, 0, last=5.0),
    ]

    await keep(database, TickStore(venue_of=demo), batch)

    kept = await load(database, "AAPL")
    assert kept == [
        batch[0],
        batch[1]._replace(last=None),
        batch[2]._replace(high=None),
        batch[3]._replace(volume=None),
        batch[4],
    ]


async def test_what_a_failed_transaction_undid_can_be_kept_again(database: Database) -> None:
    store = TickStore(venue_of=demo)
    batch = [Tick("AAPL", at, 0, last=float(at)) for at in (1, 2, 2)]

    def fail(connection: Any) -> None:
        store.put(connection, batches_of(batch))
        raise ValueError("undone")

    with pytest.raises(ValueError, match="undone"):
        await database.run(fail)
    await keep(database, store, [Tick("MSFT", 1, 0, last=9.0)], batch)

    assert await load(database, "AAPL") == batch
    assert await load(database, "MSFT") == [Tick("MSFT", 1, 0, last=9.0)]


async def test_the_market_store_keeps_what_it_took_together(database: Database) -> None:
    store = MarketStore(database=database, venue="demo")
    made = [Tick("AAPL", at, 0, last=float(at)) for at in range(1000)]

    taken = [store.keep_ticks(batches_of(made[first : first + 10])) for first in range(0, 1000, 10)]
    await database.settle()

    assert all(taken)
    assert await load(database, "AAPL") == made


async def test_ticks_of_many_symbols_are_all_kept_by_the_time_that_others_are(database: Database) -> None:
    store = MarketStore(database=database, venue="demo")

    for at in (1, 2):
        store.keep_ticks(batches_of([Tick(f"S{number}", at, 0, last=1.0) for number in range(1000)]))
        await database.settle()

    assert [tick.event_ns for tick in await load(database, "S999")] == [1, 2]


async def test_stopping_keeps_what_is_left_of_long_turns(tmp_path: Path) -> None:
    database = Database(path=tmp_path / "desk.db")
    await database.start()
    store = MarketStore(database=database, venue="demo")
    for at in (1, 2):
        store.keep_ticks(batches_of([Tick(f"S{number}", at, 0, last=1.0) for number in range(1000)]))

    await database.stop()
    again = Database(path=tmp_path / "desk.db")
    await again.start()

    assert [tick.event_ns for tick in await load(again, "S999")] == [1, 2]
    await again.stop()


async def test_a_full_disk_is_not_asked_again_for_every_batch(database: Database) -> None:
    now_ns = 0
    store = MarketStore(database=database, venue="demo", monotonic_ns=lambda: now_ns)
    await database.run(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 1"))
    batch = [Tick("AAPL", at, 0, last=float(at)) for at in range(5000)]
    store.keep_ticks(batches_of(batch))
    await database.settle()
    trouble = database.trouble

    tries = [store.keep_ticks(batches_of(batch)) for _ in range(100)]
    await database.settle()
    now_ns = 5_000_000_000
    await database.run(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 100000"))
    tries_after = [store.keep_ticks(batches_of(batch))]
    await database.settle()

    assert trouble == "The disk is full."
    assert tries == [True] + [False] * 99
    assert store.ticks_lost == 101 * len(batch)
    assert tries_after == [True]
    assert database.trouble is None
    assert await load(database, "AAPL") == batch


async def test_what_was_kept_before_another_program_locked_the_file_is_not_counted_as_lost(
    database: Database,
) -> None:
    store = MarketStore(database=database, venue="demo")
    store.keep_ticks(batches_of([Tick("AAPL", at, 0, last=1.0) for at in range(3)]))
    await database.settle()
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        database.hurry(0)

        store.keep_ticks(batches_of([Tick("AAPL", at, 0, last=1.0) for at in range(3, 5)]))
        await database.settle()

    assert store.ticks_lost == 2
    assert len(await load(database, "AAPL")) == 3


async def test_bars_come_back_newest_last_and_replace_their_earlier_selves(database: Database) -> None:
    def bar(start: int, close: float, timeframe: str = "1m") -> Bar:
        return Bar("/ESU24", timeframe, start, start + 60, 5530.25, 5531.0, 5529.75, close, 1234.0)

    await database.run(
        lambda c: bars.put(c, "demo", [bar(60, 1.0), bar(120, 2.0), bar(180, 3.0), bar(60, 9.0, "5m")])
    )
    await database.run(lambda c: bars.put(c, "demo", [bar(180, 4.0)]))
    await database.run(lambda c: bars.put(c, "demo", []))

    newest = await database.read(lambda c: bars.latest(c, "demo", "/ESU24", "1m", limit=2))

    assert newest == [bar(120, 2.0), bar(180, 4.0)]
    assert await database.read(lambda c: bars.latest(c, "demo", "MSFT", "1m", limit=2)) == []


async def test_a_symbol_keeps_its_number(database: Database) -> None:
    first = await database.run(lambda c: [instruments.id_of(c, "demo", symbol) for symbol in ("A", "B", "A")])

    assert first[0] == first[2] != first[1]


MINUTE = 60_000_000_000


def minutes(first: int, count: int, timeframe: str = "1m") -> list[Bar]:
    length = TIMEFRAMES[timeframe]
    return [
        Bar("AAPL", timeframe, n * length, (n + 1) * length, 1.0, 2.0, 0.5, float(n), 10.0)
        for n in range(first, first + count)
    ]


async def found(database: Database, timeframe: str, count: int) -> list[tuple[str, int]]:
    made = await MarketStore(database=database, venue="demo").history("AAPL", timeframe, count)
    assert made == sorted(made, key=lambda bar: bar.start_ns)
    return [(bar.timeframe, bar.start_ns // MINUTE) for bar in made]


async def test_history_is_the_bars_themselves_and_what_has_formed_since(database: Database) -> None:
    await database.run(lambda c: bars.put(c, "demo", minutes(0, 4, "15m") + minutes(50, 18)))

    assert await found(database, "15m", 2) == [("15m", 30), ("15m", 45)] + [
        ("1m", minute) for minute in range(60, 68)
    ]


async def test_history_that_does_not_reach_is_filled_with_shorter_bars(database: Database) -> None:
    await database.run(lambda c: bars.put(c, "demo", minutes(4, 2, "15m") + minutes(0, 90)))

    assert await found(database, "15m", 4) == [("1m", minute) for minute in range(15, 60)] + [
        ("15m", 60),
        ("15m", 75),
    ]


async def test_history_of_a_timeframe_never_built_is_all_of_shorter_bars(database: Database) -> None:
    await database.run(lambda c: bars.put(c, "demo", minutes(0, 90)))

    assert await found(database, "30m", 1) == [("1m", minute) for minute in range(30, 90)]
    assert await found(database, "1s", 5) == []


async def test_the_state_of_the_market_is_kept_by_venue_and_symbol(database: Database) -> None:
    demo, schwab = (MarketStore(database=database, venue=venue) for venue in ("demo", "schwab"))

    demo.keep_market([], {"AAPL": {"last": 1.5}, "/ES": {"last": None, "bars": [[1, 2.0]]}})
    demo.keep_market([], {"AAPL": {"last": 2.5}})
    schwab.keep_market([], {})
    await database.settle()

    assert await demo.market_state() == {"AAPL": {"last": 2.5}, "/ES": {"last": None, "bars": [[1, 2.0]]}}
    assert await schwab.market_state() == {}


async def test_each_symbol_s_data_is_kept_under_its_own_venue(database: Database) -> None:
    both = MarketStore(
        database=database, venue="demo", beside={"coinbase": lambda symbol: symbol.endswith("-USD")}
    )
    coinbase = MarketStore(database=database, venue="coinbase")
    bar = minutes(0, 1)[0]
    batch = [Tick("AAPL", 1, 0, last=1.5), Tick("BTC-USD", 2, 0, last=60_000.0)]

    both.keep_ticks(batches_of(batch))
    both.keep_market([bar, bar._replace(symbol="BTC-USD")], {"AAPL": {"n": 1}, "BTC-USD": {"n": 2}})
    await database.settle()

    assert await both.market_state() == {"AAPL": {"n": 1}, "BTC-USD": {"n": 2}}
    assert await coinbase.market_state() == {"BTC-USD": {"n": 2}}
    assert await coinbase.bars("BTC-USD", "1m", 5) == await both.bars("BTC-USD", "1m", 5) != []
    assert await coinbase.bars("AAPL", "1m", 5) == []
    kept = await database.read(
        lambda c: {
            (venue, symbol): len(ticks.load(c, venue, symbol, since_ns=0, until_ns=9))
            for venue in ("demo", "coinbase")
            for symbol in ("AAPL", "BTC-USD")
        }
    )
    assert kept == {
        ("demo", "AAPL"): 1,
        ("demo", "BTC-USD"): 0,
        ("coinbase", "AAPL"): 0,
        ("coinbase", "BTC-USD"): 1,
    }
