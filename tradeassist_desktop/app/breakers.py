"""The desk's circuit breakers, and who hears of them."""

import asyncio
import random
import threading
from contextlib import AsyncExitStack

from tradeassist_desktop.domain.access import Gate
from tradeassist_desktop.domain.breakers import BreakerReading
from tradeassist_desktop.domain.events import BreakerChanged
from tradeassist_desktop.runtime.breakers.manager import Breakers
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import KeptBreakers


async def open_breakers(
    *, clock: Clock, bus: Bus, database: Database, stack: AsyncExitStack, access: Gate
) -> Breakers:
    """Return the desk's breakers as they stood; their changes are kept, and published on the bus."""
    breakers = Breakers(
        clock=clock, rng=random.Random(), store=KeptBreakers(database=database), access=access
    )
    await breakers.load()
    loop, loops_thread = asyncio.get_running_loop(), threading.get_ident()

    def tell(reading: BreakerReading) -> None:
        event = BreakerChanged(reading=reading)
        if threading.get_ident() == loops_thread:
            bus.publish(event)
        else:  # the bus is of one thread only, and a guarded call may be in another
            loop.call_soon_threadsafe(bus.publish, event)

    stack.callback(breakers.listen(tell))
    return breakers
