"""The few windows beside the window. They are opened, never executed: no loop within the loop."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QFont
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tradeassist_desktop import __version__
from tradeassist_desktop.ui.theme import Theme, code_font, ui_font


class _Sheet(QDialog):
    def __init__(self, *, name: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 16)
        self.column.setSpacing(12)

    def finish(self) -> None:
        """Add the button that closes it."""
        close = QPushButton("Close", self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        self.column.addWidget(close, alignment=Qt.AlignmentFlag.AlignRight)


def about(*, theme: Theme, source: str, parent: QWidget) -> QDialog:
    """Return the sheet that says what this program is."""
    sheet = _Sheet(name="about", title="About TradeAssist", parent=parent)
    picture = QLabel(sheet)
    picture.setPixmap(theme.pixmap("tradeassist", pixels=64, scale=parent.devicePixelRatioF()))
    sheet.column.addWidget(picture)
    for words, font in (
        (f"TradeAssist Desktop {__version__}", ui_font(18, weight=QFont.Weight.DemiBold)),
        ("Streams the market, watches your rules, interrupts you exactly when it matters.", ui_font()),
        (f"Data: {source}", ui_font()),
        ("MIT licence. Type: Inter and JetBrains Mono, SIL Open Font License 1.1.", ui_font(11)),
    ):
        label = QLabel(words, sheet)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setFont(font)
        sheet.column.addWidget(label)
    sheet.finish()
    return sheet


def shortcuts(*, groups: Sequence[tuple[str, Sequence[QAction]]], parent: QWidget) -> QDialog:
    """Return the sheet that lists every shortcut, by where it works."""
    sheet = _Sheet(name="shortcuts", title="Keyboard shortcuts", parent=parent)
    grid = QGridLayout()
    grid.setHorizontalSpacing(32)
    grid.setVerticalSpacing(4)
    for title, actions in groups:
        keyed = [action for action in actions if not action.shortcut().isEmpty()]
        if not keyed:
            continue
        head = QLabel(title, sheet)
        head.setFont(ui_font(12, weight=QFont.Weight.DemiBold))
        head.setProperty("tone", "quiet")
        head.setContentsMargins(0, 8, 0, 0)
        grid.addWidget(head, grid.rowCount(), 0, 1, 2)
        for action in keyed:
            row = grid.rowCount()
            name = QLabel(action.text().replace("&", "").rstrip("…"), sheet)
            name.setTextFormat(Qt.TextFormat.PlainText)
            keys = QLabel(action.shortcut().toString(), sheet)
            keys.setTextFormat(Qt.TextFormat.PlainText)
            keys.setFont(code_font(12))
            keys.setProperty("tone", "second")
            grid.addWidget(name, row, 0)
            grid.addWidget(keys, row, 1)
    sheet.column.addLayout(grid)
    sheet.finish()
    return sheet
