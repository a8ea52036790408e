"""A private sound server whose one device is a recorder, and an ear that measures what was played."""

import os
import signal
import subprocess
import time
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000
_SILENCE = 300


class SoundServer:
    """PulseAudio with a null sink, in ``folder``; ``environment`` leads programs to it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "pulse.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.environment = {"PULSE_SERVER": f"unix:{self._socket}"}

    def start(self) -> None:
        """Start it and wait until it answers."""
        script = self._folder / "pulse.pa"
        script.write_text(
            f"load-module module-native-protocol-unix socket={self._socket} auth-anonymous=1\n"
            f"load-module module-null-sink sink_name=desk rate={RATE_HZ} channels=2\n"
            "set-default-sink desk\n"
        )
        home = self._folder / "pulse-home"
        home.mkdir(mode=0o700, exist_ok=True)
        with (self._folder / "pulseaudio.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    "pulseaudio", "-n", "-F", str(script), "--daemonize=no", "--exit-idle-time=-1",
                    "--disallow-exit", "--use-pid-file=no", "--log-level=error",
                ],
                env={**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(home)},
                stdout=log,
                stderr=log,
            )  # fmt: skip
        end = time.monotonic() + 30
        while not self._answers():
            assert time.monotonic() < end, "the sound server did not come up"
            time.sleep(0.1)

    def stop(self) -> None:
        """End it, as a crash would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None
        self._socket.unlink(missing_ok=True)

    def record(self, file: Path) -> subprocess.Popen[bytes]:
        """Record what is played, 16-bit mono at 48 kHz, until the result is terminated."""
        with file.open("wb") as sound:
            return subprocess.Popen(
                [
                    "parec", "-d", "desk.monitor", "--format=s16le", f"--rate={RATE_HZ}", "--channels=1",
                    "--latency-msec=20", "--raw",
                ],
                stdout=sound,
                env={**os.environ, **self.environment},
            )  # fmt: skip

    def _answers(self) -> bool:
        asked = subprocess.run(
            ["pactl", "info"], env={**os.environ, **self.environment}, capture_output=True, check=False
        )
        return asked.returncode == 0


def tones(recording: Path, *, gap_s: float = 0.3) -> list[NDArray[np.float64]]:
    """Return what was played, cut where it was silent for ``gap_s``."""
    samples = np.fromfile(recording, "<i2").astype(float)
    loud = np.flatnonzero(np.abs(samples) > _SILENCE)
    if not len(loud):
        return []
    cuts = np.flatnonzero(np.diff(loud) > gap_s * RATE_HZ)
    starts, ends = [loud[0], *loud[cuts + 1]], [*loud[cuts], loud[-1]]
    return [samples[start : end + 1] for start, end in zip(starts, ends, strict=True)]


def is_sounding(recording: Path) -> bool:
    """Whether anything was to be heard in the last half second."""
    content = recording.read_bytes()[-RATE_HZ:]
    return bool(np.frombuffer(content[: len(content) // 2 * 2], "<i2").any())


def strongest_hz(tone: NDArray[np.float64]) -> float:
    """Return the frequency a tone has most of."""
    spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone)), n=max(len(tone), RATE_HZ)))
    return float(spectrum.argmax() * RATE_HZ / max(len(tone), RATE_HZ))


def write_wav(
    file: Path, *, pitch_hz: float = 440.0, seconds: float = 0.4, bits: int = 16, channels: int = 1
) -> Path:
    """Write one plain note."""
    t = np.arange(int(RATE_HZ * seconds)) / RATE_HZ
    note = 0.6 * np.sin(2 * np.pi * pitch_hz * t) * np.minimum(1, np.minimum(t, t[::-1]) / 0.01)
    with wave.open(str(file), "wb") as tone:
        tone.setnchannels(channels)
        tone.setsampwidth(bits // 8)
        tone.setframerate(RATE_HZ)
        whole = (note * 32767).astype("<i2").repeat(channels).tobytes()
        tone.writeframes(whole if bits == 16 else bytes(len(t) * channels * bits // 8))
    return file
