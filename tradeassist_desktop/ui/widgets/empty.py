"""Says what to do next where a table has nothing to show."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractItemView, QLabel, QVBoxLayout, QWidget

from tradeassist_desktop.ui.theme import Theme, ui_font


class EmptyState(QWidget):
    """Lies over a table while its model has no rows.

    Args:
        title: What there is none of.
        hint: What to do about it.
    """

    def __init__(self, *, view: QAbstractItemView, theme: Theme, icon: str, title: str, hint: str) -> None:
        super().__init__(view.viewport())
        self._view = view
        self._theme = theme
        self._icon_name = icon
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._picture = QLabel(self)
        self._picture.setTextFormat(Qt.TextFormat.PlainText)
        self._title = QLabel(title, self)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setFont(ui_font(14))
        self._hint = QLabel(hint, self)
        self._hint.setTextFormat(Qt.TextFormat.PlainText)
        self._hint.setProperty("tone", "quiet")
        self._hint.setWordWrap(True)
        self._column = column = QVBoxLayout(self)
        column.setSpacing(6)
        column.addStretch(2)
        for label in (self._picture, self._title, self._hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addStretch(3)
        view.viewport().installEventFilter(self)
        model = view.model()
        model.modelReset.connect(self.refresh)
        model.rowsInserted.connect(self.refresh)
        model.rowsRemoved.connect(self.refresh)
        theme.changed.connect(self._paint_icon)
        self._paint_icon()
        self.refresh()

    def say(self, title: str, hint: str, *, icon: str) -> None:
        """Say something else from now on."""
        self._title.setText(title)
        self._hint.setText(hint)
        self._icon_name = icon
        self._paint_icon()
        self._fit()

    def say_hint(self, hint: str) -> None:
        """Say something else of what to do from now on."""
        self._hint.setText(hint)
        self._fit()

    def refresh(self) -> None:
        """Show or hide."""
        self.setVisible(self._view.model().rowCount() == 0)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the table's size."""
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return False

    def _fit(self) -> None:
        """Cover the table; the picture goes where the words would be cut."""
        room, margins = self._view.viewport().rect(), self._column.contentsMargins()
        words = self._hint.heightForWidth(room.width() - margins.left() - margins.right())
        labels = self._picture.sizeHint().height() + self._title.sizeHint().height() + words
        around = margins.top() + margins.bottom() + 2 * self._column.spacing()
        self._picture.setVisible(labels + around <= room.height())
        self.setGeometry(room)

    def _paint_icon(self) -> None:
        self._picture.setPixmap(
            self._theme.pixmap(self._icon_name, self._theme.tokens.text_3, 28, self.devicePixelRatioF())
        )
