"""Explains one alert, or one rule as it stands now."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QWidget

from tradeassist_desktop.domain.delivery import Attempt
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.explanation import Explanation
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.tasks import Tasks
from tradeassist_desktop.ui.theme import SMALL_PX, code_font, ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.delivery_lines import lines_of_deliveries
from tradeassist_desktop.ui.widgets.why_lines import Line, LineKind, lines_of_alert, lines_of_rule
from tradeassist_desktop.ui.widgets.worth_lines import lines_of_worth

if TYPE_CHECKING:
    from tradeassist_desktop.domain.records import AlertRecord
    from tradeassist_desktop.services.desk import Desk

_MOST_SYMBOLS: Final = 5
_STEP_PX: Final = 12
_GONE: Final = "This alert is not stored any more."
_HINT: Final = Line(
    LineKind.FACTS,
    "Select an alert to see why it fired, or Why not? in a rule's menu to see why it does not.",
)


class WhyPane(QScrollArea):
    """Shows the alert or rule it was last given; a rule's lines move as the market does.

    An alert's attempts are read from the database, again with each change of its deliveries.
    """

    def __init__(self, *, desk: "Desk", tasks: Tasks, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._tasks = tasks
        self.setObjectName("whyPane")
        self.setAccessibleName("Why")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._record: AlertRecord | None = None
        self._attempts: tuple[Attempt, ...] = ()
        self._stored_id: str | None = None
        self._unread = ""
        self._is_reading = False
        self._is_read_again = False
        self._rule_uid: str | None = None
        self._lines: tuple[Line, ...] = ()
        self._labels: list[tuple[QLabel, ...]] = []
        self.show_record(None)

    @property
    def stands_alone(self) -> bool:
        """Whether what is explained is not the alert that is selected in the list."""
        return self._rule_uid is not None or self._stored_id is not None

    def show_record(self, record: "AlertRecord | None") -> None:
        """Explain this alert; ``None`` says how to get an explanation."""
        self._rule_uid = self._stored_id = None
        self._take(record)

    def show_stored(self, alert_id: str) -> None:
        """Explain an alert that may be too old for the list, until another or a rule is shown."""
        self._take(None)
        self._rule_uid = None
        self._stored_id = alert_id
        self._read_soon()

    def show_rule(self, uid: str) -> None:
        """Explain what this rule is doing, until an alert or another rule is shown."""
        self._record = self._stored_id = None
        self._rule_uid = uid
        self.refresh()

    def explain_again(self) -> None:
        """Say anew what is known of the alert that is shown."""
        if self._record is not None:
            self._explain(self._record)

    def look_again(self) -> None:
        """Read what may have become of the alert that is shown."""
        if self._stored_id is not None or self._record is not None:
            self._read_soon()

    def follow(self) -> None:
        """Look again while a delivery of the alert that is shown is under way."""
        if self._record is not None and any(each.is_open for each in self._record.deliveries):
            self._read_soon()

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
            for line in lines_of_rule(explanation, decimals_of=self._decimals)
        ]

    def _decimals(self, symbol: str) -> int:
        return self._desk.market.instrument(symbol).decimals

    # --- one alert

    def _take(self, record: "AlertRecord | None") -> None:
        before, self._record = self._record, record
        if record is None or before is None or before.alert.id != record.alert.id:
            self._attempts, self._unread = (), ""
        if record is None:
            self._show((_HINT,))
            return
        if record != before:
            self._explain(record)
            self._read_soon()

    def _explain(self, record: "AlertRecord") -> None:
        lines = [
            *lines_of_alert(record, decimals_of=self._decimals),
            *lines_of_worth(self._desk.worth.score(record.alert.id), self._desk.verdicts.of(record.alert.id)),
            *lines_of_deliveries(record, self._attempts, now_ns=self._desk.clock.now_ns()),
        ]
        if self._unread:
            lines.append(Line(LineKind.REMARK, self._unread, mark="!", tone="warn"))
        self._show(tuple(lines))

    def _read_soon(self) -> None:
        self._is_read_again = True
        if not self._is_reading:
            self._is_reading = True
            self._tasks.start(self._read())

    async def _read(self) -> None:
        try:
            while self._is_read_again:
                self._is_read_again = False
                await self._read_once()
        finally:
            self._is_reading = False

    async def _read_once(self) -> None:
        figures, stored_id = self._desk.delivery_figures, self._stored_id
        alert_id = stored_id or (None if self._record is None else self._record.alert.id)
        if alert_id is None:
            return
        record, attempts, unread = None, self._attempts, ""
        try:
            if stored_id is not None:
                record = self._desk.history.record(stored_id) or await figures.record(stored_id)
            attempts = await figures.attempts(alert_id)
        except TradeAssistError as error:
            unread = f"The attempts could not be read: {error}"
        if stored_id is not None and stored_id == self._stored_id:
            self._record = record
            if record is None:
                self._show((Line(LineKind.REMARK, unread or _GONE, mark="!", tone="warn"),))
        shown = self._record
        if shown is not None and shown.alert.id == alert_id:
            self._attempts, self._unread = attempts, unread
            self._explain(shown)

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
    if kind is LineKind.STEP:
        mark = _label("", ui_font(SMALL_PX))
        name, said = _label("quiet", ui_font(SMALL_PX)), _label("second", ui_font(SMALL_PX))
        name.setIndent(_STEP_PX)
        return mark, name, said
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
        labels[0].setToolTip(plain_tip(line.tip))
        return
    words = (line.mark, line.name, line.said) if len(labels) == 3 else (line.mark, line.said)
    for label, said in zip(labels, words, strict=True):
        if label.text() != said:
            label.setText(said)
        label.setToolTip(plain_tip(line.tip))
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
    # Else the page is as wide as the longest word in it, such as a mail's receipt, and every line is cut.
    label.setMinimumWidth(1)
    if tone:
        label.setProperty("tone", tone)
    if font is not None:
        label.setFont(font)
    return label
