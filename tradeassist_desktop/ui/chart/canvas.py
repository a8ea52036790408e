"""What the mouse and the keyboard do on the chart."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent

from tradeassist_desktop.domain.rules import PriceLevel
from tradeassist_desktop.ui.chart.moving_levels import LevelMover
from tradeassist_desktop.ui.chart.surface import ChartSurface
from tradeassist_desktop.ui.theme import Theme

_CLICK_PX: Final = 4
_STEP: Final = 0.1
_FAR_STEP: Final = 0.5
_FAR_TICKS: Final = 10


class ChartCanvas(ChartSurface):
    """The chart's surface under the mouse and the keyboard.

    Args:
        why_fixed: Returns why a level may not be moved; empty where it may.
    """

    alert_clicked = Signal(str)
    menu_wanted = Signal(object, object, object)
    """A right click, or its key: the price there or ``None``, the level there or ``None``, the position."""
    level_moved = Signal(object, float)
    """A level was put at another price."""
    level_opened = Signal(str)
    """The rule of a level is to be edited."""
    level_fixed = Signal(object)
    """A level that may not be moved was to be dragged."""
    refused = Signal(str)
    """Why something cannot be done."""
    touched = Signal()
    """The mouse or the keyboard has come here."""

    def __init__(self, *, theme: Theme, why_fixed: Callable[[PriceLevel], str] = lambda level: "") -> None:
        super().__init__(theme=theme, why_fixed=why_fixed)
        self._mover = LevelMover(lines=self._levels)
        self._pressed_at: QPointF | None = None
        self._fixed: PriceLevel | None = None  # pressed on: a click is no wish to move it
        self._is_press_ours = False
        self.setObjectName("chartCanvas")
        self.setAccessibleName("Price chart")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    # --- pointing

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the crosshair, and with it a level or the chart."""
        self._overlay.pointer = event.position()
        if self._mover.is_dragging:
            self._mover.drag(event.position(), self.scene_now())
        elif not self._is_press_ours:
            super().mouseMoveEvent(event)
        if self._fixed is not None and not self._is_click(event.position()):
            fixed, self._fixed = self._fixed, None
            self.level_fixed.emit(fixed)
        self.viewport().setCursor(self._cursor_at(event.position()))
        self.viewport().update()

    def _cursor_at(self, point: QPointF) -> Qt.CursorShape:
        if self._mover.is_dragging:
            return Qt.CursorShape.SizeVerCursor
        if self._overlay.marks.at(point) is not None:
            return Qt.CursorShape.PointingHandCursor
        level = self._levels.at(point, self.scene_now())
        if level is None:
            return Qt.CursorShape.CrossCursor
        return (
            Qt.CursorShape.ForbiddenCursor if self._levels.why_fixed(level) else Qt.CursorShape.SizeVerCursor
        )

    def leaveEvent(self, event: QEvent) -> None:
        """Put the crosshair away."""
        super().leaveEvent(event)
        self._overlay.pointer = None
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a level, else of the chart; a click is told from a drag at its end."""
        self.touched.emit()
        point = self._pressed_at = event.position()
        self._is_press_ours = event.button() is Qt.MouseButton.RightButton
        level = self._levels.at(point, self.scene_now())
        is_on_mark = self._overlay.marks.at(point) is not None
        self._fixed = None
        if event.button() is Qt.MouseButton.LeftButton and level is not None and not is_on_mark:
            if self._levels.why_fixed(level):
                self._fixed = level
            else:
                self._is_press_ours = True
                self._mover.grab(level, point, self.scene_now())
        if self._is_press_ours:
            # Not to pyqtgraph, which would pan, or zoom with the right button.
            event.accept()
            self.viewport().update()
            return
        self._mover.choose(None)
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of a level, or act on a click: an alert's mark, or the menu of a price."""
        is_ours, self._is_press_ours = self._is_press_ours, False
        point = event.position()
        is_click, self._fixed = self._is_click(point), None
        if is_ours:
            event.accept()
            if event.button() is not Qt.MouseButton.RightButton:
                self._let_go()
            elif is_click:
                self._ask_for_menu(point, event.globalPosition().toPoint())
            return
        super().mouseReleaseEvent(event)
        alert_id = self._overlay.marks.at(point) if is_click else None
        if alert_id is not None:
            self.alert_clicked.emit(alert_id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the rule of a level."""
        level = self._levels.at(event.position(), self.scene_now())
        if level is not None:
            self._mover.give_up()
            self.level_opened.emit(level.uid)
        event.accept()

    def _is_click(self, point: QPointF) -> bool:
        return self._pressed_at is not None and (point - self._pressed_at).manhattanLength() <= _CLICK_PX

    def _ask_for_menu(self, point: QPointF, at: QPoint) -> None:
        scene = self.scene_now()
        has_price = bool(len(self._series)) and scene.prices.contains(point)
        price = self._levels.snapped(scene.price(point.y())) if has_price else None
        self.menu_wanted.emit(price, self._levels.at(point, scene), at)

    def _let_go(self) -> None:
        moved = self._mover.drop()
        self.refresh()
        if moved is not None:
            self.level_moved.emit(*moved)

    # --- the keyboard

    def choose_level(self, level: PriceLevel | None) -> None:
        """Have a level for Up, Down and Enter; none where it may not be moved."""
        if level is not None and (why := self._levels.why_fixed(level)):
            self.refused.emit(why)
            level = None
        self._mover.choose(level)
        self.setAccessibleDescription(self._levels.in_words(self._overlay.last))
        self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pan, zoom, and move the chosen level."""
        self.touched.emit()
        key = event.key()
        is_far = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        steps: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Left: lambda: self.pan(-(_FAR_STEP if is_far else _STEP)),
            Qt.Key.Key_Right: lambda: self.pan(_FAR_STEP if is_far else _STEP),
            Qt.Key.Key_Plus: lambda: self.zoom(0.8),
            Qt.Key.Key_Equal: lambda: self.zoom(0.8),
            Qt.Key.Key_Minus: lambda: self.zoom(1.25),
            Qt.Key.Key_Home: self.go_to_start,
            Qt.Key.Key_End: self.follow,
            Qt.Key.Key_L: lambda: self._choose_next(
                forward=not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            ),
            Qt.Key.Key_Menu: self._menu_by_key,
        }
        if self._levels.held is not None:
            ticks = _FAR_TICKS if is_far else 1
            steps |= {
                Qt.Key.Key_Up: lambda: self._step(ticks),
                Qt.Key.Key_Down: lambda: self._step(-ticks),
                Qt.Key.Key_Return: self._let_go,
                Qt.Key.Key_Enter: self._let_go,
                Qt.Key.Key_Escape: self._give_up,
            }
        step = steps.get(key)
        if step is None:
            event.ignore()
            return
        step()
        event.accept()

    def _choose_next(self, *, forward: bool) -> None:
        level = self._levels.next(self.scene_now(), forward=forward)
        if level is None:
            self.refused.emit("No rule has a level in view.")
        else:
            self.choose_level(level)

    def _step(self, ticks: int) -> None:
        self._mover.step(ticks)
        self.setAccessibleDescription(self._levels.in_words(self._overlay.last))
        self.refresh()

    def _give_up(self) -> None:
        self._mover.give_up()
        self.refresh()

    def _menu_by_key(self) -> None:
        held = self._levels.held
        price = held.price if held is not None else self._overlay.last
        middle = self.scene_now().prices.center().toPoint()
        level = held.level if held is not None else None
        self.menu_wanted.emit(price, level, self.viewport().mapToGlobal(middle))
