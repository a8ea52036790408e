"""The rule editor: one rule at a time, each with its draft."""

from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.ui.panels.base import Panel, PanelContext
from tradeassist_desktop.ui.rights import why_not
from tradeassist_desktop.ui.widgets.editor.banner import Banner
from tradeassist_desktop.ui.widgets.editor.drafts import Draft, DraftBook, key_of
from tradeassist_desktop.ui.widgets.editor.form import RuleForm
from tradeassist_desktop.ui.widgets.editor.frame import EditorFrame
from tradeassist_desktop.ui.widgets.editor.kept_drafts import KeptDrafts
from tradeassist_desktop.ui.widgets.editor.labels import state_in_words, told_of_elsewhere
from tradeassist_desktop.ui.widgets.editor.reasons import (
    why_not_changed,
    why_not_deleted,
    why_not_saved,
    why_not_sound,
    why_not_written,
)
from tradeassist_desktop.ui.widgets.editor.typed import blank_rule

_UNSAVED: Final = "● "
_LEAST_PX: Final = 320


class EditorPanel(Panel):
    """Opens rules as others ask for it; what was typed stays a draft, over restarts too, until saved."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context=context, parent=parent)
        self._kept = KeptDrafts(context.state_file)
        drafts, shown = self._kept.read(context.desk.rules.get)
        self._book = DraftBook(drafts)
        self._draft: Draft | None = None
        self._faults: tuple[Fault, ...] = ()
        self._rule: Rule | None = None
        self._form = RuleForm(context=context, parent=self)
        self._form.edited.connect(self._on_edited)
        self._reason = Banner(name="editorReadOnly", parent=self)
        self._elsewhere = Banner(
            name="editorElsewhere",
            acts=(
                ("takeOver", "Take over", self._take_over),
                ("keepMine", "Keep mine", self._keep_mine),
            ),
            parent=self,
        )
        self._make_actions()
        self._frame = EditorFrame(
            banners=(self._reason, self._elsewhere),
            form=self._form,
            more=(self._new_action, self._test_action, self._revert_action, self._delete_action),
            theme=context.theme,
            keys=context.keys,
            parent=self,
        )
        self._frame.save.clicked.connect(self._save)
        self._frame.drafts.menu().aboutToShow.connect(self._list_drafts)
        for begin in (self._frame.begin, self._frame.new):
            begin.clicked.connect(self._begin_new)
            context.rights.enable(begin, Act.EDIT_RULES)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._frame)
        context.navigator.rule_edit_wanted.connect(self.open_rule)
        context.navigator.draft_wanted.connect(self.open_draft)
        context.bridge.rules_changed.connect(self._on_rules)
        context.bridge.access_changed.connect(self._show_rights)
        context.rule_changes.settled.connect(self._show_state)
        self._form.condition.unfinished_changed.connect(self._show_state)
        self.setMinimumWidth(_LEAST_PX)
        self._show_draft(shown)

    # --- what others ask

    def open_rule(self, uid: str) -> None:
        """Come to the front with a kept rule, as its draft was left."""
        rule = self.context.desk.rules.get(uid)
        draft = self._book.get(uid) if rule is None else self._book.open(rule)
        if draft is None:
            self.context.navigator.noticed.emit("That rule is not there any more.")
            return
        self._come(draft)

    def open_draft(self, rule: Rule) -> None:
        """Come to the front with a rule that is not kept yet."""
        self._come(self._book.begin(rule, self.context.desk.rules.get(rule.uid)))

    def take_focus(self) -> None:
        """Go to the condition, or to what begins a rule."""
        if self._draft is None:
            self._frame.begin.setFocus()
        else:
            self._form.take_focus()

    def _come(self, draft: Draft) -> None:
        self._show_draft(draft)
        self.context.navigator.dock_wanted.emit("editor")

    # --- what the trader does

    def _begin_new(self) -> None:
        rules = self.context.desk.rules
        self._show_draft(
            self._book.begin(blank_rule(rules.new_uid(), self.context.navigator.symbol or ""), None)
        )
        self._form.take_focus()

    def _on_edited(self, key: str, text: str) -> None:
        if self._draft is not None:
            self._draft.typed[key] = text
            self._check()

    def _save(self, *, is_new: bool = False) -> None:
        self.context.tasks.start(self._keep(is_new=is_new))

    async def _keep(self, *, is_new: bool) -> None:
        draft, rule = self._draft, self._rule
        if draft is None:
            return
        if reason := self.context.rights.refuse(Act.EDIT_RULES):
            self.context.navigator.noticed.emit(reason)
            return
        if rule is None:
            draft.is_tried = True
            self._check()
            self._go_to_fault()
            return
        if draft.elsewhere is not None and not is_new:
            self.context.navigator.noticed.emit("First take over what was changed elsewhere, or keep yours.")
            return
        rules = self.context.desk.rules
        if is_new:
            rule = replace(rule, uid=rules.new_uid(), name=rules.free_name(rule.name))
        is_added = is_new or not draft.is_kept or draft.is_gone
        words = f"{'Add' if is_added else 'Change'} {rule.name}"
        typed = dict(draft.typed)
        try:
            await self.context.rule_changes.done(rules.edit(words, {rule.uid: rule}))
        except BadInput as error:
            self._show_faults(error.faults)
            self._go_to_fault()
            return
        kept = rules.get(rule.uid) or rule
        if is_new:
            self._leave(draft)
            self._show_draft(self._book.open(kept))
        else:
            draft.settle(kept, typed)
            if self._draft is draft:
                self._form.show_typed(draft.typed)
                self._check()
        self.context.navigator.noticed.emit(f"Saved: {kept.name}")
        self.context.navigator.rule_chosen.emit(kept.uid)

    def _leave(self, draft: Draft) -> None:
        """Forget what was typed into a draft, and the draft where nothing of it is kept."""
        if draft.is_gone or not draft.is_kept:
            self._book.drop(draft.uid)
        else:
            draft.revert()

    def _revert(self) -> None:
        draft = self._draft
        if draft is not None:
            self._leave(draft)
            self._show_draft(self._book.get(draft.uid))

    def _delete(self) -> None:
        draft = self._draft
        if draft is None:
            return
        if not draft.is_kept or draft.is_gone:
            self._revert()
            return
        change = self.context.desk.rules.edit(f"Delete {draft.base.name}", {draft.uid: None})

        async def delete() -> None:
            await self.context.rule_changes.done(change)
            self._book.drop(draft.uid)
            if self._draft is draft:
                self._show_draft(None)

        self.context.tasks.start(delete())

    def _take_over(self) -> None:
        if self._draft is not None:
            self._draft.take_over()
            self._show_draft(self._draft)

    def _keep_mine(self) -> None:
        if self._draft is not None:
            self._draft.keep_mine()
            self._check()

    def _test(self) -> None:
        if self._rule is not None:
            self.context.navigator.test_wanted.emit(self._rule)

    def _go_to_fault(self) -> None:
        if self._faults:
            self._form.go_to(self._faults[0])

    # --- what it shows

    def _on_rules(self, uids: tuple[str, ...]) -> None:
        rules = self.context.desk.rules
        for uid in uids:
            draft = self._book.get(uid)
            if draft is None or not draft.hear(rules.get(uid)):
                continue
            if draft.is_gone and not draft.changes:
                self._book.drop(uid)
                if draft is self._draft:
                    self._show_draft(None)
            if draft is not self._draft:
                continue
            if draft.elsewhere is None:
                self._form.show_typed(draft.typed)
            self._check()

    def _show_draft(self, draft: Draft | None) -> None:
        self._draft = draft
        self._frame.show_rule(is_there=draft is not None)
        if draft is not None:
            self._form.begin(draft.typed)
        self._check()

    def _check(self) -> None:
        """Read the draft anew, and show what is wrong with it or what it means."""
        draft, self._rule = self._draft, None
        if draft is None:
            self._faults = ()
            self._form.show_meaning(None, "", ())
            self._show_state()
            return
        desk = self.context.desk
        rule, unread = draft.rule(desk.clock.now_ns())
        faults = (*desk.drafts.faults(rule), *unread)
        if not faults:
            self._rule = rule
        self._show_faults(faults)

    def _show_faults(self, faults: tuple[Fault, ...]) -> None:
        self._faults = faults
        words = "" if self._rule is None else self.context.desk.drafts.in_words(self._rule)
        draft = self._draft
        told = () if draft is None or draft.is_begun_only else faults
        seen = None if draft is None else draft.seen(self.context.desk.clock.now_ns(), faults)
        self._form.show_meaning(None if faults else self._rule, words, told, seen=seen)
        self._show_state()

    def _show_state(self) -> None:
        draft, rights = self._draft, self.context.rights
        is_changed = draft is not None and draft.is_changed
        may_save = draft is not None and is_changed and not self._faults and draft.elsewhere is None
        rights.enable(self._frame.save, Act.EDIT_RULES, may_save)
        rights.enable(self._new_action, Act.EDIT_RULES, draft is not None and not self._faults)
        rights.enable(self._revert_action, Act.EDIT_RULES, is_changed)
        rights.enable(self._delete_action, Act.EDIT_RULES, draft is not None and draft.is_kept)
        self._test_action.setEnabled(self._rule is not None)
        self._frame.more.setEnabled(draft is not None)
        self._elsewhere.say("" if draft is None else told_of_elsewhere(draft))
        title = "Editor" if draft is None else f"{_UNSAVED if is_changed else ''}{draft.title}"
        of_condition = all(key_of(fault) == "when" for fault in self._faults)
        is_unfinished = of_condition and self._form.condition.is_unfinished
        is_wrong = bool(self._faults) and draft is not None and not (draft.is_begun_only or is_unfinished)
        state = "" if draft is None else state_in_words(draft, self._faults, is_unfinished=is_unfinished)
        self._frame.say(title, state, is_wrong=is_wrong)
        unsaved = sum(1 for _ in self._book.unsaved())
        self._frame.drafts.setVisible(unsaved > (1 if is_changed else 0))
        self._frame.drafts.setText(f"{unsaved} unsaved")
        self._kept.keep(self._book.unsaved(), draft)
        self._show_rights()

    def _show_rights(self) -> None:
        is_told = self._draft is not None and not self.context.rights.may(Act.EDIT_RULES)
        self._reason.say(f"To be read only. {why_not(Act.EDIT_RULES)}" if is_told else "")

    def _list_drafts(self) -> None:
        menu = self._frame.drafts.menu()
        menu.clear()
        for draft in reversed(list(self._book.unsaved())):
            action = menu.addAction(f"{_UNSAVED}{draft.title}")
            action.triggered.connect(partial(self._show_draft, draft))

    # --- building

    def _make_actions(self) -> None:
        saving = self._action("Save the rule", "", self._save)
        saving.setShortcuts([QKeySequence("Ctrl+S"), QKeySequence("Ctrl+Return"), QKeySequence("Ctrl+Enter")])
        switching = self._action(
            "Switch between form and expression", "Ctrl+Shift+E", self._form.condition.switch
        )
        self._new_action = self._action("Save as new", "Ctrl+Shift+S", lambda: self._save(is_new=True))
        self._revert_action = self._action("Revert", "", self._revert)
        self._delete_action = self._action("Delete", "", self._delete)
        self._test_action = self._action("Test on history", "", self._test)
        for action, reason in (
            (saving, why_not_saved),
            (switching, why_not_written),
            (self._new_action, why_not_sound),
            (self._revert_action, why_not_changed),
            (self._delete_action, why_not_deleted),
            (self._test_action, why_not_sound),
        ):
            tell = partial(lambda reason: reason(self._draft, self._faults), reason)
            self.context.rights.explain(action, tell)

    def _action(self, title: str, keys: str, act: object) -> QAction:
        action = QAction(title, self)
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(act)
        self.addAction(action)
        return action
