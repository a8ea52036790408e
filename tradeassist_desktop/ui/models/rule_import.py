"""The rules of a file that is to be imported: one row a rule, with what is to become of it."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import chain
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from tradeassist_desktop.services.transfer.comparing import CHOICES, Choice, Incoming, IncomingKind
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.widgets.transfer.rule_words import difference_in_words, label_of

Index = QModelIndex | QPersistentModelIndex


class ImportColumn(IntEnum):
    """Columns, left to right."""

    KIND = 0
    NAME = 1
    SYMBOL = 2
    DIFFERENCE = 3
    CHOICE = 4


TITLES: Final = {
    ImportColumn.KIND: "",
    ImportColumn.NAME: "Rule",
    ImportColumn.SYMBOL: "Symbol",
    ImportColumn.DIFFERENCE: "What is new",
    ImportColumn.CHOICE: "To do",
}

# Kinds in the order in which they want to be looked at.
_ORDER: Final = (IncomingKind.CONFLICT, IncomingKind.CHANGED, IncomingKind.NEW, IncomingKind.SAME)


@dataclass(slots=True)
class _Row:
    incoming: Incoming
    choice: Choice
    searched: str | None = None

    def holds(self, words: Sequence[str]) -> bool:
        if self.searched is None:  # of thousands it takes a moment: not before it is asked for
            rule = self.incoming.rule
            self.searched = "\n".join((rule.name, *rule.symbols, rule.when, *rule.tags)).casefold()
        return all(word in self.searched for word in words)


class ImportModel(QAbstractTableModel):
    """Shows the rules that the filter leaves; what is chosen holds for hidden ones too."""

    chosen = Signal()
    """Something else is to become of a rule."""

    def __init__(self, *, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: list[_Row] = []
        self._shown: list[_Row] = []
        self._kind: IncomingKind | None = None
        self._words: tuple[str, ...] = ()

    def load(self, rules: Sequence[Incoming]) -> None:
        """Show the rules of a file; a choice made before stays with its rule where it can."""
        before = {row.incoming.rule.name: row for row in self._rows}
        self._rows = []
        by_kind = {kind: [each for each in rules if each.kind is kind] for kind in _ORDER}
        for incoming in chain.from_iterable(by_kind.values()):
            old = before.get(incoming.rule.name)
            is_kept = old is not None and old.incoming.kind is incoming.kind
            choice = old.choice if old is not None and is_kept else CHOICES[incoming.kind][0]
            self._rows.append(_Row(incoming, choice))
        self._filter()
        self.chosen.emit()

    def narrow(self, kind: IncomingKind | None, text: str) -> None:
        """Show only rules of this kind in which every word of the text stands."""
        self._kind, self._words = kind, tuple(text.casefold().split())
        self._filter()

    def choose(self, places: Iterable[int], choice: Choice) -> int:
        """Have this become of the rules at these places that can; return of how many."""
        count = 0
        for place in places:
            row = self._shown[place]
            if choice in CHOICES[row.incoming.kind]:
                row.choice = choice
                count += 1
        if count:
            last = self.index(len(self._shown) - 1, ImportColumn.CHOICE)
            self.dataChanged.emit(self.index(0, 0), last)
            self.chosen.emit()
        return count

    # --- reading

    def incoming(self, place: int) -> Incoming:
        """Return the rule at a place."""
        return self._shown[place].incoming

    def choice(self, place: int) -> Choice:
        """Return what is to become of it."""
        return self._shown[place].choice

    def counts(self) -> Counter[IncomingKind]:
        """Return how many rules there are of each kind."""
        return Counter(row.incoming.kind for row in self._rows)

    def all_chosen(self) -> list[tuple[Incoming, Choice]]:
        """Return every rule with what is to become of it."""
        return [(row.incoming, row.choice) for row in self._rows]

    def possible(self, places: Collection[int]) -> tuple[Choice, ...]:
        """Return what can be chosen for any of the rules at these places."""
        kinds = {self._shown[place].incoming.kind for place in places}
        offered = {choice for kind in kinds for choice in CHOICES[kind] if len(CHOICES[kind]) > 1}
        return tuple(choice for choice in Choice if choice in offered)

    # --- Qt's questions

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of rules shown."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(ImportColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's title."""
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[ImportColumn(section)]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell's text or tooltip."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._cell(self._shown[index.row()], ImportColumn(index.column()))
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._cell(self._shown[index.row()], ImportColumn(index.column())))
        return None

    def _cell(self, row: _Row, column: ImportColumn) -> str:
        rule = row.incoming.rule
        return {
            ImportColumn.KIND: row.incoming.kind.value,
            ImportColumn.NAME: rule.name,
            ImportColumn.SYMBOL: ", ".join(rule.symbols),
            ImportColumn.DIFFERENCE: difference_in_words(row.incoming),
            ImportColumn.CHOICE: label_of(row.choice, row.incoming),
        }[column]

    def _filter(self) -> None:
        self.beginResetModel()
        self._shown = [
            row
            for row in self._rows
            if self._kind in (None, row.incoming.kind) and (not self._words or row.holds(self._words))
        ]
        self.endResetModel()
