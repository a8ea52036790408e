"""One template: its story, its parameters, what the rule would mean, and what can be done with it."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.telling.rule_words import rule_in_words
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.text import unbroken
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.symbol_hints import SymbolCompleter
from tradeassist_desktop.ui.widgets.templates.form import ParameterForm
from tradeassist_desktop.ui.widgets.templates.offers import Offer
from tradeassist_desktop.ui.widgets.would_have_fired import WouldHaveFired

_LABEL_PX: Final = 116
_PREVIEW_PX: Final = 216


class TemplatePane(QWidget):
    """Follows every key: the rule as it would be, in words, and where it would have fired."""

    use_wanted = Signal(object)
    """This rule is to be added."""
    edit_wanted = Signal(object)
    """This rule is to be opened as a draft."""
    rename_wanted = Signal(object)
    """This template of the trader's is to have another name."""
    delete_wanted = Signal(object)
    """This template of the trader's is to go."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._offer: Offer | None = None
        self._rule: Rule | None = None
        self._form: ParameterForm | None = None
        self._name = self._label("", "templateName")
        self._name.setFont(ui_font(15, weight=QFont.Weight.DemiBold))
        self._story = self._label("second", "templateStory")
        self._symbols = QLineEdit(self)
        self._symbols.setObjectName("templateSymbols")
        self._symbols.setAccessibleName("Symbols, parted by commas")
        self._symbols.setPlaceholderText("/ES, AAPL")
        completer = SymbolCompleter(line=self._symbols, symbols=context.desk.symbols, tasks=context.tasks)
        completer.chosen.connect(self._take_symbol)
        self._said = self._label("second", "templateSaid")
        self._preview = WouldHaveFired(context=context, parent=self)
        self._preview.setMaximumHeight(_PREVIEW_PX)
        self._use = self._button("Use", "templateUse", "Add the rule and arm it")
        self._use.setProperty("kind", "primary")
        self._edit = self._button("Edit…", "templateEdit", "Open it in the editor before it is added")
        self._rename = self._button("Rename…", "templateRename", "Give this template another name")
        self._delete = self._button("Delete", "templateDelete", "Delete this template; it can be undone")
        self._holder = QVBoxLayout()
        self._lay_out()
        self._symbols.textChanged.connect(self._look)
        self._use.clicked.connect(lambda: self._rule and self.use_wanted.emit(self._rule))
        self._edit.clicked.connect(lambda: self._rule and self.edit_wanted.emit(self._rule))
        self._rename.clicked.connect(lambda: self.rename_wanted.emit(self._offer))
        self._delete.clicked.connect(lambda: self.delete_wanted.emit(self._offer))
        self.show_offer(None, "")

    def show_offer(self, offer: Offer | None, symbol: str) -> None:
        """Have a template filled in; ``symbol`` is what it is of where it does not say."""
        if offer is not None and self._offer is not None and offer.key == self._offer.key:
            return
        self._offer = offer
        if self._form is not None:
            self._form.hide()
            self._form.deleteLater()
            self._form = None
        self.setVisible(offer is not None)
        is_own = offer is not None and offer.own is not None
        self._rename.setVisible(is_own)
        self._delete.setVisible(is_own)
        if offer is None:
            self._show(None)
            return
        self._name.setText(offer.label)
        self._story.setText(offer.story)
        form = ParameterForm(parameters=offer.parameters, theme=self._context.theme, parent=self)
        form.changed.connect(self._look)
        self._holder.addWidget(form)
        form.show()
        self._form = form
        self._symbols.setText(", ".join(offer.symbols) or symbol)
        self._preview.forget()
        self._look()

    def take_focus(self) -> None:
        """Go to the first thing that may be chosen."""
        self._symbols.setFocus()

    def _look(self) -> None:
        """Make the rule anew of what stands in the fields."""
        if self._offer is None or self._form is None:
            return
        symbols = [each.strip() for each in self._symbols.text().split(",") if each.strip()]
        try:
            rule = self._offer.make(
                [each if each.startswith('"') else each.upper() for each in symbols], self._form.values()
            )
        except BadInput as error:
            left = self._form.show_faults(error.faults)
            first = left[0] if left else error.faults[0]
            place = "Symbols" if first.place == "symbol" else ""
            said = first.message if left else "Mend what is marked above."
            self._say(f"{place} {said}".strip() if place else f"{said[:1].upper()}{said[1:]}", "danger")
            self._show(None)
            return
        self._form.show_faults(())
        self._say(unbroken(f"{rule_in_words(rule)}\n{rule.when}"), "second")
        self._show(rule)

    def _show(self, rule: Rule | None) -> None:
        self._rule = rule
        self._preview.show_rule(rule)
        for button in (self._use, self._edit):
            self._context.rights.enable(button, Act.EDIT_RULES, rule is not None)

    def _say(self, words: str, tone: str) -> None:
        self._said.setText(words)
        if self._said.property("tone") != tone:
            self._said.setProperty("tone", tone)
            self._said.style().polish(self._said)

    def _take_symbol(self, symbol: str) -> None:
        self._symbols.setText(symbol)

    # --- building

    def _lay_out(self) -> None:
        label = QLabel("Symbols", self)
        label.setProperty("tone", "second")
        label.setFixedWidth(_LABEL_PX)
        line = QHBoxLayout()
        line.addWidget(label)
        line.addWidget(self._symbols, 1)
        upper = QWidget(self)
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        for part in (self._name, self._story):
            column.addWidget(part)
        column.addLayout(line)
        column.addLayout(self._holder)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(upper)
        area.viewport().setAutoFillBackground(False)
        upper.setAutoFillBackground(False)
        foot = QHBoxLayout()
        for button in (self._rename, self._delete):
            foot.addWidget(button)
        foot.addStretch(1)
        for button in (self._edit, self._use):
            foot.addWidget(button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 0, 0, 0)
        whole.setSpacing(8)
        whole.addWidget(area, 3)
        whole.addWidget(self._said)
        whole.addWidget(self._preview, 2)
        whole.addLayout(foot)

    def _label(self, tone: str, name: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setProperty("tone", tone)
        return label

    def _button(self, words: str, name: str, tip: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setObjectName(name)
        button.setToolTip(plain_tip(tip))
        button.setAutoDefault(False)
        return button
