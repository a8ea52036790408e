"""What the gates had to do with, each with its count; the newest of the chosen one in a table below."""

from enum import IntEnum
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import setting_act
from tradeassist_desktop.domain.health import Refusal
from tradeassist_desktop.domain.settings import setting
from tradeassist_desktop.engine.market.gates import BAD_PRINT, GATES
from tradeassist_desktop.ui.models.text_rows import TextRow, TextRows
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.tips import plain_tip
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
        self._chosen = BAD_PRINT
        self._limit = self._make_limit()
        context.rights.enable(self._limit, setting_act(_LIMIT))
        self._gates = TextRows(titles=("Gate", "Count"), figures=frozenset((_GateColumn.COUNT,)), parent=self)
        self._table = TextTable(
            model=self._gates,
            columns=_GATE_COLUMNS,
            theme=context.theme,
            most_rows=len(GATES),
            parent=self,
        )
        self._table.setObjectName("gatesTable")
        self._table.setAccessibleName("Gates")
        self._idle = _label(self)
        self._idle.setObjectName("idleGates")
        self._idle.setProperty("tone", "quiet")
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
        for widget in (self._table, self._doc, samples, self._idle):
            column.addWidget(widget)
        self._refresh()
        self._table.selectionModel().currentRowChanged.connect(self._choose)
        context.pulse.second.connect(self._refresh)
        context.theme.changed.connect(self._table.viewport().update)
        context.bridge.setting_changed.connect(self._take_setting)

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
        box.setToolTip(plain_tip(spec.doc))
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
        # The limit stands above: what it does is said even before there is anything to count.
        busy = [reason for reason in GATES if counts.get(reason) or reason == BAD_PRINT]
        chosen = self._chosen
        self._gates.show(
            [
                TextRow(
                    key=reason,
                    cells=(GATES[reason].title, f"{counts.get(reason, 0):,}"),
                    tooltip=GATES[reason].doc,
                    tone="" if counts.get(reason) else "quiet",
                )
                for reason in busy
            ]
        )
        self._table.selectRow(busy.index(chosen) if chosen in busy else 0)
        idle = [gate for reason, gate in GATES.items() if reason not in busy]
        self._idle.setText(f"Nothing at: {', '.join(gate.title.lower() for gate in idle)}.")
        self._idle.setToolTip(plain_tip("\n".join(f"{gate.title}: {gate.doc}" for gate in idle)))
        self._idle.setVisible(bool(idle))
        self._show_samples()

    def _choose(self, *_: object) -> None:
        current = self._table.currentIndex()
        if current.isValid():
            self._chosen = self._gates.row(current.row()).key
            self._show_samples()

    def _show_samples(self) -> None:
        self._doc.setText(GATES[self._chosen].doc)
        refusals = self._context.desk.market.refusals().get(self._chosen, ())
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
