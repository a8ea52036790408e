"""Gives what is in memory only to a keyring that was locked, once a person has opened it."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from tradeassist_desktop.domain.audit import AuditAct
from tradeassist_desktop.domain.secret import KeeperError, KeptSecret
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.secrets.acts import Acts
from tradeassist_desktop.secrets.answers import Answers, comes_before
from tradeassist_desktop.secrets.guarded import GuardedKeeper
from tradeassist_desktop.secrets.keeping import CHANGE_S, Keeping, give
from tradeassist_desktop.secrets.memory import SecretMemory

log = logging.getLogger(__name__)

_LOOK_S: Final = 15.0
_LOOK_MOST_S: Final = 600.0
"""How seldom it is tried where the keyring is open and keeps nothing all the same."""


class Waiting:
    """One task for each secret that waits. To look whether its keeper is open asks nobody for anything.

    Args:
        change: Held while a secret is changed.
        on_kept: Told the name of a secret that is elsewhere now.
    """

    def __init__(
        self,
        *,
        in_order: Callable[[], Sequence[GuardedKeeper]],
        answers: Answers,
        memory: SecretMemory,
        keeping: Keeping,
        acts: Acts,
        clock: Clock,
        change: Callable[[str], asyncio.Lock],
        on_kept: Callable[[str], None],
    ) -> None:
        self._in_order = in_order
        self._answers = answers
        self._memory = memory
        self._keeping = keeping
        self._acts = acts
        self._clock = clock
        self._change = change
        self._on_kept = on_kept
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def begin(self, kept: KeptSecret, who: str) -> None:
        """Wait for the keeper that a secret waits for.

        Args:
            who: The component that wrote or read it, for the audit log.
        """
        name = kept.name
        if name in self._tasks:
            return
        task = asyncio.create_task(self._wait(name, who), name=f"secret {name}, in memory")
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name))

    async def close(self) -> None:
        """Wait no more."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _wait(self, name: str, who: str) -> None:
        wait_s = _LOOK_S
        while self._keeper(name) is not None:
            await self._clock.sleep(wait_s)
            keeper = self._keeper(name)
            if keeper is not None and await keeper.is_at_hand():
                async with self._change(name):
                    await self._give(name, keeper, who)
                wait_s = min(wait_s * 2, _LOOK_MOST_S)

    def _keeper(self, name: str) -> GuardedKeeper | None:
        own = self._memory.own(name)
        found = (keeper for keeper in self._in_order() if own is not None and keeper.name == own.waits_for)
        return next(found, None)

    async def _give(self, name: str, keeper: GuardedKeeper, who: str) -> None:
        own = self._memory.own(name)
        if own is None:
            return  # another was written meanwhile
        try:
            there = await self._answers.read_of(keeper, name, limit_s=CHANGE_S, insists=True)
            if there is not None and comes_before(there, own):
                log.info("secret in memory gave way", extra={"secret": name, "keeper": keeper.name})
                self._acts.read(name, there, who=who, given_by=keeper.name)
                self._remember(there)
            elif there is None or own.is_later_than(there):
                version = await keeper.ask(partial(give, name, own.secret), limit_s=CHANGE_S, insists=True)
                if version is not None:
                    self._acts.did(AuditAct.WRITE, name, who=who, source=keeper.name, detail="it is open now")
                    log.info("secret given to the keeper it waited for", extra={"secret": name})
                    self._remember(
                        KeptSecret(name=name, secret=own.secret, source=keeper.name, version=version)
                    )
            # Else nobody knows which is later: a person says.
        except KeeperError as error:
            self._acts.failed(AuditAct.WRITE, name, error, who=who)

    def _remember(self, kept: KeptSecret) -> None:
        is_ahead = self._memory.ahead(kept.name) is not None
        self._keeping.remember(kept, is_remote=False, is_ahead=is_ahead)
        self._on_kept(kept.name)
