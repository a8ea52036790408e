"""The tone: one for each priority, loaded before it is needed."""

import asyncio
import importlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QUrl

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.delivery import ChannelUnavailable, Message, Receipt
from tradeassist_desktop.services.settings import Settings

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QSoundEffect

log = logging.getLogger(__name__)

_LOAD_S: Final = 3.0
_START_S: Final = 1.5
_POLL_S: Final = 0.02


class SoundChannel:
    """Plays the tone of a message's priority.

    QtMultimedia is imported at the first tone: it needs a library of the system's
    (libpulse) whose absence must cost the tone, not the program.

    Args:
        tones_folder: Holds ``low.wav``, ``normal.wav``, ``high.wav``, ``urgent.wav``.
    """

    name: Final = "sound"

    def __init__(self, *, tones_folder: Path, settings: Settings) -> None:
        self._folder = tones_folder
        self._settings = settings
        self._effects: dict[Priority, QSoundEffect] = {}

    async def send(self, message: Message) -> Receipt:
        """Play the tone; return when it has begun to sound.

        Raises:
            ChannelUnavailable: tones are off, or this machine has nothing to play them on.
        """
        if not self._settings.flag("sound.enabled"):
            raise ChannelUnavailable("tones are switched off in the settings")
        self._load()
        effect = self._effects[message.priority]
        await self._until_loaded(effect)
        effect.setVolume(self._settings.number("sound.volume") / 100)
        effect.play()
        await self._until_playing(effect)
        return Receipt(f"{message.priority.value}.wav")

    def close(self) -> None:
        """Fall silent and let go of the sound device."""
        for effect in self._effects.values():
            effect.stop()
            effect.deleteLater()
        self._effects.clear()

    def _load(self) -> None:
        if self._effects:
            return
        try:
            multimedia = importlib.import_module("PySide6.QtMultimedia")
        except ImportError as error:
            raise ChannelUnavailable(f"sound needs a system library: {error}") from error
        if not multimedia.QMediaDevices.audioOutputs():
            raise ChannelUnavailable("no sound device")
        for priority in Priority:
            effect = multimedia.QSoundEffect()
            effect.setSource(QUrl.fromLocalFile(str(self._folder / f"{priority.value}.wav")))
            self._effects[priority] = effect

    async def _until_loaded(self, effect: "QSoundEffect") -> None:
        status = type(effect).Status
        try:
            async with asyncio.timeout(_LOAD_S):
                while effect.status() in (status.Loading, status.Null):
                    await asyncio.sleep(_POLL_S)
        except TimeoutError:
            self._give_up("the sound device does not answer")
        if effect.status() == status.Error:
            self._give_up("the sound device refused the tone")

    async def _until_playing(self, effect: "QSoundEffect") -> None:
        status = type(effect).Status
        try:
            async with asyncio.timeout(_START_S):
                while not effect.isPlaying() and effect.status() != status.Error:
                    await asyncio.sleep(_POLL_S)
        except TimeoutError:
            self._give_up("the tone did not begin to play")
        if effect.status() == status.Error:
            self._give_up("the sound device refused the tone")

    def _give_up(self, reason: str) -> None:
        # Made anew at the next alert: a device may have been plugged in, a server restarted.
        self.close()
        log.info("tone not played", extra={"reason": reason})
        raise ChannelUnavailable(reason)
