"""What it costs to take secrets out of a log line, µs a line, beside the same line unmasked.

Run it as ``python tests/benchmarks/masking.py``. Rounds alternate and each figure is its best round:
whatever else the machine does only adds to it. The clock is the thread's own, of time on a core.
"""

import logging
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[2]))

from tradeassist_desktop.logs import JsonLines, SecretMask

KNOWN: Final = (0, 20, 500)
ROUNDS: Final = 9
CALLS: Final = 2_000


class NoMask(SecretMask):
    """Leaves every text as it is: what the line costs by itself."""

    def __call__(self, text: str) -> str:
        return text


def a_record() -> logging.LogRecord:
    """Return a usual line: four values."""
    record = logging.LogRecord(
        "tradeassist_desktop.services.delivery", logging.INFO, __file__, 1, "delivered", (), None
    )
    record.__dict__.update(channel="slack", attempt=1, latency_ms=12.3, detail="#alerts took the message")
    return record


def taking(work: Callable[[], object]) -> float:
    """Return the time of one call, microseconds."""
    before = time.thread_time_ns()
    for _ in range(CALLS):
        work()
    return (time.thread_time_ns() - before) / CALLS / 1_000


def main() -> None:
    """Measure and print."""
    record = a_record()
    formats: dict[str, Callable[[], object]] = {}
    learning: dict[str, float] = {}
    for count in (None, *KNOWN):
        mask = NoMask() if count is None else SecretMask()
        texts = [secrets.token_urlsafe(32) for _ in range(count or 0)]
        before = time.thread_time_ns()
        mask.learn(texts)
        name = "no mask" if count is None else f"{count} secrets"
        if texts:
            learning[name] = (time.thread_time_ns() - before) / 1_000 / len(texts)
        lines = JsonLines(mask=mask)
        formats[name] = lambda lines=lines: lines.format(record)
    best = dict.fromkeys(formats, float("inf"))
    for _ in range(ROUNDS):
        for name, work in formats.items():
            best[name] = min(best[name], taking(work))
    for name, cost in best.items():
        learnt = f", learnt at {learning[name]:.0f} µs each" if name in learning else ""
        print(f"{name:12} {cost:6.1f} µs a line, {cost / best['no mask']:.2f} of an unmasked one{learnt}")


if __name__ == "__main__":
    main()
