"""Rows 78 to 80: lines that stall, lie, break or close, for real; each test is named for its row."""

import asyncio
import json
import random
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from tests.fakes import ManualClock, MovedClock
from tests.feeds.scripted_schwab import ScriptedDesk, ScriptedSchwab, live, proxied_desk, quote, scripted_desk
from tests.tcp_proxy import TcpProxy
from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.simulator import Simulator, StreamerRules

Until = Callable[..., Any]
Opener = Callable[..., Any]

NOON_NS = int(datetime(2024, 1, 10, 17, 0, tzinfo=UTC).timestamp()) * NS_PER_SECOND  # Wednesday, 12:00 EST
SUNDAY_NS = NOON_NS + 4 * 86_400 * NS_PER_SECOND


async def test_row_78_a_half_open_line_is_stale_within_the_limit_and_opened_anew(until: Until) -> None:
    async with proxied_desk(ScriptedSchwab(heartbeat_s=0.03), heartbeat_s=0.3) as (desk, proxy):
        await until(live(desk))

        proxy.stall()
        stalled_at = time.monotonic()
        await until(lambda: FeedState.STALE in desk.sink.states)
        stale_after_s = time.monotonic() - stalled_at

        await until(live(desk, connects=2))
        assert 0.2 < stale_after_s < 1.5
        assert desk.sink.states[-3:] == [FeedState.STALE, FeedState.RECONNECTING, FeedState.LIVE]


async def test_row_79_pings_without_a_heartbeat_do_not_keep_a_line_alive(until: Until) -> None:
    async def only_pings(server: ScriptedSchwab, request: web.Request) -> web.StreamResponse:
        if server.connects > 1:
            return await server.talk(request)
        stream = web.WebSocketResponse()
        await stream.prepare(request)
        pinging = asyncio.create_task(ping(stream))
        try:
            async for message in stream:
                for command in json.loads(message.data)["requests"]:
                    await server.answer(stream, command)
        finally:
            pinging.cancel()
        return stream

    async def ping(stream: web.WebSocketResponse) -> None:
        while True:
            await stream.ping()
            await asyncio.sleep(0.01)

    server = ScriptedSchwab(serve=only_pings, heartbeat_s=0.03)
    async with scripted_desk(server, heartbeat_s=0.2) as desk:
        await until(live(desk, connects=2))

        assert FeedState.STALE in desk.sink.states


async def stream_then_fall_silent(desk: ScriptedDesk, until: Until) -> None:
    await until(live(desk))
    for number in range(110):
        await desk.server.send(quote("AAPL", 200.0 + number))
    await until(lambda: len(desk.sink.ticks) == 110)


async def test_row_79_heartbeats_without_prices_reconnect_in_market_hours(until: Until) -> None:
    server = ScriptedSchwab(heartbeat_s=0.03)
    async with scripted_desk(server, clock=MovedClock(NOON_NS), data_s=0.2) as desk:
        await stream_then_fall_silent(desk, until)

        await until(lambda: desk.sink.status.connects == 2)
        await desk.server.send(quote("AAPL", 200.0))
        await until(live(desk, connects=2))

        assert "Heartbeats came, but no prices." in str(desk.sink.statuses)


def without_data(simulator: Simulator) -> None:
    simulator.faults.is_without_data = True


async def test_row_79_a_feed_that_never_brings_a_price_is_not_live_until_it_does(
    open_desk: Opener, until: Until
) -> None:
    async with open_desk(
        before=without_data,
        clock=MovedClock(NOON_NS),
        rules=StreamerRules(heartbeat_s=0.03),
        first_data_s=0.2,
        data_s=0.3,
    ) as desk:
        await until(lambda: desk.sink.status.connects == 3)
        since = next(at for at, status in enumerate(desk.sink.statuses) if status.state is FeedState.STALE)
        in_vain = {status.state for status in desk.sink.statuses[since:]}

        desk.simulator.faults.is_without_data = False
        await desk.simulator.streamer.send_snapshots()
        await until(lambda: desk.sink.status.state is FeedState.LIVE)

        # The second connection and the third are no better than the first was: neither counts as live.
        assert in_vain == {FeedState.STALE, FeedState.RECONNECTING}
        assert desk.sink.ticks


async def test_row_79_a_feed_that_brought_no_price_is_well_again_once_none_is_due(
    open_desk: Opener, until: Until
) -> None:
    class EndingDay(MovedClock):
        is_over = False

        def now_ns(self) -> int:
            return SUNDAY_NS if self.is_over else super().now_ns()

    clock = EndingDay(NOON_NS)
    async with open_desk(
        before=without_data,
        symbols=["AAPL"],
        clock=clock,
        rules=StreamerRules(heartbeat_s=0.03),
        first_data_s=0.5,
        data_s=1.0,
    ) as desk:
        await until(lambda: desk.sink.status.detail == "Heartbeats come, but no prices.")
        connects = desk.sink.status.connects

        clock.is_over = True

        await until(lambda: desk.sink.status.state is FeedState.LIVE)
        assert desk.sink.status.connects == connects


async def test_row_79_a_feed_that_brings_nothing_on_a_sunday_is_left_alone(
    open_desk: Opener, until: Until
) -> None:
    async with open_desk(
        before=without_data,
        symbols=["AAPL"],
        clock=MovedClock(SUNDAY_NS),
        rules=StreamerRules(heartbeat_s=0.03),
        first_data_s=0.1,
    ) as desk:
        await until(lambda: desk.sink.status.state is FeedState.LIVE)
        heard_ns = desk.sink.status.heartbeat_ns or 0
        await until(lambda: (desk.sink.status.heartbeat_ns or 0) > heard_ns + 6 * NS_PER_SECOND // 10)

        assert desk.sink.states == [FeedState.CONNECTING, FeedState.LIVE]


async def test_row_79_what_the_venue_does_not_offer_is_not_waited_for(
    open_desk: Opener, until: Until
) -> None:
    def without_shares(simulator: Simulator) -> None:
        simulator.faults.unavailable |= {"LEVELONE_EQUITIES"}

    async with open_desk(
        before=without_shares,
        symbols=["AAPL"],
        clock=MovedClock(NOON_NS),
        rules=StreamerRules(heartbeat_s=0.03),
        first_data_s=0.1,
    ) as desk:
        await until(lambda: desk.sink.status.discarded == ("AAPL",))
        heard_ns = desk.sink.status.heartbeat_ns or 0
        await until(lambda: (desk.sink.status.heartbeat_ns or 0) > heard_ns + 6 * NS_PER_SECOND // 10)

        assert desk.sink.status.connects == 1


@pytest.mark.parametrize("status", [None, "Halted"], ids=["on a Sunday", "while all is halted"])
async def test_row_79_heartbeats_without_prices_are_right_when_nothing_trades(
    until: Until, status: str | None
) -> None:
    clock = MovedClock(SUNDAY_NS if status is None else NOON_NS)
    async with scripted_desk(ScriptedSchwab(heartbeat_s=0.03), clock=clock, data_s=0.1) as desk:
        await stream_then_fall_silent(desk, until)
        if status is not None:
            await desk.server.send(quote("AAPL", 1.0, **{"32": status}))

        await asyncio.sleep(0.6)

        assert desk.server.connects == 1
        assert desk.sink.status.state is FeedState.LIVE


async def reset(desk: ScriptedDesk, proxy: TcpProxy) -> None:
    proxy.reset()


async def end_without_a_word(desk: ScriptedDesk, proxy: TcpProxy) -> None:
    proxy.close()


def close_with(code: int) -> Callable[[ScriptedDesk, TcpProxy], Any]:
    async def close(desk: ScriptedDesk, proxy: TcpProxy) -> None:
        await desk.server.sockets[-1].close(code=code)

    return close


@pytest.mark.parametrize(
    ("end", "words"),
    [
        pytest.param(reset, r"closed \(1006\)|connection broke", id="RST"),
        pytest.param(end_without_a_word, r"closed \(1006\)|connection broke", id="FIN without close"),
        pytest.param(close_with(1000), r"closed \(1000\)", id="close 1000"),
        pytest.param(close_with(1008), r"closed \(1008\)", id="close 1008"),
        pytest.param(close_with(1012), r"closed \(1012\)", id="close 1012"),
    ],
)
async def test_row_80_however_a_line_ends_all_is_subscribed_again_once(
    until: Until, end: Callable[[ScriptedDesk, TcpProxy], Any], words: str
) -> None:
    async with proxied_desk(ScriptedSchwab(), symbols=["AAPL", "$SPX", "/ES"]) as (desk, proxy):
        await until(live(desk))
        first = list(desk.server.commands)
        desk.server.commands.clear()

        await end(desk, proxy)

        await until(live(desk, connects=2))
        assert desk.server.commands == first
        lost = [status.detail for status in desk.sink.statuses if status.state is FeedState.RECONNECTING]
        assert re.search(words, lost[0])


async def waits_of(seed: int, *, tries: int) -> list[float]:
    """Return the waits that a feed draws before its tries, on a venue that fails each of them."""
    clock = ManualClock()
    server = ScriptedSchwab(verdicts=lambda request: (9, ""))
    waits: list[float] = []
    async with scripted_desk(server, clock=clock, rng=random.Random(seed), backoff_base_s=0.5) as desk:

        def announced() -> list[int]:
            return [status.retry_ns for status in desk.sink.statuses if status.retry_ns is not None]

        for number in range(1, tries + 1):
            while len(announced()) < number:
                await asyncio.sleep(0)
            waits.append((announced()[-1] - clock.now_ns()) / NS_PER_SECOND)
            await clock.advance(2.0)
    return waits


async def test_row_80_waits_between_tries_are_even_over_a_limit_that_doubles_to_two_seconds() -> None:
    by_try = list(zip(*[await waits_of(seed, tries=5) for seed in range(25)], strict=True))

    for number, drawn in enumerate(by_try):
        limit = min(2.0, 0.5 * 2**number)
        assert max(drawn) <= limit
        assert min(drawn) < limit * 0.25  # full jitter: short waits happen however long it has lasted
        assert max(drawn) > limit * 0.7


async def test_row_80_the_stream_is_back_within_five_seconds_of_its_venue(
    open_desk: Opener, until: Until
) -> None:
    async with open_desk(backoff_base_s=0.5) as desk:
        await until(lambda: desk.sink.ticks)
        await desk.simulator.stop()
        await until(lambda: sum(status.retry_ns is not None for status in desk.sink.statuses) >= 4)

        await desk.simulator.start()
        back_at = time.monotonic()
        await until(lambda: desk.sink.status.state is FeedState.LIVE, timeout=8.0)

        assert time.monotonic() - back_at < 5.0
