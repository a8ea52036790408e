"""Writes what the engine is given to a file, without holding up whoever gives it."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final, Protocol

from tradeassist_desktop.domain.market import MarketEvent
from tradeassist_desktop.recordings.writer import RecordingWriter
from tradeassist_desktop.runtime.clock import Clock

log = logging.getLogger(__name__)

_EVERY_S: Final = 1.0


class Recorder(Protocol):
    """Notes what the engine is told, in order; never waits."""

    def note(self, events: Iterable[MarketEvent]) -> None:
        """Take note of updates, calls of the timer and losses of sight."""
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
