"""One suggestion: what to do, what the past shows, how it did where it was judged, and the change itself."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.durations import whole_duration
from tradeassist_desktop.domain.rules import Rearm, Rule
from tradeassist_desktop.engine.language.printer import number_to_text
from tradeassist_desktop.engine.studies.suggesting.suggestion import Suggestion
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import code_font, ui_font


class SuggestionCard(QWidget):
    """Applies nothing itself: says what its trader wants.

    Args:
        rule: As it was studied.
        number: Of the card in the list, for the names of its buttons.
    """

    apply_wanted = Signal()
    edit_wanted = Signal()
    dismissed = Signal()

    def __init__(
        self, *, rule: Rule, suggestion: Suggestion, number: int, context: PanelContext, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"suggestion_{number}")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("kind", "card")
        self.setAccessibleName(f"{rule.name}: {suggestion.title}")
        self.rule = rule
        self.suggestion = suggestion
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        title = self._label(f"{rule.name}: {suggestion.title}")
        title.setFont(ui_font(13, weight=QFont.Weight.DemiBold))
        column.addWidget(title)
        column.addWidget(self._label(suggestion.evidence))
        if suggestion.proof:
            column.addWidget(self._label(suggestion.proof, tone="second"))
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        if suggestion.after is not None:
            for was, becomes in changed(rule, suggestion.after):
                line = self._label(f"{was}  →  {becomes}")
                line.setFont(code_font())
                column.addWidget(line)
            apply = self._button("Apply", f"suggestionApply_{number}")
            apply.setProperty("kind", "primary")
            apply.clicked.connect(self.apply_wanted)
            context.rights.enable(apply, Act.EDIT_RULES)
            buttons.addWidget(apply)
            edit = self._button("Look at it in the editor", f"suggestionEdit_{number}")
            edit.clicked.connect(self.edit_wanted)
            buttons.addWidget(edit)
        self.last = self._button("Dismiss", f"suggestionDismiss_{number}")
        """The last one the keyboard comes to."""
        self.last.clicked.connect(self.dismissed)
        buttons.addWidget(self.last)
        buttons.addStretch(1)
        column.addLayout(buttons)

    def _button(self, words: str, name: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setObjectName(name)
        button.setAccessibleName(f"{words}: {self.suggestion.title}, {self.rule.name}")
        return button

    def _label(self, words: str, *, tone: str = "") -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setText(words)
        label.setWordWrap(True)
        label.setFont(ui_font(12))
        if tone:
            label.setProperty("tone", tone)
        return label


def changed(before: Rule, after: Rule) -> list[tuple[str, str]]:
    """Return what reads otherwise in a rule, before and after."""
    pairs = [
        (before.when, after.when),
        (_cooldown(before.cooldown_ns), _cooldown(after.cooldown_ns)),
        (_hysteresis(before.rearm), _hysteresis(after.rearm)),
        ("on" if before.active else "off", "on" if after.active else "off"),
    ]
    return [(was, becomes) for was, becomes in pairs if was != becomes]


def _cooldown(cooldown_ns: int) -> str:
    return f"cooldown {whole_duration(cooldown_ns)}" if cooldown_ns else "no cooldown"


def _hysteresis(rearm: Rearm) -> str:
    if not rearm.amount:
        return "no hysteresis"
    return f"hysteresis {number_to_text(rearm.amount)}{'%' if rearm.is_percent else ''}"
