"""What stands around a rule that is edited: its name above, what to do with it below."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from tradeassist_desktop.ui.key_names import KeyNames
from tradeassist_desktop.ui.panels.base import Toolbar
from tradeassist_desktop.ui.theme import Theme, ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.editor.banner import Banner
from tradeassist_desktop.ui.widgets.editor.field_row import plain_label


class _Title(QLabel):
    """A name; a long one ends in dots."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setObjectName("editorTitle")
        self.setFont(ui_font(13, weight=QFont.Weight.DemiBold))
        self.setMinimumWidth(40)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter), shown)
        painter.end()


class EditorFrame(QWidget):
    """Title and drafts, banners, the form or what to do without a rule, and Save.

    Args:
        banners: Stand below the title.
        form: Seen while a rule is open.
        more: What the menu beside Save offers.
    """

    def __init__(
        self,
        *,
        banners: Sequence[Banner],
        form: QWidget,
        more: Sequence[QAction],
        theme: Theme,
        keys: KeyNames,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = _Title(self)
        self.drafts = self._menu_button("editorDrafts", "Unsaved rules")
        self.new = self._tool("editorNew", "New rule")
        self.new.setText("New")
        self.new.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.begin = self._button("editorBegin", "New rule", tip="")
        self.save = self._button("editorSave", "Save", tip="")
        keys.tip(self.save, "Save ({editor.save-the-rule})")
        self.more = self._menu_button("editorMore", "More to do with this rule")
        self.more.setText("More")
        self.more.menu().addActions(list(more))
        self._said = plain_label("", tone="quiet")
        self._said.setObjectName("editorState")
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self._empty_page())
        self._pages.addWidget(form)
        self._lay_out(banners)
        theme.changed.connect(self._paint_icons)
        self._paint_icons()

    def show_rule(self, *, is_there: bool) -> None:
        """Show the form and what saves it, or what to do without a rule."""
        self._pages.setCurrentIndex(1 if is_there else 0)
        self._foot.setVisible(is_there)

    def say(self, title: str, state: str, *, is_wrong: bool) -> None:
        """Say which rule it is, and how it stands."""
        self._title.setText(title)
        self._title.setToolTip(plain_tip(title))
        self._said.setText(state)
        self._said.setProperty("tone", "danger" if is_wrong else "quiet")
        self._said.style().unpolish(self._said)
        self._said.style().polish(self._said)

    def _lay_out(self, banners: Sequence[Banner]) -> None:
        bar, self._foot = Toolbar(parent=self), Toolbar(parent=self)
        self._foot.setObjectName("editorFoot")
        for strip, filling, others in (
            (bar, self._title, (self.drafts, self.new)),
            (self._foot, self._said, (self.more, self.save)),
        ):
            strip.row.addWidget(filling, 1)
            for widget in others:
                strip.row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        for banner in banners:
            column.addWidget(banner)
        column.addWidget(self._pages, 1)
        column.addWidget(self._foot)

    def _empty_page(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(2)
        title = plain_label("No rule is open", pixels=14)
        hint = plain_label("Open one from Rules with Enter, or begin a new one.", tone="quiet")
        for label in (title, hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addWidget(self.begin, alignment=Qt.AlignmentFlag.AlignCenter)
        column.addStretch(3)
        return page

    def _button(self, name: str, words: str, *, tip: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setObjectName(name)
        button.setAccessibleName(words)
        button.setToolTip(plain_tip(tip))
        button.setProperty("kind", "primary")
        button.setAutoDefault(True)
        return button

    def _tool(self, name: str, words: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setAccessibleName(words)
        button.setToolTip(plain_tip(words))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _menu_button(self, name: str, words: str) -> QToolButton:
        button = self._tool(name, words)
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setProperty("kind", "menu")
        return button

    def _paint_icons(self) -> None:
        self.new.setIcon(self._theme.icon("plus"))
