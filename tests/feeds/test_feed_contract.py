"""What every entry of ``FEEDS`` must do, each against a real server on a real socket, or a real file."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.feeds.coinbase_desk import coinbase_rest
from tests.feeds.conftest import RecordingSink
from tests.schwab_on_simulator import schwab_on_simulator
from tradeassist_desktop.domain.feed import Feed
from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.feeds import FEEDS
from tradeassist_desktop.feeds.coinbase.feed import CoinbaseFeed
from tradeassist_desktop.feeds.replay import ReplayFeed
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.simulator import DemoMarket
from tradeassist_desktop.simulator.coinbase.market import CoinMarket
from tradeassist_desktop.simulator.coinbase.server import CoinbaseSimulator

Until = Callable[..., Any]


@dataclass
class Rig:
    """A feed that is not running yet, and its world.

    Args:
        symbols: Three it can stream.
        unknown: One it cannot, although it is spelled like them.
        foreign: One of another venue.
        subscribed: Returns what each open connection has subscribed.
        drop: Cuts every connection without a word.
        stop: Ends the server.
    """

    feed: Feed
    symbols: tuple[str, str, str]
    unknown: str
    foreign: str | None
    subscribed: Callable[[], Sequence[frozenset[str]]]
    drop: Callable[[], None]
    stop: Callable[[], Any]


@asynccontextmanager
async def schwab(tmp_path: Path, *, name: str = "schwab") -> AsyncIterator[Rig]:
    clock = SystemClock()
    async with schwab_on_simulator(DemoMarket(clock=clock, rate=400), clock, name=name) as made:
        simulator = made.simulator
        yield Rig(
            feed=made.feed,
            symbols=("/ES", "AAPL", "SPY"),
            unknown="NOSUCH",
            foreign="BTC-USD",
            subscribed=lambda: [each.subscribed for each in simulator.streamer.connections],
            drop=simulator.streamer.drop_all,
            stop=simulator.stop,
        )


def demo(tmp_path: Path) -> AbstractAsyncContextManager[Rig]:
    return schwab(tmp_path, name="demo")  # as the program builds it


@asynccontextmanager
async def coinbase(tmp_path: Path) -> AsyncIterator[Rig]:
    clock = SystemClock()
    async with (
        CoinbaseSimulator(
            source=CoinMarket(clock=clock, rate=400), clock=clock, heartbeat_s=0.1
        ) as simulator,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        rest = coinbase_rest(simulator, http, clock)
        feed = CoinbaseFeed(
            ws_url=simulator.ws_url, rest=rest, clock=clock, rng=random.Random(1), backoff_base_s=0.01
        )
        yield Rig(
            feed=feed,
            symbols=("BTC-USD", "ETH-USD", "SOL-USD"),
            unknown="NOSUCH-USD",
            foreign="/ES",
            subscribed=lambda: [each.products for each in simulator.connections],
            drop=simulator.drop_all,
            stop=simulator.stop,
        )


@asynccontextmanager
async def replay(tmp_path: Path) -> AsyncIterator[Rig]:
    file = tmp_path / "session.csv"
    rows = [
        f"2024-01-01T10:{minute:02}:00.{place}Z,{symbol},{minute + 1}"
        for minute in (0, 59)  # the second half is far off: it runs until it is cancelled
        for place, symbol in enumerate(("A", "B", "C"))
    ]
    file.write_text("\n".join(["timestamp,symbol,last", *rows]) + "\n")
    yield Rig(
        feed=ReplayFeed(paths=[file], clock=SystemClock()),
        symbols=("A", "B", "C"),
        unknown="D",
        foreign=None,
        subscribed=list,
        drop=lambda: None,
        stop=lambda: None,
    )


RIGS: dict[str, Callable[[Path], AbstractAsyncContextManager[Rig]]] = {
    "demo": demo,
    "schwab": schwab,
    "coinbase": coinbase,
    "replay": replay,
}
CONNECTED = [name for name in RIGS if name != "replay"]


def test_every_feed_of_the_table_is_held_to_the_contract() -> None:
    assert RIGS.keys() == FEEDS.keys()


@pytest.fixture(params=RIGS)
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    async with RIGS[request.param](tmp_path) as rig:
        assert rig.feed.name == request.param
        yield rig


@pytest.fixture(params=CONNECTED)
async def connected(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    """The feeds that have a server at the other end."""
    async with RIGS[request.param](tmp_path) as rig:
        yield rig


@asynccontextmanager
async def running(rig: Rig, sink: RecordingSink) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(rig.feed.run(sink))
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def client_tasks() -> set[asyncio.Task[Any]]:
    """All tasks but those of the servers, which are in this process too."""
    return {
        task for task in asyncio.all_tasks() if "simulator" not in repr(task) and "web_" not in repr(task)
    }


async def test_it_reports_connecting_then_live_then_stopped_when_cancelled(
    rig: Rig, sink: RecordingSink, until: Until
) -> None:
    rig.feed.subscribe(frozenset(rig.symbols))

    async with running(rig, sink):
        await until(lambda: sink.status.state is FeedState.LIVE)

    assert sink.states == [FeedState.CONNECTING, FeedState.LIVE, FeedState.STOPPED]
    assert {status.name for status in sink.statuses} == {rig.feed.name}


async def test_what_is_wanted_before_the_start_is_streamed(
    rig: Rig, sink: RecordingSink, until: Until
) -> None:
    rig.feed.subscribe(frozenset(rig.symbols))

    async with running(rig, sink):
        await until(lambda: sink.symbols() == set(rig.symbols))


async def test_what_is_wanted_later_is_streamed_over_the_same_connection(
    connected: Rig, sink: RecordingSink, until: Until
) -> None:
    first, second, third = connected.symbols
    connected.feed.subscribe(frozenset({first, second}))

    async with running(connected, sink):
        await until(lambda: sink.symbols() == {first, second})
        connected.feed.subscribe(frozenset({first, third}))
        await until(lambda: third in sink.symbols())

        await until(lambda: connected.subscribed() == [{first, third}])
        await until(lambda: sink.status.state is FeedState.LIVE)
        assert sink.status.connects == 1


async def test_the_first_symbol_may_come_after_the_start(
    connected: Rig, sink: RecordingSink, until: Until
) -> None:
    async with running(connected, sink):
        await until(lambda: sink.status.detail == "There is no symbol to watch yet.")
        assert sink.status.state is FeedState.STOPPED

        connected.feed.subscribe(frozenset(connected.symbols))

        await until(lambda: sink.status.state is FeedState.LIVE and sink.ticks)


async def test_an_unknown_symbol_does_not_keep_the_others_from_streaming(
    rig: Rig, sink: RecordingSink, until: Until
) -> None:
    rig.feed.subscribe(frozenset({*rig.symbols, rig.unknown}))

    async with running(rig, sink):
        await until(lambda: sink.symbols() == set(rig.symbols))
        await until(lambda: sink.status.state is FeedState.LIVE)

        assert sink.status.connects == 1


async def test_after_an_abrupt_end_everything_is_subscribed_again_once(
    connected: Rig, sink: RecordingSink, until: Until
) -> None:
    connected.feed.subscribe(frozenset(connected.symbols))

    async with running(connected, sink):
        await until(lambda: sink.status.state is FeedState.LIVE)
        connected.drop()
        await until(lambda: sink.status.connects == 2 and sink.status.state is FeedState.LIVE)

        assert connected.subscribed() == [frozenset(connected.symbols)]
        assert sink.states == [
            FeedState.CONNECTING, FeedState.LIVE, FeedState.RECONNECTING, FeedState.LIVE,
        ]  # fmt: skip


async def test_updates_of_a_symbol_never_go_back_in_time(
    connected: Rig, sink: RecordingSink, until: Until
) -> None:
    connected.feed.subscribe(frozenset(connected.symbols))

    async with running(connected, sink):
        await until(lambda: len(sink.ticks) > 50)
        connected.drop()
        seen = len(sink.ticks)
        await until(lambda: len(sink.ticks) > seen + 50)

    for symbol in connected.symbols:
        stamps = [tick.event_ns for tick in sink.ticks if tick.symbol == symbol]
        assert stamps == sorted(stamps)


async def test_cancelling_leaves_neither_task_nor_connection(
    rig: Rig, sink: RecordingSink, until: Until
) -> None:
    rig.feed.subscribe(frozenset(rig.symbols))
    before = client_tasks()

    async with running(rig, sink):
        await until(lambda: sink.ticks)

    assert client_tasks() == before
    await until(lambda: not rig.subscribed())


async def test_cancelling_while_there_is_no_server_is_at_once(
    connected: Rig, sink: RecordingSink, until: Until
) -> None:
    connected.feed.subscribe(frozenset(connected.symbols))
    await connected.stop()

    async with running(connected, sink) as task:
        await until(lambda: sink.status.state is FeedState.RECONNECTING)
        task.cancel()
        await asyncio.wait([task], timeout=2)

        assert task.cancelled()
        assert sink.status.state is FeedState.STOPPED


async def test_its_own_symbols_are_told_from_another_venue_s_by_their_spelling(rig: Rig) -> None:
    assert all(rig.feed.carries(symbol) for symbol in rig.symbols)
    assert rig.foreign is None or not rig.feed.carries(rig.foreign)


async def test_it_runs_again_after_it_was_cancelled(
    connected: Rig, sink: RecordingSink, until: Until
) -> None:
    connected.feed.subscribe(frozenset(connected.symbols))
    async with running(connected, sink):
        await until(lambda: sink.status.state is FeedState.LIVE)

    async with running(connected, sink):
        await until(lambda: sink.status.state is FeedState.LIVE)

        assert connected.subscribed() == [frozenset(connected.symbols)]
