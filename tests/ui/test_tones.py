"""Tones as they are heard: played into a real sound server, recorded, and their pitch measured."""

import asyncio
import shutil
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from tests.fakes import ManualClock
from tests.sound_server import SoundServer, is_sounding, strongest_hz, tones, write_wav
from tradeassist_desktop import paths
from tradeassist_desktop.domain.alerts import AlertStatus, Priority
from tradeassist_desktop.domain.channels import ChannelUnavailable
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.messages import Digest, Message
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.ui.channels.sound import SoundChannel
from tradeassist_desktop.ui.channels.tone_pace import TonePace, UrgentTones
from tradeassist_desktop.ui.tone_files import UnfitTone, read_tone

TONES = paths.resources() / "tones"
# What packaging/make_tones.py gives the shipped tones most of.
PITCHES_HZ = {Priority.LOW: 523.25, Priority.NORMAL: 880.0, Priority.HIGH: 1318.51, Priority.URGENT: 1046.5}
SECOND = 1_000_000_000


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


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(file=tmp_path / "settings.json")


@pytest.fixture
async def channel(settings: Settings, clock: ManualClock, qapp: QApplication) -> AsyncIterator[SoundChannel]:
    made = SoundChannel(tones_folder=TONES, settings=settings, clock=clock)
    yield made
    made.close()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    made = SoundServer(tmp_path)
    made.start()
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    yield made
    made.stop()


class Ear:
    """Hears what is played while the block lasts."""

    def __init__(self, server: SoundServer, file: Path) -> None:
        self._server = server
        self._file = file

    async def __aenter__(self) -> "Ear":
        self._recorder = self._server.record(self._file)
        while not self._file.stat().st_size:
            await asyncio.sleep(0.01)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._recorder.terminate()
        self._recorder.wait()

    async def hears(self, count: int) -> list[float]:
        """Wait until so many tones have begun and ended; return their pitches."""
        async with asyncio.timeout(20):
            while len(heard := tones(self._file)) < count or is_sounding(self._file):
                await asyncio.sleep(0.05)
        return [strongest_hz(each) for each in heard]


@pytest.fixture
def ear(server: SoundServer, tmp_path: Path) -> Ear:
    return Ear(server, tmp_path / "heard.raw")


# --- heard


@pytest.mark.desktop
@pytest.mark.xdist_group("desktop")
async def test_each_priority_sounds_at_its_own_pitch(ear: Ear, channel: SoundChannel) -> None:
    pitches = {}
    async with ear:
        for number, priority in enumerate(Priority, start=1):
            await channel.preview(priority)
            pitches[priority] = (await ear.hears(number))[-1]

    assert pitches == {priority: pytest.approx(hz, rel=0.01) for priority, hz in PITCHES_HZ.items()}


@pytest.mark.desktop
@pytest.mark.xdist_group("desktop")
async def test_an_own_wav_is_what_sounds(
    ear: Ear, channel: SoundChannel, settings: Settings, tmp_path: Path
) -> None:
    own = write_wav(tmp_path / "my own gong.wav", pitch_hz=700)
    await settings.set("tone.high", str(own))

    async with ear:
        receipt = await channel.send(message(priority=Priority.HIGH))
        pitches = await ear.hears(1)

    assert receipt.detail == "my own gong.wav"
    assert pitches == [pytest.approx(700, abs=3)]


@pytest.mark.desktop
@pytest.mark.xdist_group("desktop")
async def test_an_own_wav_that_is_gone_is_replaced_by_the_shipped_tone_and_the_receipt_says_so(
    ear: Ear, channel: SoundChannel, settings: Settings, tmp_path: Path
) -> None:
    await settings.set("tone.high", str(tmp_path / "gone.wav"))

    async with ear:
        receipt = await channel.send(message(priority=Priority.HIGH))
        pitches = await ear.hears(1)

    assert receipt.detail == f"high.wav, for {tmp_path}/gone.wav does not exist"
    assert pitches == [pytest.approx(PITCHES_HZ[Priority.HIGH], rel=0.01)]


@pytest.mark.desktop
@pytest.mark.xdist_group("desktop")
async def test_a_priority_set_to_half_the_volume_is_quieter(
    ear: Ear, channel: SoundChannel, settings: Settings, tmp_path: Path
) -> None:
    async with ear:
        await channel.preview(Priority.LOW)
        await ear.hears(1)
        await settings.set("tone.low_volume", 50)
        await channel.preview(Priority.LOW)
        await ear.hears(2)

    loud, quiet = (abs(each).max() for each in tones(tmp_path / "heard.raw"))
    assert quiet == pytest.approx(loud / 2, rel=0.1)


@pytest.mark.desktop
@pytest.mark.xdist_group("desktop")
async def test_a_burst_of_two_hundred_is_one_tone(ear: Ear, channel: SoundChannel) -> None:
    async with ear:
        receipts = [(await channel.send(message(f"alert-{number}"))).detail for number in range(200)]
        pitches = await ear.hears(1)

    assert receipts == ["normal.wav", *["merged into the tone played 0.0 s before"] * 199]
    assert pitches == [pytest.approx(PITCHES_HZ[Priority.NORMAL], rel=0.01)]


@pytest.mark.desktop
@pytest.mark.xdist_group("desktop")
async def test_an_urgent_tone_comes_again_until_it_is_acknowledged(
    ear: Ear, channel: SoundChannel, clock: ManualClock
) -> None:
    async with ear:
        await channel.send(message("fire", priority=Priority.URGENT))
        await ear.hears(1)
        await clock.advance(20)
        await ear.hears(2)
        await clock.advance(20)
        pitches = await ear.hears(3)
        channel.quiet(["fire"])
        await clock.advance(60)
        await channel.preview(Priority.LOW)
        after = await ear.hears(4)

    assert pitches == [pytest.approx(PITCHES_HZ[Priority.URGENT], rel=0.01)] * 3
    assert after[3:] == [pytest.approx(PITCHES_HZ[Priority.LOW], rel=0.01)]


@pytest.mark.desktop
@pytest.mark.xdist_group("desktop")
async def test_when_the_sound_server_comes_back_so_do_the_tones(
    server: SoundServer, ear: Ear, channel: SoundChannel
) -> None:
    await channel.preview(Priority.LOW)
    server.stop()
    with pytest.raises(ChannelUnavailable):
        await channel.preview(Priority.LOW)
    server.start()

    async with ear:
        await channel.preview(Priority.HIGH)
        pitches = await ear.hears(1)

    assert pitches == [pytest.approx(PITCHES_HZ[Priority.HIGH], rel=0.01)]


# --- decided


@pytest.fixture
async def silent(
    settings: Settings,
    clock: ManualClock,
    qapp: QApplication,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[SoundChannel]:
    """A channel on a machine that has nothing to play on."""
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody")
    made = SoundChannel(tones_folder=TONES, settings=settings, clock=clock)
    yield made
    made.close()


async def test_an_urgent_alert_that_no_device_could_play_waits_for_one(silent: SoundChannel) -> None:
    with pytest.raises(ChannelUnavailable, match="no sound device"):
        await silent.send(message("fire", priority=Priority.URGENT))

    assert silent.alert_ids == ("fire",)


async def test_a_digest_repeats_its_tone_for_every_alert_in_it(silent: SoundChannel) -> None:
    many = Digest(count=2, lines=(), alert_ids=("one", "two"))

    with pytest.raises(ChannelUnavailable):
        await silent.send(message("two", priority=Priority.URGENT, digest=many))
    silent.quiet(["one"])

    assert silent.alert_ids == ("two",)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"priority": Priority.HIGH}, id="less than urgent"),
        pytest.param({"priority": Priority.URGENT, "is_test": True}, id="a test"),
        pytest.param({"priority": Priority.URGENT, "status": AlertStatus.CLEARED}, id="cleared"),
    ],
)
async def test_only_what_is_urgent_and_true_is_repeated(
    silent: SoundChannel, changes: dict[str, Any]
) -> None:
    with pytest.raises(ChannelUnavailable):
        await silent.send(message(**changes))

    assert silent.alert_ids == ()


async def test_what_is_wrong_with_an_own_tone_is_said_in_words(silent: SoundChannel, tmp_path: Path) -> None:
    good = write_wav(tmp_path / "good one.wav")

    assert await silent.fault_of("urgent") == ""
    assert await silent.fault_of(str(good)) == ""
    assert await silent.fault_of(f"{tmp_path}/none.wav") == f"{tmp_path}/none.wav does not exist"


def test_of_a_burst_one_tone_is_played_in_each_interval() -> None:
    pace = TonePace()
    played = []
    for number in range(200):
        now_ns = number * SECOND // 20
        if pace.covered_ns(Priority.NORMAL, now_ns, interval_s=3) is None:
            pace.note(Priority.NORMAL, now_ns)
            played.append(now_ns / SECOND)

    assert played == [0, 3, 6, 9]


def test_a_louder_tone_breaks_through_and_covers_the_quieter_ones() -> None:
    pace = TonePace()
    pace.note(Priority.NORMAL, 0)

    high = pace.covered_ns(Priority.HIGH, SECOND, interval_s=3)
    pace.note(Priority.HIGH, SECOND)

    assert high is None
    assert pace.covered_ns(Priority.LOW, 3 * SECOND, interval_s=3) == 2 * SECOND
    assert pace.covered_ns(Priority.LOW, 4 * SECOND, interval_s=3) is None


def test_zero_seconds_between_repeats_is_no_repeat() -> None:
    urgent = UrgentTones()
    urgent.add(["one"], 0)

    assert not urgent.take_due(3600 * SECOND, repeat_s=0)
    assert urgent.take_due(3600 * SECOND, repeat_s=20)


def test_urgent_alerts_that_pile_up_overnight_take_bounded_room() -> None:
    urgent = UrgentTones()
    for number in range(5_000):
        urgent.add([str(number)], 0)

    assert len(urgent.alert_ids) == 1_000
    assert urgent.alert_ids[-1] == "4999"


def test_a_tone_may_have_eight_bits_and_two_channels(tmp_path: Path) -> None:
    tone = read_tone(write_wav(tmp_path / "tone.wav", bits=8, channels=2, seconds=0.5))

    assert (tone.bits, tone.channels, tone.seconds) == (8, 2, 0.5)


def folder(file: Path) -> None:
    file.mkdir()


def noise(file: Path) -> None:
    file.write_bytes(b"ID3 not a wave at all")


def cut_short(file: Path) -> None:
    file.write_bytes((TONES / "low.wav").read_bytes()[:20])


def packed(file: Path) -> None:
    whole = bytearray((TONES / "low.wav").read_bytes())
    whole[20:22] = struct.pack("<H", 2)  # ADPCM
    file.write_bytes(whole)


def huge(file: Path) -> None:
    shutil.copy(TONES / "low.wav", file)
    with file.open("r+b") as stream:
        stream.truncate(6 * 2**20)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(lambda file: None, "does not exist", id="missing"),
        pytest.param(folder, "is not a file", id="a folder"),
        pytest.param(noise, "is no WAV file inside: save it as uncompressed WAV", id="not a WAV"),
        pytest.param(cut_short, "is no WAV file inside", id="cut short"),
        pytest.param(packed, "is not plain PCM inside: save it as uncompressed WAV", id="compressed"),
        pytest.param(huge, "has 6.0 MB; a tone has 5 MB at most", id="too large"),
        pytest.param(lambda file: write_wav(file, bits=24), "has 24 bits a sample", id="24 bits"),
        pytest.param(lambda file: write_wav(file, channels=6), "has 6 channels", id="six channels"),
        pytest.param(lambda file: write_wav(file, seconds=0), "has no sound in it", id="empty"),
        pytest.param(lambda file: write_wav(file, seconds=11), "is 11 s long", id="too long"),
    ],
)
def test_a_file_that_cannot_be_a_tone_is_refused_in_words(
    tmp_path: Path, make: Callable[[Path], Any], words: str
) -> None:
    file = tmp_path / "tone.wav"
    make(file)

    with pytest.raises(UnfitTone, match=words):
        read_tone(file)


@pytest.mark.parametrize("tone", ["gong.wav", "loud", "/tmp/gong.mp3", "/tmp/a\nb.wav", ""])
async def test_a_tone_is_a_shipped_one_or_a_whole_path(settings: Settings, tone: str) -> None:
    with pytest.raises(BadInput, match="expected low, normal, high, urgent or the whole path"):
        await settings.set("tone.low", tone)
