"""The desk with its window."""

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import psutil
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from tradeassist_desktop import logs, paths
from tradeassist_desktop.app.audit_trail import audit_trail
from tradeassist_desktop.app.desk import open_desk
from tradeassist_desktop.app.desk_lock import lock_and_settings
from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.app.lock import hold
from tradeassist_desktop.app.next_desk import NextDesk
from tradeassist_desktop.app.remote_channels import remote_channels
from tradeassist_desktop.app.secret_places import open_secrets, secret_manager_breaker
from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.replay import Opening
from tradeassist_desktop.exports.chart_picture import ChartPictures
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock, SystemClock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.services.access.access import FREE, Seat
from tradeassist_desktop.services.access.desk_lock import DeskLock
from tradeassist_desktop.services.access.guarded import guarded
from tradeassist_desktop.services.audit.log import AuditLog
from tradeassist_desktop.services.market.market_view import MarketView
from tradeassist_desktop.services.rotation.written import TellingTrail
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.ui.channels import ChannelContext, build_ui_channels
from tradeassist_desktop.ui.channels.answering import LocalChannels
from tradeassist_desktop.ui.channels.requests import AlertRequests
from tradeassist_desktop.ui.channels.sound import SoundChannel
from tradeassist_desktop.ui.channels.toast import ToastChannel
from tradeassist_desktop.ui.channels.tray import TrayChannel
from tradeassist_desktop.ui.loop import DeskLoop
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.qt_messages import log_qt_messages
from tradeassist_desktop.ui.single_instance import ShowRequests, ask_first_to_show
from tradeassist_desktop.ui.theme import Theme

log = logging.getLogger(__name__)

_LONGEST_FAREWELL_S: Final = 1.0


def run(launch: Launch) -> int:
    """Run until the trader quits; a second start shows the first one's window and ends.

    Raises:
        TradeAssistError: another instance holds the folder and has no window, or the desk cannot be started.
    """
    lock = hold(launch.places)
    if lock is None:
        _show_first(launch.places.data)
        return 0
    log_qt_messages()
    application = QApplication([Path(sys.argv[0]).name])
    application.setApplicationName("TradeAssist")
    application.setDesktopFileName("tradeassist")
    application.setQuitOnLastWindowClosed(False)  # the tray keeps the desk alive
    try:
        with (
            logs.native_crashes_told(launch.places.logs),
            asyncio.Runner(loop_factory=lambda: DeskLoop(application)) as runner,
        ):
            runner.run(_run(launch, application))
    finally:
        lock.release()
    return 0


def _show_first(data_folder: Path) -> None:
    application = QCoreApplication.instance() or QCoreApplication([])
    if not ask_first_to_show(data_folder):
        raise TradeAssistError(
            f"already running on {data_folder} without a window; give another folder with --data-dir"
        )
    application.quit()


async def _run(launch: Launch, application: QApplication) -> None:
    next_desk = NextDesk(launch=launch)
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(number, next_desk.quit)
    ended: _Ended | None = None
    ways_back: list[Opening | None] = []
    trouble = ""
    while True:
        try:
            wanted = next_desk.take()
            if wanted is None:
                return
            ended = await _run_desk(wanted, application, next_desk, before=ended, trouble=trouble)
        except TradeAssistError as error:
            if not ways_back:
                raise
            log.warning("desk not opened", extra={"reason": str(error)})
            trouble = str(error)
            next_desk.reopen(ways_back.pop(0))
        else:
            trouble = ""
            ways_back = [None] if ended.replay is None else [ended.replay, None]
        # Engine and window of a desk that has ended, at once and on this thread.
        gc.collect()


@dataclass(frozen=True, slots=True)
class _Ended:
    """What a desk leaves to the one after it.

    Args:
        window: On screen until the next one's is.
        replay: As it stood at the end; ``None`` where the desk was live.
        seat: Who sat at it.
    """

    window: MainWindow
    replay: Opening | None
    seat: Seat


async def _run_desk(
    launch: Launch,
    application: QApplication,
    next_desk: NextDesk,
    *,
    before: _Ended | None,
    trouble: str,
) -> _Ended:
    """Run one desk until another is wanted, or the program is to end.

    Args:
        before: Of the desk before it.
        trouble: Why it is not the desk that was asked for; empty where it is.
    """
    bus, clock = Bus(), SystemClock()
    async with audit_trail(launch, clock=clock, bus=bus) as audit:
        seat = FREE if before is None else before.seat
        lock, settings = lock_and_settings(launch, audit=audit, clock=clock, bus=bus, seat=seat)
        parts = _Parts(bus=bus, clock=clock, audit=audit, lock=lock, settings=settings)
        old_window = None if before is None else before.window
        window, replay = await _run_window(
            launch, application, next_desk, parts, before=old_window, trouble=trouble
        )
        return _Ended(window, replay, lock.access.seat)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What is there before the window is."""

    bus: Bus
    clock: Clock
    audit: AuditLog
    lock: DeskLock
    settings: Settings


async def _run_window(
    launch: Launch,
    application: QApplication,
    next_desk: NextDesk,
    parts: _Parts,
    *,
    before: MainWindow | None,
    trouble: str,
) -> tuple[MainWindow, Opening | None]:
    bus, clock, settings, lock = parts.bus, parts.clock, parts.settings, parts.lock
    manager = secret_manager_breaker(clock)
    theme = Theme(application=application, resources=paths.resources())
    theme.start(settings.text("appearance.theme"), settings.text("appearance.up_down"))
    requests = AlertRequests()
    windows: list[MainWindow] = []  # empty until the desk stands; channels are made before it
    markets: list[MarketView] = []
    pictures = ChartPictures(market=lambda: markets[0] if markets else None, clock=clock)
    ui_channels = build_ui_channels(
        ChannelContext(
            theme=theme,
            settings=settings,
            clock=clock,
            requests=requests,
            tray_icon=lambda: windows[0].tray.system_icon if windows and windows[0].tray.is_there else None,
            # A window closed to the tray still knows where it was.
            screen=lambda: windows[0].screen() if windows else application.primaryScreen(),
            room=lambda: windows[0].toast_room.find() if windows else None,
            resources=paths.resources(),
            hides_text=lambda: lock.app_lock.hides_alert_text,
        )
    )
    toast, tray, sound = ui_channels["toast"], ui_channels["tray"], ui_channels["sound"]
    assert isinstance(toast, ToastChannel)
    assert isinstance(tray, TrayChannel)
    assert isinstance(sound, SoundChannel)
    try:
        async with (
            open_secrets(
                launch=launch,
                settings=settings,
                trail=TellingTrail(trail=parts.audit, bus=bus),
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
                channels={**ui_channels, **remote.channels},
                channel_secrets=remote.secrets,
                clock=clock,
                bus=bus,
                audit=parts.audit,
                early_breakers=(manager,),
                reopen=next_desk.reopen,
                lock=lock,
            ) as desk,
        ):
            window = MainWindow(desk=desk, theme=theme, state_file=launch.places.layout)
            windows.append(window)
            markets.append(desk.market)
            quit_ = guarded(lock.access, Act.QUIT, next_desk.quit)
            window.quit_wanted.connect(lambda: window.tasks.call(quit_))
            window.painted.connect(partial(_log_start_time, "window painted"))
            window.ready.connect(partial(_log_start_time, "window ready"))
            window.listen(requests, LocalChannels(toasts=toast.stack, tray=tray, sound=sound))
            show_requests = ShowRequests(data_folder=launch.places.data, parent=window)
            show_requests.asked.connect(window.bring_to_front)
            show_requests.asked.connect(lambda: log.info("shown on request"))
            window.start(before=before)
            if before is not None:
                before.hide()
                before.deleteLater()
            if trouble:
                window.warn(trouble)
            await next_desk.changed.wait()
            show_requests.close()
            await window.finish(is_followed=next_desk.has_next)
    finally:
        # Last: the outbox was drained through them.
        with contextlib.suppress(TimeoutError):
            # Nobody would hear their buttons.
            await within(clock, _LONGEST_FAREWELL_S, tray.withdraw(tray.alert_ids))
        for channel in ui_channels.values():
            channel.close()
        theme.stop()
        # Their connections hold who listens, out of the collector's sight: the whole closed window.
        theme.deleteLater()
        requests.deleteLater()
    return window, None if desk.replay is None else desk.replay.as_it_stands()


def _log_start_time(milestone: str) -> None:
    started_s = psutil.Process().create_time()
    log.info(milestone, extra={"seconds_since_start": round(SystemClock().now_ns() / 1e9 - started_s, 3)})
