"""What a file holds: found by reading it through."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from tradeassist_desktop.domain.recordings import FileSummary
from tradeassist_desktop.recordings.recording import BarLabel, Recording, read, rows_of

_EVENTS_BETWEEN: Final = 4_096


def survey(
    path: Path,
    *,
    symbol: str | None = None,
    bar_label: BarLabel = "start",
    on_progress: Callable[[float], None] | None = None,
) -> FileSummary:
    """Read a file through.

    Args:
        symbol: What the rows are of if the file has no symbol column.
        on_progress: Called now and then with the share of the file that was read, 0 to 1, where that is
            known; what it raises ends the reading.

    Raises:
        BadInput: it cannot be read.
    """
    recording = read(path, symbol=symbol, bar_label=bar_label)
    size = max(1, path.stat().st_size)
    for count, _ in enumerate(recording, 1):
        if count % _EVENTS_BETWEEN == 0 and on_progress is not None:
            on_progress(min(1.0, (recording.tally.bytes_read or 0) / size))
    return summary_of(recording)


def needs_symbol(path: Path) -> bool:
    """Whether the file has no symbol column, so that somebody must say what its rows are of.

    Raises:
        BadInput: its header cannot be used.
    """
    return rows_of(path, symbol=None).columns.symbol is None


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
