"""A rotation that is killed after so many acts: ``rotating_child.py FOLDER ACTS [SLACK_URL]``.

An act is whatever is still there after a kill: a row, a keeper's write, a request to the issuer. Says each on
standard output, and ``done`` where it was not killed before.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from tests.fakes import ManualClock
from tests.services.rotation.desk import DAY_S, HOUR_S, rotation_desk
from tests.services.rotation.kept_in_files import FileIssuer, FileKeeper
from tradeassist_desktop.channels.slack_tokens import SlackTokens
from tradeassist_desktop.domain.secret import SLACK_BOT, SMTP
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.storage.rotations import RotationStore

ACTS: Final = ("write", "delete", "set_state", "keep", "make", "verify", "retire")


class Killed:
    """Passes everything on to another object, and kills the process after so many of its acts."""

    def __init__(self, other: Any, count: "Count") -> None:
        self._other = other
        self._count = count

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._other, name)
        return self._count.counting(f"{type(self._other).__name__}.{name}", found) if name in ACTS else found


class Count:
    """Counts acts of all it watches."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._acts = 0
        self.check()

    def counting(self, name: str, act: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def counted(*given: Any, **named: Any) -> Any:
            outcome = await act(*given, **named)
            self._acts += 1
            print(name, flush=True)
            self.check()
            return outcome

        return counted

    def check(self) -> None:
        if self._acts == self._most:
            os.kill(os.getpid(), signal.SIGKILL)


async def main(folder: Path, most: int, slack_url: str = "") -> None:
    count = Count(most)
    if slack_url:
        overrides = (f"slack.base_url={slack_url}",)
        settings = Settings(file=folder / "none.json", overrides=overrides, is_dev=True)
        name, rotator = SLACK_BOT, Killed(SlackTokens(settings=settings, clock=SystemClock()), count)
    else:
        name, rotator = SMTP, Killed(FileIssuer(folder), count)
    async with rotation_desk(
        folder,
        keepers=[Killed(FileKeeper(folder), count)],
        own={name: rotator},
        clock=ManualClock(),
        given={f"rotate.{name}": "off"},
        kept=lambda database: Killed(RotationStore(database=database), count),
    ) as desk:
        await desk.service.rotate_now(name)
        await desk.after(3 * HOUR_S)
        await desk.after(8 * DAY_S)
    print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]))
