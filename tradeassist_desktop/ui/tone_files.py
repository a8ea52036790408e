"""What a file must be to serve as a tone."""

import stat
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 5 * 2**20
MOST_SECONDS: Final = 10
_FEWEST_HZ: Final = 8_000
_MOST_HZ: Final = 192_000
_BYTES: Final = (1, 2)
_CHANNELS: Final = (1, 2)
_AS_PCM: Final = "save it as uncompressed WAV (PCM) with 16 bits"


class UnfitTone(Exception):
    """A file cannot serve as a tone; the message says why, without the file's name."""


@dataclass(frozen=True, slots=True)
class Tone:
    """A tone's samples, channels interleaved: unsigned with 8 bits, signed little-endian with 16."""

    samples: bytes
    bits: int
    channels: int
    rate_hz: int

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return len(self.samples) / (self.bits // 8 * self.channels * self.rate_hz)


def read_tone(file: Path) -> Tone:
    """Return what is in a file.

    Raises:
        UnfitTone: it cannot be played.
    """
    try:
        about = file.stat()
        # Opening a pipe or a device could wait for ever.
        if not stat.S_ISREG(about.st_mode):
            raise UnfitTone("is not a file")
        if about.st_size > MOST_BYTES:
            raise UnfitTone(
                f"has {about.st_size / 2**20:.1f} MB; a tone has {MOST_BYTES // 2**20} MB at most"
            )
        with wave.open(str(file), "rb") as tone:
            _check_sound(tone)
            return Tone(
                samples=tone.readframes(tone.getnframes()),
                bits=8 * tone.getsampwidth(),
                channels=tone.getnchannels(),
                rate_hz=tone.getframerate(),
            )
    except FileNotFoundError:
        raise UnfitTone("does not exist") from None
    except OSError as error:
        raise UnfitTone(f"cannot be read: {error.strerror}") from None
    except (wave.Error, EOFError) as error:
        is_packed = "unknown format" in str(error)
        what = "is not plain PCM inside" if is_packed else "is no WAV file inside"
        raise UnfitTone(f"{what}: {_AS_PCM}") from None


def _check_sound(tone: wave.Wave_read) -> None:
    if tone.getsampwidth() not in _BYTES:
        raise UnfitTone(f"has {8 * tone.getsampwidth()} bits a sample: {_AS_PCM}")
    if tone.getnchannels() not in _CHANNELS:
        raise UnfitTone(f"has {tone.getnchannels()} channels; a tone has one or two")
    if not _FEWEST_HZ <= tone.getframerate() <= _MOST_HZ:
        raise UnfitTone(f"has {tone.getframerate()} samples a second; a tone has 8,000 to 192,000")
    seconds = tone.getnframes() / tone.getframerate()
    if not seconds:
        raise UnfitTone("has no sound in it")
    if seconds > MOST_SECONDS:
        raise UnfitTone(f"is {seconds:.0f} s long; a tone has {MOST_SECONDS} s at most")
