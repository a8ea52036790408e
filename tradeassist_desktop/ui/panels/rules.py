"""The rules: what is watched for, and whether it is armed."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QAction, QColor, QFont, QKeySequence, QPainter
from PySide6.QtWidgets import QAbstractItemView, QMenu, QToolButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.rules import RulePhase
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.models.rules import RuleRow, RulesColumn, RulesModel
from tradeassist_desktop.ui.panels.base import Panel, PanelContext, Toolbar
from tradeassist_desktop.ui.quieting import Quieting
from tradeassist_desktop.ui.theme import SMALL_PX, ui_font
from tradeassist_desktop.ui.widgets.cells import CellDelegate, Index, draw_text
from tradeassist_desktop.ui.widgets.empty import EmptyState
from tradeassist_desktop.ui.widgets.rule_phase import draw_phase, phase_colour
from tradeassist_desktop.ui.widgets.table import ColumnSpec, DeskTable

_ROW_PX: Final = 40
_SNOOZES: Final = (
    ("Snooze 15 min", "S", 15 * 60 * NS_PER_SECOND),
    ("Snooze 1 h", "Shift+S", 3600 * NS_PER_SECOND),
    ("Snooze until the session's end", "Ctrl+Shift+S", None),
)
_COLUMNS: Final = {
    RulesColumn.SWITCH: ColumnSpec(46),
    RulesColumn.RULE: ColumnSpec(120, stretch=1),
    RulesColumn.SYMBOL: ColumnSpec(74, rank=1),
    RulesColumn.STATE: ColumnSpec(98),
    RulesColumn.FIRED: ColumnSpec(70, rank=2),
}


class _RuleCells(CellDelegate):
    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(theme=context.theme, row_px=_ROW_PX, parent=parent)
        self._rights = context.rights
        self._name = ui_font(13, weight=QFont.Weight.Medium)
        self._small = ui_font(SMALL_PX)
        self._plain = ui_font(12)

    def draw(self, painter: QPainter, rect: QRect, index: Index) -> None:
        row: RuleRow = index.data(Qt.ItemDataRole.UserRole)
        tokens = self.theme.tokens
        upper = QRect(rect.left(), rect.top() + 4, rect.width(), 18)
        lower = QRect(rect.left(), rect.top() + 20, rect.width(), 16)
        first, second = (tokens.text_1, tokens.text_2) if row.rule.active else (tokens.text_3, tokens.text_3)
        column = RulesColumn(index.column())
        if column is RulesColumn.SWITCH:
            self._draw_switch(painter, rect, row.rule.active)
        elif column is RulesColumn.RULE:
            draw_text(painter, upper, row.rule.name, colour=first, font=self._name)
            if row.trouble and row.rule.active:
                colour = phase_colour(tokens, row.phase)
                draw_text(painter, lower, row.trouble, colour=colour, font=self._small)
            else:
                draw_text(painter, lower, row.words, colour=second, font=self._small)
        elif column is RulesColumn.SYMBOL:
            draw_text(painter, rect, row.symbols, colour=second, font=self._plain)
        elif column is RulesColumn.STATE:
            self._draw_state(painter, rect, row)
        elif row.fired:
            draw_text(painter, upper, row.last_fired, colour=second, font=self._small)
            count = text.plural(row.fired, "firing")
            draw_text(painter, lower, count, colour=tokens.text_3, font=self._small)
        else:
            draw_text(painter, rect, "not yet", colour=tokens.text_3, font=self._small)

    def _draw_switch(self, painter: QPainter, rect: QRect, is_on: bool) -> None:
        tokens = self.theme.tokens
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self._rights.may(Act.ARM) else 0.45)
        track = QRectF(rect.left() + 12, rect.center().y() - 7.5, 28, 16)
        painter.setPen(Qt.PenStyle.NoPen if is_on else QColor(tokens.text_3))
        painter.setBrush(QColor(tokens.accent) if is_on else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(track, 8, 8)
        knob = QRectF(
            track.right() - 14 if is_on else track.left() + 3, track.top() + (2 if is_on else 3), 12, 12
        )
        if not is_on:
            knob.adjust(0, 0, -2, -2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.on_accent if is_on else tokens.text_3))
        painter.drawEllipse(knob)
        painter.setOpacity(1.0)

    def _draw_state(self, painter: QPainter, rect: QRect, row: RuleRow) -> None:
        tokens = self.theme.tokens
        tells_nothing = row.is_silent or row.is_muted
        colour = QColor(tokens.warn if tells_nothing else phase_colour(tokens, row.phase))
        line = QRect(rect.left(), rect.top() + 4, rect.width(), 18) if row.ends else rect
        mark = QRectF(rect.left() + 6, line.center().y() - 3.5, 8, 8)
        draw_phase(painter, mark, row.phase, colour, is_silent=tells_nothing)
        draw_text(painter, line.adjusted(16, 0, 0, 0), row.state, colour=colour, font=self._plain)
        if row.ends:
            lower = QRect(rect.left() + 16, rect.top() + 20, rect.width() - 16, 16)
            draw_text(painter, lower, row.ends, colour=tokens.warn, font=self._small)


class RulesPanel(Panel):
    """The table, and delete with undo."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context=context, parent=parent)
        self._model = RulesModel(desk=context.desk, parent=self)
        self._new = QToolButton(self)
        self._new.setObjectName("newRule")
        self._new.setText("New rule…")
        self._new.setToolTip("Type a rule such as /ES last crosses above 5530 (Ctrl+N)")
        self._new.clicked.connect(lambda: context.navigator.quick_rule_wanted.emit(""))
        tools = Toolbar(parent=self)
        templates = QToolButton(self)
        templates.setObjectName("fromTemplate")
        templates.setText("From template…")
        templates.setToolTip("Breakouts, averages, gaps and more, to be filled in (Ctrl+Shift+N)")
        templates.clicked.connect(context.navigator.templates_wanted)
        context.rights.enable(templates, Act.EDIT_RULES)
        tools.row.addWidget(self._new)
        tools.row.addWidget(templates)
        tools.row.addStretch(1)
        self._table = DeskTable(model=self._model, columns=_COLUMNS, row_px=_ROW_PX, parent=self)
        self._table.setObjectName("rulesTable")
        self._table.setAccessibleName("Rules")
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._table.setItemDelegate(_RuleCells(context=context, parent=self))
        self._empty = EmptyState(
            view=self._table,
            theme=context.theme,
            icon="rules",
            title="No rules yet",
            hint="Ctrl+N types one, such as /ES last crosses above 5530. Ctrl+Shift+N fills in a template.",
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(tools)
        column.addWidget(self._table, 1)
        self._quieting = Quieting(context=context)
        self._toggle_action = self._action("Turn on or off", QKeySequence("Space"), self._toggle_selected)
        self._chart_action = self._action("Show on chart", QKeySequence("C"), self._show_on_chart)
        self._template_action = self._action("Save as template…", QKeySequence(), self._save_as_template)
        self._why_action = self._action("Why not?", QKeySequence("W"), self._explain)
        self._snooze_actions = [
            self._action(title, QKeySequence(keys), partial(self._snooze_selected, for_ns))
            for title, keys, for_ns in _SNOOZES
        ]
        self._wake_action = self._action("Wake", QKeySequence("Alt+S"), self._wake_selected)
        self._mute_action = self._action("Mute or unmute", QKeySequence("M"), self._toggle_mutes)
        self._delete_action = self._action(
            "Delete", QKeySequence(QKeySequence.StandardKey.Delete), self._delete_selected
        )
        rights = context.rights
        rights.enable(self._new, Act.EDIT_RULES)
        rights.enable(self._toggle_action, Act.ARM)
        rights.enable(self._delete_action, Act.EDIT_RULES)
        rights.enable(self._template_action, Act.EDIT_RULES)
        for action in (*self._snooze_actions, self._wake_action, self._mute_action):
            rights.enable(action, Act.SILENCE)
        self._table.clicked.connect(self._clicked)
        self._table.doubleClicked.connect(lambda _: self._show_on_chart())
        self._table.customContextMenuRequested.connect(self._open_menu)
        context.bridge.rules_changed.connect(self._model.reload)
        context.pulse.states.connect(self._refresh)
        context.theme.changed.connect(self._table.viewport().update)
        context.bridge.access_changed.connect(self._table.viewport().update)
        context.navigator.rule_chosen.connect(self._select)

    def take_focus(self) -> None:
        """Go to the rules, or to what adds one where there are none."""
        (self._table if self._model.rowCount() else self._new).setFocus()

    def _action(self, title: str, keys: QKeySequence, act: object) -> QAction:
        action = QAction(title, self)
        action.setShortcut(keys)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(act)
        self._table.addAction(action)
        return action

    # --- what the trader does

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == RulesColumn.SWITCH:
            rule = self._model.row(index.row()).rule
            self.context.tasks.start(self.context.desk.rules.set_active((rule.uid,), not rule.active))

    def _toggle_selected(self) -> None:
        rows = self._selected()
        if rows:
            is_on = not all(row.rule.active for row in rows)
            uids = tuple(row.rule.uid for row in rows)
            self.context.tasks.start(self.context.desk.rules.set_active(uids, is_on))

    def _delete_selected(self) -> None:
        rows = self._selected()
        if not rows:
            return
        rules = self.context.desk.rules
        uids = tuple(row.rule.uid for row in rows)
        done = f"Deleted {_named(rows)}"

        async def delete() -> None:
            await rules.remove(uids)
            self.context.navigator.offer_undo(done, lambda: rules.restore(uids))

        self.context.tasks.start(delete())

    def _snooze_selected(self, for_ns: int | None) -> None:
        rows = self._selected()
        if not rows:
            return
        rules = self.context.desk.rules
        uids = tuple(row.rule.uid for row in rows)
        how_long = "until the session's end" if for_ns is None else f"for {text.duration(for_ns)}"

        async def snooze() -> None:
            await rules.snooze(uids, for_ns=for_ns)
            self.context.navigator.offer_undo(f"Snoozed {_named(rows)} {how_long}", lambda: rules.wake(uids))

        self.context.tasks.start(snooze())

    def _toggle_mutes(self) -> None:
        self._quieting.toggle_mutes([row.rule.uid for row in self._selected()])

    def _wake_selected(self) -> None:
        uids = tuple(row.rule.uid for row in self._selected() if row.phase is RulePhase.SNOOZED)
        if uids:
            self.context.tasks.start(self.context.desk.rules.wake(uids))

    def _explain(self) -> None:
        rows = self._selected()
        if rows:
            self.context.navigator.rule_explained.emit(rows[0].rule.uid)

    def _save_as_template(self) -> None:
        rows = self._selected()
        if rows:
            self.context.navigator.template_wanted.emit(rows[0].rule)

    def _show_on_chart(self) -> None:
        rows = self._selected()
        if rows:
            self.context.navigator.symbol_chosen.emit(rows[0].rule.symbols[0])

    def _open_menu(self, at: QPoint) -> None:
        if not self._table.indexAt(at).isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([self._toggle_action, self._why_action, self._chart_action])
        menu.addSeparator()
        menu.addActions([*self._snooze_actions, self._wake_action, self._mute_action])
        enable = partial(self.context.rights.enable, self._wake_action, Act.SILENCE)
        enable(any(row.phase is RulePhase.SNOOZED for row in self._selected()))
        menu.aboutToHide.connect(enable)  # the key works without it
        menu.setToolTipsVisible(True)
        menu.addSeparator()
        menu.addActions([self._template_action, self._delete_action])
        menu.popup(self._table.viewport().mapToGlobal(at))

    def _selected(self) -> list[RuleRow]:
        return [self._model.row(index.row()) for index in self._table.selectionModel().selectedRows()]

    def _select(self, uid: str) -> None:
        position = self._model.position(uid)
        if position is not None:
            self._table.selectionModel().setCurrentIndex(
                self._model.index(position, 0),
                QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows,
            )
            self._table.scrollTo(self._model.index(position, 0))

    def _refresh(self) -> None:
        if self.isVisible():
            first = self._table.rowAt(0)
            last = self._table.rowAt(self._table.viewport().height() - 1)
            self._model.refresh(max(0, first), last if last >= 0 else self._model.rowCount() - 1)


def _named(rows: Sequence[RuleRow]) -> str:
    return rows[0].rule.name if len(rows) == 1 else text.plural(len(rows), "rule")
