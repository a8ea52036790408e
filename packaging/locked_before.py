"""Sets an app lock up in a folder, for pictures of a desk that has one; run with an open keyring at hand."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Final

from tradeassist_desktop.app.desk_lock import lock_and_settings
from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.domain.access import Role
from tradeassist_desktop.domain.audit import AuditEntry
from tradeassist_desktop.logs import SecretMask
from tradeassist_desktop.paths import resolve
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock

PINS: Final = {Role.ADMIN: "821173", Role.TRADER: "traders only", Role.VIEWER: "just looking"}


class NoTrail:
    """Writes nothing down."""

    def record(self, entry: AuditEntry) -> None:
        """Forget it."""


async def set_up(place: Path, *, covers_window: bool) -> None:
    """Set it up there."""
    launch = Launch(
        places=resolve(place),
        feed=None,
        speed=None,
        symbol=None,
        bar_label="start",
        rules_file=None,
        record_file=None,
        overrides=(),
        environment=dict(os.environ),
        is_dev=False,
        is_headless=True,
        mask=SecretMask(),
    )
    lock, settings = lock_and_settings(launch, audit=NoTrail(), clock=SystemClock(), bus=Bus())
    await lock.keys.set_up(PINS)
    await settings.set("lock.covers_window", covers_window)


if __name__ == "__main__":
    asyncio.run(set_up(Path(sys.argv[1]), covers_window=sys.argv[2] == "covered"))
