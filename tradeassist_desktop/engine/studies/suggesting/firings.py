"""When a rule fired: by day, and how close to each other."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from tradeassist_desktop.engine.studies.scores import RuleReport, new_york_date


@dataclass(frozen=True, slots=True)
class Span:
    """Some days with data, in order; ``first`` and ``last`` belong to it. Days are New York's."""

    days: tuple[date, ...]

    @property
    def first(self) -> date:
        """Return the first day."""
        return self.days[0]

    @property
    def last(self) -> date:
        """Return the last day."""
        return self.days[-1]


@dataclass(frozen=True, slots=True)
class Firings:
    """The firings of one rule, of each of its symbols in order of time, event time in nanoseconds."""

    by_symbol: tuple[tuple[int, ...], ...]

    def within(self, span: Span) -> "Firings":
        """Return those of the days of a span."""
        days = frozenset(span.days)
        return Firings(
            tuple(tuple(at for at in times if new_york_date(at) in days) for times in self.by_symbol)
        )

    @property
    def count(self) -> int:
        """Return how many there are."""
        return sum(len(times) for times in self.by_symbol)

    def a_day(self, span: Span) -> float:
        """Return how many there are for each day of the span."""
        return self.within(span).count / len(span.days)

    def follow_ups(self, within_ns: int) -> int:
        """Return how many came at most so long after the one before, of the same symbol."""
        return sum(
            later - earlier <= within_ns for times in self.by_symbol for earlier, later in pairwise(times)
        )

    def first_ones(self, within_ns: int) -> "Firings":
        """Return those that are no follow-ups: the first of each flurry."""
        return Firings(
            tuple(
                tuple(at for place, at in enumerate(times) if not place or at - times[place - 1] > within_ns)
                for times in self.by_symbol
            )
        )

    def heard(self, others: "Firings", patience_ns: int) -> int:
        """Return of how many of these one of ``others`` tells, at most so long after."""
        return sum(
            _has_between(theirs, at, at + patience_ns)
            for own, theirs in zip(self.by_symbol, others.by_symbol, strict=True)
            for at in own
        )


def firings_of(reports: Iterable[RuleReport]) -> Firings:
    """Return the firings of one rule from its reports, one for each of its symbols, with outcomes kept."""
    return Firings(
        tuple(tuple(outcome.event_ns for outcome in report.outcomes) for report in reports),
    )


def _has_between(times: Sequence[int], first: int, last: int) -> bool:
    place = bisect_left(times, first)
    return place < len(times) and times[place] <= last
