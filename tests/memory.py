"""How much memory this process took at most, while something went on."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

MEGABYTE = 1 << 20


@dataclass
class Growth:
    """``bytes`` is the highest seen above the start; final once the block is left."""

    bytes: int = 0


@contextmanager
def memory_growth() -> Iterator[Growth]:
    """Watch this process's resident memory every 2 ms, from a thread of its own."""
    gc.collect()
    process = psutil.Process()
    start, growth, is_over = process.memory_info().rss, Growth(), threading.Event()

    def look() -> None:
        growth.bytes = max(growth.bytes, process.memory_info().rss - start)

    def watch() -> None:
        while not is_over.wait(0.002):
            look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield growth
    finally:
        is_over.set()
        watcher.join()
        look()
