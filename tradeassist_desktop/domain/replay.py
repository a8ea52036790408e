"""A replay: what is asked for, where it is in its recording, and how it goes on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tradeassist_desktop.domain.alerts import AlertStatus
from tradeassist_desktop.domain.recordings import FileSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayState:
    """A replay now; times are event times, UTC nanoseconds.

    Args:
        first_ns: When the recording begins, and ``last_ns`` when it ends.
        at_ns: Of the newest event played; ``first_ns`` before any.
        speed: Times as fast as recorded; 0 is as fast as possible.
        seek_ns: Until where it plays as fast as possible, whatever the speed; ``None`` for nowhere.
    """

    first_ns: int
    last_ns: int
    at_ns: int
    speed: float
    is_paused: bool = False
    seek_ns: int | None = None
    is_ended: bool = False


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert that a replay has raised: when, UTC nanoseconds, and what became of it."""

    event_ns: int
    status: AlertStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A recording to be replayed by a desk of its own, begun anew.

    Args:
        symbol: What the rows are of in a file without a symbol column.
        start_at_ns: Up to this event time it plays as fast as possible and raises nothing.
        earlier_alerts: By their ids, the alerts that the same recording raised before it was turned back
            to ``start_at_ns``; those that would be raised again are forgotten.
        summary: What the file holds, where it was read through already.
    """

    file: Path
    symbol: str | None = None
    bar_label: Literal["start", "end"] = "start"
    speed: float = 1.0
    is_paused: bool = False
    start_at_ns: int = 0
    earlier_alerts: Mapping[str, Raised] = field(default_factory=dict)
    summary: FileSummary | None = None
