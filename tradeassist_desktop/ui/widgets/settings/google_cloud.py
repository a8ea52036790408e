"""The page of Google Cloud: the guided set-up of Secret Manager, and who is asked for secrets."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act, Denied, may_in_words
from tradeassist_desktop.domain.errors import BadInput, TradeAssistError
from tradeassist_desktop.services.changes import SettingsChange
from tradeassist_desktop.services.credentials.google_cloud import LABELS, PROJECT, Copied
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.page_scroll import PageFoot
from tradeassist_desktop.ui.widgets.section import Section, SectionScroll, bring_into_sight
from tradeassist_desktop.ui.widgets.settings.cloud_form import CloudForm
from tradeassist_desktop.ui.widgets.settings.cloud_steps import CloudSteps
from tradeassist_desktop.ui.widgets.settings.keeper_order import KeeperOrder
from tradeassist_desktop.ui.widgets.sign_in_steps import named_button, plain_label

_KEYS: Final = tuple(LABELS)
_BEFORE: Final = "Check tries what is in the fields, step by step, before anything is saved."


class GoogleCloudPage(QWidget):
    """One thing at a time: a check or a copying. Both end with the dock, and by Cancel at any time."""

    def __init__(self, *, context: PanelContext, changes: Changes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._changes = changes
        self._cloud = context.desk.google_cloud
        self._task: asyncio.Task[Any] | None = None
        self._is_changed = False
        self._who_may = plain_label(self, ui_font(12), tone="quiet")
        self._who_may.setObjectName("cloudWhoMay")
        self._who_may.setText(_who_may())
        self.form = CloudForm(context=context, parent=self)
        self._said = plain_label(self, ui_font(12), tone="second")
        self._said.setObjectName("cloudSaid")
        self._cancel = named_button("cloudCancel", "Cancel", parent=self)
        self._cancel.clicked.connect(self.cancel)
        self._cancel.hide()
        self.steps = CloudSteps(context=context, parent=self)
        self._copy = named_button("cloudCopy", "Copy my credentials there", parent=self)
        self._copied = plain_label(self, ui_font(12), tone="second")
        self._copied.setObjectName("cloudCopied")
        self._copy_said = plain_label(self, ui_font(12), tone="quiet")
        self._copy_said.setObjectName("cloudCopySaid")
        self._cancel_copy = named_button("cloudCancelCopy", "Cancel", parent=self)
        self._cancel_copy.clicked.connect(self.cancel)
        self._cancel_copy.hide()
        self.setFocusProxy(self.form)
        self._lay_out()
        self.form.check_wanted.connect(self._check)
        self.form.save_wanted.connect(self._save)
        self.form.typed.connect(self._on_typed)
        self._copy.clicked.connect(self._start_copying)
        context.bridge.setting_changed.connect(self._on_setting)
        context.bridge.access_changed.connect(self._show_saved)
        context.pulse.states.connect(self._look)
        self._show_saved()

    def take_file(self, file: Path) -> None:
        """Enter the path of a key file."""
        self.form.take_file(file)

    def cancel(self) -> None:
        """End the check or the copying that is under way; what was kept by then stays kept."""
        if self._task is not None:
            self._task.cancel()

    # --- checking and saving

    def _check(self) -> None:
        draft, writes = self.form.draft, self.form.writes.isChecked()

        async def check() -> None:
            is_well = await self._cloud.check(draft, self.steps.add, writes=writes)
            words = "All is well: save it." if self._is_changed else "All is well."
            self._say(words if is_well else "It does not work yet.", is_well=is_well)
            bring_into_sight(self.steps)

        self.form.show_faults([])
        if self._begin(check(), cancel=self._cancel):
            self.steps.clear()
            self._say("Checking…")

    def _save(self) -> None:
        async def save() -> None:
            after = self._cloud.typed(self.form.draft)
            project = after[PROJECT]
            words = f"Keep secrets in project {project}" if project else "Keep no secrets in Google Cloud"
            settings = self._context.desk.settings
            if any(settings.get(key) != value for key, value in after.items()):
                await self._changes.done(SettingsChange(settings=settings, words=words, after=after))
            self._is_changed = False
            self._say("Saved; it holds from the next secret that is asked for.", is_well=True)
            self._show_saved()

        self.form.show_faults([])
        self._begin(save(), cancel=None)

    # --- copying

    def _start_copying(self) -> None:
        self._copied.setText("")
        lines: list[str] = []

        def on_copied(copied: Copied) -> None:
            lines.append(copied.words if copied.is_kept else f"Not copied: {copied.words}")
            self._copied.setText("\n".join(lines))
            bring_into_sight(self._copied)

        async def copy() -> None:
            try:
                done = await self._cloud.copy(on_copied)
            except BaseException:
                self._copy_said.setText("Ended; what was kept by then stays kept.")
                raise
            kept = sum(each.is_kept for each in done)
            self._copy_said.setText(
                f"{kept} of {text.plural(len(done), 'credential')} in Secret Manager now."
                if done
                else "There are no credentials to copy."
            )

        if self._begin(copy(), cancel=self._cancel_copy):
            self._copy_said.setText("Copying…")

    # --- within

    def _begin(self, work: Coroutine[Any, Any, None], *, cancel: QWidget | None) -> bool:
        if self._task is not None:
            work.close()
            return False

        async def told() -> None:
            try:
                await work
            except Denied:  # somebody else came to the desk meanwhile: the status bar says who may
                self._say("")
                raise
            except BadInput as error:
                self._say("")
                self.form.show_faults(error.faults)
            except TradeAssistError as error:
                self._say(str(error), is_well=False)
            except asyncio.CancelledError:
                self._say("Cancelled.")
                raise
            finally:
                self._task = None
                self._show_running(None)

        self._task = self._context.tasks.start(told())
        self._show_running(cancel)
        return True

    def _show_running(self, cancel: QWidget | None) -> None:
        for each in (self._cancel, self._cancel_copy):
            each.setVisible(each is cancel)
        is_free = self._task is None
        rights = self._context.rights
        self._who_may.setVisible(not rights.may(Act.CREDENTIALS))
        rights.enable(self.form.check, Act.CREDENTIALS, is_free)
        rights.enable(self.form.save, Act.SETTINGS, is_free)
        rights.enable(self._copy, Act.CREDENTIALS, is_free and self._cloud.is_set)

    def _look(self) -> None:
        # Another page in front of this one hides it too; closing the dock hides them all.
        pages = self.parentWidget()
        if self._task is not None and pages is not None and not pages.isVisible():
            self.cancel()

    def _on_typed(self) -> None:
        saved = self._saved()
        self._is_changed = any(self.form.draft[key] != saved[key] for key in _KEYS)

    def _on_setting(self, key: str) -> None:
        if key in _KEYS and not self._is_changed:
            self._show_saved()
        elif key in _KEYS:
            self._show_running(None if self._task is None else self._cancel)

    def _saved(self) -> dict[str, str]:
        return {key: self._context.desk.settings.text(key) for key in _KEYS}

    def _show_saved(self) -> None:
        if not self._is_changed:
            self.form.show_values(self._saved())
        self._show_running(None if self._task is None else self._cancel)
        if not self._said.text():
            self._say(_BEFORE)
        if not self._cloud.is_set:
            self._copy_said.setText("Save a project first.")
        elif self._copy_said.text() in ("", "Save a project first."):
            self._copy_said.setText("Each is written there and read back; where it is now it stays.")

    def _say(self, words: str, *, is_well: bool | None = None) -> None:
        tone = "second" if is_well is None else "up" if is_well else "danger"
        self._said.setText(words)
        self._said.setProperty("tone", tone)
        self._said.style().polish(self._said)

    def _lay_out(self) -> None:
        form = QWidget(self)
        inner = QVBoxLayout(form)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        inner.addWidget(self._who_may)
        inner.addWidget(self.form)
        inner.addWidget(self.steps)
        copying = QWidget(self)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._copy)
        row.addWidget(self._cancel_copy)
        row.addStretch(1)
        below = QVBoxLayout(copying)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(8)
        below.addLayout(row)
        below.addWidget(self._copy_said)
        below.addWidget(self._copied)
        order = KeeperOrder(context=self._context, changes=self._changes)
        scroll = SectionScroll(
            sections=[
                Section(name="cloudSetUp", title="Google Cloud Secret Manager", body=form),
                Section(name="cloudOrder", title="Who is asked for a secret", body=order),
                Section(name="cloudCopying", title="Copy what is kept elsewhere", body=copying),
            ],
            parent=self,
        )
        scroll.setObjectName("cloudSections")
        foot = PageFoot(parent=self)
        for button in (self.form.check, self.form.save, self._cancel):
            foot.row.addWidget(button)
        foot.row.addWidget(self._said, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(scroll, 1)
        column.addWidget(foot)


def _who_may() -> str:
    who = may_in_words(Act.CREDENTIALS)
    return f"{who[:1].upper()}{who[1:]} may check and change this; what is saved can be read here."
