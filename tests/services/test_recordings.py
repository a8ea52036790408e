"""Sessions recorded at a click and by a schedule, on real files."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import ManualClock, ScriptedFeed
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.events import RecordingChanged
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_SECOND, Tick
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.recordings import read
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.market.instrument_book import InstrumentBook
from tradeassist_desktop.services.market_data import MarketData
from tradeassist_desktop.services.recordings.folder import RecordingFolder
from tradeassist_desktop.services.recordings.recordings import Recordings
from tradeassist_desktop.services.settings import Settings

MONDAY = "2024-07-01"  # a trading day in New York, four hours behind UTC


def utc_ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * NS_PER_SECOND


class SmallDisk(RecordingFolder):
    """A folder on a disk of which the test says what is left."""

    free = 10**12

    def free_bytes(self, file: Path) -> int:
        return self.free


class Desk:
    """Recordings and the market they record."""

    def __init__(self, folder: Path, now: str, until: Callable[..., Any], settings: tuple[str, ...]) -> None:
        self.clock, self.bus, self.disk = ManualClock(now_ns=utc_ns(now)), Bus(), SmallDisk(folder=folder)
        self._until = until
        self.settings = Settings(file=folder.parent / "settings.json", overrides=settings, bus=self.bus)
        self.market = MarketData(
            engine=Engine(instruments=instrument_of),
            feeds=(ScriptedFeed([]),),
            alerting=None,  # type: ignore[arg-type]  # without rules nothing is raised
            store=None,
            instruments=InstrumentBook(),
            bus=self.bus,
            clock=self.clock,
            watchlist=(),
            records_ticks=lambda: False,
            keeps_time=True,
            venue="demo",
            stale_s=lambda: 0.0,
        )
        self.recordings = Recordings(
            folder=self.disk,
            market=self.market,
            venue="demo",
            is_live=True,
            settings=self.settings,
            bus=self.bus,
            clock=self.clock,
        )
        self.told: list[RecordingChanged] = []
        self.bus.subscribe(RecordingChanged, self.told.append)

    def tick(self, price: float) -> None:
        self.market.on_ticks([Tick("/ES", self.clock.now_ns(), self.clock.now_ns(), last=price)])

    async def pass_time(self, seconds: float) -> None:
        """Let time pass, and what is done once a second be done."""
        await self._until(lambda: self.clock.sleepers)
        await self.clock.advance(seconds)
        await self._until(lambda: self.clock.sleepers)

    async def go_to(self, now: str) -> None:
        self.clock.set_wall(utc_ns(now))
        await self.pass_time(1)

    def files(self) -> list[str]:
        return sorted(path.name for path in self.disk.folder.glob("*.csv.gz"))


@pytest.fixture
def open_desk(tmp_path: Path, until: Callable[..., Any]) -> Any:
    @asynccontextmanager
    async def begin(*settings: str, now: str = f"{MONDAY}T12:00:00") -> AsyncIterator[Desk]:
        desk = Desk(tmp_path / "recordings", now, until, settings)
        running = asyncio.create_task(desk.recordings.run())
        await until(lambda: desk.clock.sleepers)
        yield desk
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await desk.recordings.close()

    return begin


async def test_a_click_records_from_then_on_to_a_file_named_by_moment_and_venue(open_desk: Any) -> None:
    async with open_desk() as desk:
        desk.tick(1.0)
        await desk.recordings.start()
        desk.tick(2.0)
        await desk.pass_time(1)
        running = desk.recordings.state
        await desk.recordings.stop()
        desk.tick(3.0)

        assert running.file is not None and running.file.name == "2024-07-01T120000Z-demo.csv.gz"
        assert (running.rows, running.is_scheduled) == (2, False)
        assert running.size_bytes == running.file.stat().st_size
        assert not desk.recordings.state.is_running
        assert [event.last for event in read(running.file) if isinstance(event, Tick)] == [1.0, 2.0]


async def test_one_recording_runs_at_a_time(open_desk: Any) -> None:
    async with open_desk() as desk:
        await desk.recordings.start()

        with pytest.raises(TradeAssistError, match="is being recorded already"):
            await desk.recordings.start()


async def test_what_is_kept_is_listed_with_its_span_rows_and_size(open_desk: Any) -> None:
    async with open_desk() as desk:
        await desk.recordings.start()
        desk.tick(1.0)
        await desk.pass_time(60)
        desk.tick(2.0)
        await desk.recordings.stop()
        (kept,) = await desk.recordings.kept()

        assert (kept.rows, kept.symbols) == (2, ("/ES",))
        assert kept.first_ns is not None and kept.last_ns == kept.first_ns + 60 * NS_PER_SECOND
        assert kept.size_bytes == kept.file.stat().st_size


async def test_a_file_from_elsewhere_is_read_through_when_asked(open_desk: Any) -> None:
    async with open_desk() as desk:
        desk.disk.folder.mkdir()
        (desk.disk.folder / "mine.csv").write_text("timestamp,symbol,last\n1,A,1\n2,B,2\n")
        (kept,) = await desk.recordings.kept()
        known = await desk.recordings.learn(kept)
        again = await desk.recordings.kept()

        assert kept.rows is None
        assert (known.rows, known.symbols) == (2, ("A", "B"))
        assert again == [known]


async def test_a_deleted_recording_comes_back_until_the_desk_ends(open_desk: Any) -> None:
    async with open_desk() as desk:
        for _ in range(2):
            await desk.recordings.start()
            await desk.recordings.stop()
        first, second = desk.files()
        take_back = await desk.recordings.delete(desk.disk.folder / first)
        without = desk.files()
        await take_back()
        back = desk.files()
        await desk.recordings.delete(desk.disk.folder / second)
        await desk.recordings.close()

        assert (without, back) == ([second], [first, second])
        assert desk.files() == [first]
        assert not (desk.disk.folder / ".trash").exists()


async def test_what_is_being_recorded_cannot_be_deleted(open_desk: Any) -> None:
    async with open_desk() as desk:
        await desk.recordings.start()

        with pytest.raises(TradeAssistError, match="end the recording first"):
            await desk.recordings.delete(desk.recordings.state.file)


async def test_a_recording_ends_before_the_disk_is_full_and_says_so(open_desk: Any) -> None:
    async with open_desk() as desk:
        await desk.recordings.start()
        desk.tick(1.0)
        desk.disk.free = 150_000_000
        await desk.pass_time(1)
        state = desk.recordings.state
        with pytest.raises(TradeAssistError, match="only 150 MB left"):
            await desk.recordings.start()

        assert not state.is_running
        assert "ended early: the disk has only 150 MB left" in state.trouble
        assert len(list(read(desk.disk.folder / desk.files()[0]))) == 1


async def test_a_regular_session_is_recorded_from_its_opening_to_its_close(open_desk: Any) -> None:
    async with open_desk("recording.schedule=rth") as desk:
        await desk.go_to(f"{MONDAY}T13:29:50")
        before = desk.recordings.state
        await desk.go_to(f"{MONDAY}T13:30:00")
        within = desk.recordings.state
        await desk.go_to(f"{MONDAY}T19:59:50")
        still = desk.recordings.state
        await desk.go_to(f"{MONDAY}T20:00:01")

        assert not before.is_running
        assert within.is_scheduled and still.file == within.file
        assert not desk.recordings.state.is_running
        assert desk.files() == ["session-2024-07-01-demo.csv.gz"]


async def test_a_session_on_holidays_is_none(open_desk: Any) -> None:
    async with open_desk("recording.schedule=rth", now="2024-07-04T14:00:00") as desk:
        await desk.pass_time(5)

        assert desk.files() == []


async def test_a_restart_within_a_session_goes_on_in_a_further_part(open_desk: Any) -> None:
    for _ in range(3):
        async with open_desk("recording.schedule=eth", now=f"{MONDAY}T14:00:00") as desk:
            await desk.pass_time(1)

    assert desk.files() == [
        "session-2024-07-01-demo-2.csv.gz",
        "session-2024-07-01-demo-3.csv.gz",
        "session-2024-07-01-demo.csv.gz",
    ]


async def test_a_session_the_trader_stopped_recording_is_not_begun_again(open_desk: Any) -> None:
    async with open_desk("recording.schedule=09:00-11:00 America/New_York", now=f"{MONDAY}T13:30:00") as desk:
        await desk.pass_time(1)
        await desk.recordings.stop()
        await desk.pass_time(5)
        stopped = desk.recordings.state
        await desk.go_to("2024-07-02T13:30:00")

        assert not stopped.is_running
        assert desk.recordings.state.is_scheduled


async def test_the_oldest_scheduled_recordings_make_room_and_the_traders_own_never(open_desk: Any) -> None:
    async with open_desk("recording.schedule=rth", "recording.keep=2", now=f"{MONDAY}T12:00:00") as desk:
        await desk.recordings.start()
        await desk.recordings.stop()
        for day in (1, 2, 3, 5):
            await desk.go_to(f"2024-07-0{day}T14:00:00")
            await desk.go_to(f"2024-07-0{day}T21:00:00")

        assert desk.files() == [
            "2024-07-01T120000Z-demo.csv.gz",
            "session-2024-07-03-demo.csv.gz",
            "session-2024-07-05-demo.csv.gz",
        ]


async def test_a_schedule_without_a_real_zone_is_said(open_desk: Any) -> None:
    async with open_desk("recording.schedule=09:00-11:00 Mars/Olympus") as desk:
        await desk.pass_time(2)

        assert "by schedule: expected" in desk.recordings.state.trouble


async def test_what_was_recorded_here_is_known_without_reading_it(open_desk: Any) -> None:
    async with open_desk() as desk:
        await desk.recordings.start()
        desk.tick(1.0)
        await desk.recordings.stop()
        file = desk.disk.folder / desk.files()[0]
        asked: list[float] = []
        summary = await desk.recordings.examine(file, tell=asked.append, is_wanted=lambda: False)

        assert (summary.rows, summary.symbols, summary.kind) == (1, ("/ES",), "a live session")


async def test_reading_a_file_tells_how_far_it_is_and_ends_when_it_is_not_wanted(
    open_desk: Any, tmp_path: Path
) -> None:
    file = tmp_path / "long.csv"
    file.write_text("timestamp,symbol,last\n" + "".join(f"{at},A,1\n" for at in range(100_000)))
    async with open_desk() as desk:
        shares: list[float] = []
        summary = await desk.recordings.examine(file, tell=shares.append)
        broken_off = await desk.recordings.examine(file, is_wanted=lambda: False)

        assert summary.rows == 100_000
        assert shares == sorted(shares)
        assert 0 < shares[0] < shares[-1] <= 1
        assert broken_off is None
