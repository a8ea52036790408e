"""The curtain: nothing of the desk is seen while it is locked, but that it is watched."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from tradeassist_desktop.services.access.app_lock import AppLock
from tradeassist_desktop.ui.theme import Theme, ui_font
from tradeassist_desktop.ui.widgets.lock.pin_line import words
from tradeassist_desktop.ui.widgets.lock.unlock_form import WIDTH_PX, UnlockForm


class Cover(QWidget):
    """Covers its parent wholly, whatever size that takes."""

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("lockCover")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._covered = parent
        parent.installEventFilter(self)
        self.setGeometry(parent.rect())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the parent's size, and stay above its children."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.ChildAdded):
            self.setGeometry(self._covered.rect())
            self.raise_()
        return False


class Curtain(Cover):
    """Covers the window; in its middle, the door.

    Args:
        lock: Opened by it.
    """

    def __init__(self, *, lock: AppLock, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent=parent)
        self.setWindowFlags(Qt.WindowType.SubWindow)  # Tab stays in it
        self.setObjectName("lockCurtain")
        self.setAccessibleName("Locked")
        self._theme = theme
        self._picture = QLabel(self)
        self._picture.setTextFormat(Qt.TextFormat.PlainText)
        title = words(self, "TradeAssist is locked", name="lockTitle")
        title.setFont(ui_font(18, weight=QFont.Weight.DemiBold))
        goes_on = words(
            self, "Rules are watched and alerts reach you as before.", tone="second", name="lockGoesOn"
        )
        self.form = UnlockForm(lock=lock, theme=theme, verb="Unlock", parent=self)
        self.said = words(self, tone="warn", name="lockSaid")
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch(2)
        for part in (self._picture, title, goes_on, self.form, self.said):
            part.setFixedWidth(WIDTH_PX)
            column.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        # A layout gives a label that wraps the height of its width before.
        goes_on.setMinimumHeight(goes_on.heightForWidth(WIDTH_PX))
        column.addStretch(3)
        theme.changed.connect(self._paint)
        self._paint()
        # Elsewhere in the window shortcuts rest while this is shown; Escape empties the field.
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.form.clear)

    def say(self, line: str) -> None:
        """Say what was refused, which the covered status bar could not show."""
        self.said.setText(line)
        self.said.setMinimumHeight(self.said.heightForWidth(WIDTH_PX))

    def _paint(self) -> None:
        scale = self.devicePixelRatioF()
        self._picture.setPixmap(self._theme.pixmap("lock", self._theme.tokens.accent, 32, scale))
