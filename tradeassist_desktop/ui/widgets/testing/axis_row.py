"""One number of a rule to be varied: which, from, to, in what steps."""

from decimal import Decimal, InvalidOperation

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from tradeassist_desktop.engine.studies.numbers import VariedNumber, plain, steps, usual_range
from tradeassist_desktop.services.testing.sweeps import SweptAxis
from tradeassist_desktop.ui.theme import SMALL_PX, Theme, ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.controls import Choice

_NONE = ""
_LINE_PX = 64
_CHOICE_CHARACTERS = 14


class AxisRow(QWidget):
    """Offers the numbers of a rule; a range around the chosen one stands there to begin with.

    Args:
        name: Object name; those of what is in it begin with it.
        none: What it says where no number is varied; empty where one always is.
    """

    changed = Signal()

    def __init__(self, *, name: str, title: str, none: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._none = none
        self._numbers: tuple[VariedNumber, ...] = ()
        self._tick_size = 0.0
        self._which = Choice(name=f"{name}Number", title=title, theme=theme, parent=self)
        self._which.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._which.setMinimumContentsLength(_CHOICE_CHARACTERS)
        self._which.setToolTip(plain_tip(title))
        self._which.picked.connect(self._choose)
        self._lines: list[QLineEdit] = []
        self._labels: list[QLabel] = []
        lines = QGridLayout()
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setHorizontalSpacing(4)
        lines.setVerticalSpacing(1)
        for column_at, each in enumerate(("From", "To", "Step")):
            line = self._line(f"{name}{each}", f"{title}: {each.lower()}", each)
            label = QLabel(each, self)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setFont(ui_font(SMALL_PX))
            label.setProperty("tone", "quiet")
            label.setBuddy(line)
            lines.addWidget(label, 0, column_at)
            lines.addWidget(line, 1, column_at)
            self._labels.append(label)
            self._lines.append(line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._which)
        column.addLayout(lines)
        self.offer((), tick_size=0.0, wanted=None)

    def offer(self, numbers: tuple[VariedNumber, ...], *, tick_size: float, wanted: int | None) -> None:
        """Offer these; what was chosen stays chosen where it still is there, by its label.

        Args:
            wanted: The place of the one to begin with; ``None`` for none.
        """
        before = self.number
        self._numbers, self._tick_size = numbers, tick_size
        kept = next(
            (place for place, each in enumerate(numbers) if before and each.label == before.label), None
        )
        at = wanted if kept is None else kept
        offered = [(str(place), number.label) for place, number in enumerate(numbers)]
        if self._none or not offered:
            offered.insert(0, (_NONE, self._none or "No number in it"))
        self._which.offer(offered, _NONE if at is None or not numbers else str(at))
        self._which.setEnabled(bool(numbers))
        if before is None or self.number != before:
            self._show_range()
        self._show_lines()

    @property
    def number(self) -> VariedNumber | None:
        """The number to be varied."""
        value = self._which.value
        return self._numbers[int(value)] if value and int(value) < len(self._numbers) else None

    def axis(self) -> SweptAxis | None:
        """Return what is to be tried; ``None`` for nothing.

        Raises:
            ValueError: what was typed is no range, in words.
        """
        number = self.number
        if number is None:
            return None
        try:
            low, high, step = (Decimal(line.text().strip().replace(",", "")) for line in self._lines)
        except InvalidOperation:
            raise ValueError("From, to and step are numbers such as 5500 or 0.25.") from None
        if not all(each.is_finite() and each == each.quantize(Decimal("1e-8")) for each in (low, high, step)):
            raise ValueError("From, to and step have at most eight decimals.")
        return number, steps(low, high, step)

    def _choose(self, _: str) -> None:
        self._show_range()
        self._show_lines()
        self.changed.emit()

    def _show_range(self) -> None:
        number = self.number
        values = ("", "", "") if number is None else map(plain, usual_range(number, self._tick_size))
        for line, value in zip(self._lines, values, strict=True):
            line.setText(value)
            line.setCursorPosition(0)

    def _show_lines(self) -> None:
        for widget in (*self._lines, *self._labels):
            widget.setVisible(self.number is not None)

    def _line(self, name: str, title: str, hint: str) -> QLineEdit:
        line = QLineEdit(self)
        line.setObjectName(name)
        line.setAccessibleName(title)
        line.setToolTip(plain_tip(hint))
        line.setFont(ui_font(12))
        line.setMinimumWidth(_LINE_PX)
        line.setProperty("kind", "narrow")
        line.textEdited.connect(lambda _: self.changed.emit())
        return line
