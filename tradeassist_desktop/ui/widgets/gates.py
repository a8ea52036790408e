"""What the gates kept from the rules, each with its count; the newest of one in a table below."""

from enum import IntEnum
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tradeassist_desktop.domain.health import Refusal
from tradeassist_desktop.domain.settings import setting
from tradeassist_desktop.engine.market.gates import GATES
from tradeassist_desktop.ui.models.text_rows import TextRow, TextRows
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.gate_words import reference_in_words, time_in_words, value_in_words, why
from tradeassist_desktop.ui.widgets.table import ColumnSpec
from tradeassist_desktop.ui.widgets.text_table import TextTable

_LIMIT: Final = "gates.bad_print_percent"
_SAMPLES_SHOWN: Final = 6


class _GateColumn(IntEnum):
    GATE = 0
    COUNT = 1


class _SampleColumn(IntEnum):
    TIME = 0
    SYMBOL = 1
    VALUE = 2
    REFERENCE = 3
    WHY = 4


_GATE_COLUMNS: Final = {
    _GateColumn.GATE: ColumnSpec(160, stretch=1),
    _GateColumn.COUNT: ColumnSpec(90),
}
_SAMPLE_COLUMNS: Final = {
    _SampleColumn.TIME: ColumnSpec(112),
    _SampleColumn.SYMBOL: ColumnSpec(72),
    _SampleColumn.VALUE: ColumnSpec(110, stretch=1),
    _SampleColumn.REFERENCE: ColumnSpec(84, rank=2),
    _SampleColumn.WHY: ColumnSpec(150, rank=1, stretch=2),
}


class GatesBody(QWidget):
    """The limit of bad prints; the gates; the newest things the chosen one had to do with."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._limit = self._make_limit()
        self._gates = TextRows(titles=("Gate", "Count"), figures=frozenset((_GateColumn.COUNT,)), parent=self)
        self._table = TextTable(
            model=self._gates,
            columns=_GATE_COLUMNS,
            theme=context.theme,
            most_rows=len(GATES),
            least_rows=len(GATES),
            parent=self,
        )
        self._table.setObjectName("gatesTable")
        self._table.setAccessibleName("Gates")
        self._doc = _label(self)
        self._doc.setObjectName("gateDoc")
        titles = ("Time", "Symbol", "Value", "Against", "Why")
        self._samples = TextRows(titles=titles, figures=frozenset((_SampleColumn.REFERENCE,)), parent=self)
        samples = TextTable(
            model=self._samples,
            columns=_SAMPLE_COLUMNS,
            theme=context.theme,
            most_rows=_SAMPLES_SHOWN,
            parent=self,
        )
        samples.setObjectName("gateSamples")
        samples.setAccessibleName("The newest of the chosen gate")
        self._sample_table = samples
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        limit_row = QHBoxLayout()
        caption = _label(self)
        caption.setText("A trade waits beyond")
        caption.setBuddy(self._limit)
        limit_row.addWidget(caption)
        limit_row.addWidget(self._limit)
        limit_row.addStretch(1)
        column.addLayout(limit_row)
        for widget in (self._table, self._doc, samples):
            column.addWidget(widget)
        self._refresh()
        self._table.selectRow(0)
        self._table.selectionModel().currentRowChanged.connect(self._show_samples)
        context.pulse.second.connect(self._refresh)
        context.theme.changed.connect(self._table.viewport().update)
        context.bridge.setting_changed.connect(self._take_setting)
        self._show_samples()

    def _make_limit(self) -> QDoubleSpinBox:
        spec = setting(_LIMIT)
        box = QDoubleSpinBox(self)
        box.setObjectName("badPrintLimit")
        box.setAccessibleName("Limit of bad prints in percent")
        box.setRange(spec.minimum or 0.0, spec.maximum or 100.0)
        box.setDecimals(1)
        box.setSuffix(" % of the last price")
        box.setSpecialValueText("never")  # 0
        box.setKeyboardTracking(False)
        box.setToolTip(spec.doc)
        box.lineEdit().setTextMargins(6, 0, 0, 0)
        box.setValue(float(self._context.desk.settings.get(_LIMIT)))  # type: ignore[arg-type]
        box.valueChanged.connect(self._set_limit)
        return box

    def _set_limit(self, percent: float) -> None:
        self._context.tasks.start(self._context.desk.settings.set(_LIMIT, percent))

    def _take_setting(self, key: str) -> None:
        if key == _LIMIT:
            self._limit.blockSignals(True)
            self._limit.setValue(float(self._context.desk.settings.get(_LIMIT)))  # type: ignore[arg-type]
            self._limit.blockSignals(False)

    def _refresh(self) -> None:
        if not self.isVisible() and self._gates.rowCount():
            return
        counts = self._context.desk.market.gate_counts()
        self._gates.show(
            [
                TextRow(
                    key=reason,
                    cells=(gate.title, f"{counts.get(reason, 0):,}"),
                    tooltip=gate.doc,
                    tone="" if counts.get(reason) else "quiet",
                )
                for reason, gate in GATES.items()
            ]
        )
        self._show_samples()

    def _show_samples(self, *_: object) -> None:
        current = self._table.currentIndex()
        reason = self._gates.row(current.row() if current.isValid() else 0).key
        self._doc.setText(GATES[reason].doc)
        refusals = self._context.desk.market.refusals().get(reason, ())
        self._samples.show([self._sample(refusal) for refusal in reversed(refusals)])
        self._sample_table.setVisible(bool(refusals))

    def _sample(self, refusal: Refusal) -> TextRow:
        market = self._context.desk.market
        instrument = market.instrument(refusal.symbol)
        cells = (
            time_in_words(refusal, market.event_now_ns()),
            refusal.symbol,
            value_in_words(refusal, instrument),
            reference_in_words(refusal, instrument),
            why(refusal),
        )
        return TextRow(key=f"{refusal.event_ns} {refusal.symbol} {refusal.value}", cells=cells)


def _label(parent: QWidget) -> QLabel:
    made = QLabel(parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(True)
    made.setFont(ui_font(12))
    made.setProperty("tone", "second")
    return made
