"""A rename, a roll and a split at the simulated exchange, and what the trader clicks in the real window."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.fakes import store_of
from tradeassist_desktop import paths
from tradeassist_desktop.app.desk import open_desk
from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.domain.events import AlertRaised
from tradeassist_desktop.domain.health import FeedState
from tradeassist_desktop.domain.market import Bar, InstrumentKind
from tradeassist_desktop.engine.calendars.sessions import regular
from tradeassist_desktop.logs import SecretMask
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.secrets.environment import EnvironmentKeeper
from tradeassist_desktop.services.audit.log import AuditLog
from tradeassist_desktop.services.channel_secrets import ChannelSecrets
from tradeassist_desktop.services.desk import Desk
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.simulator import DemoMarket, Simulator
from tradeassist_desktop.simulator.demo_listings import HABITS
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import MarketStore
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.theme import Theme

Opener = Callable[..., AbstractAsyncContextManager["Morning"]]
Until = Callable[..., Any]

DAY_S = 86_400.0
MINUTE_NS = 60_000_000_000
TOLD = "Rules to be carried over"


@dataclass
class Morning:
    """A simulated Schwab, the desk on it, and its window."""

    simulator: Simulator
    source: DemoMarket
    desk: Desk
    window: MainWindow
    qtbot: QtBot
    until: Callable[..., Any]
    told: list[str] = field(default_factory=list)

    @property
    def rules(self) -> list[tuple[tuple[str, ...], str]]:
        return [(rule.symbols, rule.when) for rule in self.desk.rules.all()]

    def last(self, symbol: str) -> float:
        quote = self.desk.market.quote(symbol)
        return 0.0 if quote is None or quote.last is None else quote.last

    def sentences(self, symbol: str) -> list[str]:
        """What the section Rolls and splits says of a symbol."""
        block = self.window.findChild(QWidget, f"proposal_{symbol}")
        if block is None or block.isHidden():
            return []
        labels = block.findChildren(QLabel)
        return [label.text() for label in labels if label.text() and not label.isHidden()]

    async def offer(self, symbol: str) -> list[str]:
        """Return what the section says of a symbol, once it does."""
        await self.until(lambda: self.sentences(symbol))
        return self.sentences(symbol)

    def button(self, name: str) -> QPushButton:
        found = self.window.findChild(QPushButton, name)
        assert found is not None
        return found

    async def look(self, times: int = 1) -> None:
        """Do what the desk does every five seconds."""
        for _ in range(times):
            await self.desk.adjustments.look()

    async def click(self, name: str) -> None:
        await self.until(lambda: self.button(name).isVisible() and self.button(name).isEnabled())
        self.qtbot.mouseClick(self.button(name), Qt.MouseButton.LeftButton)


@pytest.fixture
def open_morning(
    tmp_path: Path, qapp: QApplication, qtbot: QtBot, until: Callable[..., Any]
) -> Callable[..., AbstractAsyncContextManager[Morning]]:
    """``async with open_morning() as morning``; all has ended after it: Qt's events go on without a loop."""

    async def as_always(simulator: Simulator, folder: Path) -> None:
        """Nothing has happened before."""

    @asynccontextmanager
    async def open_(
        before: Callable[[Simulator, Path], Awaitable[None]] = as_always,
    ) -> AsyncIterator[Morning]:
        bus, clock = Bus(), SystemClock()
        source = DemoMarket(clock=clock, rate=200)
        theme = Theme(application=qapp, resources=paths.resources())
        theme.start("dark", "green_red")
        async with Simulator(source=source, clock=clock) as simulator:
            await before(simulator, tmp_path)
            launch = launched(simulator, tmp_path)
            settings = Settings(
                file=launch.places.settings,
                overrides=launch.overrides,
                environment=launch.environment,
                is_dev=True,
                bus=bus,
            )
            secrets = store_of(EnvironmentKeeper(environment=launch.environment))
            async with open_desk(
                launch=launch,
                settings=settings,
                channels={},
                secrets=secrets,
                channel_secrets=ChannelSecrets(store=secrets, clock=clock),
                clock=clock,
                bus=bus,
                audit=AuditLog(clock=clock, mask=launch.mask),
                reopen=lambda opening: None,
            ) as desk:
                window = MainWindow(desk=desk, theme=theme, state_file=launch.places.layout)
                window.start()
                made = Morning(simulator, source, desk, window, qtbot, until)
                bus.subscribe(AlertRaised, lambda event: made.told.append(event.alert.rule_name))
                await until(lambda: desk.market.feed_statuses[0].state is FeedState.LIVE)
                await until(lambda: made.last("AAPL") and made.last("/ES"))
                window.show_dock("feed")
                yield made
                await window.finish()
                window.deleteLater()
        theme.stop()

    return open_


def launched(simulator: Simulator, folder: Path) -> Launch:
    keys = simulator.sign_in.keys
    return Launch(
        places=paths.resolve(folder),
        feed="schwab",
        speed=None,
        symbol=None,
        bar_label="start",
        rules_file=None,
        record_file=None,
        overrides=(f"schwab.base_url={simulator.http_url}",),
        environment={
            "SCHWAB_APP_KEY": keys.key,
            "SCHWAB_APP_SECRET": keys.secret,
            "SCHWAB_REFRESH_TOKEN": simulator.sign_in.refresh_token,
        },
        is_dev=True,
        is_headless=False,
        mask=SecretMask(),
    )


async def test_a_rename_is_offered_and_one_click_renames_rules_and_watchlist(
    open_morning: Opener, until: Until
) -> None:
    async with open_morning() as morning:
        await morning.desk.rules.add_text("AAPL last > 9000")
        watched = morning.desk.watchlist.symbols
        await morning.look()
        await morning.simulator.exchange.rename("AAPL", to="PEAR")
        morning.simulator.streamer.drop_all()
        await until(lambda: morning.desk.market.is_unheard("AAPL"))
        await morning.look(times=12)
        offered = await morning.offer("AAPL")
        words = morning.button("proposalApply_AAPL").text()

        await morning.click("proposalApply_AAPL")
        await until(lambda: morning.last("PEAR"))
        carried = morning.rules, morning.desk.watchlist.symbols

        await morning.click("undoButton")
        await until(lambda: morning.rules == [(("AAPL",), "last > 9000")])
        await until(lambda: morning.desk.watchlist.symbols == watched)
        await until(lambda: morning.sentences("AAPL") == offered)
        assert offered == ["AAPL is now called PEAR."]
        assert words == "Carry over 1 rule and the watchlist"
        assert carried[0] == [(("PEAR",), "last > 9000")]
        assert carried[1] == tuple("PEAR" if symbol == "AAPL" else symbol for symbol in watched)
        assert morning.told == [TOLD]


async def test_a_share_that_is_only_watched_is_renamed_too(open_morning: Opener, until: Until) -> None:
    async with open_morning() as morning:
        await morning.look()
        await morning.simulator.exchange.rename("MSFT", to="SOFT")
        morning.simulator.streamer.drop_all()
        await until(lambda: morning.desk.market.is_unheard("MSFT"))
        await morning.look(times=12)
        await morning.offer("MSFT")
        words = morning.button("proposalApply_MSFT").text()

        await morning.click("proposalApply_MSFT")
        await until(lambda: morning.last("SOFT"))

        assert words == "Rename in the watchlist"
        assert "SOFT" in morning.desk.watchlist.symbols
        assert "MSFT" not in morning.desk.watchlist.symbols
        await until(lambda: not morning.sentences("MSFT"))


async def test_a_roll_is_offered_and_one_click_moves_the_level_by_the_offset(
    open_morning: Opener, until: Until
) -> None:
    async with open_morning() as morning:
        family = [name for name, each in morning.source.listings.items() if each.follows == "/ES"]
        near, following = family[:2]
        await morning.desk.rules.add_text(f"{near} last > 9000")
        await morning.simulator.exchange.expire(near, in_s=3 * DAY_S)
        await until(lambda: morning.desk.market.instrument(near).expires_ns and morning.last(near))
        await morning.look()
        await until(lambda: morning.last(following))
        await morning.look()
        (proposal,) = morning.desk.adjustments.proposals()
        assert proposal.shift is not None

        await morning.click(f"proposalApply_{near}")
        await until(lambda: morning.rules == [((following,), f"last > {9000 + proposal.shift:g}")])
        await morning.click("undoButton")

        await until(lambda: morning.rules == [((near,), "last > 9000")])
        assert f"{following} follows." in proposal.sentence


async def split_overnight(simulator: Simulator, folder: Path) -> None:
    """Have AAPL split four for one after a session that an earlier run of the desk heard."""
    close = HABITS["AAPL"].prev_close
    calendar = regular(InstrumentKind.EQUITY)
    stretch = calendar.at(SystemClock().now_ns())
    if stretch.is_open:
        stretch = calendar.at(stretch.start_ns - 1)
    end_ns = stretch.start_ns
    database = Database(path=paths.resolve(folder).database, bus=Bus())
    await database.start()
    heard = Bar("AAPL", "1m", end_ns - MINUTE_NS, end_ns, close, close, close, close, 100.0)
    await MarketStore(database=database, venue="schwab").keep_bars("AAPL", [heard])
    await database.stop()
    await simulator.exchange.split("AAPL", ratio=4.0)


async def test_a_split_is_offered_and_one_click_divides_the_level(open_morning: Opener, until: Until) -> None:
    async with open_morning(split_overnight) as morning:
        await morning.desk.rules.add_text("AAPL last > 1000")
        await morning.look()
        offered = await morning.offer("AAPL")

        await morning.click("proposalApply_AAPL")
        await until(lambda: morning.rules == [(("AAPL",), "last > 250")])
        await morning.look()
        await until(lambda: not morning.sentences("AAPL"))
        await morning.click("undoButton")

        await until(lambda: morning.rules == [(("AAPL",), "last > 1000")])
        await until(lambda: morning.sentences("AAPL") == offered)
        assert offered == [
            "AAPL seems to have been split 4 for 1.",
            "Prices are multiplied by 0.25, volumes by 4.",
        ]
