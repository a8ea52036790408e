"""The stretches without data, newest first."""

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tradeassist_desktop.domain.gaps import Gap, GapState
from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.tips import plain_tip

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

Index = QModelIndex | QPersistentModelIndex


class GapsColumn(IntEnum):
    """Columns, left to right."""

    FROM = 0
    UNTIL = 1
    LENGTH = 2
    WHAT = 3
    STATE = 4
    LATE = 5


TITLES: Final = {
    GapsColumn.FROM: "From",
    GapsColumn.UNTIL: "Until",
    GapsColumn.LENGTH: "Length",
    GapsColumn.WHAT: "What",
    GapsColumn.STATE: "State",
    GapsColumn.LATE: "Late",
}

_STATES: Final = {
    GapState.OPEN: "being repaired",
    GapState.REPAIRED: "repaired",
    GapState.PARTLY: "partly repaired",
    GapState.MISSING: "missing",
    GapState.SILENT: "silent",
}


def state_in_words(gap: Gap) -> str:
    """Return where a gap stands, for people."""
    return "goes on" if gap.until_ns is None else _STATES[gap.state]


def what_in_words(gap: Gap) -> str:
    """Return of what nothing came, and why."""
    return f"{gap.symbol or gap.feed.capitalize()}: {gap.reason}"


def _what_in_short(gap: Gap) -> str:
    """Return the same without ``the feed is``, whose name stands before it; it must fit a narrow dock.

    That it reconnects the connection says, while it does.
    """
    if gap.reason == "the program was not running":
        return "Program not running"
    for start in ("the feed is ", "the feed has ", "the feed "):
        if gap.reason.startswith(start):
            reason = gap.reason.removeprefix(start).replace("down and reconnecting", "down")
            return f"{gap.feed.capitalize()}: {reason}"
    return what_in_words(gap)


def _when(event_ns: int | None, now_ns: int) -> str:
    """Return a time of day; of another day its date instead of the seconds, which the tooltip has."""
    words = text.clock_time(event_ns, now_ns=now_ns)
    return words.rpartition(":")[0] if " " in words else words


def _length(nanoseconds: int) -> str:
    return text.duration(nanoseconds) if nanoseconds >= NS_PER_SECOND else "under 1 s"


class GapsModel(QAbstractTableModel):
    """Rows are the ledger's newest."""

    def __init__(self, *, desk: "Desk", parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._gaps: tuple[Gap, ...] = ()
        self.reload()

    def reload(self) -> None:
        """Read the ledger."""
        fresh = tuple(self._desk.gaps.newest())
        if [gap.number for gap in fresh] != [gap.number for gap in self._gaps]:
            self.beginResetModel()
            self._gaps = fresh
            self.endResetModel()
        elif fresh:
            self._gaps = fresh
            self.dataChanged.emit(self.index(0, 0), self.index(len(fresh) - 1, len(GapsColumn) - 1))

    def tick(self) -> None:
        """Show how long a gap that goes on has lasted by now."""
        for row, gap in enumerate(self._gaps):
            if gap.until_ns is None:
                cell = self.index(row, GapsColumn.LENGTH)
                self.dataChanged.emit(cell, cell)

    # --- Qt's questions

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of gaps."""
        return 0 if parent.isValid() else len(self._gaps)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(GapsColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's title, or its alignment."""
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[GapsColumn(section)]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(GapsColumn(section))
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell's text, tooltip, or (``UserRole``) its gap."""
        gap = self._gaps[index.row()]
        column = GapsColumn(index.column())
        if role == Qt.ItemDataRole.UserRole:
            return gap
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._cell(gap, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(_tooltip(gap, column))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None

    def _cell(self, gap: Gap, column: GapsColumn) -> str:
        now_ns = self._desk.market.event_now_ns()
        if column is GapsColumn.FROM:
            return _when(gap.from_ns, now_ns)
        if column is GapsColumn.UNTIL:
            return _when(gap.until_ns, now_ns)
        if column is GapsColumn.LENGTH:
            return _length((gap.until_ns or now_ns) - gap.from_ns)
        if column is GapsColumn.WHAT:
            return _what_in_short(gap)
        if column is GapsColumn.STATE:
            return state_in_words(gap)
        return text.number(gap.late_alerts, 0) if gap.late_alerts else ""


def _alignment(column: GapsColumn) -> int:
    side = Qt.AlignmentFlag.AlignRight if column is GapsColumn.LATE else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def _tooltip(gap: Gap, column: GapsColumn) -> str:
    if column is GapsColumn.FROM:
        return text.utc_time(gap.from_ns)
    if column is GapsColumn.UNTIL:
        return text.utc_time(gap.until_ns)
    bars = f"{text.plural(gap.bars, 'minute bar')} fetched." if gap.bars else ""
    late = f"{text.plural(gap.late_alerts, 'late alert')}." if gap.late_alerts else ""
    return "\n".join(each for each in (what_in_words(gap), bars, late, gap.detail) if each)
