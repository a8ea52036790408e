"""The rules: what is watched for, and whether it is armed."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.ui.models.rules.arranging import TagGroup
from tradeassist_desktop.ui.models.rules.choosing import Choosing, Facet
from tradeassist_desktop.ui.models.rules.columns import EDITED_IN_PLACE, RulesColumn
from tradeassist_desktop.ui.models.rules.model import RulesModel
from tradeassist_desktop.ui.panels.base import Panel, PanelContext
from tradeassist_desktop.ui.quieting import Quieting
from tradeassist_desktop.ui.rule_acts import RuleActs
from tradeassist_desktop.ui.widgets.empty import EmptyState
from tradeassist_desktop.ui.widgets.rules.bar import RulesBar
from tradeassist_desktop.ui.widgets.rules.bulk_menus import BulkMenus
from tradeassist_desktop.ui.widgets.rules.editors import EditedRuleCells
from tradeassist_desktop.ui.widgets.rules.filter_menu import FilterMenu
from tradeassist_desktop.ui.widgets.rules.table import RulesTable
from tradeassist_desktop.ui.widgets.rules.view_menu import ColumnsMenu, RulesView, ViewMenu
from tradeassist_desktop.ui.widgets.sight import is_in_sight
from tradeassist_desktop.ui.widgets.transfer.export_menu import export_menu

# Named, as a trader's own keys for them are kept by name and must outlive another wording.
_SNOOZES: Final = (
    ("snooze-15-min", "Snooze 15 m", "S", 15 * 60 * NS_PER_SECOND),
    ("snooze-1-h", "Snooze 1 h", "Shift+S", 3600 * NS_PER_SECOND),
    ("snooze-until-the-session-s-end", "Snooze until the session's end", "Ctrl+Shift+S", None),
)
_HOW_TO_BEGIN: Final = (
    "{window.new-rule} types one, such as /ES last crosses above 5530. "
    "{window.from-template} fills in a template."
)


class RulesPanel(Panel):
    """Every rule, found by search and filters, changed one or many at a time."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context=context, parent=parent)
        self._model = RulesModel(desk=context.desk, bridge=context.bridge, parent=self)
        self._lines = self._model.lines
        self._acts = RuleActs(context=context)
        self._bulk = BulkMenus(acts=self._acts, lines=self._lines, rights=context.rights, parent=self)
        self._quieting = Quieting(context=context)
        self._bar = RulesBar(context=context, parent=self)
        self._table = RulesTable(model=self._model, parent=self)
        self._table.setObjectName("rulesTable")
        self._table.setAccessibleName("Rules")
        self.toast_ground = self._table
        self._table.setItemDelegate(EditedRuleCells(context=context, parent=self))
        self._empty = EmptyState(view=self._table, theme=context.theme, icon="rules", title="", hint="")
        self._view = RulesView(context=context, parent=self)
        self._columns_menu = ColumnsMenu(view=self._view, table=self._table, parent=self)
        self._bar.fill(
            filters=FilterMenu(lines=self._lines, pick=self._pick, parent=self),
            view=ViewMenu(view=self._view, table=self._table, parent=self),
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self._table, 1)
        self._make_actions()
        self._connect()
        self._show_view()
        self._tell_what_is_shown()

    def take_focus(self) -> None:
        """Go to the rules, or to what adds one where there are none."""
        (self._table if self._lines.count else self._bar.new).setFocus()

    def _make_actions(self) -> None:
        delete = QKeySequence(QKeySequence.StandardKey.Delete).toString()
        self._edit_action = self._action("Edit…", "E", Act.EDIT_RULES, self._edit)
        enter = self._action("Edit the rule, or open its tag", "Return", None, self._enter)
        enter.setShortcuts([QKeySequence("Return"), QKeySequence("Enter")])
        self._rename_action = self._action("Change in place", "F2", Act.EDIT_RULES, self._edit_in_place)
        self._toggle_action = self._action("Turn on or off", "Space", Act.ARM, self._toggle_selected)
        self._template_action = self._action("Save as template…", "", Act.EDIT_RULES, self._save_as_template)
        self._test_action = self._action("Test on history…", "T", None, self._test)
        self._chart_action = self._action("Show on chart", "C", None, self._show_on_chart)
        self._why_action = self._action("Why not?", "W", None, self._explain)
        self._snooze_actions = [
            self._action(title, keys, Act.SILENCE, partial(self._snooze_selected, for_ns))
            for _, title, keys, for_ns in _SNOOZES
        ]
        for action, (name, *_) in zip(self._snooze_actions, _SNOOZES, strict=True):
            action.setObjectName(name)
        self._wake_action = self._action("Wake", "Alt+S", Act.SILENCE, self._wake_selected)
        self._mute_action = self._action("Mute or unmute", "M", Act.SILENCE, self._toggle_mutes)
        self._copy_action = self._action("Duplicate", "Ctrl+D", Act.EDIT_RULES, self._duplicate)
        self._delete_action = self._action("Delete", delete, Act.EDIT_RULES, self._delete_selected)
        find = QAction("Search rules", self)
        find.setShortcut(QKeySequence("Ctrl+F"))
        find.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.triggered.connect(self._find)
        self.addAction(find)
        for action in self._table.actions():
            if action is not find:
                self.context.rights.explain(action, self._what_is_missing)
        for action in (enter, self._rename_action, self._toggle_action):
            self.context.rights.explain(action, self._why_no_line)
        self.context.rights.explain(self._wake_action, self._why_not_wake)

    def _action(self, title: str, keys: str, act: Act | None, do: Callable[[], object]) -> QAction:
        action = QAction(title, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(partial(self._do, do))
        if act is not None:
            self.context.rights.enable(action, act)
        self._table.addAction(action)
        return action

    def _do(self, act: Callable[[], object]) -> None:
        if self._table.selected_rules() or self._table.current_group() is not None:
            act()
        else:
            self.context.navigator.noticed.emit("Select a rule first.")

    def _connect(self) -> None:
        context, header = self.context, self._table.horizontalHeader()
        self._bar.searched.connect(self._search)
        self._bar.left.connect(self._table.setFocus)
        self._bar.cleared.connect(self._clear_filters)
        self._table.clicked.connect(self._clicked)
        self._table.doubleClicked.connect(self._double_clicked)
        self._table.customContextMenuRequested.connect(self._open_menu)
        self._table.selectionModel().selectionChanged.connect(self._tell_selected)
        header.sectionClicked.connect(lambda section: self._view.sort_by(RulesColumn(section)))
        header.customContextMenuRequested.connect(
            lambda at: self._columns_menu.popup(header.viewport().mapToGlobal(at))
        )
        self._model.edited.connect(
            lambda uid, section, typed: self._acts.type_over(uid, RulesColumn(section), typed)
        )
        self._lines.arranged.connect(self._tell_what_is_shown)
        self._view.changed.connect(self._show_view)
        context.bridge.rules_changed.connect(self._lines.reload)
        context.pulse.states.connect(self._refresh)
        context.pulse.second.connect(self._look_at_states)
        context.theme.changed.connect(self._table.viewport().update)
        context.bridge.access_changed.connect(self._table.viewport().update)
        context.navigator.rule_chosen.connect(self._select)

    # --- which rules, and how they are shown

    def _search(self, typed: str) -> None:
        self._lines.choose(self._lines.choosing.searching(typed))

    def _pick(self, facet: Facet, value: str) -> None:
        self._lines.choose(self._lines.choosing.toggled(facet, value))

    def _clear_filters(self) -> None:
        self._lines.choose(Choosing())
        self._bar.search.clear()
        self._table.setFocus()

    def _find(self) -> None:
        self._bar.search.setFocus()
        self._bar.search.selectAll()

    def _show_view(self) -> None:
        self._table.choose_columns(self._view.columns)
        self._table.show_sorting(self._view.sorting)
        self._lines.show(sorting=self._view.sorting, is_grouped=self._view.is_grouped)

    def _tell_what_is_shown(self) -> None:
        lines = self._lines
        self._bar.show_choosing(lines.choosing, shown=lines.shown_count, count=lines.count)
        if lines.count:
            self._empty.say("No rule is like that", "Clear shows all of them again.", icon="rules")
        else:
            self._empty.say("No rules yet", self.context.keys.fill(_HOW_TO_BEGIN), icon="rules")

    def _select(self, uid: str) -> None:
        """Select a rule; one that is filtered away is worth more than the filter."""
        if not self._table.select_rule(uid) and self.context.desk.rules.get(uid) is not None:
            self._clear_filters()
            self._table.select_rule(uid)

    def _tell_selected(self) -> None:
        rules = self._table.selected_rules()
        if len(rules) == 1:
            self.context.navigator.rule_selected.emit(rules[0].uid)

    def _refresh(self) -> None:
        if is_in_sight(self):
            first = self._table.rowAt(0)
            last = self._table.rowAt(self._table.viewport().height() - 1)
            self._model.refresh(max(0, first), last if last >= 0 else self._model.rowCount() - 1)

    def _look_at_states(self) -> None:
        if is_in_sight(self):
            self._lines.look_at_states()

    # --- what the trader does

    def _clicked(self, index: QModelIndex) -> None:
        line = self._model.line(index.row())
        if isinstance(line, TagGroup):
            self._lines.toggle_group(line.tag)
        elif index.column() == RulesColumn.SWITCH and not self._is_refused(Act.ARM):
            self._acts.switch([line], is_on=not line.active)

    def _double_clicked(self, index: QModelIndex) -> None:
        column = RulesColumn(index.column())
        if column == RulesColumn.SWITCH or not isinstance(self._model.line(index.row()), Rule):
            return
        if self._is_refused(Act.EDIT_RULES):
            return
        if column in EDITED_IN_PLACE:
            self._table.edit(index)
        else:
            self._edit()

    def _enter(self) -> None:
        group = self._table.current_group()
        if group is not None:
            self._lines.toggle_group(group.tag)
        elif not self._is_refused(Act.EDIT_RULES):
            self._edit()

    def _is_refused(self, act: Act) -> bool:
        reason = self.context.rights.refuse(act)
        if reason:
            self.context.navigator.noticed.emit(reason)
        return bool(reason)

    def _edit(self) -> None:
        for rule in self._table.selected_rules()[:1]:
            self.context.navigator.rule_edit_wanted.emit(rule.uid)

    def _edit_in_place(self) -> None:
        index, group = self._table.currentIndex(), self._table.current_group()
        if group is not None:
            self._bulk.rename_tag(group)
        elif index.isValid():
            is_edited = RulesColumn(index.column()) in EDITED_IN_PLACE
            self._table.edit(index if is_edited else index.siblingAtColumn(RulesColumn.RULE))

    def _test(self) -> None:
        for rule in self._table.selected_rules()[:1]:
            self.context.navigator.test_wanted.emit(rule)

    def _toggle_selected(self) -> None:
        group, rules = self._table.current_group(), self._table.selected_rules()
        if rules:
            self._acts.switch(rules, is_on=not all(rule.active for rule in rules))
        elif group is not None:
            self._lines.toggle_group(group.tag)

    def _duplicate(self) -> None:
        rules = self._table.selected_rules()
        if rules:
            self._acts.duplicate(rules)

    def _delete_selected(self) -> None:
        rules = self._table.selected_rules()
        if rules:
            self._acts.delete(rules)

    def _snooze_selected(self, for_ns: int | None) -> None:
        self._quieting.snooze_rules(self._table.selected_rules(), for_ns)

    def _toggle_mutes(self) -> None:
        self._quieting.toggle_mutes([rule.uid for rule in self._table.selected_rules()])

    def _wake_selected(self) -> None:
        self._quieting.wake_rules(self._table.selected_rules())

    def _what_is_missing(self) -> str:
        return "" if self._table.selected_rules() else "Select a rule in the Rules dock first."

    def _why_no_line(self) -> str:
        return "" if self._table.current_group() is not None else self._what_is_missing()

    def _why_not_wake(self) -> str:
        is_any = any(map(self._quieting.is_snoozed, self._table.selected_rules()))
        return self._what_is_missing() or ("" if is_any else "No selected rule is snoozed.")

    def _save_as_template(self) -> None:
        for rule in self._table.selected_rules()[:1]:
            self.context.navigator.template_wanted.emit(rule)

    def _explain(self) -> None:
        for rule in self._table.selected_rules()[:1]:
            self.context.navigator.rule_explained.emit(rule.uid)

    def _show_on_chart(self) -> None:
        for rule in self._table.selected_rules()[:1]:
            self.context.navigator.symbol_chosen.emit(rule.symbols[0])

    def _open_menu(self, at: QPoint) -> None:
        if not self._table.indexAt(at).isValid():  # asked for by the keyboard
            at = self._table.visualRect(self._table.currentIndex()).center()
        menu = QMenu(self)
        menu.setObjectName("rulesMenu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        group, rules = self._table.current_group(), self._table.selected_rules()
        if group is not None:
            self._bulk.add_of_tag(menu, group)
        elif rules:
            self._fill_menu(menu, rules)
        if menu.actions():
            menu.popup(self._table.viewport().mapToGlobal(at))
        else:
            menu.deleteLater()

    def _fill_menu(self, menu: QMenu, rules: list[Rule]) -> None:
        menu.addActions([self._edit_action, self._rename_action, self._toggle_action, self._test_action])
        menu.addActions([self._why_action, self._chart_action])
        menu.addSeparator()
        self._bulk.add_to(menu, rules)
        menu.addSeparator()
        menu.addActions([*self._snooze_actions, self._wake_action, self._mute_action])
        enable = partial(self.context.rights.enable, self._wake_action, Act.SILENCE)
        enable(any(map(self._quieting.is_snoozed, rules)))
        menu.aboutToHide.connect(enable)  # the key works without it
        menu.addSeparator()
        menu.addActions([self._copy_action, self._template_action, self._delete_action])
        shown = self._lines.shown
        menu.addMenu(export_menu(navigator=self.context.navigator, selected=rules, shown=shown, parent=menu))
