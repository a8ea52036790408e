"""Where a rule would have fired, newest first, and what the price did after each."""

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tradeassist_desktop.services.testing.preview import Firing
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.tips import plain_tip
from tradeassist_desktop.ui.value_words import value_text

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk

Index = QModelIndex | QPersistentModelIndex

FAVOURABLE_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 1


class FiringsColumn(IntEnum):
    """Columns, left to right."""

    TIME = 0
    SYMBOL = 1
    VALUE = 2
    AFTER_5M = 3
    AFTER_15M = 4
    AFTER_60M = 5


TITLES: Final = {
    FiringsColumn.TIME: "Time",
    FiringsColumn.SYMBOL: "Symbol",
    FiringsColumn.VALUE: "Value",
    FiringsColumn.AFTER_5M: "After 5 m",
    FiringsColumn.AFTER_15M: "After 15 m",
    FiringsColumn.AFTER_60M: "After 60 m",
}
_HORIZONS: Final = {
    FiringsColumn.AFTER_5M: "5m",
    FiringsColumn.AFTER_15M: "15m",
    FiringsColumn.AFTER_60M: "60m",
}
_DECIMALS: Final = 2
_MARKS: Final = {True: "✓ ", False: "✗ ", None: ""}


class FiringsModel(QAbstractTableModel):
    """Shows what it was given last."""

    def __init__(self, *, desk: "Desk", parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._firings: tuple[Firing, ...] = ()
        self._are_prices = True

    def show(self, firings: tuple[Firing, ...], *, are_prices: bool = True) -> None:
        """Show these, given oldest first.

        Args:
            are_prices: Whether their values are; an index of strength has no tick.
        """
        fresh = firings[::-1]
        if (fresh, are_prices) != (self._firings, self._are_prices):
            self.beginResetModel()
            self._firings, self._are_prices = fresh, are_prices
            self.endResetModel()

    def firing(self, row: int) -> Firing:
        """Return a row's firing."""
        return self._firings[row]

    # --- Qt's questions

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of firings."""
        return 0 if parent.isValid() else len(self._firings)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(FiringsColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's title, or its alignment."""
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[FiringsColumn(section)]
        return _alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell's text, tooltip, (``FAVOURABLE_ROLE``) outcome or (``UserRole``) firing."""
        firing = self._firings[index.row()]
        column = FiringsColumn(index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._cell(firing, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(_tooltip(firing, column))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.UserRole:
            return firing
        if column in _HORIZONS and role == FAVOURABLE_ROLE:
            return firing.is_favourable(_HORIZONS[column])
        return None

    def _cell(self, firing: Firing, column: FiringsColumn) -> str:
        if column is FiringsColumn.TIME:
            return text.clock_time(firing.event_ns, now_ns=self._desk.market.event_now_ns())
        if column is FiringsColumn.SYMBOL:
            return firing.symbol
        if column is FiringsColumn.VALUE:
            instrument = self._desk.market.instrument(firing.symbol)
            return value_text(firing.value, instrument.decimals if self._are_prices else _DECIMALS)
        move = firing.move(_HORIZONS[column])
        if move is None:
            return text.UNKNOWN
        return _MARKS[firing.is_favourable(_HORIZONS[column])] + text.move(move.change)


def _alignment(column: int) -> int:
    is_text = column in (FiringsColumn.TIME, FiringsColumn.SYMBOL)
    side = Qt.AlignmentFlag.AlignLeft if is_text else Qt.AlignmentFlag.AlignRight
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def _tooltip(firing: Firing, column: FiringsColumn) -> str:
    if column not in _HORIZONS:
        return f"{text.utc_time(firing.event_ns)}\nClick: the chart at that time"
    move = firing.move(_HORIZONS[column])
    if move is None:
        return "Not known: the data ends before, or had no price"
    is_favourable = firing.is_favourable(_HORIZONS[column])
    words = {True: "It went the way the rule looks", False: "It went against the rule", None: ""}
    lines = [words[is_favourable]] if is_favourable is not None else []
    lines.append(f"In between at most {text.percent(move.highest)}, at least {text.percent(move.lowest)}")
    return "\n".join(lines)
