"""Words that change all the time, and do not have the window laid out anew each time.

They are as high as at first, or as is set.
"""

from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QLabel, QToolButton

_SPARE_PX: Final = 24
_OF_LOOKS: Final = (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.Polish)


class SteadyLabel(QLabel):
    """A line as wide as the widest of what it said of late."""

    def setText(self, words: str) -> None:
        """Say it."""
        super().setText(words)
        _fit(self)

    def event(self, event: QEvent) -> bool:
        """Follow the font."""
        done = super().event(event)
        if event.type() in _OF_LOOKS:
            _fit(self)
        return done


class SteadyButton(QToolButton):
    """A button as wide as the widest of what stood on it of late."""

    def setText(self, words: str) -> None:
        """Say it."""
        if words != self.text():
            super().setText(words)
            _fit(self)

    def setIcon(self, icon: QIcon | QPixmap) -> None:
        """Show it beside the words."""
        if icon.cacheKey() != self.icon().cacheKey():
            super().setIcon(icon)
            _fit(self)

    def setToolButtonStyle(self, style: Qt.ToolButtonStyle) -> None:
        """Show words, icon, or both."""
        if style is not self.toolButtonStyle():
            super().setToolButtonStyle(style)
            _fit(self)

    def event(self, event: QEvent) -> bool:
        """Follow font and style."""
        done = super().event(event)
        if event.type() in _OF_LOOKS:
            _fit(self)
        return done


def _fit(widget: SteadyLabel | SteadyButton) -> None:
    # Only what is of a fixed size in both directions can say other words without a layout of everything up
    # to the window, docks and all: ten times a second in a storm that made alerts late by milliseconds.
    if not widget.text():
        return  # what says nothing yet has no style either
    wanted, now = widget.sizeHint().width(), widget.minimumWidth()
    if wanted > now or wanted < now - _SPARE_PX:
        widget.setFixedWidth(wanted)
    if widget.minimumHeight() != widget.maximumHeight():
        widget.setFixedHeight(widget.sizeHint().height())
