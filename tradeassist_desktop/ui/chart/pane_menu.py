"""The menus of a chart: alerts at a price, levels, splitting, tabs, pictures."""

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.rules import PriceLevel
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.chart.pane import ChartPane
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.rights import why_not
from tradeassist_desktop.ui.tips import plain_tip

_VERBS = ("crosses", "crosses above", "crosses below")


class PaneMenu:
    """Fills menus for a pane.

    Args:
        arranging: What the panel can do with panes, tabs and pictures, as actions with their shortcuts.
    """

    def __init__(self, *, context: PanelContext, arranging: Callable[[], list[QAction | None]]) -> None:
        self._context = context
        self._arranging = arranging

    def fill_more(self, menu: QMenu) -> None:
        """Fill the menu behind a header's dots."""
        menu.clear()
        self._add_arranging(menu)

    def fill_at(self, menu: QMenu, pane: ChartPane, price: float | None, level: PriceLevel | None) -> None:
        """Fill the menu of a right click at a price, or on a level."""
        if level is not None:
            self._add_level(menu, pane, level)
            menu.addSeparator()
        if price is not None and pane.state.symbol:
            self._add_alerts(menu, pane, price)
            menu.addSeparator()
        menu.addAction("Go to the newest bar", pane.canvas.follow)
        self._add_arranging(menu)

    def _add_alerts(self, menu: QMenu, pane: ChartPane, price: float) -> None:
        symbol = pane.state.symbol
        instrument = self._context.desk.market.instrument(symbol)
        plain = f"{price:.{instrument.decimals}f}"
        for verb in _VERBS:
            words = f"Alert when {symbol} {verb} {text.price(price, instrument)}"
            adding = menu.addAction(words, partial(pane.add_rule, f"{symbol} last {verb} {plain}"))
            self._allow(adding)

    def _add_level(self, menu: QMenu, pane: ChartPane, level: PriceLevel) -> None:
        moving = menu.addAction(
            f"Move {level.rule_name} with Up and Down", partial(self._choose, pane, level)
        )
        self._allow(moving)
        navigator = self._context.navigator
        editing = menu.addAction(
            f"Edit {level.rule_name}…", partial(navigator.rule_edit_wanted.emit, level.uid)
        )
        self._allow(editing)
        menu.addAction(f"Show {level.rule_name} in Rules", partial(navigator.rule_chosen.emit, level.uid))

    def _choose(self, pane: ChartPane, level: PriceLevel) -> None:
        pane.canvas.setFocus()
        pane.canvas.choose_level(level)

    def _allow(self, action: QAction) -> None:
        if not self._context.rights.may(Act.EDIT_RULES):
            action.setEnabled(False)
            action.setToolTip(plain_tip(why_not(Act.EDIT_RULES)))

    def _add_arranging(self, menu: QMenu) -> None:
        menu.setToolTipsVisible(True)
        for action in self._arranging():
            if action is None:
                menu.addSeparator()
            else:
                menu.addAction(action)
