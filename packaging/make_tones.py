#!/usr/bin/env python3
"""Make resources/tones: four tones, told apart without looking, each the same at every run.

Uncompressed 16-bit PCM at 48 kHz, one channel: every sound device takes that.
"""

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000
PEAK = 0.62
SEED = 20240702


@dataclass(frozen=True)
class Note:
    """One struck note: when (s), how high (Hz), how long it rings (s), how loud (0 to 1)."""

    at_s: float
    pitch_hz: float
    ring_s: float
    loudness: float = 1.0


# Pitches are of one pentatonic scale, so that tones that overlap do not clash.
TONES: dict[str, tuple[Note, ...]] = {
    "low": (Note(0.0, 523.25, 0.22, 0.6),),
    "normal": (Note(0.0, 659.25, 0.30), Note(0.12, 880.00, 0.45)),
    "high": (Note(0.0, 783.99, 0.25), Note(0.11, 987.77, 0.25), Note(0.22, 1318.51, 0.55)),
    "urgent": tuple(
        Note(start + offset, pitch, 0.20)
        for start in (0.0, 0.42, 0.84)
        for offset, pitch in ((0.0, 1046.50), (0.10, 1318.51), (0.20, 1046.50))
    ),
}
# A marimba's bar: the fundamental, a quiet octave, and a short bright partial at 4 ×.
PARTIALS = ((1.0, 1.0, 1.0), (2.0, 0.16, 0.7), (3.98, 0.22, 0.28))


def strike(note: Note, chance: np.random.Generator) -> NDArray[np.float64]:
    """Return one note, its partials detuned by a breath so that it does not sound like a machine."""
    t = np.arange(int(RATE_HZ * (note.ring_s + 0.05))) / RATE_HZ
    sound = np.zeros_like(t)
    for ratio, share, ring in PARTIALS:
        pitch = note.pitch_hz * ratio * (1 + chance.normal(0, 0.0006))
        sound += share * np.sin(2 * np.pi * pitch * t) * np.exp(-t / (note.ring_s * ring / 3.2))
    attack = np.minimum(1.0, t / 0.004)
    release = np.minimum(1.0, (t[-1] - t) / 0.03)
    return sound * attack * release * note.loudness


def render(notes: tuple[Note, ...]) -> bytes:
    """Return a tone's samples."""
    chance = np.random.default_rng(SEED)
    length = max(note.at_s + note.ring_s for note in notes) + 0.12
    mix = np.zeros(int(RATE_HZ * length))
    for note in notes:
        struck = strike(note, chance)
        start = int(RATE_HZ * note.at_s)
        end = min(len(mix), start + len(struck))
        mix[start:end] += struck[: end - start]
    loudest = max(note.loudness for note in notes)
    mix *= PEAK * loudest / np.abs(mix).max()
    return (mix * 32767).astype("<i2").tobytes()


def main() -> None:
    """Write one file for each priority."""
    folder = Path(__file__).resolve().parent.parent / "resources" / "tones"
    folder.mkdir(parents=True, exist_ok=True)
    for name, notes in TONES.items():
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            file.writeframes(render(notes))


if __name__ == "__main__":
    main()
