"""The desk's end of the tone player: one question at a time, and a new player for one that hangs."""

import asyncio
import sys
from typing import Final

from PySide6.QtCore import QObject, QProcess, QTimer

_END_MS: Final = 500


class PlayerGone(Exception):
    """The player hung or ended before it answered; the next question starts another."""


class _PlayerEnded(PlayerGone):
    """It ended by itself."""


class ToneProcess(QObject):
    """Starts ``ui.tone_player`` at the first question.

    Args:
        answer_s: How long it may take to answer before it counts as hung, seconds.
    """

    def __init__(self, *, answer_s: float, parent: QObject) -> None:
        super().__init__(parent)
        self._answer_s = answer_s
        self._turn = asyncio.Lock()
        self._player: QProcess | None = None
        self._answer: asyncio.Future[str] | None = None

    async def ask(self, question: str) -> str:
        """Return the player's answer to one line.

        Raises:
            PlayerGone: there was none.
        """
        async with self._turn:
            is_used = self._player is not None
            try:
                return await self._ask(question)
            except _PlayerEnded:
                # libpulse aborts a process whose sound server has gone: a new one can say so.
                if not is_used:
                    raise
                return await self._ask(question)

    def renew(self) -> None:
        """Have another player answer the next question: one that began without a device may never find it."""
        player = self._let_go()
        if player is not None:
            player.closeWriteChannel()
            QTimer.singleShot(_END_MS, player, player.kill)

    def close(self) -> None:
        """Let every player end; kill those that do not."""
        self.renew()
        for player in self.findChildren(QProcess):
            running = player.state() is not QProcess.ProcessState.NotRunning
            if running and not player.waitForFinished(_END_MS):
                player.kill()
                player.waitForFinished(_END_MS)

    async def _ask(self, question: str) -> str:
        player = self._player or self._start()
        self._answer = asyncio.get_running_loop().create_future()
        player.write(f"{question}\n".encode(errors="surrogateescape"))
        if player.state() is QProcess.ProcessState.Running:
            player.waitForBytesWritten(0)  # else it goes in Qt's turn, after all that is to be painted
        try:
            async with asyncio.timeout(self._answer_s):
                return await self._answer
        except TimeoutError:
            self._kill()
            raise PlayerGone("the tone player hangs") from None
        except asyncio.CancelledError:
            # Its answer may still come, and would be taken for the next one's.
            self.renew()
            raise
        finally:
            self._answer = None

    def _start(self) -> QProcess:
        player = self._player = QProcess(self)
        player.setProcessChannelMode(QProcess.ProcessChannelMode.SeparateChannels)
        player.setStandardErrorFile(QProcess.nullDevice())
        player.readyReadStandardOutput.connect(self._on_output)
        player.finished.connect(self._on_finished)
        player.start(sys.executable, _arguments())
        return player

    def _kill(self) -> None:
        player = self._let_go()
        if player is not None:
            player.kill()

    def _let_go(self) -> QProcess | None:
        player, self._player = self._player, None
        if player is not None:
            player.readyReadStandardOutput.disconnect(self._on_output)
            player.finished.disconnect(self._on_finished)
            player.finished.connect(player.deleteLater)
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
            self._answer.set_exception(_PlayerEnded("the tone player ended"))


def _arguments() -> list[str]:
    if getattr(sys, "frozen", False):
        return ["tone-player"]  # no interpreter, but the installed program: it knows this word
    # UTF-8 mode, as the installed program always has: a path is read as it was written, whatever the locale.
    return ["-X", "utf8", "-P", "-m", "tradeassist_desktop.ui.tone_player"]
