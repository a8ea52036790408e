"""Where market data comes from, chosen on the welcome sheet."""

from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.ui.panels.base import PanelContext

_SOURCES: Final = (
    ("demo", "Demo market", "Made up, never closed: to look around and to try rules. Nothing to sign in to."),
    (
        "schwab",
        "Schwab",
        "Stocks, futures, indices and options of your Schwab account. It wants a developer app of yours and "
        "a sign-in in the browser once a week.",
    ),
    ("coinbase", "Coinbase", "Coins such as BTC-USD, around the clock. Nothing to sign in to."),
)


class DataPart(QWidget):
    """Choosing says what a source is; another than now is taken by its own button."""

    sign_in_wanted = Signal()

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._now = context.desk.settings.text("feed.name")
        self._chosen = self._now
        self._said = QLabel(self)
        self._said.setObjectName("welcomeSource")
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setProperty("tone", "second")
        self._said.setWordWrap(True)
        self._take = QPushButton(self)
        self._take.setObjectName("welcomeTakeSource")
        self._take.setAutoDefault(False)
        self._take.clicked.connect(self._act)
        row = QHBoxLayout()
        row.setSpacing(4)
        self._group = QButtonGroup(self)
        for name, title, _ in _SOURCES:
            button = QToolButton(self)
            button.setObjectName(f"welcomeSource_{name}")
            button.setText(title)
            button.setAccessibleName(f"Data from {title}")
            button.setCheckable(True)
            button.setChecked(name == self._now)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(partial(self._choose, name))
            self._group.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        below = QHBoxLayout()
        below.addWidget(self._take)
        below.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self._said)
        column.addLayout(below)
        self._choose(self._now)

    def take_focus(self) -> None:
        """Go to the source in force."""
        button = self._group.checkedButton()
        if button is not None:
            button.setFocus()

    def _choose(self, name: str) -> None:
        self._chosen = name
        _, title, words = next(each for each in _SOURCES if each[0] == name)
        is_now = name == self._now
        self._said.setText(f"{words}{'' if is_now else ' The desk begins anew on it; your rules stay.'}")
        wants_sign_in = is_now and self._context.desk.sign_in is not None
        self._take.setText("Sign in…" if wants_sign_in else f"Switch to {title}")
        self._take.setVisible(wants_sign_in or not is_now)
        self._context.rights.enable(self._take, Act.SIGN_IN if wants_sign_in else Act.SETTINGS)

    def _act(self) -> None:
        if self._chosen == self._now:
            self.sign_in_wanted.emit()
        else:
            self._context.tasks.start(self._switch(self._chosen))

    async def _switch(self, name: str) -> None:
        desk = self._context.desk
        await desk.settings.set("feed.name", name)
        desk.reopen(None)
