"""A condition as the form of one of the five kinds."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.market import TIMEFRAMES
from tradeassist_desktop.engine.kinds.form_fields import FieldType, FormField
from tradeassist_desktop.engine.kinds.kind_forms import KINDS, Form, KindSpec, view_of
from tradeassist_desktop.engine.kinds.kind_writing import blank_form
from tradeassist_desktop.engine.kinds.kinds import MOST_PARTS, RANGES
from tradeassist_desktop.engine.language import is_unfinished
from tradeassist_desktop.ui.tasks import Tasks
from tradeassist_desktop.ui.theme import Theme, code_font
from tradeassist_desktop.ui.widgets.editor.completion import WordCompletion
from tradeassist_desktop.ui.widgets.editor.field_row import FieldRow, plain_label
from tradeassist_desktop.ui.widgets.editor.inputs import ChoiceInput, Input, LineInput
from tradeassist_desktop.ui.widgets.symbol_hints import SymbolCompleter, SymbolHints

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

SPECS: Final[Mapping[str, KindSpec]] = {spec.name: spec for spec in KINDS}
_SIMPLE: Final = tuple((spec.name, spec.label) for spec in KINDS if spec.make is not None)
_WORDS: Final = frozenset((FieldType.OPERAND, FieldType.VALUE))


class KindForm(QWidget):
    """The fields of one kind; rebuilt as another kind, or another number of parts, is shown."""

    edited = Signal(dict)
    """The form as it is filled in by now, by the trader's hand."""

    rested = Signal()
    """Nothing more is typed into a field for now."""

    def __init__(self, *, desk: "Desk", tasks: Tasks, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("kindForm")
        self._desk = desk
        self._tasks = tasks
        self._theme = theme
        self._kind = ""
        self._shape: tuple[str, ...] = ()
        self._form: Form = {}
        self._rows: dict[str, FieldRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._page = QWidget(self)
        self._column.addWidget(self._page)

    def show_form(self, kind: str, form: Form) -> None:
        """Show a form as it is filled in."""
        shape = (kind, *(str(part["kind"]) for part in form.get("parts", ())))
        self._kind, self._form = kind, form
        if shape != self._shape:
            self._shape = shape
            self._build()
        for place, row in self._rows.items():
            row.field.show_text(str(_at(form, place)))
        self._show_needed()
        self.show_faults(())

    def show_faults(self, faults: Sequence[Fault], *, is_strict: bool = False) -> None:
        """Say at each field what is wrong with it; an empty one says by itself what it waits for.

        Args:
            is_strict: What is still being typed is wrong, too.
        """
        of_place: dict[str, Fault] = {}
        for fault in faults:
            if _at(self._form, fault.place) != "":
                of_place.setdefault(fault.place, fault)
        for place, row in self._rows.items():
            told = of_place.get(place)
            if told is None:
                row.show_fault("")
            else:
                row.show_fault(told.message, is_wrong=is_strict or not self._is_begun(told))

    def is_unfinished(self, faults: Sequence[Fault]) -> bool:
        """Return whether all that is wrong waits to be filled in, or is being typed."""
        return all(_at(self._form, fault.place) == "" or self._is_begun(fault) for fault in faults)

    def faults(self) -> tuple[Fault, ...]:
        """Return what is wrong with the form as it is filled in."""
        try:
            view_of(self._kind, self._form)
        except BadInput as error:
            return error.faults
        return ()

    def _is_begun(self, fault: Fault) -> bool:
        row = self._rows.get(fault.place)
        if row is None or not isinstance(row.field, LineInput):
            return False
        line = row.field.line
        if not line.hasFocus() or line.cursorPosition() < len(line.text()):
            return False
        return fault.message.endswith("found the end") or is_unfinished(line.text(), fault.column)

    def label_of(self, place: str) -> str:
        """Return what the form calls a field."""
        row = self._rows.get(place)
        return "" if row is None else row.label

    def take_focus(self) -> None:
        """Go to the first field that waits for something, or to the first of all."""
        rows = [row for row in self._rows.values() if not row.isHidden()]
        lines = [row.field for row in rows if isinstance(row.field, LineInput)]
        waiting = [field for field in lines if not field.is_optional and not field.line.text()]
        for field in (*waiting, *lines)[:1]:
            field.line.setFocus()
            field.line.selectAll()

    # --- building

    def _build(self) -> None:
        self._rows = {}
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for field in SPECS[self._kind].fields:
            self._add(column, field, field.name)
        parts = self._form.get("parts", ())
        for number, part in enumerate(parts):
            column.addWidget(self._part_head(number, str(part["kind"]), can_go=len(parts) > 2))
            for field in SPECS[str(part["kind"])].fields:
                self._add(column, field, f"parts[{number}].{field.name}")
        if self._kind == "multi_condition":
            more = self._button("addCondition", "Add a condition", self._add_part)
            more.setEnabled(len(parts) < MOST_PARTS)
            line = QHBoxLayout()
            line.addWidget(more)
            line.addStretch(1)
            column.addLayout(line)
        self._column.replaceWidget(self._page, page)
        # At once: until it is deleted there would be two fields of one name.
        self._page.setParent(None)
        self._page.deleteLater()
        self._page = page

    def _add(self, column: QVBoxLayout, field: FormField, place: str) -> None:
        made = self._input(field, place)
        made.edited.connect(partial(self._on_edited, place))
        row = FieldRow(label=field.label, field=made, unit=field.unit, parent=self)
        self._rows[place] = row
        column.addWidget(row)

    def _input(self, field: FormField, place: str) -> Input:
        choices = field.choices
        if field.type is FieldType.TIMEFRAME:
            empty = (("", "The rule's own"),) if field.optional else ()
            choices = (*empty, *((each, each) for each in TIMEFRAMES))
        if choices:
            return ChoiceInput(
                key=f"form_{place}",
                title=field.label,
                choices=choices,
                theme=self._theme,
                parent=self,
                help=field.help,
            )
        made = LineInput(
            key=f"form_{place}",
            title=field.label,
            parent=self,
            help=field.help,
            hint=_hint(field),
            longest=500,
            font=code_font(12),
            is_optional=field.optional,
        )
        made.line.editingFinished.connect(self.rested)
        if field.type in _WORDS:
            hints = SymbolHints(symbols=self._desk.symbols, tasks=self._tasks, parent=made)
            completion = WordCompletion(editor=made.line, hints=hints, theme=self._theme)
            made.line.textEdited.connect(lambda _: completion.propose())
            completion.taken.connect(lambda: made.edited.emit(made.line.text()))
        if field.type is FieldType.SYMBOL:
            symbols = SymbolCompleter(line=made.line, symbols=self._desk.symbols, tasks=self._tasks)
            symbols.chosen.connect(partial(self._take_symbol, made))
        return made

    def _take_symbol(self, field: LineInput, symbol: str) -> None:
        field.show_text(symbol)
        field.edited.emit(symbol)

    def _part_head(self, number: int, kind: str, *, can_go: bool) -> QWidget:
        head = QWidget(self)
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 6, 0, 0)
        row.addWidget(plain_label(f"{number + 1}.", tone="quiet"))
        choice = ChoiceInput(
            key=f"form_parts[{number}].kind",
            title=f"Kind of condition {number + 1}",
            choices=_SIMPLE,
            theme=self._theme,
            parent=head,
        )
        choice.show_text(kind)
        choice.edited.connect(partial(self._set_kind, number))
        row.addWidget(choice, 1)
        remove = self._button(f"removeCondition{number}", "Remove", partial(self._remove_part, number))
        remove.setAccessibleName(f"Remove condition {number + 1}")
        remove.setEnabled(can_go)
        row.addWidget(remove)
        return head

    def _button(self, name: str, words: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(words, self)
        button.setObjectName(name)
        button.setAccessibleName(words)
        button.setProperty("kind", "link")
        button.setProperty("isAtEdge", True)
        button.clicked.connect(act)
        return button

    # --- what the trader does

    def _on_edited(self, place: str, text: str) -> None:
        self._tell(_with(self._form, place, text))

    def _set_kind(self, number: int, kind: str) -> None:
        parts = list(self._form["parts"])
        parts[number] = {"kind": kind, **carried(parts[number], blank_form(kind))}
        self._rebuild(parts)

    def _add_part(self) -> None:
        self._rebuild([*self._form["parts"], {"kind": "threshold", **blank_form("threshold")}])

    def _remove_part(self, number: int) -> None:
        self._rebuild([part for place, part in enumerate(self._form["parts"]) if place != number])

    def _rebuild(self, parts: list[Form]) -> None:
        form = {**self._form, "parts": parts}
        self.show_form(self._kind, form)
        self._tell(form)

    def _tell(self, form: Form) -> None:
        self._form = form
        self._show_needed()
        self.edited.emit(form)

    def _show_needed(self) -> None:
        """Hide the upper bound where nothing has one."""
        for place, row in self._rows.items():
            if place.endswith("high"):
                compared = _at(self._form, place.removesuffix("high") + "comparator")
                row.setVisible(compared in RANGES)


def carried(before: Mapping[str, Any], form: Form) -> Form:
    """Return a blank form with what another kind's says as well: what is compared, and with what."""
    value = before.get("operand") or before.get("left")
    level = before.get("level") or before.get("right") or before.get("percent")
    taken = dict(form)
    for name in ("operand", "left"):
        if name in taken and value:
            taken[name] = value
    for name in ("level", "right"):
        if name in taken and level:
            taken[name] = level
    return taken


def _hint(field: FormField) -> str:
    if field.type is FieldType.OPERAND:
        return "last, rsi(14)[5m] …"
    if field.type is FieldType.VALUE:
        return "5530, ema(21)[5m] …"
    if field.type is FieldType.SYMBOL:
        return "The rule's own"
    return "" if field.default else field.limits


def _at(form: Mapping[str, Any], place: str) -> Any:
    if not place.startswith("parts["):
        return form.get(place, "")
    number, _, name = place.removeprefix("parts[").partition("].")
    return form["parts"][int(number)].get(name, "")


def _with(form: Mapping[str, Any], place: str, text: str) -> Form:
    if not place.startswith("parts["):
        changed = {**form, place: text}
        if place == "comparator" and "high" in form and text not in RANGES:
            changed["high"] = ""  # a range that became a comparison has no upper bound any more
        return changed
    number, _, name = place.removeprefix("parts[").partition("].")
    parts = list(form["parts"])
    parts[int(number)] = _with(parts[int(number)], name, text)
    return {**form, "parts": parts}
