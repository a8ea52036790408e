"""Hours in which a channel is quiet, by the clock on the wall of a time zone."""

from dataclasses import dataclass
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from PySide6.QtCore import Qt, QTime, QTimeZone, Signal
from PySide6.QtWidgets import QCompleter, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.setting import checked
from tradeassist_desktop.domain.settings import setting
from tradeassist_desktop.services.changes import SettingsChange
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.controls import Check, TimeOfDay
from tradeassist_desktop.ui.widgets.notifications.channel_states import ChannelStates
from tradeassist_desktop.ui.widgets.notifications.setting_inputs import SettingInputs
from tradeassist_desktop.ui.widgets.sign_in_steps import plain_label

_OFF: Final = "off"


@dataclass(frozen=True, slots=True)
class _Hours:
    """What a row shows."""

    opens: str
    closes: str
    zone: str

    @property
    def text(self) -> str:
        return f"{self.opens}-{self.closes} {self.zone}"


class QuietHoursBody(QWidget):
    """A row for each channel; what was set before it was switched off comes back with a click."""

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
        self._rows = {
            name: _Row(channel=name, title=states.title(name), context=context, parent=self)
            for name in states.names
        }
        self._titles = {name: states.title(name) for name in states.names}
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(3, 1)
        for place, row in enumerate(self._rows.values()):
            for column, part in enumerate((row.is_on, row.opens, row.closes, row.zone)):
                grid.addWidget(part, 2 * place, column)
            grid.addWidget(row.fault, 2 * place + 1, 1, 1, 3)
            row.changed.connect(self._on_row)
        inputs = SettingInputs(context=context, changes=changes)
        urgent = inputs.check(
            "quiet.urgent_breaks_through", "Urgent alerts are sent in quiet hours too", parent=self
        )
        said = plain_label(self, ui_font(12), tone="second")
        said.setText("What comes up meanwhile is kept in the list, and told afterwards if it is true still.")
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(8)
        column_layout.addLayout(grid)
        column_layout.addWidget(urgent, alignment=Qt.AlignmentFlag.AlignLeft)
        column_layout.addWidget(said)
        context.bridge.setting_changed.connect(self._on_setting)
        changes.settled.connect(self._show)
        self._show()

    def _show(self) -> None:
        for name, row in self._rows.items():
            row.show_hours(self._context.desk.settings.text(f"quiet.{name}"))

    def _on_setting(self, key: str) -> None:
        if key.startswith("quiet."):
            self._show()

    def _on_row(self, channel: str, text: str) -> None:
        key = f"quiet.{channel}"
        row = self._rows[channel]
        try:
            checked(setting(key), text)
        except BadInput as error:
            row.say("\n".join(fault.message for fault in error.faults))
            return
        row.say("")
        title = self._titles[channel]
        words = f"No quiet hours of {title}" if text == _OFF else f"Quiet hours of {title}: {text}"
        self._changes.do(SettingsChange(settings=self._context.desk.settings, words=words, after={key: text}))


@cache
def _zones() -> list[str]:
    return sorted(available_timezones())  # of six channels; each time it reads a folder of hundreds of files


class _Row(QWidget):
    """Owner of one channel's inputs; they stand in the grid of the section."""

    changed = Signal(str, str)
    """The channel, and its hours as the setting has them."""

    def __init__(self, *, channel: str, title: str, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()
        self._channel = channel
        self.is_on = Check(
            title,
            name=f"quietOn_{channel}",
            title=f"Quiet hours of {title}",
            theme=context.theme,
            parent=parent,
        )
        self.opens = TimeOfDay(name=f"quietFrom_{channel}", title=f"{title} quiet from", parent=parent)
        self.closes = TimeOfDay(name=f"quietUntil_{channel}", title=f"{title} quiet until", parent=parent)
        self.zone = QLineEdit(parent)
        self.zone.setObjectName(f"quietZone_{channel}")
        self.zone.setAccessibleName(f"Time zone of {title}'s quiet hours")
        completer = QCompleter(_zones(), self.zone)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.zone.setCompleter(completer)
        self.fault = plain_label(parent, ui_font(12), tone="danger")
        self.fault.setObjectName(f"quietFault_{channel}")
        self.fault.hide()
        self._shown = ""
        self._put(_Hours("22:00", "07:00", bytes(QTimeZone.systemTimeZoneId().data()).decode()))
        self.is_on.clicked.connect(lambda is_on: self.changed.emit(channel, self._text()))
        for part in (self.opens, self.closes, self.zone):
            part.editingFinished.connect(self._on_edited)

    def show_hours(self, text: str) -> None:
        """Show a setting's value; ``off`` leaves the hours as they were."""
        self._shown = text
        self.is_on.show_state(text != _OFF)
        for part in (self.opens, self.closes, self.zone):
            part.setEnabled(text != _OFF)
        if text != _OFF:
            hours, _, zone = text.partition(" ")
            opens, _, closes = hours.partition("-")
            self._put(_Hours(opens, closes, zone))
            self.say("")

    def say(self, fault: str) -> None:
        """Say what is wrong with the hours; empty for nothing."""
        self.fault.setText(fault[:1].upper() + fault[1:])
        self.fault.setVisible(bool(fault))
        self.zone.setProperty("hasFault", bool(fault))
        self.zone.style().polish(self.zone)

    def _put(self, hours: _Hours) -> None:
        self.opens.setTime(QTime.fromString(hours.opens, "HH:mm"))
        self.closes.setTime(QTime.fromString(hours.closes, "HH:mm"))
        self.zone.setText(hours.zone)

    def _text(self) -> str:
        if not self.is_on.isChecked():
            return _OFF
        opens, closes = (part.time().toString("HH:mm") for part in (self.opens, self.closes))
        return _Hours(opens, closes, self.zone.text().strip()).text

    def _on_edited(self) -> None:
        # Leaving a field that was not changed is no edit.
        if self._text() != self._shown:
            self.changed.emit(self._channel, self._text())
