"""The whole of one rule: name, symbols, condition, what it sees, and its policies."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.errors import Fault
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.rulefiles.rule_entry import LONGEST_NAME
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.text import unbroken
from tradeassist_desktop.ui.widgets.editor.condition import ConditionViews
from tradeassist_desktop.ui.widgets.editor.drafts import key_of
from tradeassist_desktop.ui.widgets.editor.field_row import FieldRow, plain_label
from tradeassist_desktop.ui.widgets.editor.fold import Fold
from tradeassist_desktop.ui.widgets.editor.inputs import Input, LineInput
from tradeassist_desktop.ui.widgets.editor.live_values import LiveValues
from tradeassist_desktop.ui.widgets.editor.message_preview import MessagePreview
from tradeassist_desktop.ui.widgets.editor.policies import RulePolicies
from tradeassist_desktop.ui.widgets.editor.typed import Typed
from tradeassist_desktop.ui.widgets.symbol_hints import SymbolCompleter
from tradeassist_desktop.ui.widgets.would_have_fired import WouldHaveFired

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

_KEYS_HERE: Final = ("name", "symbol")
_EDGE_PX: Final = 12
"""Left beside the field that the form is scrolled to."""


class RuleForm(QScrollArea):
    """Shows texts and faults as it is told, and tells what is typed; decides nothing."""

    edited = Signal(str, str)
    """A key and its text by now, by the trader's hand."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk: Desk = context.desk
        self._rule: Rule | None = None
        theme = context.theme
        self.setObjectName("ruleForm")
        self.setAccessibleName("The rule")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        self.condition = ConditionViews(desk=context.desk, tasks=context.tasks, theme=theme, parent=page)
        self._words = plain_label("", tone="second")
        self._words.setObjectName("ruleInWords")
        self._words.setAccessibleName("The rule in plain words")
        self._preview = MessagePreview(theme=theme)
        self._policies = RulePolicies(theme=theme, preview=self._preview, parent=page)
        self._live = LiveValues(desk=context.desk, parent=page)
        name = LineInput(
            key="name", title="Name", parent=page, hint="Symbol and condition", longest=LONGEST_NAME
        )
        symbols = LineInput(
            key="symbol", title="Symbols", parent=page, hint="/ES, AAPL", help="Separated by commas"
        )
        completer = SymbolCompleter(line=symbols.line, symbols=context.desk.symbols, tasks=context.tasks)
        completer.chosen.connect(lambda symbol: self._take_symbol(symbols, symbol))
        self._rows = {
            field.key: FieldRow(label=label, field=field, parent=page)
            for label, field in (("Name", name), ("Symbols", symbols))
        }
        self._editable = QWidget(page)
        upper = QVBoxLayout(self._editable)
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(8)
        for row in self._rows.values():
            upper.addWidget(row)
        upper.addWidget(self.condition)
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(10)
        column.addWidget(self._editable)
        column.addWidget(self._words)
        column.addWidget(
            Fold(
                name="ruleNow",
                title="What it sees now",
                body=self._live,
                theme=theme,
                parent=page,
                is_open=True,
            )
        )
        self._fired = WouldHaveFired(context=context, parent=page)
        would = "Would have fired"
        column.addWidget(
            Fold(name="ruleFired", title=would, body=self._fired, theme=theme, parent=page, is_open=True)
        )
        column.addWidget(self._policies)
        column.addStretch(1)
        self.setWidget(page)
        self.viewport().setAutoFillBackground(False)
        page.setAutoFillBackground(False)
        for editable in (self._editable, self._policies):
            context.rights.enable(editable, Act.EDIT_RULES)
        for key in _KEYS_HERE:
            self._rows[key].field.edited.connect(self._teller(key))
        self.condition.edited.connect(self._teller("when"))
        self._policies.edited.connect(self.edited)
        context.pulse.states.connect(self._live.look)
        context.pulse.second.connect(self._show_message)
        self._preview.seen.connect(self._show_message)

    def begin(self, typed: Typed) -> None:
        """Show another rule."""
        self.condition.begin(typed["when"])
        self.show_typed(typed)
        self.verticalScrollBar().setValue(0)

    def show_typed(self, typed: Typed) -> None:
        """Show the texts as they have become."""
        for key, row in self._rows.items():
            row.field.show_text(typed[key])
        self.condition.show_text(typed["when"])
        self._policies.show_typed(typed)

    def show_meaning(
        self, rule: Rule | None, words: str, faults: Sequence[Fault], *, seen: Rule | None = None
    ) -> None:
        """Show what is wrong, or what the rule means and sees.

        Args:
            rule: ``None`` where it is not sound.
            seen: Of one that is not, a rule with its condition; ``None`` where that is not sound either.
        """
        of_key: dict[str, str] = {}
        for fault in faults:
            of_key.setdefault(key_of(fault), fault.message)
        for key, row in self._rows.items():
            row.show_fault(of_key.get(key, ""))
        self.condition.show_faults([fault for fault in faults if key_of(fault) == "when"])
        self._policies.show_faults(of_key)
        self._words.setText(unbroken(words))
        self._words.setVisible(bool(words))
        self._rule = rule
        self._live.show_rule(rule or seen)
        self._fired.show_rule(rule)
        self._show_message()

    def take_focus(self) -> None:
        """Go to the condition, or to the symbols where there are none."""
        symbols = self._rows["symbol"].field
        if isinstance(symbols, LineInput) and not symbols.line.text():
            symbols.setFocus()
        else:
            self.condition.take_focus()

    def go_to(self, fault: Fault) -> None:
        """Put the keyboard where something is wrong."""
        key = key_of(fault)
        if key in self._rows:
            self._rows[key].field.setFocus()
        elif not self._policies.go_to(key):
            self.condition.take_focus()
            self.condition.insist()
        # A scroll area follows the keyboard only where Tab leads it.
        self._show_focused()

    def focusNextPrevChild(self, forwards: bool) -> bool:
        """Scroll to the whole of the field that Tab leads to: Qt does so to its cursor only."""
        has_moved = super().focusNextPrevChild(forwards)
        if has_moved:
            self._show_focused()
        return has_moved

    def _show_focused(self) -> None:
        page, found = self.widget(), self.window().focusWidget()
        if page is None or found is None or not self.isAncestorOf(found):
            return
        rows = [row for row in page.findChildren(FieldRow) if row.isAncestorOf(found)]
        place = QRect()
        for part in (found, *rows):  # a row also holds what is said below its field
            place |= QRect(part.mapTo(page, QPoint()), part.size())
        for edge in (place.bottom(), place.top()):  # of one higher than the view its beginning is shown
            self.ensureVisible(0, edge, 0, _EDGE_PX)

    def _teller(self, key: str) -> Callable[[str], None]:
        return lambda text: self.edited.emit(key, text)

    def _take_symbol(self, field: Input, symbol: str) -> None:
        field.show_text(symbol)
        self.edited.emit("symbol", symbol)

    def _show_message(self) -> None:
        if self._rule is None:
            self._preview.show_message(None)
        elif self._preview.isVisible():
            glance = self._desk.drafts.glance(self._rule, self._rule.symbols[0])
            self._preview.show_message(glance.message())
            glance.close()
