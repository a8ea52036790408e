"""Recordings on the simulator's wire."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tradeassist_desktop.domain.market import NS_PER_MS, Tick
from tradeassist_desktop.recordings import read
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator import Playback, Simulator, StreamerRules, recorded_symbols

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
Clients = Callable[..., Any]
FIELDS = "0,1,2,3,4,5,8,9,10,11,12,13,14,16,18"


def playing(paths: Sequence[Path], *, rules: StreamerRules | None = None, **options: Any) -> Simulator:
    source = Playback(
        paths=paths,
        symbols=recorded_symbols(paths),
        clock=SystemClock(),
        **{"speed": 0.0, "settle_s": 0.0, **options},
    )
    return Simulator(source=source, clock=SystemClock(), rules=rules)


def write(path: Path, header: str, *rows: str) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def expected_item(tick: Tick) -> dict[str, Any]:
    """What a row must be on the wire: written here from the protocol, not from the simulator."""
    values = {"1": tick.bid, "2": tick.ask, "3": tick.last}
    values |= {"4": tick.bid_size, "5": tick.ask_size, "9": tick.last_size}
    item: dict[str, Any] = {number: value for number, value in values.items() if value is not None}
    if tick.last is not None:
        item["11"] = tick.event_ns // NS_PER_MS
    if tick.bid is not None or tick.ask is not None or tick.last is None:
        item["10"] = tick.event_ns // NS_PER_MS
    return {"key": tick.symbol, **item}


async def test_every_row_of_a_real_recording_is_one_item_in_order(client_of: Clients) -> None:
    (path,) = SAMPLES.glob("esu24*")
    rows = [event for event in read(path) if isinstance(event, Tick)]
    async with playing([path]) as schwab, client_of(schwab) as client:
        await client.log_in()
        await client.command("LEVELONE_FUTURES", "SUBS", keys="/ESU24", fields=FIELDS)
        items = await client.items(len(rows))

    first = {name: value for name, value in items[0].items() if name in {"key", *map(str, range(12))}}
    assert [first, *items[1:]] == [expected_item(row) for row in rows]
    assert items[0]["assetMainType"] == "FUTURE"


async def test_it_begins_when_somebody_subscribes_one_of_its_symbols(
    tmp_path: Path, client_of: Clients
) -> None:
    path = write(tmp_path / "t.csv", "timestamp,symbol,last", "2024-01-01T10:00:00Z,AAPL,5")
    async with playing([path]) as schwab, client_of(schwab) as client:
        await client.log_in()
        await client.command("LEVELONE_EQUITIES", "SUBS", keys="MSFT", fields="3,35")
        before = client.items_so_far()
        await client.command("LEVELONE_EQUITIES", "ADD", keys="AAPL", fields="3,35")
        (item,) = await client.items(1)

    assert before == []
    assert (item["3"], item["35"]) == (5, 1704103200000)


async def test_two_services_keep_their_common_order(tmp_path: Path, client_of: Clients) -> None:
    rows = [
        f"2024-01-01T10:00:0{at}Z,{symbol},{at}" for at, symbol in enumerate(["AAPL", "/ES", "AAPL", "/ES"])
    ]
    path = write(tmp_path / "t.csv", "timestamp,symbol,last", *rows)
    async with playing([path], settle_s=0.3) as schwab, client_of(schwab) as client:
        await client.log_in()
        await client.command("LEVELONE_EQUITIES", "SUBS", keys="AAPL", fields="3,35")
        await client.command("LEVELONE_FUTURES", "SUBS", keys="/ES", fields="3,11")
        items = await client.items(4)

    assert [(item["key"], item["3"]) for item in items] == [("AAPL", 0), ("/ES", 1), ("AAPL", 2), ("/ES", 3)]


async def test_a_bar_is_its_close_at_its_end_with_the_volume_so_far(
    tmp_path: Path, client_of: Clients
) -> None:
    rows = [f"2024-01-01T10:0{minute}:00Z,AAPL,1,9,1,{minute + 2}.5,100" for minute in range(3)]
    path = write(tmp_path / "b.csv", "timestamp,symbol,open,high,low,close,volume", *rows)
    async with playing([path]) as schwab, client_of(schwab) as client:
        await client.log_in()
        await client.command("LEVELONE_EQUITIES", "SUBS", keys="AAPL", fields="3,8,34,35")
        items = await client.items(3)

    start_ms = 1704103200000
    assert [(item["3"], item["8"], item["35"]) for item in items] == [
        (2.5, 100, start_ms + 60_000),
        (3.5, 200, start_ms + 120_000),
        (4.5, 300, start_ms + 180_000),
    ]


async def test_a_loop_goes_on_in_time(tmp_path: Path, client_of: Clients) -> None:
    rows = ["2024-01-01T10:00:00Z,AAPL,1", "2024-01-01T10:00:05Z,AAPL,2"]
    path = write(tmp_path / "t.csv", "timestamp,symbol,last", *rows)
    async with playing([path], is_looping=True) as schwab, client_of(schwab) as client:
        await client.log_in()
        await client.command("LEVELONE_EQUITIES", "SUBS", keys="AAPL", fields="3,35")
        items = (await client.items(6))[:6]

    start_ms = 1704103200000
    seconds = [(item["35"] - start_ms) // 1000 for item in items]
    assert seconds == [0, 5, 6, 11, 12, 17]
    assert [item["3"] for item in items] == [1, 2, 1, 2, 1, 2]


@pytest.mark.parametrize("speed", [100.0, 0.0], ids=["100 times", "as fast as it is read"])
async def test_speed_paces_the_rows_and_changes_none(
    tmp_path: Path, client_of: Clients, speed: float
) -> None:
    rows = [f"2024-01-01T10:00:{second:02}Z,AAPL,{second}" for second in range(20)]
    path = write(tmp_path / "t.csv", "timestamp,symbol,last", *rows)
    async with playing([path], speed=speed) as schwab, client_of(schwab) as client:
        await client.log_in()
        started_ns = SystemClock().monotonic_ns()
        await client.command("LEVELONE_EQUITIES", "SUBS", keys="AAPL", fields="3")
        items = await client.items(20)
        took_s = (SystemClock().monotonic_ns() - started_ns) / 1e9

    assert [item["3"] for item in items] == list(range(20))
    # 19 s of recording at 100 times; rows due within one slice of 5 ms may go together.
    assert took_s >= (0.18 if speed else 0.0)


async def test_a_client_that_does_not_read_is_dropped(
    tmp_path: Path, client_of: Clients, until: Callable[..., Any]
) -> None:
    rows = [f"2024-01-01T10:00:00.{at:03}Z,AAPL,{at + 1}" for at in range(999)]
    path = write(tmp_path / "t.csv", "timestamp,symbol,last", *rows)
    rules = StreamerRules(slow_reader_s=0.05)
    async with playing([path], is_looping=True, rules=rules) as schwab, client_of(schwab) as client:
        await client.log_in()
        await client.command("LEVELONE_EQUITIES", "SUBS", keys="AAPL", fields="3,35")

        await until(lambda: not schwab.streamer.connections, 20)
