"""Recordings of sessions: the one being made, and those that are kept."""

from dataclasses import dataclass
from pathlib import Path

from tradeassist_desktop.domain.errors import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingState:
    """The recording now.

    Args:
        file: ``None`` while nothing is recorded.
        rows: Written so far, and ``size_bytes`` on disk.
        since_ns: When it was begun, UTC nanoseconds.
        is_scheduled: Begun by the schedule, not by the trader.
        trouble: Why the last recording ended or could not begin, as a sentence; empty if all is well.
    """

    file: Path | None = None
    rows: int = 0
    size_bytes: int = 0
    since_ns: int = 0
    is_scheduled: bool = False
    trouble: str = ""

    @property
    def is_running(self) -> bool:
        """Whether the session is being recorded."""
        return self.file is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecording:
    """A file in the folder of recordings.

    Args:
        made_ns: When it was last written, UTC nanoseconds.
        is_scheduled: Made by the schedule: the oldest of these make room for new ones.
        rows: ``None`` until the file has been read through; so are the times of its span.
    """

    file: Path
    size_bytes: int
    made_ns: int
    is_scheduled: bool
    rows: int | None = None
    first_ns: int | None = None
    last_ns: int | None = None
    symbols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileSummary:
    """What reading one file came to.

    ``kind`` says of what its rows are: "ticks", "bars of 1m", "a live session"; ``faults`` are the first
    of the ``unreadable`` rows.
    """

    path: Path
    kind: str
    rows: int
    symbols: tuple[str, ...]
    first_ns: int
    last_ns: int
    unreadable: int
    faults: tuple[Fault, ...]
