"""What a person gives of Google Cloud: a project, a region, and who the program is there."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.errors import Fault
from tradeassist_desktop.services.credentials.google_cloud import CREDENTIALS, LABELS, LOCATION, PROJECT
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import SMALL_PX, ui_font
from tradeassist_desktop.ui.widgets.controls import Check, Choice
from tradeassist_desktop.ui.widgets.section import bring_into_sight
from tradeassist_desktop.ui.widgets.sign_in_steps import named_button, plain_label

_LONGEST: Final = 1_000
_DEFAULT: Final = "default"
_FILE: Final = "file"
_HINTS: Final = {
    PROJECT: "Its id, such as my-desk-1234; empty keeps nothing in Secret Manager.",
    LOCATION: "Of regional secrets, such as europe-west3; empty for global ones.",
    CREDENTIALS: "Of a service account; only you should be able to read the file.",
}


class CloudForm(QWidget):
    """Fields with their hints; a fault stands below the field it is about.

    ``check`` and ``save`` are for the page's foot, which stays in sight.
    """

    check_wanted = Signal()
    save_wanted = Signal()
    typed = Signal()
    """Something else stands in a field."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("cloudForm")
        self._lines = {
            key: _line(f"cloud{name}", LABELS[key], parent=self)
            for key, name in ((PROJECT, "Project"), (LOCATION, "Region"), (CREDENTIALS, "KeyFile"))
        }
        self._faults = {key: plain_label(self, ui_font(12), tone="danger") for key in self._lines}
        self._hints = {key: plain_label(self, ui_font(SMALL_PX), tone="quiet") for key in self._lines}
        self._who = Choice(name="cloudWho", title="Credentials", theme=context.theme, parent=self)
        self._who.offer(
            [
                (_DEFAULT, "What gcloud or this computer is signed in as"),
                (_FILE, "A service account's key file"),
            ],
            _DEFAULT,
        )
        self._choose = named_button("cloudChooseFile", "Choose…", parent=self)
        self._choose.setAccessibleName("Choose the key file")
        self.writes = Check(
            "Also keep a secret that is none, read it back and delete it",
            name="cloudWrites",
            title="Also keep a secret that is none, read it back and delete it",
            theme=context.theme,
            parent=self,
        )
        self.check = named_button("cloudCheck", "Check", parent=self)
        self.check.setToolTip("Try what is in the fields, before anything is saved")
        self.save = named_button("cloudSave", "Save", parent=self)
        self.save.setToolTip("Keep secrets as the fields say, from now on")
        self.save.setProperty("kind", "primary")
        self.setFocusProxy(self._lines[PROJECT])
        self._lay_out()
        self.check.clicked.connect(self.check_wanted)
        self.save.clicked.connect(self.save_wanted)
        self._choose.clicked.connect(self._choose_file)
        self._who.picked.connect(lambda _: self._show_who())
        for key, line in self._lines.items():
            line.textEdited.connect(lambda _, key=key: self._on_typed(key))
            line.returnPressed.connect(self.check_wanted)
        for thing in (*self._lines.values(), self._who, self._choose, self.save):
            context.rights.enable(thing, Act.SETTINGS)
        for thing in (self.check, self.writes):
            context.rights.enable(thing, Act.CREDENTIALS)

    @property
    def draft(self) -> dict[str, str]:
        """What stands in the fields, by setting."""
        texts = {key: line.text().strip() for key, line in self._lines.items()}
        if self._who.value == _DEFAULT:
            texts[CREDENTIALS] = ""
        return texts

    def show_values(self, values: Mapping[str, str]) -> None:
        """Show what is saved."""
        for key, text in values.items():
            if self._lines[key].text() != text:
                self._lines[key].setText(text)
        choices = [self._who.itemData(place) for place in range(self._who.count())]
        self._who.setCurrentIndex(choices.index(_FILE if values[CREDENTIALS] else _DEFAULT))
        self._show_who()

    def show_faults(self, faults: Sequence[Fault]) -> None:
        """Say below each field what is wrong with it."""
        words = {fault.place: fault.message for fault in faults}
        for key, label in self._faults.items():
            found = words.get(LABELS[key], "")
            label.setText(f"{found[:1].upper()}{found[1:]}")
            label.setVisible(bool(found))
            self._lines[key].setProperty("hasFault", bool(found))
            self._lines[key].style().polish(self._lines[key])
        first = next((key for key in self._lines if LABELS[key] in words), None)
        if first is not None:
            self._lines[first].setFocus()
            bring_into_sight(self._faults[first])

    def take_file(self, file: Path) -> None:
        """Enter the path of a key file."""
        self._lines[CREDENTIALS].setText(str(file))
        self._on_typed(CREDENTIALS)

    def _on_typed(self, key: str) -> None:
        self._faults[key].hide()
        self.typed.emit()

    def _choose_file(self) -> None:
        chooser = QFileDialog(self, "Key file of a service account", str(Path.home()))
        chooser.setObjectName("cloudKeyFileChooser")
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.setNameFilter("Key file (*.json)")
        chooser.fileSelected.connect(lambda file: self.take_file(Path(file)))
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    def _show_who(self) -> None:
        is_file = self._who.value == _FILE
        for widget in (self._lines[CREDENTIALS], self._choose, self._hints[CREDENTIALS]):
            widget.setVisible(is_file)
        if not is_file:
            self._faults[CREDENTIALS].hide()
        self.typed.emit()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        file_row = QHBoxLayout()
        file_row.setSpacing(8)
        file_row.addWidget(self._lines[CREDENTIALS], 1)
        file_row.addWidget(self._choose)
        place = 0
        for key in (PROJECT, LOCATION):
            grid.addWidget(_caption(LABELS[key], self._lines[key], parent=self), place, 0)
            grid.addWidget(self._lines[key], place, 1)
            place = self._below(grid, place, key)
        grid.addWidget(_caption("Credentials", self._who, parent=self), place, 0)
        grid.addWidget(self._who, place, 1, Qt.AlignmentFlag.AlignLeft)
        grid.addLayout(file_row, place + 1, 1)
        self._below(grid, place + 1, CREDENTIALS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(grid)
        column.addWidget(self.writes)

    def _below(self, grid: QGridLayout, place: int, key: str) -> int:
        self._hints[key].setText(_HINTS[key])
        self._lines[key].setAccessibleDescription(_HINTS[key])
        self._faults[key].setObjectName(f"fault_{key}")
        self._faults[key].hide()
        grid.addWidget(self._hints[key], place + 1, 1)
        grid.addWidget(self._faults[key], place + 2, 1)
        grid.setRowMinimumHeight(place + 3, 4)
        return place + 4


def _line(name: str, title: str, *, parent: QWidget) -> QLineEdit:
    line = QLineEdit(parent)
    line.setObjectName(name)
    line.setAccessibleName(title)
    line.setMaxLength(_LONGEST)
    return line


def _caption(words: str, control: QWidget, *, parent: QWidget) -> QLabel:
    label = QLabel(words, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(ui_font(12))
    label.setBuddy(control)
    return label
