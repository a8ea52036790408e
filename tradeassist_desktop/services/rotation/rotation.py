"""Runs the rotations of all secrets by their policies, on request, and through restarts."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from tradeassist_desktop.domain.access import Act, Gate
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.events import SecretFound, SecretWritten, SettingChanged
from tradeassist_desktop.domain.rotation import (
    CACHE_KEY,
    Rotation,
    RotationStanding,
    RotationStep,
    WhoRotates,
)
from tradeassist_desktop.domain.secret import SCHWAB_TOKEN
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.services.rotation.due import is_time, retry_ns
from tradeassist_desktop.services.rotation.journal import WHO, Journal
from tradeassist_desktop.services.rotation.policies import ROTATED, Policies, is_policy_key, secret_of
from tradeassist_desktop.services.rotation.sight import Sight
from tradeassist_desktop.services.rotation.standing import standing
from tradeassist_desktop.services.rotation.telling import RotationNotices
from tradeassist_desktop.services.rotation.words import HINTS, title
from tradeassist_desktop.services.rotation.works import RotationOutcome, Works
from tradeassist_desktop.storage.faults import StorageFailed

log = logging.getLogger(__name__)

_LOOK_S: Final = 30.0
_PERSON_S: Final = 60.0
"""How long a person who asked for a rotation may take to unlock a keyring."""
_AHEAD_NS: Final = 60_000_000_000
_DAY_NS: Final = 86_400_000_000_000


class RotationService:
    """Looks every half minute by the wall clock: also after a sleep of the computer within that time.

    Each secret's rotation is a task of its own, so that none waits for a rotator that hangs. One that is
    broken off leaves what a kill leaves, and the next run goes on from it.

    Args:
        is_expected: Whether the settings show that somebody has given a secret: then it is looked for.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        works: Works,
        sight: Sight,
        policies: Policies,
        notices: RotationNotices,
        access: Gate,
        is_expected: Callable[[str], bool],
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._journal = journal
        self._works = works
        self._sight = sight
        self._policies = policies
        self._notices = notices
        self._access = access
        self._is_expected = is_expected
        self._bus = bus
        self._clock = clock
        self._changed = asyncio.Event()
        self._written: set[str] = set()
        self._running: dict[str, asyncio.Task[RotationOutcome]] = {}
        self._one_change = asyncio.Lock()
        self._is_loaded = False
        self._is_stopping = False

    async def run(self) -> None:
        """Replace what is due, and remind of what a person has to, until cancelled."""
        unsubscribes = (
            self._bus.subscribe(SettingChanged, self._on_setting),
            self._bus.subscribe(SecretWritten, self._on_written),
            self._bus.subscribe(SecretFound, self._on_found),
        )
        try:
            while True:
                self._changed.clear()
                await self._look()
                with suppress(TimeoutError):
                    await within(self._clock, _LOOK_S, self._changed.wait())
        finally:
            for unsubscribe in unsubscribes:
                unsubscribe()

    async def stop(self, *, drain_s: float) -> None:
        """Begin nothing more, and wait so long for what is under way: an answer may be on its way.

        What is not done by then is gone on with by the next run.
        """
        self._is_stopping = True
        tasks = tuple(self._running.values())
        with suppress(TimeoutError):
            await within(self._clock, drain_s, _all_of(tasks))

    async def rotate_now(self, name: str) -> RotationOutcome:
        """Replace a secret at once, due or not, or join what is under way; its steps are on the bus.

        Raises:
            TradeAssistError: it cannot be; the message says what a person has to do instead.
            StorageFailed: the database cannot be read or written.
        """
        self._access.require(Act.ROTATE)
        await self._load()
        await self._see(name)
        async with self._one_change:
            task = self._running.get(name) or self._start(await self._rotatable(name), begins=True)
        # Who asked may leave; what was begun goes on.
        return await asyncio.shield(task)

    async def snooze(self, name: str, *, days: int) -> None:
        """Remind nobody of a secret for so many days.

        Raises:
            TradeAssistError: it is not known.
            StorageFailed: it cannot be kept.
        """
        self._access.require(Act.ROTATE)
        await self._load()
        async with self._one_change:
            if (task := self._running.get(name)) is not None:
                await asyncio.wait([task])
            rotation = self._journal.get(name)
            if rotation is None:
                raise TradeAssistError(f"{title(name)}: nothing is due.")
            until_ns = self._clock.now_ns() + days * _DAY_NS
            await self._journal.note(replace(rotation, snoozed_until_ns=until_ns))
        await self._notices.settle(name)

    def standings(self) -> tuple[RotationStanding, ...]:
        """Return how each secret stands, as far as is known now."""
        return tuple(
            standing(
                name,
                policy=self._policies.of(name),
                rotation=self._journal.get(name),
                facts=self._sight.facts(name),
                is_unkept=self._is_unkept(name),
            )
            for name in (*ROTATED, SCHWAB_TOKEN)
        )

    # --- looking

    async def _look(self) -> None:
        await self._load()
        # Who has never given a secret is not to be asked for a keyring's password at each start.
        given = [name for name in ROTATED if self._journal.get(name) is not None or self._is_expected(name)]
        await self._sight.look(given, at_once=False)
        await self._sight.look((*ROTATED, SCHWAB_TOKEN), at_once=True)
        for name in ROTATED:
            try:
                async with self._one_change:
                    await self._look_at(name)
            except StorageFailed as error:  # the database tells of that itself
                log.warning("rotation not looked at", extra={"secret": name, "reason": str(error)})

    async def _look_at(self, name: str) -> None:
        if name in self._running or self._is_stopping:  # what it writes down is not to be written over
            return
        rotation = await self._row(name)
        if rotation is None:
            return
        facts, now_ns = self._sight.facts(name), self._clock.now_ns()
        due_at_ns = None if facts is None else self._policies.due_ns(rotation, facts)
        is_due = due_at_ns is not None and now_ns >= due_at_ns
        if facts is not None and facts.who is WhoRotates.PERSON and rotation.step is RotationStep.IDLE:
            if due_at_ns is not None and is_due:
                self._notices.remind(rotation, due_ns=due_at_ns)
            return
        if self._sight.is_gone(name):  # who has taken a secret out wants no copy of an old one left
            rotation = replace(rotation, retire_ns=None)
        retry_at_ns = retry_ns(rotation, is_unkept=self._is_unkept(name))
        if is_time(now_ns, rotation, is_due=is_due, retry_at_ns=retry_at_ns):
            self._start(rotation, begins=is_due, is_asked=False)

    async def _row(self, name: str) -> Rotation | None:
        """Return a secret's rotation, set right by what is known by now; ``None`` for one never seen."""
        facts, rotation, now_ns = self._sight.facts(name), self._journal.get(name), self._clock.now_ns()
        if rotation is None:
            if facts is None:
                return None
            self._written.discard(name)
            return await self._journal.note(Rotation(secret=name, seen_ns=facts.created_ns or now_ns))
        right = rotation
        if name in self._written:
            right = replace(right, seen_ns=now_ns, snoozed_until_ns=None)
            if right.step is RotationStep.IDLE:
                right = replace(right, failures=0, detail="")
        if right.since_ns > now_ns + _AHEAD_NS:
            # The clock was ahead when that was noted: it would not be due for as long as it was.
            right = replace(right, seen_ns=now_ns, finished_ns=right.finished_ns and now_ns)
        if right != rotation:
            await self._journal.note(right)
            await self._notices.settle(name)
        self._written.discard(name)
        return right

    # --- working

    def _start(
        self, rotation: Rotation, *, begins: bool, is_asked: bool = True
    ) -> asyncio.Task[RotationOutcome]:
        name = rotation.secret
        work = self._work(rotation, begins=begins, is_asked=is_asked)
        task = asyncio.create_task(work, name=f"rotation of {name}")
        self._running[name] = task
        task.add_done_callback(lambda done: self._ended(name, done))
        return task

    async def _work(self, rotation: Rotation, *, begins: bool, is_asked: bool) -> RotationOutcome:
        name = rotation.secret
        if begins and not is_asked and not rotation.step.is_under_way:
            # Another desk with the same places may have replaced it meanwhile.
            await self._sight.look_anew(name)
            begins = self._is_due(rotation)
        return await self._works.go_on(
            rotation, self._policies.rotator(name), begins=begins, facts=lambda: self._sight.facts(name)
        )

    def _is_due(self, rotation: Rotation) -> bool:
        facts = self._sight.facts(rotation.secret)
        due_at_ns = None if facts is None else self._policies.due_ns(rotation, facts)
        return due_at_ns is not None and self._clock.now_ns() >= due_at_ns

    def _ended(self, name: str, task: asyncio.Task[RotationOutcome]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            # Only its type: nobody knows what is in its text.
            log.error("rotation broke", extra={"secret": name, "error": type(error).__name__})
        self._running.pop(name, None)
        self._sight.forget(name)
        self._changed.set()

    async def _see(self, name: str) -> None:
        """Look at what a person asks for, and refuse what cannot be replaced whatever it is."""
        if name not in ROTATED:
            raise TradeAssistError(f"{title(name)}: {HINTS.get(name, 'no such secret is replaced here')}")
        self._sight.forget(name)
        # Whether there is a key shows when copies are asked for.
        names = ROTATED if name == CACHE_KEY else (name,)
        await self._sight.look(names, at_once=False, patience_s=_PERSON_S)

    async def _rotatable(self, name: str) -> Rotation:
        if self._is_stopping:
            raise TradeAssistError(f"{title(name)}: the program is ending.")
        if trouble := self._sight.trouble(name):
            raise TradeAssistError(f"{title(name)}: {trouble}.")
        facts, rotation = self._sight.facts(name), await self._row(name)
        if facts is None or rotation is None:
            missing = "no copies on this computer" if name == CACHE_KEY else "none has been given"
            raise TradeAssistError(f"{title(name)}: there is nothing to replace, {missing}.")
        if facts.who is not WhoRotates.PROGRAM:
            hint = f"{facts.lacking}. " if facts.lacking else ""
            raise TradeAssistError(f"{title(name)}: {hint}{HINTS.get(name, '')}".strip())
        return rotation

    def _is_unkept(self, name: str) -> bool:
        rotation = self._journal.get(name)
        return rotation is not None and self._works.is_unkept(rotation)

    async def _load(self) -> None:
        if not self._is_loaded:
            await self._journal.load()
            self._is_loaded = True

    def _on_written(self, event: SecretWritten) -> None:
        """Its age begins anew."""
        if event.who != WHO and event.secret in ROTATED:
            self._written.add(event.secret)
            self._sight.forget(event.secret)
            self._changed.set()

    def _on_found(self, event: SecretFound) -> None:
        if event.secret in ROTATED and self._sight.facts(event.secret) is None:
            self._sight.forget(event.secret)
            self._changed.set()

    def _on_setting(self, event: SettingChanged) -> None:
        if is_policy_key(event.key):
            self._sight.forget(secret_of(event.key))
            self._changed.set()


async def _all_of(tasks: Iterable[asyncio.Task[RotationOutcome]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
