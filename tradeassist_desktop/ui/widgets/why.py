"""Explains one alert: every leg with its values, the time each stage took, each delivery."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from tradeassist_desktop.domain.alerts import AlertStatus
from tradeassist_desktop.domain.delivery import DeliveryState
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.models.alerts import DELIVERY_MARKS, state_in_words, value_text
from tradeassist_desktop.ui.theme import SMALL_PX, code_font, ui_font

if TYPE_CHECKING:
    from tradeassist_desktop.domain.records import AlertRecord
    from tradeassist_desktop.services.desk import Desk

_TRUTH: Final = {True: ("✓", "up"), False: ("✗", "danger"), None: ("?", "quiet")}
_DELIVERY_TONES: Final = {
    DeliveryState.DELIVERED: "up",
    DeliveryState.DEAD: "danger",
    DeliveryState.UNCERTAIN: "warn",
}


class WhyPane(QScrollArea):
    """Shows the record it was last given."""

    def __init__(self, *, desk: "Desk", parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setObjectName("whyPane")
        self.setAccessibleName("Why this alert")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._record: AlertRecord | None = None
        self.show_record(None)

    def show_record(self, record: "AlertRecord | None") -> None:
        """Explain this alert; ``None`` says how to get an explanation."""
        if record is not None and record == self._record:
            return
        self._record = record
        page = QWidget()
        page.setObjectName("whyPage")
        grid = QGridLayout(page)
        grid.setContentsMargins(16, 12, 16, 12)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(2, 1)
        if record is None:
            line = _label("Select an alert to see why it fired.", tone="quiet")
            line.setAlignment(Qt.AlignmentFlag.AlignCenter)
            grid.addWidget(line, 0, 0, 1, 3)
        else:
            self._write_head(grid, record)
            self._write_legs(grid, record)
            self._write_stages(grid, record)
            self._write_deliveries(grid, record)
            grid.setRowStretch(grid.rowCount(), 1)
        self.setWidget(page)

    def _write_head(self, grid: QGridLayout, record: "AlertRecord") -> None:
        alert = record.alert
        verb = {
            AlertStatus.FIRED: "Why it fired",
            AlertStatus.SUPPRESSED: "Why it was held back",
            AlertStatus.CLEARED: "Why it cleared",
        }[alert.status]
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        title = _label(f"{verb}: {alert.rule_name}", font=ui_font(14, weight=QFont.Weight.DemiBold))
        title.setWordWrap(True)
        column.addWidget(title)
        facts = (
            alert.symbol,
            text.clock_time(alert.event_ns),
            f"{alert.priority.value} priority",
            state_in_words(record),
        )
        when = _label("  ·  ".join(facts), tone="quiet", font=ui_font(SMALL_PX))
        when.setWordWrap(True)
        when.setToolTip(text.utc_time(alert.event_ns))
        column.addWidget(when)
        condition = _label(alert.condition, tone="second", font=code_font(12))
        condition.setWordWrap(True)
        column.addWidget(condition)
        grid.addWidget(head, 0, 0, 1, 3)

    def _write_legs(self, grid: QGridLayout, record: "AlertRecord") -> None:
        decimals = self._desk.market.instrument(record.alert.symbol).decimals
        if record.alert.legs:
            _section(grid, "Condition")
        for leg in record.alert.legs:
            mark, tone = _TRUTH[leg.is_true]
            values = [value_text(value, decimals) for value in (leg.left, leg.right) if value is not None]
            _line(grid, mark, leg.text, "  vs  ".join(values) or "not known yet", tone=tone)

    def _write_stages(self, grid: QGridLayout, record: "AlertRecord") -> None:
        alert = record.alert
        _section(grid, "Times")
        _line(grid, "", "Exchange", text.utc_time(alert.event_ns))
        if alert.received_ns:
            delay_ns = alert.received_ns - alert.event_ns
            # A recording is years old: how late it "arrived" says nothing about the line.
            is_live = 0 <= delay_ns < 600_000_000_000
            late = f"  (+{text.milliseconds(delay_ns / 1e6)})" if is_live else ""
            _line(grid, "", "Received", text.utc_time(alert.received_ns) + late)
        if alert.evaluated_ns and alert.received_ns:
            _line(grid, "", "Decided", _after(alert.evaluated_ns - alert.received_ns, "receipt"))
        if record.committed_ns and alert.evaluated_ns:
            _line(grid, "", "Safe on disk", _after(record.committed_ns - alert.evaluated_ns, "the decision"))
        elif not record.committed_ns:
            _line(grid, "!", "Not saved yet", "delivered all the same, saving is tried again", tone="warn")
        if record.acknowledged_ns:
            _line(grid, "", "Acknowledged", text.clock_time(record.acknowledged_ns))

    def _write_deliveries(self, grid: QGridLayout, record: "AlertRecord") -> None:
        if not record.deliveries:
            return
        _section(grid, "Deliveries")
        for delivery in record.deliveries:
            said = delivery.state.value
            if delivery.finished_ns and record.committed_ns and delivery.state is DeliveryState.DELIVERED:
                said += f" {_after(delivery.finished_ns - record.committed_ns, 'it was saved')}"
            if delivery.attempts > 1:
                said += f" at attempt {delivery.attempts}"
            if delivery.detail:
                said += f": {delivery.detail}"
            tone = _DELIVERY_TONES.get(delivery.state, "quiet")
            _line(grid, DELIVERY_MARKS[delivery.state], delivery.channel, said, tone=tone)


def _after(nanoseconds: int, what: str) -> str:
    return f"{text.milliseconds(max(0, nanoseconds) / 1e6)} after {what}"


def _label(words: str, *, tone: str = "", font: QFont | None = None) -> QLabel:
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if tone:
        label.setProperty("tone", tone)
    if font is not None:
        label.setFont(font)
    return label


def _section(grid: QGridLayout, title: str) -> None:
    label = _label(title, tone="quiet", font=ui_font(SMALL_PX, weight=QFont.Weight.DemiBold))
    label.setContentsMargins(0, 8, 0, 0)
    grid.addWidget(label, grid.rowCount(), 0, 1, 3)


def _line(grid: QGridLayout, mark: str, name: str, value: str, *, tone: str = "quiet") -> None:
    row = grid.rowCount()
    grid.addWidget(_label(mark, tone=tone), row, 0, Qt.AlignmentFlag.AlignTop)
    first = _label(name, tone="second", font=ui_font(12))
    first.setWordWrap(True)
    first.setMinimumWidth(90)
    grid.addWidget(first, row, 1, Qt.AlignmentFlag.AlignTop)
    second = _label(value, font=ui_font(12))
    second.setWordWrap(True)
    grid.addWidget(second, row, 2)
