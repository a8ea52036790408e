"""The desk without a window: alerts as JSON lines on standard output, and through the remote channels."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Mapping
from typing import Final, TextIO

from tradeassist_desktop import logs
from tradeassist_desktop.app.audit_trail import audit_trail
from tradeassist_desktop.app.desk import open_desk
from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.app.lock import hold
from tradeassist_desktop.app.next_desk import NextDesk
from tradeassist_desktop.app.remote_channels import remote_channels
from tradeassist_desktop.app.replay_commands import ReplayCommands
from tradeassist_desktop.app.secret_places import open_secrets, secret_manager_breaker
from tradeassist_desktop.domain.alerts import AlertStatus
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.events import AlertRaised, FeedChanged
from tradeassist_desktop.domain.health import FeedState, Remedy
from tradeassist_desktop.exports.chart_picture import ChartPictures
from tradeassist_desktop.recordings.alert_lines import alert_line
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.runtime.input_lines import read_lines
from tradeassist_desktop.runtime.names import PlainLoop
from tradeassist_desktop.services.market.market_view import MarketView
from tradeassist_desktop.services.rotation.written import TellingTrail
from tradeassist_desktop.services.settings import Settings

log = logging.getLogger(__name__)

_REMEDIES: Final[Mapping[Remedy, Mapping[str, str]]] = {
    Remedy.NONE: {},
    Remedy.SIGN_IN: {"mend_by": "tradeassist sign-in"},
    Remedy.TAKE_OVER: {"mend_by": "starting again: it takes over"},
}


def run(launch: Launch) -> int:
    """Run until SIGTERM, SIGINT, or the end of a replay; return the exit status.

    Raises:
        TradeAssistError: another instance uses the folder, or the desk cannot be started.
    """
    lock = hold(launch.places)
    if lock is None:
        raise TradeAssistError(
            f"already running on {launch.places.data}; give another folder with --data-dir"
        )
    try:
        with (
            logs.native_crashes_told(launch.places.logs),
            asyncio.Runner(loop_factory=PlainLoop) as runner,
        ):
            runner.run(_run(launch))
    finally:
        lock.release()
    return 0


async def _run(launch: Launch) -> None:
    next_desk = NextDesk(launch=launch)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, next_desk.quit)
    commands = ReplayCommands()
    if launch.takes_commands:
        read_lines(commands.take)
    printer = AlertPrinter(stream=sys.stdout)
    while (wanted := next_desk.take()) is not None:
        await _run_desk(wanted, next_desk, printer, commands)
    printer.print_now()


async def _run_desk(
    launch: Launch, next_desk: NextDesk, printer: "AlertPrinter", commands: ReplayCommands
) -> None:
    bus, clock = Bus(), SystemClock()
    manager = secret_manager_breaker(clock)
    settings = Settings(
        file=launch.places.settings,
        overrides=launch.overrides,
        environment=launch.environment,
        is_dev=launch.is_dev,
        bus=bus,
    )
    bus.subscribe(AlertRaised, printer.on_alert)
    bus.subscribe(FeedChanged, lambda event: _on_feed(event, next_desk))
    markets: list[MarketView] = []  # empty until the desk stands; channels are made before it
    pictures = ChartPictures(market=lambda: markets[0] if markets else None, clock=clock)
    async with (
        # Closed after the desk: its outbox is drained through them.
        audit_trail(launch, clock=clock, bus=bus) as audit,
        open_secrets(
            launch=launch,
            settings=settings,
            trail=TellingTrail(trail=audit, bus=bus),
            clock=clock,
            bus=bus,
            breaker=manager,
        ) as secrets,
        remote_channels(
            launch=launch, settings=settings, secrets=secrets, clock=clock, illustrator=pictures
        ) as remote,
        open_desk(
            launch=launch,
            settings=settings,
            secrets=secrets,
            channels=remote.channels,
            channel_secrets=remote.secrets,
            clock=clock,
            bus=bus,
            audit=audit,
            early_breakers=(manager,),
            reopen=next_desk.reopen,
        ) as desk,
    ):
        markets.append(desk.market)
        commands.serve(desk.replay)
        await next_desk.changed.wait()


def _on_feed(event: FeedChanged, next_desk: NextDesk) -> None:
    if event.status.state is FeedState.FINISHED:
        next_desk.quit()
    elif event.status.state is FeedState.REFUSED:
        log.warning("feed refused", extra={"detail": event.status.detail, **_REMEDIES[event.status.remedy]})


class AlertPrinter:
    """Prints fired and suppressed alerts as JSON lines while somebody reads them.

    The lines of one commit go out in one write, so that a kill can hardly fall between them.
    """

    def __init__(self, *, stream: TextIO) -> None:
        self._stream: TextIO | None = stream
        self._lines: list[str] = []

    def on_alert(self, event: AlertRaised) -> None:
        """Print one line soon of a rule's alert.

        A cleared message is none: the contract's lines know two states. What the desk itself has
        to say is in the log.
        """
        if self._stream is None or event.alert.status is AlertStatus.CLEARED or event.alert.is_notice:
            return
        if not self._lines:
            asyncio.get_running_loop().call_soon(self.print_now)
        self._lines.append(alert_line(event.alert) + "\n")

    def print_now(self) -> None:
        """Write what waits."""
        lines, self._lines = self._lines, []
        if self._stream is None or not lines:
            return
        try:
            self._stream.write("".join(lines))
            self._stream.flush()
        except OSError as error:
            log.warning(
                "alert lines cannot be written any more; they are kept in the database",
                extra={"reason": error.strerror},
            )
            # What is buffered would fail again as the interpreter closes the stream.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            self._stream = None
