import asyncio
import gc
import threading
import weakref
from contextlib import suppress

from tests.fakes import ManualClock
from tradeassist_desktop.runtime.garbage import collect_here


class Node:
    """Part of a cycle that only the collector can end."""

    def __init__(self) -> None:
        self.itself = self


async def test_cycles_made_in_another_thread_are_ended_on_the_loops_own() -> None:
    clock, ended_in = ManualClock(), []
    collecting = asyncio.create_task(collect_here(clock))
    await asyncio.sleep(0)

    def work() -> None:
        node = Node()
        weakref.finalize(node, lambda: ended_in.append(threading.get_ident()))
        del node
        keep = [Node() for _ in range(50_000)]  # far beyond the collector's threshold
        keep.clear()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    in_the_thread = list(ended_in)
    await clock.advance(60)

    assert in_the_thread == []
    assert ended_in == [threading.get_ident()]
    collecting.cancel()
    with suppress(asyncio.CancelledError):
        await collecting


async def test_the_collector_is_left_as_it_was_found() -> None:
    collecting = asyncio.create_task(collect_here(ManualClock()))
    await asyncio.sleep(0)
    while_running = gc.isenabled()

    collecting.cancel()
    with suppress(asyncio.CancelledError):
        await collecting

    assert not while_running
    assert gc.isenabled()


class LaggingClock(ManualClock):
    """Each sleep takes a second, what is done between two looks at it three; after so many sleeps it ends."""

    def __init__(self, *, sleeps: int) -> None:
        super().__init__()
        self._left = sleeps
        self._is_looked_at = False

    def monotonic_ns(self) -> int:
        self._monotonic_ns += 3_000_000_000 * self._is_looked_at
        self._is_looked_at = True
        return self._monotonic_ns

    async def sleep(self, seconds: float) -> None:
        self._monotonic_ns += 1_000_000_000
        self._is_looked_at = False
        self._left -= 1
        if self._left < 0:
            raise asyncio.CancelledError


async def test_what_takes_long_to_look_through_is_looked_through_seldom() -> None:
    looked_through: list[int] = []

    def note(phase: str, told: dict[str, int]) -> None:
        if phase == "start" and told["generation"] == 2:
            looked_through.append(1)

    gc.callbacks.append(note)
    with suppress(asyncio.CancelledError):
        await collect_here(LaggingClock(sleeps=5_000))
    gc.callbacks.remove(note)

    # At the 1,200th round it took three seconds: for 3,000, and so at the 2,400th and 3,600th, there is none.
    assert len(looked_through) == 2
