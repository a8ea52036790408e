"""The tone: played by a process of its own, so that no sound server can freeze the desk."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QProcess

from tradeassist_desktop.domain.delivery import (
    ChannelTraits,
    ChannelUnavailable,
    Message,
    Receipt,
    Undeliverable,
)
from tradeassist_desktop.services.settings import Settings

log = logging.getLogger(__name__)

_ANSWER_S: Final = 8.0
_END_MS: Final = 500


class SoundChannel(QObject):
    """Has the tone of a message's priority played by ``ui.tone_player``, started at the first one.

    Args:
        tones_folder: Holds ``low.wav``, ``normal.wav``, ``high.wav``, ``urgent.wav``.
        answer_s: How long the player may take before it counts as hung, seconds.
    """

    name: Final = "sound"
    traits: Final = ChannelTraits()

    def __init__(self, *, tones_folder: Path, settings: Settings, answer_s: float = _ANSWER_S) -> None:
        super().__init__()
        self._answer_s = answer_s
        self._folder = tones_folder
        self._settings = settings
        self._player: QProcess | None = None
        self._answer: asyncio.Future[str] | None = None

    async def send(self, message: Message) -> Receipt:
        """Play the tone; return when it has begun to sound.

        Raises:
            ChannelUnavailable: tones are off, or this machine has nothing to play them on.
            Undeliverable: the player hung or ended; a new one is started for the next try.
        """
        if not self._settings.flag("sound.enabled"):
            raise ChannelUnavailable("tones are switched off in the settings")
        priority = message.priority.value
        volume = round(self._settings.number("sound.volume"))
        answer = await self._ask(f"play {priority} {volume}\n")
        word, _, rest = answer.partition(" ")
        if word != "playing":
            log.info("tone not played", extra={"reason": rest})
            raise ChannelUnavailable(rest)
        return Receipt(f"{priority}.wav")

    def close(self) -> None:
        """Let the player end; kill it if it does not."""
        player, self._player = self._player, None
        if player is None:
            return
        player.finished.disconnect(self._on_finished)
        player.closeWriteChannel()
        if not player.waitForFinished(_END_MS):
            player.kill()
            player.waitForFinished(_END_MS)
        player.deleteLater()

    async def _ask(self, line: str) -> str:
        player = self._player or self._start()
        self._answer = asyncio.get_running_loop().create_future()
        player.write(line.encode())
        try:
            async with asyncio.timeout(self._answer_s):
                return await self._answer
        except TimeoutError:
            self.close()
            raise Undeliverable("the tone player hangs", retry=True) from None
        finally:
            self._answer = None

    def _start(self) -> QProcess:
        player = self._player = QProcess(self)
        player.setProcessChannelMode(QProcess.ProcessChannelMode.SeparateChannels)
        player.setStandardErrorFile(QProcess.nullDevice())
        player.readyReadStandardOutput.connect(self._on_output)
        player.finished.connect(self._on_finished)
        player.start(sys.executable, ["-P", "-m", "tradeassist_desktop.ui.tone_player", str(self._folder)])
        return player

    def _on_output(self) -> None:
        if self._player is None or not self._player.canReadLine():
            return
        line = bytes(self._player.readLine().data()).decode(errors="replace").strip()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(line)

    def _on_finished(self) -> None:
        player, self._player = self._player, None
        if player is not None:
            player.deleteLater()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Undeliverable("the tone player ended", retry=True))
