"""The strip above the rules: search, filters, how they are shown, and what is hidden by that."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.ui.models.rules.choosing import Choosing
from tradeassist_desktop.ui.panels.base import PanelContext, Toolbar
from tradeassist_desktop.ui.theme import Theme, ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.cells import draw_text
from tradeassist_desktop.ui.widgets.rules.filter_menu import value_title


class _Search(QLineEdit):
    """Escape empties it; Down, Enter, or Escape once more go to the table."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left.emit()
        else:
            super().keyPressEvent(event)


class _Said(QWidget):
    """One line that is elided rather than making its dock wide."""

    def __init__(self, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._words = ""
        theme.changed.connect(self.update)

    def say(self, words: str) -> None:
        self._words = words
        self.setAccessibleName(words)
        self.setToolTip("")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(40, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_text(
            painter, self.rect(), self._words, colour=self._theme.tokens.text_2, font=ui_font(12), padding=0
        )
        painter.end()


class RulesBar(QWidget):
    """Search and menus; while something is filtered, a second line that says what, and clears it."""

    searched = Signal(str)
    """Other words are searched for."""
    left = Signal()
    """The keyboard is to go to the table."""
    cleared = Signal()
    """Everything is to be shown again."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.new = self._button("newRule", "New", "")
        context.keys.tip(self.new, "Type a rule ({window.new-rule}), or fill in a template")
        make = QMenu(self.new)
        # What follows a tab stands where shortcuts do; the keys are the window's.
        # Made here, not by the menu: what Qt made, PySide took for dead once while it lived on.
        typing, choosing = QAction(make), QAction(make)
        make.addActions([typing, choosing])
        context.keys.tell(typing, typing.setText, "Type a rule…\t{window.new-rule}")
        context.keys.tell(choosing, choosing.setText, "From template…\t{window.from-template}")
        typing.triggered.connect(lambda: context.navigator.quick_rule_wanted.emit(""))
        choosing.triggered.connect(context.navigator.templates_wanted)
        self.new.setMenu(make)
        context.rights.enable(self.new, Act.EDIT_RULES)
        self.search = _Search(self)
        self.search.setObjectName("rulesSearch")
        self.search.setAccessibleName("Search rules")
        self.search.setPlaceholderText("Search rules")
        context.keys.tip(
            self.search,
            "Name, condition, symbol, tag or note; all words must be there ({rules.search-rules})",
        )
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(80)
        self.search.textChanged.connect(self.searched)
        self.search.left.connect(self.left)
        self._filter = self._button("rulesFilter", "Filter", "Show only rules of a state, symbol, tag, …")
        self._view = self._button("rulesView", "View", "Columns, order, groups")
        tools = Toolbar(parent=self)
        for widget in (self.new, self.search, self._filter, self._view):
            tools.row.addWidget(widget, 1 if widget is self.search else 0)
        self._said = _Said(theme=context.theme, parent=self)
        self._clear = QPushButton("Clear", self)
        self._clear.setObjectName("rulesClear")
        self._clear.setProperty("kind", "link")
        self._clear.setAccessibleName("Show all rules again")
        self._clear.setToolTip("Show all rules again")
        self._clear.clicked.connect(self.cleared)
        self._second = QWidget(self)
        second = QHBoxLayout(self._second)
        second.setContentsMargins(12, 0, 8, 0)
        second.addWidget(self._said, 1)
        second.addWidget(self._clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(tools)
        column.addWidget(self._second)
        self._second.hide()

    def fill(self, *, filters: QMenu, view: QMenu) -> None:
        """Give the buttons their menus."""
        self._filter.setMenu(filters)
        self._view.setMenu(view)

    def show_choosing(self, choosing: Choosing, *, shown: int, count: int) -> None:
        """Say what is filtered, and how many are left of it."""
        picked = sum(len(values) for values in choosing.picked.values())
        self._filter.setText(f"Filter · {picked}" if picked else "Filter")
        self._second.setVisible(not choosing.is_everything)
        said = [
            " or ".join(value_title(facet, value) for value in sorted(values))
            for facet, values in choosing.picked.items()
        ]
        self._said.say("  ·  ".join((f"{shown:,} of {count:,}", *said)))

    def _button(self, name: str, words: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(words)
        button.setAccessibleName(words)
        button.setToolTip(plain_tip(tip))
        button.setProperty("kind", "menu")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return button
