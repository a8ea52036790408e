"""What the chart does to rules: a level moved, an alert added. Each is one change that can be undone."""

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.rules import PriceLevel
from tradeassist_desktop.engine.rulefiles.price_levels import why_fixed, with_level
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.rights import why_not


class LevelChanges:
    """Changes rules, all of them by way of the window's undo."""

    def __init__(self, *, context: PanelContext) -> None:
        self._context = context

    def why_fixed(self, level: PriceLevel) -> str:
        """Return why a level may not be moved; empty where it may."""
        if not self._context.rights.may(Act.EDIT_RULES):
            return why_not(Act.EDIT_RULES)
        rule = self._context.desk.rules.get(level.uid)
        if rule is None:
            return f"“{level.rule_name}” is not there any more."
        return why_fixed(rule, level.symbol) or ""

    def refuse(self, level: PriceLevel) -> str:
        """Return why a level that was to be dragged may not be moved; a role's refusal is written down."""
        return self._context.rights.refuse(Act.EDIT_RULES) or self.why_fixed(level)

    async def move(self, level: PriceLevel, price: float) -> None:
        """Change a rule's condition so that its level is at another price.

        Raises:
            TradeAssistError: it cannot be, or could not be kept; the rule is as it was.
        """
        rules = self._context.desk.rules
        rule = rules.get(level.uid)
        if rule is None:
            return
        after = with_level(rule, level.symbol, level.price, price)
        told = text.price(price, self._context.desk.market.instrument(level.symbol))
        change = rules.edit(f"Move {level.rule_name} to {told}", {rule.uid: after})
        await self._context.rule_changes.done(change)
        self._say(f"{level.rule_name} is at {told} now.")

    async def add(self, typed: str) -> None:
        """Add the rule of a quick rule's text; raises as ``move`` does."""
        rules = self._context.desk.rules
        rule = rules.read_text(typed)
        await self._context.rule_changes.done(rules.edit(f"Add {rule.name}", {rule.uid: rule}))
        self._context.navigator.rule_chosen.emit(rule.uid)
        self._say(f"Rule added: {rule.name}.")

    def _say(self, done: str) -> None:
        how = self._context.keys.fill("{window.undo} takes it back.")
        self._context.navigator.noticed.emit(f"{done} {how}")
