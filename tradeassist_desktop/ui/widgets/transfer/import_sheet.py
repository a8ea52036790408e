"""The sheet of an import: what a rule file would change, what is to become of each rule, and one button."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.errors import Fault
from tradeassist_desktop.services.transfer.comparing import Choice, Incoming, IncomingKind
from tradeassist_desktop.services.transfer.settling import ADDING
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.dialogs import Sheet
from tradeassist_desktop.ui.models.rule_import import ImportModel
from tradeassist_desktop.ui.panels.base import PanelContext
from tradeassist_desktop.ui.theme import ui_font
from tradeassist_desktop.ui.widgets.empty import EmptyState
from tradeassist_desktop.ui.widgets.transfer.choosing import Choosing
from tradeassist_desktop.ui.widgets.transfer.difference_pane import DifferencePane
from tradeassist_desktop.ui.widgets.transfer.import_table import ImportTable
from tradeassist_desktop.ui.widgets.transfer.refused_pane import RefusedPane

_KINDS: Final = (IncomingKind.CONFLICT, IncomingKind.CHANGED, IncomingKind.NEW, IncomingKind.SAME)
_TABLE_PX: Final = 840
_PANE_PX: Final = 350


class ImportSheet(Sheet):
    """Stands beside the window, which goes on; nothing is changed before its button."""

    import_wanted = Signal()
    """What was chosen is to be brought about."""

    def __init__(self, *, context: PanelContext, parent: QWidget) -> None:
        super().__init__(name="importRules", title="Import rules", parent=parent)
        self._context = context
        self._others = 0
        self._title = QLabel(self)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setFont(ui_font(14, weight=QFont.Weight.DemiBold))
        self.column.addWidget(self._title)
        self.model = ImportModel(parent=self)
        self.refused = RefusedPane(theme=context.theme, parent=self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self._preview())
        self._pages.addWidget(self.refused)
        self.refused.closed.connect(self.reject)
        self.column.addWidget(self._pages, 1)
        self.model.chosen.connect(self._sum_up)
        room = parent.window().size()
        self.resize(min(1240, room.width() - 80), min(680, room.height() - 80))

    def show_rules(self, source: str, rules: Sequence[Incoming], *, others: int) -> None:
        """Show what a file would change.

        Args:
            source: Where the rules are from.
            others: How many of the trader's rules the file does not name.
        """
        self._others = others
        self._title.setText(f"{source}: {text.plural(len(rules), 'rule')}")
        self.model.load(rules)
        counts = self.model.counts()
        for kind, chip in self._chips.items():
            count = len(rules) if kind is None else counts[kind]
            chip.setText(f"{'All' if kind is None else kind.value.capitalize()} {count:,}")
            chip.setEnabled(kind is None or count > 0)
        self._pages.setCurrentIndex(0)
        if self.model.rowCount():
            self._table.selectRow(0)
        self._table.setFocus()

    def show_faults(self, source: str, faults: Sequence[Fault], *, can_read_again: bool) -> None:
        """Say why a file was refused."""
        self._title.setText(f"{source} cannot be imported")
        self._pages.setCurrentWidget(self.refused)
        self.refused.show_faults(faults, can_read_again=can_read_again)

    # --- building

    def _preview(self) -> QWidget:
        page = QWidget(self)
        self._table = ImportTable(model=self.model, theme=self._context.theme, parent=page)
        self._table.selectionModel().selectionChanged.connect(lambda *_: self._show_selected())
        self._empty = EmptyState(
            view=self._table,
            theme=self._context.theme,
            icon="rules",
            title="No rule is like that",
            hint="Search for something else, or choose another kind above.",
        )
        self._pane = DifferencePane(parent=page)
        split = QSplitter(Qt.Orientation.Horizontal, page)
        split.setChildrenCollapsible(False)
        split.addWidget(self._table)
        split.addWidget(self._pane)
        split.setSizes([_TABLE_PX, _PANE_PX])
        split.setStretchFactor(0, 1)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._filters(page))
        column.addWidget(split, 1)
        column.addWidget(Choosing(model=self.model, table=self._table, parent=page))
        column.addLayout(self._foot(page))
        return page

    def _filters(self, page: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self._chips: dict[IncomingKind | None, QToolButton] = {}
        group = QButtonGroup(self)
        group.setExclusive(True)
        for kind in (None, *_KINDS):
            chip = QToolButton(page)
            chip.setObjectName(f"importKind{'All' if kind is None else kind.value.capitalize()}")
            chip.setCheckable(True)
            chip.setChecked(kind is None)
            chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            chip.setAccessibleName(f"Show {'all rules' if kind is None else f'rules that are {kind.value}'}")
            chip.clicked.connect(self._narrow)
            group.addButton(chip)
            row.addWidget(chip)
            self._chips[kind] = chip
        row.addStretch(1)
        self._search = QLineEdit(page)
        self._search.setObjectName("importSearch")
        self._search.setAccessibleName("Search the rules of the file")
        self._search.setPlaceholderText("Search names, symbols, conditions, tags")
        self._search.setClearButtonEnabled(False)
        self._search.setFixedWidth(280)
        self._search.textChanged.connect(self._narrow)
        row.addWidget(self._search)
        return row

    def _foot(self, page: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        self._sum = QLabel(page)
        self._sum.setObjectName("importSum")
        self._sum.setTextFormat(Qt.TextFormat.PlainText)
        self._sum.setProperty("tone", "second")
        self._sum.setWordWrap(True)
        cancel = QPushButton("Cancel", page)
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self._import = QPushButton(page)
        self._import.setObjectName("importButton")
        self._import.setProperty("kind", "primary")
        self._import.setAutoDefault(False)
        self._import.setToolTip("Ctrl+Return; one step, which Undo takes back")
        self._import.clicked.connect(self.import_wanted)
        row.addWidget(self._sum, 1)
        row.addWidget(cancel)
        row.addWidget(self._import)
        return row

    # --- following

    def _narrow(self) -> None:
        kind = next(kind for kind, chip in self._chips.items() if chip.isChecked())
        self.model.narrow(kind, self._search.text())
        if self.model.rowCount():
            self._table.selectRow(0)
        else:
            self._pane.show_rule(None)

    def _show_selected(self) -> None:
        places = sorted(index.row() for index in self._table.selectionModel().selectedRows())
        self._pane.show_rule(self.model.incoming(places[0]) if places else None)

    def _sum_up(self) -> None:
        choices = [choice for _, choice in self.model.all_chosen()]
        added = sum(choice in ADDING for choice in choices)
        replaced = choices.count(Choice.REPLACE)
        left = len(choices) - added - replaced
        parts = [f"{words} {count:,}" for words, count in (("adds", added), ("replaces", replaced)) if count]
        said = ", ".join(parts).capitalize() or "Changes nothing"
        if left:
            said += f"; {left:,} of the file {'is' if left == 1 else 'are'} left out"
        if self._others:
            said += f". {text.plural(self._others, 'rule')} of yours not in the file "
            said += "stays." if self._others == 1 else "stay."
        else:
            said += "."
        self._sum.setText(said)
        count = added + replaced
        words = f"Import {text.plural(count, 'rule')}" if count else "Nothing to import"
        self._import.setText(words)
        self._import.setShortcut(QKeySequence("Ctrl+Return"))  # which another text takes away
        self._import.setAccessibleName(words)
        self._context.rights.enable(self._import, Act.EDIT_RULES, bool(count))
