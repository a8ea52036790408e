"""One setting: what it is, who gave its value, an input of its kind, and the way back to its default."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QWidget

from tradeassist_desktop.domain.access import setting_act
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.setting import Setting, from_text
from tradeassist_desktop.services.changes import SettingsChange
from tradeassist_desktop.services.settings import SettingRow, Value
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import SMALL_PX, ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.controls import Check, Choice
from tradeassist_desktop.ui.widgets.settings.setting_titles import (
    VALUES,
    choices_of,
    family_of,
    in_words,
    title_of,
)
from tradeassist_desktop.ui.widgets.sign_in_steps import named_button, plain_label

_INPUT_PX: Final = 240
_SOURCE_PX: Final = 88
_LONGEST: Final = 4_000
ELSEWHERE: Final = {"lock.enabled": "Set up and taken away on the page App lock, where PINs are given."}
"""What is not changed by its setting alone, and where it is."""
UNSEEN: Final = ("lock.reset_check",)
"""What the program keeps for itself."""


class SettingLine(QLineEdit):
    """A value as it is typed; Escape puts back what holds."""

    def __init__(self, *, name: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setMaxLength(_LONGEST)
        self.setFont(ui_font(12))
        self.held = ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Put back what holds with Escape."""
        if event.key() == Qt.Key.Key_Escape and self.text() != self.held:
            self.setText(self.held)
            return
        super().keyPressEvent(event)


class SettingLineRow(QWidget):
    """A change holds at once where it can be; where not, it is said below."""

    def __init__(self, *, row: SettingRow, context: PanelContext, changes: Changes, parent: QWidget) -> None:
        super().__init__(parent)
        self._named = f"{family_of(row.spec)}: {title_of(row.spec)}"
        self._context = context
        self._changes = changes
        self.spec = spec = row.spec
        self._value: Value = row.value
        self._input = self._make_input(spec)
        self._source = plain_label(self, ui_font(SMALL_PX), tone="quiet")
        self._source.setWordWrap(False)
        self._source.setFixedWidth(_SOURCE_PX)
        self._reset = named_button(f"reset_{spec.key}", "Reset", parent=self)
        default = in_words(spec, spec.default) or "empty"
        self._reset.setAccessibleName(f"{self._named}: reset to {default}")
        self._reset.setToolTip(plain_tip(f"Back to {default}"))
        self._reset.setProperty("kind", "link")
        self._reset.clicked.connect(lambda: self._set(spec.default))
        self._fault = plain_label(self, ui_font(12), tone="danger")
        self._fault.setObjectName(f"settingFault_{spec.key}")
        self._fault.hide()
        self._lay_out(spec)
        self.show_row(row)
        act = setting_act(spec.key)
        for thing in (self._input, self._reset):
            context.rights.enable(thing, act, spec.key not in ELSEWHERE)

    def is_about(self, words: str) -> bool:
        """Return whether the setting has all these words, in its name, key or meaning, or its family's."""
        choices = " ".join(VALUES.get(self.spec.key, {}).values())
        text = f"{self._named} {self.spec.key} {self.spec.doc} {self.spec.limits} {choices}".lower()
        return all(word in text for word in words.lower().split())

    def show_row(self, row: SettingRow) -> None:
        """Show the value that holds, and who gave it."""
        is_as_before, self._value = row.value == self._value, row.value
        if isinstance(self._input, SettingLine) and self._input.hasFocus() and is_as_before:
            return  # what is being typed is not to be typed over because another setting has changed
        if isinstance(self._input, Check):
            self._input.show_state(bool(row.value))
        elif isinstance(self._input, Choice):
            self._input.offer(choices_of(row.spec), str(row.value))
        else:
            self._input.held = in_words(row.spec, row.value)
            if self._input.text() != self._input.held:
                self._input.setText(self._input.held)
        self._source.setText("" if row.source == "default" else row.source.partition(" ")[0])
        self._source.setToolTip(plain_tip(f"Given by {row.source}"))
        self._reset.setVisible(row.value != row.spec.default)
        self._say("")

    # --- within

    def _make_input(self, spec: Setting) -> Check | Choice | SettingLine:
        name, theme = f"all_{spec.key}", self._context.theme
        if isinstance(spec.default, bool):
            check = Check("", name=name, title=self._named, theme=theme, parent=self)
            check.clicked.connect(self._set)
            return check
        if spec.choices and isinstance(spec.default, str):
            choice = Choice(name=name, title=self._named, theme=theme, parent=self)
            choice.picked.connect(self._set)
            return choice
        line = SettingLine(name=name, title=self._named, parent=self)
        line.setAccessibleDescription(spec.doc)
        line.editingFinished.connect(lambda: self._on_typed(line))
        return line

    def _on_typed(self, line: SettingLine) -> None:
        if line.text().strip() == line.held:
            self._say("")
            return
        try:
            value = from_text(self.spec, line.text())
        except BadInput as error:
            self._say("; ".join(fault.message for fault in error.faults))
            return
        self._set(value)

    def _set(self, value: Value) -> None:
        self._say("")
        if value == self._value:
            return
        words = f"{self._named}: {in_words(self.spec, value) or 'empty'}"
        settings = self._context.desk.settings
        self._changes.do(SettingsChange(settings=settings, words=words, after={self.spec.key: value}))

    def _say(self, fault: str) -> None:
        self._fault.setText(f"{fault[:1].upper()}{fault[1:]}")
        self._fault.setVisible(bool(fault))
        if isinstance(self._input, SettingLine):
            self._input.setProperty("hasFault", bool(fault))
            self._input.style().polish(self._input)

    def _lay_out(self, spec: Setting) -> None:
        title = QLabel(title_of(spec), self)
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setFont(ui_font(12, weight=QFont.Weight.DemiBold))
        title.setBuddy(self._input)
        title.setToolTip(plain_tip(f"{spec.key}, in files and on the command line"))
        doc = plain_label(self, ui_font(12), tone="second")
        doc.setText(ELSEWHERE.get(spec.key, _meaning(spec)))
        side = QHBoxLayout()
        side.setSpacing(8)
        side.addWidget(self._input)
        if spec.unit and isinstance(self._input, SettingLine):
            unit = plain_label(self, ui_font(12), tone="quiet")
            unit.setText(spec.unit)
            unit.setWordWrap(False)
            side.addWidget(unit)
        side.addStretch(1)
        if isinstance(self._input, SettingLine):
            is_short = not isinstance(spec.default, str | tuple)
            self._input.setFixedWidth(96 if is_short else _INPUT_PX)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 4)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        grid.setColumnMinimumWidth(1, _INPUT_PX + 24)
        grid.addWidget(title, 0, 0)
        grid.addWidget(doc, 1, 0)
        grid.addLayout(side, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self._source, 0, 2, 2, 1)
        grid.addWidget(self._reset, 0, 3, 2, 1)
        grid.setColumnMinimumWidth(3, 64)
        grid.addWidget(self._fault, 2, 0, 1, 4)


def _meaning(spec: Setting) -> str:
    """Return what a setting is for, what it can be, and what it is by default."""
    parts = [spec.doc]
    if isinstance(spec.default, tuple) and spec.choices:
        parts.append(f"Any of {', '.join(spec.choices)}.")
    elif spec.limits and not spec.choices:
        parts.append(f"{spec.limits[:1].upper()}{spec.limits[1:]}.")
    if default := in_words(spec, spec.default):
        parts.append(f"Default: {default}{f' {spec.unit}' if spec.unit else ''}.")
    return " ".join(parts)
