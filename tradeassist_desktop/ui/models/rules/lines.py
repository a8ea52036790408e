"""Which lines the rules table has: chosen, sorted, grouped, and arranged anew as rules and states change."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.ui.models.rules.arranging import Known, Line, Sorting, grouped, in_order
from tradeassist_desktop.ui.models.rules.choosing import Choosing, Facet, ValuesOf, counted, tags_of
from tradeassist_desktop.ui.models.rules.columns import RulesColumn
from tradeassist_desktop.ui.models.rules.facts import Facts, plain_text
from tradeassist_desktop.ui.models.rules.fired_today import FiredToday
from tradeassist_desktop.ui.models.rules.states import Slices, States

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk
    from tradeassist_desktop.ui.bridge import Bridge

_BY_STATE: Final = (RulesColumn.STATE, RulesColumn.FIRED)
_BY_FACTS: Final = (RulesColumn.CONDITION, RulesColumn.KIND)


class RuleLines(QObject):
    """The lines of the table.

    States of all rules are read only while rules are picked or sorted by them, and what a condition
    comes to once: both in slices, so that the lines may settle a moment later.
    """

    arranged = Signal()
    """The lines may be others, or in another order."""
    states_read = Signal()
    """What all rules are doing is known anew."""

    def __init__(self, *, desk: "Desk", bridge: "Bridge", parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._rules: tuple[Rule, ...] = ()
        self._closed: frozenset[str] = frozenset()
        self.now: list[Line] = []
        self.shown: tuple[Rule, ...] = ()
        self.shown_count = 0
        self.choosing = Choosing()
        self.sorting = Sorting()
        self.is_grouped = False
        self.facts = Facts(desk=desk)
        self.fired_today = FiredToday(desk=desk, bridge=bridge, parent=self)
        self._states = States(desk=desk, parent=self)
        self._states.read.connect(self._on_states)
        self._reading = Slices(each=self.facts.of, parent=self)
        self._reading.done.connect(self._on_facts)
        self._known = Known(
            facts=self.facts.known,
            state=self._states.of,
            fires_today=self.fired_today.count,
            record=desk.worth.track_record,
        )
        bridge.worth_changed.connect(self._on_worth)
        self._values: Mapping[Facet, ValuesOf] = {
            Facet.STATE: self._state_of,
            Facet.SYMBOL: lambda rule: rule.symbols,
            Facet.TAG: tags_of,
            Facet.PRIORITY: lambda rule: (rule.priority.value,),
            Facet.KIND: self._kind_of,
        }

    @property
    def count(self) -> int:
        """How many rules there are, shown or not."""
        return len(self._rules)

    def reload(self) -> None:
        """Take the rules anew."""
        self._rules = self._desk.rules.all()
        uids = dict.fromkeys(rule.uid for rule in self._rules)
        self.facts.keep_only(uids)
        self._reading.start(self._rules)
        self.look_at_states()
        self._arrange()

    def choose(self, choosing: Choosing) -> None:
        """Show these rules."""
        self.choosing = choosing
        self.look_at_states()
        self._arrange()

    def show(self, *, sorting: Sorting, is_grouped: bool) -> None:
        """Have them in this order, under their tags or not."""
        self.sorting, self.is_grouped = sorting, is_grouped
        self.look_at_states()
        self._arrange()

    def toggle_group(self, tag: str) -> None:
        """Close the group of a tag, or open it."""
        self._closed ^= {tag}
        self._arrange()

    def look_at_states(self) -> None:
        """Read what all rules are doing, if they are picked or sorted by it."""
        if self._is_by_state:
            self._states.look(self._rules)

    def counts(self, facet: Facet, *, is_looked_at: bool = False) -> Counter[str]:
        """Return how many rules have each value, of those that are chosen by the other facets.

        Args:
            is_looked_at: Whether their states were just read; else that is begun.
        """
        if facet is Facet.STATE and not is_looked_at:
            self._states.look(self._rules)
        others = self.choosing.chosen(self._rules, self._text_of, self._values, but=facet)
        return counted(others, self._values[facet])

    @property
    def _is_by_state(self) -> bool:
        return Facet.STATE in self.choosing.picked or self.sorting.column in _BY_STATE

    def _arrange(self) -> None:
        if self._is_by_state and not self._states.are_known:
            return  # it is done once they are
        chosen = self.choosing.chosen(self._rules, self._text_of, self._values)
        rules = in_order(chosen, self.sorting, self._known)
        self.shown = tuple(rules)
        self.shown_count = len(rules)
        self.now = grouped(rules, self._closed) if self.is_grouped else list(rules)
        self.arranged.emit()

    def _on_states(self) -> None:
        self.states_read.emit()
        if self._is_by_state:
            self._arrange()

    def _on_facts(self) -> None:
        is_by_facts = Facet.KIND in self.choosing.picked or self.sorting.column in _BY_FACTS
        if is_by_facts or self.choosing.words:
            self._arrange()

    def _on_worth(self) -> None:
        if self.sorting.column is RulesColumn.OUTCOME:
            self._arrange()

    # --- what rules are chosen by

    def _text_of(self, rule: Rule) -> str:
        facts = self.facts.known(rule)
        return plain_text(rule) if facts is None else facts.text

    def _state_of(self, rule: Rule) -> Sequence[str]:
        standing = self._states.of(rule)
        return () if standing is None else (standing.phase.value,)

    def _kind_of(self, rule: Rule) -> Sequence[str]:
        facts = self.facts.known(rule)
        return () if facts is None else (facts.kind,)
