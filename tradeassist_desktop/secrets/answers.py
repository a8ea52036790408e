"""Finds the answer to a question: a fresh copy, or the first keeper in order that has a usable secret."""

import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from tradeassist_desktop.domain.audit import AuditAct, AuditResult
from tradeassist_desktop.domain.secret import (
    KeeperError,
    KeeperRefused,
    KeeperSilent,
    KeptSecret,
    Secret,
    SecretKeeper,
    SecretSighting,
)
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.secrets.acts import Acts
from tradeassist_desktop.secrets.cache import SecretCache
from tradeassist_desktop.secrets.guarded import GuardedKeeper, LeftAlone
from tradeassist_desktop.secrets.memory import SecretMemory
from tradeassist_desktop.secrets.sealing import SealedSecret

log = logging.getLogger(__name__)

IsUsable = Callable[[Mapping[str, str]], bool]

_ANSWER_S: Final = 4.5
"""Within which all have answered or are passed over, but for those that wait for a person."""
_KEEPER_S: Final = 3.0
_LEAST_S: Final = 0.25
_SECOND_BEST_S: Final = 60.0
_NS_PER_S: Final = 1_000_000_000
MEMORY: Final = "memory"
CACHE: Final = "cache"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; the fields are as of ``SecretStore.read``."""

    name: str
    is_usable: IsUsable
    is_anew: bool
    is_at_once: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A secret, or that there is none.

    Args:
        given_by: ``memory``, ``cache``, or a keeper's name.
        is_ahead: Whether it is to be given yet to a keeper that was silent as it was written.
    """

    kept: KeptSecret | None
    given_by: str
    is_ahead: bool = False


class PassedOver(LeftAlone):
    """It was not asked: who asks does not wait."""


class Answers:
    """Asks keepers in order. A copy of what one gave answers at its place while it is silent.

    Args:
        is_changing: Whether a secret is being written: what is read meanwhile is of no lasting worth.
    """

    def __init__(
        self,
        *,
        in_order: Callable[[], Sequence[GuardedKeeper]],
        memory: SecretMemory,
        cache: SecretCache | None,
        acts: Acts,
        mask: Callable[[Iterable[str]], None],
        clock: Clock,
        is_changing: Callable[[str], bool],
    ) -> None:
        self._is_changing = is_changing
        self._in_order = in_order
        self._memory = memory
        self._cache = cache
        self._acts = acts
        self._mask = mask
        self._clock = clock

    async def find(self, question: Question, who: str) -> Answer:
        """Return the answer, and remember it.

        Raises:
            KeeperError: a keeper that might have it could not be asked, and no other has it.
        """
        started_ns = self._clock.monotonic_ns()
        keepers = self._in_order()
        sources = {keeper.name for keeper in keepers}
        copy = await self._copy(question.name, sources)
        own = self._own(question)
        answer = self._at_hand(question, copy, own)
        if answer is not None:
            return answer
        failures: list[KeeperError] = []
        is_sure, has_other, hidden = True, False, ""
        for keeper in keepers:
            spent_s = (self._clock.monotonic_ns() - started_ns) / _NS_PER_S
            limit_s = max(_LEAST_S, min(_KEEPER_S, _ANSWER_S - spent_s))
            try:
                kept = await self._ask(question, keeper, limit_s)
            except KeeperError as error:
                is_sure = False
                await self._on_failure(question.name, keeper, error, who)
                # The key of the copies may have come meanwhile: a start is long for a keyring.
                copy = copy or await self._copy(question.name, sources)
                answer = self._stand_in(question, keeper, copy, error)
                if answer is not None and comes_before(answer.kept, own):
                    return answer
                if not self._had_none(question, keeper, copy, error):
                    failures.append(error)
                continue
            self._on_answer(question.name, keeper, kept, copy)
            if kept is not None and question.is_usable(kept.secret):
                if not comes_before(kept, own):
                    hidden = hidden or keeper.name
                    continue
                is_remote = keeper.keeper.is_remote and not self._is_changing(question.name)
                # In the place of one that was passed over it is not taken for long.
                fresh_s = None if is_sure else _SECOND_BEST_S
                if own is not None:
                    log.info("secret in memory gave way", extra={"secret": own.name, "keeper": keeper.name})
                return Answer(self.keep(kept, is_remote=is_remote, fresh_s=fresh_s), keeper.name)
            has_other = has_other or kept is not None
        if own is not None:
            # As soon as one that was silent may be asked again, it may have a later one.
            fresh_s = None if is_sure else _SECOND_BEST_S
            return Answer(self._memory.put(replace(own, hides=hidden), fresh_s=fresh_s), MEMORY)
        if failures:
            raise failures[0]
        if is_sure and not has_other:
            self._memory.put_absent(question.name)
        return Answer(None, "")

    def _own(self, question: Question) -> KeptSecret | None:
        """Return what nobody could keep: it stands before all that is not certainly later."""
        own = self._memory.own(question.name)
        return own if own is not None and question.is_usable(own.secret) else None

    def _at_hand(
        self, question: Question, copy: SealedSecret | None, own: KeptSecret | None
    ) -> Answer | None:
        """Return what answers before any keeper is asked."""
        ahead = self._ahead(question.name, copy)
        if ahead is not None and question.is_usable(ahead[0].secret):
            kept, written_ns = ahead
            return Answer(self._memory.put(kept, asked_ns=written_ns, is_ahead=True), CACHE, is_ahead=True)
        if question.is_anew or copy is None or not _is_of_use(copy.kept, question):
            return None
        rest_s = self._memory.rest_s(copy.asked_ns)
        if rest_s <= 0 or not comes_before(copy.kept, own):
            return None
        return Answer(self._memory.put(copy.kept, asked_ns=copy.asked_ns, fresh_s=rest_s), CACHE)

    async def _ask(self, question: Question, keeper: GuardedKeeper, limit_s: float) -> KeptSecret | None:
        if question.is_at_once and not keeper.answers_at_once:
            raise PassedOver("it may have to be waited for", keeper=keeper.name)
        return await self.read_of(keeper, question.name, limit_s=limit_s)

    async def read_of(
        self, keeper: GuardedKeeper, name: str, *, limit_s: float, insists: bool = False
    ) -> KeptSecret | None:
        """Return what one keeper has; logs never show it from then on. Otherwise as ``GuardedKeeper.ask``."""
        kept = await keeper.ask(partial(read, name), limit_s=limit_s, insists=insists)
        if kept is not None:
            self._mask(kept.secret.values())
        return kept

    async def seek(self, name: str, who: str) -> tuple[SecretSighting, ...]:
        """Ask every keeper, and return what each says; nothing of it is remembered."""
        return tuple([await self._seen(name, keeper, who) for keeper in self._in_order()])

    async def _seen(self, name: str, keeper: GuardedKeeper, who: str) -> SecretSighting:
        try:
            kept = await self.read_of(keeper, name, limit_s=_KEEPER_S, insists=True)
            absence = "" if kept else await keeper.ask(_absence, limit_s=_KEEPER_S, insists=True)
        except KeeperError as error:
            self._acts.failed(AuditAct.TEST, name, error, who=who)
            return SecretSighting(keeper=keeper.name, failure=str(error))
        if kept is None:
            self._acts.did(AuditAct.TEST, name, who=who, source=keeper.name, result=AuditResult.ABSENT)
            return SecretSighting(keeper=keeper.name, absence=absence)
        self._acts.did(AuditAct.TEST, name, who=who, source=keeper.name, version=kept.version.version)
        fields = tuple(field for field, text in kept.secret.items() if text)
        return SecretSighting(keeper=keeper.name, fields=fields, version=kept.version)

    def keep(self, kept: KeptSecret, *, is_remote: bool, fresh_s: float | None = None) -> KeptSecret:
        """Remember what a keeper has, and return it.

        Args:
            fresh_s: As of ``SecretMemory.put``.
        """
        if self._cache is not None and is_remote:
            self._cache.put(kept, asked_ns=self._clock.now_ns())
        return self._memory.put(kept, fresh_s=fresh_s)

    async def ahead(self, name: str) -> tuple[KeptSecret, int] | None:
        """Return what is to be given to keepers yet, and when it was written (UTC nanoseconds)."""
        return self._ahead(name, None if self._cache is None else await self._cache.read(name))

    def _ahead(self, name: str, copy: SealedSecret | None) -> tuple[KeptSecret, int] | None:
        remembered = self._memory.ahead(name)
        found: list[tuple[KeptSecret, int]] = []
        if remembered is not None and remembered.kept is not None:
            found.append((remembered.kept, remembered.asked_ns))
        if copy is not None and copy.is_ahead:  # another program on this folder may have written since
            found.append((copy.kept, copy.asked_ns))
        return max(found, key=lambda each: each[1], default=None)

    async def _copy(self, name: str, sources: set[str]) -> SealedSecret | None:
        if self._cache is None:
            return None
        copy = await self._cache.read(name)
        if copy is None or not (copy.is_ahead or copy.kept.source in sources):
            return None
        if not copy.is_ahead and not self._memory.is_of_use(copy.asked_ns):
            await self._cache.remove(name)
            return None
        self._mask(copy.kept.secret.values())
        return copy

    def _stand_in(
        self, question: Question, keeper: GuardedKeeper, copy: SealedSecret | None, error: KeeperError
    ) -> Answer | None:
        """Return what the keeper gave once, where it is silent."""
        if not isinstance(error, KeeperSilent):
            return None
        found, given_by = self._memory.copy_of(question.name, keeper.name), MEMORY
        if found is None and copy is not None and copy.kept.source == keeper.name:
            is_in_grace = self._memory.is_in_grace(copy.asked_ns)
            found, given_by = (copy.kept, copy.asked_ns) if is_in_grace else None, CACHE
        if found is None or not _is_of_use(found[0], question):
            return None
        kept, asked_ns = found
        since_ns, until_ns = keeper.silent_since_ns, self._memory.grace_end_ns(asked_ns)
        return Answer(replace(kept, offline_since_ns=since_ns, stands_until_ns=until_ns), given_by)

    def _had_none(
        self, question: Question, keeper: GuardedKeeper, copy: SealedSecret | None, error: KeeperError
    ) -> bool:
        """Return whether a silent keeper is not missed: it had none when it answered last."""
        if isinstance(error, PassedOver):
            return True
        if not isinstance(error, KeeperSilent):
            return False
        if question.is_anew and not keeper.keeper.is_remote:
            return False  # one who asks so has reason to think that somebody here has written one
        if self._memory.was_absent(question.name):
            return True
        if copy is None or copy.kept.source != keeper.name or copy.kept.secret:
            return False
        return self._memory.is_in_grace(copy.asked_ns)

    async def _on_failure(self, name: str, keeper: GuardedKeeper, error: KeeperError, who: str) -> None:
        if isinstance(error, LeftAlone):
            return  # told when it fell silent
        self._acts.failed(AuditAct.READ, name, error, who=who)
        if isinstance(error, KeeperRefused):
            self._memory.refuse(name, keeper.name)
            if self._cache is not None and keeper.keeper.is_remote:
                await self._cache.remove(name)

    def _on_answer(
        self, name: str, keeper: GuardedKeeper, kept: KeptSecret | None, copy: SealedSecret | None
    ) -> None:
        if kept is not None:
            return
        # It may have been there once, and must not come back when the keeper falls silent.
        if self._memory.copy_of(name, keeper.name) is not None:
            self._memory.drop(name)
        if self._cache is not None and keeper.keeper.is_remote and (copy is None or not copy.is_ahead):
            self._cache.withhold(name)
            none = KeptSecret(name=name, secret=Secret({}), source=keeper.name)
            self._cache.put(none, asked_ns=self._clock.now_ns())


def _is_of_use(kept: KeptSecret, question: Question) -> bool:
    """Return whether a copy is a secret, and not of there being none, and what the caller needs."""
    return bool(kept.secret) and question.is_usable(kept.secret)


def comes_before(kept: KeptSecret | None, own: KeptSecret | None) -> bool:
    """Return whether what a keeper gave answers, and not what nobody could keep: it is later, or the same."""
    return own is None or (kept is not None and (kept.secret == own.secret or kept.is_later_than(own)))


def _absence(keeper: SecretKeeper) -> Coroutine[Any, Any, str]:
    return keeper.absence()


def read(name: str, keeper: SecretKeeper) -> Coroutine[Any, Any, KeptSecret | None]:
    """Ask a keeper for the newest enabled version."""
    return keeper.read(name)
