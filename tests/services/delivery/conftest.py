import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.storage.database import Database


@pytest.fixture
async def make(
    database: Database, bus: Bus, clock: ManualClock, rng: random.Random
) -> AsyncIterator[Callable[..., Dispatcher]]:
    """``make(channel, …, guards=…)``: a dispatcher with these channels, stopped at the end of the test."""
    running: list[Dispatcher] = []

    def dispatcher(*channels: Any, **more: Any) -> Dispatcher:
        made = Dispatcher(
            **{
                "database": database,
                "bus": bus,
                "clock": clock,
                "channels": {channel.name: channel for channel in channels},
                "rng": rng,
                **more,
            }
        )
        running.append(made)
        return made

    yield dispatcher
    for made in running:
        await made.stop(drain_s=0)
