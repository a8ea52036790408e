"""Writes what the engine is given to a file, without holding up whoever gives it."""

import asyncio
import logging
from typing import Final, Protocol

from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.recordings.writer import RecordingWriter
from tradeassist_desktop.runtime.clock import Clock

log = logging.getLogger(__name__)

_EVERY_S: Final = 1.0


class Recorder(Protocol):
    """Notes what the engine is given, in order; never waits."""

    def tick(self, tick: Tick) -> None:
        """Take note of an update."""
        ...

    def timer(self, utc_ns: int) -> None:
        """Take note of a call of the engine's ``on_time``."""
        ...


class Recording:
    """Has a writer flush once a second, in a thread; the rest as it ends.

    What the disk refuses is lost and said once; the desk goes on.
    """

    def __init__(self, *, writer: RecordingWriter, clock: Clock) -> None:
        self.writer = writer
        self._clock = clock
        self._is_failing = False

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._clock.sleep(_EVERY_S)
            try:
                await asyncio.to_thread(self.writer.flush)
            except OSError as error:
                if not self._is_failing:
                    log.warning("recording has gaps: it cannot be written", extra={"reason": error.strerror})
                self._is_failing = True
            else:
                self._is_failing = False

    async def stop(self) -> None:
        """Write the rest and end the file."""
        try:
            await asyncio.to_thread(self.writer.close)
        except OSError as error:
            log.warning("recording lacks its end", extra={"reason": error.strerror})
        else:
            log.info("recording ended", extra={"rows": self.writer.rows})
