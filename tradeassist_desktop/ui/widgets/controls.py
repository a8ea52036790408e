"""Inputs of settings: a check, a choice, a number. None changes as a page is scrolled past it."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QTimeEdit,
    QWidget,
)

from tradeassist_desktop.ui.theme import Theme, Tokens, ui_font

BOX_PX: Final = 14
_GAP_PX: Final = 8


class Check(QCheckBox):
    """A box that is on or off, its mark drawn in the theme's colours."""

    def __init__(self, words: str = "", *, name: str, title: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(words, parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setFont(ui_font(12))
        self._theme = theme
        theme.changed.connect(self.update)

    def show_state(self, is_on: bool) -> None:
        """Show it on or off, without telling of a click."""
        self.setChecked(is_on)

    def sizeHint(self) -> QSize:
        """Return the room of box and words."""
        words = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(BOX_PX + 6 + (_GAP_PX + words if words else 0), 24)

    def minimumSizeHint(self) -> QSize:
        """Return the same."""
        return self.sizeHint()

    def box_left(self) -> float:
        """Return where the box begins; it leaves room for the ring."""
        return 3.0

    def hitButton(self, pos: object) -> bool:
        """Take a click anywhere on it."""
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw box, mark, words, and the ring of what has the keyboard."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setOpacity(1.0 if self.isEnabled() else 0.45)
        left = self.box_left()
        box = draw_box(painter, left, self.height() / 2, is_on=self.isChecked(), tokens=tokens)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.focus), 1.5))
            painter.drawRoundedRect(box.adjusted(-3, -3, 3, 3), 5, 5)
        if self.text():
            painter.setPen(QColor(tokens.text_1))
            words = self.rect().adjusted(round(left) + BOX_PX + _GAP_PX, 0, 0, 0)
            painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), self.text())
        painter.end()


def draw_box(painter: QPainter, left: float, middle: float, *, is_on: bool, tokens: Tokens) -> QRectF:
    """Draw a box with its mark and return where it is.

    Args:
        middle: Its height's.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = QRectF(left, middle - BOX_PX / 2, BOX_PX, BOX_PX).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setPen(QPen(QColor(tokens.accent if is_on else tokens.text_3), 1.0))
    painter.setBrush(QColor(tokens.accent if is_on else tokens.surface_2))
    painter.drawRoundedRect(box, 3, 3)
    if is_on:
        painter.setPen(QPen(QColor(tokens.on_accent), 1.8))
        corners = ((0.22, 0.52), (0.42, 0.72), (0.78, 0.30))
        painter.drawPolyline(
            QPolygonF([box.topLeft() + QPointF(x * box.width(), y * box.height()) for x, y in corners])
        )
    return box


class Choice(QComboBox):
    """One of several words."""

    picked = Signal(str)
    """The value that was chosen by hand."""

    def __init__(self, *, name: str, title: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setFont(ui_font(12))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMinimumContentsLength(4)
        self._theme = theme
        self.activated.connect(lambda place: self.picked.emit(str(self.itemData(place))))
        theme.changed.connect(self.update)

    @property
    def value(self) -> str:
        """What is chosen; empty for nothing."""
        chosen = self.currentData()
        return "" if chosen is None else str(chosen)

    def offer(self, choices: Sequence[tuple[str, str]], chosen: str) -> None:
        """Offer values with their titles; one that is not among them is chosen as it is."""
        wanted = list(choices)
        if chosen not in [value for value, _ in wanted]:
            wanted.append((chosen, chosen))
        if [(self.itemData(place), self.itemText(place)) for place in range(self.count())] != wanted:
            self.clear()
            for value, title in wanted:
                self.addItem(title, value)
        self.setCurrentIndex([value for value, _ in wanted].index(chosen))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it, with dots where its words do not fit, and an arrow, which a style sheet cannot colour."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        words = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        option.currentText = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self._theme.tokens
        painter.setPen(QPen(QColor(tokens.text_2 if self.isEnabled() else tokens.text_3), 1.5))
        tip = QPointF(self.width() - 13, self.height() / 2 + 2)
        painter.drawPolyline(QPolygonF([tip + QPointF(-4, -4), tip, tip + QPointF(4, -4)]))
        painter.end()


class Number(QSpinBox):
    """A whole number, turned by keys."""

    turned = Signal(int)
    """The number that was given by hand."""

    def __init__(self, *, name: str, title: str, low: int, high: int, suffix: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setFont(ui_font(12))
        self.setRange(low, high)
        self.setSuffix(suffix)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lineEdit().setTextMargins(6, 0, 0, 0)
        self.valueChanged.connect(self.turned)

    def show_number(self, number: int) -> None:
        """Show a number, without telling of it."""
        self.blockSignals(True)
        self.setValue(number)
        self.blockSignals(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()

    def event(self, event: QEvent) -> bool:
        """Leave undoing to the page, where nothing typed is left to undo here."""
        kinds = QEvent.Type
        if isinstance(event, QKeyEvent) and event.type() in (kinds.ShortcutOverride, kinds.KeyPress):
            line, keys = self.lineEdit(), QKeySequence.StandardKey
            for key, is_here in ((keys.Undo, line.isUndoAvailable()), (keys.Redo, line.isRedoAvailable())):
                if event.matches(key) and not is_here:
                    event.ignore()
                    return False
        return super().event(event)


class Moment(QDateTimeEdit):
    """A day and a time of this machine's zone."""

    def __init__(self, *, name: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setFont(ui_font(12))
        self.setDisplayFormat("ddd d MMM HH:mm")
        self.lineEdit().setTextMargins(6, 0, 0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()


class TimeOfDay(QTimeEdit):
    """A time of the day, to the minute."""

    def __init__(self, *, name: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setFont(ui_font(12))
        self.setDisplayFormat("HH:mm")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedWidth(64)
        self.lineEdit().setTextMargins(6, 0, 0, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take a digit where all is chosen as the first, and where nothing is in place of what stands there.

        Qt drops either, and goes on with those that are typed after it: another time would be set.
        """
        line = self.lineEdit()
        if event.text().isdigit() and line.selectedText() == line.text():
            self.setSelectedSection(QDateTimeEdit.Section.HourSection)
        elif event.text().isdigit() and not line.selectedText() and len(line.text()) == len("HH:mm"):
            self.setSelectedSection(self.currentSection())
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()
