"""A whole desktop for tests: screen, window manager, tray host, notification daemon, sound server."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.sound_server import SoundServer

_PANEL = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=10;x=0;y=0"/>
      <property name="length" type="double" value="20"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="28"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
"""

# Its context menu, instead of being shown, has "Acknowledge" chosen.
_DUNST = """[global]
    origin = bottom-right
    offset = 12x76
    mouse_left_click = do_action, close_current
    dmenu = /bin/grep -m 1 Acknowledge
"""


class VirtualDesktop:
    """Starts what is asked for on a private screen and bus; ``environment`` leads programs to it.

    Args:
        folder: For sockets, settings and logs of the daemons.
        size: Of the screen, ``1600x1000``.
        is_full: With tray host, notification daemon and sound; else screen and window manager only.
        notification_daemon: Its command; dunst if there is none.
    """

    def __init__(
        self,
        *,
        folder: Path,
        size: str = "1600x1000",
        is_full: bool = True,
        notification_daemon: Sequence[str] = (),
    ) -> None:
        self._folder = folder
        self._size = size
        self._is_full = is_full
        self._daemon = notification_daemon or ("dunst", "-config", str(folder / "dunstrc"))
        self._children: list[subprocess.Popen[bytes]] = []
        self._sound = SoundServer(folder / "run")
        self.environment: dict[str, str] = {}

    def start(self) -> None:
        """Start everything and wait until it answers."""
        runtime = self._folder / "run"
        settings = self._folder / "config" / "xfce4" / "xfconf" / "xfce-perchannel-xml"
        for folder in (runtime, settings):
            folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        (settings / "xfce4-panel.xml").write_text(_PANEL)
        self.environment = {
            "DISPLAY": self._start_screen(),
            "QT_QPA_PLATFORM": "xcb",
            "XDG_SESSION_TYPE": "x11",
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_CONFIG_HOME": str(self._folder / "config"),
            "XDG_CACHE_HOME": str(self._folder / "cache"),
            "HOME": str(self._folder),
            "WAYLAND_DISPLAY": "",
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
            **self._sound.environment,
        }
        self._spawn("openbox")
        if not self._is_full:
            return
        self._start_bus(runtime)
        (self._folder / "dunstrc").write_text(_DUNST)
        self._spawn(*self._daemon)
        self._tray_host = self._spawn("xfce4-panel", "--disable-wm-check")
        self._sound.start()
        self._until(lambda: self._owned("org.freedesktop.Notifications"), "a notification daemon")
        self._until(self._has_tray_host, "a tray host")

    def stop(self) -> None:
        """End everything, last started first."""
        self._sound.stop()
        for child in reversed(self._children):
            child.send_signal(signal.SIGTERM)
        for child in self._children:
            try:
                child.wait(timeout=5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def run(self, *command: str) -> str:
        """Run a command on this desktop and return what it printed."""
        done = subprocess.run(
            command, env=self._full(), capture_output=True, text=True, timeout=20, check=True
        )
        return done.stdout

    def record(self, file: Path) -> subprocess.Popen[bytes]:
        """Record what the sound server plays, 16-bit mono at 48 kHz, until the result is terminated."""
        return self._sound.record(file)

    def restart_tray_host(self) -> None:
        """Have the panel crash and come back, and wait until the tray has an icon in it again."""
        self._tray_host.kill()
        self._tray_host.wait()
        self._until(lambda: not self._owned("org.kde.StatusNotifierWatcher"), "the end of the tray host")
        self._tray_host = self._spawn("xfce4-panel", "--disable-wm-check")
        self._until(self._has_tray_host, "a tray host")

    def tray_icons(self) -> int:
        """How many programs have an icon in the tray."""
        return self._of_watcher("RegisteredStatusNotifierItems").count("/StatusNotifierItem")

    def screenshot(self, file: Path) -> None:
        """Take a picture of the whole screen."""
        self.run("import", "-window", "root", str(file))

    def _start_screen(self) -> str:
        reading, writing = os.pipe()
        screen = ("-screen", "0", f"{self._size}x24")
        # Without auto-repeat: on a slow machine a key that xdotool presses would be held for too long.
        command = ["Xvfb", "-displayfd", str(writing), *screen, "-nolisten", "tcp", "-r"]
        with (self._folder / "xvfb.log").open("wb") as log:
            self._children.append(subprocess.Popen(command, pass_fds=[writing], stdout=log, stderr=log))
        os.close(writing)
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        assert number, "Xvfb did not start"
        return f":{number}"

    def _start_bus(self, runtime: Path) -> None:
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={runtime}/bus"
        self._spawn("dbus-daemon", "--session", "--nofork", f"--address=unix:path={runtime}/bus")
        self._until((runtime / "bus").exists, "a session bus")

    def _spawn(self, *command: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{Path(command[0]).name}.log").open("wb") as log:
            child = subprocess.Popen(command, env=self._full(), stdout=log, stderr=log)
        self._children.append(child)
        return child

    def _full(self) -> dict[str, str]:
        return {**os.environ, **self.environment}

    def _owned(self, name: str) -> bool:
        bus = ("gdbus", "call", "--session", "-d", "org.freedesktop.DBus", "-o", "/org/freedesktop/DBus")
        return "true" in self.run(*bus, "-m", "org.freedesktop.DBus.NameHasOwner", name)

    def _has_tray_host(self) -> bool:
        if not self._owned("org.kde.StatusNotifierWatcher"):
            return False
        return "true" in self._of_watcher("IsStatusNotifierHostRegistered")

    def _of_watcher(self, name: str) -> str:
        watcher = ("-d", "org.kde.StatusNotifierWatcher", "-o", "/StatusNotifierWatcher")
        get = ("-m", "org.freedesktop.DBus.Properties.Get", "org.kde.StatusNotifierWatcher", name)
        return self.run("gdbus", "call", "--session", *watcher, *get)

    def _until(self, condition: Callable[[], bool], what: str, *, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"{what} did not come up"
            time.sleep(0.1)
