"""The one place to ask for a secret."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeVar

from tradeassist_desktop.domain.audit import AuditAct, AuditEntry, AuditResult, AuditTrail
from tradeassist_desktop.domain.secret import (
    NOBODY,
    KeeperError,
    KeeperRefused,
    KeeperSilent,
    KeptSecret,
    Secret,
    SecretKeeper,
    SecretVersion,
    VersionState,
)
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.secrets.guarded import GuardedKeeper
from tradeassist_desktop.secrets.memory import SecretMemory

log = logging.getLogger(__name__)

T = TypeVar("T")
IsUsable = Callable[[Mapping[str, str]], bool]

_ANSWER_S: Final = 4.5
"""Within which all have answered or are passed over, but for those that wait for a person."""
_KEEPER_S: Final = 3.0
_LEAST_S: Final = 0.25
_CHANGE_S: Final = 20.0
_NS_PER_S: Final = 1_000_000_000
_ACTS: Final[Mapping[VersionState, AuditAct]] = {
    VersionState.ENABLED: AuditAct.ENABLE,
    VersionState.DISABLED: AuditAct.DISABLE,
    VersionState.DESTROYED: AuditAct.DESTROY,
}


@dataclass(frozen=True, slots=True)
class _Question:
    """Who asks the same joins who asks already."""

    name: str
    is_usable: IsUsable
    is_anew: bool
    is_at_once: bool


@dataclass(frozen=True, slots=True)
class _Answer:
    kept: KeptSecret | None
    given_by: str


class SecretStore:
    """Answers from memory, else from the first of its keepers that has a usable secret of that name.

    What was read stays in memory for a while, and where its keeper falls silent it stands in for it
    for longer. Every act is in the audit log, with who asked.

    Args:
        keepers: All there are; ``order`` says which of them are asked, first to last.
        order: Their names; by default all, as they are given. Writes go to the first that can keep them.
        mask: Told every secret text, so that logs never show it.
        fresh_s: How long an answer is taken without asking again, seconds.
        grace_s: How old an answer may be that stands in for a silent keeper, seconds.
    """

    def __init__(
        self,
        *,
        keepers: Sequence[SecretKeeper],
        mask: Callable[[Iterable[str]], None],
        trail: AuditTrail,
        clock: Clock,
        order: Callable[[], Sequence[str]] | None = None,
        fresh_s: Callable[[], float] = lambda: 3_600.0,
        grace_s: Callable[[], float] = lambda: 24 * 3_600.0,
    ) -> None:
        self._keepers = {keeper.name: GuardedKeeper(keeper, clock=clock) for keeper in keepers}
        self._order = order or (lambda: tuple(self._keepers))
        self._mask = mask
        self._trail = trail
        self._clock = clock
        self._memory = SecretMemory(clock=clock, fresh_s=fresh_s, grace_s=grace_s)
        self._asking: dict[_Question, asyncio.Task[_Answer]] = {}
        self._changing: dict[str, asyncio.Lock] = {}
        self._is_closed = False

    async def read(
        self,
        name: str,
        *,
        who: str,
        is_usable: IsUsable = bool,
        anew: bool = False,
        at_once: bool = False,
    ) -> KeptSecret | None:
        """Return the first usable secret of that name, or ``None`` where nobody has one.

        Args:
            who: The component that asks, for the audit log.
            is_usable: Whether a secret's texts are what the caller needs. Who asks with an equal one
                at the same time shares the answer.
            anew: Ask the keepers, as another program may have written since.
            at_once: Pass over keepers that may ask a person for a password first.

        Raises:
            KeeperError: one that might have it could not be asked, and no other has it.
        """
        if not anew:
            found = self._memory.fresh(name)
            if found is not None and (found.kept is None or is_usable(found.kept.secret)):
                self._tell_read(name, found.kept, who=who, given_by="memory")
                return found.kept
        question = _Question(name=name, is_usable=is_usable, is_anew=anew, is_at_once=at_once)
        answer = await self._shared(question, who)
        self._tell_read(name, answer.kept, who=who, given_by=answer.given_by)
        return answer.kept

    async def write(self, name: str, secret: Mapping[str, str], *, who: str) -> KeptSecret:
        """Keep a secret; return it as kept. Its source is ``memory`` if no keeper could keep it.

        Raises:
            KeeperError: the keeper that has it lets nothing be changed, or another changed it meanwhile.
        """
        secret = Secret(secret)
        self._mask(secret.values())
        async with self._changing.setdefault(name, asyncio.Lock()):
            kept = await self._written(name, secret, who)
            self._memory.put(kept)
            self._overtake(name)
        self._tell(AuditAct.WRITE, name, who=who, source=kept.source, version=kept.version.version)
        return kept

    async def delete(self, name: str, *, who: str) -> bool:
        """Forget a secret wherever it is kept; return whether it was.

        Raises:
            KeeperError: a keeper could not be asked, or refused; it is gone from the others.
        """
        is_gone, failure = False, None
        async with self._changing.setdefault(name, asyncio.Lock()):
            is_gone = self._memory.own(name) is not None
            for keeper in self._in_order():
                try:
                    had_it = await keeper.ask(lambda asked: asked.delete(name), limit_s=_CHANGE_S)
                except KeeperError as error:
                    self._tell_failure(AuditAct.DELETE, name, error, who=who)
                    failure = failure or error
                    continue
                if had_it:
                    is_gone = True
                    self._tell(AuditAct.DELETE, name, who=who, source=keeper.name)
            self._memory.drop(name)
            self._overtake(name)
        if failure is not None:
            raise failure
        if not is_gone:
            self._tell(AuditAct.DELETE, name, who=who, result=AuditResult.ABSENT)
        return is_gone

    async def versions(self, name: str, *, who: str) -> tuple[str, tuple[SecretVersion, ...]]:
        """Return the keeper whose secret it is, and the versions it has; ``""`` and none for nobody's.

        Raises:
            KeeperError: a keeper before it could not be asked.
        """
        for keeper in self._in_order():
            try:
                found = await keeper.ask(lambda asked: asked.versions(name), limit_s=_CHANGE_S)
            except KeeperError as error:
                self._tell_failure(AuditAct.READ, name, error, who=who)
                raise
            if found:
                self._tell(AuditAct.READ, name, who=who, source=keeper.name, detail="its versions")
                return keeper.name, found
        self._tell(AuditAct.READ, name, who=who, result=AuditResult.ABSENT, detail="its versions")
        return "", ()

    async def set_state(
        self, name: str, version: SecretVersion, state: VersionState, *, source: str, who: str
    ) -> SecretVersion | None:
        """Enable, disable or destroy a version that ``source`` keeps; ``None`` if it has no versions.

        Raises:
            KeeperError: it could not, or another changed it meanwhile.
        """
        act = _ACTS[state]
        keeper = self._keepers[source]
        async with self._changing.setdefault(name, asyncio.Lock()):
            try:
                changed = await keeper.ask(
                    lambda asked: asked.set_state(name, version, state), limit_s=_CHANGE_S
                )
            except KeeperError as error:
                self._tell_failure(act, name, error, who=who, version=version.version)
                raise
            self._memory.drop(name)
            self._overtake(name)
        result = AuditResult.ABSENT if changed is None else AuditResult.OK
        self._tell(act, name, who=who, source=source, version=version.version, result=result)
        return changed

    def forget(self) -> None:
        """Ask the keepers for everything anew the next time: their order may be another."""
        self._memory.age()

    async def close(self) -> None:
        """Wait for no keeper any more, and let go of them."""
        self._is_closed = True
        tasks = tuple(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for keeper in self._keepers.values():
            await keeper.keeper.close()

    # --- asking

    def _in_order(self) -> list[GuardedKeeper]:
        return [self._keepers[name] for name in dict.fromkeys(self._order()) if name in self._keepers]

    async def _shared(self, question: _Question, who: str) -> _Answer:
        while True:
            asking = self._asking.get(question)
            if asking is None:
                asking = asyncio.create_task(self._ask(question, who), name=f"secret {question.name}")
                self._asking[question] = asking
                asking.add_done_callback(partial(self._asked, question))
            # Unlike to await it: one who asks and is cancelled leaves it to the others.
            await asyncio.wait([asking])
            if not asking.cancelled():
                return asking.result()
            if self._is_closed:
                raise KeeperSilent("the program is ending", keeper="")
            # Something was written meanwhile: what was asked for is out of date.
            found = self._memory.fresh(question.name)
            if found is not None and found.kept is not None and question.is_usable(found.kept.secret):
                return _Answer(found.kept, "memory")

    def _asked(self, question: _Question, asking: asyncio.Task[_Answer]) -> None:
        if self._asking.get(question) is asking:
            del self._asking[question]
        if not asking.cancelled():
            asking.exception()  # else it is reported as never retrieved, where nobody waits any more

    def _overtake(self, name: str) -> None:
        for question, asking in tuple(self._asking.items()):
            if question.name == name:
                del self._asking[question]
                asking.cancel()

    async def _ask(self, question: _Question, who: str) -> _Answer:
        name, is_usable = question.name, question.is_usable
        started_ns = self._clock.monotonic_ns()
        failures: list[KeeperError] = []
        has_other = False
        for keeper in self._in_order():
            spent_s = (self._clock.monotonic_ns() - started_ns) / _NS_PER_S
            limit_s = max(_LEAST_S, min(_KEEPER_S, _ANSWER_S - spent_s))
            is_passed_over = question.is_at_once and not keeper.keeper.is_prompt
            try:
                kept = None if is_passed_over else await keeper.ask(partial(_read, name), limit_s=limit_s)
            except KeeperSilent as silence:
                failures.append(silence)
                self._tell_failure(AuditAct.READ, name, silence, who=who)
                is_passed_over = True
            except KeeperError as error:
                failures.append(error)
                self._tell_failure(AuditAct.READ, name, error, who=who)
                kept = None
            if is_passed_over:
                copy = self._memory.copy_of(name, keeper.name)
                if copy is not None and is_usable(copy.secret):
                    stands_in = replace(copy, offline_since_ns=keeper.silent_since_ns)
                    return _Answer(stands_in, "memory")
                continue
            if kept is not None:
                self._mask(kept.secret.values())
                if is_usable(kept.secret):
                    return _Answer(self._memory.put(kept), keeper.name)
                has_other = True
        own = self._memory.own(name)
        if own is not None and is_usable(own.secret):
            return _Answer(own, "memory")
        if failures:
            raise failures[0]
        if not has_other and not question.is_at_once:
            self._memory.put_absent(name)
        return _Answer(None, "")

    async def _written(self, name: str, secret: Secret, who: str) -> KeptSecret:
        for keeper in self._in_order():
            try:
                version = await keeper.ask(lambda asked: asked.write(name, secret), limit_s=_CHANGE_S)
            except KeeperError as error:
                self._tell_failure(AuditAct.WRITE, name, error, who=who)
                log.warning(
                    "secret not kept", extra={"secret": name, "keeper": keeper.name, "reason": str(error)}
                )
                if isinstance(error, KeeperSilent):
                    continue
                if isinstance(error, KeeperRefused) and not await self._has(keeper, name):
                    continue
                # Kept elsewhere, it would be hidden by what this one goes on having.
                raise
            if version is not None:
                return KeptSecret(name=name, secret=secret, source=keeper.name, version=version)
        return KeptSecret(name=name, secret=secret, source=NOBODY)

    async def _has(self, keeper: GuardedKeeper, name: str) -> bool:
        try:
            return await keeper.ask(partial(_read, name), limit_s=_CHANGE_S) is not None
        except KeeperError:
            return False

    # --- telling

    def _tell_read(self, name: str, kept: KeptSecret | None, *, who: str, given_by: str) -> None:
        if kept is None:
            self._tell(AuditAct.READ, name, who=who, result=AuditResult.ABSENT)
        else:
            self._tell(AuditAct.READ, name, who=who, source=given_by, version=kept.version.version)

    def _tell_failure(
        self, act: AuditAct, name: str, error: KeeperError, *, who: str, version: str = ""
    ) -> None:
        is_refusal = isinstance(error, KeeperRefused)
        self._tell(
            act,
            name,
            who=who,
            source=error.keeper,
            version=version,
            result=AuditResult.REFUSED if is_refusal else AuditResult.FAILED,
            detail=str(error)[:500],
        )

    def _tell(
        self,
        act: AuditAct,
        name: str,
        *,
        who: str,
        source: str = "",
        version: str = "",
        result: AuditResult = AuditResult.OK,
        detail: str = "",
    ) -> None:
        self._trail.record(
            AuditEntry(
                at_ns=self._clock.now_ns(),
                who=who,
                act=act,
                what=name,
                version=version,
                source=source,
                result=result,
                detail=detail,
            )
        )


def _read(name: str, keeper: SecretKeeper) -> Coroutine[Any, Any, KeptSecret | None]:
    return keeper.read(name)
