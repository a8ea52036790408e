"""What is behind the figures: the reasons of failure, or the deliveries that one of them counts."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from tradeassist_desktop.domain.delivery import DeliveryState
from tradeassist_desktop.domain.delivery_figures import (
    SENT_STATES,
    DeliveryPick,
    FailureReason,
    PickedDeliveries,
)
from tradeassist_desktop.domain.messages import alert_title
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.delivery_words import MUTINGS, STATES, channel_title
from tradeassist_desktop.ui.models.alerts import DESK
from tradeassist_desktop.ui.models.text_rows import TextRow, TextRows
from tradeassist_desktop.ui.theme import SMALL_PX, Theme, ui_font
from tradeassist_desktop.ui.widgets.delivery.figure_words import READING, latency_in_words, reason_in_words
from tradeassist_desktop.ui.widgets.empty import EmptyState
from tradeassist_desktop.ui.widgets.table import ColumnSpec
from tradeassist_desktop.ui.widgets.text_table import TextTable

_LEAST_ROWS: Final = 5
_MOST_ROWS: Final = 6
_REASONS_TITLE: Final = "Reasons of failure"


class _ReasonColumn(IntEnum):
    REASON = 0
    CHANNEL = 1
    TIMES = 2
    LAST = 3


class _PickedColumn(IntEnum):
    TIME = 0
    ALERT = 1
    STATE = 2
    TOOK = 3


_REASON_COLUMNS: Final = {
    _ReasonColumn.REASON: ColumnSpec(150, stretch=1),
    _ReasonColumn.CHANNEL: ColumnSpec(68, rank=1),
    _ReasonColumn.TIMES: ColumnSpec(52),
    _ReasonColumn.LAST: ColumnSpec(116, rank=2),
}
_PICKED_COLUMNS: Final = {
    _PickedColumn.TIME: ColumnSpec(116),
    _PickedColumn.ALERT: ColumnSpec(120, stretch=1),
    _PickedColumn.STATE: ColumnSpec(96, stretch=1, rank=1),
    _PickedColumn.TOOK: ColumnSpec(64, rank=2),
}


class PickedList(QWidget):
    """Reasons until a figure is picked; then its deliveries, and a way back."""

    picked = Signal(object)
    """The ``DeliveryPick`` of a reason that was clicked."""
    left = Signal()
    """The trader went back to the reasons."""
    alert_wanted = Signal(str)

    def __init__(self, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._reasons: tuple[FailureReason, ...] = ()
        self._alert_ids: tuple[str, ...] = ()
        self._title = QLabel(_REASONS_TITLE, self)
        self._title.setObjectName("deliveryListTitle")
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setFont(ui_font(SMALL_PX, weight=QFont.Weight.DemiBold))
        self._title.setProperty("tone", "quiet")
        self._back = QPushButton("Back to reasons", self)
        self._back.setObjectName("backToReasons")
        self._back.setProperty("kind", "link")
        self._back.clicked.connect(self._go_back)
        self._reason_rows = TextRows(
            titles=("Reason", "Channel", "Times", "Last"),
            figures=frozenset((_ReasonColumn.TIMES,)),
            parent=self,
        )
        self._reason_table = self._table(self._reason_rows, _REASON_COLUMNS, theme)
        self._reason_table.setObjectName("deliveryReasons")
        self._reason_table.setAccessibleName(_REASONS_TITLE)
        self._picked_rows = TextRows(
            titles=("Time", "Alert", "State", "Took"), figures=frozenset((_PickedColumn.TOOK,)), parent=self
        )
        self._picked_table = self._table(self._picked_rows, _PICKED_COLUMNS, theme)
        self._picked_table.setObjectName("deliveryList")
        self._picked_table.setAccessibleName("Deliveries")
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._reason_table)
        self._stack.addWidget(self._picked_table)
        self._no_reasons = EmptyState(
            view=self._reason_table, theme=theme, icon="ring", title=READING, hint=""
        )
        EmptyState(
            view=self._picked_table,
            theme=theme,
            icon="check",
            title="None of these",
            hint="No delivery of this kind is in the time chosen above.",
        )
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._stack)
        column.addStretch(1)
        for act in (self._reason_table.clicked, self._reason_table.activated):
            act.connect(self._pick_reason)
        for act in (self._picked_table.doubleClicked, self._picked_table.activated):
            act.connect(self._want_alert)
        self._go_back()

    def show_reasons(self, reasons: Sequence[FailureReason], *, now_ns: int) -> None:
        """Take these reasons, the most frequent first; shown where nothing is picked."""
        self._no_reasons.say(
            "Nothing failed", "Each failed attempt is counted here by its reason.", icon="check"
        )
        self._reasons = tuple(reasons)
        self._reason_rows.show([_reason_row(reason, now_ns) for reason in reasons])

    def show_unread(self) -> None:
        """Say that there are no reasons to be shown, as they could not be read."""
        self._no_reasons.say(
            "The reasons could not be read", "They are asked for again soon.", icon="warning"
        )

    def show_picked(self, pick: DeliveryPick, found: PickedDeliveries, *, now_ns: int) -> None:
        """Show what is behind a figure."""
        title = f"{pick_in_words(pick)}: {text.plural(found.count, 'announcement')}"
        if found.count > len(found.rows):
            which = "newest" if pick.least_latency_ns is None else "slowest"
            title += f", the {which} {len(found.rows):,} of them"
        self._title.setText(title)
        self._alert_ids = tuple(alert.id for alert, _ in found.rows)
        rows: list[TextRow] = []
        for alert, delivery in found.rows:
            ended_ns = delivery.finished_ns
            shown_ns = ended_ns or delivery.created_ns
            took_ns = ended_ns - delivery.created_ns if ended_ns and delivery.created_ns else None
            state = STATES[delivery.state].partition(",")[0]
            said = f"{state}: {delivery.detail}" if delivery.detail else state
            rows.append(
                TextRow(
                    key="/".join(map(str, delivery.key)),
                    cells=(
                        text.clock_time(shown_ns, now_ns=now_ns),
                        alert_title(DESK if alert.is_notice else alert.symbol, alert.rule_name),
                        said,
                        latency_in_words(took_ns if delivery.state is DeliveryState.DELIVERED else None),
                    ),
                    tooltip=f"{text.utc_time(shown_ns)}\n{alert.message}\n{said}\nDouble-click: its attempts",
                )
            )
        self._picked_rows.show(rows)
        self._stack.setCurrentWidget(self._picked_table)
        self._back.show()

    def _go_back(self) -> None:
        self._title.setText(_REASONS_TITLE)
        self._stack.setCurrentWidget(self._reason_table)
        self._back.hide()
        self.left.emit()

    def _pick_reason(self, index: QModelIndex | QPersistentModelIndex) -> None:
        if 0 <= index.row() < len(self._reasons):
            reason = self._reasons[index.row()]
            self.picked.emit(DeliveryPick(channel=reason.channel, reason=reason))

    def _want_alert(self, index: QModelIndex | QPersistentModelIndex) -> None:
        if 0 <= index.row() < len(self._alert_ids):
            self.alert_wanted.emit(self._alert_ids[index.row()])

    def _table(self, rows: TextRows, columns: Mapping[Any, ColumnSpec], theme: Theme) -> TextTable:
        table = TextTable(
            model=rows,
            columns=columns,
            theme=theme,
            most_rows=_MOST_ROWS,
            least_rows=_LEAST_ROWS,
            parent=self,
        )
        table.setTextElideMode(Qt.TextElideMode.ElideRight)
        table.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        return table


def pick_in_words(pick: DeliveryPick) -> str:
    """Return which deliveries are listed: ``Slack, uncertain``."""
    title = channel_title(pick.channel)
    if pick.reason is not None:
        return f"{title}, {reason_in_words(pick.reason)}"
    if pick.least_latency_ns is not None:
        return f"{title}, took {latency_in_words(pick.least_latency_ns)} or longer"
    if pick.is_retried:
        return f"{title}, tried more than once"
    if pick.muting is not None:
        return f"{title}, muted by {MUTINGS[pick.muting]}"
    if pick.states == SENT_STATES:
        return f"{title}, sent"
    words = [STATES[state].partition(",")[0] for state in pick.states if state is not DeliveryState.SENDING]
    return f"{title}, {' or '.join(words) or 'all that ended'}"


def _reason_row(reason: FailureReason, now_ns: int) -> TextRow:
    said = reason_in_words(reason)
    last = text.clock_time(reason.last_ns, now_ns=now_ns)
    return TextRow(
        key=f"{reason.channel}/{said}",
        cells=(said, channel_title(reason.channel), f"{reason.count:,}", last),
        tooltip=(
            f"{channel_title(reason.channel)}: {said}\n{text.plural(reason.count, 'time')}, "
            f"last at {text.utc_time(reason.last_ns)}\nClick: the alerts it befell"
        ),
    )
