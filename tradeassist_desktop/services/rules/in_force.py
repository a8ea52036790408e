"""The one way rules change: kept on the disk first, then at work in the engine, then told on the bus."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from tradeassist_desktop.domain.events import RulesChanged
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.engine import Engine
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.to_the_end import to_the_end
from tradeassist_desktop.services.rules.book import RuleBook

log = logging.getLogger(__name__)

Arming = Mapping[str, Mapping[str, Any]]
"""Arming states by ``uid|symbol``, as the engine gives and takes them."""

RulesAfter = Mapping[str, Rule | None]
"""By uid, each rule as it shall be; ``None`` for one that shall be no more."""

OnProgress = Callable[[int, int], None]
"""Told how much is done, and of how much."""

_AT_ONCE: Final = 20  # a few ms of work for the engine


class RuleStore(Protocol):
    """Where rules are kept; a removed one comes back to its place."""

    async def keep(self, after: RulesAfter, *, settled: Mapping[str, str | None] | None = None) -> None:
        """Keep changed rules in one transaction, and with them what becomes of proposals."""
        ...


class InForce:
    """The rules in force.

    Args:
        store: ``None`` keeps changes for this run only (rules given by ``--rules``).
        on_symbols_changed: Called when the engine reads other symbols than before.
        on_changed: Called after every change: the engine may need bars of the past.
    """

    def __init__(
        self,
        *,
        book: RuleBook,
        engine: Engine,
        store: RuleStore | None,
        bus: Bus,
        clock: Clock,
        on_symbols_changed: Callable[[], None],
        on_changed: Callable[[], None],
    ) -> None:
        self._book = book
        self._engine = engine
        self._store = store
        self._bus = bus
        self._clock = clock
        self._on_symbols_changed = on_symbols_changed
        self._on_changed = on_changed
        self._symbols: frozenset[str] = frozenset()
        self.turn = asyncio.Lock()
        """Held from looking at rules until they are changed: two at once could bring a removed one back."""

    def load(self) -> None:
        """Put the book's rules to work, before any data."""
        self._engine.set_rules(self._book.all())
        self._symbols = self._engine.symbols()

    async def change(
        self,
        after: RulesAfter,
        *,
        arming: Arming | None = None,
        carried: Callable[[Rule, Arming], Arming] | None = None,
        settled: Mapping[str, str | None] | None = None,
        on_progress: OnProgress | None = None,
    ) -> dict[str, Mapping[str, Any]]:
        """Have rules as they shall be, all or none, also where it is cancelled; ``turn`` is held.

        One whose condition means the same goes on; another starts anew, unless it is given its arming.

        Args:
            arming: What rules that start anew go on from; that of others is ignored.
            carried: Makes the arming of a rule fit what it says now.
            settled: What becomes of proposals by it.
            on_progress: Told how many are in force, also once it is cancelled.

        Returns:
            How the changed rules were armed before, for when they are to be so again.

        Raises:
            StorageFailed: nothing was changed.
        """
        # What is on the disk already has to be in force, too.
        return await to_the_end(self._kept_and_told(after, arming or {}, carried, settled, on_progress))

    async def _kept_and_told(
        self,
        after: RulesAfter,
        arming: Arming,
        carried: Callable[[Rule, Arming], Arming] | None,
        settled: Mapping[str, str | None] | None,
        on_progress: OnProgress | None,
    ) -> dict[str, Mapping[str, Any]]:
        if self._store is not None:
            await self._store.keep(after, settled=settled)
        left: dict[str, Mapping[str, Any]] = {}
        for number, (uid, rule) in enumerate(after.items(), 1):
            if rule is None:
                left |= self._remove(uid)
            elif carried is not None:
                self._put(rule, carried(rule, self._engine.remove_rule(uid)))
            else:
                armed = self._engine.arming_of(uid)
                self._put(rule, _not_running(arming, rule, armed))
                left |= armed
            if number % _AT_ONCE == 0:
                if on_progress is not None:
                    on_progress(number, len(after))
                await self._clock.sleep(0)
        self._tell(tuple(after))
        return left

    def _put(self, rule: Rule, arming: Arming) -> None:
        self._engine.put_rule(rule, self._book.take(rule))
        self._engine.restore(arming)

    def _remove(self, uid: str) -> Arming:
        if self._book.get(uid) is None:
            return {}
        self._book.drop(uid)
        return self._engine.remove_rule(uid)

    def _tell(self, uids: tuple[str, ...]) -> None:
        log.info("rules changed", extra={"rules": len(self._book), "changed": len(uids)})
        symbols = self._engine.symbols()
        if symbols != self._symbols:
            self._symbols = symbols
            self._on_symbols_changed()
        self._on_changed()
        self._bus.publish(RulesChanged(uids=uids))


def _not_running(arming: Arming, rule: Rule, running: Arming) -> Arming:
    """Return what a rule can go on from: it has gone on by itself where it runs with the same meaning."""
    keys = [f"{rule.uid}|{symbol}" for symbol in rule.symbols]
    return {
        key: arming[key]
        for key in keys
        if key in arming
        and (key not in running or running[key]["fingerprint"] != arming[key].get("fingerprint"))
    }
