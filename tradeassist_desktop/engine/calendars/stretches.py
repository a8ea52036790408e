"""Stretches of time in which something is open or closed, found once and then remembered."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

DAY_NS: Final = 86_400_000_000_000
_MOST_DAYS_CLOSED: Final = 30


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time ``[start_ns, end_ns)`` that is inside a session, or between two.

    ``begun_ns`` is when the latest session began: ``start_ns`` itself inside one.
    """

    start_ns: int
    end_ns: int
    is_open: bool
    begun_ns: int


class Hours(Hashable, Protocol):
    """What opens and closes."""

    def beginning(self, day: int) -> tuple[tuple[int, int], ...]:
        """Return the sessions ``[start, end)`` that begin on a UTC day, in order, UTC nanoseconds.

        Args:
            day: Days since 1970-01-01.
        """
        ...


class Calendar:
    """Finds the stretch an instant lies in; remembers the last, so most answers are one comparison."""

    __slots__ = ("_hours", "_stretch")

    def __init__(self, *, hours: Hours) -> None:
        self._hours = hours
        self._stretch = Stretch(0, 0, False, 0)

    def at(self, now_ns: int) -> Stretch:
        """Return the stretch that holds ``now_ns``, UTC nanoseconds."""
        stretch = self._stretch
        if not stretch.start_ns <= now_ns < stretch.end_ns:
            stretch = self._stretch = find_stretch(self._hours, now_ns)
        return stretch

    def is_open(self, now_ns: int) -> bool:
        """Whether the session is on at ``now_ns``."""
        return self.at(now_ns).is_open

    def start_ns(self, now_ns: int) -> int | None:
        """Return when the session that holds ``now_ns`` began; ``None`` between sessions."""
        stretch = self.at(now_ns)
        return stretch.start_ns if stretch.is_open else None

    def opens_ns(self, now_ns: int) -> int | None:
        """Return when it opens next; ``None`` while it is open."""
        stretch = self.at(now_ns)
        return None if stretch.is_open else stretch.end_ns


class Always:
    """A schedule that is never closed."""

    def is_open(self, now_ns: int) -> bool:
        """Return true."""
        return True

    def opens_ns(self, now_ns: int) -> int | None:
        """Return ``None``: it is open."""
        return None


def find_stretch(hours: Hours, now_ns: int) -> Stretch:
    """Return the stretch of or between sessions that holds ``now_ns``."""
    for stretch in _stretches(hours, now_ns // DAY_NS):
        if now_ns < stretch.end_ns:
            return stretch
    raise AssertionError("the stretches of a day leave no gap")


@lru_cache(maxsize=16_384)
def _stretches(hours: Hours, day: int) -> tuple[Stretch, ...]:
    """Return every stretch that holds part of a UTC day, in order: shared by all who ask for it."""
    start_ns, end_ns = day * DAY_NS, (day + 1) * DAY_NS
    sessions = [*_latest_before(hours, day), *hours.beginning(day)]
    closed_from_ns, begun_ns = start_ns - _MOST_DAYS_CLOSED * DAY_NS, start_ns
    found: list[Stretch] = []
    for opens_ns, closes_ns in sessions:
        if closed_from_ns < opens_ns:
            found.append(Stretch(closed_from_ns, opens_ns, False, begun_ns))
        found.append(Stretch(opens_ns, closes_ns, True, opens_ns))
        closed_from_ns, begun_ns = closes_ns, opens_ns
    if closed_from_ns < end_ns:
        found.append(Stretch(closed_from_ns, _next_opening(hours, day), False, begun_ns))
    return tuple(stretch for stretch in found if stretch.end_ns > start_ns)


def _latest_before(hours: Hours, day: int) -> tuple[tuple[int, int], ...]:
    for earlier in range(day - 1, day - 1 - _MOST_DAYS_CLOSED, -1):
        sessions = hours.beginning(earlier)
        if sessions:
            return sessions
    return ()


def _next_opening(hours: Hours, day: int) -> int:
    for later in range(day + 1, day + 1 + _MOST_DAYS_CLOSED):
        sessions = hours.beginning(later)
        if sessions:
            return sessions[0][0]
    return (day + 1) * DAY_NS
