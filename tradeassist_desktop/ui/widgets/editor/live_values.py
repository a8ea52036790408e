"""What a rule that is being written sees now: every comparison, its values, and whether it is true."""

from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from tradeassist_desktop.domain.explanation import Explanation
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.glance import Glance
from tradeassist_desktop.ui.theme import code_font, ui_font
from tradeassist_desktop.ui.value_words import operand_text
from tradeassist_desktop.ui.widgets.editor.field_row import plain_label
from tradeassist_desktop.ui.widgets.sight import is_in_sight

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

_MOST_SYMBOLS: Final = 3
_TRUTH: Final = {True: ("✓", "up", "true"), False: ("✗", "second", "false"), None: ("?", "warn", "not known")}


class Row(NamedTuple):
    """One line: a comparison with its truth, an operand with its value, or a symbol."""

    what: str
    said: str = ""
    mark: str = ""
    tone: str = ""
    is_code: bool = True


class LiveValues(QWidget):
    """Looks while it is visible, and gives back all it has read while it is not."""

    def __init__(self, *, desk: "Desk", parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("ruleLiveValues")
        self._desk = desk
        self._rule: Rule | None = None
        self._glances: list[Glance] = []
        self._labels: list[tuple[QLabel, QLabel, QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 3)
        self._grid.setColumnStretch(2, 2)
        self._empty = plain_label("", tone="quiet")
        self._grid.addWidget(self._empty, 0, 0, 1, 3)

    def show_rule(self, rule: Rule | None) -> None:
        """Look at this rule from now on; ``None`` says that there is none to be looked at."""
        if rule != self._rule:
            self._close()
        self._rule = rule
        self.look()

    def look(self) -> None:
        """Bring the values up to now, where they can be seen."""
        if not is_in_sight(self):
            self._close()
            return
        if self._rule is None:
            self._show([])
            self._empty.setText("Shown as soon as the condition and its symbol are complete.")
            return
        self._open()
        rows: list[Row] = []
        for glance in self._glances:
            seen = glance.look()
            rows += self._of_symbol(seen, is_named=len(self._glances) > 1)
        self._show(rows)

    def hideEvent(self, event: QHideEvent) -> None:
        """Read nothing while nobody sees it."""
        super().hideEvent(event)
        self._close()

    def _open(self) -> None:
        if not self._glances and self._rule is not None:
            symbols = self._rule.symbols[:_MOST_SYMBOLS]
            self._glances = [self._desk.drafts.glance(self._rule, symbol) for symbol in symbols]

    def _close(self) -> None:
        for glance in self._glances:
            glance.close()
        self._glances = []

    def _of_symbol(self, seen: Explanation, *, is_named: bool) -> list[Row]:
        rows: list[Row] = []
        if is_named or len(seen.legs) > 1:
            mark, tone, word = _TRUTH[seen.is_true]
            rows.append(Row(seen.symbol if is_named else "All of it", word, mark, tone, is_code=False))
        for leg in seen.legs:
            mark, tone, word = _TRUTH[leg.is_true]
            rows.append(Row(leg.text, word, mark, tone))
            for operand in leg.operands:
                said = operand_text(operand, symbol=seen.symbol, decimals_of=self._decimals_of)
                rows.append(Row(f"  {operand.text}", said, tone="quiet" if operand.missing else ""))
        return rows

    def _decimals_of(self, symbol: str) -> int:
        return self._desk.market.instrument(symbol).decimals

    def _show(self, rows: list[Row]) -> None:
        self._empty.setVisible(not rows)
        while len(self._labels) > len(rows):
            for label in self._labels.pop():
                label.hide()
                label.deleteLater()
        while len(self._labels) < len(rows):
            self._labels.append(self._new_row(len(self._labels) + 1))
        for row, (mark, what, said) in zip(rows, self._labels, strict=True):
            for label, words in ((mark, row.mark), (what, row.what), (said, row.said)):
                if label.text() != words:
                    label.setText(words)
            what.setFont(code_font(12) if row.is_code else ui_font(12))
            for label in (mark, said):
                if label.property("tone") != row.tone:
                    label.setProperty("tone", row.tone)
                    label.style().unpolish(label)
                    label.style().polish(label)

    def _new_row(self, number: int) -> tuple[QLabel, QLabel, QLabel]:
        mark, what, said = plain_label(""), plain_label("", tone="second"), plain_label("")
        mark.setFixedWidth(14)
        for column, label in enumerate((mark, what, said)):
            self._grid.addWidget(label, number, column, Qt.AlignmentFlag.AlignTop)
        return mark, what, said
