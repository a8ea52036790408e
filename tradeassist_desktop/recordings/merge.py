"""Several recordings as one stream, by time."""

from collections.abc import Iterable, Iterator, Sequence
from heapq import heapify, heappop, heapreplace

from tradeassist_desktop.domain.market import Bar, MarketEvent, instant_ns


def merge(recordings: Sequence[Iterable[MarketEvent]]) -> Iterator[MarketEvent]:
    """Merge by time, stable in argument order; of several files' events of one instant, bars come first.

    Rows of one file keep their order even where their times run backwards: such a row is taken at
    the newest time its file had reached, as it would have arrived.
    """
    if len(recordings) == 1:
        yield from recordings[0]
        return
    heap: list[tuple[int, int, MarketEvent, Iterator[MarketEvent]]] = []
    for place, recording in enumerate(recordings):
        events = iter(recording)
        first = next(events, None)
        if first is not None:
            heap.append((_moment(first), place, first, events))
    heapify(heap)
    while heap:
        moment, place, event, events = heap[0]
        yield event
        following = next(events, None)
        if following is None:
            heappop(heap)
        else:
            # The places differ, so that no comparison ever reaches the events.
            heapreplace(heap, (max(moment, _moment(following)), place, following, events))


def _moment(event: MarketEvent) -> int:
    # Twice the time, and one more for a tick: bars of an instant sort before its ticks.
    return instant_ns(event) * 2 + (not isinstance(event, Bar))
