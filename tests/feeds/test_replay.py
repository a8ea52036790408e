"""Recordings as a feed."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar, Tick, TimerCall
from tradeassist_desktop.feeds.replay import ReplayFeed
from tradeassist_desktop.feeds.replay_control import ReplayControl
from tradeassist_desktop.recordings import RecordingWriter, merge, read
from tradeassist_desktop.runtime.clock import SystemClock

START_NS = 1_704_103_200 * NS_PER_SECOND  # 2024-01-01T10:00:00Z


def at_once() -> ReplayControl:
    return ReplayControl(clock=SystemClock(), speed=0)


def tick_file(folder: Path, *rows: tuple[str, float]) -> Path:
    path = folder / "ticks.csv"
    lines = [f"2024-01-01T10:00:{second}Z,AAPL,{last}" for second, last in rows]
    path.write_text("\n".join(["timestamp,symbol,last", *lines]) + "\n")
    return path


def bar_file(folder: Path) -> Path:
    path = folder / "bars.csv"
    rows = [f"2024-01-01T10:0{minute}:00Z,/ES,1,2,0.5,{minute},10" for minute in range(4)]
    path.write_text("\n".join(["timestamp,symbol,open,high,low,close,volume", *rows]) + "\n")
    return path


async def test_everything_recorded_comes_in_its_order_and_with_its_times(tmp_path: Path, sink: Any) -> None:
    paths = [bar_file(tmp_path), tick_file(tmp_path, ("00.5", 1.0), ("00.1", 2.0), ("59.9", 3.0))]

    await ReplayFeed(paths=paths, clock=SystemClock(), control=at_once()).run(sink)

    played = [event._replace(received_ns=0) if isinstance(event, Tick) else event for event in sink.events]
    assert played == list(merge([read(path) for path in paths]))
    assert all(event.received_ns > 0 for event in sink.ticks)


async def test_at_one_instant_a_bar_comes_before_its_tick(tmp_path: Path, sink: Any) -> None:
    await ReplayFeed(paths=[bar_file(tmp_path)], clock=SystemClock(), control=at_once()).run(sink)

    kinds = [type(event) for event in sink.events]
    assert kinds == [Bar, Tick] * 4


async def test_a_recorded_timers_call_comes_in_its_place_among_the_updates(tmp_path: Path, sink: Any) -> None:
    writer = RecordingWriter(path=tmp_path / "session.csv.gz")
    writer.start()
    for second in range(3):
        writer.note([Tick("AAPL", START_NS + second, 0, last=1.0), TimerCall(START_NS + second + 7)])
    writer.close()

    await ReplayFeed(paths=[tmp_path / "session.csv.gz"], clock=SystemClock(), control=at_once()).run(sink)

    assert [type(event) for event in sink.events] == [Tick, TimerCall] * 3


async def test_it_says_when_it_runs_and_when_it_has_ended(tmp_path: Path, sink: Any) -> None:
    await ReplayFeed(paths=[bar_file(tmp_path)], clock=SystemClock(), control=at_once()).run(sink)

    assert sink.states == [FeedState.CONNECTING, FeedState.LIVE, FeedState.FINISHED]
    assert sink.status.detail == "bars.csv has ended."


async def test_time_passes_as_recorded_divided_by_the_speed(
    tmp_path: Path, sink: Any, until: Callable[..., Any]
) -> None:
    clock = ManualClock()
    path = tick_file(tmp_path, ("00", 1.0), ("10", 2.0), ("30", 3.0))
    running = asyncio.create_task(
        ReplayFeed(paths=[path], clock=clock, control=ReplayControl(clock=clock, speed=10)).run(sink)
    )

    await until(lambda: clock.sleepers)
    at_0 = len(sink.ticks)
    await clock.advance(0.99)
    before_1 = len(sink.ticks)
    await clock.advance(0.01)
    await clock.advance(1.99)
    before_3 = len(sink.ticks)
    await clock.advance(0.01)
    await running

    assert (at_0, before_1, before_3, len(sink.ticks)) == (1, 1, 2, 3)


async def test_what_was_played_before_is_played_again_without_waiting(
    tmp_path: Path, sink: Any, until: Callable[..., Any]
) -> None:
    clock = ManualClock()
    path = tick_file(tmp_path, ("00", 1.0), ("20", 2.0), ("30", 3.0), ("31", 4.0))
    control = ReplayControl(clock=clock, start_at_ns=START_NS + 30 * NS_PER_SECOND)
    feed = ReplayFeed(paths=[path], clock=clock, control=control)
    running = asyncio.create_task(feed.run(sink))

    await until(lambda: clock.sleepers)
    resumed = len(sink.ticks)
    await clock.advance(1)
    await running

    assert (resumed, len(sink.ticks)) == (3, 4)


async def test_a_long_replay_leaves_others_their_turn(tmp_path: Path, sink: Any) -> None:
    path = tmp_path / "long.csv"
    rows = "\n".join(f"{START_NS + at},AAPL,{at % 7 + 1}" for at in range(30_000))
    path.write_text(f"timestamp,symbol,last\n{rows}\n")
    running = asyncio.create_task(ReplayFeed(paths=[path], clock=SystemClock(), control=at_once()).run(sink))

    turns = 0
    while not running.done():
        await asyncio.sleep(0)
        turns += bool(sink.ticks) and sink.status.state is FeedState.LIVE

    assert len(sink.ticks) == 30_000
    assert turns >= 3


async def test_a_cancelled_replay_reports_that_it_stopped(
    tmp_path: Path, sink: Any, until: Callable[..., Any]
) -> None:
    clock = ManualClock()
    path = tick_file(tmp_path, ("00", 1.0), ("10", 2.0))
    running = asyncio.create_task(ReplayFeed(paths=[path], clock=clock).run(sink))
    await until(lambda: clock.sleepers)

    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running

    assert sink.status.state is FeedState.STOPPED


async def test_a_missing_file_is_named(tmp_path: Path, sink: Any) -> None:
    feed = ReplayFeed(paths=[tmp_path / "nothing.csv"], clock=SystemClock())

    with pytest.raises(BadInput, match=r"nothing\.csv"):
        await feed.run(sink)
