"""Writes a live session down so that a replay repeats it: all that the engine was told, in order."""

import csv
import zlib
from collections import deque
from collections.abc import Iterable, Set
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import IO, Final

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.market import (
    NS_PER_SECOND,
    MarketEvent,
    PastTold,
    SightLost,
    Tick,
    TimerCall,
    instant_ns,
)
from tradeassist_desktop.recordings.blindness import lost_text
from tradeassist_desktop.recordings.columns import LIVE_COLUMNS, LOST_NAME, STAMP_COLUMNS, TICK_COLUMNS
from tradeassist_desktop.recordings.lines import reason
from tradeassist_desktop.recordings.span import SessionSpan

_HEADER: Final = (
    "timestamp",
    "symbol",
    *(names[0] for names in (TICK_COLUMNS | LIVE_COLUMNS | STAMP_COLUMNS).values()),
    LOST_NAME,
)
_NO_FIELDS: Final = (None,) * (len(_HEADER) - 3)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LEVEL: Final = 6
_AS_GZIP: Final = 31
_ROWS_A_TURN: Final = 100
"""Rows that csv writes at one go. It keeps the interpreter till it is done: of the 10,000 of a busy second
the loop, and every alert with it, had to wait for 20 ms."""
MOST_NOTED: Final = 1_000_000
"""Events that may wait for the disk: of more the desk would run out of memory before the recording ends."""


class RecordingWriter:
    """A recording in the making: CSV, gzipped, with nanosecond times and floats to the last bit.

    ``note`` only takes note and never waits. ``flush``, from any thread, writes what was noted; each
    flush is complete in itself, so that a program killed between two leaves a file that can be read
    to its end. Where the disk stands still for long the recording ends with what has been noted till then.

    What ``read`` makes of the file is what was given, event for event. ``rows``, ``size_bytes``, ``symbols``
    and the times of the span are those of what was written so far.
    """

    def __init__(self, *, path: Path) -> None:
        self.path = path
        self._noted: deque[MarketEvent] = deque()
        self._is_overrun = False
        self._file: IO[bytes] | None = None
        self._clock = _ClockText()
        # A flush that its caller no longer waits for goes on in its thread, maybe beside the last one.
        self._writing = Lock()
        self.rows = 0
        self.size_bytes = 0
        self._span = SessionSpan()

    @property
    def symbols(self) -> Set[str]:
        """Of what was written."""
        return self._span.symbols

    @property
    def first_ns(self) -> int | None:
        """When the session begins; ``None`` while nothing is written."""
        return self._span.first_ns

    @property
    def last_ns(self) -> int | None:
        """When it ends, as far as it is written."""
        return self._span.last_ns

    def start(self) -> None:
        """Make the file.

        Raises:
            BadInput: it is there already, or cannot be made.
        """
        try:
            self._file = self.path.open("xb")
            self._write([_HEADER])
        except OSError as error:
            raise BadInput([Fault(place=str(self.path), message=reason(error))]) from error

    def note(self, events: Iterable[MarketEvent]) -> None:
        """Take note of updates, calls of the engine's timer and what was seen, in order."""
        if len(self._noted) >= MOST_NOTED:
            self._is_overrun = True
        if not self._is_overrun:
            self._noted.extend(events)

    def flush(self) -> None:
        """Write what was noted since the last time.

        Raises:
            OSError: the disk is full, or the file is gone, and what was to be written is lost; or the
                disk has stood still for so long that not all could be noted.
        """
        with self._writing:
            if self._file is not None:
                self._flush()
        if self._is_overrun:
            raise OSError("the disk cannot follow the market")

    def _flush(self) -> None:
        events = [self._noted.popleft() for _ in range(len(self._noted))]
        if not events:
            return
        self._write(self._row(event) for event in events)
        self.rows += len(events)
        for event in events:
            self._span.note(instant_ns(event), "" if isinstance(event, TimerCall) else event.symbol)

    def close(self) -> None:
        """Write the rest and end the file; a second time does nothing.

        Raises:
            OSError: as ``flush``.
        """
        with self._writing:
            if self._file is None:
                return
            try:
                self._flush()
            finally:
                self._file.close()
                self._file = None

    def _row(self, event: MarketEvent) -> tuple[object, ...]:
        text = self._clock.text
        if isinstance(event, SightLost | PastTold):
            return (text(event.utc_ns), event.symbol, *_NO_FIELDS, lost_text(event))
        if not isinstance(event, Tick):
            assert isinstance(event, TimerCall), "a live session brings no recorded bars"
            return (text(event.utc_ns), None, *_NO_FIELDS, None)
        symbol, event_ns, received_ns, *fields, trade_ns = event
        return (
            text(event_ns),
            symbol,
            *fields,
            None if trade_ns is None else text(trade_ns),
            None if received_ns == 0 else text(received_ns),
            None,
        )

    def _write(self, rows: Iterable[tuple[object, ...]]) -> None:
        assert self._file is not None, "start comes first"
        packer = zlib.compressobj(_LEVEL, wbits=_AS_GZIP)
        packed = bytearray()
        left = iter(rows)
        while turn := list(islice(left, _ROWS_A_TURN)):
            lines = StringIO()
            csv.writer(lines, lineterminator="\n").writerows(turn)
            packed += packer.compress(lines.getvalue().encode())
        packed += packer.flush()
        self._file.write(packed)
        self._file.flush()
        self.size_bytes += len(packed)


class _ClockText:
    """Writes nanoseconds as ``2024-07-02T00:00:01.000000001Z``; neighbours mostly share their second."""

    def __init__(self) -> None:
        self._second: int | None = None
        self._text = ""

    def text(self, utc_ns: int) -> str:
        second, rest_ns = divmod(utc_ns, NS_PER_SECOND)
        if second != self._second:
            self._second = second
            self._text = f"{_EPOCH + timedelta(seconds=second):%Y-%m-%dT%H:%M:%S}"
        return f"{self._text}.{rest_ns:09d}Z"
