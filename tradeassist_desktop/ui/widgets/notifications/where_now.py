"""Where an alert of a rule would go now, and what would follow."""

from enum import IntEnum
from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tradeassist_desktop.domain.channel_names import CHANNEL_TITLES
from tradeassist_desktop.domain.routing import Plan, Route
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.ui.models.text_rows import TextRow, TextRows
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.controls import Choice
from tradeassist_desktop.ui.widgets.gauge import Level
from tradeassist_desktop.ui.widgets.notifications.channel_states import ChannelStates
from tradeassist_desktop.ui.widgets.sign_in_steps import plain_label
from tradeassist_desktop.ui.widgets.table import ColumnSpec
from tradeassist_desktop.ui.widgets.text_table import TextTable

_BETWEEN: Final = "\t"
_SENDS_NOTHING: Final = ("not set up", "off", "not here")


class _Column(IntEnum):
    CHANNEL = 0
    SENT = 1
    WHY = 2


_COLUMNS: Final = {
    _Column.CHANNEL: ColumnSpec(84),
    _Column.SENT: ColumnSpec(72),
    _Column.WHY: ColumnSpec(160, stretch=1),
}


class WhereNowBody(QWidget):
    """A choice of rules, and routing's own answer for the chosen one, kept up to date."""

    def __init__(
        self, *, context: PanelContext, states: ChannelStates, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._states = states
        self._chosen: str = ""
        self._rule = Choice(name="whereNowRule", title="Rule", theme=context.theme, parent=self)
        self._rule.setMinimumWidth(220)
        self._rows = TextRows(titles=("Channel", "Now", "Why"), parent=self)
        self._table = TextTable(
            model=self._rows, columns=_COLUMNS, theme=context.theme, most_rows=6, parent=self
        )
        self._table.setObjectName("whereNowTable")
        self._table.setAccessibleName("Where an alert of the rule would go now")
        self._said = plain_label(self, ui_font(12), tone="second")
        self._said.setObjectName("whereNowLater")
        top = QHBoxLayout()
        top.addWidget(self._rule)
        top.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._table)
        column.addWidget(self._said)
        self._rule.picked.connect(self._choose)
        bridge = context.bridge
        bridge.rules_changed.connect(lambda uids: self._offer())
        bridge.setting_changed.connect(lambda key: self._show())
        bridge.silences_changed.connect(self._show)
        states.changed.connect(self._show)
        context.pulse.second.connect(self._show)
        context.navigator.rule_chosen.connect(self._follow)
        context.theme.changed.connect(self._table.viewport().update)
        self._offer()

    def _offer(self) -> None:
        choices = [
            (f"{rule.uid}{_BETWEEN}{symbol}", f"{rule.name} · {symbol}")
            for rule in self._context.desk.rules.all()
            for symbol in rule.symbols
        ]
        values = [value for value, _ in choices]
        if self._chosen not in values:
            self._chosen = values[0] if values else ""
        self._rule.setVisible(bool(choices))
        if choices:
            self._rule.offer(choices, self._chosen)
        self._show()

    def _follow(self, uid: str) -> None:
        rule = self._context.desk.rules.get(uid)
        if rule is not None:
            self._choose(f"{uid}{_BETWEEN}{rule.symbols[0]}")
            self._offer()

    def _choose(self, value: str) -> None:
        self._chosen = value
        self._show()

    def _show(self, *_: object) -> None:
        uid, _between, symbol = self._chosen.partition(_BETWEEN)
        rule = self._context.desk.rules.get(uid)
        if rule is None:
            self._table.hide()
            none = "There are no rules yet; {window.new-rule} adds one."
            self._said.setText(self._context.keys.fill(none))
            return
        plan = self._context.desk.routing.explain_rule(rule, symbol)
        self._rows.show([self._row(route) for route in plan.routes])
        self._table.setVisible(bool(plan.routes))
        self._said.setText(self._in_words(plan, rule))

    def _row(self, route: Route) -> TextRow:
        title, state = self._states.title(route.channel), self._states.of(route.channel)
        sent, level, why = "sent", Level.GOOD, route.reason
        if route.muting is not None:
            sent, level = "muted", Level.QUIET
        elif state.word in _SENDS_NOTHING:
            sent, level = "not sent", Level.WARN
            why = state.sentence
        elif state.level is Level.BAD:
            sent, level, why = "waits", Level.WARN, state.sentence
        words = why[:1].upper() + why[1:]
        return TextRow(key=route.channel, cells=(title, sent, words), tooltip=words, mark=level, tone="")

    def _in_words(self, plan: Plan, rule: Rule) -> str:
        nowhere = f"{rule.priority.capitalize()} alerts go nowhere: check a channel in the table of routing."
        follows = [self._step(route) for route in plan.later]
        if plan.repeats:
            follows.append(plan.repeats)
        later = f"Then: {'; '.join(follows)}." if follows else ""
        if not plan.routes:
            return f"{nowhere} {later}".strip()
        return later or "Then: nothing, also where nobody acknowledges it."

    def _step(self, route: Route) -> str:
        state = self._states.of(route.channel)
        lacks = f", but it is {state.word}" if state.word in _SENDS_NOTHING else ""
        return f"{CHANNEL_TITLES[route.channel]} {route.reason}{lacks}"
