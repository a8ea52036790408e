"""One channel: how it stands, its last delivery, and what can be done with it."""

import asyncio
from collections.abc import Collection, Coroutine
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.channels import Undeliverable
from tradeassist_desktop.domain.errors import BadInput, Fault, TradeAssistError
from tradeassist_desktop.services.changes import SettingsChange
from tradeassist_desktop.services.settings import Value
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.feed_words import LEVEL_ICONS
from tradeassist_desktop.ui.widgets.gauge import Level
from tradeassist_desktop.ui.widgets.notifications.channel_form import ChannelForm
from tradeassist_desktop.ui.widgets.notifications.channel_states import ChannelStates
from tradeassist_desktop.ui.widgets.notifications.channel_words import last_delivery, last_in_words
from tradeassist_desktop.ui.widgets.page_scroll import PageFeet
from tradeassist_desktop.ui.widgets.section import bring_into_sight
from tradeassist_desktop.ui.widgets.sign_in_steps import named_button, plain_label


class ChannelBlock(QWidget):
    """State and buttons; below them the channel's own settings, its form, and what came of a click.

    Args:
        options: Settings of the channel that stand here at all times; ``None`` for none.
        has_form: Whether it is set up by a form.
        feet: Below the page, for the buttons of the form.
    """

    def __init__(
        self,
        *,
        channel: str,
        context: PanelContext,
        changes: Changes,
        states: ChannelStates,
        options: QWidget | None,
        has_form: bool,
        feet: PageFeet,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"channel_{channel}")
        self._channel = channel
        self._context = context
        self._changes = changes
        self._states = states
        self._feet = feet
        self._setup = context.desk.channel_setup
        self._title = states.title(channel)
        self._testing: asyncio.Task[Any] | None = None
        self._form: ChannelForm | None = None
        self._mark = QLabel(self)
        self._mark.setTextFormat(Qt.TextFormat.PlainText)
        self._mark.setFixedSize(QSize(14, 16))
        self._name = plain_label(self, ui_font(weight=QFont.Weight.DemiBold))
        self._name.setWordWrap(False)
        # A line of its own that never wraps: it changes by the second, and must move no button below it.
        self._last = plain_label(self, ui_font(12), tone="second")
        self._last.setObjectName(f"channelLast_{channel}")
        self._last.setWordWrap(False)
        self._detail = plain_label(self, ui_font(12), tone="second")
        self._detail.setObjectName(f"channelState_{channel}")
        self._said = plain_label(self, ui_font(12))
        self._said.setObjectName(f"channelSaid_{channel}")
        self._said.hide()
        self._test = named_button(f"testChannel_{channel}", "Send a test", parent=self)
        self._test.setAccessibleName(f"Send a test to {self._title}")
        self._set_up = named_button(f"setUpChannel_{channel}", "Set up…", parent=self)
        self._set_up.setVisible(has_form)
        self._remove = named_button(f"removeChannel_{channel}", "Remove…", parent=self)
        self._remove.hide()
        self._has_form = has_form
        self._sure = self._question()
        self._body = QVBoxLayout()
        self._lay_out(options)
        context.rights.enable(self._test, Act.RESEND)
        context.rights.enable(self._set_up, Act.CREDENTIALS)
        context.rights.enable(self._remove, Act.CREDENTIALS)
        self._test.clicked.connect(self._on_test)
        self._set_up.clicked.connect(self.set_up)
        self._remove.clicked.connect(self._ask)
        states.changed.connect(self.refresh)
        context.theme.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show how the channel stands now."""
        state = self._states.of(self._channel)
        tokens = self._context.theme.tokens
        colour = {
            Level.GOOD: tokens.up,
            Level.WARN: tokens.warn,
            Level.BAD: tokens.danger,
            Level.QUIET: tokens.text_3,
        }[state.level]
        icon = self._context.theme.pixmap(LEVEL_ICONS[state.level], colour, 12, self.devicePixelRatioF())
        self._mark.setPixmap(icon)
        self._name.setText(f"{self._title}: {state.word}")
        desk = self._context.desk
        last = last_in_words(last_delivery(desk.history.records(), self._channel), desk.clock.now_ns())
        is_set_up = state.word != "not set up"
        self._last.setText(f"{last}.")
        self._last.setVisible(is_set_up)
        self._detail.setText(state.sentence)
        self._detail.setVisible(state.level is not Level.GOOD)
        self._set_up.setText("Change…" if is_set_up else "Set up…")
        self._set_up.setAccessibleName(f"{self._set_up.text().rstrip('…')} {self._title}")
        self._remove.setVisible(self._has_form and is_set_up and self._sure.isHidden())

    def set_up(self) -> None:
        """Open the form, with the keyboard."""
        self._do(self._open_form())

    # --- a test

    def _on_test(self) -> None:
        if self._testing is not None:
            self._testing.cancel()
            return
        self._testing = self._context.tasks.start(self._send_test())

    async def _send_test(self) -> None:
        self._test.setText("Cancel")
        self._say("Sending a test…", tone="second")
        try:
            tested = await self._setup.test(self._channel)
            # With its time, as the line stays: alerts may have arrived since.
            failed = f"The test at {text.clock_time(self._context.desk.clock.now_ns())} failed"
            words = tested.words if tested.is_delivered else f"{failed}: {tested.words}"
            self._say(words, tone="up" if tested.is_delivered else "danger")
        except asyncio.CancelledError:
            self._say("Cancelled; it may have gone out already.", tone="second")
            raise
        finally:
            self._testing = None
            self._test.setText("Send a test")
        self._states.ask()

    # --- the form

    async def _open_form(self) -> None:
        if self._form is not None:
            self._form.take_focus()
            return
        fields = await self._setup.fields(self._channel)
        self._say("")
        form = ChannelForm(
            fields=fields,
            title=self._title,
            theme=self._context.theme,
            foot=self._feet.add(),
            parent=self,
        )
        anew = frozenset(now.field.secret for now in fields if now.trouble)
        form.saved.connect(lambda entered: self._do(self._save(entered, anew)))
        form.left.connect(self._close_form)
        self._form = form
        for part in (form, form.foot):
            self._context.rights.enable(part, Act.CREDENTIALS)
        self._body.addWidget(form)
        for part in (form, form.foot):
            part.show()
        form.take_focus()

    def _close_form(self) -> None:
        form, self._form = self._form, None
        if form is not None:
            self._set_up.setFocus()
            form.clear_secrets()
            for part in (form, form.foot):
                part.hide()
                part.deleteLater()

    async def _save(self, entered: dict[str, str], anew: Collection[str]) -> None:
        before = self._settings()
        try:
            words = await self._setup.save(self._channel, entered, anew=anew)
        finally:
            self._remember(before, f"Set up {self._title}")
        self._close_form()
        self._say(words, tone="up")

    # --- taking it out

    def _ask(self) -> None:
        self._sure.show()
        self._remove.hide()
        self.findChild(QWidget, f"keepChannel_{self._channel}").setFocus()  # type: ignore[union-attr]

    def _unask(self) -> None:
        self._sure.hide()
        self.refresh()

    async def _take_out(self) -> None:
        self._unask()
        self._close_form()
        before = self._settings()
        try:
            words = await self._setup.remove(self._channel)
        finally:
            self._remember(before, f"Remove {self._title}")
        self._say(words, tone="second")

    # --- within

    def _settings(self) -> dict[str, Value]:
        return {key: self._context.desk.settings.get(key) for key in self._setup.setting_keys(self._channel)}

    def _remember(self, before: dict[str, Value], words: str) -> None:
        settings = self._context.desk.settings
        after = {key: settings.get(key) for key, value in before.items() if settings.get(key) != value}
        if after:
            self._changes.remember(
                SettingsChange(
                    settings=settings,
                    words=words,
                    after=after,
                    before={key: before[key] for key in after},
                )
            )

    def _do(self, work: Coroutine[Any, Any, object]) -> None:
        async def told() -> None:
            try:
                await work
            except BadInput as error:
                self._fail(error.faults)
            except TradeAssistError as error:
                self._fail([Fault(place="", message=str(error))])
            except Undeliverable as error:
                self._fail([Fault(place="", message=error.reason)])

        self._context.tasks.start(told())

    def _fail(self, faults: "tuple[Fault, ...] | list[Fault]") -> None:
        if self._form is not None:
            self._form.show_faults(faults)
        else:
            self._say("\n".join(str(fault) for fault in faults), tone="danger")

    def _say(self, words: str, *, tone: str = "") -> None:
        self._said.setText(words)
        self._said.setProperty("tone", tone)
        self._said.style().polish(self._said)
        self._said.setVisible(bool(words))
        if words:
            bring_into_sight(self._said)

    def _question(self) -> QWidget:
        sheet = QWidget(self)
        said = plain_label(sheet, ui_font(12), tone="warn")
        said.setText(
            f"Take out all that was given to {self._title}? Undo brings its settings back, never its secrets."
        )
        remove = named_button(f"takeOutChannel_{self._channel}", "Remove", parent=sheet)
        keep = named_button(f"keepChannel_{self._channel}", "Keep", parent=sheet)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(remove)
        row.addWidget(keep)
        row.addStretch(1)
        column = QVBoxLayout(sheet)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(said)
        column.addLayout(row)
        remove.clicked.connect(lambda: self._do(self._take_out()))
        keep.clicked.connect(self._unask)
        sheet.hide()
        return sheet

    def _lay_out(self, options: QWidget | None) -> None:
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self._mark)
        top.addWidget(self._name, 1, Qt.AlignmentFlag.AlignVCenter)
        for button in (self._test, self._set_up, self._remove):
            top.addWidget(button)
        self._body.setContentsMargins(18, 0, 0, 0)
        self._body.setSpacing(4)
        for part in (self._last, self._detail, options, self._sure, self._said):
            if part is not None:
                self._body.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addLayout(self._body)
