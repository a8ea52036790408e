"""The page of all settings: each with its meaning, found by any word of it."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.changes import Changes
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import SMALL_PX, ui_font
from tradeassist_desktop.ui.widgets.settings.setting_row import UNSEEN, SettingLineRow
from tradeassist_desktop.ui.widgets.settings.setting_titles import family_of
from tradeassist_desktop.ui.widgets.sign_in_steps import plain_label

_WIDEST_PX: Final = 1_100


class AllSettingsPage(QWidget):
    """Those that redirect the program are there only where that is allowed (``--dev``)."""

    def __init__(self, *, context: PanelContext, changes: Changes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._changes = changes
        self._search = QLineEdit(self)
        self._search.setObjectName("settingSearch")
        self._search.setAccessibleName("Find a setting")
        self._search.setPlaceholderText("Find a setting by any word of it")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(lambda _: self._find())
        self._count = plain_label(self, ui_font(12), tone="quiet")
        self._count.setObjectName("settingCount")
        self._count.setWordWrap(False)
        self._rows: dict[str, SettingLineRow] = {}
        self._headings: dict[str, QLabel] = {}
        self._page = QWidget()
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(16, 8, 16, 16)
        self._column.setSpacing(0)
        self.setFocusProxy(self._search)
        self._fill()
        self._lay_out()
        context.bridge.setting_changed.connect(self._on_setting)
        changes.settled.connect(self._show_all)
        self._find()

    def _fill(self) -> None:
        for row in self._context.desk.settings.rows():
            is_hidden = row.spec.is_dev_only and not self._context.desk.is_dev
            if is_hidden or row.spec.key in UNSEEN:
                continue
            family = row.spec.key.partition(".")[0]
            if family not in self._headings:
                heading = QLabel(family_of(row.spec), self._page)
                heading.setTextFormat(Qt.TextFormat.PlainText)
                heading.setFont(ui_font(SMALL_PX, weight=QFont.Weight.DemiBold))
                heading.setProperty("tone", "quiet")
                heading.setContentsMargins(0, 12, 0, 0)
                self._headings[family] = heading
                self._column.addWidget(heading)
            line = SettingLineRow(row=row, context=self._context, changes=self._changes, parent=self._page)
            self._rows[row.spec.key] = line
            self._column.insertWidget(self._place(family), line)
        self._column.addStretch(1)

    def _place(self, family: str) -> int:
        # Settings of a family need not stand together in their table.
        last = [line for key, line in self._rows.items() if key.partition(".")[0] == family and line.parent()]
        placed = [self._column.indexOf(line) for line in last]
        return max([self._column.indexOf(self._headings[family]), *placed]) + 1

    def _find(self) -> None:
        words = self._search.text()
        found: set[str] = set()
        for key, line in self._rows.items():
            is_found = line.is_about(words)
            line.setVisible(is_found)
            if is_found:
                found.add(key)
        for family, heading in self._headings.items():
            heading.setVisible(any(key.partition(".")[0] == family for key in found))
        self._count.setText(text.plural(len(found), "setting") if found else "No setting has these words")

    def _on_setting(self, key: str) -> None:
        if key in self._rows:
            self._show_all(key)

    def _show_all(self, only: str = "") -> None:
        for row in self._context.desk.settings.rows():
            if row.spec.key in self._rows and only in ("", row.spec.key):
                self._rows[row.spec.key].show_row(row)

    def _lay_out(self) -> None:
        self._page.setMaximumWidth(_WIDEST_PX)
        scroll = QScrollArea(self)
        scroll.setObjectName("allSettings")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self._page)
        scroll.viewport().setAutoFillBackground(False)
        self._page.setAutoFillBackground(False)
        top = QHBoxLayout()
        top.setContentsMargins(16, 8, 16, 0)
        top.setSpacing(12)
        self._search.setMaximumWidth(420)
        top.addWidget(self._search, 1)
        top.addWidget(self._count)
        top.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(scroll, 1)
