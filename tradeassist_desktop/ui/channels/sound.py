"""The tone: played by a process of its own, so that no sound server can freeze the desk."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject

from tradeassist_desktop.domain.alerts import AlertStatus, Priority
from tradeassist_desktop.domain.channels import ChannelTraits, ChannelUnavailable, Receipt, Undeliverable
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.ui.channels.tone_pace import TonePace, UrgentTones
from tradeassist_desktop.ui.channels.tone_process import PlayerGone, ToneProcess
from tradeassist_desktop.ui.message_words import alert_ids

log = logging.getLogger(__name__)

_ANSWER_S: Final = 8.0
_BEAT_S: Final = 1.0
_BUILT_IN: Final = frozenset(Priority)


class SoundChannel(QObject):
    """Has the tone of a message's priority played.

    A burst is one tone, then one in ``sound.interval_seconds``; a louder priority breaks through. That
    of an urgent alert is repeated until ``quiet`` is told.

    Args:
        tones_folder: Holds ``low.wav``, ``normal.wav``, ``high.wav``, ``urgent.wav``.
        answer_s: How long the player may take before it counts as hung, seconds.
    """

    name: Final = "sound"
    # A tone says "now": an hour later it would be a false one. The alert itself waits in the list.
    traits: Final = ChannelTraits(expires_s=60.0, is_transient=True)

    def __init__(
        self, *, tones_folder: Path, settings: Settings, clock: Clock, answer_s: float = _ANSWER_S
    ) -> None:
        super().__init__()
        self._folder = tones_folder
        self._settings = settings
        self._clock = clock
        self._player = ToneProcess(answer_s=answer_s, parent=self)
        self._pace = TonePace()
        self._urgent = UrgentTones()
        self._repeating: asyncio.Task[None] | None = None
        self._said_unfit = ""

    @property
    def alert_ids(self) -> tuple[str, ...]:
        """The urgent alerts whose tone is repeated, oldest first."""
        return self._urgent.alert_ids

    async def send(self, message: Message) -> Receipt:
        """Play the tone; return when it has begun to sound.

        Raises:
            ChannelUnavailable: tones are off, or this machine has nothing to play them on.
            Undeliverable: the player hung or ended; a new one is started for the next try.
        """
        if not self._settings.flag("sound.enabled"):
            raise ChannelUnavailable("tones are switched off in the settings")
        priority, now_ns = message.priority, self._clock.monotonic_ns()
        if priority is Priority.URGENT and message.status is AlertStatus.FIRED and not message.is_test:
            # Before it is played: what no device could play is heard once there is one.
            self._repeat(alert_ids(message), now_ns)
        interval_s = self._settings.number("sound.interval_seconds")
        covered_ns = self._pace.covered_ns(priority, now_ns, interval_s=interval_s)
        if not message.is_test and covered_ns is not None:
            return Receipt(f"merged into the tone played {covered_ns / NS_PER_SECOND:.1f} s before")
        self._pace.note(priority, now_ns)
        try:
            return Receipt(await self._play(priority))
        except Undeliverable:
            self._pace.forget(priority)
            raise

    async def preview(self, priority: Priority) -> str:
        """Play a priority's tone as it is set, also while tones are off; return what was played.

        Raises:
            Undeliverable: it could not be played.
        """
        return await self._play(priority)

    async def fault_of(self, tone: str) -> str:
        """Return what is wrong with a tone as ``tone.high`` would hold it; empty for one that can be played.

        Raises:
            Undeliverable: there was nobody to look.
        """
        if tone in _BUILT_IN:
            return ""
        word, _, rest = (await self._ask(f"check {tone}")).partition(" ")
        return f"{tone} {rest}" if word == "unfit" else ""

    def quiet(self, alert_ids: Sequence[str]) -> None:
        """Repeat no tone for these: they were acknowledged or silenced."""
        self._urgent.remove(alert_ids)

    def close(self) -> None:
        """Repeat nothing, and let the player end; kill it if it does not."""
        if self._repeating is not None:
            self._repeating.cancel()
            self._repeating = None
        self._player.close()

    # --- playing

    async def _play(self, priority: Priority) -> str:
        tone = self._settings.text(f"tone.{priority.value}")
        own = None if tone in _BUILT_IN else Path(tone)
        file = own or self._folder / f"{tone}.wav"
        loud = self._settings.number("sound.volume")
        volume = round(loud * self._settings.number(f"tone.{priority.value}_volume") / 100)
        word, _, rest = (await self._ask(f"play {volume} {file}")).partition(" ")
        if word == "unfit" and own is not None:
            self._say_unfit(f"{own} {rest}")
            file = self._folder / f"{priority.value}.wav"
            word, _, rest = (await self._ask(f"play {volume} {file}")).partition(" ")
        if word == "playing":
            return file.name if own in (None, file) else f"{file.name}, for {self._said_unfit}"
        log.info("tone not played", extra={"reason": rest})
        self._player.renew()
        raise ChannelUnavailable(rest)

    async def _ask(self, question: str) -> str:
        try:
            return await self._player.ask(question)
        except PlayerGone as error:
            raise Undeliverable(str(error), retry=True) from None

    def _say_unfit(self, fault: str) -> None:
        if fault != self._said_unfit:  # once, then on change
            log.warning("own tone cannot be played", extra={"reason": fault})
        self._said_unfit = fault

    # --- repeating

    def _repeat(self, alert_ids: Sequence[str], now_ns: int) -> None:
        self._urgent.add(alert_ids, now_ns)
        if self._repeating is None or self._repeating.done():
            self._repeating = asyncio.get_running_loop().create_task(self._repeat_urgent())

    async def _repeat_urgent(self) -> None:
        """Play the urgent tone again and again, until no alert waits."""
        while self._urgent.alert_ids:
            await self._clock.sleep(_BEAT_S)
            now_ns = self._clock.monotonic_ns()
            # Read each time: a change of the setting takes effect at once.
            repeat_s = self._settings.number("sound.repeat_seconds")
            if not self._settings.flag("sound.enabled") or not self._urgent.take_due(
                now_ns, repeat_s=repeat_s
            ):
                continue
            try:
                played = await self._play(Priority.URGENT)
            except Undeliverable as error:  # it comes round again
                log.info("urgent tone not repeated", extra={"reason": error.reason})
            else:
                self._pace.note(Priority.URGENT, now_ns)
                log.info(
                    "urgent tone repeated", extra={"tone": played, "alerts": len(self._urgent.alert_ids)}
                )
