"""Signing in to Schwab, step by step: the developer app, the browser, the way back."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QWidget,
)

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.sign_in import SignInState, SignInStatus
from tradeassist_desktop.ui.clipboard import copy_for_a_while
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.feed_words import LEVEL_ICONS
from tradeassist_desktop.ui.widgets.gauge import Level
from tradeassist_desktop.ui.widgets.section import bring_into_sight
from tradeassist_desktop.ui.widgets.sign_in_steps import AppStep, BackStep, named_button, plain_label
from tradeassist_desktop.ui.widgets.sign_in_words import sign_in_level, state_in_words

if TYPE_CHECKING:
    from tradeassist_desktop.services.sign_in.sign_in import SignIn


class SignInBody(QWidget):
    """What there is to do now is shown, and nothing else.

    Args:
        sign_in: Of the desk's venue.
    """

    def __init__(self, *, context: PanelContext, sign_in: "SignIn", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._sign_in = sign_in
        self._is_app_wanted = False
        self._mark = QLabel(self)
        self._mark.setTextFormat(Qt.TextFormat.PlainText)
        self._mark.setFixedSize(QSize(16, 16))
        self._state = plain_label(self, ui_font(14, weight=QFont.Weight.DemiBold))
        self._detail = plain_label(self, ui_font(12), tone="second")
        self._app = AppStep(parent=self)
        self._back = BackStep(parent=self)
        self._fault = plain_label(self, ui_font(12), tone="danger")
        self._fault.setObjectName("signInFault")
        self._fault.hide()
        self._begin = named_button("signInBegin", "Sign in in the browser", parent=self)
        self._begin.setProperty("kind", "primary")
        self._cancel = named_button("signInCancel", "Cancel", parent=self)
        self._change_app = named_button("signInChangeApp", "Change the developer app…", parent=self)
        self._change_app.setProperty("kind", "link")
        self._next: QWidget = self._begin
        for part in (self._begin, self._cancel, self._back):
            context.rights.enable(part, Act.SIGN_IN)
        for secret in (self._change_app, self._app):
            context.rights.enable(secret, Act.CREDENTIALS)
        self._lay_out()
        self._begin.clicked.connect(self.begin)
        self._cancel.clicked.connect(lambda: self._do(self._sign_in.cancel()))
        self._change_app.clicked.connect(self._ask_for_app)
        self._app.entered.clicked.connect(self._use_app)
        self._app.secret.returnPressed.connect(self._use_app)
        self._app.key.returnPressed.connect(self._app.secret.setFocus)
        self._back.entered.clicked.connect(self._paste)
        self._back.pasted.returnPressed.connect(self._paste)
        self._back.copied.clicked.connect(self._copy)
        context.bridge.sign_in_changed.connect(self._on_change)
        context.pulse.second.connect(self._refresh)
        context.theme.changed.connect(self._refresh)
        context.navigator.sign_in_wanted.connect(self.begin)
        context.navigator.developer_app_wanted.connect(lambda: self._do(self._ask_for_app_here()))
        self._refresh()

    def begin(self) -> None:
        """Begin a sign-in; without a developer app, ask for that first."""
        self._do(self._begin_here())

    async def _begin_here(self) -> None:
        # A turn later: only then is the dock in front, and the keyboard not taken away again.
        if not self._sign_in.status.has_app:
            self._ask_for_app()
            return
        self._is_app_wanted = False
        self._begin.setFocus()
        await self._sign_in.begin()

    async def _ask_for_app_here(self) -> None:
        self._ask_for_app()  # a turn later, as to begin

    # --- what the trader does

    def _ask_for_app(self) -> None:
        self._is_app_wanted = True
        self._refresh()
        self._app.key.setFocus()

    def _use_app(self) -> None:
        key, secret = self._app.key.text(), self._app.secret.text()
        self._do(self._use(key, secret))

    async def _use(self, key: str, secret: str) -> None:
        await self._sign_in.use_app(key, secret)
        # Only what was taken: a refused one stays to be mended.
        self._app.clear()
        self._is_app_wanted = False
        self._refresh()

    def _paste(self) -> None:
        try:
            self._sign_in.paste(self._back.pasted.text())
        except TradeAssistError as error:
            self._say_fault(str(error))
        else:
            self._say_fault("")
        self._back.pasted.clear()

    def _copy(self) -> None:
        # It names the app and this visit.
        copy_for_a_while(self._sign_in.status.address, owner=self)
        self._context.navigator.noticed.emit("Copied the address of Schwab's sign-in page")

    def _do(self, work: Coroutine[Any, Any, object]) -> None:
        self._say_fault("")

        async def told() -> None:
            try:
                await work
            except TradeAssistError as error:
                self._say_fault(str(error))

        self._context.tasks.start(told())

    # --- showing

    def _on_change(self, status: SignInStatus) -> None:
        self._say_fault("")
        self._refresh()

    def _refresh(self) -> None:
        status, theme = self._sign_in.status, self._context.theme
        now_ns = self._context.desk.clock.now_ns()
        level = sign_in_level(status, now_ns)
        tokens = theme.tokens
        colour = {Level.GOOD: tokens.up, Level.WARN: tokens.warn, Level.BAD: tokens.danger}[level]
        self._mark.setPixmap(theme.pixmap(LEVEL_ICONS[level], colour, 12, self.devicePixelRatioF()))
        self._state.setText(state_in_words(status, now_ns))
        self._detail.setText(_detail(status))
        self._detail.setVisible(bool(self._detail.text()))
        is_app_asked = not status.is_under_way and (not status.has_app or self._is_app_wanted)
        is_here = self._let_go_for(self._next_step(status, is_app_asked))
        self._app.setVisible(is_app_asked)
        self._back.setVisible(status.state is SignInState.WAITING)
        self._back.expect(status.callback)
        self._begin.setVisible(status.has_app and not status.is_under_way)
        is_in = status.state is SignInState.SIGNED_IN
        self._begin.setText("Renew in the browser" if is_in else "Sign in in the browser")
        self._begin.setAccessibleName(f"{self._begin.text()}: Schwab")
        kind = "" if level is Level.GOOD else "primary"  # there is no need to press it yet
        if self._begin.property("kind") != kind:
            self._begin.setProperty("kind", kind)
            self._begin.style().polish(self._begin)
        self._cancel.setVisible(status.is_under_way)
        self._change_app.setVisible(status.has_app and not status.is_under_way and not is_app_asked)
        if is_here:
            self._next.setFocus()
            bring_into_sight(self._next)

    def _next_step(self, status: SignInStatus, is_app_asked: bool) -> QWidget:
        if is_app_asked:
            return self._app.key
        if status.state is SignInState.WAITING:
            return self._back.pasted
        return self._cancel if status.is_under_way else self._begin

    def _let_go_for(self, step: QWidget) -> bool:
        """Return whether the keyboard is to be led to another step.

        Hiding what has the keyboard would hand it to the next section, and scroll there.
        """
        if step is self._next:
            return False
        self._next = step
        focused = QApplication.focusWidget()
        if focused is None or not self.isAncestorOf(focused):
            return False
        focused.clearFocus()
        return True

    def _say_fault(self, words: str) -> None:
        self._fault.setText(words)
        self._fault.setVisible(bool(words))
        if words:
            bring_into_sight(self._fault)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for each in (self._begin, self._cancel, self._change_app):
            buttons.addWidget(each)
        buttons.addStretch(1)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._mark, 0, 0)
        grid.addWidget(self._state, 0, 1)
        for row, part in enumerate((self._detail, self._app, self._back, self._fault), start=1):
            grid.addWidget(part, row, 1)
        grid.addLayout(buttons, 5, 1)


def _detail(status: SignInStatus) -> str:
    if status.detail or status.state is not SignInState.SIGNED_IN:
        return status.detail
    if status.expires_ns is None:
        return (
            "The token came without the time of its sign-in, so that its seven days cannot be counted "
            "down. Renew it to have them counted."
        )
    return "Schwab ends a sign-in after seven days. Renewing takes one click, and the stream goes on."
