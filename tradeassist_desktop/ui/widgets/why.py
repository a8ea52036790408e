"""Explains one alert, or one rule as it stands now."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QWidget

from tradeassist_desktop.domain.explanation import Explanation
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.theme import SMALL_PX, code_font, ui_font
from tradeassist_desktop.ui.widgets.why_lines import Line, LineKind, lines_of_alert, lines_of_rule

if TYPE_CHECKING:
    from tradeassist_desktop.domain.records import AlertRecord
    from tradeassist_desktop.services.desk import Desk

_MOST_SYMBOLS: Final = 5
_HINT: Final = Line(
    LineKind.FACTS, "Select an alert to see why it fired, or a rule and W to see why it does not."
)


class WhyPane(QScrollArea):
    """Shows the alert or rule it was last given; a rule's lines move as the market does."""

    def __init__(self, *, desk: "Desk", parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setObjectName("whyPane")
        self.setAccessibleName("Why")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._record: AlertRecord | None = None
        self._rule_uid: str | None = None
        self._lines: tuple[Line, ...] = ()
        self._labels: list[tuple[QLabel, ...]] = []
        self.show_record(None)

    @property
    def is_of_rule(self) -> bool:
        """Whether a rule is explained at present."""
        return self._rule_uid is not None

    def show_record(self, record: "AlertRecord | None") -> None:
        """Explain this alert; ``None`` says how to get an explanation."""
        self._rule_uid = None
        if record is None:
            self._show((_HINT,))
        elif record != self._record:
            self._show(lines_of_alert(record, decimals=self._decimals(record.alert.symbol)))
        self._record = record

    def show_rule(self, uid: str) -> None:
        """Explain what this rule is doing, until an alert or another rule is shown."""
        self._record = None
        self._rule_uid = uid
        self.refresh()

    def refresh(self) -> None:
        """Look at the rule that is shown again; an alert's explanation stays as it was."""
        rule = None if self._rule_uid is None else self._desk.rules.get(self._rule_uid)
        if rule is None:
            return
        found = [self._desk.rules.explain(rule.uid, symbol) for symbol in rule.symbols[:_MOST_SYMBOLS]]
        lines = self._of_rule([explanation for explanation in found if explanation is not None])
        more = len(rule.symbols) - _MOST_SYMBOLS
        if more > 0:
            lines.append(Line(LineKind.SECTION, f"and {text.plural(more, 'more symbol')}"))
        self._show(tuple(lines))

    def _of_rule(self, explanations: Sequence[Explanation]) -> list[Line]:
        return [
            line
            for explanation in explanations
            for line in lines_of_rule(explanation, decimals=self._decimals(explanation.symbol))
        ]

    def _decimals(self, symbol: str) -> int:
        return self._desk.market.instrument(symbol).decimals

    # --- drawing

    def _show(self, lines: tuple[Line, ...]) -> None:
        if lines == self._lines and self._labels:
            return
        if [line.kind for line in lines] == [line.kind for line in self._lines]:
            # In place: what is selected or scrolled to stays where it is while values move.
            for line, labels in zip(lines, self._labels, strict=True):
                _fill(labels, line)
        else:
            self._build(lines)
        self._lines = lines

    def _build(self, lines: tuple[Line, ...]) -> None:
        page = QWidget()
        page.setObjectName("whyPage")
        grid = QGridLayout(page)
        grid.setContentsMargins(16, 12, 16, 12)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 2)
        grid.setColumnStretch(2, 3)
        self._labels = []
        for row, line in enumerate(lines):
            labels = _labels(line.kind, is_first=row == 0)
            _fill(labels, line)
            self._labels.append(labels)
            for column, label in enumerate(labels):
                span = 3 - column if column == len(labels) - 1 else 1
                grid.addWidget(label, row, column, 1, span, Qt.AlignmentFlag.AlignTop)
        grid.setRowStretch(len(lines), 1)
        self.setWidget(page)


def _labels(kind: LineKind, *, is_first: bool) -> tuple[QLabel, ...]:
    if kind in (LineKind.ROW, LineKind.REMARK):
        mark, name, said = _label(""), _label("second", ui_font(12)), _label("", ui_font(12))
        mark.setMinimumWidth(12)
        name.setMinimumWidth(90)
        return (mark, name, said) if kind is LineKind.ROW else (mark, said)
    label = {
        LineKind.TITLE: lambda: _label("", ui_font(14, weight=QFont.Weight.DemiBold)),
        LineKind.FACTS: lambda: _label("quiet", ui_font(SMALL_PX)),
        LineKind.CODE: lambda: _label("second", code_font(12)),
        LineKind.SECTION: lambda: _label("quiet", ui_font(SMALL_PX, weight=QFont.Weight.DemiBold)),
    }[kind]()
    if kind in (LineKind.SECTION, LineKind.TITLE) and not is_first:
        label.setContentsMargins(0, 8, 0, 0)
    return (label,)


def _fill(labels: tuple[QLabel, ...], line: Line) -> None:
    if len(labels) == 1:
        labels[0].setText(line.said)
        labels[0].setToolTip(line.tip)
        return
    words = (line.mark, line.name, line.said) if len(labels) == 3 else (line.mark, line.said)
    for label, said in zip(labels, words, strict=True):
        if label.text() != said:
            label.setText(said)
    mark = labels[0]
    if mark.property("tone") != line.tone:
        mark.setProperty("tone", line.tone)
        mark.style().unpolish(mark)
        mark.style().polish(mark)


def _label(tone: str, font: QFont | None = None) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setWordWrap(True)
    if tone:
        label.setProperty("tone", tone)
    if font is not None:
        label.setFont(font)
    return label
