"""Everything that can go wrong with Secret Manager, at random and at once, for a while."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.secret_manager.faults import FAULTS, Fault
from tests.secret_manager.server import SecretManagerServer
from tests.secrets.secret_manager_desk import TOKEN, secret_manager_desk
from tests.tcp_proxy import TcpProxy, tcp_proxy
from tradeassist_desktop.domain.secret import SLACK_BOT, KeeperError
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.secrets.secret_manager.failures import NAME
from tradeassist_desktop.secrets.secret_manager.keeper import SecretManagerKeeper

SECONDS = 20
READERS = 12


async def break_something(chance: random.Random, server: SecretManagerServer, proxy: TcpProxy) -> None:
    what = chance.choice([*FAULTS, "slow", "stall", "reset", "close", "restart"])
    if what in FAULTS:
        server.fail(FAULTS[what], times=chance.randint(1, 3))
    elif what == "slow":
        server.fail(Fault(slow_s=chance.uniform(0.0, 1.0)), times=1)
    elif what == "restart":
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)
    else:
        getattr(proxy, what)()


@pytest.mark.long
@pytest.mark.qt_loop
@pytest.mark.parametrize("seed", [5, 9, 23])
async def test_in_a_storm_of_faults_each_errand_ends_in_time_as_an_answer_or_in_words(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    ends, longest_s, failures = time.monotonic() + SECONDS, 0.0, Counter[str]()
    async with secret_manager_desk(tmp_path) as desk, tcp_proxy(desk.server.port) as proxy:
        breaker = desk.breakers.get(NAME)
        places = (desk.place, replace(desk.place, endpoint=f"localhost:{proxy.port}"))
        keeper = SecretManagerKeeper(place=lambda: desk.place, breaker=breaker, clock=SystemClock())
        errands = (
            lambda: keeper.read(SLACK_BOT),
            lambda: keeper.write(SLACK_BOT, TOKEN),
            lambda: keeper.versions(SLACK_BOT),
        )

        async def ask() -> None:
            nonlocal longest_s
            while time.monotonic() < ends:
                began = time.monotonic()
                try:
                    await chance.choice(errands)()
                    failures["none"] += 1
                except KeeperError as error:
                    failures[type(error).__name__] += 1
                longest_s = max(longest_s, time.monotonic() - began)
                await asyncio.sleep(chance.uniform(0.0, 0.05))

        async def storm() -> None:
            while time.monotonic() < ends:
                await break_something(chance, desk.server, proxy)
                await asyncio.sleep(chance.uniform(0.0, 0.3))
                desk.place = chance.choice(places)
                if chance.random() < 0.5:
                    desk.server.recover()
                    breaker.reset()

        await asyncio.gather(storm(), *(ask() for _ in range(READERS)))
        await keeper.close()

        assert failures["none"] > 100
        assert len(failures) > 3
        assert longest_s < 6.0  # 5 s and a busy machine
