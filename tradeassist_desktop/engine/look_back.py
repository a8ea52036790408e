"""Decides on a stretch of time that could not be seen, once it can be told."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final, Protocol, TypeVar

from tradeassist_desktop.domain.alerts import Alert, Timing
from tradeassist_desktop.domain.market import PastTold, Tick
from tradeassist_desktop.engine.instance import Instance
from tradeassist_desktop.engine.market.book import Book

_PRESENT: Final = ""
"""Stands, where an instance is blind, for the stretch itself: no symbol has that name."""


_Done = TypeVar("_Done")


class EventClock(Protocol):
    """The part of an engine that is turned back."""

    clock_ns: int
    timers_until_ns: int

    def on_tick(self, tick: Tick) -> Sequence[Alert]:
        """Apply an update."""
        ...

    def on_time(self, utc_ns: int) -> Sequence[Alert]:
        """Do what is due by an instant."""
        ...

    def renew_timers(self, instance: Instance) -> None:
        """Set anew what an instance waits for time alone with."""
        ...


class LookBack:
    """An engine's look at a stretch, told in updates of the past in order of their time.

    While it decides on one of them its clock stands where that happened: bars, holds and
    cooldowns come out as if it had been seen. Rules see again as what they were; a hold that ran
    goes on. Two kinds of rules wait for the present: those that read another symbol too, of
    which that past is not known; and, until then, those whose decisions up to some time are kept
    from before a restart.
    """

    def __init__(self, *, engine: EventClock, books: Sequence[Book], since_ns: int) -> None:
        self._engine = engine
        self._books = books
        self._clock_ns = min(engine.clock_ns, since_ns)
        self._timers_until_ns = min(engine.timers_until_ns, since_ns)
        self._decided: list[tuple[int, int, Instance]] = []
        self._waiting: list[Instance] = []
        told = {book.symbol for book in books}
        readers: dict[Instance, None] = {}
        for book in books:
            book.blind = None
            for history in book.histories:
                history.look_back()
            for instance in book.readers:
                instance.blind.pop(book.symbol, None)
                readers[instance] = None
        self._readers = frozenset((instance.rule.uid, instance.symbol) for instance in readers)
        self._then(lambda: self._wake(readers, told, since_ns))

    def on_tick(self, tick: Tick) -> Sequence[Alert]:
        """Take the next update of the past; return the alerts it would have caused."""
        while self._decided and self._decided[0][0] < tick.event_ns:
            self._resume(heapq.heappop(self._decided)[2])
        return self._late(self._then(lambda: self._engine.on_tick(tick)))

    def end(self, until_ns: int) -> Sequence[Alert]:
        """Do what was due up to the stretch's end, and let all rules decide on the present."""
        try:
            return self._late(self._then(lambda: self._engine.on_time(until_ns)))
        finally:
            self.leave()

    def leave(self) -> None:
        """Break it off: what has not been told was not seen. Harmless after its end."""
        for _, _, instance in self._decided:
            self._resume(instance)
        for instance in self._waiting:
            if instance.blind.pop(_PRESENT, None) is not None and not instance.blind:
                instance.see_again()
        self._decided, self._waiting = [], []
        for book in self._books:
            for history in book.histories:
                history.look_back()
        self._books = ()

    def _wake(self, readers: Iterable[Instance], told: set[str], since_ns: int) -> None:
        for instance in readers:
            decided_ns = max(instance.decided_until_ns, instance.born_ns)
            if any(book.symbol not in told for book in instance.books):
                instance.blind[_PRESENT] = "of other symbols it reads only the present is known"
                self._waiting.append(instance)
            elif decided_ns > since_ns:
                instance.blind[_PRESENT] = "what it decided before is kept"
                heapq.heappush(self._decided, (decided_ns, len(self._decided), instance))
            else:
                self._go_on(instance)

    def _late(self, alerts: Sequence[Alert]) -> Sequence[Alert]:
        """Mark what fired late; rules that read none of the symbols only had their turn meanwhile."""
        return [
            replace(alert, timing=Timing.LATE) if (alert.rule_uid, alert.symbol) in self._readers else alert
            for alert in alerts
        ]

    def _resume(self, instance: Instance) -> None:
        instance.blind.pop(_PRESENT, None)
        self._go_on(instance)

    def _go_on(self, instance: Instance) -> None:
        if not instance.blind:
            instance.mark_due()
            self._engine.renew_timers(instance)

    def _then(self, work: Callable[[], _Done]) -> _Done:
        """Do something with the engine's clock standing in the past."""
        engine = self._engine
        present_ns, present_timers_ns = engine.clock_ns, engine.timers_until_ns
        engine.clock_ns, engine.timers_until_ns = self._clock_ns, self._timers_until_ns
        try:
            return work()
        finally:
            self._clock_ns, self._timers_until_ns = engine.clock_ns, engine.timers_until_ns
            engine.clock_ns = max(engine.clock_ns, present_ns)
            engine.timers_until_ns = max(engine.timers_until_ns, present_timers_ns)


class RecordedPast:
    """Looks back where a recording says that its session did."""

    def __init__(self, *, look_back: Callable[[Iterable[str], int], LookBack]) -> None:
        self._look_back = look_back
        self._since_ns: dict[str, int] = {}
        self._look: LookBack | None = None

    @property
    def is_told(self) -> bool:
        """Whether updates are of the past now."""
        return bool(self._since_ns)

    def take(self, told: PastTold) -> Sequence[Alert]:
        """Begin to look back at one symbol more, or end; return what was due up to the end."""
        if not told.is_over:
            self._since_ns[told.symbol] = told.utc_ns
            return ()
        if not self._since_ns:
            return ()
        look = self._begun()
        self._since_ns, self._look = {}, None
        return look.end(told.utc_ns)

    def on_tick(self, tick: Tick) -> Sequence[Alert]:
        """Take an update of the past."""
        return self._begun().on_tick(tick)

    def _begun(self) -> LookBack:
        if self._look is None:
            self._look = self._look_back(self._since_ns, min(self._since_ns.values()))
        return self._look
