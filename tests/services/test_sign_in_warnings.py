"""Row 38 of the faults: the end of a sign-in is told before it comes, once, also over restarts."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.empty_database import empty_database
from tests.fakes import ManualClock, RecordingChannel
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.events import SignInChanged
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.sign_in import SignInStatus
from tradeassist_desktop.feeds.schwab.auth import AppCredentials, SignInNeeded, TokenManager, Tokens
from tradeassist_desktop.feeds.schwab.tokens import REFRESH_LIFE_NS
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.alerting import Alerting
from tradeassist_desktop.services.delivery.dispatcher import Dispatcher
from tradeassist_desktop.services.delivery.planning import to_channels
from tradeassist_desktop.services.history import History
from tradeassist_desktop.services.notices import Notices
from tradeassist_desktop.services.sign_in.warnings import SignInWarnings
from tradeassist_desktop.simulator import DemoMarket, Simulator
from tradeassist_desktop.storage.database import Database

HOUR_S = 3600


class Told:
    """What reached the trader, and the clock that brings it."""

    def __init__(
        self, clock: ManualClock, channel: RecordingChannel, alerting: Alerting, history: History, bus: Bus
    ) -> None:
        self._clock = clock
        self._channel = channel
        self._alerting = alerting
        self.history = history
        self.bus = bus

    async def after(self, hours: float) -> list[tuple[str, Priority]]:
        for seconds in (0.0, hours * HOUR_S):  # first what the start brings has its time to be saved
            await self._clock.advance(seconds)
            await self._alerting.drain(5)
            await asyncio.sleep(0.05)
        return [(message.body.partition(". ")[0], message.priority) for message in self._channel.messages]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def desk(tmp_path: Path, clock: ManualClock) -> Callable[..., Any]:
    """``async with desk(tokens) as told``: warnings run on a database that stays."""

    @asynccontextmanager
    async def open_(tokens: TokenManager) -> AsyncIterator[Told]:
        bus, rng, toast = Bus(), random.Random(5), RecordingChannel("toast")
        database = Database(path=empty_database(tmp_path / "desk.db"), bus=bus)
        dispatcher = Dispatcher(database=database, bus=bus, clock=clock, channels={"toast": toast}, rng=rng)
        alerting = Alerting(
            database=database,
            bus=bus,
            clock=clock,
            plan=to_channels(lambda alert: ("toast",)),
            dispatcher=dispatcher,
            rng=rng,
        )
        await database.start()
        await dispatcher.start()
        await alerting.start()
        history = History(database=database, bus=bus, clock=clock)
        await history.start()
        warnings = SignInWarnings(
            tokens=tokens,
            notices=Notices(alerting=alerting, clock=clock),
            settle=history.acknowledge,
            bus=bus,
            clock=clock,
        )
        running = asyncio.create_task(warnings.run())
        try:
            yield Told(clock, toast, alerting, history, bus)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await history.stop()
            await alerting.stop()
            await dispatcher.stop()
            await database.stop()

    return open_


@asynccontextmanager
async def signed_in(authorized_ns: int | None) -> AsyncIterator[tuple[TokenManager, Simulator]]:
    system = SystemClock()
    async with (
        Simulator(source=DemoMarket(clock=system), clock=system) as simulator,
        httpx.AsyncClient(trust_env=False) as http,
    ):

        async def keep(_: Tokens) -> None:
            return

        keys = simulator.sign_in.keys
        yield (
            TokenManager(
                base_url=simulator.http_url,
                app=AppCredentials(key=keys.key, secret=keys.secret),
                tokens=Tokens(refresh_token=simulator.sign_in.refresh_token, authorized_ns=authorized_ns),
                http=http,
                clock=system,
                on_tokens=keep,
            ),
            simulator,
        )


def ends_in(clock: ManualClock, *, hours: float) -> int:
    return clock.now_ns() + int(hours * HOUR_S * NS_PER_SECOND) - REFRESH_LIFE_NS


async def test_row_38_the_end_is_told_48_24_and_1_hours_before_and_when_it_comes(
    desk: Callable[..., Any], clock: ManualClock
) -> None:
    async with signed_in(ends_in(clock, hours=49)) as (tokens, _), desk(tokens) as told:
        assert await told.after(0.5) == []
        assert len(await told.after(1)) == 1
        assert len(await told.after(23)) == 1
        assert len(await told.after(1)) == 2
        assert len(await told.after(22)) == 2
        assert len(await told.after(1)) == 3
        all_of_it = await told.after(2)

    assert all_of_it == [
        ("Your sign-in at Schwab runs out within two days", Priority.NORMAL),
        ("Your sign-in at Schwab runs out within a day", Priority.HIGH),
        ("Your sign-in at Schwab runs out within an hour", Priority.URGENT),
        ("Your sign-in at Schwab has come to the end of its seven days", Priority.URGENT),
    ]


async def test_row_38_a_restart_repeats_no_warning(desk: Callable[..., Any], clock: ManualClock) -> None:
    async with signed_in(ends_in(clock, hours=30)) as (tokens, _):
        async with desk(tokens) as told:
            assert len(await told.after(0.5)) == 1
        async with desk(tokens) as told:
            assert await told.after(0.5) == []
            assert len(await told.after(6)) == 1


async def test_row_38_a_late_start_gives_the_warning_that_holds_and_no_other(
    desk: Callable[..., Any], clock: ManualClock
) -> None:
    async with signed_in(ends_in(clock, hours=0.5)) as (tokens, _), desk(tokens) as told:
        assert [priority for _, priority in await told.after(0.1)] == [Priority.URGENT]


async def test_row_38_a_new_sign_in_begins_the_count_anew(
    desk: Callable[..., Any], clock: ManualClock
) -> None:
    async with signed_in(ends_in(clock, hours=30)) as (tokens, _), desk(tokens) as told:
        await told.after(0.5)
        tokens.adopt(Tokens(refresh_token="second", authorized_ns=ends_in(clock, hours=50)))

        assert len(await told.after(1)) == 1
        assert len(await told.after(2)) == 2


async def test_a_renewal_takes_the_warnings_back_at_once(
    desk: Callable[..., Any], clock: ManualClock, until: Callable[..., Any]
) -> None:
    async with signed_in(ends_in(clock, hours=24.5)) as (tokens, _), desk(tokens) as told:
        assert len(await told.after(1)) == 2
        assert told.history.unacknowledged_count == 2

        tokens.adopt(Tokens(refresh_token="second", authorized_ns=clock.now_ns()))
        told.bus.publish(SignInChanged(status=SignInStatus()))

        await until(lambda: told.history.unacknowledged_count == 0)


async def test_row_38_a_sign_in_that_schwab_ends_early_is_told_once(
    desk: Callable[..., Any], clock: ManualClock
) -> None:
    async with signed_in(ends_in(clock, hours=100)) as (tokens, simulator), desk(tokens) as told:
        simulator.sign_in.revoke_refresh_tokens()
        for _ in range(3):
            with pytest.raises(SignInNeeded):
                await tokens.access_token()

        assert await told.after(1) == [
            ("Schwab's sign-in has run out: sign in again", Priority.URGENT),
        ]
        assert simulator.sign_in.token_requests == 1


async def test_a_sign_in_of_unknown_age_is_told_only_when_it_is_over(
    desk: Callable[..., Any], clock: ManualClock
) -> None:
    async with signed_in(None) as (tokens, simulator), desk(tokens) as told:
        assert await told.after(200) == []
        simulator.sign_in.revoke_refresh_tokens()
        with pytest.raises(SignInNeeded):
            await tokens.access_token()

        assert len(await told.after(1)) == 1
