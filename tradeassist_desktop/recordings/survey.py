"""What a file holds: found by reading it through."""

from dataclasses import dataclass
from pathlib import Path

from tradeassist_desktop.domain.errors import Fault
from tradeassist_desktop.recordings.recording import BarLabel, Recording, read


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


def survey(path: Path, *, symbol: str | None = None, bar_label: BarLabel = "start") -> FileSummary:
    """Read a file through.

    Args:
        symbol: What the rows are of if the file has no symbol column.

    Raises:
        BadInput: it cannot be read.
    """
    recording = read(path, symbol=symbol, bar_label=bar_label)
    for _ in recording:
        pass
    return summary_of(recording)


def summary_of(recording: Recording) -> FileSummary:
    """Return what the last iteration over a recording has met."""
    tally = recording.tally
    assert tally.first_ns is not None and tally.last_ns is not None, "a file without rows is refused"
    return FileSummary(
        path=recording.path,
        kind=_kind(recording),
        rows=tally.rows,
        symbols=tuple(sorted(tally.symbols)),
        first_ns=tally.first_ns,
        last_ns=tally.last_ns,
        unreadable=tally.unreadable,
        faults=tuple(tally.faults),
    )


def _kind(recording: Recording) -> str:
    if recording.timeframe is not None:
        return f"bars of {recording.timeframe}"
    return "a live session" if recording.is_session else "ticks"
