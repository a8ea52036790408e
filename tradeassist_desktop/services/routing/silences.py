"""What mutes alerts for a time: held in memory for the tick path, kept on disk for the next start."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from tradeassist_desktop.domain.access import OPEN, Act, Gate
from tradeassist_desktop.domain.alerts import Alert
from tradeassist_desktop.domain.events import SilencesChanged
from tradeassist_desktop.domain.market import InstrumentKind
from tradeassist_desktop.domain.routing import Silence, SilenceCause, SilenceScope, Subject, subject_of
from tradeassist_desktop.engine.calendars.sessions import regular
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.routing.silence_book import REMEMBERED_NS, SilenceBook
from tradeassist_desktop.services.routing.silence_check import check_silence

log = logging.getLogger(__name__)


class SilenceKeeper(Protocol):
    """Where silences are kept."""

    async def load(self, *, ended_after_ns: int) -> list[Silence]:
        """Return the silences that have not ended by then."""
        ...

    async def put(self, silence: Silence) -> None:
        """Keep a silence as it stands now."""
        ...

    def put_soon(self, silence: Silence) -> None:
        """Keep it in the background."""
        ...

    async def remove(self, silence_id: str) -> None:
        """Forget a silence."""
        ...


class Silences:
    """Every silence there is, and the trader's ways to make and end them.

    What is made or ended is kept first, holds at once, and ``SilencesChanged`` is published. Each
    way has its way back: ``add`` (and ``snooze``, ``mute_rule``, ``pause``) is undone by ``remove``,
    ``end`` by ``resume``, ``remove`` and ``move_end`` by ``put_back``.

    They are not the engine's snooze of a rule (``Rules.snooze``). That one keeps a rule from firing,
    in event time: what turns true meanwhile is recorded as a suppressed firing, and what is true
    still at its end does not fire by itself. A silence lets rules fire and mutes what would be sent,
    in the time of the clock on the wall: the alert stands in the history as fired, each delivery as
    suppressed, and what is true still at its end is announced once. Where both hold, the engine's
    comes first: what does not fire has nothing to mute.

    Raises:
        StorageFailed: (each change) it could not be kept; everything stays as it was.
    """

    def __init__(
        self,
        *,
        book: SilenceBook,
        store: SilenceKeeper,
        bus: Bus,
        clock: Clock,
        new_id: Callable[[], str],
        access: Gate = OPEN,
    ) -> None:
        self._access = access
        self._book = book
        self._store = store
        self._bus = bus
        self._clock = clock
        self._new_id = new_id

    async def load(self, *, keeps_acknowledged: bool = True) -> None:
        """Take up what an earlier run left, also what has ended since.

        Args:
            keeps_acknowledged: Whether it goes on that acknowledged conditions are muted: a replay knows
                nothing of whether they are true still.
        """
        for silence in await self._store.load(ended_after_ns=self._clock.now_ns() - REMEMBERED_NS):
            if keeps_acknowledged or silence.cause is not SilenceCause.ACKNOWLEDGED:
                self._book.hold(silence)

    # --- looking in

    def active(self) -> tuple[Silence, ...]:
        """Return the silences that mute now, in the order of their making."""
        return self._book.active()

    def coming(self) -> tuple[Silence, ...]:
        """Return the silences that begin later, the next first."""
        return self._book.coming()

    def get(self, silence_id: str) -> Silence | None:
        """Return a silence, also one that ended lately; ``None`` if there is none of that id."""
        return self._book.get(silence_id)

    def pausing(self) -> Silence | None:
        """Return what pauses all alerts for longest, a silence of all too; ``None`` while nothing does."""
        return self._book.longest(lambda silence: silence.mutes_everything)

    def muting_rule(self, uid: str) -> Silence | None:
        """Return the mute of a rule; ``None`` while it has none."""
        return self._book.longest(
            lambda silence: silence.cause is SilenceCause.MUTE and silence.rule_uid == uid
        )

    # --- the trader's ways

    async def add(
        self,
        scope: SilenceScope,
        *,
        until_ns: int | None,
        from_ns: int = 0,
        rule_uid: str = "",
        symbol: str = "",
        tag: str = "",
        channels: tuple[str, ...] = (),
        cause: SilenceCause = SilenceCause.SILENCE,
        note: str = "",
    ) -> Silence:
        """Mute alerts from now on, or from a time to come.

        Args:
            until_ns: UTC nanoseconds; ``None`` is until it is ended.
            from_ns: When it begins; a time that is past is now.
            channels: Only these; empty is all.

        Raises:
            BadInput: its end is past or not after its begin, there is no channel of that name, or nothing
                it is about.
        """
        self._access.require(Act.SILENCE)
        now_ns = self._clock.now_ns()
        silence = Silence(
            id=self._new_id(),
            scope=scope,
            cause=cause,
            from_ns=max(from_ns, now_ns),
            until_ns=until_ns,
            created_ns=now_ns,
            rule_uid=rule_uid,
            symbol=symbol,
            tag=tag,
            channels=channels,
            note=note.strip(),
        )
        check_silence(silence, now_ns)
        await self._store.put(silence)
        self._book.forget_old()
        log.info("silenced", extra={"scope": scope.value, "cause": cause.value, "until_ns": until_ns})
        self._change(silence)
        return silence

    async def snooze(self, alert: Alert, *, for_ns: int) -> Silence:
        """Mute what an alert is about, its rule on its symbol, and have it sent again afterwards.

        It is sent again if it is true still then and has not been acknowledged, so snoozing must not
        acknowledge. A notice of the desk, which has no condition, is sent again until it is acknowledged.
        """
        self._access.require(Act.SILENCE)
        subject = subject_of(alert)
        return await self.add(
            SilenceScope.RULE_SYMBOL,
            until_ns=self._clock.now_ns() + for_ns,
            rule_uid=subject.rule_uid,
            symbol=subject.symbol,
            cause=SilenceCause.SNOOZE,
        )

    async def mute_rule(self, uid: str, *, until_ns: int | None = None) -> Silence:
        """Mute a rule, on all its symbols, until that is ended or a time comes; once is enough."""
        self._access.require(Act.SILENCE)
        muted = self.muting_rule(uid)
        if muted is not None and (
            muted.end_ns is None or (until_ns is not None and muted.end_ns >= until_ns)
        ):
            return muted
        return await self.add(SilenceScope.RULE, rule_uid=uid, until_ns=until_ns, cause=SilenceCause.MUTE)

    async def unmute_rule(self, uid: str) -> None:
        """End every mute of a rule."""
        self._access.require(Act.SILENCE)
        while (muted := self.muting_rule(uid)) is not None:
            await self.end(muted.id)

    async def pause(self, *, until_ns: int | None = None) -> Silence:
        """Mute everything, the desk's own notices too, until it is ended or a time comes."""
        self._access.require(Act.SILENCE)
        return await self.add(SilenceScope.ALL, until_ns=until_ns, cause=SilenceCause.PAUSE)

    async def end_pause(self) -> None:
        """End every pause, and every silence that comes to one."""
        self._access.require(Act.SILENCE)
        while (pause := self.pausing()) is not None:
            await self.end(pause.id)

    async def end(self, silence_id: str) -> None:
        """End a silence before its time, or before it has begun; one that has ended stays as it is."""
        self._access.require(Act.SILENCE)
        silence = self._book.get(silence_id)
        now_ns = self._clock.now_ns()
        if silence is None or silence.is_over(now_ns):
            return
        ended = replace(silence, ended_ns=now_ns)
        await self._store.put(ended)
        log.info("silence ended", extra={"scope": silence.scope.value, "cause": silence.cause.value})
        self._change(ended)

    async def resume(self, silence_id: str) -> None:
        """Undo ``end``: the silence goes on until the time it had."""
        self._access.require(Act.SILENCE)
        silence = self._book.get(silence_id)
        if silence is None or silence.ended_ns is None:
            return
        going_on = replace(silence, ended_ns=None)
        await self._store.put(going_on)
        self._change(going_on)

    async def remove(self, silence_id: str) -> None:
        """Undo ``add``: it has never been. What it muted meanwhile and is true still is announced."""
        self._access.require(Act.SILENCE)
        if self._book.get(silence_id) is None:
            return
        await self._store.remove(silence_id)
        self._book.forget(silence_id)
        self._tell()

    async def move_end(self, silence_id: str, *, until_ns: int) -> Silence | None:
        """Have a silence end at another time; return it, or ``None`` where it has ended.

        Raises:
            BadInput: the time is past, or not after its begin.
        """
        self._access.require(Act.SILENCE)
        silence, now_ns = self._book.get(silence_id), self._clock.now_ns()
        if silence is None or silence.is_over(now_ns):
            return None
        moved = replace(silence, until_ns=until_ns)
        check_silence(moved, now_ns)
        await self.put_back(moved)
        return moved

    async def put_back(self, silence: Silence) -> None:
        """Have a silence as it stood once, whatever became of it since."""
        self._access.require(Act.SILENCE)
        await self._store.put(silence)
        self._change(silence)

    def next_open_ns(self) -> int:
        """Return when shares open next: where a snooze "until tomorrow's open" ends."""
        calendar = regular(InstrumentKind.EQUITY)
        stretch = calendar.at(self._clock.now_ns())
        return calendar.at(stretch.end_ns).end_ns if stretch.is_open else stretch.end_ns

    # --- acknowledging

    def acknowledge(self, subject: Subject, true_since_ns: int) -> None:
        """Mute what was acknowledged until its condition is no longer true; kept in the background."""
        now_ns = self._clock.now_ns()
        silence = Silence(
            id=self._new_id(),
            scope=SilenceScope.RULE_SYMBOL,
            cause=SilenceCause.ACKNOWLEDGED,
            from_ns=true_since_ns,
            until_ns=None,
            created_ns=now_ns,
            rule_uid=subject.rule_uid,
            symbol=subject.symbol,
        )
        self._store.put_soon(silence)
        self._change(silence)

    def take_back(self, subject: Subject) -> None:
        """End what acknowledging has muted: the condition was no longer true, or it was taken back."""
        for silence in self._book.acknowledged_of(subject):
            self._store.put_soon(replace(silence, ended_ns=self._clock.now_ns()))
            # Nothing is owed after it, and every alert looks at what is held: there may be a thousand a day.
            self._book.forget(silence.id)
            self._tell()

    def _change(self, silence: Silence) -> None:
        self._book.hold(silence)
        self._tell()

    def _tell(self) -> None:
        self._bus.publish(SilencesChanged())
