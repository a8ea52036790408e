"""Every channel there can be, one block for each."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.notifications.channel_block import ChannelBlock
from tradeassist_desktop.ui.widgets.notifications.channel_states import ChannelStates
from tradeassist_desktop.ui.widgets.notifications.setting_inputs import SettingInputs
from tradeassist_desktop.ui.widgets.page_scroll import PageFeet

_CORNERS: Final = {
    "in_window": "In the window",
    "top_right": "Top right",
    "bottom_right": "Bottom right",
    "top_left": "Top left",
    "bottom_left": "Bottom left",
}


class ChannelsBody(QWidget):
    """The blocks, in the order of the settings.

    Args:
        feet: Below the page, for the buttons of forms.
    """

    def __init__(
        self,
        *,
        context: PanelContext,
        changes: Changes,
        states: ChannelStates,
        feet: PageFeet,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._inputs = SettingInputs(context=context, changes=changes)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        makers = {"toast": self._toast, "tray": self._tray, "sound": self._sound}
        self._blocks = {
            name: ChannelBlock(
                channel=name,
                context=context,
                changes=changes,
                states=states,
                options=makers[name]() if name in makers else None,
                has_form=context.desk.channel_setup.has_form(name),
                feet=feet,
                parent=self,
            )
            for name in states.names
        }
        for block in self._blocks.values():
            column.addWidget(block)
        for row in self.findChildren(_Row):
            context.rights.enable(row, Act.NOTIFICATION_SETTINGS)
        context.pulse.second.connect(self._refresh)
        context.navigator.channel_wanted.connect(self._set_up)

    def _refresh(self) -> None:
        if self.isVisible():
            for block in self._blocks.values():
                block.refresh()

    def _set_up(self, channel: str) -> None:
        if channel in self._blocks:
            self._blocks[channel].set_up()

    def _toast(self) -> QWidget:
        row = _Row(parent=self)
        row.add(self._inputs.choice("toast.position", "Corner of toasts", _CORNERS, parent=row), "Corner")
        row.add(self._inputs.number("toast.seconds", "Time a toast stays", parent=row), "Stay for")
        return row

    def _tray(self) -> QWidget:
        row = _Row(parent=self)
        words = "Send alerts to the desktop's notifications"
        row.add(self._inputs.check("tray.enabled", words, parent=row))
        return row

    def _sound(self) -> QWidget:
        row = _Row(parent=self)
        row.add(self._inputs.check("sound.enabled", "Play a tone for each alert", parent=row))
        return row


class _Row(QWidget):
    """Inputs side by side, each with its caption."""

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.addStretch(1)

    def add(self, control: QWidget, caption: str = "") -> None:
        """Add an input at the end."""
        if caption:
            label = QLabel(caption, self)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setFont(ui_font(12))
            label.setProperty("tone", "second")
            label.setBuddy(control)
            self._row.insertWidget(self._row.count() - 1, label)
        self._row.insertWidget(self._row.count() - 1, control)
