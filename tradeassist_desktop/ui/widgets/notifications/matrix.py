"""Which alerts go where: a row for each priority, a column for each channel."""

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.services.changes import SettingsChange
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import SMALL_PX, Theme, ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.cells import draw_text
from tradeassist_desktop.ui.widgets.controls import BOX_PX, Check
from tradeassist_desktop.ui.widgets.gauge import draw_mark
from tradeassist_desktop.ui.widgets.notifications.channel_states import ChannelStates
from tradeassist_desktop.ui.widgets.notifications.channel_words import UNKNOWN, ChannelState
from tradeassist_desktop.ui.widgets.notifications.priority_name import PriorityName
from tradeassist_desktop.ui.widgets.sign_in_steps import plain_label

_ARROWS: Final = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class MatrixBody(QWidget):
    """A grid of checks; arrows go from one to the next, Space switches it."""

    def __init__(
        self,
        *,
        context: PanelContext,
        changes: Changes,
        states: ChannelStates,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._changes = changes
        self._states = states
        self._heads = {
            name: _Head(title=states.title(name), theme=context.theme, parent=self) for name in states.names
        }
        self._cells: dict[tuple[Priority, str], _Cell] = {}
        grid = QGridLayout()
        grid.setSpacing(0)
        grid.setColumnMinimumWidth(0, 76)
        for column, name in enumerate(states.names, start=1):
            grid.addWidget(self._heads[name], 0, column)
            grid.setColumnStretch(column, 1)
        for row, priority in enumerate(reversed(Priority), start=1):
            grid.addWidget(PriorityName(priority=priority, theme=context.theme, parent=self), row, 0)
            for column, name in enumerate(states.names, start=1):
                cell = self._cell(priority, name)
                self._cells[priority, name] = cell
                grid.addWidget(cell, row, column)
        self._note = plain_label(self, ui_font(12), tone="second")
        self._note.setObjectName("routingNote")
        self._lost = plain_label(self, ui_font(12), tone="warn")
        self._lost.setObjectName("routingLost")
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(8)
        column_layout.addLayout(grid)
        column_layout.addWidget(self._lost)
        column_layout.addWidget(self._note)
        context.bridge.setting_changed.connect(self._on_setting)
        context.bridge.rules_changed.connect(lambda uids: self._count_rules())
        changes.settled.connect(self._show)
        states.changed.connect(self._show)
        self._keep_one_in_tab_order(self._cells[Priority.URGENT, states.names[0]])
        self._show()
        self._count_rules()

    def take_focus(self) -> None:
        """Put the keyboard on the check it was on last."""
        for cell in self._cells.values():
            if cell.focusPolicy() is Qt.FocusPolicy.StrongFocus:
                cell.setFocus()

    # --- showing

    def _show(self) -> None:
        settings = self._context.desk.settings
        lost: dict[str, None] = {}
        for (priority, name), cell in self._cells.items():
            is_on = name in settings.names(f"notify.{priority}")
            cell.show_state(is_on)
            if is_on and self._states.of(name).word == "not set up":
                lost[self._states.title(name)] = None
        for name, head in self._heads.items():
            head.show_channel(self._states.of(name))
        self._lost.setVisible(bool(lost))
        self._lost.setText(
            f"Chosen, but not set up: {', '.join(lost)}. Nothing arrives there; set it up under Channels."
        )

    def _on_setting(self, key: str) -> None:
        if key.startswith("notify."):
            self._show()

    def _count_rules(self) -> None:
        rules = self._context.desk.rules.all()
        own = sum(rule.channels is not None for rule in rules)
        if not rules:
            words = self._context.keys.fill("There are no rules yet; {window.new-rule} adds one.")
        elif own:
            told = "names its own channels and passes" if own == 1 else "name their own channels and pass"
            words = f"{own:,} of {text.plural(len(rules), 'rule')} {told} this table by."
        else:
            words = "No rule names channels of its own: this table holds for all of them."
        self._note.setText(words)

    # --- doing

    def _cell(self, priority: Priority, name: str) -> "_Cell":
        title = f"{priority.capitalize()} alerts to {self._states.title(name)}"
        cell = _Cell(name=f"route_{priority}_{name}", title=title, theme=self._context.theme, parent=self)
        cell.setToolTip(plain_tip(title))
        cell.clicked.connect(lambda is_on: self._route(priority, name, is_on=is_on))
        cell.left.connect(lambda key: self._go(priority, name, Qt.Key(key)))
        cell.entered.connect(lambda: self._keep_one_in_tab_order(cell))
        return cell

    def _route(self, priority: Priority, name: str, *, is_on: bool) -> None:
        key = f"notify.{priority}"
        # As shown: of two quick clicks the first may not hold yet.
        after = tuple(each for each in self._states.names if self._cells[priority, each].isChecked())
        verb = "Send" if is_on else "Stop sending"
        self._changes.do(
            SettingsChange(
                settings=self._context.desk.settings,
                words=f"{verb} {priority} alerts to {self._states.title(name)}",
                after={key: after},
            )
        )

    def _go(self, priority: Priority, name: str, key: Qt.Key) -> None:
        down, right = _ARROWS[key]
        rows, columns = tuple(reversed(Priority)), self._states.names
        row, column = rows.index(priority) + down, columns.index(name) + right
        if 0 <= row < len(rows) and 0 <= column < len(columns):
            self._cells[rows[row], columns[column]].setFocus(Qt.FocusReason.TabFocusReason)

    def _keep_one_in_tab_order(self, chosen: "_Cell") -> None:
        for cell in self._cells.values():
            is_chosen = cell is chosen
            cell.setFocusPolicy(Qt.FocusPolicy.StrongFocus if is_chosen else Qt.FocusPolicy.ClickFocus)


class _Cell(Check):
    """One check; the arrows leave it."""

    left = Signal(int)
    """An arrow was pressed: its key."""
    entered = Signal()

    def box_left(self) -> float:
        return (self.width() - BOX_PX) / 2

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if Qt.Key(event.key()) in _ARROWS:
            self.left.emit(event.key())
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.entered.emit()


class _Head(QWidget):
    """A channel's name over its state, which a mark's shape tells too."""

    def __init__(self, *, title: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = title
        self._theme = theme
        self._state = UNKNOWN
        self._title_font = ui_font(12, weight=QFont.Weight.DemiBold)
        self._word_font = ui_font(SMALL_PX)
        theme.changed.connect(self.update)

    def show_channel(self, state: ChannelState) -> None:
        """Show how the channel stands."""
        self._state = state
        self.setAccessibleName(f"{self._title}: {state.word}")
        self.setToolTip(plain_tip(f"{self._title}: {state.sentence}"))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(58, 40)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, width = self._theme.tokens, self.width()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        words_px = self._title_width() + 12
        left = max(0, (width - words_px) // 2)
        draw_mark(painter, QRectF(left, 8, 7, 7), self._state.level, tokens)
        centre = Qt.AlignmentFlag.AlignHCenter
        painter.setFont(self._title_font)
        painter.setPen(QColor(tokens.text_1))
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(QRect(left + 12, 2, width, 20), flags, self._title)
        draw_text(
            painter,
            QRect(-8, 20, width + 16, 16),
            self._state.word,
            colour=tokens.text_3,
            font=self._word_font,
            align=centre,
        )
        painter.end()

    def _title_width(self) -> int:
        return QFontMetrics(self._title_font).horizontalAdvance(self._title)
