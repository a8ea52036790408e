"""One credential: what is known of it, and what can be done with it."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act, Denied
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.events import RotationStepped
from tradeassist_desktop.domain.rotation import RotationStep
from tradeassist_desktop.domain.secret import NOBODY, SCHWAB_APP
from tradeassist_desktop.services.credentials.credential import SCHWAB, Checked, Credential, Deed
from tradeassist_desktop.services.rotation.words import STEP_WORDS
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.rights import why_not
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.feed_words import LEVEL_ICONS
from tradeassist_desktop.ui.widgets.gauge import Level
from tradeassist_desktop.ui.widgets.notice import UNDO_MS
from tradeassist_desktop.ui.widgets.settings import credential_words
from tradeassist_desktop.ui.widgets.settings.credential_facts import CredentialFacts
from tradeassist_desktop.ui.widgets.settings.reminder import Reminder
from tradeassist_desktop.ui.widgets.settings.versions import VersionList
from tradeassist_desktop.ui.widgets.sign_in_steps import named_button, plain_label

_ACTS: Final = {
    Deed.TEST: Act.RESEND,
    Deed.ROTATE: Act.ROTATE,
    Deed.KEEP: Act.CREDENTIALS,
    Deed.CHANGE: Act.CREDENTIALS,
    Deed.REMOVE: Act.CREDENTIALS,
}
_TITLES: Final = {
    Deed.TEST: "Test",
    Deed.ROTATE: "Rotate now",
    Deed.KEEP: "Keep now",
    Deed.CHANGE: "Change…",
    Deed.REMOVE: "Remove",
}
_MEANINGS: Final = {
    Deed.TEST: "Try it where it is used; that is written into the audit log",
    Deed.ROTATE: "Replace it by a new one now, due or not",
    Deed.KEEP: "Give it to the keyring, which may ask for its password: else it is lost when you quit",
    Deed.CHANGE: "Go to where it is entered",
    Deed.REMOVE: f"Take it out wherever it is kept; for {UNDO_MS // 1000} s Undo puts it back",
}
_SURE: Final = "Remove for all?"
_LOST: Final = (
    "It is taken out wherever it is kept: of Secret Manager with all its versions, also for whoever else "
    "reads it there. Press again to remove it."
)


class CredentialDetail(QWidget):
    """Shows one, and says below the buttons what came of a click on it."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("credentialDetail")
        self._context = context
        self._credentials = context.desk.credentials
        self._shown: Credential | None = None
        self._asked = ""  # whose removal was asked for once, and waits for a second click
        self._said_of: dict[str, tuple[str, str]] = {}
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._mark = QLabel(self)
        self._mark.setTextFormat(Qt.TextFormat.PlainText)
        self._mark.setFixedSize(QSize(14, 16))
        self._title = plain_label(self, ui_font(14, weight=QFont.Weight.DemiBold))
        self._title.setWordWrap(False)
        self._state = plain_label(self, ui_font(12), tone="second")
        self._state.setObjectName("credentialState")
        self._said = plain_label(self, ui_font(12))
        self._said.setObjectName("credentialSaid")
        self._why = plain_label(self, ui_font(12), tone="quiet")
        self._why.setObjectName("credentialWhy")
        self._facts = CredentialFacts(parent=self)
        self._reminder = Reminder(context=context, parent=self)
        self._versions = VersionList(context=context, parent=self)
        self._buttons: dict[Deed, QPushButton] = {}
        for deed in Deed:
            self._buttons[deed] = named_button(f"credential{deed.name.title()}", _TITLES[deed], parent=self)
        deeds: dict[Deed, Callable[[], None]] = {
            Deed.TEST: self._test,
            Deed.ROTATE: self._rotate,
            Deed.KEEP: self._keep,
            Deed.CHANGE: self._change,
            Deed.REMOVE: self._remove,
        }
        for deed, do in deeds.items():
            self._buttons[deed].clicked.connect(do)
        self._lay_out()
        context.bridge.rotation_stepped.connect(self._on_step)

    def show_credential(self, credential: Credential) -> None:
        """Show one as it stands now."""
        if credential.name != self._asked or not credential.is_present:
            self._asked = ""
        self._shown = credential
        now_ns = self._context.desk.clock.now_ns()
        level, state = credential_words.stands(credential, now_ns)
        tokens = self._context.theme.tokens
        colour = {
            Level.GOOD: tokens.up,
            Level.WARN: tokens.warn,
            Level.BAD: tokens.danger,
            Level.QUIET: tokens.text_3,
        }[level]
        self._mark.setPixmap(
            self._context.theme.pixmap(LEVEL_ICONS[level], colour, 12, self.devicePixelRatioF())
        )
        self._title.setText(credential.title)
        self._state.setText(f"{state[:1].upper()}{state[1:]}")
        self._facts.show_facts(credential_words.facts(credential, now_ns))
        for deed in Deed:
            self._show_deed(deed, credential)
        words, tone = self._said_of.get(credential.name, ("", ""))
        if not words and credential.checked is not None:
            words, tone = credential.checked.words, _tone(credential.checked)
        if self._asked:
            words, tone = _LOST, "warn"
        self._say_now(words, tone)
        why = credential.barred.get(Deed.ROTATE, "") if credential.is_present else ""
        if not credential.is_present:
            why = credential.barred.get(Deed.CHANGE, "")
        self._why.setText(why)
        self._why.setVisible(bool(why))
        self._reminder.show_credential(credential)
        self._versions.show_credential(credential)

    def forget(self, name: str) -> None:
        """Say no more what came of a click: the credential is another now."""
        if name not in self._running:
            self._said_of.pop(name, None)

    def _show_deed(self, deed: Deed, credential: Credential) -> None:
        button, why = self._buttons[deed], credential.barred.get(deed, "")
        is_busy = credential.name in self._running
        if deed is Deed.TEST:
            button.setText("Cancel" if is_busy else _TITLES[deed])
        elif deed is Deed.CHANGE and not credential.is_present:
            button.setText("Enter…")
        elif deed is Deed.REMOVE and self._asked:
            button.setText(_SURE)
        else:
            button.setText(_TITLES[deed])
        button.setVisible(deed is not Deed.KEEP or credential.source == NOBODY)
        can = not why and not (is_busy and deed is not Deed.TEST)
        self._context.rights.enable(button, _ACTS[deed], can)
        words = why or (_MEANINGS[deed] if self._context.rights.may(_ACTS[deed]) else why_not(_ACTS[deed]))
        button.setToolTip(plain_tip(words))
        button.setAccessibleName(f"{button.text().rstrip('…')}: {credential.title}")
        button.setAccessibleDescription(words)

    # --- what can be done

    def _test(self) -> None:
        credential = self._shown
        if credential is None:
            return
        running = self._running.get(credential.name)
        if running is not None:
            running.cancel()
            return

        async def test() -> None:
            checked = await self._credentials.test(credential.name)
            self._say(credential.name, checked.words, _tone(checked))

        self._begin(credential, test(), "Testing…")

    def _rotate(self) -> None:
        credential = self._shown
        if credential is None:
            return

        async def rotate() -> None:
            outcome = await self._context.desk.rotation.rotate_now(credential.name)
            self._say(credential.name, outcome.words, "up" if outcome.is_done else "danger")
            await self._credentials.look(credential.name)

        self._begin(credential, rotate(), "Rotating…")

    def _keep(self) -> None:
        credential = self._shown
        if credential is None:
            return

        async def keep() -> None:
            self._say(credential.name, await self._credentials.keep(credential.name), "up")

        self._begin(credential, keep(), "Asking the keyring…")

    def _change(self) -> None:
        credential = self._shown
        if credential is None:
            return
        navigator = self._context.navigator
        if credential.channel:
            navigator.channel_wanted.emit(credential.channel)
        elif credential.name == SCHWAB_APP:
            navigator.developer_app_wanted.emit()
        elif credential.name in SCHWAB:
            navigator.sign_in_wanted.emit()

    def _remove(self) -> None:
        credential = self._shown
        if credential is None:
            return
        if self._context.desk.google_cloud.loses(credential) and not self._asked:
            self._asked = credential.name
            self._show_again()
            return

        async def remove() -> None:
            removed = await self._credentials.remove(credential.name)
            self._say(credential.name, "", "")

            async def undo() -> None:
                await self._credentials.restore(removed)
                self._context.navigator.noticed.emit(f"{credential.title} is back")

            # Whoever offers the undo holds the texts, and nobody else does.
            over = f"{credential.title} can be put back no more: enter it anew where it is wanted"
            self._context.navigator.offer_undo(removed.words, undo, over=over)

        self._begin(credential, remove(), "Removing…")

    def _begin(self, credential: Credential, work: Any, words: str) -> None:
        name = credential.name

        async def told() -> None:
            try:
                await work
            except Denied:  # somebody else came to the desk meanwhile: the status bar says who may
                self._say(name, "", "")
                raise
            except TradeAssistError as error:
                self._say(name, str(error), "danger")
            except asyncio.CancelledError:
                self._say(name, "Cancelled; it may have been done already.", "second")
                raise
            finally:
                self._running.pop(name, None)
                self._show_again()

        self._asked = ""
        self._said_of[name] = (words, "second")
        self._running[name] = self._context.tasks.start(told())
        self._show_again()

    def _on_step(self, event: RotationStepped) -> None:
        if event.step is not RotationStep.IDLE and not event.failure:
            self._say(event.secret, f"{STEP_WORDS[event.step]}…", "second")

    # --- showing

    def _say(self, name: str, words: str, tone: str) -> None:
        self._said_of[name] = (words, tone)
        if self._shown is not None and self._shown.name == name:
            self._say_now(words, tone)

    def _say_now(self, words: str, tone: str) -> None:
        self._said.setText(words)
        self._said.setVisible(bool(words))
        if self._said.property("tone") != tone:
            self._said.setProperty("tone", tone)
            self._said.style().polish(self._said)

    def _show_again(self) -> None:
        if self._shown is not None:
            name = self._shown.name
            self.show_credential(next(each for each in self._credentials.all() if each.name == name))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._mark)
        head.addWidget(self._title)
        head.addSpacing(8)
        head.addWidget(self._state, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for deed, button in self._buttons.items():
            if deed is not Deed.KEEP:
                buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(buttons)
        # In a line of its own: it comes and goes, also by itself, and must not move another under the mouse.
        column.addWidget(self._buttons[Deed.KEEP], 0, Qt.AlignmentFlag.AlignLeft)
        for part in (self._said, self._facts, self._reminder, self._why, self._versions):
            column.addWidget(part)
        column.addStretch(1)


def _tone(checked: Checked) -> str:
    if not checked.was_tried:
        return "second"
    return "up" if checked.is_good else "danger"
