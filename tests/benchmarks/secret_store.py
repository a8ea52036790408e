"""What a secret costs: from memory (µs) and from its copy on disk (ms), beside doing without the store.

Run it as ``python tests/benchmarks/secret_store.py``. Both include their entry in the audit log. Rounds
alternate with the baseline, and each figure is the median of its rounds: of a look into a dict by a
coroutine for memory, and of reading and decrypting the same file for the disk. Memory is timed by the
thread's own clock, of time on a core; the disk, where another thread reads, by the wall.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[2]))

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.fakes import DictKeyring, MemoryKeeper
from tradeassist_desktop.domain.secret import SLACK_BOT, KeptSecret
from tradeassist_desktop.logs import SecretMask
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.secrets.cache import SecretCache
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.audit.log import AuditLog

MEMORY_BAR_US: Final = 5.0
DISK_BAR_MS: Final = 1.0
TOKEN: Final = {"token": "xoxb-" + "0123456789" * 5}
WHO: Final = "slack channel"
Call = Callable[[], Awaitable[object]]
Watch = Callable[[], int]


async def timed_ns(call: Call, times: int, watch: Watch) -> float:
    """Return what one call takes."""
    started_ns = watch()
    for _ in range(times):
        await call()
    return (watch() - started_ns) / times


async def compared(
    call: Call, baseline: Call, *, rounds: int, times: int, watch: Watch
) -> tuple[float, float]:
    """Return the medians of both, ns, their rounds alternating."""
    figures: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        figures[0].append(await timed_ns(call, times, watch))
        figures[1].append(await timed_ns(baseline, times, watch))
    return statistics.median(figures[0]), statistics.median(figures[1])


async def measure(folder: Path, rounds: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the figure and the baseline of memory, and of the disk, ns."""
    clock, mask = SystemClock(), SecretMask()
    manager = MemoryKeeper("secret manager", is_prompt=True, is_remote=True)
    manager.kept[SLACK_BOT] = TOKEN
    copies = SecretCache(folder=folder, keyring=DictKeyring(), clock=clock, scope=lambda: "a project")
    store = SecretStore(
        keepers=(manager,),
        mask=mask.learn,
        trail=AuditLog(clock=clock, mask=mask),
        clock=clock,
        copies=copies,
    )

    async def from_memory() -> KeptSecret | None:
        return await store.read(SLACK_BOT, who=WHO)

    async def from_disk() -> KeptSecret | None:
        store.forget()
        return await store.read(SLACK_BOT, who=WHO)

    kept = await from_memory()
    file = folder / f"{SLACK_BOT}.sealed"
    await copied(copies)
    known = {SLACK_BOT: kept}
    key, nonce = os.urandom(32), os.urandom(12)
    sealed = AESGCM(key).encrypt(nonce, file.read_bytes(), b"")

    async def from_dict() -> object:
        return known[SLACK_BOT]

    async def by_hand() -> object:
        file.read_bytes()
        return AESGCM(key).decrypt(nonce, sealed, b"")

    try:
        memory = await compared(
            from_memory, from_dict, rounds=rounds, times=20_000, watch=time.thread_time_ns
        )
        disk = await compared(from_disk, by_hand, rounds=rounds, times=100, watch=time.perf_counter_ns)
        assert manager.reads == 1  # all others came from where they should
    finally:
        await store.close()
    return memory, disk


async def copied(copies: SecretCache) -> None:
    """Wait for the copy, which is written after the answer."""
    async with asyncio.timeout(10):
        while await copies.read(SLACK_BOT) is None:
            await asyncio.sleep(0.01)


def main() -> int:
    """Print the figures; return 1 where one is above its bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        memory, disk = asyncio.run(measure(Path(folder) / "copies", options.rounds))
    print(f"{'from memory':14} {memory[0] / 1e3:8.2f} µs   a dict        {memory[1] / 1e3:8.3f} µs", end="")
    print(f"   aim below {MEMORY_BAR_US:g} µs")
    print(f"{'from disk':14} {disk[0] / 1e6:8.3f} ms   by hand       {disk[1] / 1e6:8.3f} ms", end="")
    print(f"   aim below {DISK_BAR_MS:g} ms")
    return int(memory[0] / 1e3 > MEMORY_BAR_US or disk[0] / 1e6 > DISK_BAR_MS)


if __name__ == "__main__":
    raise SystemExit(main())
