"""What every rule is doing, read in slices: of ten thousand at once the window would stand still."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from tradeassist_desktop.domain.rules import Rule, RulePhase, RuleStatus

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

MOST_TELLING: Final = (
    RulePhase.ERROR,
    RulePhase.FIRING,
    RulePhase.PENDING,
    RulePhase.BLIND,
    RulePhase.SNOOZED,
    RulePhase.COOLING,
    RulePhase.REARMING,
    RulePhase.ARMED,
    RulePhase.SPENT,
    RulePhase.EXPIRED,
    RulePhase.OFF,
)
RANK: Final = {phase: rank for rank, phase in enumerate(MOST_TELLING)}
_SLICE_S: Final = 0.001
_PAUSE_MS: Final = 4
_LOOKED_AT: Final = 32


class Standing(NamedTuple):
    """What rules are sorted and picked by."""

    phase: RulePhase
    last_fired_ns: int


class Slices(QObject):
    """Does something for each of many rules, a millisecond at a time."""

    done = Signal()
    """It was done for all of them."""

    def __init__(self, *, each: Callable[[Rule], object], parent: QObject) -> None:
        super().__init__(parent)
        self._each = each
        self._rules: Sequence[Rule] = ()
        self._next = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._go_on)

    @property
    def is_running(self) -> bool:
        """Whether some are still to come."""
        return self._timer.isActive()

    def start(self, rules: Sequence[Rule]) -> None:
        """Begin with these rules; what was running is left where it was."""
        self._rules, self._next = rules, 0
        self._timer.start()

    def _go_on(self) -> None:
        until_s = time.perf_counter() + _SLICE_S
        while self._next < len(self._rules) and time.perf_counter() < until_s:
            for rule in self._rules[self._next : self._next + _LOOKED_AT]:
                self._each(rule)
            self._next += _LOOKED_AT
        if self._next >= len(self._rules):
            self._timer.stop()
            self.done.emit()


class States(QObject):
    """What every rule was doing when it was last looked at.

    A rule that was not looked at yet has no state.
    """

    read = Signal()
    """All were looked at."""

    def __init__(self, *, desk: "Desk", parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._of: dict[str, Standing] = {}
        self._slices = Slices(each=self._look, parent=self)
        self._slices.done.connect(self._on_done)
        self.are_known = False
        """Whether all were looked at once."""

    def look(self, rules: Sequence[Rule]) -> None:
        """Look at all of them, in slices; not while that is still being done."""
        if not self._slices.is_running:
            self._slices.start(rules)

    def of(self, rule: Rule) -> Standing | None:
        """Return what a rule was doing; ``None`` if it was not looked at yet."""
        return self._of.get(rule.uid)

    def _on_done(self) -> None:
        self.are_known = True
        self.read.emit()

    def _look(self, rule: Rule) -> None:
        statuses = self._desk.rules.statuses(rule.uid)
        fired = max((each.last_fired_ns or 0 for each in statuses), default=0)
        self._of[rule.uid] = Standing(most_telling(rule, statuses).phase, fired)


def most_telling(rule: Rule, statuses: Sequence[RuleStatus]) -> RuleStatus:
    """Return the state to show of a rule on several symbols."""
    if not rule.active or not statuses:
        return RuleStatus(uid=rule.uid, symbol=rule.symbols[0], phase=RulePhase.OFF)
    return min(statuses, key=lambda status: RANK[status.phase])
