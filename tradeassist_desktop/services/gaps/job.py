"""What is to be repaired on one line: which symbols lack which stretch, and what was fetched of it."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.gaps import Gap, GapState
from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.services.market.feed_line import FeedLine

_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one symbol lacks, event time."""

    since_ns: int
    until_ns: int


@dataclass(slots=True, kw_only=True)
class Job:
    """One line's gaps under repair.

    Args:
        gaps: The ledger's rows, each with the symbols it is about.
        urgent: Those that rules wait for.
        wanted: All that can be fetched, urgent ones first.
        never: Those of which no bars can be had.
        settled: No more is waited for before rules are told.
        is_over: Nothing more is asked for rules' sake: they have decided on the present.
        ended: The line has gone down again: nothing more is fetched for it.
    """

    line: FeedLine
    gaps: list[tuple[Gap, frozenset[str]]]
    wanted: dict[str, Stretch]
    urgent: set[str]
    never: set[str]
    fetched: dict[str, Sequence[Bar]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    late: dict[str, int] = field(default_factory=dict)
    is_over: bool = False
    is_telling: bool = False
    is_void: bool = False
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, symbol: str, bars: Sequence[Bar] | None, reason: str = "") -> None:
        """Note what came of asking for a symbol's bars."""
        if bars is None:
            self.failed[symbol] = reason
        else:
            self.fetched[symbol] = bars
        if not self.waits_for:
            self.settled.set()

    @property
    def unasked(self) -> set[str]:
        """The symbols that nobody was asked about: no rule reads them, or there was no time."""
        return self.wanted.keys() - self.fetched.keys() - self.failed.keys()

    @property
    def waits_for(self) -> set[str]:
        """The urgent symbols that have not been answered for."""
        return self.urgent - self.fetched.keys() - self.failed.keys()

    def note_late(self, alerts: Sequence[Alert]) -> None:
        """Count what fired late, by the rule's symbol."""
        for alert in alerts:
            self.late[alert.symbol] = self.late.get(alert.symbol, 0) + 1


def outcome(job: Job, symbols: frozenset[str]) -> dict[str, Any]:
    """Return what has become of a gap in these symbols, as the ledger's columns."""
    told, fetched = job.told & symbols, job.fetched.keys() & symbols
    failed = {symbol: reason for symbol, reason in job.failed.items() if symbol in symbols}
    late = (job.urgent & fetched) - told
    words = []
    if late:
        words.append(f"Bars came too late for rules: {_names(late)}.")
    if failed:
        reason = next(iter(failed.values())).rstrip(".")
        words.append(f"Not to be had: {_names(failed)} ({reason}).")
    unasked = job.unasked & symbols
    if unasked & job.urgent:
        words.append(f"There was no time to ask for {_names(unasked & job.urgent)}.")
    if unasked - job.urgent:
        words.append(f"Not fetched, as no rule reads them: {_names(unasked - job.urgent)}.")
    if job.never & symbols:
        words.append(f"No past bars are to be had of {_names(job.never & symbols)}.")
    repaired = GapState.PARTLY if words else GapState.REPAIRED
    return {
        "state": repaired if fetched else GapState.MISSING,
        "bars": sum(len(job.fetched[symbol]) for symbol in fetched),
        "late_alerts": sum(count for symbol, count in job.late.items() if symbol in symbols),
        "detail": " ".join(words),
    }


def _names(symbols: Iterable[str]) -> str:
    """Name a few symbols, and how many more there are."""
    names = sorted(symbols)
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
