"""Switches off rules that were to fire once and have."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from tradeassist_desktop.domain.events import AlertRaised, RulesChanged
from tradeassist_desktop.domain.rules import Rule, RulePhase, RuleStatus, Trigger
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.storage.faults import StorageFailed

_CHECK_S: Final = 0.5


class SpentRules:
    """Looks at rules that may be spent, twice a second.

    Args:
        rule: Returns a rule by its uid.
        statuses: Returns what a rule is doing.
        switch_off: Switches rules off, whoever is at the desk.
    """

    def __init__(
        self,
        *,
        rule: Callable[[str], Rule | None],
        statuses: Callable[[str], Sequence[RuleStatus]],
        switch_off: Callable[[Sequence[str]], Awaitable[None]],
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._rule = rule
        self._statuses = statuses
        self._switch_off = switch_off
        self._bus = bus
        self._clock = clock
        self._may_be: set[str] = set()

    def look_at(self, uid: str) -> None:
        """Look at a rule next time: it may have fired just before the program was killed."""
        rule = self._rule(uid)
        if rule is not None and rule.trigger is Trigger.ONCE:
            self._may_be.add(uid)

    async def run(self) -> None:
        """Switch off what is spent, until cancelled."""
        unsubscribe = (
            self._bus.subscribe(AlertRaised, lambda event: self.look_at(event.alert.rule_uid)),
            self._bus.subscribe(RulesChanged, self._on_changed),
        )
        try:
            while True:
                await self._clock.sleep(_CHECK_S)
                asked, self._may_be = self._may_be, set()
                spent = [uid for uid in asked if self._is_spent(uid)]
                try:
                    await self._switch_off(spent)
                except StorageFailed:
                    self._may_be |= asked
                    raise
        finally:
            for end in unsubscribe:
                end()

    def _on_changed(self, event: RulesChanged) -> None:
        for uid in event.uids:
            self.look_at(uid)

    def _is_spent(self, uid: str) -> bool:
        rule = self._rule(uid)
        if rule is None or rule.trigger is not Trigger.ONCE or not rule.active:
            return False
        statuses = self._statuses(uid)
        return bool(statuses) and all(status.phase is RulePhase.SPENT for status in statuses)
