"""What Secret Manager costs the window: how long reads take, and how long the loop was held up meanwhile.

Run it as ``python tests/benchmarks/secret_manager.py``. A Secret Manager in a process of its own answers, is
slow, hangs, is gone; the keeper asks it on the desk's Qt loop, beside a coroutine that wakes every
millisecond. The longest time between two wake-ups is how long the window could not paint; the baseline is
the same without a question asked. The first read brings Google's library in, and so is told by itself.

Aim: the loop is never held up for 100 ms, whatever the server does; an answer or an error within 5 s.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_API"] = "pyside6"
ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from PySide6.QtWidgets import QApplication  # noqa: E402 - Qt reads the environment first

from tests.secret_manager.apart import secret_manager_apart  # noqa: E402 - see above
from tradeassist_desktop.domain.secret import SLACK_BOT, KeeperError  # noqa: E402 - see above
from tradeassist_desktop.runtime.breakers.manager import Breakers  # noqa: E402 - see above
from tradeassist_desktop.runtime.clock import SystemClock  # noqa: E402 - see above
from tradeassist_desktop.secrets.secret_manager.failures import (  # noqa: E402 - see above
    NAME,
    SECRET_MANAGER_BREAKER,
)
from tradeassist_desktop.secrets.secret_manager.keeper import SecretManagerKeeper  # noqa: E402 - see above
from tradeassist_desktop.secrets.secret_manager.place import SecretManagerPlace  # noqa: E402 - see above
from tradeassist_desktop.ui.loop import DeskLoop  # noqa: E402 - see above

READS = 200
SECRET = 'slack-bot={"token": "xoxb-the-words-of-the-bot"}'


class Watch:
    """How long the loop went without coming by."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    async def run(self) -> None:
        before = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            self.longest_s, before = max(self.longest_s, now - before), now


async def measured(watch: Watch, title: str, work: Callable[[], Awaitable[object]], count: int) -> None:
    """Do it so often, and print how long it took and what the loop lost."""
    watch.longest_s, times, errors = 0.0, [], 0
    for _ in range(count):
        started = time.perf_counter()
        try:
            await work()
        except KeeperError:
            errors += 1
        times.append((time.perf_counter() - started) * 1e3)
    times.sort()
    middle, last = times[len(times) // 2], times[-1]
    held_up_ms = watch.longest_s * 1e3
    print(f"{title:34} {middle:10.1f} ms {last:10.1f} ms {errors:5} errors {held_up_ms:8.1f} ms held up")


async def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        secret_manager_apart(Path(folder), "--secret", SECRET) as server,
    ):
        os.environ.update(server.environment)
        place = SecretManagerPlace.of(lambda key: server.settings.get(key, ""))
        clock = SystemClock()
        breakers = Breakers(clock=clock, rng=random.Random(7))
        breaker = breakers.get(NAME, SECRET_MANAGER_BREAKER)
        keeper = SecretManagerKeeper(place=lambda: place, breaker=breaker, clock=clock)
        watch = Watch()
        watching = asyncio.create_task(watch.run())

        async def read() -> None:
            await keeper.read(SLACK_BOT)

        async def read_anew() -> None:
            breakers.reset()
            await read()

        print(f"{'':34} {'median':>13} {'longest':>13}")
        await measured(watch, "nothing asked, for 3 s", lambda: clock.sleep(1.0), 3)
        await measured(watch, "first read", read, 1)
        await measured(watch, f"{READS} reads, one after another", read, READS)
        await measured(watch, "50 at once", lambda: asyncio.gather(*(read() for _ in range(50))), 10)
        for title, *said in (
            ("slow by 1 s", "slow 1"),
            ("unavailable", "fail unavailable"),
            ("hanging", "fail hang"),
            ("port closed", "stop"),
            ("there again", "start"),
        ):
            server.say("recover")
            for line in said:
                server.say(line)
            await measured(watch, title, read_anew, 3)
        watching.cancel()
        await keeper.close()


if __name__ == "__main__":
    application = QApplication([])
    with asyncio.Runner(loop_factory=lambda: DeskLoop(application)) as runner:
        runner.run(main())
