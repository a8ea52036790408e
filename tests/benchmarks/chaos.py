"""Something goes wrong with a simulated Schwab every few seconds, at random but repeatably."""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from tradeassist_desktop.simulator import Simulator
from tradeassist_desktop.simulator.faults.switches import RestFault

_GARBAGE: Final = (
    "{",
    "[]",
    '{"data":[{"service":"LEVELONE_EQUITIES","content":[{"key":"QAAA","3":NaN}]}]}',
    '{"data":[{"service":"LEVELONE_EQUITIES","content":[{"key":"QAAA","3":1e999,"1":"x"}]}]}',
    '{"data":' + "[" * 5_000,
    '{"data":[{"service":"NOBODY","content":[{"key":"QAAA"}]}],"response":7,"notify":[{}]}',
)
_LONGEST_S: Final = 3.0


class Chaos:
    """Asks a simulator for one fault after another.

    Args:
        every_s: Seconds from one fault to the next; none lasts longer than three.
        log_file: One JSON line for each: ``fault``, ``at_ns``, ``returned_ns`` (from when the feed could
            be had again) and ``is_cut`` (whether the connection was lost by it).
    """

    def __init__(self, *, simulator: Simulator, every_s: float, seed: int, log_file: Path) -> None:
        self._simulator = simulator
        self._every_s = every_s
        self._chance = random.Random(seed)
        self._log_file = log_file
        self._faults: tuple[tuple[str, Callable[[], Awaitable[bool]]], ...] = (
            ("abrupt close", self._drop),
            ("clean close", self._close),
            ("half-open", self._fall_silent),
            ("heartbeats without data", self._stop_data),
            ("login denied once", self._deny_login),
            ("stream stopped (30)", self._stop_stream),
            ("garbage frames", self._send_garbage),
            ("429 while reconnecting", lambda: self._spoil_rest("too_many_requests")),
            ("502 while reconnecting", lambda: self._spoil_rest("bad_gateway")),
            ("slow REST while reconnecting", lambda: self._spoil_rest("slow")),
            ("commands not answered", self._mute),
            ("frames twice", lambda: self._switch("is_duplicating")),
            ("frames swapped", lambda: self._switch("is_swapping")),
            ("stamps in seconds", lambda: self._switch("is_stamped_in_seconds")),
            ("stamps in the future", self._shift_stamps),
        )

    async def run(self) -> None:
        """Go on until cancelled."""
        with self._log_file.open("a") as log_file:
            while True:
                await asyncio.sleep(self._every_s)
                name, fault = self._chance.choice(self._faults)
                at_ns = time.time_ns()
                is_cut = await fault()
                entry = {"fault": name, "at_ns": at_ns, "returned_ns": time.time_ns(), "is_cut": is_cut}
                log_file.write(json.dumps(entry) + "\n")
                log_file.flush()

    async def _for_a_while(self) -> None:
        await asyncio.sleep(self._chance.uniform(1.0, _LONGEST_S))

    async def _drop(self) -> bool:
        self._simulator.streamer.drop_all()
        return True

    async def _close(self) -> bool:
        await self._simulator.streamer.close_all()
        return True

    async def _fall_silent(self) -> bool:
        await self._switch("is_silent")
        return True

    async def _stop_data(self) -> bool:
        return await self._switch("is_without_data")

    async def _deny_login(self) -> bool:
        self._simulator.faults.refused_logins = 1
        return await self._drop()

    async def _stop_stream(self) -> bool:
        for connection in self._simulator.streamer.connections:
            await connection.notify("ADMIN", 30, "Stop streaming: administrator.")
            connection.abort()
        return True

    async def _send_garbage(self) -> bool:
        for connection in self._simulator.streamer.connections:
            for text in _GARBAGE:
                await connection.send_text(text)
        return False

    async def _spoil_rest(self, error: str) -> bool:
        fault = RestFault(error=error, seconds=1.0)  # type: ignore[arg-type]  # one of its words
        self._simulator.faults.rest.append(fault)
        self._simulator.streamer.drop_all()
        await self._for_a_while()
        self._simulator.faults.rest.remove(fault)
        return True

    async def _mute(self) -> bool:
        self._simulator.streamer.drop_all()
        self._simulator.faults.mute_commands = 1_000_000
        await self._for_a_while()
        self._simulator.faults.mute_commands = 0
        return True

    async def _switch(self, name: str) -> bool:
        setattr(self._simulator.faults, name, True)
        await self._for_a_while()
        setattr(self._simulator.faults, name, False)
        return False

    async def _shift_stamps(self) -> bool:
        self._simulator.faults.stamp_shift_ms = 120_000
        await self._for_a_while()
        self._simulator.faults.stamp_shift_ms = 0
        return False
