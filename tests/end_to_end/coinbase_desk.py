"""The program's desk in this process, its Coinbase a local one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.fakes import store_of
from tradeassist_desktop import paths
from tradeassist_desktop.app.desk import open_desk
from tradeassist_desktop.app.launch import Launch, claim
from tradeassist_desktop.logs import SecretMask
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.audit.log import AuditLog
from tradeassist_desktop.services.channel_secrets import ChannelSecrets
from tradeassist_desktop.services.desk import Desk
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.simulator.coinbase.server import CoinbaseSimulator


@asynccontextmanager
async def desk_on(coinbase: CoinbaseSimulator, rules: Path, bus: Bus, *, feed: str) -> AsyncIterator[Desk]:
    launch = Launch(
        places=paths.resolve(rules.parent / "desk"),
        feed=feed,
        speed=None,
        symbol=None,
        bar_label="start",
        rules_file=rules,
        record_file=None,
        overrides=(f"coinbase.ws_url={coinbase.ws_url}", f"coinbase.rest_url={coinbase.http_url}"),
        environment={},
        is_dev=True,
        is_headless=True,
        mask=SecretMask(),
    )
    claim(launch)
    settings = Settings(
        file=launch.places.settings, overrides=launch.overrides, environment={}, is_dev=True, bus=bus
    )
    secrets = store_of()
    async with open_desk(
        launch=launch,
        settings=settings,
        channels={},
        secrets=secrets,
        channel_secrets=ChannelSecrets(store=secrets, clock=SystemClock()),
        clock=SystemClock(),
        bus=bus,
        audit=AuditLog(clock=SystemClock(), mask=launch.mask),
        reopen=lambda _: None,
    ) as desk:
        yield desk
