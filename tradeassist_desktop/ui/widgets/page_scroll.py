"""A page below a panel's tool bar, as high as it needs to be, and a foot that stays in sight."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget


class PageScroll(QScrollArea):
    """Shows a page on the panel's own ground; it scrolls downwards only, and Tab does not stop at it."""

    def __init__(self, *, page: QWidget, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(page)
        for ground in (page, self.viewport()):
            ground.setAutoFillBackground(False)


class PageFeet(QWidget):
    """Below a page: a foot for each form that is open in it, and no room where none is."""

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def add(self) -> "PageFoot":
        """Return a foot below the others, to be filled and shown."""
        foot = PageFoot(parent=self)
        self._column.addWidget(foot)
        return foot


class PageFoot(QWidget):
    """A strip below a page that scrolls, for the buttons that are about all of it."""

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._back: tuple[QWidget, QWidget] | None = None
        self.setObjectName("pageFoot")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(16, 6, 16, 6)
        self.row.setSpacing(8)

    def lead_back(self, first: QWidget, *, to: QWidget) -> None:
        """Have Shift+Tab go from its first control to what is read before it, in the page."""
        self._back = first, to

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Go back where it was said to."""
        if not is_next and self._back is not None and self.focusWidget() is self._back[0]:
            self._back[1].setFocus(Qt.FocusReason.BacktabFocusReason)
            return True
        return super().focusNextPrevChild(is_next)
