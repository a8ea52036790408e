"""Records sessions: at a click, by a schedule, and never so that the disk or the desk suffers."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tradeassist_desktop.domain.access import OPEN, Act, Gate
from tradeassist_desktop.domain.errors import BadInput, Fault, TradeAssistError
from tradeassist_desktop.domain.events import RecordingChanged
from tradeassist_desktop.domain.recordings import FileSummary, KeptRecording, RecordingState
from tradeassist_desktop.recordings.lines import reason
from tradeassist_desktop.recordings.survey import needs_symbol, survey
from tradeassist_desktop.recordings.writer import RecordingWriter
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.market_data import MarketData
from tradeassist_desktop.services.recordings.folder import Contents, RecordingFolder
from tradeassist_desktop.services.recordings.schedule import RecordingSchedule, ScheduledSession
from tradeassist_desktop.services.settings import Settings

log = logging.getLogger(__name__)

_EVERY_S: Final = 1.0
_LEAST_FREE_BYTES: Final = 200_000_000
_BYTES_A_GB: Final = 1_000_000_000


class _BrokenOffError(Exception):
    """Nobody waits for the file any more."""


class Recordings:
    """One recording at a time, written once a second by a thread.

    While the trader records, the schedule waits; a scheduled recording that the trader ends is not
    begun again in its session.

    Args:
        market: What is recorded.
        venue: Part of the files' names.
        is_live: Whether there is a session to be recorded; a replay is a recording already.
        least_free_bytes: With less room on the disk a recording ends.
    """

    def __init__(
        self,
        *,
        folder: RecordingFolder,
        market: MarketData,
        venue: str,
        is_live: bool,
        settings: Settings,
        bus: Bus,
        clock: Clock,
        least_free_bytes: int = _LEAST_FREE_BYTES,
        access: Gate = OPEN,
    ) -> None:
        self._access = access
        self._folder = folder
        self._market = market
        self._venue = venue
        self.is_live = is_live
        self._settings = settings
        self._bus = bus
        self._clock = clock
        self._least_free_bytes = least_free_bytes
        self._writer: RecordingWriter | None = None
        self._state = RecordingState()
        self._changing = asyncio.Lock()
        self._begun_for: ScheduledSession | None = None
        self._bad_schedule = ""

    # --- looking in

    @property
    def state(self) -> RecordingState:
        """What is being recorded."""
        return self._state

    @property
    def place(self) -> Path:
        """The folder in which recordings are kept."""
        return self._folder.folder

    async def kept(self) -> list[KeptRecording]:
        """Return the recordings there are, newest first; contents as far as they are known."""
        return await asyncio.to_thread(self._folder.list)

    async def learn(self, kept: KeptRecording) -> KeptRecording:
        """Return a recording with its contents, read through where that does not take long."""
        return await asyncio.to_thread(self._folder.learn, kept)

    async def needs_symbol(self, file: Path) -> bool:
        """Whether somebody must say what the rows of a file are of.

        Raises:
            BadInput: its header cannot be used.
        """
        return await asyncio.to_thread(needs_symbol, file)

    async def examine(
        self,
        file: Path,
        *,
        symbol: str | None = None,
        tell: Callable[[float], None] = lambda share: None,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> FileSummary | None:
        """Read any file through, to know that it can be replayed; what was recorded here is known already.

        Args:
            tell: Called now and then with the share that was read, 0 to 1.
            is_wanted: Whether to go on; where not, ``None`` is returned.

        Raises:
            BadInput: it cannot be replayed; the message tells row and column.
        """
        known = await asyncio.to_thread(self._folder.summary, file)
        if known is not None:
            return known
        loop = asyncio.get_running_loop()

        def on_progress(share: float) -> None:
            if not is_wanted():
                raise _BrokenOffError
            loop.call_soon_threadsafe(tell, share)

        try:
            return await asyncio.to_thread(survey, file, symbol=symbol, on_progress=on_progress)
        except _BrokenOffError:
            return None

    # --- recording

    async def start(self, file: Path | None = None) -> None:
        """Begin to record, to a file in the folder of recordings unless another is named.

        Raises:
            TradeAssistError: a recording runs already, or there is nothing to record.
            BadInput: the file is there already or cannot be made.
        """
        self._access.require(Act.RECORD)
        await self.start_as_launched(file)

    async def start_as_launched(self, file: Path | None) -> None:
        """Begin to record as the command line says; otherwise as ``start``."""
        async with self._changing:
            await self._start(file, session=None)

    async def stop(self) -> None:
        """End the recording; nothing happens where there is none."""
        self._access.require(Act.RECORD)
        await self._end()

    async def _end(self) -> None:
        async with self._changing:
            await self._stop("")

    async def run(self) -> None:
        """Write what was noted, once a second, and keep the schedule, until cancelled."""
        await asyncio.to_thread(self._folder.empty_bin)
        while True:
            async with self._changing:
                await self._write()
                await self._keep_schedule()
            await self._clock.sleep(_EVERY_S)

    async def close(self) -> None:
        """End the recording as the desk does, and empty the bin."""
        await self._end()
        await asyncio.to_thread(self._folder.empty_bin)

    async def _start(self, file: Path | None, *, session: ScheduledSession | None) -> None:
        if not self.is_live:
            raise TradeAssistError("This is a replay: its recording is there already.")
        if self._writer is not None:
            raise TradeAssistError(f"{self._writer.path.name} is being recorded already.")
        now_ns = self._clock.now_ns()
        try:
            if file is None and session is not None:
                file = await asyncio.to_thread(self._folder.name_for_session, session.day, self._venue)
            elif file is None:
                file = await asyncio.to_thread(self._folder.name_for, now_ns, self._venue)
            writer = RecordingWriter(path=file)
            await asyncio.to_thread(self._begin, writer)
        except OSError as error:
            raise BadInput([Fault(place=str(file or self.place), message=reason(error))]) from error
        self._writer = writer
        self._market.record_to(writer)
        log.info("recording begun", extra={"file": str(file), "is_scheduled": session is not None})
        self._tell(RecordingState(file=file, since_ns=now_ns, is_scheduled=session is not None))

    def _begin(self, writer: RecordingWriter) -> None:
        # Before the file is: an empty one would be left behind.
        self._refuse_full_disk(writer.path)
        writer.start()

    def _refuse_full_disk(self, file: Path) -> None:
        free_bytes = self._folder.free_bytes(file)
        if free_bytes < self._least_free_bytes:
            raise TradeAssistError(
                f"the disk has only {free_bytes / 1e6:,.0f} MB left, "
                f"and recordings leave {self._least_free_bytes / 1e6:,.0f} MB"
            )

    async def _write(self) -> None:
        writer = self._writer
        if writer is None:
            return
        try:
            await asyncio.to_thread(writer.flush)
            await asyncio.to_thread(self._refuse_full_disk, writer.path)
        except OSError as error:
            await self._stop(_cut_short(writer, reason(error)))
        except TradeAssistError as error:
            await self._stop(_cut_short(writer, str(error)))
        else:
            if writer.rows != self._state.rows:
                self._tell(replace(self._state, rows=writer.rows, size_bytes=writer.size_bytes))

    async def _stop(self, trouble: str) -> None:
        writer, self._writer = self._writer, None
        if writer is None:
            return
        self._market.record_to(None)
        try:
            await asyncio.to_thread(writer.close)
        except OSError as error:
            trouble = trouble or f"{writer.path.name} lacks its end: {reason(error)}."
        if trouble:
            log.warning("recording ended early", extra={"reason": trouble})
        else:
            log.info("recording ended", extra={"rows": writer.rows})
        await asyncio.to_thread(self._note_contents, writer)
        self._tell(RecordingState(trouble=trouble))

    def _note_contents(self, writer: RecordingWriter) -> None:
        if writer.path.parent != self.place or writer.first_ns is None or writer.last_ns is None:
            return
        contents = Contents(writer.rows, writer.first_ns, writer.last_ns, tuple(sorted(writer.symbols)))
        try:
            self._folder.learn(self._folder.kept(writer.path), contents)
        except OSError:
            log.info("recording is gone", extra={"file": writer.path.name})

    # --- the schedule

    async def _keep_schedule(self) -> None:
        if not self.is_live:
            return
        session = self._session()
        if self._state.is_scheduled and session != self._begun_for:
            await self._stop("")
            await self._make_room()
        if session is None:
            self._begun_for = None
        if session is None or session == self._begun_for or self._writer is not None:
            return
        self._begun_for = session
        try:
            await self._start(None, session=session)
        except TradeAssistError as error:
            self._tell(RecordingState(trouble=f"The session is not recorded: {error}"))
            log.warning("scheduled recording not begun", extra={"reason": str(error)})
        await self._make_room()

    def _session(self) -> ScheduledSession | None:
        text = self._settings.text("recording.schedule")
        try:
            schedule = RecordingSchedule(
                text=text, is_round_the_clock=not self._market.lines[0].carries("AAPL")
            )
        except ValueError as error:
            if text != self._bad_schedule:
                self._bad_schedule = text
                log.warning("nothing is recorded by schedule", extra={"reason": str(error)})
                self._tell(replace(self._state, trouble=f"Nothing is recorded by schedule: {error}."))
            return None
        if self._bad_schedule:
            self._bad_schedule = ""
            self._tell(replace(self._state, trouble=""))
        return schedule.session(self._clock.now_ns())

    async def _make_room(self) -> None:
        await asyncio.to_thread(
            self._folder.make_room,
            most_files=int(self._settings.number("recording.keep")),
            most_bytes=self._settings.number("recording.max_gb") * _BYTES_A_GB,
            spared=self._state.file,
        )
        self._bus.publish(RecordingChanged(state=self._state))

    # --- deleting

    async def delete(self, file: Path) -> Callable[[], Coroutine[Any, Any, None]]:
        """Delete a recording; the result, called and awaited, brings it back until the desk ends.

        Raises:
            TradeAssistError: it is being written, or cannot be deleted.
        """
        self._access.require(Act.RECORD)
        if file == self._state.file:
            raise TradeAssistError(f"{file.name} is being recorded; end the recording first.")
        await asyncio.to_thread(self._folder.throw_away, file)
        self._bus.publish(RecordingChanged(state=self._state))

        async def take_back() -> None:
            self._access.require(Act.RECORD)
            await asyncio.to_thread(self._folder.take_back, file)
            self._bus.publish(RecordingChanged(state=self._state))

        return take_back

    def _tell(self, state: RecordingState) -> None:
        self._state = state
        self._bus.publish(RecordingChanged(state=state))


def _cut_short(writer: RecordingWriter, why: str) -> str:
    return f"{writer.path.name} has ended early: {why}. What came before is kept."
