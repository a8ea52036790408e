"""The parameters of a template, to be filled in."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from tradeassist_desktop.domain.errors import Fault
from tradeassist_desktop.domain.market import TIMEFRAMES
from tradeassist_desktop.engine.kinds.form_fields import FieldType, FormField
from tradeassist_desktop.ui.theme import SMALL_PX, Theme, ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.controls import Choice

_LABEL_PX: Final = 116


class ParameterForm(QWidget):
    """One line for each parameter, with what is wrong below it."""

    changed = Signal()
    """Something else stands in a field."""

    def __init__(self, *, parameters: Sequence[FormField], theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._inputs: dict[str, QLineEdit | Choice] = {}
        self._faults: dict[str, QLabel] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnMinimumWidth(0, _LABEL_PX)
        self._grid.setColumnStretch(1, 1)
        for parameter in parameters:
            self._add(parameter)

    def values(self) -> dict[str, str]:
        """Return what stands in the fields, by parameter."""
        return {
            name: field.value if isinstance(field, Choice) else field.text()
            for name, field in self._inputs.items()
        }

    def show_faults(self, faults: Sequence[Fault]) -> list[Fault]:
        """Say each fault at its field; return those that belong to none."""
        by_name: dict[str, str] = {}
        for fault in faults:
            by_name.setdefault(fault.place, fault.message)
        for name, label in self._faults.items():
            said = by_name.pop(name, "")
            label.setText(f"{said[:1].upper()}{said[1:]}")
            label.setVisible(bool(said))
            field = self._inputs[name]
            if field.property("hasFault") != bool(said):
                field.setProperty("hasFault", bool(said))
                field.style().polish(field)
        return [fault for fault in faults if fault.place in by_name]

    def _add(self, parameter: FormField) -> None:
        label = QLabel(parameter.label, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setProperty("tone", "second")
        field = self._input(parameter)
        field.setObjectName(f"parameter_{parameter.name}")
        field.setAccessibleName(parameter.label)
        limits = f" ({parameter.limits})" if parameter.limits and not parameter.choices else ""
        field.setToolTip(plain_tip(f"{parameter.help}{limits}"))
        unit = QLabel(parameter.unit, self)
        unit.setTextFormat(Qt.TextFormat.PlainText)
        unit.setProperty("tone", "quiet")
        fault = QLabel(self)
        fault.setTextFormat(Qt.TextFormat.PlainText)
        fault.setProperty("tone", "danger")
        fault.setFont(ui_font(SMALL_PX))
        fault.setWordWrap(True)
        fault.hide()
        row = self._grid.rowCount()
        for place, part in enumerate((label, field, unit)):
            self._grid.addWidget(part, row, place)
        self._grid.addWidget(fault, row + 1, 1, 1, 2)
        self._inputs[parameter.name] = field
        self._faults[parameter.name] = fault

    def _input(self, parameter: FormField) -> QLineEdit | Choice:
        choices = parameter.choices
        if parameter.type is FieldType.TIMEFRAME:
            choices = tuple((each, each) for each in TIMEFRAMES)
        if choices:
            chosen = Choice(name="", title=parameter.label, theme=self._theme, parent=self)
            chosen.offer(choices, parameter.default)
            chosen.picked.connect(lambda _: self.changed.emit())
            return chosen
        line = QLineEdit(parameter.default, self)
        line.textEdited.connect(lambda _: self.changed.emit())
        return line
