"""What rules can be picked by, with how many there are of each."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from PySide6.QtWidgets import QMenu, QWidget

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.ui.models.rules.choosing import Facet
from tradeassist_desktop.ui.models.rules.facts import KIND_TITLES
from tradeassist_desktop.ui.models.rules.lines import RuleLines
from tradeassist_desktop.ui.models.rules.states import MOST_TELLING
from tradeassist_desktop.ui.widgets.rules.staying_menu import StayingMenu

_MOST: Final = 24
_TITLES: Final[Mapping[Facet, str]] = {
    Facet.STATE: "State",
    Facet.SYMBOL: "Symbol",
    Facet.TAG: "Tag",
    Facet.PRIORITY: "Priority",
    Facet.KIND: "Kind",
}
_IN_ORDER: Final[Mapping[Facet, tuple[str, ...]]] = {
    Facet.STATE: tuple(phase.value for phase in MOST_TELLING),
    Facet.PRIORITY: tuple(priority.value for priority in reversed(Priority)),
    Facet.KIND: tuple(KIND_TITLES),
}
"""Values of a few, in their order; those of others come by how many rules have them."""


class FilterMenu(QMenu):
    """One menu a facet, filled as it opens; ticking leaves it open.

    Args:
        pick: Picks a value of a facet, or no longer.
    """

    def __init__(self, *, lines: RuleLines, pick: Callable[[Facet, str], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._lines = lines
        self._pick = pick
        self._menus: dict[Facet, StayingMenu] = {}
        for facet, title in _TITLES.items():
            menu = StayingMenu(title, self)
            menu.setObjectName(f"filter{title}")
            menu.aboutToShow.connect(partial(self._fill, facet))
            self._menus[facet] = menu
            self.addMenu(menu)
        lines.states_read.connect(self._count_states)

    def _fill(self, facet: Facet) -> None:
        menu = self._menus[facet]
        menu.clear()
        counts = self._lines.counts(facet)
        picked = self._lines.choosing.picked.get(facet, frozenset())
        by_count = sorted(counts, key=lambda value: (-counts[value], value.casefold()))
        values = [*_IN_ORDER.get(facet, by_count)]
        listed = [*values[:_MOST], *sorted(picked.difference(values[:_MOST]))]
        for value in listed:
            action = menu.addAction(_with_count(value_title(facet, value), counts[value]))
            action.setData(value)
            action.setCheckable(True)
            action.setChecked(value in picked)
            action.triggered.connect(partial(self._pick, facet, value))
        if len(values) > _MOST:
            menu.addAction(f"{len(values) - _MOST:,} more: type into the search").setEnabled(False)
        elif not listed:
            menu.addAction("There is none").setEnabled(False)

    def _count_states(self) -> None:
        menu = self._menus[Facet.STATE]
        if menu.isVisible():
            counts = self._lines.counts(Facet.STATE, is_looked_at=True)
            for action in menu.actions():
                value = str(action.data())
                action.setText(_with_count(value_title(Facet.STATE, value), counts[value]))


def value_title(facet: Facet, value: str) -> str:
    """Return a value as it is shown."""
    if facet is Facet.KIND:
        return KIND_TITLES[value]
    return value or "No tag"


def _with_count(title: str, count: int) -> str:
    shown = title.replace("&", "&&")
    # What follows a tab stands at the menu's right edge.
    return f"{shown}\t{count:,}"
