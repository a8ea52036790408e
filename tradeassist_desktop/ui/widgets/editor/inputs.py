"""Inputs that all speak texts: what a field shows, what was typed into it, whether that is wrong."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from tradeassist_desktop.ui.theme import Theme, ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.controls import Check, Choice
from tradeassist_desktop.ui.widgets.editor.proposing_text import ProposingText
from tradeassist_desktop.ui.widgets.editor.typed import SILENT, YES

_ROUTED: Final = "routed"


class Input(QWidget):
    """One field's control.

    Args:
        key: The field's name; begins the object name.
        title: What a screen reader calls it.
    """

    edited = Signal(str)
    """What stands there by now, by the trader's hand."""

    def __init__(self, *, key: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.key = key
        self.title = title
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(4)

    def show_text(self, text: str) -> None:
        """Show a text, without telling of it."""
        raise NotImplementedError

    def mark(self, *, is_wrong: bool) -> None:
        """Show whether what stands there is wrong."""

    def _hold(self, control: QWidget, *, help: str = "") -> None:
        control.setObjectName(f"rule_{self.key}")
        control.setAccessibleName(self.title)
        control.setToolTip(plain_tip(help))
        self.column.addWidget(control)
        self.setFocusProxy(control)


class LineInput(Input):
    """A line.

    Args:
        hint: Stands there while it is empty.
        is_optional: Whether it may be left empty.
    """

    def __init__(
        self,
        *,
        key: str,
        title: str,
        parent: QWidget,
        help: str = "",
        hint: str = "",
        longest: int = 4_000,
        font: QFont | None = None,
        is_optional: bool = True,
    ) -> None:
        super().__init__(key=key, title=title, parent=parent)
        self.is_optional = is_optional
        self.line = QLineEdit(self)
        self.line.setPlaceholderText(hint)
        self.line.setMaxLength(longest)
        self.line.setFont(font or ui_font(12))
        self.line.textEdited.connect(self.edited)
        self._hold(self.line, help=help)

    def show_text(self, text: str) -> None:
        """Show a text; one that stands there already leaves the caret where it is."""
        if self.line.text() != text:
            self.line.setText(text)
            self.line.setCursorPosition(0)

    def mark(self, *, is_wrong: bool) -> None:
        """Frame the line in red."""
        _mark(self.line, is_wrong)


class ChoiceInput(Input):
    """One of several words."""

    def __init__(
        self,
        *,
        key: str,
        title: str,
        choices: Sequence[tuple[str, str]],
        theme: Theme,
        parent: QWidget,
        help: str = "",
    ) -> None:
        super().__init__(key=key, title=title, parent=parent)
        self._choices = tuple(choices)
        self.choice = Choice(name=f"rule_{key}", title=title, theme=theme, parent=self)
        self.choice.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.picked.connect(self.edited)
        self._hold(self.choice, help=help)

    def show_text(self, text: str) -> None:
        """Choose a value."""
        self.choice.offer(self._choices, text)


class CheckInput(Input):
    """Yes or no."""

    def __init__(self, *, key: str, title: str, words: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(key=key, title=title, parent=parent)
        self._check = Check(words, name=f"rule_{key}", title=title, theme=theme, parent=self)
        self._check.clicked.connect(lambda is_on: self.edited.emit(YES if is_on else ""))
        self._hold(self._check)

    def show_text(self, text: str) -> None:
        """Show it on or off."""
        self._check.show_state(text == YES)


class TextInput(Input):
    """Several lines."""

    def __init__(
        self, *, key: str, title: str, parent: QWidget, help: str = "", hint: str = "", lines: int = 3
    ) -> None:
        super().__init__(key=key, title=title, parent=parent)
        self.text = ProposingText(parent=self)
        self.text.setFont(ui_font(12))
        self.text.setPlaceholderText(hint)
        self.text.setFixedHeight(self.text.fontMetrics().lineSpacing() * lines + 14)
        self._is_shown = False
        self.text.textChanged.connect(self._tell)
        self._hold(self.text, help=help)

    def show_text(self, text: str) -> None:
        """Show a text; one that stands there already leaves the caret where it is."""
        if self.text.toPlainText() != text:
            self._is_shown = True
            self.text.setPlainText(text)
            self._is_shown = False

    def mark(self, *, is_wrong: bool) -> None:
        """Frame the text in red."""
        _mark(self.text, is_wrong)

    def _tell(self) -> None:
        if not self._is_shown:
            self.edited.emit(self.text.toPlainText())


class ChannelsInput(Input):
    """The channels of a rule, or those that the settings give its priority."""

    def __init__(
        self, *, key: str, title: str, channels: Sequence[tuple[str, str]], theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(key=key, title=title, parent=parent)
        ways = ((_ROUTED, "As Notifications routes it"), ("own", "Through these"))
        self._way = Choice(name="rule_channels", title=title, theme=theme, parent=self)
        self._way.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._ways = ways
        self._way.picked.connect(self._tell)
        self._hold(self._way)
        self._own = QWidget(self)
        row = QHBoxLayout(self._own)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        half = (len(channels) + 1) // 2
        self._checks: dict[str, Check] = {}
        for some in (channels[:half], channels[half:]):
            column = QVBoxLayout()
            column.setSpacing(0)
            for name, words in some:
                check = Check(words, name=f"rule_channel_{name}", title=words, theme=theme, parent=self._own)
                check.clicked.connect(self._tell)
                self._checks[name] = check
                column.addWidget(check)
            row.addLayout(column)
        row.addStretch(1)
        self.column.addWidget(self._own)

    def show_text(self, text: str) -> None:
        """Show the routing, or the channels."""
        names = () if text == SILENT else tuple(name.strip() for name in text.split(","))
        self._way.offer(self._ways, "own" if text else _ROUTED)
        for name, check in self._checks.items():
            check.show_state(name in names)
        self._own.setVisible(bool(text))

    def _tell(self) -> None:
        is_own = self._way.value == "own"
        names = [name for name, check in self._checks.items() if check.isChecked()]
        self._own.setVisible(is_own)
        self.edited.emit((", ".join(names) or SILENT) if is_own else "")


class ScheduleInput(Input):
    """When a rule may fire: a session, or a range of the clock that is typed."""

    _HOURS: Final = "hours"
    _EXAMPLE: Final = "09:30-11:00 America/New_York"

    def __init__(self, *, key: str, title: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(key=key, title=title, parent=parent)
        self._choices = (
            ("always", "At any time"),
            ("rth", "Regular hours"),
            ("eth", "Regular and extended hours"),
            (self._HOURS, "Between times…"),
        )
        self._choice = Choice(name="rule_schedule", title=title, theme=theme, parent=self)
        self._choice.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._choice.picked.connect(self._pick)
        self._hold(self._choice)
        self._line = QLineEdit(self)
        self._line.setObjectName("rule_schedule_hours")
        self._line.setAccessibleName("From and to, with their time zone")
        self._line.setFont(ui_font(12))
        self._line.setPlaceholderText(self._EXAMPLE)
        self._line.textEdited.connect(self.edited)
        self.column.addWidget(self._line)

    def show_text(self, text: str) -> None:
        """Show a session or a range."""
        is_named = text in [value for value, _ in self._choices[:3]]
        self._choice.offer(self._choices, text if is_named else self._HOURS)
        self._line.setVisible(not is_named)
        if not is_named and self._line.text() != text:
            self._line.setText(text)

    def mark(self, *, is_wrong: bool) -> None:
        """Frame the range in red."""
        _mark(self._line, is_wrong)

    def _pick(self, value: str) -> None:
        is_typed = value == self._HOURS
        self._line.setVisible(is_typed)
        if is_typed:
            self._line.setText(self._line.text() or self._EXAMPLE)
            self._line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edited.emit(self._line.text() if is_typed else value)


def _mark(widget: QWidget, is_wrong: bool) -> None:
    if bool(widget.property("hasFault")) != is_wrong:
        widget.setProperty("hasFault", is_wrong)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
