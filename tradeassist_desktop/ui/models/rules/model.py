"""The rules table: the lines that are shown, with what each rule is doing now."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.ui.models.rules.arranging import Line, TagGroup
from tradeassist_desktop.ui.models.rules.columns import COLUMNS, EDITED_IN_PLACE, RulesColumn
from tradeassist_desktop.ui.models.rules.lines import RuleLines
from tradeassist_desktop.ui.models.rules.row import RowReader, RuleRow, cell, edited_text
from tradeassist_desktop.ui.tips import plain_tip

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk
    from tradeassist_desktop.ui.bridge import Bridge

Index = QModelIndex | QPersistentModelIndex
_SELECTABLE: Final = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class RulesModel(QAbstractTableModel):
    """Follows the rules service; states are read again only for rows in view."""

    edited = Signal(str, int, str)
    """A cell was typed over: the rule's uid, the column, the text."""

    def __init__(self, *, desk: "Desk", bridge: "Bridge", parent: QObject) -> None:
        super().__init__(parent)
        self.lines = RuleLines(desk=desk, bridge=bridge, parent=self)
        self._reader = RowReader(desk=desk, facts=self.lines.facts, fires_today=self.lines.fired_today.shown)
        self._shown: list[Line] = []
        self._rows: dict[str, RuleRow] = {}  # of rules that were looked at; there may be 100,000
        self._places: Mapping[str, int] | None = None
        self.lines.arranged.connect(self._take)
        self.lines.reload()

    def _take(self) -> None:
        """Show the lines as they are now; rows are read when they are looked at."""
        before, self._places = self._shown, None
        lines = self.lines.now
        if _names(before) != _names(lines):
            self.beginResetModel()
            self._shown, self._rows = lines, {}
            self.endResetModel()
            return
        self._shown, self._rows = lines, {}
        if lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(lines) - 1, len(RulesColumn) - 1))

    def refresh(self, first: int, last: int) -> None:
        """Read the states of rows ``first`` to ``last``; tell the view which differ."""
        for position in range(max(0, first), min(last + 1, len(self._shown))):
            rule = self._shown[position]
            if isinstance(rule, TagGroup):
                continue
            fresh = self._reader.read(rule)
            if fresh != self._rows.get(rule.uid):
                self._rows[rule.uid] = fresh
                self.dataChanged.emit(self.index(position, 0), self.index(position, len(RulesColumn) - 1))

    def line(self, position: int) -> Line:
        """Return what stands there: a rule, or the line above those of a tag."""
        return self._shown[position]

    def row(self, position: int) -> RuleRow:
        """Return what the row of a rule shows."""
        rule = self._shown[position]
        assert isinstance(rule, Rule)
        row = self._rows.get(rule.uid)
        if row is None:
            row = self._rows[rule.uid] = self._reader.read(rule)
        return row

    def position(self, uid: str) -> int | None:
        """Return where a rule stands first, or ``None`` where it is not shown."""
        if self._places is None:
            places: dict[str, int] = {}
            for place, line in enumerate(self._shown):
                if isinstance(line, Rule):
                    places.setdefault(line.uid, place)
            self._places = places
        return self._places.get(uid)

    # --- Qt's questions

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(RulesColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's title, its alignment, or what its tooltip says."""
        if orientation is Qt.Orientation.Vertical:
            return None
        names = COLUMNS[RulesColumn(section)]
        if role == Qt.ItemDataRole.DisplayRole:
            return names.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{names.in_menu}: a click sorts, a right click chooses columns")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return what can be done with a cell."""
        is_rule = index.isValid() and isinstance(self._shown[index.row()], Rule)
        if is_rule and RulesColumn(index.column()) in EDITED_IN_PLACE:
            return _SELECTABLE | Qt.ItemFlag.ItemIsEditable
        return _SELECTABLE

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell's text, tooltip, what is typed over, or (``UserRole``) its whole row or group."""
        line = self._shown[index.row()]
        column = RulesColumn(index.column())
        if isinstance(line, TagGroup):
            return _of_group(line, column, role)
        if role == Qt.ItemDataRole.EditRole:
            return edited_text(line, column)
        if role == Qt.ItemDataRole.UserRole:
            return self.row(index.row())
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._reader.tooltip(self.row(index.row()), column))
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return cell(self.row(index.row()), column)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tell what was typed over; the table shows it once the rule has it."""
        line = self._shown[index.row()]
        if isinstance(line, TagGroup) or role != Qt.ItemDataRole.EditRole:
            return False
        if str(value) != edited_text(line, RulesColumn(index.column())):
            self.edited.emit(line.uid, index.column(), str(value))
        return True


def _names(lines: list[Line]) -> list[object]:
    return [line.uid if isinstance(line, Rule) else line for line in lines]


def _of_group(group: TagGroup, column: RulesColumn, role: int) -> Any:
    if role == Qt.ItemDataRole.UserRole:
        return group
    is_said = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
    if is_said and column is RulesColumn.SWITCH:  # which spans the whole line
        return f"{group.title}, {len(group.uids)}, {'open' if group.is_open else 'closed'}"
    return None
