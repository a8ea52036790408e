"""When each subject is to be looked at next."""

import heapq
import itertools
from collections.abc import Iterable
from typing import Final

from tradeassist_desktop.domain.routing import Subject

_FEW: Final = 64


class Agenda:
    """One time for each subject, the last that was asked for; first the earliest, then who asked first."""

    def __init__(self) -> None:
        self._due: dict[Subject, int] = {}
        # Has a time that no longer holds until it comes, or until there are too many of those: a rule that
        # fires each second asks for the same repeat, hours away, each second.
        self._heap: list[tuple[int, int, Subject]] = []
        self._asked = itertools.count()

    def __len__(self) -> int:
        """How many entries it takes room for."""
        return len(self._heap)

    def ask(self, subject: Subject, at_ns: int) -> None:
        """Have it looked at then, and not when it was to be before."""
        if self._due.get(subject) == at_ns:
            return
        self._due[subject] = at_ns
        heapq.heappush(self._heap, (at_ns, next(self._asked), subject))
        if len(self._heap) > 2 * len(self._due) + _FEW:
            self._renew()

    def ask_all(self, subjects: Iterable[Subject], at_ns: int) -> None:
        """Have these looked at then, and no others."""
        self._due = dict.fromkeys(subjects, at_ns)
        self._renew()

    def drop(self, subject: Subject) -> None:
        """Have it not looked at."""
        self._due.pop(subject, None)

    def take(self, now_ns: int) -> Subject | None:
        """Return a subject whose time has come, once; ``None`` if there is none."""
        while self._heap and self._heap[0][0] <= now_ns:
            due_ns, _, subject = heapq.heappop(self._heap)
            if self._due.get(subject) == due_ns:
                del self._due[subject]
                return subject
        return None

    @property
    def first_ns(self) -> int | None:
        """When the first may have come; ``None`` for none. Never too late."""
        return self._heap[0][0] if self._heap else None

    def _renew(self) -> None:
        self._heap = [(due_ns, next(self._asked), subject) for subject, due_ns in self._due.items()]
        heapq.heapify(self._heap)
