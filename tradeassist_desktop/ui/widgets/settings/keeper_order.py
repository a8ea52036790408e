"""Who is asked for a secret, first to last: a list that is put in order by buttons or by keys."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.settings import setting
from tradeassist_desktop.services.changes import SettingsChange
from tradeassist_desktop.services.credentials.google_cloud import ORDER
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ROW_PX, Theme, ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.cells import CellDelegate, Index, draw_text
from tradeassist_desktop.ui.widgets.controls import BOX_PX, draw_box
from tradeassist_desktop.ui.widgets.sign_in_steps import named_button, plain_label

_NAMES: Final = {
    "secret manager": "Google Cloud Secret Manager",
    "keyring": "This system's keyring",
    "environment": "Environment variables",
}
_NAME_ROLE: Final = int(Qt.ItemDataRole.UserRole)
_BOX_LEFT_PX: Final = 4


class KeeperOrder(QWidget):
    """A keeper that is not ticked is not asked; each change holds at once, and can be undone."""

    def __init__(self, *, context: PanelContext, changes: Changes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._changes = changes
        self._settings = context.desk.settings
        self._is_showing = False
        self._list = QListWidget(self)
        self._list.setObjectName("keeperOrder")
        self._list.setAccessibleName("Who is asked for a secret, first to last")
        self._list.setFont(ui_font(12))
        self._list.setItemDelegate(_KeeperCells(theme=context.theme, keepers=self._list))
        self._list.installEventFilter(self)
        self._up = named_button("keeperUp", "Up", parent=self)
        self._down = named_button("keeperDown", "Down", parent=self)
        self._meaning = plain_label(self, ui_font(12), tone="second")
        self._meaning.setObjectName("keeperMeaning")
        self._up.clicked.connect(lambda: self._move(-1))
        self._down.clicked.connect(lambda: self._move(1))
        self._list.itemChanged.connect(lambda _: self._on_ticked())
        self._list.currentRowChanged.connect(lambda _: self._show_buttons())
        context.bridge.setting_changed.connect(self._on_setting)
        context.bridge.access_changed.connect(self._show_buttons)
        changes.settled.connect(self.refresh)
        context.rights.enable(self._list, Act.SETTINGS)
        self._lay_out()
        self.refresh()

    def refresh(self) -> None:
        """Show the order in force."""
        order = self._settings.names(ORDER)
        names = [*order, *(name for name in setting(ORDER).choices if name not in order)]
        chosen = self._list.currentItem()
        keep = chosen.data(_NAME_ROLE) if chosen is not None else names[0]
        self._is_showing = True
        self._list.clear()
        for name in names:
            item = QListWidgetItem(_NAMES.get(name, name))
            item.setData(_NAME_ROLE, name)
            item.setSizeHint(QSize(0, ROW_PX))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if name in order else Qt.CheckState.Unchecked)
            self._list.addItem(item)
        self._list.setCurrentRow(names.index(keep))
        self._is_showing = False
        self._meaning.setText(meaning_of(order))
        self._show_buttons()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move the chosen one by Alt and an arrow key."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
            if step is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
                self._move(step)
                return True
        return False

    def _names(self) -> list[str]:
        return [str(self._list.item(place).data(_NAME_ROLE)) for place in range(self._list.count())]

    def _ticked(self, names: list[str]) -> tuple[str, ...]:
        ticks = {
            str(self._list.item(place).data(_NAME_ROLE)): self._list.item(place).checkState()
            for place in range(self._list.count())
        }
        return tuple(name for name in names if ticks[name] is Qt.CheckState.Checked)

    def _move(self, by: int) -> None:
        names, place = self._names(), self._list.currentRow()
        if not 0 <= place + by < len(names):
            return
        names[place], names[place + by] = names[place + by], names[place]
        self._set(self._ticked(names))

    def _on_ticked(self) -> None:
        if not self._is_showing:
            self._set(self._ticked(self._names()))

    def _set(self, order: tuple[str, ...]) -> None:
        if order == self._settings.names(ORDER):
            self.refresh()
            return
        words = f"Ask for secrets: {', '.join(order) or 'nobody'}"
        self._changes.do(SettingsChange(settings=self._settings, words=words, after={ORDER: order}))

    def _on_setting(self, key: str) -> None:
        if key == ORDER:
            self.refresh()

    def _show_buttons(self) -> None:
        place, last = self._list.currentRow(), self._list.count() - 1
        is_ticked = place >= 0 and self._list.item(place).checkState() is Qt.CheckState.Checked
        below = self._list.item(place + 1) if 0 <= place < last else None
        can_sink = below is not None and below.checkState() is Qt.CheckState.Checked
        self._context.rights.enable(self._up, Act.SETTINGS, is_ticked and place > 0)
        self._context.rights.enable(self._down, Act.SETTINGS, is_ticked and can_sink)

    def _lay_out(self) -> None:
        self._list.setFixedHeight(3 * ROW_PX + 6)
        self._up.setAccessibleName("Ask the chosen one earlier")
        self._down.setAccessibleName("Ask the chosen one later")
        for button, keys in ((self._up, "Alt+Up"), (self._down, "Alt+Down")):
            button.setToolTip(plain_tip(f"{button.accessibleName()} ({keys})"))
        buttons = QVBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self._up)
        buttons.addWidget(self._down)
        buttons.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._list, 1)
        row.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self._meaning)


class _KeeperCells(CellDelegate):
    """A box in the theme's colours, which Qt's own are not, and the keeper's name."""

    def __init__(self, *, theme: Theme, keepers: QListWidget) -> None:
        super().__init__(theme=theme, row_px=ROW_PX, parent=keepers)
        self._keepers = keepers

    def draw(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """Draw both; a click on the box is Qt's business."""
        tokens = self.theme.tokens
        painter.setOpacity(1.0 if self._keepers.isEnabled() else 0.45)
        is_on = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) is Qt.CheckState.Checked
        draw_box(painter, rect.left() + _BOX_LEFT_PX, rect.center().y() + 1, is_on=is_on, tokens=tokens)
        words = rect.adjusted(_BOX_LEFT_PX + BOX_PX + 2, 0, 0, 0)
        colour = tokens.text_1 if is_on else tokens.text_2
        draw_text(painter, words, str(index.data()), colour=colour, font=ui_font(12))


def meaning_of(order: tuple[str, ...]) -> str:
    """Return in words what an order of keepers means."""
    if not order:
        return "Nobody is asked: no channel, no sign-in and no feed has its credentials."
    names = [_SPOKEN.get(name, name) for name in order]
    first = f"A secret is read from {names[0]}"
    then = "".join(f", else from {name}" for name in names[1:])
    kept = next((name for name in order if name != "environment"), None)
    written = (
        f" What you enter is kept in {_SPOKEN[kept]}."
        if kept is not None
        else " What you enter holds until you quit: nothing can be kept in the environment."
    )
    if kept == "secret manager":
        written = " What you enter is kept in Secret Manager where a project is set, else in the next one."
    left = [_SPOKEN[name] for name in setting(ORDER).choices if name not in order]
    unasked = f" Not asked: {' and '.join(left)}." if left else ""
    return f"{first}{then}.{written}{unasked}"


_SPOKEN: Final = {
    "secret manager": "Secret Manager",
    "keyring": "the keyring",
    "environment": "the environment",
}
