"""What is known of one credential, line by line."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.sign_in_steps import plain_label


class CredentialFacts(QWidget):
    """A line each: what, and how that is."""

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._labels: list[tuple[QLabel, QLabel]] = []

    def show_facts(self, facts: list[tuple[str, str]]) -> None:
        """Show these; only what differs is touched, so that a selection in a line stays."""
        while len(self._labels) < len(facts):
            what = plain_label(self, ui_font(12), tone="quiet")
            what.setWordWrap(False)
            how = plain_label(self, ui_font(12), tone="second")
            self._grid.addWidget(what, len(self._labels), 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(how, len(self._labels), 1)
            self._labels.append((what, how))
        for place, pair in enumerate(self._labels):
            is_there = place < len(facts)
            for label, words in zip(pair, facts[place] if is_there else ("", ""), strict=True):
                if label.text() != words:
                    label.setText(words)
                label.setVisible(is_there)
        self.setVisible(bool(facts))
