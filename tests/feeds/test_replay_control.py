"""A replay under the trader's hand: paused, stepped, sped up, sent to another time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.domain.market import NS_PER_SECOND, Tick
from tradeassist_desktop.domain.replay import ReplayState
from tradeassist_desktop.feeds.replay import ReplayFeed
from tradeassist_desktop.feeds.replay_control import ReplayControl

START_NS = 1_704_103_200 * NS_PER_SECOND  # 2024-01-01T10:00:00Z
END_S = 300
TENS = range(0, END_S + 1, 10)


class Replay:
    """A file with an update every ten seconds for five minutes, played on a clock that stands still."""

    def __init__(self, folder: Path, sink: Any, seconds: Sequence[int], **keys: Any) -> None:
        self.clock, self.sink = ManualClock(), sink
        self.told: list[ReplayState] = []
        self.control = ReplayControl(clock=self.clock, span=(at(0), at(END_S)), tell=self.told.append, **keys)
        path = folder / "ticks.csv"
        rows = [f"{at(second)},AAPL,{second + 1}" for second in seconds]
        path.write_text("\n".join(["timestamp,symbol,last", *rows]) + "\n")
        self.feed = ReplayFeed(paths=[path], clock=self.clock, control=self.control)

    @property
    def played(self) -> list[int]:
        """The seconds of the updates that came."""
        return [(tick.event_ns - START_NS) // NS_PER_SECOND for tick in self.sink.ticks]

    async def settle(self) -> None:
        await self.clock.advance(0)


def at(second: int) -> int:
    return START_NS + second * NS_PER_SECOND


@pytest.fixture
def replay(tmp_path: Path, sink: Any, until: Callable[..., Any]) -> Any:
    @asynccontextmanager
    async def begin(*, seconds: Sequence[int] = TENS, **keys: Any) -> AsyncIterator[Replay]:
        playing = Replay(tmp_path, sink, seconds, **keys)
        running = asyncio.create_task(playing.feed.run(sink))
        # The file is opened in a thread.
        await until(lambda: any(status.connects for status in sink.statuses))
        await playing.settle()
        yield playing
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    return begin


async def test_nothing_comes_in_a_pause_and_all_of_it_after(replay: Any) -> None:
    async with replay() as playing:
        await playing.clock.advance(15)
        playing.control.pause()
        await playing.clock.advance(1_000)
        paused = playing.played
        playing.control.resume()
        await playing.clock.advance(20)

        assert paused == [0, 10]
        assert playing.played == [0, 10, 20, 30]


async def test_what_came_after_a_pause_has_the_times_it_would_have_had_without(replay: Any) -> None:
    async with replay(speed=10) as playing:
        await playing.clock.advance(3)
        playing.control.pause()
        await playing.clock.advance(77)
        playing.control.resume()
        await playing.clock.advance(40)

        assert [tick.event_ns for tick in playing.sink.ticks] == [at(s) for s in range(0, END_S + 1, 10)]
        assert playing.control.state.is_ended


async def test_a_step_plays_one_update_and_stays_there(replay: Any) -> None:
    async with replay(is_paused=True) as playing:
        before = playing.played
        for _ in range(2):
            playing.control.step()
            await playing.clock.advance(100)

        assert (before, playing.played) == ([], [0, 10])
        assert playing.control.state.is_paused


async def test_a_step_of_a_bar_plays_until_a_minute_has_closed(replay: Any) -> None:
    async with replay(is_paused=True) as playing:
        playing.control.step_bar()
        await playing.clock.advance(0)
        first = playing.played
        playing.control.step_bar()
        await playing.clock.advance(0)

        assert first == [0, 10, 20, 30, 40, 50, 60]
        assert playing.played[-1] == 120


async def test_another_speed_holds_from_where_the_replay_is(replay: Any) -> None:
    async with replay(speed=1) as playing:
        await playing.clock.advance(10)
        playing.control.set_speed(100)
        await playing.clock.advance(0.3)
        fast = playing.played
        playing.control.set_speed(0.1)
        await playing.clock.advance(99)
        slow = playing.played
        playing.control.set_speed(0)
        await playing.settle()

        assert (fast[-1], slow[-1], playing.played[-1]) == (40, 40, END_S)


async def test_seeking_plays_all_up_to_the_time_and_then_keeps_the_pace(replay: Any) -> None:
    async with replay() as playing:
        playing.control.seek(at(125))
        await playing.settle()
        sought = playing.played
        await playing.clock.advance(10)

        # Nothing waits for the five seconds to the update at which the sought time is reached.
        assert sought == list(range(0, 131, 10))
        assert playing.played[-1] == 140


async def test_seeking_in_a_pause_stays_paused_at_the_time(replay: Any) -> None:
    async with replay(is_paused=True) as playing:
        playing.control.seek(at(125))
        await playing.clock.advance(1_000)

        assert playing.played[-1] == 120
        assert playing.control.state.at_ns == at(120)


async def test_a_replay_does_not_go_backwards(replay: Any) -> None:
    async with replay(start_at_ns=at(100)) as playing:
        with pytest.raises(ValueError, match="backwards"):
            playing.control.seek(at(50))


async def test_seeking_can_be_broken_off(tmp_path: Path, sink: Any) -> None:
    control = ReplayControl(clock=ManualClock(), start_at_ns=at(200), quiet_until_ns=at(200))
    for second in range(60):
        assert control.wait_s(at(second)) == 0
        control.played(Tick("AAPL", at(second), 0, last=1.0), at(second))

    control.cancel_seek()

    assert control.wait_s(at(60)) == float("inf")
    assert control.quiet_until_ns == at(59)
    assert (control.state.seek_ns, control.state.is_paused) == (None, True)


async def test_where_it_is_is_told_ten_times_a_second_at_most(replay: Any) -> None:
    async with replay(seconds=range(END_S + 1), speed=100) as playing:
        told_before = len(playing.told)
        await playing.clock.advance(2)

        assert playing.played[-1] == 200
        assert 10 <= len(playing.told) - told_before <= 22
        assert playing.told[-1].at_ns >= at(180)


async def test_how_the_market_stood_as_the_session_began_is_not_waited_for(replay: Any) -> None:
    three_days = -3 * 86_400
    async with replay(seconds=[three_days, 0, 10, 20], is_paused=True) as playing:
        stood = playing.played
        playing.control.step()
        await playing.settle()
        playing.control.resume()
        await playing.clock.advance(10)

        assert stood == [three_days]
        assert playing.played == [three_days, 0, 10]
        assert playing.control.state.at_ns == at(10)
