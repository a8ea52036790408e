"""A process of its own that plays tones: it may hang, and the desk goes on.

QtMultimedia (seen in 6.11.3 with PulseAudio) lets go of a finished tone's stream in the sound
server's thread, where its socket notifier cannot be switched off; Qt's loop then polls a closed
descriptor for ever, and a window on that loop freezes. Move this back into the desk when Qt has
mended it. Not by QSoundEffect: once the server has died that says "playing", and is silent.

It reads ``play VOLUME FILE`` or ``check FILE`` a line on standard input and answers each with one
line: ``playing``, ``fit``, ``unfit REASON`` (the file) or ``unavailable REASON`` (the device). It
ends with its input.
"""

import importlib
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QObject, QTimer, Signal

from tradeassist_desktop.ui.tone_files import Tone, UnfitTone, read_tone

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioSink

_LIMIT_S: Final = 4.0
_POLL_MS: Final = 1
_REST_MS: Final = 2_000


class TonePlayer(QObject):
    """Plays one tone after another; they may overlap."""

    asked = Signal(str)
    """A line of input, from the thread that reads it."""
    input_ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sink: QAudioSink | None = None
        self._deadline_s = 0.0
        self._poll = QTimer(self)
        self._poll.setInterval(_POLL_MS)
        self._poll.timeout.connect(self._look)
        self.asked.connect(self._do)

    def read(self) -> None:
        """Read standard input to its end, in a thread of its own."""
        for line in sys.stdin:
            self.asked.emit(line)
        self.input_ended.emit()

    def _do(self, line: str) -> None:
        word, _, rest = line.rstrip("\n").partition(" ")
        volume, _, name = rest.partition(" ") if word == "play" else ("", "", rest)
        try:
            tone = read_tone(Path(name).expanduser())
        except UnfitTone as error:
            self._answer(f"unfit {error}")
            return
        if word == "check":
            self._answer("fit")
            return
        try:
            self._play(tone, int(volume))
        except ImportError as error:
            self._answer(f"unavailable sound needs a system library: {error}")

    def _play(self, tone: Tone, volume: int) -> None:
        multimedia: Any = importlib.import_module("PySide6.QtMultimedia")
        if not multimedia.QMediaDevices.audioOutputs():
            self._answer("unavailable no sound device")
            return
        device = multimedia.QMediaDevices.defaultAudioOutput()
        layout = multimedia.QAudioFormat()
        layout.setSampleRate(tone.rate_hz)
        layout.setChannelCount(tone.channels)
        formats = multimedia.QAudioFormat.SampleFormat
        layout.setSampleFormat(formats.UInt8 if tone.bits == 8 else formats.Int16)
        if not device.isFormatSupported(layout):
            self._answer(f"unfit is not taken by the sound device ({tone.rate_hz} Hz, {tone.bits} bits)")
            return
        sink = multimedia.QAudioSink(device, layout, self)
        source = QBuffer(sink)
        source.setData(QByteArray(tone.samples))
        source.open(QIODevice.OpenModeFlag.ReadOnly)
        sink.setVolume(volume / 100)
        # Not at its stateChanged: PySide (6.11.3) cannot hand QAudio.State to a slot.
        QTimer.singleShot(round(1000 * tone.seconds) + _REST_MS, sink, partial(_end, sink))
        self._sink = sink
        self._deadline_s = time.monotonic() + _LIMIT_S
        self._poll.start()
        sink.start(source)
        self._look()

    def _look(self) -> None:
        sink = self._sink
        if sink is None:
            return
        if sink.error().name in ("OpenError", "FatalError", "IOError"):
            self._answer("unavailable the sound device refused the tone")
        elif sink.processedUSecs() > 0:
            self._answer("playing")
        elif time.monotonic() > self._deadline_s:
            self._answer("unavailable the sound device does not answer")

    def _answer(self, line: str) -> None:
        self._poll.stop()
        self._sink = None
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def _end(sink: "QAudioSink") -> None:
    """Give back what a tone was played through."""
    sink.stop()
    sink.deleteLater()


def main() -> int:
    """Play what is asked for until the input ends; return the exit status."""
    application = QCoreApplication(sys.argv)
    player = TonePlayer()
    player.input_ended.connect(application.quit)
    threading.Thread(target=player.read, name="input", daemon=True).start()
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
