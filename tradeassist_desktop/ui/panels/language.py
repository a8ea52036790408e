"""The condition language, word by word: found, read, tried."""

from enum import IntEnum
from typing import Final

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QFont, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.engine.language import Word, in_words, parse, reference
from tradeassist_desktop.engine.language.samples import sample
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.models.text_rows import TextRow, TextRows
from tradeassist_desktop.ui.panels.base import Panel, PanelContext, Toolbar
from tradeassist_desktop.ui.theme import SMALL_PX, code_font, ui_font
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.empty import EmptyState
from tradeassist_desktop.ui.widgets.palette.matching import Query
from tradeassist_desktop.ui.widgets.table import ColumnSpec, DeskTable
from tradeassist_desktop.ui.widgets.text_table import TextCells


class _Column(IntEnum):
    WORD = 0
    MEANING = 1
    GROUP = 2


_COLUMNS: Final = {
    _Column.WORD: ColumnSpec(190, stretch=1),
    _Column.MEANING: ColumnSpec(220, stretch=2),
    _Column.GROUP: ColumnSpec(150, rank=1),
}


class LanguagePanel(Panel):
    """Every word there is, from the table that the engine reads by."""

    def __init__(self, *, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context=context, parent=parent)
        self._words = {f"{word.group}/{word.word}": word for word in reference()}
        self._word: Word | None = None
        self._search = QLineEdit(self)
        self._search.setObjectName("languageSearch")
        self._search.setAccessibleName("Find a word of the language")
        self._search.setPlaceholderText("Find a word, such as average, volume or crosses")
        self._search.setClearButtonEnabled(True)
        self._count = self._label("languageCount", "quiet")
        self._rows = TextRows(titles=("Word", "What it is", "Kind"), parent=self)
        self._table = DeskTable(model=self._rows, columns=_COLUMNS, parent=self)
        self._table.setObjectName("languageTable")
        self._table.setAccessibleName("Words of the language")
        self._table.setItemDelegate(TextCells(theme=context.theme, parent=self))
        self._empty = EmptyState(
            view=self._table,
            theme=context.theme,
            icon="question",
            title="No word of the language is called so",
            hint="Search for what it does, such as average or range.",
        )
        self._signature = self._label("languageSignature", "")
        self._signature.setFont(code_font(15))
        self._doc = self._label("languageDoc", "")
        self._parameters = self._label("languageParameters", "second")
        self._example = self._label("languageExample", "")
        self._example.setFont(code_font(13))
        self._example.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._meaning = self._label("languageMeaning", "quiet")
        self._copy = self._button("languageCopy", "Copy example", "Copy the example (Ctrl+C)")
        self._insert = self._button(
            "languageInsert", "Try in a new rule", "Begin a rule with it, of the chart's symbol (Enter)"
        )
        context.rights.enable(self._insert, Act.EDIT_RULES)
        self._lay_out()
        self._search.textChanged.connect(self._fill)
        self._table.selectionModel().currentRowChanged.connect(lambda *_: self._show())
        self._table.doubleClicked.connect(lambda _: self._insert.click())
        self._copy.clicked.connect(self._copy_example)
        self._insert.clicked.connect(self._insert_example)
        for keys, act in ((QKeySequence.StandardKey.Copy, self._copy), ("Return", self._insert)):
            shortcut = QShortcut(QKeySequence(keys), self._table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(act.click)
        self._fill("")

    def take_focus(self) -> None:
        """Go to the search."""
        self._search.setFocus()
        self._search.selectAll()

    # --- finding

    def _fill(self, typed: str) -> None:
        query = Query(typed)
        found = []
        for key, word in self._words.items():
            score = query.score(word.word, f"{word.doc} {word.group}".lower())
            if score is not None:
                found.append((score, key, word))
        if typed.strip():
            found.sort(key=lambda each: -each[0])
        self._rows.show(
            [
                TextRow(key, (word.signature, word.doc, word.group), tooltip=sample(word))
                for _, key, word in found
            ]
        )
        self._count.setText(text.plural(len(found), "word"))
        self._scroll.setVisible(bool(found))
        if found:
            self._select(found[0][1])
        else:
            self._word = None

    def _select(self, key: str) -> None:
        for place in range(self._rows.rowCount()):
            if self._rows.row(place).key == key:
                flags = QItemSelectionModel.SelectionFlag
                index = self._rows.index(place, 0)
                self._table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
                self._table.scrollTo(index)
                break
        self._show()

    def _show(self) -> None:
        index = self._table.currentIndex()
        self._word = self._words[self._rows.row(index.row()).key] if index.isValid() else None
        word = self._word
        if word is None:
            return
        shown = sample(word)
        unit = f" Its values are a {word.unit}." if word.unit in ("price", "size", "number") else ""
        unit = f" Its values are in {word.unit}." if word.unit in ("percent", "seconds") else unit
        self._signature.setText(word.signature)
        self._doc.setText(f"{word.doc}.{unit}")
        self._parameters.setText("\n".join(word.parameters))
        self._parameters.setVisible(bool(word.parameters))
        self._example.setText(shown)
        self._meaning.setText(f"Alerts when {in_words(parse(shown))}.")

    # --- trying

    def _copy_example(self) -> None:
        if self._word is None:
            return
        QGuiApplication.clipboard().setText(self._example.text())
        self.context.navigator.noticed.emit(f"Copied: {self._example.text()}")

    def _insert_example(self) -> None:
        if self._word is not None:
            self.context.navigator.text_offered.emit(self._example.text())

    # --- building

    def _lay_out(self) -> None:
        tools = Toolbar(parent=self)
        tools.row.addWidget(self._search, 1)
        tools.row.addWidget(self._count)
        example = self._label("languageExampleTitle", "quiet")
        example.setText("Example")
        example.setFont(ui_font(SMALL_PX, weight=QFont.Weight.DemiBold))
        buttons = QHBoxLayout()
        buttons.addWidget(self._insert)
        buttons.addWidget(self._copy)
        buttons.addStretch(1)
        self._page = QWidget(self)
        column = QVBoxLayout(self._page)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        for part in (self._signature, self._doc, self._parameters, example, self._example, self._meaning):
            column.addWidget(part)
        column.addLayout(buttons)
        column.addStretch(1)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.addWidget(self._table)
        self._scroll = QScrollArea(split)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._page)
        for ground in (self._page, self._scroll.viewport()):
            ground.setAutoFillBackground(False)
        split.addWidget(self._scroll)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setChildrenCollapsible(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(tools)
        whole.addWidget(split, 1)

    def _label(self, name: str, tone: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(name != "languageCount")
        label.setProperty("tone", tone)
        return label

    def _button(self, name: str, words: str, tip: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setObjectName(name)
        button.setToolTip(plain_tip(tip))
        return button
