"""Random moments, to the tenth of a millisecond: a loop's own timers round to whole ones."""

import asyncio
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def random_moments(*, per_s: float, seed: int) -> Iterator[asyncio.Queue[int]]:
    """Yield a queue of the running loop into which a thread puts each moment, ``perf_counter_ns``."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[int] = asyncio.Queue()
    end = threading.Event()

    def hand() -> None:
        chance = random.Random(seed)
        while not end.wait(chance.expovariate(per_s)):
            loop.call_soon_threadsafe(queue.put_nowait, time.perf_counter_ns())

    thread = threading.Thread(target=hand, daemon=True)
    thread.start()
    try:
        yield queue
    finally:
        end.set()
        thread.join()
