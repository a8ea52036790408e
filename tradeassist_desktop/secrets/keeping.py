"""Gives secrets to keepers: to the first that can keep them, and to one that was silent later."""

import contextlib
import logging
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Final

from tradeassist_desktop.domain.audit import AuditAct
from tradeassist_desktop.domain.secret import (
    NOBODY,
    KeeperCorrupt,
    KeeperError,
    KeeperRefused,
    KeeperSilent,
    KeptSecret,
    Secret,
    SecretKeeper,
    SecretVersion,
)
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.secrets.acts import Acts
from tradeassist_desktop.secrets.answers import Answers, read
from tradeassist_desktop.secrets.cache import SecretCache
from tradeassist_desktop.secrets.guarded import GuardedKeeper
from tradeassist_desktop.secrets.memory import SecretMemory

log = logging.getLogger(__name__)

CHANGE_S: Final = 10.0
"""How long a keeper may take over a change, where it waits for no person."""
_LOOK_S: Final = 3.0


class Keeping:
    """Writes, and remembers what was kept.

    What a remote keeper should have had but was silent is *ahead* of it: it answers before that keeper
    does, in other runs too, until it could be given to it. Else a token that was renewed meanwhile
    would be hidden by the old one.
    """

    def __init__(
        self,
        *,
        in_order: Callable[[], Sequence[GuardedKeeper]],
        answers: Answers,
        memory: SecretMemory,
        cache: SecretCache | None,
        acts: Acts,
        clock: Clock,
    ) -> None:
        self._in_order = in_order
        self._answers = answers
        self._memory = memory
        self._cache = cache
        self._acts = acts
        self._clock = clock
        self._written: dict[str, tuple[str, str]] = {}  # last here to a remote keeper: its name, the version
        self.left_over: dict[str, str] = {}
        """Secrets that remote keepers have by now, and who else kept them meanwhile."""

    async def write(
        self, name: str, secret: Secret, who: str, *, own: KeptSecret | None = None
    ) -> KeptSecret:
        """Give a secret to the first keeper that can keep it; return it as kept.

        Args:
            own: It as nobody could keep it. Another that such a keeper has been given certainly later is
                left there, and returned.

        Raises:
            KeeperError: the keeper that has it lets nothing be changed, or another changed it meanwhile.
        """
        ahead = await self._answers.ahead(name)
        if self._cache is not None:
            # Before, so that a program killed in the midst of this never starts with what was.
            await self._cache.remove(name)
        is_ahead, failures, waits_for = False, list[str](), ""
        for keeper in self._in_order():
            try:
                later = None if own is None else await self._later(keeper, own)
                if later is not None:
                    return self.remember(later, is_remote=keeper.keeper.is_remote, is_ahead=is_ahead)
                version = await keeper.ask(partial(give, name, secret), limit_s=CHANGE_S, insists=True)
            except KeeperError as error:
                self._acts.failed(AuditAct.WRITE, name, error, who=who)
                log.warning(
                    "secret not kept", extra={"secret": name, "keeper": keeper.name, "reason": str(error)}
                )
                if isinstance(error, KeeperSilent):
                    is_ahead = is_ahead or keeper.keeper.is_remote
                    waits_for = waits_for or ("" if keeper.keeper.is_remote else keeper.name)
                elif not isinstance(error, KeeperRefused) or await self._has(keeper, name):
                    # Kept by another, it would be hidden by what this one goes on having.
                    raise
                failures.append(str(error))
                continue
            if version is not None:
                kept = KeptSecret(name=name, secret=secret, source=keeper.name, version=version)
                self._note_written(name, keeper, version)
                if self.left_over.get(name) == keeper.name:
                    del self.left_over[name]  # what is there now is no old one that was left
                if ahead is not None and not is_ahead and ahead[0].source != keeper.name:
                    self.left_over[name] = ahead[0].source
                return self.remember(kept, is_remote=keeper.keeper.is_remote, is_ahead=is_ahead)
        now = SecretVersion(version="", created_ns=self._clock.now_ns())
        nobodys = KeptSecret(
            name=name,
            secret=secret,
            source=NOBODY,
            version=now if own is None else own.version,
            failures=tuple(failures),
            waits_for=waits_for,
        )
        return self.remember(nobodys, is_remote=False, is_ahead=is_ahead)

    async def write_to(
        self, keeper: GuardedKeeper, name: str, secret: Secret, who: str
    ) -> SecretVersion | None:
        """Give a secret to this keeper; return its version, or ``None`` where it keeps nothing.

        Raises:
            KeeperError: it could not keep it.
        """
        try:
            return await keeper.ask(partial(give, name, secret), limit_s=CHANGE_S)
        except KeeperError as error:
            self._acts.failed(AuditAct.WRITE, name, error, who=who)
            raise

    async def catch_up(self, name: str, who: str) -> None:
        """Give to the remote keepers what they missed, unless another computer has written since.

        Where they have it, what was kept elsewhere meanwhile is taken out: it would grow old there.
        """
        await self._give(name, who)
        source = self.left_over.pop(name, NOBODY)
        for keeper in self._in_order():
            if keeper.name == source:
                with contextlib.suppress(KeeperError):
                    await keeper.ask(partial(_delete, name), limit_s=CHANGE_S)

    def remember(self, kept: KeptSecret, *, is_remote: bool, is_ahead: bool) -> KeptSecret:
        """Remember what was kept, and return it.

        Args:
            is_ahead: Whether a remote keeper is to have it yet.
        """
        if is_ahead:
            self._memory.put(kept, is_ahead=True)
            if self._cache is not None:
                self._cache.put(kept, asked_ns=self._clock.now_ns(), is_ahead=True)
            return kept
        return self._answers.keep(kept, is_remote=is_remote)

    async def _give(self, name: str, who: str) -> None:
        found = await self._answers.ahead(name)
        if found is None:
            return
        kept, written_ns = found
        for keeper in self._in_order():
            if keeper.name == kept.source:
                return
            if not keeper.keeper.is_remote:
                continue
            try:
                versions = await keeper.ask(partial(_versions, name), limit_s=_LOOK_S)
                is_ours = bool(versions) and self._written.get(name) == (keeper.name, versions[0].version)
                if versions and not is_ours and (versions[0].created_ns or 0) > written_ns:
                    await self._give_way(name, keeper, kept.source)
                    return
                version = await keeper.ask(partial(give, name, kept.secret), limit_s=CHANGE_S)
            except KeeperError as error:
                self._acts.failed(AuditAct.WRITE, name, error, who=who)
                return
            if version is not None:
                log.info("secret given to the keeper that was silent", extra={"secret": name})
                self._note_written(name, keeper, version)
                self._acts.did(AuditAct.WRITE, name, who=who, source=keeper.name, version=version.version)
                now_there = KeptSecret(name=name, secret=kept.secret, source=keeper.name, version=version)
                self._answers.keep(now_there, is_remote=True)
                self.left_over[name] = kept.source
                return

    async def _give_way(self, name: str, keeper: GuardedKeeper, source: str) -> None:
        there = await self._answers.read_of(keeper, name, limit_s=_LOOK_S)
        if there is not None:
            log.info("secret written by another computer is newer", extra={"secret": name})
            self._answers.keep(there, is_remote=True)
            self.left_over[name] = source

    async def _later(self, keeper: GuardedKeeper, own: KeptSecret) -> KeptSecret | None:
        try:
            there = await self._answers.read_of(keeper, own.name, limit_s=CHANGE_S, insists=True)
        except (KeeperCorrupt, KeeperRefused):
            return None  # a write may mend it, or be allowed
        if there is None or there.secret == own.secret or not there.is_later_than(own):
            return None
        log.info("secret in memory gave way", extra={"secret": own.name, "keeper": keeper.name})
        return there

    def _note_written(self, name: str, keeper: GuardedKeeper, version: SecretVersion) -> None:
        # Ours is no other computer's, whatever the keeper's clock says of when it came.
        if keeper.keeper.is_remote:
            self._written[name] = keeper.name, version.version

    async def _has(self, keeper: GuardedKeeper, name: str) -> bool:
        try:
            return await keeper.ask(partial(read, name), limit_s=_LOOK_S) is not None
        except KeeperError:
            return False


def _delete(name: str, keeper: SecretKeeper) -> Coroutine[Any, Any, bool]:
    return keeper.delete(name)


def _versions(name: str, keeper: SecretKeeper) -> Coroutine[Any, Any, tuple[SecretVersion, ...]]:
    return keeper.versions(name)


def give(name: str, secret: Secret, keeper: SecretKeeper) -> Coroutine[Any, Any, SecretVersion | None]:
    """Have a keeper keep a secret."""
    return keeper.write(name, secret)
