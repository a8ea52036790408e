"""A list to choose from while the keyboard stays in a line above it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from tradeassist_desktop.ui.theme import SMALL_PX, Theme, code_font, mix, ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.cells import CellDelegate, Index, draw_text

CHOICE_PX: Final = 28
_ICON_PX: Final = 14
_GAP_PX: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One line of the list.

    Args:
        marks: Which of the title's letters were typed, by number.
        is_code: Whether the title is written as in a condition.
        why_not: Why it cannot be chosen now; empty where it can.
    """

    title: str
    help: str = ""
    keys: str = ""
    icon: str = ""
    tip: str = ""
    marks: tuple[int, ...] = ()
    is_code: bool = False
    why_not: str = ""


class ChoiceModel(QAbstractListModel):
    """The choices, replaced all at once."""

    def __init__(self, *, parent: QObject) -> None:
        super().__init__(parent)
        self.choices: tuple[Choice, ...] = ()

    def replace(self, choices: Sequence[Choice]) -> None:
        """Offer others."""
        self.beginResetModel()
        self.choices = tuple(choices)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        """Return how many there are."""
        return 0 if parent.isValid() else len(self.choices)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the choice, or how it is read out."""
        choice = self.choices[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return choice.title
        if role == Qt.ItemDataRole.UserRole:
            return choice
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(choice.tip or choice.why_not or None)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            parts = (choice.title, choice.help, choice.keys, choice.why_not)
            return ". ".join(part for part in parts if part)
        return None


class _ChoiceCells(CellDelegate):
    def __init__(self, *, theme: Theme, parent: QObject) -> None:
        super().__init__(theme=theme, row_px=CHOICE_PX, parent=parent)
        self._title = ui_font()
        self._marked = ui_font(weight=QFont.Weight.DemiBold)
        self._code = code_font(12)
        self._small = ui_font(SMALL_PX)
        self._keys = code_font(SMALL_PX)

    def ground(self, index: Index, is_selected: bool) -> QColor | None:
        tokens = self.theme.tokens
        return mix(tokens.surface_2, tokens.accent, 0.22) if is_selected else None

    def draw(self, painter: QPainter, rect: QRect, index: Index) -> None:
        choice: Choice = index.data(Qt.ItemDataRole.UserRole)
        tokens = self.theme.tokens
        left = rect.left() + 8
        if choice.icon:
            scale = painter.device().devicePixelRatioF()
            picture = self.theme.pixmap(choice.icon, tokens.text_3, _ICON_PX, scale)
            painter.drawPixmap(left, rect.center().y() - _ICON_PX // 2 + 1, picture)
            left += _ICON_PX + 8
        right = rect.right() - 8
        if choice.keys:
            width = QFontMetrics(self._keys).horizontalAdvance(choice.keys) + 4
            keys = QRect(right - width, rect.top(), width, rect.height())
            draw_text(painter, keys, choice.keys, colour=tokens.text_3, font=self._keys, padding=0)
            right -= width + _GAP_PX
        left = self._draw_title(painter, QRect(left, rect.top(), right - left, rect.height()), choice)
        said = choice.why_not or choice.help
        if said and right - left > _GAP_PX:
            place = QRect(left + _GAP_PX, rect.top(), right - left - _GAP_PX, rect.height())
            colour = tokens.warn if choice.why_not else tokens.text_3
            draw_text(painter, place, said, colour=colour, font=self._small, padding=0)

    def _draw_title(self, painter: QPainter, rect: QRect, choice: Choice) -> int:
        """Draw the title, its typed letters stronger; return where it ends."""
        tokens = self.theme.tokens
        plain = QColor(tokens.text_3 if choice.why_not else tokens.text_1)
        strong = QColor(tokens.accent)
        font = self._code if choice.is_code else self._title
        if not choice.marks:
            width = min(QFontMetrics(font).horizontalAdvance(choice.title) + 2, rect.width())
            draw_text(painter, _cut(rect, width), choice.title, colour=plain, font=font, padding=0)
            return rect.left() + width
        x = rect.left()
        for number, letter in enumerate(choice.title):
            is_marked = number in choice.marks
            painter.setFont(self._marked if is_marked and not choice.is_code else font)
            painter.setPen(strong if is_marked else plain)
            width = painter.fontMetrics().horizontalAdvance(letter)
            if x + width > rect.right():
                break
            place = QRect(x, rect.top(), width + 2, rect.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, letter)
            x += width
        return x


class ChoiceList(QListView):
    """Shows choices; never has the keyboard itself.

    Args:
        most_shown: Its height grows up to as many lines.
    """

    chosen = Signal(int)
    """One was clicked, by its number."""

    def __init__(self, *, name: str, title: str, theme: Theme, most_shown: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setProperty("kind", "choices")
        self._most_shown = most_shown
        self._choices = ChoiceModel(parent=self)
        self.setModel(self._choices)
        self.setItemDelegate(_ChoiceCells(theme=theme, parent=self))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.clicked.connect(lambda index: self.chosen.emit(index.row()))
        theme.changed.connect(self.viewport().update)
        self.offer(())

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What is offered."""
        return self._choices.choices

    @property
    def row(self) -> int | None:
        """Which one is selected; ``None`` for none."""
        index = self.currentIndex()
        return index.row() if index.isValid() else None

    def offer(self, choices: Sequence[Choice], *, row: int | None = None) -> None:
        """Show these, ``row`` selected; nothing to show takes no room."""
        self._choices.replace(choices)
        self.setFixedHeight(min(len(choices), self._most_shown) * CHOICE_PX)
        self.setVisible(bool(choices))
        self.select(row)
        self.scrollToTop()

    def select(self, row: int | None) -> None:
        """Select one, or none."""
        has_row = row is not None and 0 <= row < len(self.choices)
        index = self._choices.index(row, 0) if row is not None and has_row else QModelIndex()
        self.setCurrentIndex(index)
        if not index.isValid():
            self.clearSelection()

    def step(self, steps: int) -> None:
        """Select the next ones, around the end."""
        count = len(self.choices)
        if not count:
            return
        row = self.row
        if row is None:
            self.select(0 if steps > 0 else count - 1)
        elif abs(steps) == 1:
            self.select((row + steps) % count)
        else:
            self.select(max(0, min(count - 1, row + steps)))


def _cut(rect: QRect, width: int) -> QRect:
    return QRect(rect.left(), rect.top(), width, rect.height())
