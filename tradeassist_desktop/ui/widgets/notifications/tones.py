"""How alerts sound: a tone and its loudness for each priority, and how often they come."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.channels import Undeliverable
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.setting import checked
from tradeassist_desktop.domain.settings import setting
from tradeassist_desktop.services.changes import SettingsChange
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.controls import Choice
from tradeassist_desktop.ui.widgets.notifications.priority_name import PriorityName
from tradeassist_desktop.ui.widgets.notifications.setting_inputs import SettingInputs
from tradeassist_desktop.ui.widgets.sign_in_steps import named_button, plain_label

_OWN: Final = "own"
_BUILT_IN: Final = tuple((priority.value, f"The {priority} tone") for priority in Priority)


class TonePlayer(Protocol):
    """What plays tones on this machine."""

    async def preview(self, priority: Priority) -> str:
        """Play a priority's tone as it is set; return what was played.

        Raises:
            Undeliverable: it could not be played.
        """
        ...

    async def fault_of(self, tone: str) -> str:
        """Return what is wrong with a file as a tone; empty for nothing."""
        ...


class TonesBody(QWidget):
    """A row for each priority; below them what holds for all."""

    def __init__(self, *, context: PanelContext, changes: Changes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._changes = changes
        self._player: TonePlayer | None = None
        self._inputs = SettingInputs(context=context, changes=changes)
        self._said = plain_label(self, ui_font(12))
        self._said.setObjectName("toneSaid")
        self._said.hide()
        self._choices: dict[Priority, Choice] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, priority in enumerate(reversed(Priority)):
            for column, part in enumerate(self._row(priority)):
                grid.addWidget(part, row, column)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(8)
        column_layout.addLayout(grid)
        column_layout.addWidget(self._said)
        for key, caption, zero, after in (
            ("sound.volume", "All tones at", "off", ""),
            (
                "sound.interval_seconds",
                "One tone of a priority in",
                "no limit",
                "at most; a higher priority breaks in",
            ),
            ("sound.repeat_seconds", "Urgent ones again every", "once only", "until acknowledged"),
        ):
            column_layout.addLayout(self._line(key, caption, zero, after))
        context.bridge.setting_changed.connect(self._on_setting)
        changes.settled.connect(self._show)
        self._show()

    def use(self, player: TonePlayer) -> None:
        """Preview tones with this player from now on."""
        self._player = player

    # --- showing

    def _on_setting(self, key: str) -> None:
        if key.startswith("tone."):
            self._show()

    def _show(self) -> None:
        for priority, choice in self._choices.items():
            tone = self._context.desk.settings.text(f"tone.{priority}")
            offered = list(_BUILT_IN)
            if tone not in dict(_BUILT_IN):
                offered.append((tone, Path(tone).name))
            choice.offer([*offered, (_OWN, "A WAV file of yours…")], tone)
            choice.setToolTip(
                plain_tip(tone if tone not in dict(_BUILT_IN) else setting(f"tone.{priority}").doc)
            )

    def _say(self, words: str, *, tone: str) -> None:
        self._said.setText(words)
        self._said.setProperty("tone", tone)
        self._said.style().polish(self._said)
        self._said.setVisible(bool(words))

    # --- doing

    def _choose(self, priority: Priority, tone: str) -> None:
        if tone == _OWN:
            self._show()  # until a file is chosen, it is as it was
            self._ask_for_file(priority)
        else:
            self._set(priority, tone)

    def _ask_for_file(self, priority: Priority) -> None:
        dialog = QFileDialog(self, f"Tone of {priority} alerts", str(Path.home()), "WAV files (*.wav *.WAV)")
        dialog.setObjectName("toneFile")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setModal(False)
        dialog.fileSelected.connect(lambda file: self._context.tasks.start(self._take(priority, file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()

    async def _take(self, priority: Priority, file: str) -> None:
        try:
            checked(setting(f"tone.{priority}"), file)
            fault = "" if self._player is None else await self._player.fault_of(file)
        except BadInput as error:
            fault = error.faults[0].message
        except Undeliverable as error:
            fault = error.reason
        if fault:
            self._say(f"Not taken: {fault}.", tone="danger")
            return
        self._say("", tone="")
        self._set(priority, file)

    def _set(self, priority: Priority, tone: str) -> None:
        name = dict(_BUILT_IN).get(tone, Path(tone).name)
        self._changes.do(
            SettingsChange(
                settings=self._context.desk.settings,
                words=f"Tone of {priority} alerts: {name}",
                after={f"tone.{priority}": tone},
            )
        )

    async def _preview(self, priority: Priority) -> None:
        if self._player is None:
            self._say("This run has nothing to play tones with.", tone="warn")
            return
        self._say("Playing…", tone="second")
        try:
            played = await self._player.preview(priority)
        except Undeliverable as error:
            self._say(f"Not played: {error.reason}.", tone="danger")
            return
        is_low = not self._context.desk.settings.number("sound.volume")
        self._say(f"Played {played}{', at no volume' if is_low else ''}.", tone="second")

    # --- building

    def _row(self, priority: Priority) -> tuple[QWidget, ...]:
        choice = Choice(
            name=f"tone_{priority}",
            title=f"Tone of {priority} alerts",
            theme=self._context.theme,
            parent=self,
        )
        choice.setMinimumContentsLength(10)
        choice.picked.connect(self._chooser(priority))
        self._choices[priority] = choice
        volume = self._inputs.number(
            f"tone.{priority}_volume", f"Volume of {priority} tones", zero="off", parent=self
        )
        volume.setFixedWidth(84)
        preview = named_button(f"preview_{priority}", "Preview", parent=self)
        preview.setAccessibleName(f"Preview the tone of {priority} alerts")
        preview.clicked.connect(lambda: self._context.tasks.start(self._preview(priority)))
        name = PriorityName(priority=priority, theme=self._context.theme, parent=self)
        return name, choice, volume, preview

    def _chooser(self, priority: Priority) -> Callable[[str], None]:
        return lambda tone: self._choose(priority, tone)

    def _line(self, key: str, caption: str, zero: str, after: str) -> QHBoxLayout:
        number = self._inputs.number(key, f"{caption} {after}".strip(), zero=zero, parent=self)
        number.setMinimumWidth(84)
        line = QHBoxLayout()
        line.setSpacing(8)
        for part in (_caption(caption, number, self), number, _caption(after, None, self)):
            line.addWidget(part)
        line.addStretch(1)
        return line


def _caption(words: str, buddy: QWidget | None, parent: QWidget) -> QLabel:
    label = plain_label(parent, ui_font(12), tone="second")
    label.setWordWrap(False)
    label.setText(words)
    if buddy is not None:
        label.setBuddy(buddy)
    return label
