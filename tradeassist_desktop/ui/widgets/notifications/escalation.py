"""What follows while nobody acknowledges an alert: repeats, and who else is told."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.channel_names import CHANNEL_NAMES
from tradeassist_desktop.domain.durations import whole_duration
from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.escalation import OFF, EscalationStep, parse_escalation
from tradeassist_desktop.domain.setting import checked
from tradeassist_desktop.domain.settings import setting
from tradeassist_desktop.services.changes import SettingsChange
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.notifications.channel_states import ChannelStates
from tradeassist_desktop.ui.widgets.notifications.escalation_step import (
    LINE_PX,
    StepLine,
    caption,
    fault_label,
    say,
)
from tradeassist_desktop.ui.widgets.notifications.priority_name import PriorityName
from tradeassist_desktop.ui.widgets.sign_in_steps import named_button, plain_label

_MINUTE_NS: Final = 60_000_000_000


class EscalationBody(QWidget):
    """A block for each priority, the loudest first."""

    def __init__(
        self,
        *,
        context: PanelContext,
        changes: Changes,
        states: ChannelStates,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._changes = changes
        self._chains = {
            priority: _Chain(priority=priority, context=context, states=states, parent=self)
            for priority in reversed(Priority)
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        said = plain_label(self, ui_font(12), tone="second")
        said.setText("While an alert is true and nobody acknowledges it. Durations such as 90s, 5m or 1h.")
        column.addWidget(said)
        for chain in self._chains.values():
            column.addWidget(chain)
            chain.changed.connect(self._set)
        context.bridge.setting_changed.connect(self._on_setting)
        changes.settled.connect(self._show)
        states.changed.connect(self._show)
        self._show()

    def _on_setting(self, key: str) -> None:
        if key.startswith(("escalate.", "repeat.")):
            self._show()

    def _show(self) -> None:
        settings = self._context.desk.settings
        for priority, chain in self._chains.items():
            chain.show_chain(settings.text(f"repeat.{priority}"), settings.text(f"escalate.{priority}"))

    def _set(self, key: str, text: str, words: str) -> None:
        if text == self._context.desk.settings.text(key):
            self._show()
            return
        self._changes.do(SettingsChange(settings=self._context.desk.settings, words=words, after={key: text}))


class _Chain(QWidget):
    """One priority: how often it is repeated, and its steps; a fault stands below its step."""

    changed = Signal(str, str, str)
    """A setting's key, its new text, and in words what that does."""

    def __init__(
        self, *, priority: Priority, context: PanelContext, states: ChannelStates, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._priority = priority
        self._context = context
        self._states = states
        self._steps: tuple[EscalationStep, ...] = ()
        self._shown: str | None = None
        self._lines: list[StepLine] = []
        self._repeat = QLineEdit(self)
        self._repeat.setObjectName(f"repeat_{priority}")
        self._repeat.setAccessibleName(f"How often {priority} alerts are repeated; empty is never")
        self._repeat.setPlaceholderText("never")
        self._repeat.setFixedWidth(LINE_PX)
        self._repeat.editingFinished.connect(self._on_repeat)
        self._fault = fault_label(f"repeatFault_{priority}", self)
        add = named_button(f"addStep_{priority}", "Add a step", parent=self)
        add.setAccessibleName(f"Add a step for {priority} alerts")
        add.setProperty("kind", "link")
        add.clicked.connect(self._add)
        self._add_button = add
        top = QHBoxLayout()
        top.setSpacing(8)
        name = PriorityName(priority=priority, theme=context.theme, parent=self)
        name.setMinimumWidth(76)
        for part in (name, caption("again every", self), self._repeat):
            top.addWidget(part)
        top.addStretch(1)
        top.addWidget(add)
        self._column = QVBoxLayout()
        self._column.setContentsMargins(84, 0, 0, 0)
        self._column.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self._fault)
        column.addLayout(self._column)

    def show_chain(self, repeat: str, chain: str) -> None:
        """Show both settings."""
        if not self._repeat.hasFocus() or not self._repeat.isModified():
            self._repeat.setText("" if repeat == OFF else repeat)
        if chain != self._shown:
            self._shown = chain
            self._steps = parse_escalation(chain, CHANNEL_NAMES)
            if len(self._lines) != len(self._steps):
                self._rebuild()
            for line, step in zip(self._lines, self._steps, strict=True):
                line.show_step(step)  # in its place: the keyboard stays where it is
        for line, step in zip(self._lines, self._steps, strict=True):
            is_lost = self._states.of(step.channel).word == "not set up"
            title = self._states.title(step.channel)
            line.warn(f"{title} is not set up: nobody would hear." if is_lost else "")

    def _rebuild(self) -> None:
        for line in self._lines:
            self._column.removeWidget(line)
            line.setParent(None)
            line.deleteLater()
        self._lines = [
            StepLine(
                place=place,
                step=step,
                priority=self._priority,
                states=self._states,
                theme=self._context.theme,
                parent=self,
            )
            for place, step in enumerate(self._steps)
        ]
        for line in self._lines:
            self._column.addWidget(line)
            line.edited.connect(self._on_step)
            line.removed.connect(self._remove)

    # --- doing

    def _on_repeat(self) -> None:
        self._repeat.setModified(False)
        text = self._repeat.text().strip() or OFF
        key = f"repeat.{self._priority}"
        try:
            checked(setting(key), text)
        except BadInput as error:
            say(self._fault, error.faults[0].message)
            return
        say(self._fault, "")
        told = "never" if text == OFF else f"every {text}"
        self.changed.emit(key, text, f"Repeat {self._priority} alerts {told}")

    def _add(self) -> None:
        after_ns = self._steps[-1].after_ns + 3 * _MINUTE_NS if self._steps else 2 * _MINUTE_NS
        taken = {step.channel for step in self._steps}
        remote = [name for name in ("slack", "email", "webhook", *CHANNEL_NAMES) if name not in taken]
        step = EscalationStep(after_ns, remote[0] if remote else CHANNEL_NAMES[0])
        told = f"{self._states.title(step.channel)} after {whole_duration(after_ns)}"
        self._put([str(each) for each in (*self._steps, step)], f"Escalate {self._priority} alerts to {told}")

    def _remove(self, place: int) -> None:
        left = [str(step) for number, step in enumerate(self._steps) if number != place]
        gone = self._steps[place]
        self._put(left, f"Escalate {self._priority} alerts to {self._states.title(gone.channel)} no longer")

    def _on_step(self, place: int) -> None:
        texts = [line.text for line in self._lines]
        line = self._lines[place]
        words = f"Escalate {self._priority} alerts to {self._states.title(line.channel)} after {line.after}"
        self._put(texts, words)

    def _put(self, texts: Sequence[str], words: str) -> None:
        text = ", ".join(texts) or OFF
        key = f"escalate.{self._priority}"
        for line in self._lines:
            line.say("")
        try:
            checked(setting(key), text)
        except BadInput as error:
            self._show_faults(error.faults, texts)
            return
        self.changed.emit(key, text, words)

    def _show_faults(self, faults: Sequence[Fault], texts: Sequence[str]) -> None:
        """Say each fault at the step in whose text its column is."""
        starts, column = [], 1
        for text in texts:
            starts.append(column)
            column += len(text) + 2
        for fault in faults:
            begun = [place for place, start in enumerate(starts) if start <= (fault.column or 1)]
            place = min(begun[-1], len(self._lines) - 1)
            self._lines[place].say(fault.message)
