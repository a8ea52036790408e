"""The one place to ask for a secret."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from tradeassist_desktop.domain.audit import AuditAct, AuditResult, AuditTrail
from tradeassist_desktop.domain.secret import (
    NOBODY,
    KeeperError,
    KeptSecret,
    Secret,
    SecretKeeper,
    SecretSighting,
    SecretVersion,
    VersionState,
)
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.secrets.acts import Acts
from tradeassist_desktop.secrets.answers import MEMORY, Answers, IsUsable, Question
from tradeassist_desktop.secrets.asking import Asking
from tradeassist_desktop.secrets.cache import SecretCache
from tradeassist_desktop.secrets.guarded import GuardedKeeper, LeftAlone
from tradeassist_desktop.secrets.keeping import CHANGE_S, Keeping
from tradeassist_desktop.secrets.memory import SecretMemory
from tradeassist_desktop.secrets.waiting import Waiting

_NO_KEEPER: Final = "there is nobody here who keeps secrets"
_ACTS: Final[Mapping[VersionState, AuditAct]] = {
    VersionState.ENABLED: AuditAct.ENABLE,
    VersionState.DISABLED: AuditAct.DISABLE,
    VersionState.DESTROYED: AuditAct.DESTROY,
}


class SecretStore:
    """Answers from memory, a fresh copy on disk, or the first of its keepers that has a usable secret.

    Copies of what keepers gave stand in for one that falls silent, for a while. Every act is in the
    audit log, with who asked.

    What another program gives a keeper is heard of once an answer here is no longer fresh, or ``anew``.
    What nobody could keep answers until the program ends or a person has it kept; asked for anew, it
    gives way to what a keeper has that is known to be later (``KeptSecret.is_later_than``).

    Args:
        keepers: All there are; ``order`` says which of them are asked, first to last.
        order: Their names; by default all, as they are given. Writes go to the first that can keep them.
        copies: Where copies of what remote keepers gave are kept on this computer; ``None`` nowhere.
        mask: Told every secret text, so that logs never show it.
        own: Where what no keeper could keep is for as long as the program runs, longer than this store may.
        fresh_s: How long an answer is taken without asking again, seconds.
        grace_s: How old an answer may be that stands in for a silent keeper, seconds.
        is_brief: Whether the program ends once it has written: what nobody keeps is lost with it.
    """

    def __init__(
        self,
        *,
        keepers: Sequence[SecretKeeper],
        mask: Callable[[Iterable[str]], None],
        trail: AuditTrail,
        clock: Clock,
        order: Callable[[], Sequence[str]] | None = None,
        copies: SecretCache | None = None,
        own: dict[str, KeptSecret] | None = None,
        fresh_s: Callable[[], float] = lambda: 3_600.0,
        grace_s: Callable[[], float] = lambda: 24 * 3_600.0,
        is_brief: bool = False,
    ) -> None:
        self._is_brief = is_brief
        self._keepers = {keeper.name: GuardedKeeper(keeper, clock=clock) for keeper in keepers}
        self._order = order or (lambda: tuple(self._keepers))
        self._mask = mask
        self.copies = copies
        self._acts = Acts(trail=trail, clock=clock)
        self._memory = SecretMemory(
            clock=clock, fresh_s=fresh_s, grace_s=grace_s, own={} if own is None else own
        )
        self._answers = Answers(
            in_order=self._in_order,
            memory=self._memory,
            cache=copies,
            acts=self._acts,
            mask=mask,
            clock=clock,
            is_changing=lambda name: self._change(name).locked(),
        )
        self._asking = Asking(answers=self._answers, memory=self._memory)
        self._keeping = Keeping(
            in_order=self._in_order,
            answers=self._answers,
            memory=self._memory,
            cache=copies,
            acts=self._acts,
            clock=clock,
        )
        self._waiting = Waiting(
            in_order=self._in_order,
            answers=self._answers,
            memory=self._memory,
            keeping=self._keeping,
            acts=self._acts,
            clock=clock,
            change=self._change,
            on_kept=self._asking.overtake,  # who asks now would remember what was in memory
        )
        self._changing: dict[str, asyncio.Lock] = {}
        self._catching_up: dict[str, asyncio.Task[None]] = {}
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
                self._acts.read(name, found.kept, who=who, given_by=MEMORY if found.kept else "")
                self._wait_for_keeper(found.kept, who)
                return found.kept
        question = Question(name=name, is_usable=is_usable, is_anew=anew, is_at_once=at_once)
        is_shared = self._asking.is_under_way(question)
        try:
            answer = await self._asking.answer(question, who)
        except KeeperError as error:
            if is_shared or isinstance(error, LeftAlone):  # else it was told as the keeper failed
                self._acts.failed(AuditAct.READ, name, error, who=who)
            raise
        self._acts.read(name, answer.kept, who=who, given_by=answer.given_by)
        if answer.is_ahead and not at_once:
            self._catch_up(name, who)
        self._wait_for_keeper(answer.kept, who)
        return answer.kept

    async def write(self, name: str, secret: Mapping[str, str], *, who: str) -> KeptSecret:
        """Keep a secret; return it as kept. Its source is ``memory`` if no keeper could keep it.

        Raises:
            KeeperError: the keeper that has it lets nothing be changed, or another changed it meanwhile.
        """
        secret = Secret(secret)
        self._mask(secret.values())
        async with self._change(name):
            kept = await self._give(name, secret, who)
        return self._given(kept, who)

    async def keep(self, name: str, *, who: str) -> KeptSecret | None:
        """Give what nobody could keep to who can now; return it as kept, or another that was put there later.

        What somebody keeps stays where it is; ``None`` where nobody has such a secret.

        Raises:
            KeeperError: as ``read`` and ``write``.
        """
        async with self._change(name):
            own = self._memory.own(name)
            kept = None if own is None else await self._give(name, own.secret, who, own=own)
        if own is None or kept is None:
            return await self.read(name, who=who)
        if kept.source == NOBODY:  # it was there before: only that nobody took it has happened
            if not kept.failures:
                self._acts.did(AuditAct.WRITE, name, who=who, result=AuditResult.FAILED, detail=_NO_KEEPER)
            self._wait_for_keeper(kept, who)
            return kept
        if kept.secret == own.secret:
            return self._given(kept, who)
        self._acts.read(name, kept, who=who, given_by=kept.source)
        return kept

    async def copy(self, name: str, *, to: str, who: str) -> KeptSecret | None:
        """Give a secret as it is to another keeper too; return it as kept there, without its texts.

        ``None`` where nobody has it, or that keeper keeps nothing. Who is asked first stays as it is.

        Raises:
            KeeperError: it could not be read, or not be kept there.
        """
        kept = await self.read(name, who=who)
        if kept is None or kept.source == to:
            return kept and kept.without_texts()
        async with self._change(name):
            await self._forget_copy(name)
            version = await self._keeping.write_to(self._keepers[to], name, kept.secret, who)
            await self._drop(name)
        if version is None:
            return None
        self._acts.did(AuditAct.WRITE, name, who=who, source=to, version=version.version)
        return KeptSecret(name=name, secret=Secret({}), source=to, version=version)

    async def delete(self, name: str, *, who: str) -> bool:
        """Forget a secret wherever it is kept; return whether it was.

        Raises:
            KeeperError: a keeper could not be asked, or refused; it is gone from the others.
        """
        is_gone, failure = False, None
        async with self._change(name):
            await self._forget_copy(name)
            is_gone = self._memory.own(name) is not None
            for keeper in self._in_order():
                try:
                    had_it = await keeper.ask(
                        lambda asked: asked.delete(name), limit_s=CHANGE_S, insists=True
                    )
                except KeeperError as error:
                    self._acts.failed(AuditAct.DELETE, name, error, who=who)
                    failure = failure or error
                    continue
                if had_it:
                    is_gone = True
                    self._acts.did(AuditAct.DELETE, name, who=who, source=keeper.name)
            await self._drop(name)
        if failure is not None:
            raise failure
        if not is_gone:
            self._acts.did(AuditAct.DELETE, name, who=who, result=AuditResult.ABSENT)
        return is_gone

    async def seek(self, name: str, *, who: str) -> tuple[SecretSighting, ...]:
        """Ask every keeper in order, whatever is remembered; return what each says, without texts."""
        return await self._answers.seek(name, who)

    async def versions(self, name: str, *, who: str) -> tuple[str, tuple[SecretVersion, ...]]:
        """Return the keeper whose secret it is, and the versions it has; ``""`` and none for nobody's.

        Raises:
            KeeperError: a keeper before it could not be asked.
        """
        for keeper in self._in_order():
            try:
                found = await keeper.ask(lambda asked: asked.versions(name), limit_s=CHANGE_S, insists=True)
            except KeeperError as error:
                self._acts.failed(AuditAct.READ, name, error, who=who)
                raise
            if found:
                self._acts.did(AuditAct.READ, name, who=who, source=keeper.name, detail="its versions")
                return keeper.name, found
        self._acts.did(AuditAct.READ, name, who=who, result=AuditResult.ABSENT, detail="its versions")
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
        async with self._change(name):
            await self._forget_copy(name)
            try:
                changed = await keeper.ask(
                    lambda asked: asked.set_state(name, version, state), limit_s=CHANGE_S, insists=True
                )
            except KeeperError as error:
                self._acts.failed(act, name, error, who=who, version=version.version)
                raise
            await self._drop(name)
        result = AuditResult.ABSENT if changed is None else AuditResult.OK
        self._acts.did(act, name, who=who, source=source, version=version.version, result=result)
        return changed

    def forget(self, source: str = "") -> None:
        """Ask the keepers for everything anew the next time: their order may be another.

        Args:
            source: A keeper that is another now: nothing it gave counts any more, nor that it was silent.
        """
        self._memory.age()
        if source:
            self._memory.drop_all(source)
            self._keepers[source].reset()

    async def close(self) -> None:
        """Wait for no keeper any more, and let go of them."""
        self._is_closed = True
        late = tuple(self._catching_up.values())
        for task in late:
            task.cancel()
        await asyncio.gather(self._asking.close(), *late, return_exceptions=True)
        await self._waiting.close()
        for keeper in self._keepers.values():
            await keeper.keeper.close()
        if self.copies is not None:
            await self.copies.close()

    # --- changing

    def _in_order(self) -> list[GuardedKeeper]:
        return [self._keepers[name] for name in dict.fromkeys(self._order()) if name in self._keepers]

    def _change(self, name: str) -> asyncio.Lock:
        return self._changing.setdefault(name, asyncio.Lock())

    async def _give(
        self, name: str, secret: Secret, who: str, *, own: KeptSecret | None = None
    ) -> KeptSecret:
        try:
            kept = await self._keeping.write(name, secret, who, own=own)
        except BaseException:
            self._memory.stale(name)  # broken off or refused: nobody knows here what is there now
            raise
        self._asking.overtake(name)
        return kept

    def _given(self, kept: KeptSecret, who: str) -> KeptSecret:
        name = kept.name
        if name in self._keeping.left_over:
            self._catch_up(name, who)
        self._wait_for_keeper(kept, who)
        if kept.source == NOBODY and self._is_brief:
            why = "; ".join(kept.failures) or _NO_KEEPER
            self._acts.did(AuditAct.WRITE, name, who=who, result=AuditResult.FAILED, detail=why)
        else:
            self._acts.did(AuditAct.WRITE, name, who=who, source=kept.source, version=kept.version.version)
        return kept

    async def _drop(self, name: str) -> None:
        self._memory.drop(name)
        self._asking.overtake(name)
        await self._forget_copy(name)

    async def _forget_copy(self, name: str) -> None:
        """Before a change, so that a program killed in the midst of it never starts with what was before."""
        if self.copies is not None:
            await self.copies.remove(name)

    def _catch_up(self, name: str, who: str) -> None:
        if name in self._catching_up or self._is_closed:
            return
        task = asyncio.create_task(self._caught_up(name, who), name=f"secret {name}, late")
        self._catching_up[name] = task
        task.add_done_callback(lambda _: self._catching_up.pop(name))

    def _wait_for_keeper(self, kept: KeptSecret | None, who: str) -> None:
        if kept is not None and kept.waits_for and not (self._is_closed or self._is_brief):
            self._waiting.begin(kept, who)

    async def _caught_up(self, name: str, who: str) -> None:
        async with self._change(name):
            await self._keeping.catch_up(name, who)
