"""Where the keyboard goes, told to the parts of one window for as long as that is in use."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication


class FocusWatch(QObject):
    """The one connection of a window to what outlives it.

    A window on its way out takes the keyboard from what is in it. The application would call parts of it
    for that of which nothing is left but their place in memory.
    """

    moved = Signal()
    """Something else has the keyboard; what, ``QApplication.focusWidget()`` says."""

    def __init__(self, *, parent: QObject) -> None:
        super().__init__(parent)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self._application = application
        # Not with its values: what had the keyboard before may be on its way out.
        application.focusChanged.connect(self._tell)

    def stop(self) -> None:
        """Tell no more; before the window goes."""
        self._application.focusChanged.disconnect(self._tell)

    def _tell(self) -> None:
        self.moved.emit()
