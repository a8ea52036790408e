"""The few windows beside the window. They are opened, never executed: no loop within the loop."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QFont
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tradeassist_desktop import __version__
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.percent import in_percent
from tradeassist_desktop.ui.tasks import Tasks
from tradeassist_desktop.ui.theme import Theme, ui_font

LOCK_ACTION: Final = "lockLock"
"""The window's action that locks the desk."""
_LINE_PX: Final = 420
_MOST_LINES: Final = 8


class Sheet(QDialog):
    """A window beside the window: a title, a column of what is in it, gone once it is closed."""

    def __init__(self, *, name: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 16)
        self.column.setSpacing(12)
        lock = parent.window().findChild(QAction, LOCK_ACTION)
        if lock is not None:
            # The window's shortcuts rest while this is open; that one has to work wherever somebody is.
            self.addAction(lock)

    def finish(self) -> None:
        """Add the button that closes it."""
        close = QPushButton("Close", self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        self.column.addWidget(close, alignment=Qt.AlignmentFlag.AlignRight)


def about(*, theme: Theme, source: str, parent: QWidget) -> QDialog:
    """Return the sheet that says what this program is."""
    sheet = Sheet(name="about", title="About TradeAssist", parent=parent)
    picture = QLabel(sheet)
    picture.setTextFormat(Qt.TextFormat.PlainText)
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


def told(*, name: str, title: str, lines: Sequence[str], parent: QWidget) -> QDialog:
    """Return a sheet that says what could not be done, line by line."""
    sheet = Sheet(name=name, title=title, parent=parent)
    head = QLabel(title, sheet)
    head.setTextFormat(Qt.TextFormat.PlainText)
    head.setFont(ui_font(14, weight=QFont.Weight.DemiBold))
    sheet.column.addWidget(head)
    for line in lines[:_MOST_LINES]:
        label = QLabel(line, sheet)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setWordWrap(True)
        label.setMinimumWidth(_LINE_PX)
        sheet.column.addWidget(label)
    sheet.finish()
    return sheet


def waiting(*, name: str, title: str, parent: QWidget) -> "Waiting":
    """Return a sheet that tells how far something has come; rejected, it is not wanted any more."""
    return Waiting(name=name, title=title, parent=parent)


def ask(
    *,
    name: str,
    title: str,
    words: str,
    value: str,
    example: str,
    take: Callable[[str], Coroutine[Any, Any, object]],
    parent: QWidget,
) -> QDialog:
    """Return a sheet that asks for one line of text.

    Args:
        take: Gets the text; where it raises ``BadInput`` the sheet says so and stays.
    """
    return _Question(
        name=name, title=title, words=words, value=value, example=example, take=take, parent=parent
    )


class Waiting(Sheet):
    """A line that says how far it is, and a button that ends it.

    Args:
        can_be_ended: Without, it has no button and stays until it is accepted.
    """

    def __init__(self, *, name: str, title: str, parent: QWidget, can_be_ended: bool = True) -> None:
        super().__init__(name=name, title=title, parent=parent)
        self._can_be_ended = can_be_ended
        self._said = QLabel(title, self)
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setObjectName(f"{name}Said")
        self._said.setMinimumWidth(_LINE_PX)
        self.column.addWidget(self._said)
        if not can_be_ended:
            return
        cancel = QPushButton("Cancel", self)
        cancel.setObjectName(f"{name}Cancel")
        cancel.clicked.connect(self.reject)
        self.column.addWidget(cancel, alignment=Qt.AlignmentFlag.AlignRight)

    def say(self, share: float) -> None:
        """Say how much is done, 0 to 1."""
        self._said.setText(f"{self.windowTitle()}: {in_percent(share)}")

    def say_count(self, done: int, whole: int) -> None:
        """Say how much is done, and of how much."""
        self._said.setText(f"{self.windowTitle()}: {done:,} of {whole:,}" if whole else self.windowTitle())

    def reject(self) -> None:
        """Go, where it can be ended."""
        if self._can_be_ended:
            super().reject()


class _Question(Sheet):
    def __init__(
        self,
        *,
        name: str,
        title: str,
        words: str,
        value: str,
        example: str,
        take: Callable[[str], Coroutine[Any, Any, object]],
        parent: QWidget,
    ) -> None:
        super().__init__(name=name, title=title, parent=parent)
        self._take = take
        self._tasks = Tasks(on_error=self._refuse)
        said = QLabel(words, self)
        said.setTextFormat(Qt.TextFormat.PlainText)
        self._line = QLineEdit(value, self)
        self._line.setObjectName(f"{name}Line")
        self._line.setAccessibleName(title)
        self._line.setPlaceholderText(example)
        self._line.setMinimumWidth(_LINE_PX)
        self._fault = QLabel(self)
        self._fault.setTextFormat(Qt.TextFormat.PlainText)
        self._fault.setProperty("tone", "danger")
        self._fault.setWordWrap(True)
        self._fault.hide()
        done = QPushButton("OK", self)
        done.setObjectName(f"{name}Done")
        done.setDefault(True)
        done.clicked.connect(lambda: self._tasks.start(self._answer()))
        cancel = QPushButton("Cancel", self)
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(done)
        for widget in (said, self._line, self._fault):
            self.column.addWidget(widget)
        self.column.addLayout(buttons)

    async def _answer(self) -> None:
        try:
            await self._take(self._line.text())
        except BadInput as error:
            # There is one line here: its name is no news.
            self._refuse(
                "\n".join(f"{fault.message[:1].upper()}{fault.message[1:]}" for fault in error.faults)
            )
            return
        self.accept()

    def _refuse(self, line: str) -> None:
        self._line.setProperty("hasFault", True)
        self._line.style().polish(self._line)
        self._fault.setText(line)
        self._fault.show()
        # A sheet gives a label that wraps the height of its width before.
        self._fault.setMinimumHeight(self._fault.heightForWidth(self._line.width()))
