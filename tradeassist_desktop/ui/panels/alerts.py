"""The alerts: newest first, acknowledged with A, explained beside the list."""

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QMenu, QSplitter, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.alerts import AlertStatus
from tradeassist_desktop.domain.verdicts import Verdict
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.channels.requests import SNOOZES_MIN
from tradeassist_desktop.ui.judging import TITLES, Judging
from tradeassist_desktop.ui.models.alerts import AlertsColumn, AlertsModel, is_open
from tradeassist_desktop.ui.panels.base import Panel, PanelContext
from tradeassist_desktop.ui.quieting import Quieting
from tradeassist_desktop.ui.widgets.alert_cells import AlertCells
from tradeassist_desktop.ui.widgets.alerts_bar import AlertsBar
from tradeassist_desktop.ui.widgets.empty import EmptyState
from tradeassist_desktop.ui.widgets.sight import is_in_sight
from tradeassist_desktop.ui.widgets.table import ColumnSpec, DeskTable
from tradeassist_desktop.ui.widgets.why import WhyPane

if TYPE_CHECKING:
    from tradeassist_desktop.domain.records import AlertRecord

_COLUMNS: Final = {
    AlertsColumn.TIME: ColumnSpec(134),
    AlertsColumn.SYMBOL: ColumnSpec(68),
    AlertsColumn.RULE: ColumnSpec(120, rank=3, stretch=1),
    AlertsColumn.MESSAGE: ColumnSpec(170, rank=1, stretch=5),
    AlertsColumn.VALUE: ColumnSpec(84, rank=4),
    AlertsColumn.DELIVERY: ColumnSpec(170, rank=5, stretch=1),
    AlertsColumn.STATE: ColumnSpec(180, rank=2),
}


_SNOOZE_KEYS: Final = {15: "S", 60: "Shift+S"}
_SNOOZE_PLACE: Final = 3


class AlertsPanel(Panel):
    """List at the left, explanation of the selected alert at the right."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context=context, parent=parent)
        self._quieting = Quieting(context=context)
        self._model = AlertsModel(desk=context.desk, parent=self)
        self._table = DeskTable(model=self._model, columns=_COLUMNS, parent=self)
        self._table.setObjectName("alertsTable")
        self._table.stay_where_read()
        self._table.setAccessibleName("Alerts")
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._table.setItemDelegate(AlertCells(context=context, model=self._model, parent=self))
        self._why = WhyPane(desk=context.desk, tasks=context.tasks, parent=self)
        self._empty = EmptyState(
            view=self._table,
            theme=context.theme,
            icon="alerts",
            title="All quiet",
            hint="",
        )
        context.keys.tell(
            self._empty,
            self._empty.say_hint,
            "Alerts appear here as rules fire. {window.new-rule} adds a rule.",
        )
        self._acknowledge_action = self._action("Acknowledge", "A", self._acknowledge)
        self._snooze_actions = [
            self._action(f"Snooze {minutes} m", _SNOOZE_KEYS.get(minutes, ""), partial(self._snooze, minutes))
            for minutes in SNOOZES_MIN
        ]
        for action, minutes in zip(self._snooze_actions, SNOOZES_MIN, strict=True):
            # A trader's own keys are kept by this name, which must outlive another wording.
            action.setObjectName(f"snooze-{minutes}-min")
        self._mute_action = self._action("Mute rule", "M", self._toggle_mutes)
        self._all_action = self._action("Acknowledge all", "Shift+A", self._acknowledge_all)
        self._why_action = self._action("Why?", "W", self._toggle_why)
        self._chart_action = self._action("Show on chart", "C", self._show_on_chart)
        self._judging = Judging(context=context)
        self._verdict_actions = [
            self._action(title, title[0], partial(self._judge, verdict)) for verdict, title in TITLES.items()
        ]
        of_selected = (self._acknowledge_action, *self._snooze_actions, self._mute_action, self._chart_action)
        for action in (*of_selected, *self._verdict_actions):
            reason = "Select an alert first that this can be done with."
            context.rights.explain(action, partial(_unless_enabled, action, reason))
        reason = "No alert in the list waits to be acknowledged."
        context.rights.explain(self._all_action, partial(_unless_enabled, self._all_action, reason))
        self._lay_out()
        self._table.selectionModel().selectionChanged.connect(self._explain_selected)
        self._table.doubleClicked.connect(lambda _: self._show_on_chart())
        self._table.customContextMenuRequested.connect(self._open_menu)
        context.bridge.alerts_changed.connect(self._reload)
        context.bridge.worth_changed.connect(self._show_worth)
        context.navigator.alert_chosen.connect(self._choose)
        context.navigator.rule_explained.connect(self._explain_rule)
        context.pulse.states.connect(self._refresh_why)
        context.pulse.second.connect(self._follow_why)
        context.theme.changed.connect(self._table.viewport().update)
        self._count()
        self._allow([])

    def take_focus(self) -> None:
        """Go to the list, on the newest alert if none is selected."""
        self._table.setFocus()
        has_choice = self._table.selectionModel().hasSelection() or self._why.stands_alone
        if not has_choice and self._model.rowCount():
            self._go_to(self._model.index(0, 0))

    def _lay_out(self) -> None:
        self._bar = AlertsBar(context=self.context, parent=self)
        self._bar.add_actions(
            (
                ("check", self._acknowledge_action),
                ("", self._all_action),
                ("question", self._why_action),
                ("chart", self._chart_action),
                *(("", action) for action in self._verdict_actions),
            )
        )
        self._bar.add_snoozes([*self._snooze_actions, self._mute_action], place=_SNOOZE_PLACE)
        self._bar.add_choices(suppressed=self._model.show_suppressed, ranked=self._model.rank_by_worth)
        self._bar.add_menu_of([self._why_action, self._chart_action, *self._verdict_actions])
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.setObjectName("alertsSplit")
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(self._table)
        split.addWidget(self._why)
        split.setStretchFactor(0, 5)
        split.setStretchFactor(1, 3)
        split.setSizes([900, 440])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(split, 1)

    def _action(self, title: str, keys: str, act: object) -> QAction:
        action = QAction(title, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(act)
        self._table.addAction(action)
        return action

    # --- what the trader does

    def _acknowledge(self) -> None:
        self._acknowledge_records([record for record in self._selected() if is_open(record)])

    def _acknowledge_all(self) -> None:
        records = [self._model.record(i) for i in range(self._model.rowCount())]
        self._acknowledge_records([record for record in records if is_open(record)])

    def _acknowledge_records(self, records: list["AlertRecord"]) -> None:
        if not records:
            return
        history = self.context.desk.history
        ids = tuple(record.alert.id for record in records)
        done = f"Acknowledged {text.plural(len(ids), 'alert')}"

        async def acknowledge() -> None:
            await history.acknowledge(ids)
            self.context.navigator.offer_undo(done, lambda: history.unacknowledge(ids))

        self.context.tasks.start(acknowledge())

    def _snooze(self, minutes: int) -> None:
        self._quieting.snooze([record.alert.id for record in self._selected()], minutes)

    def _toggle_mutes(self) -> None:
        self._quieting.toggle_mutes([record.alert.rule_uid for record in self._selected()])

    def _judge(self, verdict: Verdict) -> None:
        self._judging.toggle(self._selected(), verdict)

    def _toggle_why(self) -> None:
        self._why.setVisible(not self._why.isVisible())

    def _show_on_chart(self) -> None:
        records = self._selected()
        if records and not records[0].alert.is_notice:
            alert = records[0].alert
            self.context.navigator.moment_chosen.emit(alert.symbol, alert.event_ns)

    def _open_menu(self, at: QPoint) -> None:
        if not self._table.indexAt(at).isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        uids = {record.alert.rule_uid for record in self._selected()} - {""}
        are_muted = all(self.context.desk.silences.muting_rule(uid) is not None for uid in uids)
        self._mute_action.setText("Unmute rule" if uids and are_muted else "Mute rule")
        menu.setToolTipsVisible(True)
        menu.addActions([self._acknowledge_action, *self._snooze_actions, self._mute_action])
        menu.addSeparator()
        menu.addActions(self._verdict_actions)
        menu.addSeparator()
        menu.addActions([self._why_action, self._chart_action])
        menu.popup(self._table.viewport().mapToGlobal(at))

    # --- what happened

    def _reload(self, *_: object) -> None:
        self._model.reload()
        self._count()
        if self._why.stands_alone:
            self._allow(self._selected())
            self._why.look_again()
        else:
            self._explain_selected()

    def _show_worth(self) -> None:
        self._reload()
        self._table.viewport().update()
        self._why.explain_again()

    def _allow(self, records: list["AlertRecord"]) -> None:
        """Offer what can be done with what is selected and listed, and is allowed."""
        of_rules = [record for record in records if not record.alert.is_notice]
        fired = any(record.alert.status is AlertStatus.FIRED for record in of_rules)
        waiting = self.context.desk.history.unacknowledged_count
        enable = self.context.rights.enable
        enable(self._acknowledge_action, Act.ACKNOWLEDGE, any(map(is_open, records)))
        enable(self._all_action, Act.ACKNOWLEDGE, bool(waiting))
        for action in self._verdict_actions:
            enable(action, Act.ACKNOWLEDGE, fired)
        for action in self._snooze_actions:
            enable(action, Act.SILENCE, bool(records))
        enable(self._mute_action, Act.SILENCE, any(record.alert.rule_uid for record in records))
        self._bar.allow_snoozes(bool(records))
        self._chart_action.setEnabled(bool(records) and not records[0].alert.is_notice)

    def _count(self) -> None:
        waiting = self.context.desk.history.unacknowledged_count
        self._bar.say(
            f"{text.plural(waiting, 'alert')} not acknowledged" if waiting else "Nothing waits for you"
        )

    def _explain_selected(self, *_: object) -> None:
        records = self._selected()
        self._allow(records)
        self._why.show_record(records[0] if records else None)

    def _explain_rule(self, uid: str) -> None:
        self._table.clearSelection()
        self._why.show()
        self._why.show_rule(uid)
        self.context.navigator.dock_wanted.emit("alerts")

    def _refresh_why(self) -> None:
        if is_in_sight(self._why):
            self._why.refresh()

    def _follow_why(self) -> None:
        if is_in_sight(self._why):
            self._why.follow()

    def _choose(self, alert_id: str) -> None:
        self._model.reload()
        position = self._model.position(alert_id)
        self._why.show()
        if position is None:  # too old for the list, or hidden in it
            self._table.clearSelection()
            self._why.show_stored(alert_id)
            return
        index = self._model.index(position, 0)
        self._go_to(index)
        self._table.scrollTo(index)
        self._explain_selected()

    def _go_to(self, index: QModelIndex) -> None:
        # Not the view's own way: with Ctrl held, as its dock's key is, that selects nothing.
        self._table.selectionModel().setCurrentIndex(
            index, QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        )

    def _selected(self) -> list["AlertRecord"]:
        return [self._model.record(index.row()) for index in self._table.selectionModel().selectedRows()]


def _unless_enabled(action: QAction, reason: str) -> str:
    return "" if action.isEnabled() else reason
