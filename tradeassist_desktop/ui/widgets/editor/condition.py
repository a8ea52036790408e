"""The condition of a rule in two views, a form and its text, which are one and never disagree."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.engine.kinds.kind_forms import KINDS, Form, form_of
from tradeassist_desktop.engine.kinds.kind_shapes import EXPRESSION, kind_of
from tradeassist_desktop.engine.kinds.kind_writing import blank_form, text_of_form
from tradeassist_desktop.engine.language import is_unfinished, parse, without_guess
from tradeassist_desktop.ui.tasks import Tasks
from tradeassist_desktop.ui.theme import SMALL_PX, Theme
from tradeassist_desktop.ui.widgets.editor.expression import ExpressionEdit
from tradeassist_desktop.ui.widgets.editor.fault_line import FaultLine
from tradeassist_desktop.ui.widgets.editor.field_row import FieldRow, plain_label
from tradeassist_desktop.ui.widgets.editor.inputs import ChoiceInput
from tradeassist_desktop.ui.widgets.editor.kind_form import SPECS, KindForm, carried
from tradeassist_desktop.ui.widgets.editor.word_help import help_at

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

_BY_HAND: Final = "Written by hand"


class ConditionViews(QWidget):
    """The text is what counts; the form reads it, and writes it anew with every edit.

    A form that is not complete yet writes as much as there is of it, and is kept while that text
    stands: what is missing in one is missing in the other.
    """

    edited = Signal(str)
    """The condition's text by now, by the trader's hand."""

    unfinished_changed = Signal()
    """It has begun or ended to be merely unfinished."""

    def __init__(self, *, desk: "Desk", tasks: Tasks, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._text = ""
        self._faults: tuple[Fault, ...] = ()
        self._insisted_on: str | None = None
        self.is_unfinished = False
        """Whether what is wrong is only that it is still being typed."""
        self._kind = EXPRESSION
        self._form: Form = {}
        self._written: str | None = None  # by the form, as it stands in ``_form``
        self._forms: dict[str, Form] = {}  # what each kind's was, so that going back loses nothing
        self._views = {
            name: self._segment(name, words) for name, words in (("form", "Form"), ("text", "Expression"))
        }
        self.expression = ExpressionEdit(desk=desk, tasks=tasks, theme=theme, parent=self)
        self.expression.written.connect(self._on_written)
        choices = [(spec.name, spec.label) for spec in KINDS]
        self._kinds = ChoiceInput(
            key="kind", title="Kind of condition", choices=choices, theme=theme, parent=self
        )
        self._kinds.edited.connect(self._choose_kind)
        self._kind_row = FieldRow(label="Kind", field=self._kinds, parent=self)
        self._kind_form = KindForm(desk=desk, tasks=tasks, theme=theme, parent=self)
        self._kind_form.edited.connect(self._on_form)
        for moved in (self.expression.attended, self._kind_form.rested):
            moved.connect(self._say)
        self._said = FaultLine(parent=self)
        self._said.meant.connect(self._write)
        self._help = plain_label("", tone="quiet", pixels=SMALL_PX)
        self._help.setObjectName("ruleWordHelp")
        self.expression.cursorPositionChanged.connect(self._show_help)
        self._make_layout()
        self._show_help()
        self.show_view("form")

    @property
    def view(self) -> str:
        """Which of the two is seen: ``form`` or ``text``."""
        return "form" if self._stack.currentIndex() == 0 else "text"

    def begin(self, text: str) -> None:
        """Show the condition of another rule, in the view it opens in."""
        self._forms, self._written = {}, None
        self._faults, self._insisted_on = (), None
        self._text = text
        self.expression.begin(text)
        if text.strip():
            self._read()
        else:
            self._take_form("threshold", blank_form("threshold"))
        if self._kind == EXPRESSION:
            self.show_view("text")

    def show_text(self, text: str) -> None:
        """Show the condition as it has become elsewhere."""
        if text != self._text:
            self._text = text
            self.expression.show_text(text)
            self._read()

    def show_faults(self, faults: Sequence[Fault]) -> None:
        """Say what is wrong with the text, at its column, and in the form at its field."""
        self._faults = tuple(faults)
        self._say()

    def insist(self) -> None:
        """Say what is wrong with it as it stands, though it may be merely unfinished."""
        self._insisted_on = self._text
        self._say()

    def show_view(self, name: str) -> None:
        """Show the form or the text."""
        self._stack.setCurrentIndex(0 if name == "form" else 1)
        # The other one takes no room: a stack is as high as its highest page.
        for place, page in enumerate(self._pages):
            is_shown = place == self._stack.currentIndex()
            vertical = QSizePolicy.Policy.Preferred if is_shown else QSizePolicy.Policy.Ignored
            page.setSizePolicy(QSizePolicy.Policy.Preferred, vertical)
        for each, button in self._views.items():
            button.setChecked(each == name)
        self._stack.updateGeometry()

    def switch(self) -> None:
        """Show the other view, with the keyboard."""
        self._switch("text" if self.view == "form" else "form")

    def take_focus(self) -> None:
        """Go to what is typed first."""
        if self.view == "text":
            self.expression.setFocus()
        elif self._kind == EXPRESSION:
            self._edit_text.setFocus()
        else:
            self._kind_form.take_focus()

    # --- from the text to the form and back

    def _on_written(self, text: str) -> None:
        self._text = text
        self._read()
        self.edited.emit(text)

    def _write(self, text: str) -> None:
        """Have the text say this; it can be undone as if it had been typed."""
        self.take_focus()  # before the button that was pressed goes, and the keyboard with it
        self.expression.show_text(text)
        self.expression.moveCursor(QTextCursor.MoveOperation.End)
        self._on_written(text)

    def _on_form(self, form: Form) -> None:
        self._form = form
        self._forms[self._kind] = form
        self._text = self._written = text_of_form(self._kind, form)
        self.expression.show_text(self._text)
        if self._kind_form.faults():
            self._read_if_whole()
        self.edited.emit(self._text)

    def _choose_kind(self, kind: str) -> None:
        if kind == EXPRESSION:
            self._edit_as_text()
            return
        form = self._forms.get(kind)
        if form is None:
            blank = blank_form(kind)
            form = carried(self._form, blank) if self._form else blank
            if kind == "multi_condition" and self._kind != EXPRESSION:
                form["parts"][0] = {"kind": self._kind, **self._form}
        self._take_form(kind, form)
        self._on_form(form)

    def _read(self) -> None:
        """Have the form show what the text says; a form whose text this is stays as it is."""
        if self._text == self._written:
            return
        try:
            view = kind_of(parse(self._text))
        except BadInput:
            view = None
        if view is None:
            self._kind = EXPRESSION
            self._kinds.choice.offer(self._choices(), EXPRESSION)
            self._show_form(is_there=False)
        else:
            self._take_form(view.name, form_of(view))

    def _read_if_whole(self) -> None:
        """Show another form where one that is wrong by itself has made a sound text of another kind."""
        try:
            parse(self._text)
        except BadInput:
            return
        self._written = None
        self._read()

    def _take_form(self, kind: str, form: Form) -> None:
        self._kind, self._form = kind, form
        self._forms[kind] = form
        self._kinds.choice.offer(self._choices(), kind)
        self._kind_form.show_form(kind, form)
        self._show_form(is_there=True)

    def _choices(self) -> list[tuple[str, str]]:
        by_hand = [(EXPRESSION, _BY_HAND)] if self._kind == EXPRESSION else []
        return [*by_hand, *((spec.name, spec.label) for spec in SPECS.values())]

    # --- what is seen

    def _say(self) -> None:
        """Say what is wrong, in red, or what is still missing while it is being typed."""
        faults, is_blank = self._faults, not self._text.strip()
        is_strict = self._insisted_on == self._text
        of_form = self._kind_form.faults() if faults and self._kind != EXPRESSION else ()
        was_unfinished, self.is_unfinished = self.is_unfinished, self._is_begun(faults, of_form)
        is_wrong = bool(faults) and not self.is_unfinished
        column = faults[0].column if is_wrong and not is_blank else None
        self.expression.show_fault(column, is_wrong=is_wrong)
        self._kind_form.show_faults(of_form, is_strict=is_strict)
        said = ""
        # In the form it stands at its field.
        if faults and not (self.view == "form" and (of_form or is_blank)):
            whole = str(faults[0]).removeprefix("when: ")
            said = without_guess(faults[0].message) if self.is_unfinished else whole
        self._said.say(said, is_wrong=is_wrong, text=self._text)
        self._say_by_hand(faults)
        if was_unfinished != self.is_unfinished:
            self.unfinished_changed.emit()

    def _is_begun(self, faults: Sequence[Fault], of_form: Sequence[Fault]) -> bool:
        """Return whether nothing is wrong that typing on, where the caret is, would not mend."""
        if not faults or self._insisted_on == self._text:
            return False
        if self.view == "form" and of_form:
            return self._kind_form.is_unfinished(of_form)
        is_at_end = self.expression.is_at_end and is_unfinished(self._text, faults[0].column)
        return is_at_end or not self._text.strip()

    def _show_form(self, *, is_there: bool) -> None:
        self._kind_form.setVisible(is_there)
        self._by_hand.setVisible(not is_there)

    def _show_help(self) -> None:
        self._help.setText(help_at(self.expression.toPlainText(), self.expression.textCursor().position()))
        self._help.setVisible(bool(self._help.text()))

    def _say_by_hand(self, faults: Sequence[Fault]) -> None:
        if faults and self._text.strip():
            said = "The form cannot show it until the text is mended."
        else:
            said = "This condition is none of the five kinds, so it is edited as text. Nothing of it is lost."
        self._by_hand_said.setText(said)

    def _edit_as_text(self) -> None:
        self.show_view("text")
        self.expression.setFocus()

    def _switch(self, name: str) -> None:
        held = self._stack.focusWidget()
        if held is not None:
            held.clearFocus()  # else the hidden page hands it on, and the form scrolls to where that was
        self.show_view(name)
        self.edited.emit(self._text)
        self.take_focus()

    def _segment(self, name: str, words: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"ruleView_{name}")
        button.setText(words)
        button.setCheckable(True)
        button.setAccessibleName(f"Show the condition as {words.lower()}")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self._switch(name))
        return button

    def _make_layout(self) -> None:
        heads = QHBoxLayout()
        heads.setSpacing(4)
        for button in self._views.values():
            heads.addWidget(button)
        heads.addStretch(1)
        form_page = QWidget(self)
        column = QVBoxLayout(form_page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._kind_row)
        column.addWidget(self._kind_form)
        self._by_hand = QWidget(form_page)
        by_hand = QVBoxLayout(self._by_hand)
        by_hand.setContentsMargins(0, 0, 0, 0)
        self._by_hand_said = plain_label("", tone="second")
        self._edit_text = QPushButton("Edit the text", self._by_hand)
        self._edit_text.setObjectName("editAsText")
        self._edit_text.setAccessibleName("Edit the condition as text")
        self._edit_text.clicked.connect(self._edit_as_text)
        by_hand.addWidget(self._by_hand_said)
        by_hand.addWidget(self._edit_text, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._by_hand)
        text_page = QWidget(self)
        text_column = QVBoxLayout(text_page)
        text_column.setContentsMargins(0, 0, 0, 0)
        text_column.setSpacing(4)
        text_column.addWidget(self.expression)
        text_column.addWidget(self._help)
        self._stack = QStackedWidget(self)
        self._pages = form_page, text_page
        for page in self._pages:
            self._stack.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(heads)
        whole.addWidget(self._stack)
        whole.addWidget(self._said)
