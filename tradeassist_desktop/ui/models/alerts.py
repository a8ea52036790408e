"""The alerts list: what fired or was suppressed, newest first."""

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tradeassist_desktop.domain.alerts import Alert, AlertState, AlertStatus, OperandValue, Timing
from tradeassist_desktop.domain.delivery import Cause, Delivery, DeliveryState
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.delivery_words import CAUSES, STATES, channel_title
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.value_words import operand_text, value_text
from tradeassist_desktop.ui.worth_words import likelihood, worth_in_words

if TYPE_CHECKING:
    from tradeassist_desktop.domain.records import AlertRecord
    from tradeassist_desktop.services.desk import Desk

Index = QModelIndex | QPersistentModelIndex


class AlertsColumn(IntEnum):
    """Columns, left to right."""

    TIME = 0
    SYMBOL = 1
    RULE = 2
    MESSAGE = 3
    VALUE = 4
    DELIVERY = 5
    STATE = 6


TITLES: Final = {
    AlertsColumn.TIME: "Time",
    AlertsColumn.SYMBOL: "Symbol",
    AlertsColumn.RULE: "Rule",
    AlertsColumn.MESSAGE: "Message",
    AlertsColumn.VALUE: "Value",
    AlertsColumn.DELIVERY: "Delivered",
    AlertsColumn.STATE: "State",
}

DELIVERY_MARKS: Final = {
    DeliveryState.PENDING: "…",
    DeliveryState.SENDING: "…",
    DeliveryState.DELIVERED: "✓",
    DeliveryState.UNCERTAIN: "?",
    DeliveryState.SUPPRESSED: "–",
    DeliveryState.UNAVAILABLE: "–",
    DeliveryState.EXPIRED: "–",
    DeliveryState.DEAD: "✗",
}

_URGENCIES: Final = "✗?…✓–"

DESK: Final = "Desk"
"""Stands in a symbol's place where the desk itself speaks."""

REASONS: Final = {
    "cooldown": "in its cooldown",
    "schedule": "outside its schedule",
    "snoozed": "snoozed",
}


_TIMINGS: Final = {
    Timing.LIVE: "",
    Timing.LATE: ", late",
    Timing.AFTER_GAP: ", after a gap",
    Timing.REPLAYED: ", replayed",
}


def is_open(record: "AlertRecord") -> bool:
    """Whether the alert fired and nobody has acknowledged it."""
    return record.alert.status is AlertStatus.FIRED and record.state is AlertState.NEW


def state_in_words(record: "AlertRecord") -> str:
    """Return where an alert stands, for people."""
    alert = record.alert
    if alert.status is AlertStatus.SUPPRESSED:
        reason = REASONS.get(alert.reason or "", alert.reason or "for no reason given")
        count = f" {alert.count} ×" if alert.count > 1 else ""
        return f"suppressed{count}, {reason}"
    if alert.status is AlertStatus.CLEARED:
        return "cleared"
    state = "acknowledged" if record.state is AlertState.ACKNOWLEDGED else "new"
    return f"{state}{_TIMINGS[alert.timing]}"


def deliveries_in_words(deliveries: Iterable[Delivery]) -> str:
    """Return deliveries as the table has them: each channel once with a mark, troubled ones first.

    A channel's newest announcement speaks for it.
    """
    newest: dict[str, Delivery] = {}
    for delivery in sorted(deliveries, key=lambda each: each.announcement):
        newest[delivery.channel] = delivery
    # A narrow column cuts the end, which must not be what did not arrive.
    told = sorted(newest.values(), key=lambda each: _URGENCIES.index(DELIVERY_MARKS[each.state]))
    return "   ".join(f"{channel_title(each.channel)} {DELIVERY_MARKS[each.state]}" for each in told)


class AlertsModel(QAbstractTableModel):
    """Rows are the records of history; new ones are inserted at the top."""

    def __init__(self, *, desk: "Desk", parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._shows_suppressed = True
        self._ranks_by_worth = False
        self._records: list[AlertRecord] = []
        self.reload()

    def show_suppressed(self, is_shown: bool) -> None:
        """Show or hide what was suppressed."""
        self._shows_suppressed = is_shown
        self.reload()

    def rank_by_worth(self, is_ranked: bool) -> None:
        """Have what is most likely worth it first, or the newest."""
        self._ranks_by_worth = is_ranked
        self.reload()

    def reload(self) -> None:
        """Read history; keep rows that stay, so that a selection stays on its alert."""
        fresh = [
            record
            for record in self._desk.history.records()
            if self._shows_suppressed or record.alert.status is not AlertStatus.SUPPRESSED
        ]
        if self._ranks_by_worth:
            fresh.sort(key=lambda record: -likelihood(self._desk, record))  # of equals the newest first
        added = self._added(fresh)
        if added is None:
            self.beginResetModel()
            self._records = fresh
            self.endResetModel()
            return
        if added:
            self.beginInsertRows(QModelIndex(), 0, added - 1)
            self._records[:0] = fresh[:added]
            self.endInsertRows()
        if len(self._records) > len(fresh):
            self.beginRemoveRows(QModelIndex(), len(fresh), len(self._records) - 1)
            del self._records[len(fresh) :]
            self.endRemoveRows()
        pairs = enumerate(zip(self._records, fresh, strict=True))
        changed = [i for i, (old, new) in pairs if old is not new and old != new]
        self._records = fresh
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(AlertsColumn) - 1))

    def _added(self, fresh: list["AlertRecord"]) -> int | None:
        """Return how many of ``fresh`` are new at the top; ``None`` if the rest is not in order."""
        old_ids = [record.alert.id for record in self._records]
        ids = [record.alert.id for record in fresh]
        if not old_ids or old_ids[0] not in ids:
            return len(ids) if not old_ids else None
        added = ids.index(old_ids[0])
        kept = len(ids) - added
        return added if ids[added:] == old_ids[:kept] else None

    def record(self, position: int) -> "AlertRecord":
        """Return the record of a row."""
        return self._records[position]

    def position(self, alert_id: str) -> int | None:
        """Return where an alert stands, or ``None``."""
        return next((i for i, record in enumerate(self._records) if record.alert.id == alert_id), None)

    # --- Qt's questions

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of alerts."""
        return 0 if parent.isValid() else len(self._records)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(AlertsColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's title, or its alignment."""
        if orientation is Qt.Orientation.Vertical:
            return None
        column = AlertsColumn(section)
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[column]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            is_figure = column is AlertsColumn.VALUE
            side = Qt.AlignmentFlag.AlignRight if is_figure else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell's text, tooltip, or (``UserRole``) its record."""
        record = self._records[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return record
        column = AlertsColumn(index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.words(record, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(_tooltip(record, column))
        return None

    def words(self, record: "AlertRecord", column: AlertsColumn) -> str:
        """Return a cell's text."""
        alert = record.alert
        if column is AlertsColumn.TIME:
            return text.clock_time(alert.event_ns, now_ns=self._desk.market.event_now_ns())
        if column is AlertsColumn.SYMBOL:
            return DESK if alert.is_notice else alert.symbol
        if column is AlertsColumn.RULE:
            return alert.rule_name
        if column is AlertsColumn.MESSAGE:
            return " ".join(alert.message.split())
        if column is AlertsColumn.VALUE:
            return self._value(alert)
        if column is AlertsColumn.DELIVERY:
            return deliveries_in_words(record.deliveries) or text.UNKNOWN
        worth = worth_in_words(self._desk, record)
        return f"{state_in_words(record)}, {worth}" if worth else state_in_words(record)

    def _value(self, alert: Alert) -> str:
        of = alert.value_symbol or alert.symbol
        told = _operand_of(alert)
        if told is not None:
            value = operand_text(told, symbol=alert.symbol, decimals_of=self._decimals_of)
        elif alert.value_unit:
            value = f"{text.number(alert.value, 2)} {alert.value_unit}"
        else:
            value = value_text(alert.value, self._decimals_of(of))
        # Beside the rule's symbol a price of another would be read as this one's.
        return value if alert.value is None or of == alert.symbol else f"{of} {value}"

    def _decimals_of(self, symbol: str) -> int:
        return self._desk.market.instrument(symbol).decimals


def _operand_of(alert: Alert) -> OperandValue | None:
    """Return the operand that an alert's value is of; ``None`` where it was calculated."""
    leg = next((leg for leg in alert.legs if leg.is_true), None)
    left = None if leg is None or not leg.operands else leg.operands[0]
    return left if left is not None and left.unit and left.value == alert.value else None


def _tooltip(record: "AlertRecord", column: AlertsColumn) -> str:
    alert = record.alert
    if column is AlertsColumn.TIME:
        return text.utc_time(alert.event_ns)
    if column is AlertsColumn.DELIVERY:
        return "\n".join(_delivery_line(each) for each in record.deliveries)
    if column is AlertsColumn.RULE:
        return f"{alert.rule_name}\n{alert.condition}".strip()
    return alert.message if column is AlertsColumn.MESSAGE else state_in_words(record)


def _delivery_line(delivery: Delivery) -> str:
    cause = "" if delivery.cause is Cause.FIRED else f" ({CAUSES[delivery.cause]})"
    detail = f"; {delivery.detail}" if delivery.detail else ""
    return f"{channel_title(delivery.channel)}{cause}: {STATES[delivery.state]}{detail}"
