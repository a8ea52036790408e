import asyncio
import os
import subprocess
import sys
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from dbus_fast import BusType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from tradeassist_desktop import paths
from tradeassist_desktop.domain.alerts import AlertStatus, Priority
from tradeassist_desktop.domain.channels import ChannelUnavailable, Undeliverable
from tradeassist_desktop.domain.delivery import Cause
from tradeassist_desktop.domain.messages import Digest, DigestLine, Message
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.ui.channels.requests import AlertRequests
from tradeassist_desktop.ui.channels.sound import SoundChannel
from tradeassist_desktop.ui.channels.tray import TrayChannel

TONES = paths.resources() / "tones"


def message(alert_id: str = "one", **changes: Any) -> Message:
    values: dict[str, Any] = {
        "alert_id": alert_id,
        "rule_uid": "rule-0",
        "title": "ES breakout",
        "body": "/ES last 5530.25 crosses above 5530",
        "symbol": "/ES",
        "priority": Priority.NORMAL,
        "status": AlertStatus.FIRED,
        "event_ns": 1,
        "value": 5530.25,
    }
    return Message(**{**values, **changes})


class Daemon(ServiceInterface):
    """A notification daemon that remembers."""

    def __init__(self) -> None:
        super().__init__("org.freedesktop.Notifications")
        self.shown: list[dict[str, Any]] = []
        self.closed: list[int] = []
        self.replaced: list[int] = []

    @dbus_method()
    def GetServerInformation(self) -> "ssss":  # type: ignore[name-defined] # noqa: F821  # D-Bus signatures
        return ["tests", "tests", "1", "1.2"]

    @dbus_method()
    def Notify(  # the interface's own arguments
        self,
        application: "s",  # type: ignore[name-defined] # noqa: F821
        replaces: "u",  # type: ignore[name-defined] # noqa: F821
        icon: "s",  # type: ignore[name-defined] # noqa: F821
        title: "s",  # type: ignore[name-defined] # noqa: F821
        body: "s",  # type: ignore[name-defined] # noqa: F821
        actions: "as",  # type: ignore[valid-type] # noqa: F722
        hints: "a{sv}",  # type: ignore[valid-type] # noqa: F722
        timeout_ms: "i",  # type: ignore[name-defined] # noqa: F821
    ) -> "u":  # type: ignore[name-defined] # noqa: F821
        urgency = hints["urgency"]
        assert isinstance(urgency, Variant)
        self.replaced.append(replaces)
        self.shown.append({"title": title, "body": body, "actions": actions, "urgency": urgency.value})
        return len(self.shown)

    @dbus_method()
    def CloseNotification(self, number: "u") -> None:  # type: ignore[name-defined] # noqa: F821
        self.closed.append(number)

    @dbus_signal()
    def ActionInvoked(self, number, key) -> "us":  # type: ignore[no-untyped-def,name-defined] # noqa: F821
        return [number, key]


class SessionBus:
    """A private bus, with a notification daemon that can come and go."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.daemon = Daemon()
        self._connection: MessageBus | None = None

    async def start_daemon(self) -> None:
        self._connection = await MessageBus(bus_address=self._address, bus_type=BusType.SESSION).connect()
        self._connection.export("/org/freedesktop/Notifications", self.daemon)
        await self._connection.request_name("org.freedesktop.Notifications")

    async def stop_daemon(self) -> None:
        assert self._connection is not None
        self._connection.disconnect()
        await self._connection.wait_for_disconnect()


@pytest.fixture
async def session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication
) -> AsyncIterator[SessionBus]:
    address = f"unix:path={tmp_path}/bus"
    process = await asyncio.create_subprocess_exec(
        "dbus-daemon", "--session", "--nofork", f"--address={address}", "--print-address",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    await process.stdout.readline()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    made = SessionBus(address)
    await made.start_daemon()
    yield made
    await made.stop_daemon()
    process.terminate()
    await process.wait()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(file=tmp_path / "settings.json")


@pytest.fixture
def tray(settings: Settings, requests: AlertRequests) -> TrayChannel:
    return TrayChannel(settings=settings, requests=requests, tray_icon=lambda: None)


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="speaks D-Bus")


@linux_only
async def test_a_notification_carries_urgency_and_actions(session: SessionBus, tray: TrayChannel) -> None:
    await tray.send(message("calm", priority=Priority.LOW))
    await tray.send(message("loud", priority=Priority.URGENT))
    tray.close()

    assert [shown["urgency"] for shown in session.daemon.shown] == [0, 2]
    assert {"default", "acknowledge"} <= set(session.daemon.shown[0]["actions"])


@linux_only
async def test_a_digest_is_one_notification_with_the_count_that_opens_the_list(
    session: SessionBus, tray: TrayChannel, requests: AlertRequests, until: Callable[..., Any]
) -> None:
    opened: list[bool] = []
    acknowledged: list[tuple[str, ...]] = []
    requests.alerts.connect(lambda: opened.append(True))
    requests.acknowledge.connect(acknowledged.append)
    lines = (
        DigestLine("/ES: breakout", 47, Priority.NORMAL, 1),
        DigestLine("AAPL: gap", 3, Priority.HIGH, 1),
    )
    ids = tuple(f"alert-{number}" for number in range(50))
    await tray.send(message("alert-49", digest=Digest(50, lines, ids)))

    session.daemon.ActionInvoked(1, "default")
    session.daemon.ActionInvoked(1, "acknowledge")
    await until(lambda: acknowledged)
    await tray.withdraw(ids[:49])
    closed_before = list(session.daemon.closed)
    await tray.withdraw(ids[49:])
    tray.close()

    (shown,) = session.daemon.shown
    assert (shown["title"], shown["body"]) == ("50 alerts", "AAPL: gap × 3\n/ES: breakout × 47")
    assert (opened, acknowledged) == ([True], [ids])
    assert (closed_before, session.daemon.closed) == ([], [1])


@linux_only
async def test_snooze_is_asked_for_once_for_each_click(
    session: SessionBus, tray: TrayChannel, requests: AlertRequests, until: Callable[..., Any]
) -> None:
    asked: list[tuple[tuple[str, ...], int]] = []
    requests.snooze.connect(lambda ids, minutes: asked.append((ids, minutes)))
    await tray.send(message("first"))
    await tray.send(message("second"))

    session.daemon.ActionInvoked(2, "snooze")
    session.daemon.ActionInvoked(1, "snooze")

    await until(lambda: len(asked) == 2)
    tray.close()
    assert asked == [(("second",), 15), (("first",), 15)]


@linux_only
async def test_a_repeat_takes_the_place_of_the_notification_before_it(
    session: SessionBus, tray: TrayChannel
) -> None:
    await tray.send(message("one"))
    await tray.send(message("one", cause=Cause.REPEAT, announcement=1))
    tray.close()

    assert session.daemon.replaced == [0, 1]
    assert session.daemon.shown[1]["body"].startswith("Repeated: not acknowledged yet. ")


@linux_only
async def test_a_test_says_so_and_has_nothing_to_acknowledge(session: SessionBus, tray: TrayChannel) -> None:
    await tray.send(message("test", is_test=True))
    tray.close()

    (shown,) = session.daemon.shown
    assert shown["body"].startswith("Test. ")
    assert shown["actions"] == []
    assert tray.alert_ids == ()


@linux_only
async def test_markup_in_a_body_stays_text(session: SessionBus, tray: TrayChannel) -> None:
    await tray.send(message(body="AT&T <b>last</b> > 5"))
    tray.close()

    assert session.daemon.shown[0]["body"] == "AT&amp;T &lt;b&gt;last&lt;/b&gt; &gt; 5"


@linux_only
async def test_a_click_says_which_alert_was_meant(
    session: SessionBus, tray: TrayChannel, requests: AlertRequests, until: Callable[..., Any]
) -> None:
    acknowledged: list[tuple[str, ...]] = []
    explained: list[str] = []
    requests.acknowledge.connect(acknowledged.append)
    requests.explain.connect(explained.append)
    await tray.send(message("first"))
    await tray.send(message("second"))

    session.daemon.ActionInvoked(1, "acknowledge")
    session.daemon.ActionInvoked(2, "default")
    session.daemon.ActionInvoked(99, "acknowledge")  # another program's

    await until(lambda: explained == ["second"])
    tray.close()
    assert acknowledged == [("first",)]


@linux_only
async def test_an_alert_acknowledged_elsewhere_leaves_the_desktop_s_list(
    session: SessionBus, tray: TrayChannel
) -> None:
    await tray.send(message("first"))
    await tray.send(message("second"))

    await tray.withdraw(["second"])
    await tray.withdraw(["second"])
    tray.close()

    assert session.daemon.closed == [2]
    assert tray.alert_ids == ("first",)


@linux_only
async def test_what_was_told_on_a_lost_connection_is_not_withdrawn_from_others(
    session: SessionBus, tray: TrayChannel
) -> None:
    await tray.send(message("before"))
    tray.close()
    await tray.send(message("after"))

    await tray.withdraw(["before"])
    tray.close()

    assert session.daemon.closed == []


@linux_only
async def test_row_25_without_a_daemon_it_is_unavailable_and_with_one_again_it_is_not(
    session: SessionBus, tray: TrayChannel
) -> None:
    await tray.send(message("before"))
    await session.stop_daemon()

    with pytest.raises(ChannelUnavailable, match="no notification daemon"):
        await tray.send(message("between"))
    await session.start_daemon()
    await tray.send(message("after"))
    tray.close()

    assert len(session.daemon.shown) == 2


@linux_only
async def test_row_25_without_a_session_bus_it_is_unavailable(
    tray: TrayChannel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/nobody")

    with pytest.raises(ChannelUnavailable, match="no session bus"):
        await tray.send(message())


class Icon(QSystemTrayIcon):
    """An icon in a tray, which there is none of here."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[tuple[str, str]] = []

    def isSystemTrayAvailable(self) -> bool:
        return True

    def supportsMessages(self) -> bool:
        return True

    def showMessage(self, title: str, body: str, icon: QIcon) -> None:
        self.shown.append((title, body))


async def test_row_25_without_a_session_bus_the_icon_in_the_tray_tells(
    settings: Settings, requests: AlertRequests, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/nobody")
    explained: list[str] = []
    requests.explain.connect(explained.append)
    icon = Icon()
    tray = TrayChannel(settings=settings, requests=requests, tray_icon=lambda: icon)

    receipts = [await tray.send(message(alert_id)) for alert_id in ("one", "two")]
    icon.messageClicked.emit()

    assert [receipt.detail for receipt in receipts] == ["tray icon", "tray icon"]
    assert icon.shown == [("ES breakout", "/ES last 5530.25 crosses above 5530")] * 2
    assert explained == ["two"]


async def test_notifications_can_be_switched_off(tray: TrayChannel, settings: Settings) -> None:
    await settings.set("tray.enabled", False)

    with pytest.raises(ChannelUnavailable, match="switched off"):
        await tray.send(message())


async def test_tones_can_be_switched_off(settings: Settings, qapp: QApplication) -> None:
    await settings.set("sound.enabled", False)

    with pytest.raises(ChannelUnavailable, match="switched off"):
        await SoundChannel(tones_folder=TONES, settings=settings, clock=SystemClock()).send(message())


def players() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "tone_player" in " ".join(child.cmdline())]


async def test_a_player_that_hangs_is_replaced(
    settings: Settings, qapp: QApplication, until: Callable[..., Any]
) -> None:
    channel = SoundChannel(tones_folder=TONES, settings=settings, clock=SystemClock(), answer_s=3.0)
    await channel.fault_of("/none.wav")
    (player,) = players()

    player.suspend()
    with pytest.raises(Undeliverable) as refusal:
        await channel.send(message())
    with pytest.raises(ChannelUnavailable):  # no sound server here; the player itself runs
        await channel.send(message())

    assert refusal.value.retry
    await until(lambda: not player.is_running())
    channel.close()
    assert players() == []


def test_row_25_without_a_sound_device_a_tone_is_unavailable_and_nothing_breaks(tmp_path: Path) -> None:
    # In a process of its own: QtMultimedia looks for devices once, and writes to standard error.
    program = f"""
import asyncio, pathlib
from PySide6.QtWidgets import QApplication
from tradeassist_desktop.domain.alerts import *
from tradeassist_desktop.domain.channels import *
from tradeassist_desktop.domain.messages import *
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.ui.channels.sound import SoundChannel
from tradeassist_desktop.ui.loop import DeskLoop
application = QApplication([])
settings = Settings(file=pathlib.Path("none.json"))
channel = SoundChannel(tones_folder=pathlib.Path({str(TONES)!r}), settings=settings, clock=SystemClock())
message = Message("a", "r", "t", "b", "/ES", Priority.HIGH, AlertStatus.FIRED, 1, 1.0)
async def main():
    for _ in range(2):
        try:
            await channel.send(message)
        except ChannelUnavailable as error:
            print("unavailable:", error.reason)
    channel.close()
with asyncio.Runner(loop_factory=lambda: DeskLoop(application)) as runner:
    runner.run(main())
"""
    environment = {**os.environ, "PULSE_SERVER": "unix:/nonexistent", "XDG_RUNTIME_DIR": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip

    assert done.stdout.splitlines() == ["unavailable: no sound device"] * 2


@pytest.mark.parametrize("priority", list(Priority))
def test_every_priority_has_a_tone_that_qt_can_play(priority: Priority) -> None:
    with wave.open(str(TONES / f"{priority.value}.wav"), "rb") as tone:
        assert (tone.getcomptype(), tone.getsampwidth(), tone.getframerate()) == ("NONE", 2, 48_000)
        assert 0.2 < tone.getnframes() / 48_000 < 2
        samples = memoryview(tone.readframes(tone.getnframes())).cast("h")
    assert 8_000 < max(samples) < 24_000


def test_tones_are_told_apart() -> None:
    assert len({(TONES / f"{priority.value}.wav").read_bytes() for priority in Priority}) == len(Priority)


def test_the_script_makes_the_shipped_tones_to_the_byte(tmp_path: Path) -> None:
    script = Path(__file__).parents[2] / "packaging" / "make_tones.py"
    copy = tmp_path / "packaging" / "make_tones.py"
    copy.parent.mkdir()
    copy.write_bytes(script.read_bytes())

    subprocess.run([sys.executable, str(copy)], check=True, timeout=60)

    made = {file.name: file.read_bytes() for file in (tmp_path / "resources" / "tones").iterdir()}
    assert made == {file.name: file.read_bytes() for file in TONES.glob("*.wav")}
