"""The steps of a check as they are done: what was found, and a line for a terminal that mends it."""

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tradeassist_desktop.domain.secret_setup import StepResult
from tradeassist_desktop.services.credentials.google_cloud import CheckedStep
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.section import bring_into_sight
from tradeassist_desktop.ui.widgets.sign_in_steps import named_button, plain_label

_ICONS: Final = {
    StepResult.OK: "check",
    StepResult.HINT: "question",
    StepResult.FAILED: "warning",
    StepResult.SKIPPED: "ring",
}
_TITLE_PX: Final = 96
_SPOKEN: Final = {
    StepResult.OK: "well",
    StepResult.HINT: "well, with a note",
    StepResult.FAILED: "failed",
    StepResult.SKIPPED: "not tried",
}


class CloudSteps(QWidget):
    """Grows step by step."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("cloudSteps")
        self._context = context
        self._steps: list[_Step] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        context.theme.changed.connect(self._paint)
        self.hide()

    @property
    def in_words(self) -> list[str]:
        """Each step as it is read out."""
        return [step.accessibleName() for step in self._steps]

    def clear(self) -> None:
        """Begin anew."""
        for step in self._steps:
            self._column.removeWidget(step)
            step.hide()
            step.deleteLater()
        self._steps.clear()
        self.hide()

    def add(self, checked: CheckedStep) -> None:
        """Show one more."""
        step = _Step(context=self._context, checked=checked, parent=self)
        self._column.addWidget(step)
        self._steps.append(step)
        self.show()
        step.show()
        bring_into_sight(step)

    def _paint(self) -> None:
        for step in self._steps:
            step.paint()


class _Step(QWidget):
    def __init__(self, *, context: PanelContext, checked: CheckedStep, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._result = checked.step.result
        self.setAccessibleName(f"{checked.step.title}: {_SPOKEN[self._result]}. {checked.step.words}")
        self._mark = QLabel(self)
        self._mark.setTextFormat(Qt.TextFormat.PlainText)
        self._mark.setFixedSize(QSize(16, 16))
        title = plain_label(self, ui_font(12, weight=QFont.Weight.DemiBold))
        title.setText(checked.step.title)
        title.setWordWrap(False)
        is_plain = self._result in (StepResult.OK, StepResult.SKIPPED)
        words = plain_label(self, ui_font(12), tone="second" if is_plain else "")
        words.setText(checked.step.words)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnMinimumWidth(1, _TITLE_PX)
        grid.setColumnStretch(2, 1)
        top = Qt.AlignmentFlag.AlignTop
        is_long = title.sizeHint().width() > _TITLE_PX
        grid.addWidget(self._mark, 0, 0, top)
        grid.addWidget(title, 0, 1, 1, 2 if is_long else 1, top)
        grid.addWidget(words, 1 if is_long else 0, 2)
        if checked.line:
            grid.addLayout(self._line(checked), 2, 2)
        self.paint()

    def paint(self) -> None:
        """Draw the mark in the theme's colours; its shape tells the result too."""
        theme = self._context.theme
        colour = {
            StepResult.OK: theme.tokens.up,
            StepResult.HINT: theme.tokens.warn,
            StepResult.FAILED: theme.tokens.danger,
            StepResult.SKIPPED: theme.tokens.text_3,
        }[self._result]
        self._mark.setPixmap(theme.pixmap(_ICONS[self._result], colour, 12, self.devicePixelRatioF()))

    def _line(self, checked: CheckedStep) -> QHBoxLayout:
        # It wraps where it is long, so that all of it can be read before it is run.
        line = plain_label(self, ui_font(12), tone="second")
        line.setText(checked.line)
        copy = named_button("cloudCopyLine", "Copy", parent=self)
        copy.setAccessibleName(f"Copy the line that mends “{checked.step.title}”")
        copy.setProperty("kind", "link")
        copy.clicked.connect(lambda: self._copy(checked.line))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(line, 1)
        row.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _copy(self, line: str) -> None:
        QGuiApplication.clipboard().setText(line)
        self._context.navigator.noticed.emit("Copied; run it in a terminal where gcloud is signed in")
