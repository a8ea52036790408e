"""The window of the toasts: see-through, in front, and without the keyboard unless its trader asks."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QKeySequence, QPainterPath, QRegion, QResizeEvent
from PySide6.QtWidgets import QApplication, QLayout, QPushButton, QVBoxLayout, QWidget

from tradeassist_desktop.ui.widgets.toast_card import RADIUS_PX, WIDTH_PX, ToastCard

_GAP_PX: Final = 8


class ToastWindow(QWidget):
    """Cards, one below the other."""

    keys_unused = Signal(QKeySequence)
    """Keys were pressed that do nothing here."""

    def __init__(self) -> None:
        super().__init__(
            None,
            Qt.WindowType.Tool
            | Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.WindowStaysOnTopHint
            | Qt.WindowType.WindowDoesNotAcceptFocus
            | Qt.WindowType.NoDropShadowWindowHint,
        )
        self.setObjectName("toastStack")
        self.setAccessibleName("Alerts just raised")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self._is_pointed_at = False
        self._has_keyboard = False
        self._was_active = False
        self._came_from: QWidget | None = None
        self._cards: list[ToastCard] = []
        self._placed: list[ToastCard] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(_GAP_PX)
        # Else cards that have gone would keep the window as tall as it was with them.
        self._column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)

    @property
    def is_attended(self) -> bool:
        """Whether the pointer rests on it, or the keyboard is in it."""
        return self._is_pointed_at or self._has_keyboard

    def show_cards(self, cards: list[ToastCard]) -> None:
        """Show these in place of those before, which are deleted; none hides the window."""
        if cards and cards == self._cards:
            return
        # Looked up before any goes: Qt moves the keyboard from it to whatever is next, such as a cross.
        had_focus = any(card in self._cards and card.isAncestorOf(self.focusWidget()) for card in cards)
        for card in self._cards:
            self._column.removeWidget(card)
            if card not in cards:
                card.hide()
                card.deleteLater()
        self._cards = cards
        for card in cards:
            self._column.addWidget(card)
            # Else it came with the next turn of the loop, and those around it stood as if it were not there.
            card.show()
        if not cards:
            self._is_pointed_at = False
            self.give_back_keyboard()
            self.hide()
        elif self._has_keyboard and not had_focus:
            self._focus_first()

    def measure(self) -> tuple[int, int]:
        """Return the width and height its cards need."""
        heights = [card.height_px() for card in self._cards]
        return WIDTH_PX, sum(heights) + _GAP_PX * (len(heights) - 1)

    def place(self, wanted: QRect) -> None:
        """Go there; no part of the window is seen before there is a card on it."""
        if wanted == self.geometry() and self._cards == self._placed:
            return  # a layout that changes within says so
        self._placed = self._cards
        self._column.setGeometry(QRect(QPoint(0, 0), wanted.size()))
        self._cut()
        if self.geometry() != wanted:
            self.setGeometry(wanted)

    def paint_now(self) -> None:
        """Paint what has changed, before all else that waits for this thread."""
        for what in (QEvent.Type.LayoutRequest, QEvent.Type.UpdateRequest):
            QCoreApplication.sendPostedEvents(self, what.value)

    def show_ages(self, ages_ns: Sequence[int]) -> None:
        """Say how long ago each came, from the top."""
        if len(ages_ns) == len(self._cards):
            for card, age_ns in zip(self._cards, ages_ns, strict=True):
                card.show_age(age_ns)

    def take_keyboard(self) -> None:
        """Have Tab, Return and Escape: the trader asked for it."""
        if not self.isVisible():
            return
        self._came_from = QApplication.activeWindow()
        self._has_keyboard, self._was_active = True, False
        self.setWindowFlag(Qt.WindowType.WindowDoesNotAcceptFocus, False)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, False)
        self.show()
        self.activateWindow()
        self._focus_first()

    def give_back_keyboard(self) -> None:
        """Let it return to the window it came from."""
        if not self._has_keyboard:
            return
        self._has_keyboard = False
        was_active = self.isActiveWindow()
        focused = self.focusWidget()
        if focused is not None:
            focused.clearFocus()  # the screen is slower: until it has changed, this would count as in use
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setWindowFlag(Qt.WindowType.WindowDoesNotAcceptFocus)
        if self._cards:
            self.show()
        came_from, self._came_from = self._came_from, None
        if was_active and came_from not in (None, self) and came_from.isVisible():
            came_from.activateWindow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave with Escape; let others have the keys that are not for the cards."""
        if event.key() == Qt.Key.Key_Escape:
            self.give_back_keyboard()
            return
        super().keyPressEvent(event)
        self.keys_unused.emit(QKeySequence(event.keyCombination()))

    def changeEvent(self, event: QEvent) -> None:
        """Give the keyboard up when the trader has gone elsewhere."""
        super().changeEvent(event)
        if event.type() is not QEvent.Type.ActivationChange or not self._has_keyboard:
            return
        if self.isActiveWindow():
            self._was_active = True
        elif self._was_active:  # and not on its way to be
            self.give_back_keyboard()

    def event(self, event: QEvent) -> bool:
        """Follow cards that move within the window: one takes its final height once it is shown."""
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self._cut()
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow its size."""
        self._column.activate()
        self._cut()

    def _cut(self) -> None:
        """Cut the window to its cards: without a compositor see-through is black."""
        shape = QRegion()
        for card in self._cards:
            path = QPainterPath()
            path.addRoundedRect(QRectF(card.geometry()), RADIUS_PX, RADIUS_PX)
            shape += QRegion(path.toFillPolygon().toPolygon())
        self.setMask(shape)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Take notice of the pointer."""
        self._is_pointed_at = True

    def leaveEvent(self, event: QEvent) -> None:
        """Take notice that the pointer has gone."""
        self._is_pointed_at = False

    def _focus_first(self) -> None:
        buttons = self._cards[0].findChildren(QPushButton) if self._cards else []
        usable = [button for button in buttons if button.isEnabled()]
        if usable:
            usable[0].setFocus(Qt.FocusReason.ShortcutFocusReason)
