"""One step of an escalation: after how long, and where to."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.durations import duration_text
from tradeassist_desktop.domain.escalation import EscalationStep
from tradeassist_desktop.ui.theme import Theme, ui_font
from tradeassist_desktop.ui.widgets.controls import Choice
from tradeassist_desktop.ui.widgets.notifications.channel_states import ChannelStates
from tradeassist_desktop.ui.widgets.sign_in_steps import named_button, plain_label

LINE_PX: Final = 64


class StepLine(QWidget):
    """``after 2m also to Slack``."""

    edited = Signal(int)
    """Its place in the chain; likewise ``removed``."""
    removed = Signal(int)

    def __init__(
        self,
        *,
        place: int,
        step: EscalationStep,
        priority: Priority,
        states: ChannelStates,
        theme: Theme,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        name = f"{priority}_{place}"
        self._after = QLineEdit(duration_text(step.after_ns), self)
        self._after.setObjectName(f"stepAfter_{name}")
        self._after.setAccessibleName(f"Step {place + 1} of {priority} alerts: after how long")
        self._after.setFixedWidth(LINE_PX)
        self._channel = Choice(
            name=f"stepChannel_{name}",
            title=f"Step {place + 1} of {priority} alerts: where to",
            theme=theme,
            parent=self,
        )
        self._channel.offer([(each, states.title(each)) for each in states.names], step.channel)
        remove = named_button(f"removeStep_{name}", "Remove", parent=self)
        remove.setAccessibleName(f"Remove step {place + 1} of {priority} alerts")
        remove.setProperty("kind", "link")
        self._fault = fault_label(f"stepFault_{name}", self)
        self._warning = plain_label(self, ui_font(12), tone="warn")
        self._warning.hide()
        line = QHBoxLayout()
        line.setSpacing(8)
        for part in (caption("after", self), self._after, caption("also to", self), self._channel, remove):
            line.addWidget(part)
        line.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(line)
        column.addWidget(self._fault)
        column.addWidget(self._warning)
        self._after.editingFinished.connect(lambda: self.edited.emit(place))
        self._channel.picked.connect(lambda value: self.edited.emit(place))
        remove.clicked.connect(lambda: self.removed.emit(place))

    @property
    def after(self) -> str:
        """The duration as it was typed; a word that is none where nothing was."""
        return self._after.text().strip() or "nothing"

    @property
    def channel(self) -> str:
        """Where it goes."""
        return self._channel.value

    @property
    def text(self) -> str:
        """The step as the setting has it."""
        return f"{self.after.replace(' ', '').replace(',', '.')} {self.channel}"

    def show_step(self, step: EscalationStep) -> None:
        """Show the step as it is set."""
        self._after.setText(duration_text(step.after_ns))
        self._channel.setCurrentIndex(self._channel.findData(step.channel))
        self.say("")

    def say(self, fault: str) -> None:
        """Say what is wrong with it; empty for nothing."""
        say(self._fault, fault)

    def warn(self, words: str) -> None:
        """Say what it lacks; empty for nothing."""
        self._warning.setText(words)
        self._warning.setVisible(bool(words))


def say(label: QLabel, fault: str) -> None:
    """Say a fault below what it is about; empty for none."""
    label.setText(fault[:1].upper() + fault[1:])
    label.setVisible(bool(fault))


def fault_label(name: str, parent: QWidget) -> QLabel:
    """Return a label for a fault, hidden until there is one."""
    label = plain_label(parent, ui_font(12), tone="danger")
    label.setObjectName(name)
    label.hide()
    return label


def caption(words: str, parent: QWidget) -> QLabel:
    """Return words between inputs."""
    label = plain_label(parent, ui_font(12), tone="second")
    label.setWordWrap(False)
    label.setText(words)
    return label
