"""From the outbox to a real receiver: what bars a channel keeps its alerts, what mends it sends them."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.channels.hook_server import HookServer, hook_server
from tests.fakes import MemoryKeeper, store_of
from tradeassist_desktop.channels import CHANNELS
from tradeassist_desktop.channels.kind import ChannelContext
from tradeassist_desktop.domain.delivery import Delivery, DeliveryState
from tradeassist_desktop.domain.events import DeliveryChanged
from tradeassist_desktop.domain.secret import WEBHOOK
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.channel_secrets import ChannelSecrets
from tradeassist_desktop.services.channel_setup import ChannelSetup
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.storage.database import Database


class Desk:
    """A webhook, the outbox before it, and what sets it up."""

    def __init__(self, *, folder: Path, database: Database, bus: Bus, url: str) -> None:
        clock = SystemClock()
        keyring = MemoryKeeper()
        keyring.kept[WEBHOOK] = {"url": f"{url}/x"}
        settings = Settings(file=folder / "settings.json", overrides=(f"webhook.allow_private={url}",))
        secrets = ChannelSecrets(store=store_of(keyring, clock=clock), clock=clock)
        context = ChannelContext(
            settings=settings, read_secret=secrets.read, clock=clock, mask=lambda texts: None
        )
        channels = {"webhook": CHANNELS["webhook"].build(context)}
        self.barred: list[tuple[str, str]] = []
        self.dispatcher = Dispatcher(
            database=database,
            bus=bus,
            clock=clock,
            channels=channels,
            on_barred=lambda name, reason: self.barred.append((name, reason)),
        )
        self.setup = ChannelSetup(
            channels=channels,
            kinds=CHANNELS,
            send_test=self.dispatcher.send_test,
            settings=settings,
            secrets=secrets,
            bus=bus,
            clock=clock,
        )

    def send(self, alert: Any) -> None:
        self.dispatcher.dispatch(alert, [Delivery(alert_id=alert.id, channel="webhook")], is_saved=True)


@pytest.mark.parametrize("mends_by", ["new credentials", "a test that arrives"])
async def test_a_channel_that_is_let_in_again_sends_what_waited_in_order(
    mends_by: str, database: Database, bus: Bus, tmp_path: Path, make_alert: Any, until: Any
) -> None:
    hook: HookServer
    async with hook_server() as hook:
        hook.answers = [web.Response(status=401), web.Response()]
        desk = Desk(folder=tmp_path, database=database, bus=bus, url=f"http://127.0.0.1:{hook.port}")
        states: list[DeliveryState] = []
        bus.subscribe(DeliveryChanged, lambda event: states.append(event.delivery.state))
        await desk.dispatcher.start()
        for number in (1, 2):
            desk.send(make_alert(number))
        await until(lambda: desk.barred)

        if mends_by == "new credentials":
            await desk.setup.save("webhook", {"webhook.headers/lines": "X-Key: right"})
        else:
            assert (await desk.setup.test("webhook")).is_delivered
        await until(lambda: desk.dispatcher.pending_count == 0)
        await desk.dispatcher.stop()

    assert [(name, "does not let us in" in reason) for name, reason in desk.barred] == [("webhook", True)]
    alerts = [each.document for each in hook.received if not each.document["is_test"]]
    assert [each["alert_id"] for each in alerts] == ["alert-1", "alert-1", "alert-2"]
    assert alerts[0]["id"] == alerts[1]["id"]
    assert states.count(DeliveryState.DELIVERED) == 2
