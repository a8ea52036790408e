"""Which rule is tested, and which other it is compared with."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.controls import Choice

_DRAFT: Final = "draft"
_NOTHING: Final = ""
_CHARACTERS: Final = 20
_LEAST_PX: Final = 110


class RulePick(QWidget):
    """Two choices of all rules; a rule that is being written stands first among them."""

    changed = Signal()

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._draft: Rule | None = None
        self._rule = self._choice("testRule", "Rule to test")
        self._other = self._choice("testOther", "Rule to compare with")
        against = QLabel("against", self)
        against.setTextFormat(Qt.TextFormat.PlainText)
        against.setProperty("tone", "quiet")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._rule)
        row.addWidget(against)
        row.addWidget(self._other)
        self.setFocusProxy(self._rule)
        self.refresh()

    @property
    def rule(self) -> Rule | None:
        """The rule to test."""
        return self._of(self._rule.value)

    @property
    def other(self) -> Rule | None:
        """The one to compare it with; ``None`` for none."""
        return self._of(self._other.value)

    def show_rule(self, rule: Rule) -> None:
        """Choose a rule; one that is not kept as it is, is compared with what is kept of it."""
        kept = self._context.desk.rules.get(rule.uid)
        self._draft = None if rule == kept else rule
        if self._draft is None:
            self._offer(rule.uid, _NOTHING)
        else:
            self._offer(_DRAFT, _NOTHING if kept is None else rule.uid)
        self.changed.emit()

    def refresh(self) -> None:
        """Offer the rules there are now."""
        before = self.rule, self.other
        chosen = self._rule.value
        if chosen != _DRAFT and self._context.desk.rules.get(chosen) is None:
            chosen = next((rule.uid for rule in self._context.desk.rules.all()), _NOTHING)
        other = self._other.value
        if other and self._context.desk.rules.get(other) is None:
            other = _NOTHING
        self._offer(chosen, other)
        if (self.rule, self.other) != before:
            self.changed.emit()

    def _offer(self, chosen: str, other: str) -> None:
        kept = [(rule.uid, rule.name) for rule in self._context.desk.rules.all()]
        draft = [] if self._draft is None else [(_DRAFT, f"{self._draft.name} (as written)")]
        self._rule.offer([*draft, *kept] or [(_NOTHING, "No rule yet")], chosen)
        self._other.offer([(_NOTHING, "no other"), *kept], other)
        self._rule.setEnabled(bool(draft or kept))
        self._other.setEnabled(bool(kept))

    def _of(self, value: str) -> Rule | None:
        return self._draft if value == _DRAFT else self._context.desk.rules.get(value)

    def _choice(self, name: str, title: str) -> Choice:
        choice = Choice(name=name, title=title, theme=self._context.theme, parent=self)
        # Ten thousand names would all be measured otherwise.
        choice.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        choice.setMinimumContentsLength(_CHARACTERS)
        choice.setMinimumWidth(_LEAST_PX)
        choice.setToolTip(plain_tip(title))
        choice.picked.connect(lambda _: self.changed.emit())
        return choice
