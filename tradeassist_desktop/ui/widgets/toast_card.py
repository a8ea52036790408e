"""One toast, or many as one: words, what can be done about them, and their priority's colour and mark."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.theme import SMALL_PX, Theme, ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.priority_mark import draw_priority

WIDTH_PX: Final = 440
RADIUS_PX: Final = 8
_MARK_PX: Final = 30  # from the left: the edge in the priority's colour, and its mark
_LONGEST_TITLE: Final = 120
_LONGEST_BODY: Final = 280
_DIGIT: Final = re.compile(r"\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardWords:
    """What a card says; longer than a card is, it is cut."""

    title: str
    priority: Priority
    fact: str = ""
    value: str = ""
    body: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CardButton:
    """What can be done on a card; ``told`` is what a screen reader says before the title.

    Args:
        is_answer: Whether it answers the alert, which not everybody may.
        why_not: Why it cannot be done now; empty where it can.
    """

    words: str
    act: Callable[[], None]
    told: str = ""
    is_answer: bool = False
    why_not: str = ""


class ToastCard(QWidget):
    """All its words are plain text: a rule may be named as its trader likes.

    Args:
        snoozes: Buttons that stand together after the word "Snooze".
    """

    def __init__(
        self,
        *,
        words: CardWords,
        theme: Theme,
        buttons: Sequence[CardButton],
        snoozes: Sequence[CardButton],
        on_close: Callable[[], None],
    ) -> None:
        super().__init__()
        self.setObjectName("toastCard")
        self.setFixedWidth(WIDTH_PX)
        self._theme = theme
        self._parts = _parts(words)
        self._labels: dict[str, QLabel] = {}
        self._told: list[tuple[QWidget, str]] = []
        self._height_px: tuple[str, int] = "", 0
        column = QVBoxLayout(self)
        column.setContentsMargins(36, 12, 10, 8)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._label("title", ui_font(13, weight=QFont.Weight.DemiBold), wraps=True), 1)
        self._age = _label("now", ui_font(SMALL_PX), tone="quiet")
        self._age.setContentsMargins(0, 2, 0, 0)
        head.addWidget(self._age, alignment=Qt.AlignmentFlag.AlignTop)
        close = QToolButton(self)
        close.setIcon(theme.icon("close", theme.tokens.text_3, 12))
        self._told.append((close, "Close this toast"))
        close.setToolTip("Close; the alert stays in the list")
        close.setFixedSize(22, 20)
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        close.clicked.connect(on_close)
        head.addWidget(close, alignment=Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        if "marks" in self._parts:
            column.addWidget(self._label("marks", ui_font(SMALL_PX), tone="warn", wraps=True))
        if "fact" in self._parts:
            facts = QHBoxLayout()
            facts.setSpacing(8)
            facts.addWidget(self._label("fact", ui_font(15, weight=QFont.Weight.DemiBold)))
            facts.addWidget(self._label("value", ui_font(15)))
            facts.addStretch(1)
            column.addLayout(facts)
        if "body" in self._parts:
            column.addWidget(self._label("body", ui_font(12), tone="second", wraps=True))
        if buttons or snoozes:
            column.addLayout(self._button_row(buttons, snoozes))
        self._priority = words.priority
        self.say(words)

    def say(self, words: CardWords) -> bool:
        """Say other words from now on; return whether it can: it has no place for what it had not before."""
        parts = _parts(words)
        if parts.keys() != self._parts.keys():
            return False
        self._parts = parts
        for name, label in self._labels.items():
            label.setText(parts[name])
        title = parts["title"]
        told = (title, words.priority.value, words.fact, words.value, *words.marks)
        self.setAccessibleName(", ".join(part for part in told if part))
        for widget, what in self._told:
            widget.setAccessibleName(f"{what}: {title}")
        if words.priority is not self._priority:
            self._priority = words.priority
            self.update()
        return True

    def height_px(self) -> int:
        """Return how high its words have it be; counts that change by a digit leave that as it is."""
        shape = _DIGIT.sub("0", "\n".join((self._age.text(), *self._parts.values())))
        # Before it is shown a layout gives no size; its own is known, and may change as it gets its style.
        if shape != self._height_px[0] or not self.isVisible():
            is_wrapping = self.hasHeightForWidth()
            height = self.heightForWidth(WIDTH_PX) if is_wrapping else self.sizeHint().height()
            self._height_px = shape, height
        return self._height_px[1]

    def show_age(self, age_ns: int) -> None:
        """Say how long ago it came."""
        self._age.setText(text.age(age_ns))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press the button that has the keyboard, also with Return."""
        button = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(
            button, QPushButton | QToolButton
        ):
            button.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground, the edge in the priority's colour, and its mark."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        # All of it, corners too: what is not painted is black where no compositor is.
        painter.fillRect(event.rect(), QColor(tokens.surface_2))
        if self.rect().adjusted(_MARK_PX, RADIUS_PX, -RADIUS_PX, -RADIUS_PX).contains(event.rect()):
            painter.end()  # words have changed, as with each alert of a storm
            return
        colour = QColor(tokens.of_priority(self._priority))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(tokens.surface_3))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_PX, RADIUS_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(6, 10, 4, self.height() - 20, 2, 2)
        draw_priority(painter, QRectF(19, 17, 9, 9), self._priority, colour, is_filled=True)
        painter.end()

    def _button_row(self, buttons: Sequence[CardButton], snoozes: Sequence[CardButton]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 2, 0, 0)
        row.setSpacing(7)
        for button in buttons[:1]:
            row.addWidget(self._button(button))
        if snoozes:
            together = QHBoxLayout()
            together.setSpacing(1)
            together.addWidget(_label("Snooze", ui_font(12), tone="quiet"))
            for button in snoozes:
                together.addWidget(self._button(button))
            row.addLayout(together)
        for button in buttons[1:]:
            row.addWidget(self._button(button))
        row.addStretch(1)
        return row

    def _label(self, part: str, font: QFont, *, tone: str = "", wraps: bool = False) -> QLabel:
        self._labels[part] = _label(self._parts[part], font, tone=tone, wraps=wraps)
        return self._labels[part]

    def _button(self, spec: CardButton) -> QPushButton:
        button = QPushButton(spec.words, self)
        button.setProperty("kind", "toast")
        self._told.append((button, spec.told or spec.words))
        # A click leaves the keyboard where it is; Tab comes along once the trader has gone to the toasts.
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setFont(ui_font(12))
        button.clicked.connect(spec.act)
        button.setEnabled(not spec.why_not)
        button.setToolTip(plain_tip(spec.why_not))
        return button


def _parts(words: CardWords) -> dict[str, str]:
    """Return what stands where on a card, cut to its length; what is empty has no place."""
    said = " · ".join(words.marks)
    parts = {"title": words.title[:_LONGEST_TITLE], "marks": said[:1].upper() + said[1:]}
    if words.fact or words.value:
        parts |= {"fact": words.fact, "value": words.value}
    parts["body"] = words.body[:_LONGEST_BODY]
    return {name: part for name, part in parts.items() if part or name in ("title", "fact", "value")}


def _label(words: str, font: QFont, *, tone: str = "", wraps: bool = False) -> QLabel:
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(font)
    label.setWordWrap(wraps)
    if tone:
        label.setProperty("tone", tone)
    return label
