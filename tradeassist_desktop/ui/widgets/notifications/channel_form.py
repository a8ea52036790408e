"""What a channel needs, asked for field by field as its kind declares them."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from tradeassist_desktop.domain.errors import Fault
from tradeassist_desktop.domain.secret import NOBODY
from tradeassist_desktop.services.channel_setup import FieldNow
from tradeassist_desktop.ui.theme import SMALL_PX, Theme, ui_font
from tradeassist_desktop.ui.widgets.controls import Check, Choice
from tradeassist_desktop.ui.widgets.page_scroll import PageFoot
from tradeassist_desktop.ui.widgets.section import bring_into_sight
from tradeassist_desktop.ui.widgets.sign_in_steps import named_button, plain_label

_LONGEST: Final = 8_000
_UNKNOWN: Final = (
    "{trouble}. What is kept there is not known: enter all that belongs together, such as user name and "
    "password. It stays in memory until it can be kept."
)


class ChannelForm(QWidget):
    """Fields with their hints; a fault stands below the field it is about.

    Secrets go in and never come out: a field shows that one is kept, and is empty.

    Args:
        title: The channel's, for people.
        foot: Gets Save and Cancel, and what is wrong with no one field.
    """

    saved = Signal(dict)
    """What was changed, by the field's id; an empty text takes it out."""
    left = Signal()

    def __init__(
        self, *, fields: Sequence[FieldNow], title: str, theme: Theme, foot: PageFoot, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("channelForm")
        self.foot = foot
        self._inputs = [_Input(now=now, theme=theme, parent=self) for now in fields]
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for place, each in enumerate(self._inputs):
            label = QLabel(each.now.field.label, self)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setFont(ui_font(12))
            label.setBuddy(each.control)
            grid.addWidget(label, 3 * place, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addLayout(each.line, 3 * place, 1)
            grid.addWidget(each.hint, 3 * place + 1, 1)
            grid.addWidget(each.fault, 3 * place + 2, 1)
        trouble = next((now.trouble for now in fields if now.trouble), "")
        self._unknown = plain_label(self, ui_font(12), tone="warn")
        self._unknown.setObjectName("channelFormUnknown")
        self._unknown.setText(_UNKNOWN.format(trouble=f"{trouble[:1].upper()}{trouble[1:]}"))
        self._unknown.setVisible(bool(trouble))
        said = plain_label(self, ui_font(SMALL_PX), tone="quiet")
        said.setText(
            "Secrets are kept in this system's keyring and never shown again. Undo brings back settings only."
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(8)
        column.addWidget(self._unknown)
        column.addLayout(grid)
        column.addWidget(said)
        self._fault = plain_label(foot, ui_font(12), tone="danger")
        self._fault.setObjectName("channelFormFault")
        self._fill_foot(title)
        for each in self._inputs:
            if isinstance(each.control, QLineEdit):
                each.control.returnPressed.connect(self._save)

    def _fill_foot(self, title: str) -> None:
        save = named_button("channelFormSave", "Save", parent=self.foot)
        save.setAccessibleName(f"Save {title}")
        save.setProperty("kind", "primary")
        cancel = named_button("channelFormCancel", "Cancel", parent=self.foot)
        cancel.setAccessibleName(f"Cancel {title}")
        whose = plain_label(self.foot, ui_font(12), tone="second")
        whose.setText(title)
        whose.setWordWrap(False)
        for part in (save, cancel, whose):  # so that those of two forms stand level
            self.foot.row.addWidget(part)
        self.foot.row.addWidget(self._fault, 1)
        save.clicked.connect(self._save)
        cancel.clicked.connect(self.left)
        # The foot is no part of the form: its keys do not come up to it.
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self.foot)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.left)
        self._save_button = save
        if self._inputs:
            self.foot.lead_back(save, to=self._inputs[-1].last)

    def take_focus(self) -> None:
        """Put the keyboard into the first field."""
        if self._inputs:
            self._inputs[0].control.setFocus()
            # In a low dock the whole of it does not fit: its beginning is what counts.
            for part in (self, self._inputs[0].control, self._unknown):
                if not part.isHidden():
                    bring_into_sight(part)

    def show_faults(self, faults: Sequence[Fault]) -> None:
        """Say below each field what is wrong with it, and the rest below them all."""
        by_label = {each.now.field.label: each for each in self._inputs}
        for each in self._inputs:
            each.say("")
        rest = [str(fault) for fault in faults if fault.place not in by_label]
        for fault in faults:
            if fault.place in by_label:
                by_label[fault.place].say(fault.message)
        self._fault.setText("\n".join(rest))
        first = next((by_label[fault.place] for fault in faults if fault.place in by_label), None)
        if first is not None:
            first.control.setFocus()
            bring_into_sight(first.fault)

    def clear_secrets(self) -> None:
        """Forget what was typed unseen."""
        for each in self._inputs:
            if each.now.field.secret and isinstance(each.control, QLineEdit):
                each.control.clear()

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Go from the last field to Save: what is read between them belongs to others."""
        if is_next and self._inputs and self.focusWidget() is self._inputs[-1].last:
            self._save_button.setFocus(Qt.FocusReason.TabFocusReason)
            return True
        return super().focusNextPrevChild(is_next)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)

    def _save(self) -> None:
        entered = {each.now.field.id: each.text for each in self._inputs if each.is_changed}
        self.saved.emit(entered)


class _Input:
    """One field: its control, its hint and its fault."""

    def __init__(self, *, now: FieldNow, theme: Theme, parent: QWidget) -> None:
        self.now = now
        self._is_taken_out = False
        self.control = self._control(now, theme, parent)
        self.last: QWidget = self.control  # in the order of Tab
        self.line = QHBoxLayout()
        self.line.setSpacing(4)
        self.line.addWidget(self.control, 0 if isinstance(self.control, Check | Choice) else 1)
        if isinstance(self.control, Check | Choice):
            self.line.addStretch(1)
        elif now.source:
            out = named_button(f"takeOut_{now.field.id}", "Take out", parent=parent)
            out.setAccessibleName(f"Take out {now.field.label}")
            out.setProperty("kind", "link")
            out.clicked.connect(self._take_out)
            self.line.addWidget(out)
            self.last = out
        self.hint = plain_label(parent, ui_font(SMALL_PX), tone="quiet")
        self.hint.setText(now.field.hint)
        self.fault = plain_label(parent, ui_font(12), tone="danger")
        self.fault.setObjectName(f"fault_{now.field.id}")
        self.fault.hide()

    @property
    def text(self) -> str:
        """What was entered."""
        if isinstance(self.control, QCheckBox):
            return "yes" if self.control.isChecked() else "no"
        return self.control.value if isinstance(self.control, Choice) else self.control.text()

    @property
    def is_changed(self) -> bool:
        """Whether it is to be kept: a secret whose field is left empty stays as it is."""
        return self.text != self.now.text or self._is_taken_out

    def say(self, fault: str) -> None:
        """Say what is wrong with it; empty for nothing."""
        self.fault.setText(fault[:1].upper() + fault[1:])
        self.fault.setVisible(bool(fault))
        self.control.setProperty("hasFault", bool(fault))
        self.control.style().polish(self.control)

    def _control(self, now: FieldNow, theme: Theme, parent: QWidget) -> "Check | Choice | QLineEdit":
        field = now.field
        if now.is_flag:
            check = Check("", name=f"field_{field.id}", title=field.label, theme=theme, parent=parent)
            check.show_state(now.text == "yes")
            return check
        if now.choices:
            choice = Choice(name=f"field_{field.id}", title=field.label, theme=theme, parent=parent)
            choice.offer([(each, each) for each in now.choices], now.text)
            return choice
        line = QLineEdit(now.text, parent)
        line.setObjectName(f"field_{field.id}")
        line.setAccessibleName(field.label)
        line.setAccessibleDescription(field.hint)
        line.setMaxLength(_LONGEST)
        if field.is_hidden:
            line.setEchoMode(QLineEdit.EchoMode.Password)
        if field.secret:
            line.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData)
        line.setPlaceholderText(_placeholder(now))
        return line

    def _take_out(self) -> None:
        self._is_taken_out = True
        assert isinstance(self.control, QLineEdit)
        self.control.clear()
        self.control.setPlaceholderText("Is taken out when you save")


def _placeholder(now: FieldNow) -> str:
    if now.trouble:
        return "Not known now; type to enter it anew"
    if now.source == NOBODY:
        return "In memory until it can be kept; type to replace it"
    if now.source == "environment":
        return "Given by the environment; what you type goes before it"
    if now.source:
        return f"Kept in the {now.source}; type to replace it"
    return "Optional" if now.field.is_optional else "Needed"
