"""A rule fired as a test: through its real channels, marked as a test, and never an alert."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes import ManualClock, MemoryKeeper, store_of
from tests.services.routed_desk import NOON_NS, Market, RoutedDesk, running_desk
from tradeassist_desktop.channels import CHANNELS
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.channels import Undeliverable
from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.services.channel_secrets import ChannelSecrets
from tradeassist_desktop.services.channel_setup import ChannelSetup
from tradeassist_desktop.services.testing.fire_drill import FireDrill

RULE = Rule(
    uid="es",
    name="ES breaks out",
    symbols=("/ES",),
    when="last crosses above 5530",
    priority=Priority.HIGH,
    channels=("toast", "slack", "email"),
)
EITHER = Rule(
    uid="either",
    name="high or low",
    symbols=("/ES",),
    when="last > 5600 or bid < 5528",
)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[RoutedDesk]:
    async with running_desk(tmp_path, clock=ManualClock(now_ns=NOON_NS), market=Market()) as desk:
        yield desk


@pytest.fixture
def drill(desk: RoutedDesk) -> FireDrill:
    engine = Engine(instruments=instrument_of)
    engine.set_rules((RULE, EITHER))
    engine.on_tick(Tick("/ES", NOON_NS, NOON_NS, last=5528.25, bid=5527.75))
    return FireDrill(
        routing=desk.routing,
        channel_setup=ChannelSetup(
            channels=desk.channels,
            kinds=CHANNELS,
            send_test=desk.dispatcher.send_test,
            settings=desk.settings,
            secrets=ChannelSecrets(store=store_of(MemoryKeeper(), clock=desk.clock), clock=desk.clock),
            bus=desk.bus,
            clock=desk.clock,
        ),
        explain=engine.explain,
        quote=engine.quote,
        instrument=instrument_of,
        event_now_ns=desk.clock.now_ns,
    )


async def test_each_channel_gets_it_as_a_test_with_the_present_values_and_no_alert_comes_of_it(
    desk: RoutedDesk, drill: FireDrill
) -> None:
    await desk.set(quiet__slack="00:00-23:59 UTC")
    desk.channels["email"].script = [Undeliverable("the server refused the address", retry=False)]

    drilled = {each.channel: each for each in await drill.fire(RULE)}

    (message,) = desk.channels["toast"].messages
    assert (message.is_test, message.priority, message.rule_uid) == (True, Priority.HIGH, "")
    assert (message.title, message.body) == ("ES breaks out", "/ES last 5528.25 crosses above 5530")
    assert drilled["toast"].tested.is_delivered
    assert drilled["slack"].tested.is_delivered
    assert drilled["slack"].muted.startswith("quiet hours of Slack")
    assert drilled["email"].tested.words == "the server refused the address"
    assert desk.history.records() == ()


async def test_a_rule_that_is_not_kept_yet_says_its_own_words(drill: FireDrill) -> None:
    words = "{symbol} at {last}, {value}"
    draft = Rule(uid="draft", name="new", symbols=("/ES",), when="bid > 1", message=words)

    assert drill.message(draft).body == "/ES at 5528.25, –"


async def test_of_two_comparisons_the_true_one_is_told_with_its_value(drill: FireDrill) -> None:
    message = drill.message(EITHER)

    assert (message.body, message.value) == ("/ES bid 5527.75 < 5528", 5527.75)
