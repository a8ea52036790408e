"""What stands in place of a chart that has no bars, with the button that mends it where one does."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.health import FeedState, FeedStatus, Remedy
from tradeassist_desktop.ui.panels.base import PanelContext

_CHOOSE: Final = "Choose a symbol in the watchlist, or type one above."


class PaneNote(QWidget):
    """One or two sentences in the middle; it has the keyboard in the canvas's stead."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self.setObjectName("chartNote")
        self.setAccessibleName(_CHOOSE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._words = QLabel(_CHOOSE, self)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setProperty("tone", "quiet")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setWordWrap(True)
        self._sign_in = QPushButton("Sign in", self)
        self._sign_in.setObjectName("chartSignIn")
        self._sign_in.setAccessibleName("Sign in to the venue")
        self._sign_in.setProperty("kind", "primary")
        self._sign_in.clicked.connect(context.navigator.sign_in_wanted)
        context.rights.enable(self._sign_in, Act.SIGN_IN)
        self._sign_in.hide()
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(self._words)
        column.addWidget(self._sign_in, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def say(self, words: str) -> None:
        """Say this, and nothing that could be done."""
        self._show(words, offers_sign_in=False)

    def say_what_is_missing(self, symbol: str) -> None:
        """Say why nothing has come of a symbol."""
        market = self._context.desk.market
        status = _status_of(market.feed_of(symbol), market.feed_statuses)
        name = status.name.capitalize()
        if market.is_silent(symbol) and status.state is not FeedState.REFUSED:
            self.say(f"{symbol}: subscribed, no data. Is it spelled as the feed spells it?")
        elif status.state is not FeedState.REFUSED:
            self.say(f"Waiting for the first trade of {symbol}")
        elif status.remedy is Remedy.SIGN_IN and self._context.desk.sign_in is not None:
            words = f"Signed out of {name}: nothing comes of {symbol} until you sign in."
            self._show(words, offers_sign_in=True)
        else:
            self.say(f"{name} refuses the connection: nothing comes of {symbol}. {status.detail}".rstrip())

    def _show(self, words: str, *, offers_sign_in: bool) -> None:
        self._words.setText(words)
        self.setAccessibleName(words)
        if self._sign_in.hasFocus() and not offers_sign_in:
            self.setFocus()  # else Qt hands the keyboard to another dock as the button goes
        self._sign_in.setVisible(offers_sign_in)


def _status_of(name: str, statuses: tuple[FeedStatus, ...]) -> FeedStatus:
    return next((status for status in statuses if status.name == name), FeedStatus(name=name))
