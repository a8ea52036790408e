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
