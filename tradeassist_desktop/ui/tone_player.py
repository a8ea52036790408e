"""A process of its own that plays tones: it may hang, and the desk goes on.

QtMultimedia (seen in 6.11.3 with PulseAudio) lets go of a finished tone's stream in the sound
server's thread, where its socket notifier cannot be switched off; Qt's loop then polls a closed
descriptor for ever, and a window on that loop freezes. Move the effects back into the desk when Qt
has mended it.

It reads ``play PRIORITY VOLUME`` a line on standard input and answers each with one line,
``playing PRIORITY`` or ``unavailable REASON``. It ends with its input.
"""

import importlib
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QObject, QTimer, QUrl, Signal

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QSoundEffect

_LIMIT_S: Final = 4.0
_POLL_MS: Final = 10


class TonePlayer(QObject):
    """One effect for each priority, loaded when first played.

    Args:
        folder: Holds ``low.wav``, ``normal.wav``, ``high.wav``, ``urgent.wav``.
    """

    asked = Signal(str)
    """A line of input, from the thread that reads it."""
    input_ended = Signal()

    def __init__(self, *, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._effects: dict[str, QSoundEffect] = {}
        self._effect: QSoundEffect | None = None
        self._priority = ""
        self._is_started = False
        self._deadline_s = 0.0
        self._poll = QTimer(self)
        self._poll.setInterval(_POLL_MS)
        self._poll.timeout.connect(self._look)
        self.asked.connect(self._play)

    def read(self) -> None:
        """Read standard input to its end, in a thread of its own."""
        for line in sys.stdin:
            self.asked.emit(line)
        self.input_ended.emit()

    def _play(self, line: str) -> None:
        _, self._priority, volume = line.split()
        try:
            self._effect = self._effects.get(self._priority) or self._load(self._priority)
        except ImportError as error:
            self._answer(f"unavailable sound needs a system library: {error}")
            return
        if self._effect is None:
            self._answer("unavailable no sound device")
            return
        self._effect.setVolume(int(volume) / 100)
        self._is_started = False
        self._deadline_s = time.monotonic() + _LIMIT_S
        self._poll.start()
        self._look()

    def _load(self, priority: str) -> "QSoundEffect | None":
        multimedia = importlib.import_module("PySide6.QtMultimedia")
        if not multimedia.QMediaDevices.audioOutputs():
            return None
        effect: QSoundEffect = multimedia.QSoundEffect(self)
        effect.setSource(QUrl.fromLocalFile(str(self._folder / f"{priority}.wav")))
        self._effects[priority] = effect
        return effect

    def _look(self) -> None:
        effect = self._effect
        if effect is None:
            return
        status = type(effect).Status
        if effect.status() == status.Error:
            self._answer("unavailable the sound device refused the tone")
        elif self._is_started and effect.isPlaying():
            self._answer(f"playing {self._priority}")
        elif time.monotonic() > self._deadline_s:
            self._answer("unavailable the sound device does not answer")
        elif not self._is_started and effect.status() == status.Ready:
            self._is_started = True
            effect.play()

    def _answer(self, line: str) -> None:
        self._poll.stop()
        self._effect = None
        if not line.startswith("playing"):
            # Made anew at the next alert: a device may be plugged in by then, a server restarted.
            for effect in self._effects.values():
                effect.deleteLater()
            self._effects.clear()
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def main() -> int:
    """Play what is asked for until the input ends; return the exit status."""
    application = QCoreApplication(sys.argv)
    player = TonePlayer(folder=Path(sys.argv[1]))
    player.input_ended.connect(application.quit)
    threading.Thread(target=player.read, name="input", daemon=True).start()
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
